"""Numbers as a person reads them: short, and sums of many terms with the largest written out and a true rest."""

from __future__ import annotations

import math
from typing import SupportsFloat

import numpy as np

from carrybit.params import Array

DIGITS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


def short(number: SupportsFloat) -> str:
    """Return a number with three digits: ``0.849``, ``1730``, ``-2.1e-07``."""
    value = float(number)
    if 1000 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value + 0.0:.3g}"  # + 0.0, so that there is no -0


def exact(value: float) -> str:
    """Return a short number that, close to 1, has the digits that tell how close: ``0.999264``."""
    far = 1 - abs(float(value))
    return f"{float(value):.{min(9, 2 - math.floor(math.log10(far)))}f}" if 0 < far < 0.01 else short(value)


def enclosed(number: SupportsFloat) -> str:
    """Return a short number, in brackets if it has a sign: ``(-3.21)``."""
    text = short(number)
    return f"({text})" if text.startswith("-") else text


def long(number: float) -> str:
    """Return a number with the digits that tell two nearly equal ones apart."""
    return f"{float(number) + 0.0:.7g}"


def below(number: int) -> str:
    """Return an index as it stands below a letter of a formula: h₁₂."""
    return str(number).translate(DIGITS)


def written(factors: Array, weights: Array, most: int, always: int = 0) -> str:
    """Write Σ factors · weights: ``1·(-3.21) + 0.98·2.1 + … (12 more: 0.31)``.

    Parameters
    ----------
    factors, weights : float arrays (N,)
    most : int
        How many terms are written, the largest; they keep their places.
    always : int
        So many at the beginning are written whatever they are.

    Returns
    -------
    sum : str
        What is left out is there as one number, so the sum is true.
    """
    factors, weights = factors.astype(np.float64), weights.astype(np.float64)
    with np.errstate(all="ignore"):  # a network that overflows is shown as it is
        products = factors * weights
        largest = np.argsort(-np.abs(products[always:]), kind="stable")[:most] + always
        kept = sorted({*range(always), *(k for k in largest.tolist() if products[k])})
        if len(kept) == len(products) - 1:  # one more term is no longer than a rest
            kept = list(range(len(products)))
        rest = np.delete(products, kept)
        left = rest.sum()
    terms = [f"{short(factors[k])}·{enclosed(weights[k])}" for k in kept]
    if len(rest):
        terms.append(f"… ({len(rest)} more: {short(left)})")
    return " + ".join(terms) or "0"
