"""Capacity: how many bits a hidden layer holds, of what age, by its size.

Networks learn to say all of the last 16 bits at once, so that small layers cannot hold all and have to choose. An
output that is wrong in a share e of all steps still knows 1 - H(e) bits of the bit it is asked for, where H(e) is the
entropy of a coin with chances e and 1 - e (Fano's inequality, where both answers are as likely). Bits of different
ages have nothing to do with each other, so the sum over ages is no more than what the hidden layer holds.

Source: the tutorial, part 2 (memory "capacity"); Jaeger 2001, "Short term memory in echo state networks", proves that
H units, read by linear answers, recall no more than H independent numbers in all, whatever the units do (told by their
correlations; answers that are cut to 0 and 1 may know a little more in bits).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.config import TrainConfig
from carrybit.labs.echo import Echo
from carrybit.labs.lab import Cell, Finding, Listing, Step
from carrybit.labs.middle import Middle
from carrybit.labs.subjects import SURE, Share, replicas
from carrybit.network import Network
from carrybit.params import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "How many bits does a hidden layer hold, and how long?"
CLAIM = "Larger layers hold more, longer."

SETTINGS: dict[str, Any] = SURE | {
    "activation": "tanh",
    "loss": "cross_entropy",
    "start": 0.5,
    "learning_rate": 0.03,
    "until": None,
}
SIZES, LARGER = (1, 2, 4, 8, 12), (1, 2, 3, 4, 6, 8, 12, 16, 24)
HALF = 0.5  # bit: what is recalled so well or better is held
FAINTEST = 0.05  # bits, of what is written into the picture
DARKEST = 0.4  # bits, of what is written in black
CELL = 0.4  # inches, with room for a number


def experiment(
    *, thorough: bool = False, seed: int = 0, recurrence: str = "hidden", sizes: tuple[int, ...] | None = None
) -> Generator[Step | Finding]:
    """Train layers of every size to hold more than they can, and count what they hold.

    Parameters
    ----------
    recurrence : {"hidden", "input"}
        With "input", no layer has more to hold than two bits, however large it is.
    sizes : tuple of int, or None for the usual ones
        The smallest first.
    """
    seeds, updates, count = (16, 5_000, 2_000) if thorough else (6, 1_000, 500)
    sizes = sizes or (LARGER if thorough else SIZES)
    task = Echo(lags=32, length=64) if thorough else Echo(lags=16, length=32)
    bits = []
    for k, size in enumerate(sizes):
        config = TrainConfig(task=task, hidden_dim=size, recurrence=recurrence, updates=updates, seed=seed, **SETTINGS)
        made = yield from replicas(config, seeds, Share(k / len(sizes), (k + 1) / len(sizes)), f"{size} hidden units")
        bits.append([recalled(each.state.network, task, seed, count) for each in made])
    yield _finding(sizes, np.array(bits))


def recalled(network: Network, task: Echo, seed: int, count: int) -> Array:
    """Return how many bits of information each output has of the bit it is asked for: float array (lags,)."""
    heard = task.sequences(task.heard(seed, "evaluation", 0, count)[None])
    is_wrong = (network.answer(heard.layer_0[0]) > 0.5) != (heard.targets[0] > 0.5)  # (B, T, lags)
    return 1 - entropy(is_wrong[:, task.lags - 1 :].mean(axis=(0, 1)))


def entropy(chance: Array) -> Array:
    """Return the entropy of coins, in bits."""
    both = np.stack([chance, 1 - chance])
    return np.asarray(-(both * np.log2(np.where(both > 0, both, 1))).sum(axis=0))


def power_law(sizes: tuple[int, ...], totals: Array) -> tuple[Middle, Middle]:
    """Return a and b of totals ≈ a * size**b, by least squares of logarithms, seed by seed; totals (sizes, seeds)."""
    b, log_a = np.polyfit(np.log(sizes), np.log(totals), 1)  # (seeds,) each
    return Middle.of(np.exp(log_a).tolist()), Middle.of(b.tolist())


def _finding(sizes: tuple[int, ...], bits: Array) -> Finding:
    """Sum up: bits is (sizes, seeds, lags)."""
    by_age = np.median(bits, axis=1)  # (sizes, lags)
    totals = bits.sum(axis=2)  # (sizes, seeds)
    held = [Middle.of(row) for row in totals.tolist()]
    a, b = power_law(sizes, totals)
    law = f"bits = {a.median:.2f} · H^{b.median:.3f}, the exponent between {b.low:.3f} and {b.high:.3f}"
    holds, verdict = _verdict(sizes, held, (by_age >= HALF).sum(axis=1).tolist())
    return Finding(
        listings=(_listing(sizes, by_age, held, law),),
        holds=holds,
        verdict=f"{verdict} The law: {law}.",
        data={
            "sizes": list(sizes),
            "by_age": by_age.tolist(),
            "held": held,
            "law": {"a": a.median, "b": b.median, "text": law},
        },
    )


def _verdict(sizes: tuple[int, ...], held: list[Middle], ages: list[int]) -> tuple[bool, str]:
    """Judge by the bits that each size holds, and by how many of the last bits it holds half or better."""
    for k, (smaller, larger) in enumerate(pairwise(held)):
        if smaller.high >= larger.low:
            told = f"{sizes[k]} units hold {_told(smaller)} bits, and {sizes[k + 1]} units hold {_told(larger)}"
            return False, f"{told}."
    if ages != sorted(ages) or ages[0] == ages[-1]:
        return False, f"Larger layers hold more, but not longer: {', '.join(map(str, ages))} steps."
    return True, (
        f"{sizes[0]} to {sizes[-1]} units hold {held[0].median:.1f} to {held[-1].median:.1f} bits, "
        f"and half a bit or more of each of the last {ages[0]} to {ages[-1]}."
    )


def _told(held: Middle) -> str:
    return f"{held.median:.2f} [{held.low:.2f}, {held.high:.2f}]"


def _listing(sizes: tuple[int, ...], by_age: Array, held: list[Middle], law: str) -> Listing:
    shown = [[f"{bits:.2f}" for bits in row] for row in by_age.tolist()]
    rows: list[tuple[Cell, ...]] = [(H, *row, _told(all_)) for H, row, all_ in zip(sizes, shown, held, strict=True)]
    title = f"Bits recalled of what was heard so many steps ago, by hidden units H; {law}"
    return Listing(title, ("H", *map(str, range(by_age.shape[1])), "in all [95 %]"), tuple(rows))


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw the bits recalled of every age, and the sum by size with the law."""
    wide = CELL * len(finding.data["by_age"][0])
    figure.set_size_inches(wide + 5, 4)
    left, right = figure.subplots(1, 2, width_ratios=(wide + 1, 4))
    _draw_ages(finding.data, left)
    _draw_law(finding.data, right)
    return figure


