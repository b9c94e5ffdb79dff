"""The space of hidden states: where many sequences lead the memory, marked by what there is to remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrybit.figures import columns
from carrybit.figures.columns import clear
from carrybit.figures.hues import HUES, MARKERS
from carrybit.projection import Projection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_STATES, MOST_POINTS = 40, 100_000
MOST_WAYS = 200  # sequences whose way is drawn as a line
WAY = "#9a9a9a"


def size(projection: Projection) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    return (7.6 if len(projection.names) <= 20 else 9.2), 5.6


def draw_space(projection: Projection, ax: Axes) -> Axes:
    """Draw every hidden state as a point, and the ways of up to 200 sequences from one to the next as thin lines.

    Each thing there is to remember has a hue and a marker of its own; a star marks where all sequences begin.

    Parameters
    ----------
    projection : Projection
    ax : Axes

    Returns
    -------
    ax : the same Axes

    Raises
    ------
    UsageError
        More than 40 states, or more than 100,000 points.
    """
    points, states = projection.points, projection.states
    columns.refuse("states to tell apart", len(projection.names), MOST_STATES, "draw a task that remembers less")
    columns.refuse("hidden states", states.size, MOST_POINTS, "watch fewer or shorter sequences")
    for way in points[:MOST_WAYS]:
        ax.plot(way[:, 0], way[:, 1], "-", color=WAY, linewidth=0.5, alpha=0.35, zorder=1)
    for kind, name in enumerate(projection.names or ("hidden states",)):
        x, y = points[:, 1:][states[:, 1:] == kind].T
        marker = MARKERS[kind % len(MARKERS)]
        colour = HUES[(1 - kind) % len(HUES)]  # so that a carry, the second, is the warm one of the first two
        label = columns.shown_head(name)
        ax.scatter(
            x, y, 26, colour, marker=marker, edgecolors="black", linewidths=0.5, alpha=0.85, label=label, zorder=2
        )
    ax.scatter(
        points[:, 0, 0],
        points[:, 0, 1],
        170,
        "white",
        marker="*",
        edgecolors="black",
        label="before any input",
        zorder=3,
    )
    first, second = 100 * projection.explained
    ax.set_xlabel(f"first principal component of layer_1 ({first:.0f} % of the variance)")
    ax.set_ylabel(f"second ({second:.0f} %)")
    of_what = f", by {projection.memory}" if projection.memory else ""
    count, steps = points.shape[0], points.shape[1] - 1
    sequences = "1 sequence" if count == 1 else f"{count} sequences"
    ax.set_title(f"the hidden states of {sequences} of {steps} steps{of_what}", fontsize=11, parse_math=False)
    legend = ax.legend(
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        fontsize=8,
        title="to remember after the step" if projection.names else None,
        ncols=1 + len(projection.names) // 20,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    clear(ax, "top", "right")
    return ax
