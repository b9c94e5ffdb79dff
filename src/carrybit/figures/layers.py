"""The hidden layer through time: every unit at every step as a shade, under what there is to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carrybit.caption import Caption
from carrybit.figures import columns, scales, signs
from carrybit.figures.columns import clear
from carrybit.figures.hues import QUIET, yellow
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_STEPS, MOST_UNITS = 1_000, 512
MOST_WRITTEN = 40  # steps with what is read and answered above and below them
MOST_NAMED = 40  # units
ROW, FRAME = 0.27, 2.2  # inches: of a row of text, and of all that stands above and below the shades


def size(trace: Trace) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    return min(4 + 0.45 * trace.time, 14), min(2.4 + 0.16 * trace.spec.hidden_dim, 9)


def draw_layers(trace: Trace, ax: Axes) -> Axes:
    """Draw layer_1 of the first sequence, T+1 columns of H shades, with what there is to remember on top.

    The column before any input is apart from the others. What is read and answered is written where there is room,
    which is up to 40 steps; of longer sequences some steps are numbered.

    Parameters
    ----------
    trace : Trace
    ax : Axes

    Returns
    -------
    ax : the same Axes

    Raises
    ------
    UsageError
        More than 1,000 steps, or more than 512 units.
    """
    steps, hidden_dim, caption = trace.time, trace.spec.hidden_dim, trace.caption
    columns.refuse("steps", steps, MOST_STEPS, "a shorter question")
    columns.refuse("hidden units", hidden_dim, MOST_UNITS, "a smaller network")
    first, *rest = _xs(caption, steps)
    left = min(first, *rest)
    layer_1 = trace.layer_1[0].T  # (H, T+1)
    shades = layer_1[:, ::-1] if caption.is_read_backwards else layer_1
    low, high = scales.shades(trace.spec.activation, trace.layer_1[0])
    extent = (left - 0.5, left + steps + 0.5, hidden_dim - 0.5, -0.5)
    image = ax.imshow(shades, aspect="auto", cmap="cividis", vmin=low, vmax=high, extent=extent, interpolation="none")
    ax.figure.colorbar(image, ax=ax, shrink=0.6, pad=0.015, label=f"layer_1 ({trace.spec.activation})")
    ax.plot([(first + rest[0]) / 2] * 2, [-0.5, hidden_dim - 0.5], color="white", linewidth=4)

    gap = ROW * hidden_dim / max(columns.inches(ax)[1] - FRAME, 1)
    top = -0.5 - 0.7 * gap
    is_written = steps <= MOST_WRITTEN
    if caption.states:
        _draw_states(caption, [first, *rest], top, gap, is_written, ax)
        top -= 1.15 * gap
    if is_written:
        inches = 0.7 * columns.inches(ax)[0] / (steps + 1)
        for head, cells in caption.rows[::-1]:
            columns.write(ax, head, cells, rest, top, head_x=left - 0.7, size=columns.letters(cells, inches))
            top -= gap
        below = hidden_dim - 0.5 + 0.7 * gap
        answers = columns.answers(caption, told=signs.WRONG)
        columns.write(ax, "answer", answers, rest, below, head_x=left - 0.7, size=columns.letters(answers, inches))
    numbered = columns.ticks(steps)
    numbered = numbered if is_written else numbered[1:]  # the first would lie on "before"
    ax.set_xticks([first, *(rest[t] for t in numbered)], ["before", *map(str, numbered)], fontsize=8)
    if hidden_dim <= MOST_NAMED:
        ax.set_yticks(range(hidden_dim), [f"unit {unit}" for unit in range(hidden_dim)], fontsize=6)
    else:
        ax.set_yticks(columns.ticks(hidden_dim), [f"unit {unit}" for unit in columns.ticks(hidden_dim)], fontsize=7)
    bottom = hidden_dim - 0.5 + (1.3 * gap if is_written else 0)
    ax.set(xlim=extent[:2], ylim=(bottom, top + 0.2 * gap), xlabel=columns.time_runs(caption))
    ax.tick_params(length=0)
    ax.set_title(signs.seen(caption.title), parse_math=False)
    clear(ax)
    return ax


def _xs(caption: Caption, steps: int) -> list[float]:
    """Return where each row of layer_1 stands, the one before any input a little apart from nothing."""
    return [columns.beginning(caption, steps), *columns.places(caption, steps)]


def _draw_states(caption: Caption, xs: list[float], y: float, gap: float, is_written: bool, ax: Axes) -> None:
    """Draw what there is to remember as a row of boxes, from white for the first that occurs to darker yellow."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    states = caption.remembered
    names = list(dict.fromkeys(states))
    kinds = np.array([names.index(state) for state in states])
    boxes = [Rectangle((x - 0.5, y - 0.45 * gap), 1, 0.9 * gap) for x in xs]
    thin = 0.8 if is_written else 0.0
    row = PatchCollection(boxes, cmap=yellow(), edgecolor="black" if is_written else "none", linewidth=thin)
    row.set_array(kinds)
    row.set_clim(0, 1.5 * max(len(names) - 1, 1))  # so that the last is the yellow of the tutorial
    ax.add_collection(row)
    head_x = min(xs) - 0.7
    if is_written:
        inches = 0.7 * columns.inches(ax)[0] / len(xs)
        columns.write(ax, caption.memory, states, xs, y, head_x=head_x, size=columns.letters(states, inches))
    else:
        ax.text(head_x, y, caption.memory, ha="right", va="center", fontsize=9, parse_math=False)
        named = f"white: {names[0]}, yellow: {names[-1]}" if len(names) > 1 else f"always {names[0]}"
        ax.text(min(xs) - 0.5, y - 0.75 * gap, named, va="bottom", fontsize=7, color=QUIET, parse_math=False)
