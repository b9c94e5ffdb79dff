"""Silence: what the hidden layer does when there is nothing more to hear, and where it comes to rest.

What is heard as nothing is a column of zeros, which is also the column 00; so silence is one of four inputs that can be
held for ever. A finite memory shows in where the hidden layer rests under each: at one place where the column alone
decides the carry (00 resets it, 11 sets it), at one of two where the carry stays what it was (01 and 10 hold it).
A network that has no such rest may linger for thousands of steps where one almost is, long enough to pass for exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carrybit import randomness
from carrybit.config import TrainConfig
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.rests import STILL, Rest, rests
from carrybit.labs.subjects import Share, replicas
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.addition import addition
from carrybit.tasks.numbers import column_names, columns
from carrybit.tasks.task import decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "With nothing more to hear, how far does the hidden layer still move, and where does it come to rest?"
CLAIM = (
    "It goes on changing in silence; an adder then rests at one place under 00 and 11, at one of two under 01 and 10."
)
COLUMNS, WORK = column_names(2), ("reset", "hold", "hold", "set")
ADDER = (1, 2, 2, 1)  # stable rests under each column: one for each carry that can be left
NOTHING, ONE_ONE = 0, 3  # the columns 00 and 11
SILENCE, SHOWN = 32, (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # silent steps, and those in the table
EARLY = slice(0, 3)  # the silent steps that the tutorial speaks of: its second, third and fourth
REACHED, RANDOM = 8, 100  # sums, and random hidden layers, to begin from
PATHS, PATH_STEPS = 40, 20  # that are drawn
HELD = 20_000  # steps; an examination asks for 1,000
UNTRAINED, SOON, FORGETFUL, ADDERS = "untrained", "not exact yet", "exact, but forget", "adders"
LINES = {UNTRAINED: ("#aaaaaa", "--"), SOON: ("#777777", ":"), ADDERS: ("#000000", "-")}


class Resting(NamedTuple):
    """What a network does when it is left alone.

    network  : as it is
    starts   : (N, H) hidden layers that it was left alone with
    rests    : for each column that may be held
    movement : (SILENCE,) how far each silent step moves, after 11
    """

    network: Network
    starts: Array
    rests: tuple[tuple[Rest, ...], ...]
    movement: Array

    @property
    def counts(self) -> tuple[int, ...]:
        """How many stable rests there are under each column."""
        return tuple(sum(rest.is_stable for rest in under) for under in self.rests)


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, updates: int = 60_000
) -> Generator[Step | Finding]:
    """Find the rests of the tutorial's network before it is trained, on its way, and when it adds.

    Parameters
    ----------
    count : int
        Networks, 12 or thoroughly 200.
    updates : int
        When to stop training one that is not exact yet; those on their way made a tenth of them.
    """
    count = count or (200 if thorough else 12)
    config = TrainConfig(task=addition(), optimizer="sgd", learning_rate=0.1, until="exact", updates=updates, seed=seed)
    young = yield from replicas(
        replace(config, until=None, updates=-(-updates // 10)), count, Share(0, 0.1), "learners"
    )
    grown = yield from replicas(config, count, Share(0.1, 0.4), "adders")
    exact = [replica.state.network for replica in grown if replica.is_exact]
    kinds = {
        UNTRAINED: [Network.first(config.make_spec(), replica.seed) for replica in grown],
        SOON: [replica.state.network for replica in young if not replica.is_exact],
        FORGETFUL: [network for network in exact if not keeps_carries(network)],
        ADDERS: [network for network in exact if keeps_carries(network)],
    }
    words = addition(64).sample(seed, "evaluation", 0, REACHED)
    found: dict[str, list[Resting]] = {kind: [] for kind in kinds}
    for kind, networks in kinds.items():
        for network in networks:
            found[kind].append(leave_alone(network, words, seed))
            yield Step(0.4 + 0.2 * sum(map(len, found.values())) / count, "where they rest")
    yield finding(found)


def keeps_carries(network: Network) -> bool:
    """Whether a network still knows each carry when it was held for far longer than in an examination."""
    words = addition().machine.holding_words(HELD)
    return bool((decide(network.answer(columns(2)[words])) == addition().machine.run(words)[1]).all())


def leave_alone(network: Network, words: Array, seed: int) -> Resting:
    """Leave a network alone, with the hidden layers that some sums lead to and with random ones."""
    hidden_dim = network.spec.hidden_dim
    reached = network.run(columns(2)[words]).layer_1[:, 1:].reshape(-1, hidden_dim)
    random = randomness.uniform(randomness.words(seed, "evaluation", 0, RANDOM, hidden_dim))
    starts = np.concatenate([reached, random])
    layer_1 = network.run(columns(2)[[[ONE_ONE] + [NOTHING] * SILENCE]]).layer_1[0, 1:]  # (1 + SILENCE, H)
    return Resting(
        network,
        starts,
        tuple(rests(network.spec, network.params, held, starts) for held in columns(2)),
        np.linalg.norm(np.diff(layer_1, axis=0), axis=1),
    )


def finding(found: Mapping[str, Sequence[Resting]]) -> Finding:
    """Return what networks amount to, some of each kind."""
    movement = {
        kind: {
            "median": np.median([each.movement for each in some], axis=0).tolist(),
            "least": np.min([each.movement for each in some], axis=0).tolist(),
            "most": np.max([each.movement for each in some], axis=0).tolist(),
        }
        for kind, some in found.items()
        if some
    }
    moving = Listing(
        "how far a silent step moves the hidden layer, after 11 (median)",
        ("step", *movement),
        tuple((step, *(f"{moved['median'][step - 1]:.2g}" for moved in movement.values())) for step in SHOWN),
    )
    counting = Listing(
        "stable rests under each column",
        ("networks", "how many", *COLUMNS),
        tuple(
            (kind, f"{many} of {len(some)}", *counts)
            for kind, some in found.items()
            for counts, many in Counter(each.counts for each in some).most_common()
        ),
    )
    drawn = (found[ADDERS] or found[UNTRAINED])[0]
    data = {
        "movement": movement,
        "counts": {kind: [list(each.counts) for each in some] for kind, some in found.items()},
        "columns": [_column(drawn, k) for k in range(len(COLUMNS))],
    }
    return Finding((_resting(drawn), counting, moving), *judge(found), data)


def judge(found: Mapping[str, Sequence[Resting]]) -> tuple[bool, str]:
    """Return whether the claim holds for the adders, and why."""
    adders, others = found[ADDERS], [each for kind, some in found.items() if kind != ADDERS for each in some]
    if not adders:
        return False, "No network became exact and kept its carries, so no adder was seen."
    movement = np.median([each.movement for each in adders], axis=0)
    rest = sum(each.counts == ADDER for each in adders)
    holds = rest == len(adders) and bool((movement[EARLY] > STILL).all())
    early = ", ".join(f"{moved:.2g}" for moved in movement[EARLY])
    moving = np.flatnonzero(movement > STILL)
    forgetful = f" {len(found[FORGETFUL])} were exact in examination, and forget within {HELD:,} steps all the same."
    return holds, (
        f"After 11, three silent steps move an adder's hidden layer by {early}; after "
        f"{moving.max(initial=-1) + 1} steps it is still (moves less than {STILL:g}). "
        f"{rest} of {len(adders)} adders rest at one place under 00 and 11 and at one of two under 01 and 10; "
        f"of {len(others)} other networks, {sum(each.counts == ADDER for each in others)} do."
        + (forgetful if found[FORGETFUL] else "")
    )


def carry(network: Network, layer_1: Array) -> Array:
    """Return the carry that hidden layers (N, H) mean, from 0 to 1: what is answered next to a column of zeros."""
    nothing = np.zeros((len(layer_1), 1, network.spec.input_dim))
    return network.answer(nothing, layer_1)[:, 0, 0]


def _resting(found: Resting) -> Listing:
    """Return the table of the rests of one network."""
    rows = [
        (
            column,
            work,
            "stable" if rest.is_stable else "watershed",
            f"{carry(found.network, rest.layer_1[None])[0]:.2f}",
            f"{rest.radius:.2f}",
            f"{rest.steps:g}" if rest.is_stable else None,
        )
        for column, work, under in zip(COLUMNS, WORK, found.rests, strict=True)
        for rest in under
    ]
    title = "rests of the first network (radius: growth of a small distance at each step)"
    return Listing(title, ("column", "does", "rest", "carry", "radius", "steps to it"), tuple(rows))


def _column(found: Resting, k: int) -> dict[str, Any]:
    """Return what is drawn for one column: the carry on some paths to the rests, and at the rests."""
    starts = found.starts[-PATHS:]  # random ones, for those that sums lead to are near a rest already
    held = np.tile(columns(2)[k], (len(starts), PATH_STEPS, 1))
    past = found.network.run(held, starts).past  # (P, PATH_STEPS + 1, H)
    carries = carry(found.network, past.reshape(-1, past.shape[-1])).reshape(past.shape[:2])
    return {
        "column": COLUMNS[k],
        "work": WORK[k],
        "paths": carries.tolist(),
        "rests": [
            {"carry": float(carry(found.network, rest.layer_1[None])[0]), "is_stable": rest.is_stable}
            for rest in found.rests[k]
        ],
    }


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw the carry on its way to rest under each column, and below, how far a silent step moves."""
    grid = figure.add_gridspec(2, len(COLUMNS))
    for k, column in enumerate(finding.data["columns"]):
        _draw_column(column, figure.add_subplot(grid[0, k]))
    figure.axes[0].set_ylabel("carry it means")
    _draw_movement(finding.data["movement"], figure.add_subplot(grid[1, :]))
    return figure


