"""Balls: numbers of which it is known for certain how far off they can be; for the check of a certificate.

A ball of Arb is a number and a radius, and every operation enlarges the radius by whatever was rounded.

Source: Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from carrybit.errors import UsageError
from carrybit.params import Array

NARROW = 1e-6  # a range in which a chord would be all rounding: there the slope at an end serves as well
Balls = Any  # arb or arb_mat: python-flint has no types


def between_lines(name: str, low: Balls, high: Balls) -> tuple[Balls, Balls, Balls]:
    """Put an activation between two lines of one slope, from ``low`` to ``high``.

    The difference f(z) - slope z is greatest and least at an end, or where f has that slope itself. Any slope is right.

    Returns
    -------
    slope, beside, size : balls
        f(z) - slope z is in ``beside``, and f(z) is not farther from 0 than ``size``.
    """
    arb = library().arb
    f = _CURVES[name]
    at_low, at_high = f(low), f(high)
    chord = (at_high - at_low) / (high - low) if high - low > NARROW else _steepness(name, at_low)
    slope = arb(float(chord.mid()))
    beside = (at_low - slope * low).union(at_high - slope * high)
    for z in _turns(name, slope):
        if not (z < low or z > high):
            beside = beside.union(f(z) - slope * z)
    return slope, beside, abs(at_low).max(abs(at_high)).upper()


def _steepness(name: str, value: Balls) -> Balls:
    """Return the slope of an activation where it has a value."""
    if name == "relu":
        return library().arb(1 if value > 0 else 0)
    return value * (1 - value) if name == "sigmoid" else 1 - value * value


def _turns(name: str, slope: Balls) -> Sequence[Balls]:
    """Return all z at which an activation may have a slope; there is none where it is steeper, or not above 0."""
    if name == "relu":
        return [0 * slope]
    if not slope > 0 or not slope < (0.25 if name == "sigmoid" else 1):
        return []
    if name == "sigmoid":  # y (1 - y) = slope
        y = (1 + (1 - 4 * slope).sqrt()) / 2
        z = (y * y / slope).log()
    else:  # 1 - y² = slope
        y = (1 - slope).sqrt()
        z = ((1 + y) ** 2 / slope).log() / 2
    return [z, -z]


_CURVES: dict[str, Callable[[Balls], Balls]] = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: z.tanh(),
    "relu": lambda z: z.max(0 * z),
}


def row_sums(parts: list[Balls], rows: int) -> list[Balls]:
    """Return the sums of the sizes of the numbers in each row of some matrices side by side."""
    tables = [part.table() for part in parts]
    return [sum(map(abs, chain.from_iterable(table[row] for table in tables))) for row in range(rows)]


def below(ball: Balls) -> float:
    """Return a float that is not above any number of a ball."""
    return float(np.nextafter(float(ball.lower()), -np.inf))


def matrix_of(array: Array) -> Balls:
    """Return floats as the numbers that they stand for."""
    arb = library()
    return arb.arb_mat([[arb.arb(float(x)) for x in row] for row in array])


def library() -> Any:
    """Return python-flint; UsageError if it is not installed."""
    try:
        import flint
    except ImportError as error:
        raise UsageError(
            "a check in ball arithmetic without python-flint", "python-flint", "pip install 'carrybit[check]'"
        ) from error
    return flint
