"""Liar: a network that adds rightly wherever anyone looks, and is wrong; and its honest twin, which is proved.

The liar is made before one's eyes (`liars`): it lingers where its twin rests, for as many bits as is asked for. Ten
thousand random sums and two hundred mixed carry chains tell neither from the other. A hunt for a counterexample and a
proof do.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carrybit import randomness
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.liars import SEED, Liar, claim_of, making, margins_along, wrong_chain
from carrybit.labs.subjects import Share
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.proof.proving import prove
from carrybit.proof.verdict import Open, Proved, Refuted, Verdict
from carrybit.tasks.addition import addition
from carrybit.tasks.task import decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Can a network be right on every sum that anyone tries, and be wrong?"
CLAIM = "A network that gets 10,000 random sums of 64 bits and 200 mixed carry chains of 1,000 bits right can add."

BIT, BIT_THOROUGH = 5_000, 800_000
SUMS, SUM_BITS = 10_000, 64
CHAINS, CHAIN_BITS = 200, 1_000
SECONDS = 60.0  # for each verdict
LONGEST_SHOWN = 100_000  # bits of a sum; it takes seconds to write a longer one
POINTS = 600  # of a line in the picture
BEYOND = 2.0  # how far the picture goes beyond the first error
NAMES = ("early", "liar", "honest")
COLOURS = {"early": "#999999", "liar": "#d55e00", "honest": "#000000"}


class Tried(NamedTuple):
    """What came of a network: how many sums and chains it has right, the first wrong bit of a chain, and a verdict."""

    network: Network
    sums: int
    chains: int
    bit: int | None
    verdict: Verdict


def experiment(*, thorough: bool = False, seed: int = 0, bit: int | None = None) -> Generator[Step | Finding]:
    """Make a liar, try it and its two parents by samples, and decide about each for ever.

    Parameters
    ----------
    bit : int, 16 to 3,000,000, or None for 5,000 (thorough: 800,000)
        Near which the liar is to err first.
    """
    bit = (BIT_THOROUGH if thorough else BIT) if bit is None else bit
    share, liar = Share(0.0, 0.5), None
    for event in making(bit, (SEED + seed) % 2**64):
        if isinstance(event, Liar):
            liar = event
        else:
            yield Step(share.at(event.done), event.note)
    assert liar is not None
    words = addition(SUM_BITS).sample(seed, "evaluation", 0, SUMS), mixed_chains(seed)
    tried = {}
    for number, (name, network) in enumerate(zip(NAMES, (liar.early, liar.network, liar.late), strict=True)):
        yield Step(0.5 + number / 6, f"{name}: sampled, then decided")
        sums, chains = (_right(network, asked) for asked in words)
        wrong = wrong_chain(network, 2 * bit)
        tried[name] = Tried(network, sums, chains, None if wrong is None else len(wrong) - 1, _decided(network))
    yield _finding(liar, tried)


def mixed_chains(seed: int) -> Ints:
    """Return carry chains (CHAINS, CHAIN_BITS): any column, then 01 and 10 at random, and any column once more."""
    drawn = randomness.words(seed, "evaluation", SUMS, CHAINS, CHAIN_BITS + 4) >> np.uint64(11)
    words = 1 + (drawn[:, :CHAIN_BITS] % 2).astype(np.int64)
    any_column, place = (drawn[:, CHAIN_BITS : CHAIN_BITS + 2] % 4).astype(np.int64), drawn[:, -1] % CHAIN_BITS
    words[np.arange(CHAINS), place.astype(np.int64)] = any_column[:, 1]
    words[:, 0] = any_column[:, 0]
    return words


def _right(network: Network, words: Ints) -> int:
    """Return how many words are answered rightly, every step of them."""
    task = addition()
    given = decide(network.answer(task.vectors[words]))
    return int((given == task.machine.run(words)[1]).all(axis=1).sum())


def _decided(network: Network) -> Verdict:
    *_, verdict = prove(claim_of(network), seconds=SECONDS)
    assert isinstance(verdict, Proved | Refuted | Open)
    return verdict


def _finding(liar: Liar, tried: dict[str, Tried]) -> Finding:
    shares = {"early": 0.0, "liar": liar.share, "honest": 1.0}
    rows = [
        (
            name,
            f"{shares[name]:.12g}",
            f"{each.sums:,} of {SUMS:,}",
            f"{each.chains} of {CHAINS}",
            each.bit,
            each.verdict.status,
            len(each.verdict.word) if isinstance(each.verdict, Refuted) else None,
            each.verdict.seconds,
        )
        for name, each in tried.items()
    ]
    heads = (
        "network",
        "late in it",
        "random sums right",
        "chains right",
        "chain wrong at bit",
        "verdict",
        "by bits",
        "s",
    )
    title = (
        f"Two checkpoints of one training (seed {liar.seed}), and a mixture of them: as samples see them, and in truth"
    )
    holds, verdict = judge(liar, tried)
    bits = np.unique(np.geomspace(1, BEYOND * liar.bit, POINTS).astype(np.int64))
    lines = {name: margins_along(each.network, liar.chain, bits).tolist() for name, each in tried.items()}
    data = {
        "bits": bits.tolist(),
        "margins": lines,
        "errors": {name: each.bit for name, each in tried.items()},
        "verdicts": {name: each.verdict.status for name, each in tried.items()},
    }
    return Finding((Listing(title, heads, tuple(rows)), _words(tried)), holds, verdict, data)


def _words(tried: dict[str, Tried]) -> Listing:
    """Return the sums that refute, as the task shows them."""
    rows = tuple(
        (name, len(each.verdict.word), each.verdict.how, _shown(each.verdict))
        for name, each in tried.items()
        if isinstance(each.verdict, Refuted)
    )
    return Listing("Sums that refute", ("network", "bits", "found by", "sum"), rows)


def _shown(found: Refuted) -> str:
    """Return the sum that refutes; its columns, lowest first, where their number is too long to be written."""
    if len(found.word) <= LONGEST_SHOWN:
        return addition().correct(found.word, found.answers)
    begins = np.flatnonzero(np.append(True, found.word[1:] != found.word[:-1]))
    counts = np.diff(np.append(begins, len(found.word)))
    runs = [f"{addition().machine.symbols[found.word[k]]} x {n:,}" for k, n in zip(begins, counts, strict=True)]
    told = runs if len(runs) <= 4 else [*runs[:2], "…", *runs[-2:]]
    return f"{', '.join(told)}: {found.answers[-1]} at the last bit"


def judge(liar: Liar, tried: dict[str, Tried]) -> tuple[bool, str]:
    """Return whether samples are enough, by the numbers, and why."""
    lie, honest = tried["liar"], tried["honest"]
    seen = [f"{SUMS - lie.sums:,} of the random sums"] if lie.sums < SUMS else []
    seen += [f"{CHAINS - lie.chains} of the chains"] if lie.chains < CHAINS else []
    if seen:
        return (
            True,
            f"This liar, whose carry chains are wrong from bit {liar.bit:,} on, is seen: by {' and '.join(seen)}.",
        )
    said = (
        f"A network that has all {SUMS:,} random sums and all {CHAINS} chains right loses the carry of a chain at bit "
        f"{liar.bit:,}"
    )
    found = lie.verdict
    if isinstance(found, Refuted):
        said += f"; it is REFUTED in {found.seconds:.2g} s by numbers of {len(found.word):,} bits"
    else:
        said += f"; it is {found.status}"
    twin = f"{honest.verdict.status} in {honest.verdict.seconds:.2g} s"
    return False, f"{said}. Its honest twin, of the same training, passes the same tests and is {twin}."


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw how surely a carry is held, bit after bit: everyone looks at the beginning; the liar falls at the end."""
    figure.set_size_inches(10, 5)
    ax = figure.subplots()
    bits, data = finding.data["bits"], finding.data
    ax.axhspan(-0.7, 0, color="#d55e00", alpha=0.08, linewidth=0)
    for end, alpha, label in (
        (SUM_BITS, 0.22, "10,000 random sums\nlook here"),
        (CHAIN_BITS, 0.12, "200 chains\nlook here"),
    ):
        ax.axvspan(1, end, color="#56b4e9", alpha=alpha, linewidth=0)
        ax.text(end * 0.93, -0.68, label, ha="right", va="bottom", color="#0b5a8a", fontsize=10)
    for name in NAMES:
        width = 2.5 if name == "liar" else 1.5
        ax.plot(
            bits, data["margins"][name], color=COLOURS[name], linewidth=width, label=f"{name}: {data['verdicts'][name]}"
        )
    _mark(ax, data["errors"]["liar"])
    ax.axhline(0, color="#777777", linewidth=0.8)
    ax.set(xscale="log", xlim=(1, bits[-1]), ylim=(-0.7, 0.55))
    ax.set(xlabel="bits of a carry chain", ylabel="how far the answer is on the right side of ½")
    ax.set_yticks([-0.5, 0, 0.5], ["−½ wrong", "0", "½ right"])
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return figure


def _mark(ax: Axes, error: int) -> None:
    ax.plot([error], [0], "o", color="#d55e00", markersize=9, zorder=5)
    place = 10 ** (math.log10(error) * 0.9 - 0.1)
    ax.annotate(
        f"first error:\nbit {error:,}", (error, 0), (place, -0.3), ha="right", color="#d55e00", fontsize=12,
        arrowprops={"arrowstyle": "->", "color": "#d55e00"},
    )  # fmt: skip