def _draw_ages(data: Mapping[str, Any], ax: Axes) -> None:
    image = ax.imshow(data["by_age"], cmap="cividis", vmin=0, vmax=1, aspect="auto", origin="lower")
    ax.figure.colorbar(image, ax=ax, label="bits", pad=0.02)
    for row, bits_by_age in enumerate(data["by_age"]):
        for age, bits in enumerate(bits_by_age):
            if bits >= FAINTEST:
                color = "black" if bits > DARKEST else "white"
                ax.text(age, row, f"{bits:.1f}", ha="center", va="center", fontsize=8, color=color)
    ax.set_yticks(range(len(data["sizes"])), data["sizes"])
    ax.set(xlabel="steps ago", ylabel="hidden units H", title="bits recalled of what was heard")


def _draw_law(data: Mapping[str, Any], ax: Axes) -> None:
    sizes, law = data["sizes"], data["law"]
    median, low, high = np.array(data["held"]).T
    every = np.linspace(sizes[0], sizes[-1], 100)
    ax.plot(every, law["a"] * every ** law["b"], "--", color="#777777", label=law["text"].replace(", ", "\n"))
    ax.errorbar(sizes, median, (median - low, high - median), fmt="o", color="black", capsize=4, label="median, 95 %")
    ax.set(xlabel="hidden units H", ylabel="bits in all", title="bits held by size", xticks=sizes)
    ax.set_ylim(0, 1.3 * high.max())  # above is room for the legend
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="upper left")
