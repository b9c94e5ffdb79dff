"""Scales: where shades and axes begin and end. A network may leave the finite numbers; a scale never does."""

from __future__ import annotations

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.params import Array


def size(numbers: Array) -> float:
    """Return the largest size of numbers that are finite: what a scale has to reach to."""
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def relative(numbers: Array) -> Array:
    """Return numbers beside the largest that is finite, -1 to 1; an infinite one is as large, and NaN is nothing."""
    return within(numbers / (size(numbers) or 1.0), -1, 1)


def within(numbers: Array, low: float, high: float) -> Array:
    """Return numbers as they can be drawn: an infinite one reaches to the end of its scale, and NaN is nothing."""
    return np.nan_to_num(numbers, posinf=high, neginf=low)


def ends(*layers: Array) -> tuple[float, float]:
    """Return where a scale begins and ends: 0 and 1, or as far out as there are finite numbers."""
    finite = [layer[np.isfinite(layer)] for layer in layers]
    low, high = min(each.min(initial=0.0) for each in finite), max(each.max(initial=1.0) for each in finite)
    return float(low), float(high)


def shades(activation: str, layer_1: Array) -> tuple[float, float]:
    """Return where the shades of a hidden layer begin and end: where its activation does, if it does."""
    _, _, low, high = ACTIVATIONS[activation]
    return low, high if np.isfinite(high) else ends(layer_1)[1]
