"""Backprop: what goes wrong when weights are changed on the way back, and not after it.

The derivatives of the earlier steps are then taken through weights that the later steps have changed already, which are
not those that the sum was answered with. How far this leads astray hangs on how far a step changes the weights.

Source: the tutorial, part 4, on the order of its updates (its lines 102 to 104).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carrybit import intervals
from carrybit.examination import is_exact
from carrybit.labs.haste import forward, learn
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.middle import Middle
from carrybit.labs.subjects import Share
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array, Params
from carrybit.spec import Spec
from carrybit.tasks.addition import addition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "What goes wrong when the weights are changed on the way back, instead of after it?"
CLAIM = "Weights must wait until the derivatives have gone all the way back: changed earlier, they learn clearly worse."
RATES = {0.1: 8000, 0.5: 2500, 1.0: 2000, 2.0: 2000, 4.0: 2000}  # at which networks are taught so many sums
ASTRAY = (0.01, 0.1, 0.5, 1.0, 2.0, 4.0, 10.0)  # at which one update is measured
AFTER, ON_THE_WAY = "after", "on the way"
TASK, SPEC = addition(), Spec()
ORDERS = {AFTER: False, ON_THE_WAY: True}
LOOKS = 40  # points of a learning curve
LAST = 10  # of them are the end of the training
WORSE = 1.05  # so many times the error is clearly worse
LINES = {AFTER: ("#000000", "-"), ON_THE_WAY: ("#777777", "--")}


class Astray(NamedTuple):
    """What one update on the way does to some networks, beside a step down the gradient.

    rate    : the learning rate
    degrees : (networks,) the angle between the two
    off     : (networks,) the length of their difference, in lengths of that step
    """

    rate: float
    degrees: Array
    off: Array


class Lessons(NamedTuple):
    """What came of teaching networks at one rate, in one order.

    updates : how many
    errors  : (networks, LOOKS) the tutorial's error, averaged over the sums between two looks
    exact   : (networks,) whether they are, in the end
    """

    updates: int
    errors: Array
    exact: Array

    @property
    def end(self) -> Array:
        """The error at the end, (networks,)."""
        return self.errors[:, -LAST:].mean(axis=1)


Taught = Mapping[float, Mapping[str, Lessons]]  # by rate and order


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, rates: Mapping[float, int] = RATES
) -> Generator[Step | Finding]:
    """Measure one update at many rates, and teach networks in both orders.

    Parameters
    ----------
    count : int
        Networks at each rate, 12 or thoroughly 100; one seed has the same first weights and sums in both orders.
    rates : mapping
        How many sums they learn from, 40 at least, thoroughly twice as many; the first rate decides about the claim.
    """
    count = count or (100 if thorough else 12)
    updates = {rate: (2 if thorough else 1) * each for rate, each in rates.items()}
    seeds = range(seed, seed + count)
    first = stack([Network.first(SPEC, each).params for each in seeds])
    words = np.stack([TASK.sample(each, "samples", 0, max(updates.values())) for each in seeds], axis=1)  # (N, R, T)
    taught: dict[float, dict[str, Lessons]] = {rate: {} for rate in rates}
    done, whole = 0, len(ORDERS) * sum(updates.values())
    for rate in rates:
        for order in ORDERS:
            share = Share(done / whole, (done + updates[rate]) / whole)
            taught[rate][order] = yield from teach(first, words[: updates[rate]], rate, order, share)
            done += updates[rate]
    yield finding([one_update(first, words[0], rate) for rate in sorted({*ASTRAY, *rates})], taught)


def one_update(params: Params, words: Ints, rate: float) -> Astray:
    """Return how far a change of the weights on the way goes astray, for R networks with words (R, T)."""
    layers = forward(params, TASK.vectors[words])
    changed = [learn(params, layers, answers(words), rate, on_the_way=way) for way in ORDERS.values()]
    true, hasty = (flat(each) - flat(params) for each in changed)
    length = np.linalg.norm(true, axis=1)
    cosine = (true * hasty).sum(axis=1) / (length * np.linalg.norm(hasty, axis=1))
    degrees = np.degrees(np.arccos(np.minimum(cosine, 1)))
    return Astray(rate, degrees, np.linalg.norm(hasty - true, axis=1) / length)


def teach(first: Params, words: Ints, rate: float, order: str, share: Share) -> Generator[Step, None, Lessons]:
    """Teach R networks one word after the other, words (N, R, T)."""
    params, errors = first, np.zeros(words.shape[:2])
    for update, word in enumerate(words):
        layers, right = forward(params, TASK.vectors[word]), answers(word)
        errors[update] = np.abs(right - layers.layer_2).sum(axis=(1, 2))
        params = learn(params, layers, right, rate, on_the_way=ORDERS[order])
        if update % 100 == 0:
            yield Step(share.at(update / len(words)), f"rate {rate:g}, {order}")
    looks = [some.mean(axis=0) for some in np.array_split(errors, LOOKS)]
    networks = [Network(SPEC, each) for each in apart(params)]
    return Lessons(len(words), np.transpose(looks), np.array([is_exact(network, TASK) for network in networks]))


def stack(many: Sequence[Params]) -> Params:
    """Return the params of networks as one, with a first axis for the network."""
    return many[0].map(lambda *arrays: np.stack(arrays), *many[1:])


def apart(params: Params) -> list[Params]:
    """Return the params of each network: what was stacked."""
    arrays = params.arrays()
    return [Params(**dict(zip(arrays, each, strict=True))) for each in zip(*arrays.values(), strict=True)]


def flat(params: Params) -> Array:
    """Return the numbers of each network in a row: (R, numbers)."""
    return np.concatenate([array.reshape(len(array), -1) for array in params.arrays().values()], axis=1)


def answers(words: Ints) -> Array:
    """Return the right answers to words (R, T), as layer_2 has them: (R, T, 1)."""
    return TASK.machine.run(words)[1][..., None].astype(float)


def finding(astray: Sequence[Astray], taught: Taught) -> Finding:
    """Return what it amounts to."""
    one = Listing(
        "one update on the way, beside the gradient (median of untrained networks)",
        ("rate", "angle, degrees", "off by, %"),
        tuple((f"{e.rate:.2g}", f"{np.median(e.degrees):.2g}", f"{100 * np.median(e.off):.2g}") for e in astray),
    )
    many = Listing(
        "taught in both orders: the error at the end (median), how many times it is on the way, and who is exact",
        ("rate", "error after", "on the way", "times", "exact after", "on the way"),
        tuple(
            (
                f"{rate:g}",
                *(f"{np.median(lessons.end):.2f}" for lessons in orders.values()),
                str(times(orders)),
                *(f"{lessons.exact.sum()} of {len(lessons.exact)}" for lessons in orders.values()),
            )
            for rate, orders in taught.items()
        ),
    )
    data = {
        "astray": [{"rate": each.rate, "degrees": each.degrees.tolist(), "off": each.off.tolist()} for each in astray],
        "curves": [
            {
                "rate": rate,
                "updates": orders[AFTER].updates,
                "errors": {order: np.median(lessons.errors, axis=0).tolist() for order, lessons in orders.items()},
                "exact": {order: int(lessons.exact.sum()) for order, lessons in orders.items()},
            }
            for rate, orders in taught.items()
        ],
    }
    return Finding((one, many), *judge(astray, taught), data)


def judge(astray: Sequence[Astray], taught: Taught) -> tuple[bool, str]:
    """Return whether the claim holds at the first of the rates, and why."""
    rate, orders = next(iter(taught.items()))
    one = next(each for each in astray if each.rate == rate)
    worse = [each for each, both in taught.items() if is_worse(both)]
    exact = "; ".join(
        f"{each:g}: {both[ON_THE_WAY].exact.sum()} and {both[AFTER].exact.sum()}" for each, both in taught.items()
    )
    return rate in worse, (
        f"At a rate of {rate:g}, an update on the way points {np.median(one.degrees):.2g} degrees off the gradient, "
        f"and the error in the end is {times(orders)} times that of the tutorial's order: they learn "
        f"{'clearly' if rate in worse else 'not clearly'} worse. Clearly worse: at "
        f"{', '.join(f'{each:g}' for each in worse) or 'no rate'}. "
        f"Exact on the way and after, of {len(orders[AFTER].exact)}, at {exact}."
    )


def times(orders: Mapping[str, Lessons]) -> Middle:
    """Return how many times the error at the end is on the way what it is after it."""
    return Middle.of((orders[ON_THE_WAY].end / orders[AFTER].end).tolist())


def is_worse(orders: Mapping[str, Lessons]) -> bool:
    """Whether networks clearly learn worse on the way: by their error, or because clearly fewer are exact."""
    hasty, patient = (intervals.share(int(orders[o].exact.sum()), len(orders[o].exact)) for o in (ON_THE_WAY, AFTER))
    return times(orders).low > WORSE or hasty[1] < patient[0]


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw how far one update goes astray at each rate, and the learning curves of both orders."""
    curves = finding.data["curves"]
    grid = figure.add_gridspec(2, len(curves), height_ratios=[3, 4])
    _draw_astray(finding.data["astray"], figure.add_subplot(grid[0, :]))
    for k, curve in enumerate(curves):
        _draw_curve(curve, figure.add_subplot(grid[1, k]))
    figure.axes[1].set_ylabel("error per sum")
    figure.legend(*figure.axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_astray(astray: Sequence[Mapping[str, Any]], ax: Axes) -> None:
    for each in astray:
        ax.loglog([each["rate"]] * len(each["degrees"]), each["degrees"], "o", color="#777777", markersize=3)
    ax.set(xlabel="rate", ylabel="degrees", title="how far one update on the way points off the gradient")
    ax.spines[["top", "right"]].set_visible(False)


def _draw_curve(curve: Mapping[str, Any], ax: Axes) -> None:
    for order, errors in curve["errors"].items():
        colour, style = LINES[order]
        ax.plot(errors, style, color=colour, label=f"weights change {order}")
    exact = "\n".join(f"{count} exact {order}" for order, count in curve["exact"].items())
    ax.text(1, 1, exact, transform=ax.transAxes, ha="right", va="top", fontsize=8)
    ax.set(title=f"rate {curve['rate']:g}", xlabel=f"{curve['updates']:,} updates", ylim=(0, 5), xticks=[])
    ax.spines[["top", "right"]].set_visible(False)
