"""Direction: what a network knows of a sequence that comes from the other end, or that it takes up in the middle."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carrybit.config import TrainConfig
from carrybit.labs import dial
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.order import DIRECTIONS, HIGHEST, ceiling, every_sum, learners
from carrybit.labs.subjects import Share, replicas
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Array
from carrybit.tasks.addition import addition
from carrybit.tasks.alphabet import alphabet
from carrybit.tasks.symbols import SymbolTask
from carrybit.tasks.task import decide
from carrybit.training import Finished, State, train

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "What does a network know of a sequence that comes from the other end, or is taken up in the middle?"
CLAIM = (
    "Nothing: sums are done from the lowest bit or not at all, and who knows the alphabet one way can neither say it "
    "the other way nor, having always begun at a, begin anywhere else."
)
FORWARDS, BACKWARDS, FROM_A, AGAIN = "forwards", "backwards", "forwards, from a", "backwards, after forwards"
TAUGHT = {FORWARDS: alphabet(), BACKWARDS: alphabet(BACKWARDS), FROM_A: alphabet(beginning="first", length=52)}
ASKED = ("from a", "from b to z", BACKWARDS)
LETTERS = 12  # that are asked for: the thirteenth is the same in both directions
SILENT, CHANCE = 26, 1 / 26
MIDDLE = "m"
CEILING = "#ffe14d"


class Learning(NamedTuple):
    """How networks learned sums in one direction.

    ceiling : (T,) the greatest share of right answers there can be, at each step
    updates : at which was looked
    right   : (looks, networks, T) shares of right answers
    """

    ceiling: Array
    updates: Sequence[int]
    right: Array


class Pupils(NamedTuple):
    """Networks that were taught the alphabet in one way.

    after    : updates until each knew it, infinite for never
    networks : those that know it
    """

    after: Sequence[float]
    networks: Sequence[Network]


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, sums_updates: int = 3000, updates: int = 8000
) -> Generator[Step | Finding]:
    """Teach sums from both ends, and the alphabet in both directions and from its beginning.

    Parameters
    ----------
    count : int
        Networks of each kind, 12 or thoroughly 100.
    sums_updates, updates : int
        For sums; and for the alphabet, when to stop teaching a network that does not know it yet.
    """
    count = count or (100 if thorough else 12)
    sums = yield from _teach_sums(count, sums_updates, seed)
    pupils: dict[str, Pupils] = {}
    for k, (kind, task) in enumerate(TAUGHT.items()):
        share = Share(0.2 + 0.2 * k, 0.4 + 0.2 * k)
        made = yield from replicas(_lessons(task, updates, seed), count, share, f"the alphabet {kind}")
        exact = [replica for replica in made if replica.is_exact]
        after = [replica.state.update if replica.is_exact else math.inf for replica in made]
        pupils[kind] = Pupils(after, [replica.state.network for replica in exact])
        if kind == FORWARDS:
            known = exact
    again = []
    for number, replica in enumerate(known):
        config = _lessons(TAUGHT[BACKWARDS], updates, replica.seed)
        again.append(_teach(config, replica.state.network))
        yield Step(0.8 + 0.2 * (number + 1) / len(known), f"the alphabet {AGAIN}")
    yield finding(sums, pupils, again)


def _lessons(task: SymbolTask, updates: int, seed: int) -> TrainConfig:
    return TrainConfig(
        task=task,
        hidden_dim=32,
        activation="sigmoid",
        loss="softmax_cross_entropy",
        bias=True,
        start=1.0,
        optimizer="adam",
        learning_rate=0.01,
        clip=None,
        batch_size=1,
        until="exact",
        updates=updates,
        every=50,
        seed=seed,
    )


def _teach_sums(count: int, updates: int, seed: int) -> Generator[Step, None, dict[str, Learning]]:
    task = addition()
    every = max(1, updates // 12)
    config = TrainConfig(
        task=task, optimizer="adam", learning_rate=0.01, batch_size=8, updates=updates, every=every, seed=seed
    )
    found = {}
    for k, direction in enumerate(DIRECTIONS):
        looks = []
        for look in learners(config, count, direction):
            looks.append(look)
            yield Step(0.1 * (k + look[0] / updates), f"sums, {direction}")
        at, right = zip(*looks, strict=True)
        found[direction] = Learning(ceiling(every_sum(task.length, direction)), at, np.array(right))
    return found


def _teach(config: TrainConfig, network: Network) -> float:
    """Teach a network that knows something else, and return after how many updates it is exact; infinite for never."""
    state = State(0, network, OPTIMIZERS[config.optimizer].first(network.params))
    *_, last = train(config, state)
    assert isinstance(last, Finished)
    return last.state.update if last.reason == "exact" else math.inf


def finding(sums: Mapping[str, Learning], pupils: Mapping[str, Pupils], again: Sequence[float]) -> Finding:
    """Return what it amounts to; ``again`` is after how many updates those who knew it forwards knew it backwards."""
    after = {**{kind: some.after for kind, some in pupils.items()}, AGAIN: again}
    right = {kind: _right(some.networks) for kind, some in pupils.items() if some.networks}
    says = {kind: say(some.networks[0], MIDDLE) for kind, some in pupils.items() if some.networks}
    data = {
        "sums": {
            direction: {
                "ceiling": found.ceiling.mean(),
                "updates": list(found.updates),
                "right": np.median(found.right.mean(axis=2), axis=1).tolist(),
                "least": found.right.mean(axis=2).min(axis=1).tolist(),
                "most": found.right.mean(axis=2).max(axis=1).tolist(),
            }
            for direction, found in sums.items()
        },
        "after": {kind: [each if math.isfinite(each) else None for each in some] for kind, some in after.items()},
        "right": right,
        "says": says,
    }
    return Finding((_sums(sums), _after(after), _asked(right, says)), *judge(sums, after, right), data)


def judge(
    sums: Mapping[str, Learning], after: Mapping[str, Sequence[float]], right: Mapping[str, Mapping[str, float]]
) -> tuple[bool, str]:
    """Return whether the claim holds, and why."""
    if FORWARDS not in right or FROM_A not in right:
        return False, "No network learned the alphabet, so none could be asked the other way."
    lowest, highest = (sums[direction].right[-1].mean(axis=1) for direction in DIRECTIONS)  # (networks,)
    most = float(sums[HIGHEST].ceiling.mean())
    backwards, middle = right[FORWARDS][BACKWARDS], right[FROM_A][ASKED[1]]
    holds = np.median(lowest) == 1 and highest.max() < 1 and backwards <= CHANCE and middle <= CHANCE
    return bool(holds), (
        f"Lowest bit first, networks get at least {_percent(lowest.min())} of all bits right; highest first, "
        f"{_percent(highest.min())} to {_percent(highest.max())}, where nobody can get more than "
        f"{_percent(most)}. Who knows the alphabet forwards says {_percent(backwards)} of it rightly backwards; who "
        f"has always begun at a, {_percent(middle)} from another letter. Updates until half of the networks know it: "
        f"forwards {_half(after[FORWARDS])}, backwards {_half(after[BACKWARDS])}, "
        f"backwards after forwards {_half(after[AGAIN])}."
    )


def say(network: Network, letter: str) -> str:
    """Return the letters that a network says after it has heard one."""
    task = TAUGHT[FORWARDS]
    word = task.read(letter + "." * (LETTERS - 1))
    return task.decode(decide(network.answer(task.vectors[word][None]))[0])


def right_letters(network: Network) -> tuple[float, float, float]:
    """Return the share of right letters, by what is asked: from a, from another letter, backwards from any."""
    words = np.full((26, LETTERS), SILENT)
    words[:, 0] = np.arange(26)
    said = decide(network.answer(TAUGHT[FORWARDS].vectors[words]))
    forwards, backwards = (said == TAUGHT[way].machine.run(words)[1] for way in (FORWARDS, BACKWARDS))
    return float(forwards[0].mean()), float(forwards[1:].mean()), float(backwards.mean())


def _right(networks: Sequence[Network]) -> dict[str, float]:
    """Return the median over some networks of what is right, by what is asked."""
    shares = np.median([right_letters(network) for network in networks], axis=0)
    return dict(zip(ASKED, shares.tolist(), strict=True))


def _sums(sums: Mapping[str, Learning]) -> Listing:
    rows = []
    for direction, found in sums.items():
        last = found.right[-1].mean(axis=1)
        numbers = (found.ceiling.mean(), last.min(), np.median(last), last.max())
        rows.append((direction, *(f"{100 * number:.2f}" for number in numbers)))
    heads = ("sums", "anybody at most", "least", "median", "most")
    return Listing("right bits of all sums, %, in the end", heads, tuple(rows))


def _after(after: Mapping[str, Sequence[float]]) -> Listing:
    rows = [(kind, f"{sum(map(math.isfinite, some))} of {len(some)}", _half(some)) for kind, some in after.items()]
    return Listing("updates until the alphabet is known", ("taught", "know it", "half of them after"), tuple(rows))


def _asked(right: Mapping[str, Mapping[str, float]], says: Mapping[str, str]) -> Listing:
    rows = [
        (kind, *(f"{100 * share:.0f}" for share in shares.values()), f"{MIDDLE}: {says[kind]}")
        for kind, shares in right.items()
    ]
    title = "right letters, %, of those who know the alphabet as they were taught it (median)"
    return Listing(title, ("taught", *ASKED, "first network"), tuple(rows))


def _half(after: Sequence[float]) -> str:
    """Return after how many updates half of the networks know it."""
    return dial.half(dial.Notch(0, tuple(after))) if after else "never"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw how sums are learned from both ends, how soon the alphabet is, and what is right of it when asked."""
    rows = figure.add_gridspec(2, 1)
    above, below = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    left, right = above.subplots(1, 2)
    _draw_sums(finding.data["sums"], left)
    _draw_after(finding.data["after"], right)
    if finding.data["right"]:
        _draw_right(finding.data["right"], finding.data["says"], below.add_subplot())
    return figure


