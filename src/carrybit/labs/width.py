"""The width of the numbers: what is learned on so many bits, asked on others.

All networks see as many bits, so those of narrow sums make more updates. Two papers are asked at every width: random
sums, in which a carry is seldom held for long, and carry chains, in which it is held from the first bit to the last.
"""

from __future__ import annotations

import statistics
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carrybit import intervals
from carrybit.config import TrainConfig
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.subjects import Share, replicas
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.tasks.addition import addition
from carrybit.tasks.task import MachineTask, decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Trained on numbers of some bits, right on numbers of how many?"
CLAIM = "What is learned on 8 bits holds at any width: a network that adds 8-bit numbers adds those of 1,024 bits."
TUTORIAL = 8
NEARLY_ALL = 0.95  # of the networks, for the claim to hold
TRAINED = (2, 3, 4, 6, 8, 12, 16, 32)
ASKED = (4, 8, 16, 64, 256, 1024)
SUMS = 100  # random sums of each width, the same for all networks
SHADES = "cividis"  # from dark to light, also in grey


class Grades(NamedTuple):
    """What networks answer at one width: the share of random sums, and of carry chains, that each has wholly right."""

    sums: tuple[float, ...]
    chains: tuple[float, ...]

    @property
    def perfect(self) -> tuple[bool, ...]:
        """Which networks have everything right."""
        return tuple(sums == chains == 1 for sums, chains in zip(self.sums, self.chains, strict=True))


def experiment(
    *,
    thorough: bool = False,
    seed: int = 0,
    trained: Sequence[int] = TRAINED,
    asked: Sequence[int] = ASKED,
    count: int | None = None,
    seen: int = 160_000,
) -> Generator[Step | Finding]:
    """Train networks on sums of each width, and ask them sums of each other.

    Parameters
    ----------
    trained, asked : sequences of int
        Bits, 8 among those that are trained.
    count : int
        Networks of each width, 32 or thoroughly 256.
    seen : int
        Bits that a network sees in all; 160,000 are 20,000 of the tutorial's sums.
    """
    found = {}
    for k, bits in enumerate(trained):
        config = TrainConfig(task=addition(bits), updates=seen // bits, every=seen // bits, seed=seed)
        share = Share(k / len(trained), (k + 1) / len(trained))
        pupils = yield from replicas(config, count or (256 if thorough else 32), share, f"networks of {bits}-bit sums")
        networks = [pupil.state.network for pupil in pupils]
        found[bits] = {width: grades(networks, width) for width in sorted({bits, *asked})}
    yield finding(found, asked)


def grades(networks: Sequence[Network], bits: int) -> Grades:
    """Ask networks random sums, and carry chains, of so many bits."""
    task = addition(bits)
    sums = task.sample(0, "evaluation", 0, SUMS)
    chains = np.pad(task.machine.holding_words(bits - task.spare), ((0, 0), (0, task.spare)))  # closed by 00
    return Grades(_right(networks, task, sums), _right(networks, task, chains))


def _right(networks: Sequence[Network], task: MachineTask, words: Ints) -> tuple[float, ...]:
    """Return, for each network, the share of words that it answers rightly at every step."""
    truth, layer_0 = task.machine.run(words)[1], task.vectors[words]
    return tuple(float((decide(each.answer(layer_0)) == truth).all(axis=1).mean()) for each in networks)


def finding(found: Mapping[int, Mapping[int, Grades]], asked: Sequence[int]) -> Finding:
    """Return what the grades amount to: by the bits that were trained, then by the bits that were asked."""
    widest = max(asked)
    listing = Listing(
        title=f"networks that have all right on numbers as wide as those they saw, and on {widest:,} bits",
        heads=("trained on", "as wide", f"of these, {widest:,}", "share (95 %)", "all sums", "all carry chains"),
        rows=tuple(_row(bits, graded[bits], graded[widest]) for bits, graded in found.items()),
    )
    holds, verdict = judge(found, widest)
    data = {
        "trained": list(found),
        "asked": list(asked),
        "sums": [[statistics.median(graded[width].sums) for width in asked] for graded in found.values()],
        "chains": [[_all_right(graded[width].chains) for width in asked] for graded in found.values()],
    }
    return Finding((listing,), holds, verdict, data)


def judge(found: Mapping[int, Mapping[int, Grades]], widest: int) -> tuple[bool, str]:
    """Return whether nearly all that add 8 bits add the widest numbers, and why, in sentences."""
    able, still = kept(found[TUTORIAL][TUTORIAL], found[TUTORIAL][widest])
    holds = able > 0 and still / able >= NEARLY_ALL
    perfect = {bits: sum(graded[widest].perfect) / len(graded[widest].perfect) for bits, graded in found.items()}
    most = ", ".join(f"{bits}" for bits, share in perfect.items() if share > 0.5) or "no width"
    none = ", ".join(f"{bits}" for bits, share in perfect.items() if share == 0) or "no width"
    return holds, (
        f"of {able} networks that learned to add {TUTORIAL} bits, {still} have all random sums and all carry chains of "
        f"{widest:,} bits right, {_percent(still, able)}. "
        f"Of those trained on {most}, more than half do; of those trained on {none}, none."
    )


def kept(own: Grades, wide: Grades) -> tuple[int, int]:
    """Return how many networks have all right at one width, and how many of these at another."""
    return sum(own.perfect), sum(near and far for near, far in zip(own.perfect, wide.perfect, strict=True))


def _row(bits: int, own: Grades, wide: Grades) -> tuple[str, ...]:
    able, still = kept(own, wide)
    sums, chains = (f"{_all_right(shares):.0%}" for shares in wide)
    return f"{bits} bits", f"{able} of {len(own.sums)}", f"{still} of {able}", _percent(still, able), sums, chains


def _all_right(shares: Sequence[float]) -> float:
    """Return the share of networks that have all of a paper right."""
    return sum(share == 1 for share in shares) / len(shares)


def _percent(hits: int, trials: int) -> str:
    """Return "88% (72% to 95%)"."""
    low, high = intervals.share(hits, trials)
    return f"{hits / trials:.0%} ({low:.0%} to {high:.0%})" if trials else "of none"


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw two maps: by the bits that were trained (down) and asked (across), how much of it is right."""
    left, right = figure.subplots(1, 2, sharey=True)
    _map(finding, "sums", left).set(title="random sums:\nshare right, of the median network", ylabel="trained on, bits")
    _map(finding, "chains", right).set(title="carry chains:\nnetworks with all of them right")
    figure.suptitle(QUESTION)
    return figure


def _map(finding: Finding, name: str, ax: Axes) -> Axes:
    """Draw shares as shaded cells with their percents; what the tutorial trains stands apart."""
    trained, asked, shares = finding.data["trained"], finding.data["asked"], finding.data[name]
    ax.imshow(shares, cmap=SHADES, vmin=0, vmax=1, aspect="auto")
    for row, cells in enumerate(shares):
        for column, share in enumerate(cells):
            shade = "white" if share < 0.5 else "black"
            ax.text(column, row, f"{share:.0%}", ha="center", va="center", fontsize=8, color=shade)
    row = trained.index(TUTORIAL)
    for edge in (row - 0.5, row + 0.5):
        ax.axhline(edge, color="white", linewidth=4)
    ax.set_xticks(range(len(asked)), [f"{bits:,}" for bits in asked])
    ax.set_yticks(
        range(len(trained)), [f"the tutorial's\n{bits}" if bits == TUTORIAL else f"{bits}" for bits in trained]
    )
    ax.set(xlabel="asked, bits")
    return ax