def _draw_column(column: Mapping[str, Any], ax: Axes) -> None:
    for path in column["paths"]:
        ax.plot(path, color="#777777", linewidth=0.7)
    for rest in column["rests"]:
        if rest["is_stable"]:
            ax.plot(PATH_STEPS, rest["carry"], "o", color="black", clip_on=False, zorder=3)
        else:
            ax.axhline(rest["carry"], color="black", linestyle=":", linewidth=1)
            ax.text(PATH_STEPS, rest["carry"], "watershed", ha="right", va="bottom", fontsize=8)
    ax.set(title=f"{column['column']}: {column['work']}", xlabel="step", ylim=(-0.05, 1.05))
    ax.spines[["top", "right"]].set_visible(False)


def _draw_movement(movement: Mapping[str, Any], ax: Axes) -> None:
    for kind, (colour, style) in LINES.items():
        if kind not in movement:
            continue
        moved, steps = movement[kind], range(1, SILENCE + 1)
        ax.semilogy(steps, moved["median"], style, color=colour, label=f"{kind}, median")
        if kind == ADDERS:
            ax.fill_between(steps, moved["least"], moved["most"], color="#dddddd", label=f"{kind}, range")
    ax.axhline(STILL, color="black", linewidth=0.5)
    ax.text(SILENCE, STILL, "still below this", ha="right", va="bottom", fontsize=8)
    ax.set(xlabel="silent step, after 11", ylabel="how far it moves", ylim=(1e-10, None))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower left")