def _draw_sums(sums: Mapping[str, Any], ax: Axes) -> None:
    for (direction, found), (style, colour) in zip(sums.items(), (("-", "#000000"), ("--", "#666666")), strict=True):
        least, most = ([100 * share for share in found[end]] for end in ("least", "most"))
        ax.fill_between(found["updates"], least, most, color=colour, alpha=0.2, linewidth=0)
        ax.plot(found["updates"], [100 * share for share in found["right"]], style, color=colour, label=direction)
    most = 100 * sums[HIGHEST]["ceiling"]
    ax.axhline(most, color="black", linewidth=4, zorder=0)
    ax.axhline(most, color=CEILING, linewidth=2.4, zorder=0, label="the most that a guess can")
    ax.set(title="sums", xlabel="updates", ylabel="right bits, %", xlim=(0, None), ylim=(45, 103))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="center right", bbox_to_anchor=(1, 0.62), fontsize=9)


def _draw_after(after: Mapping[str, Any], ax: Axes) -> None:
    """Draw a dot for each network that knows the alphabet, at the updates that it took."""
    for place, some in enumerate(after.values()):
        known = [each for each in some if each is not None]
        apart = [place + 0.3 * (k / max(len(known) - 1, 1) - 0.5) for k in range(len(known))]
        ax.plot(known, apart, "o", color="black", markersize=4, markerfacecolor="none")
    ax.set(title="the alphabet", xlabel="updates until it is known", yticks=range(len(after)), xlim=(0, None))
    ax.set_yticklabels([kind.replace(", ", ",\n") for kind in after])
    ax.invert_yaxis()
    ax.spines[["top", "right"]].set_visible(False)


def _draw_right(right: Mapping[str, Any], says: Mapping[str, str], ax: Axes) -> None:
    """Draw the shares of right letters as shaded cells, and beside them what is said after the middle letter."""
    shares = [list(each.values()) for each in right.values()]
    ax.imshow(shares, cmap="Greys", vmin=0, vmax=2.5, aspect="auto")
    for row, said in enumerate(says.values()):
        for column, share in enumerate(shares[row]):
            ax.text(column, row, f"{100 * share:.0f} %", ha="center", va="center")
        ax.text(len(ASKED) - 0.4, row, f"{MIDDLE}: {said}", va="center", family="monospace")
    ax.set(title="right letters", xticks=range(len(ASKED)), yticks=range(len(right)), ylabel="taught")
    ax.set_xticklabels([f"asked {each}" for each in ASKED])
    ax.set_yticklabels(right)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
