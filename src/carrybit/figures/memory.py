"""The hidden layer through a sum: what the network has in memory while it carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from carrybit.params import Array
from carrybit.prediction import Prediction
from carrybit.tasks.task import Task

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CARRY, WRONG = "#ffe14d", "#d62728"
LOWEST = {"sigmoid": 0.0, "tanh": -1.0, "relu": 0.0}


def draw_memory(task: Task, prediction: Prediction, follows: Array, activation: str, ax: Axes) -> Axes:
    """Draw layer_1 at every step as a column of shaded cells, under what is read and over what is answered.

    The lowest bit stands on the right, as on paper, so time runs from right to left. Units are sorted by how closely
    they follow the carry: those that are high when there is one to remember come first.

    Parameters
    ----------
    task : Task
    prediction : Prediction
    follows : float array (H,)
        How closely each unit follows the machine's state, from `prediction.follow_state`.
    activation : {"sigmoid", "tanh", "relu"}
        Of the hidden layer; says where the shades begin and end.
    ax : Axes

    Returns
    -------
    ax : the same Axes
    """
    order = np.argsort(-follows, kind="stable")
    layer_1 = prediction.layers.layer_1[0, 1:].T[order]  # (H, T)
    hidden_dim, steps = layer_1.shape
    lowest = LOWEST[activation]
    highest = max(1.0, float(layer_1.max()))
    image = ax.imshow(layer_1[:, ::-1], cmap="cividis", vmin=lowest, vmax=highest, aspect="auto")
    ax.figure.colorbar(image, ax=ax, shrink=0.6, label=f"layer_1 ({activation})")
    for t in range(1, steps):
        ax.axvline(t - 0.5, color="white", linewidth=2)
    for unit, place in enumerate(order):
        ax.text(-0.7, unit, f"unit {place}", ha="right", va="center", fontsize=6, color="#555555")

    read = task.vectors[prediction.word].astype(int).T  # (I, T)
    carries = prediction.states[1:]  # what is left to remember after each step
    heads = ["to remember", *(f"number {k + 1}" for k in range(len(read)))]
    rows = [carries, *read]
    gap = hidden_dim / 14  # between two rows of digits, however many units there are
    places = [-0.5 - gap * (0.7 + k) for k in reversed(range(len(rows)))]
    for head, row, y in zip(heads, rows, places, strict=True):
        _write(ax, head, row, y, fills=[CARRY if head == heads[0] and value else None for value in row])
    wrong = prediction.answers != prediction.truth
    _write(
        ax, "answer", prediction.answers, hidden_dim - 0.5 + 0.7 * gap, fills=[WRONG if bad else None for bad in wrong]
    )

    ax.set_title(task.show(prediction.word, prediction.answers) + ("" if prediction.is_right else "   (wrong)"), pad=12)
    ax.set(xlim=(-0.5, steps - 0.5), ylim=(hidden_dim - 0.5 + 1.3 * gap, places[0] - 0.8 * gap), yticks=[], xticks=[])
    ax.set_xlabel("bit, lowest on the right; time runs to the left")
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def _write(ax: Axes, head: str, row: Sequence[int] | np.ndarray, y: float, fills: Sequence[str | None]) -> None:
    """Write a row of digits, lowest bit on the right, some in coloured boxes."""
    ax.text(-0.7, y, head, ha="right", va="center", fontsize=9)
    for t, (value, fill) in enumerate(zip(row, fills, strict=True)):
        box = None if fill is None else {"boxstyle": "square,pad=0.25", "facecolor": fill, "edgecolor": "black"}
        ax.text(len(row) - 1 - t, y, str(value), ha="center", va="center", fontsize=12, bbox=box)
