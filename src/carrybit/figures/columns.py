"""Columns: a column for each step of a sequence, on the side where a person would write it, and rows of text on them.

Nothing here takes a trace apart: a caption says what is written, and the number of steps where.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from carrybit.caption import Caption, sign
from carrybit.errors import UsageError
from carrybit.figures.signs import RIGHT, WRONG, cut, seen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST, LONGEST_HEAD = 16, 24  # letters of a cell, and of the head of a row; of a longer one the first are shown
MOST_TICKS = 24


def places(caption: Caption, steps: int) -> list[int]:
    """Return where each step stands, counted from the left: the first step of a number stands on the right."""
    return list(range(steps))[::-1] if caption.is_read_backwards else list(range(steps))


def beginning(caption: Caption, steps: int) -> int:
    """Return where the memory before any input stands: beside the first step, on the side that time comes from."""
    return steps if caption.is_read_backwards else -1


def time_runs(caption: Caption) -> str:
    """Return what is written below columns: "step" or the reason why the first stands on the right."""
    return f"{caption.step}; time runs to the {'left' if caption.is_read_backwards else 'right'}"


def read_at(caption: Caption, step: int) -> str:
    """Return what is read at a step, all rows of it."""
    return " ".join(shown(cells[step]) for _, cells in caption.rows)


def answers(caption: Caption, told: str = RIGHT + WRONG) -> list[str]:
    """Return a cell for the answer of each step, with its sign if that is one of those told; the sign is never cut."""
    judged = zip(caption.answers, map(sign, caption.right), strict=True)
    return [f"{cut(seen(said), LONGEST - 2)} {mark if mark in told else ''}".rstrip() for said, mark in judged]


def shown(cell: str) -> str:
    """Return a cell as it can be drawn: not too long, and a space as something to be seen."""
    return cut(seen(cell), LONGEST)


def shown_head(head: str) -> str:
    """Return the head of a row, not too long."""
    return cut(seen(head), LONGEST_HEAD)


def write(
    ax: Axes,
    head: str,
    cells: Sequence[str],
    xs: Sequence[float],
    y: float,
    *,
    head_x: float,
    size: float = 11,
) -> None:
    """Write a row: its head at the left, and a cell at each place."""
    ax.text(head_x, y, shown_head(head), ha="right", va="center", fontsize=9, parse_math=False)
    for x, cell in zip(xs, cells, strict=True):
        if cell:
            ax.text(x, y, shown(cell), ha="center", va="center", fontsize=size, parse_math=False)


def letters(cells: Sequence[str], inches: float, largest: float = 11) -> float:
    """Return the size of letters, in points, with which the longest cell fits a column of so many inches."""
    longest = max((len(shown(cell)) for cell in cells), default=1)
    return max(4.0, min(largest, 72 * 0.9 * inches / (0.62 * max(longest, 1))))


def ticks(steps: int, most: int = MOST_TICKS) -> list[int]:
    """Return the steps that bear a number: all of a few, else every 2nd, 5th, 10th, ..."""
    apart = next(a * 10**p for p in range(9) for a in (1, 2, 5) if steps <= most * a * 10**p)
    return list(range(0, steps, apart))


def inches(ax: Axes) -> tuple[float, float]:
    """Return how wide and high the whole figure is."""
    return float(ax.figure.bbox.width / ax.figure.dpi), float(ax.figure.bbox.height / ax.figure.dpi)


def clear(ax: Axes, *sides: str) -> None:
    """Take the frame away from some sides of the axes, or from all."""
    ax.spines[list(sides or ("left", "right", "top", "bottom"))].set_visible(False)


def refuse(what: str, count: int, most: int, instead: str) -> None:
    """Raise a UsageError if there is more than a figure can show and still be read."""
    if count > most:
        raise UsageError(f"a figure of {count:,} {what}", f"at most {most:,} {what}", instead)
