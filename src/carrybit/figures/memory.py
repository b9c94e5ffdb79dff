"""The hidden layer through a sum: what the network has in memory while it carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from carrybit.figures import columns, scales
from carrybit.figures.hues import QUIET
from carrybit.params import Array
from carrybit.prediction import Prediction
from carrybit.tasks.task import MachineTask

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CARRY, WRONG = "#ffe14d", "#ff9d9d"
MOST_NAMED = 40  # units; more than that are too small to be named
MOST_STEPS = 100  # of a sum that can be looked at


def draw_memory(task: MachineTask, prediction: Prediction, follows: Array, activation: str, ax: Axes) -> Axes:
    """Draw layer_1 at every step as a column of shaded cells, under what is read and over what is answered.

    The lowest bit of a number stands on the right, as on paper, so time runs from right to left there. Units are sorted
    by how closely they follow the carry (or state): those that are high when there is one to remember come first.

    Parameters
    ----------
    task : MachineTask
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
    places = range(steps)[::-1] if task.is_read_backwards else range(steps)  # of each step, from the left
    lowest, highest = scales.shades(activation, layer_1)
    image = ax.imshow(layer_1[:, places], aspect="auto", cmap="cividis", vmin=lowest, vmax=highest)
    ax.figure.colorbar(image, ax=ax, shrink=0.6, label=f"layer_1 ({activation})")
    for t in range(1, steps):
        ax.axvline(t - 0.5, color="white", linewidth=2)
    for row, unit in enumerate(order if hidden_dim <= MOST_NAMED else []):
        ax.text(-0.7, row, f"unit {unit}", ha="right", va="center", fontsize=6, color=QUIET)

    carries = prediction.states[1:].tolist()  # what is left to remember after each step
    wrong = prediction.answers != prediction.truth
    above = [("to remember", [str(carry) for carry in carries]), *task.rows(prediction.word)]
    gap = hidden_dim / 14  # between two rows of digits, however many units there are
    highest_row = -0.5 - gap * (len(above) - 0.3)
    for k, (head, cells) in enumerate(above):
        fills = [CARRY if k == 0 and carry else None for carry in carries]
        _write(ax, head, cells, highest_row + gap * k, fills, places)
    answers = [(*task.machine.answers, "?")[answer] for answer in prediction.answers]
    below = hidden_dim - 0.5 + 0.7 * gap
    _write(ax, "answer", answers, below, [WRONG if bad else None for bad in wrong], places)

    ax.set_title(task.show(prediction.word, prediction.answers) + ("" if prediction.is_right else "   (wrong)"), pad=12)
    ax.set(xlim=(-0.5, steps - 0.5), ylim=(hidden_dim - 0.5 + 1.3 * gap, highest_row - 0.8 * gap), yticks=[], xticks=[])
    ax.set_xlabel("bit, lowest on the right; time runs to the left" if task.is_read_backwards else "step")
    columns.clear(ax)
    return ax


def _write(
    ax: Axes, head: str, cells: Sequence[str], y: float, fills: Sequence[str | None], places: Sequence[int]
) -> None:
    """Write a row of cells at their places, some in coloured boxes."""
    ax.text(-0.7, y, head, ha="right", va="center", fontsize=9)
    for place, cell, fill in zip(places, cells, fills, strict=True):
        box = None if fill is None else {"boxstyle": "square,pad=0.25", "facecolor": fill, "edgecolor": "black"}
        ax.text(place, y, cell, ha="center", va="center", fontsize=12, bbox=box)
