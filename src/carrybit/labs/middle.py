"""Middle: what a few networks of different seeds amount to: their median, and how far it can be trusted."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from carrybit import intervals


class Middle(NamedTuple):
    """A median, and its interval of 95 %."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(numbers: Sequence[float]) -> Middle:
        """Return the middle of some numbers; six are the fewest whose interval is one of 95 %."""
        return Middle(statistics.median(numbers), *intervals.median(numbers))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"
