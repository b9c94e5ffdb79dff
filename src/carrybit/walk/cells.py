"""Cells: numbers as small bars and shades, in characters that need no colour."""

from __future__ import annotations

import math

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.caption import Caption
from carrybit.params import Array
from carrybit.shell import visible

BARS = "▁▂▃▄▅▆▇█"
HANGING = "▔▀█"  # the fonts that hang bars in eighths are few
SHADES = "░▒▓█"
EVERY = slice(None)
NOTHING, NO_NUMBER = "·", "?"


def bars(sizes: Array) -> str:
    """Return a bar for each number from 0 to 1 of a float array (N,)."""
    return "".join(NO_NUMBER if np.isnan(size) else BARS[_level(size, BARS)] for size in sizes)


def rising(numbers: Array) -> tuple[str, str]:
    """Return two lines for numbers from -1 to 1 (N,): what is above zero stands up, what is below hangs down."""
    above = "".join(
        NO_NUMBER if np.isnan(n) else BARS[_level(n, BARS)] if n > 0 else NOTHING if n == 0 else " " for n in numbers
    )
    return above, "".join(HANGING[_level(-n, HANGING)] if n < 0 else " " for n in numbers)


def shades(sizes: Array) -> str:
    """Return a shade for each number from 0 to 1 of a float array (N,); a dot where it is exactly 0."""
    return "".join(NO_NUMBER if np.isnan(size) else SHADES[_level(size, SHADES)] if size else NOTHING for size in sizes)


def _level(size: float, marks: str) -> int:
    return max(0, math.ceil(max(0.0, min(1.0, float(size))) * len(marks)) - 1)


def blocks(matrix: Array, rows: int, columns: int) -> Array:
    """Return the largest sizes in the blocks of a float array (R, C): at most (rows, columns) of them."""
    sizes = np.abs(matrix)
    for axis, most in enumerate((rows, columns)):
        if sizes.shape[axis] > most:
            edges = np.linspace(0, sizes.shape[axis], most, endpoint=False).astype(int)
            sizes = np.maximum.reduceat(sizes, edges, axis=axis)
    return sizes


def scaled(numbers: Array, largest: float | None = None) -> Array:
    """Return numbers over the largest of them; a row of zeros stays one, and infinity is the largest."""
    with np.errstate(all="ignore"):
        most = np.nanmax(np.abs(numbers), initial=0) if largest is None else largest
        if np.isinf(most):
            return np.where(np.isnan(numbers), np.nan, np.where(np.isinf(numbers), np.sign(numbers), 0))
        return numbers / most if most > 0 else numbers * 0.0


def heights(layer_1: Array, activation: str, largest: float) -> Array:
    """Return layer_1 (..., H) as heights from 0 to 1: over what its values lie between, or over the largest."""
    low, high = ACTIVATIONS[activation].low, ACTIVATIONS[activation].high
    return (layer_1 - low) / (high - low) if np.isfinite(high) else scaled(layer_1, largest)


def table(caption: Caption, steps: slice = EVERY) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is read and what there is to remember before each of some steps, safe to be shown: (head, cells)."""
    rows = [(head, cells[steps]) for head, cells in caption.rows]
    if caption.states:
        rows.append((caption.memory or "memory", caption.remembered[:-1][steps]))
    return [(visible(head), tuple(map(visible, cells))) for head, cells in rows]
