"""The states of a machine and the moves between them, as circles and arrows."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures.hues import ink_on
from carrybit.figures.sketch import LABEL, MOST_NAMED, NAME, Sketch, sketch
from carrybit.machines.machine import Machine
from carrybit.params import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.typing import ColorType

LEAST_WIDTH, PAD = 4.0, 0.1  # inches, of a figure and around what is in it
TITLE, LINE = 0.15, 0.17  # inches above the states, and more for each line of the title
LETTER = 0.08  # inches, of a title


def size(machine: Machine, asked: Array | None = None) -> tuple[float, float]:
    """Return the inches (width, height) of a figure in which the letters have their full size."""
    plan = sketch(machine, asked)
    low, high = plan.corners()
    width, height = high - low
    lines = 1 + _title(machine, plan).count("\n")
    return max(width, LEAST_WIDTH) + PAD, height + TITLE + LINE * lines + PAD


def draw_machine(
    machine: Machine, ax: Axes, asked: Array | None = None, colours: Sequence[ColorType] | None = None
) -> Axes:
    """Draw the states of a machine as circles, and its moves as arrows that say "symbols / answer".

    States that are never left are dashed, or in a large machine left out with the moves that lead there. Names and
    labels are left out of a very large machine. Letters shrink to fit the axes; `size` says when they need not.

    Parameters
    ----------
    machine : Machine
    ax : Axes
    asked : bool array (S, A), or None for all
        Which symbols may come in which state; only moves on those are drawn.
    colours : sequence of S colours, or None for white
        Of the circles.

    Returns
    -------
    ax : the same Axes
    """
    plan = sketch(machine, asked)
    low, high = plan.corners()
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", anchor="N")
    ax.set_title(_title(machine, plan), fontsize=10, parse_math=False)
    ax.set_axis_off()
    scale = _scale(ax, high - low)
    for curve in (plan.start, *plan.arrows):
        _draw_arrow(curve, scale, ax)
    for state, name in enumerate(plan.names):
        if name is not None:
            is_left = state == machine.start or bool((machine.moves[state] != state).any())
            colour = "white" if colours is None else colours[state]
            _draw_state(plan.centres[state], plan.radius, name, is_left, scale, ax, colour)
    for text, centre in plan.labels:
        _write(text, centre, LABEL * scale, ax)
    return ax


def _title(machine: Machine, plan: Sketch) -> str:
    states = len(machine.states)
    title = f"{states:,} state" + "s" * (states > 1)
    title += "; an arrow says symbols / answer" if states <= MOST_NAMED else ", too many for names and labels"
    quiet = " or ".join(f"{machine.states[state]} / {machine.answers[answer]}" for state, answer in plan.quiet)
    low, high = plan.corners()
    letters = int(max(high[0] - low[0], LEAST_WIDTH) / LETTER)
    told = textwrap.wrap(f"moves that are not drawn lead to {quiet}", letters, max_lines=3, placeholder=" …")
    return "\n".join([title, *(told if quiet else [])])


def _scale(ax: Axes, span: Array) -> float:
    """How large an inch of the sketch is on the axes, at most 1, once the figure's layout is settled."""
    ax.figure.canvas.figure.draw_without_rendering()
    box = ax.get_window_extent()
    return float(min(1, *(np.array([box.width, box.height]) / ax.figure.dpi / span)))


def _draw_arrow(curve: Array, scale: float, ax: Axes) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    codes = [Path.MOVETO, *[{2: Path.LINETO, 3: Path.CURVE3, 4: Path.CURVE4}[len(curve)]] * (len(curve) - 1)]
    ax.add_patch(
        FancyArrowPatch(
            path=Path(curve, codes),
            arrowstyle="-|>,head_length=0.4,head_width=0.16",
            mutation_scale=12 * scale,
            linewidth=0.9 * scale,
            color="black",
            zorder=1,
        )
    )


def _draw_state(
    centre: Array, radius: float, name: str, is_left: bool, scale: float, ax: Axes, colour: ColorType
) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Circle

    look: dict[str, Any] = {"edgecolor": "black", "linestyle": "-" if is_left else "--", "linewidth": 1.2 * scale}
    ax.add_patch(Circle(tuple(centre), radius, facecolor=colour, **look, zorder=2))
    _write(name, centre, NAME * scale, ax, on=to_rgb(colour))


def _write(text: str, centre: Array, points: float, ax: Axes, on: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> None:
    """Write words as they stand, in the middle of a box of the colour that they stand on."""
    if text:
        box = {"boxstyle": "square,pad=0.1", "facecolor": on, "edgecolor": "none"}
        look: dict[str, Any] = {"fontsize": points, "color": ink_on(on), "bbox": box, "zorder": 3, "parse_math": False}
        x, y = centre
        ax.text(x, y, text, ha="center", va="center", **look)
