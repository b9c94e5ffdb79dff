"""Intervals: how far a share or a median of a few trials can be trusted, at 95 %.

Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference"; for the median, order
statistics and the binomial distribution (Conover 1999, section 3.2), which assumes nothing about the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Z = 1.959963984540054  # 97.5 % of a normal distribution lie below
TAIL = 0.025


def share(hits: int, trials: int) -> tuple[float, float]:
    """Return the interval for a probability, from so many hits in so many trials; (0, 1) without any trial."""
    if trials == 0:
        return 0.0, 1.0
    found, room = hits / trials, Z * Z / trials
    middle = (found + room / 2) / (1 + room)
    half = Z * math.sqrt(found * (1 - found) / trials + room / (4 * trials)) / (1 + room)
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == trials else middle + half)


def median(numbers: Sequence[float]) -> tuple[float, float]:
    """Return the interval for a median: two of the numbers, the least and the greatest where they are few."""
    ordered, n = sorted(numbers), len(numbers)
    if not ordered:
        return math.nan, math.nan
    below, rank = 0.0, 0  # rank: how many numbers may be left out at either end
    while rank < n // 2:
        log_chance = math.lgamma(n + 1) - math.lgamma(rank + 1) - math.lgamma(n - rank + 1) - n * math.log(2)
        below += math.exp(log_chance)
        if below > TAIL:
            break
        rank += 1
    lowest = max(rank - 1, 0)
    return ordered[lowest], ordered[n - 1 - lowest]
