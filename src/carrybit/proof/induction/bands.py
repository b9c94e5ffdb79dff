"""Bands: an activation between two parallel lines, over a whole range of arguments."""

from __future__ import annotations

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.params import Array

NARROW = 1e-6  # a range in which a chord would be all rounding: there the slope in the middle serves as well
TINY = 1e-300
SLACK = 2.0**-48  # NumPy's exp and tanh are right to 2^-51 of their value; the rest is for the sums here


def band(name: str, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Return parallel lines that an activation stays between: ``slope * z + below <= f(z) <= slope * z + above``.

    The slope is the chord's. f(z) - slope * z is extreme at an end of the range, or where f has that slope itself,
    which is found in closed form. The lines are a little farther apart than that: by more than rounding amounts to.

    Parameters
    ----------
    name : {"sigmoid", "tanh", "relu"}
    low, high : float arrays (...), low <= high
        The ranges of z.

    Returns
    -------
    slope, below, above : float arrays (...)
    """
    f = ACTIVATIONS[name].value
    at_low, at_high = f(low), f(high)
    wide = high - low > NARROW
    slope = np.where(wide, (at_high - at_low) / np.where(wide, high - low, 1), _slope(name, (low + high) / 2))
    slope = np.maximum(slope, 0)  # any slope is right, and those who use it count on one that is not below 0
    turning = _turning(name, slope)
    ends = [at_low - slope * low, at_high - slope * high]
    inner = [f(z) - slope * z for z in (np.clip(turn, low, high) for turn in turning)]
    gaps = [*ends, *inner]
    farthest = np.maximum(np.abs(low), np.abs(high))
    slack = SLACK * (1 + slope * farthest + (farthest if name == "relu" else 0))
    return slope, np.minimum.reduce(gaps) - slack, np.maximum.reduce(gaps) + slack


def _slope(name: str, z: Array) -> Array:
    activation = ACTIVATIONS[name]
    return activation.slope(activation.value(z))


def _turning(name: str, slope: Array) -> tuple[Array, ...]:
    """Return where f has this slope: f(z) - slope * z is flat there, so that these need not be exact."""
    if name == "relu":
        return (np.zeros_like(slope),)
    flat = np.maximum(slope, TINY)
    if name == "tanh":  # 1 - y² = slope
        y = np.sqrt(np.maximum(1 - flat, 0))
        z = np.log((1 + y) ** 2 / flat) / 2
    else:  # y (1 - y) = slope
        y = 0.5 + np.sqrt(np.maximum(0.25 - flat, 0))
        z = np.log(y * y / flat)
    return z, -z
