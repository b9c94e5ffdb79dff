"""Mixture: which inputs are in each hidden state, the tutorial's coloured hidden layers, computed.

An input is in a hidden state as far as the state would be another had the input been another (`imprint`). Its share is
that distance, divided by those of all inputs so far.

Source: the tutorial, part 1 and part 2 (four steps of hidden and of input recurrence, in colours).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.config import TrainConfig
from carrybit.labs.imprint import mixture
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.subjects import SURE, Share, replicas
from carrybit.tasks import walks
from carrybit.tasks.addition import addition
from carrybit.tasks.recall import recall
from carrybit.tasks.task import MachineTask

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Which of the past inputs are in each hidden state?"
CLAIM = "With hidden recurrence something of every input so far is there; with input recurrence, of the last two only."

SETTINGS: dict[str, Any] = SURE | {
    "hidden_dim": 16,
    "activation": "sigmoid",
    "loss": "softmax_cross_entropy",
    "start": 1.0,
    "learning_rate": 0.02,
    "until": "exact",
    "every": 100,
}
STEPS = 8
COUNTS = 0.001  # less than a thousandth is nothing
WRITTEN = 0.05  # smaller shares have no room for a number


def experiment(*, thorough: bool = False, seed: int = 0, recurrence: str = "hidden") -> Generator[Step | Finding]:
    """Train adders and networks that say what was 3 steps ago, and take their hidden states apart.

    Parameters
    ----------
    recurrence : {"hidden", "input"}
        The one that is said to hold every input; the other is held beside it.
    """
    other = "input" if recurrence == "hidden" else "hidden"
    seeds, updates, count = (16, 5_000, 4_096) if thorough else (4, 1_000, 512)
    tasks: dict[str, MachineTask] = {"sums": addition(bits=8), "recall 3": recall(3, length=16)}
    pairs = [(name, each) for name in tasks for each in (recurrence, other)]
    shares: dict[str, dict[str, list[list[float]]]] = {name: {} for name in tasks}
    for number, (name, each) in enumerate(pairs):
        task = tasks[name]
        config = TrainConfig(task=task, recurrence=each, updates=updates, seed=seed, **SETTINGS)
        share = Share(number / len(pairs), (number + 1) / len(pairs))
        made = yield from replicas(config, seeds, share, f"{name}, {each} recurrence")
        words = walks.draw(task.machine, walks.even(task.machine, STEPS), STEPS, seed, "evaluation", 0, count)
        mixed = [mixture(one.state.network, task.vectors, words).mean(axis=0) for one in made]
        shares[name][each] = np.mean(mixed, axis=0).tolist()  # (T, T)
    yield _finding(recurrence, other, shares)


def _finding(recurrence: str, other: str, shares: dict[str, dict[str, list[list[float]]]]) -> Finding:
    least = {name: min(min(row[: t + 1]) for t, row in enumerate(each[recurrence])) for name, each in shares.items()}
    kept = max(_older(t, row) for each in shares.values() for t, row in enumerate(each[other]))
    faded = min(least.values())
    if faded < COUNTS:
        verdict = f"With {recurrence} recurrence the share of an input falls to {100 * faded:.2g} %."
    elif kept > 0:
        verdict = f"With {other} recurrence up to {100 * kept:.2g} % are of inputs older than the last two."
    else:
        told = " and ".join(f"{100 * share:.2g} % ({name})" for name, share in least.items())
        verdict = (
            f"With {recurrence} recurrence every input so far has its share in every hidden state, the least {told}; "
            f"with {other} recurrence, inputs older than the last two have exactly 0 %."
        )
    return Finding(
        listings=tuple(_listing(name, recurrence, other, each) for name, each in shares.items()),
        holds=faded >= COUNTS and kept == 0,
        verdict=verdict,
        data={"recurrences": [recurrence, other], "shares": shares},
    )


def _older(t: int, row: list[float]) -> float:
    """Return the share of what is older than the previous input, at step t."""
    return sum(row[: max(t - 1, 0)])


def _listing(name: str, recurrence: str, other: str, shares: dict[str, list[list[float]]]) -> Listing:
    rows = []
    for t, (row, beside) in enumerate(zip(shares[recurrence], shares[other], strict=True)):
        cells = [_percent(share) if s <= t else None for s, share in enumerate(row)]
        rows.append((t, *cells, _percent(_older(t, row)), _percent(_older(t, beside))))
    heads = ("step", *(f"in {s}" for s in range(STEPS)), f"older, {recurrence}", f"older, {other}")
    title = f"{name}: share of each input in the hidden state, %, {recurrence} recurrence (older: than the last two)"
    return Listing(title, heads, tuple(rows))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if share else "0"


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw every hidden state as a column of its inputs, one hue for each, as the tutorial colours them."""
    recurrences, shares = finding.data["recurrences"], finding.data["shares"]
    figure.set_size_inches(10, 6.4)
    axes = figure.subplots(len(shares), len(recurrences), sharex=True, sharey=True, squeeze=False)
    for row, (name, each) in zip(axes, shares.items(), strict=True):
        for ax, recurrence in zip(row, recurrences, strict=True):
            _draw_mixture(each[recurrence], ax)
            ax.set_title(f"{name}, {recurrence} recurrence")
        row[0].set_ylabel("share in layer_1, %")
    for ax in axes[-1]:
        ax.set_xlabel("step")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=STEPS, frameon=False, title="what was read at step")
    return figure


def _draw_mixture(shares: list[list[float]], ax: Axes) -> None:
    from carrybit.figures.hues import hue, ink_on

    steps = range(len(shares))
    bottom = [0.0] * len(shares)
    for s in steps:
        heights = [100 * row[s] for row in shares]
        ax.bar(steps, heights, 0.86, bottom, color=hue(s), edgecolor="white", linewidth=0.8, label=str(s))
        for t in steps:
            if shares[t][s] >= WRITTEN:
                middle = bottom[t] + heights[t] / 2
                ax.text(t, middle, str(s), ha="center", va="center_baseline", color=ink_on(hue(s)), fontsize=9)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    ax.set(ylim=(0, 100), xticks=list(steps))
    ax.spines[["top", "right"]].set_visible(False)
