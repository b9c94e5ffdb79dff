"""Marks: words, boxes, arrows and cells on the axes of a film, whose unit is an inch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures.hues import FAINT, QUIET
from carrybit.figures.signs import cut

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE, SMALL = 15, 8  # points
LETTER, LEAST = 0.64, 5.5  # how wide a letter is, of its size; the least size, in points
Box = tuple[float, float, float, float]


def write(ax: Axes, x: float, y: float, text: str, fontsize: float = 11, **look: Any) -> Any:
    """Write words as they stand, in the middle unless told otherwise."""
    where: dict[str, Any] = {"ha": "center", "va": "center_baseline", "parse_math": False}
    return ax.text(x, y, text, fontsize=fontsize, **(where | look))


def box(ax: Axes, where: Box, **look: Any) -> Any:
    """Draw a rectangle."""
    from matplotlib.patches import Rectangle

    left, bottom, right, top = where
    return ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, **({"linewidth": 0.8} | look)))


def arrow(ax: Axes, source: tuple[float, float], target: tuple[float, float], **other: Any) -> Any:
    """Draw an arrow."""
    from matplotlib.patches import FancyArrowPatch

    look: dict[str, Any] = {"color": QUIET, "linewidth": 1.4, "mutation_scale": 10, "shrinkA": 0, "shrinkB": 0, **other}
    return ax.add_patch(FancyArrowPatch(source, target, arrowstyle="-|>", **look))


def cells(ax: Axes, where: Box, values: Any, **look: Any) -> Any:
    """Draw a matrix as cells that fill a box, the first row at the top."""
    left, bottom, right, top = where
    rows, columns = values.shape
    line = min(1.0, 10 * (top - bottom) / rows, 10 * (right - left) / columns)  # thin cells keep their shade
    look = {"edgecolors": FAINT, "linewidth": line / 2 if line > 0.4 else 0} | look
    return ax.pcolormesh(np.linspace(left, right, columns + 1), np.linspace(top, bottom, rows + 1), values, **look)


def fit(where: Box, text: str, most: float, end: str = "") -> dict[str, Any]:
    """Return a text and letters that are so small that it fits into the width of a box, or else is cut.

    Its end is never cut; where there is room for little more, it stands alone.
    """
    left, _, right, _ = where
    letters = 72 * (right - left - 0.04) / LETTER  # of one point each
    room = int(letters / LEAST) - len(end)
    lines = [cut(line, max(1, room)) for line in text.split("\n")]
    text = "\n".join(lines) + end if room > 1 or not end else end.strip()
    return {"text": text, "fontsize": min(most, letters / max(map(len, [*text.split("\n"), " "])))}
