"""Dial: one setting turned through some values, and how soon networks are exact at each.

A network that is not exact when its updates run out counts as one that takes for ever: every median is over all
networks, and is "never" where half of them are not exact in time. Two values are compared seed by seed: one is clearly
sooner than another if it comes first at so many of the seeds that tell them apart that the interval of this share lies
above one half (a sign test).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from carrybit import intervals
from carrybit.labs.lab import Listing
from carrybit.table import Table

HEADS = ("exact", "share (95 %)", "half of all after (95 %)", "sooner at the best", "diverged")


class Notch(NamedTuple):
    """What became of the networks at one value of the setting.

    value    : of the setting
    after    : updates, or seconds, until each network was exact, seed by seed; infinite for one that never was
    diverged : how many networks left the finite numbers
    """

    value: float
    after: tuple[float, ...]
    diverged: int = 0

    @property
    def exact(self) -> int:
        """How many networks became exact."""
        return sum(math.isfinite(each) for each in self.after)

    @property
    def share(self) -> tuple[float, float, float]:
        """The share of networks that became exact, and its interval."""
        return self.exact / len(self.after), *intervals.share(self.exact, len(self.after))

    @property
    def median(self) -> tuple[float, float, float]:
        """After how long half of all networks were exact, and its interval; infinite for never."""
        return statistics.median(self.after), *intervals.median(self.after)

    def scaled(self, factor: float) -> Notch:
        """Return the same with other units: updates times seconds an update, say."""
        return self._replace(after=tuple(factor * each for each in self.after))

    def about(self) -> dict[str, Any]:
        """Return everything that is drawn, as JSON has it: None for never."""
        return {
            "value": self.value,
            "after": [each if math.isfinite(each) else None for each in self.after],
            "median": [each if math.isfinite(each) else None for each in self.median],
            "share": list(self.share),
            "never": len(self.after) - self.exact,
            "diverged": self.diverged,
        }


def notches(table: Table) -> list[Notch]:
    """Return what a sweep over one setting found, value by value."""
    ((setting, values),) = table.plan.grid.items()
    return [_notch(value, [row for row in table.rows if row[setting] == value]) for value in values]


def _notch(value: float, rows: Sequence[dict[str, Any]]) -> Notch:
    after = tuple(math.inf if row["exact_after"] is None else row["exact_after"] for row in rows)
    return Notch(value, after, sum(row["fate"] == "diverged" for row in rows))


def wins(one: Notch, other: Notch) -> tuple[int, int]:
    """Return at how many seeds one is exact sooner than the other, and how many seeds tell them apart at all."""
    pairs = [pair for pair in zip(one.after, other.after, strict=True) if pair[0] != pair[1]]
    return sum(mine < theirs for mine, theirs in pairs), len(pairs)


def is_sooner(one: Notch, other: Notch) -> bool:
    """Whether one is clearly sooner than the other."""
    return intervals.share(*wins(one, other))[0] > 0.5


def best(found: Sequence[Notch]) -> Notch:
    """Return the value at which half of all networks are exact first; of equals, the one with more that are."""
    return min(found, key=lambda notch: (notch.median[0], -notch.exact))


def equals(found: Sequence[Notch]) -> list[Notch]:
    """Return all values but the best that the best is not clearly sooner than."""
    first = best(found)
    return [notch for notch in found if notch is not first and not is_sooner(first, notch)]


def judge(found: Sequence[Notch], value: float) -> tuple[bool, str]:
    """Return whether a value is the best, or one that the best is not clearly sooner than; and why, in sentences."""
    first, ours = best(found), next(notch for notch in found if notch.value == value)
    if first.exact == 0:
        return False, "no network was exact in time, whatever the value."
    if ours is first:
        when = _when(ours, "updates")
        return True, f"at {value:g}, half of the networks are exact {when}, before all others. {like(found)}"
    holds = ours in equals(found)
    doubt = f"as far as {len(ours.after)} seeds can tell, " if holds else ""
    return holds, f"{doubt}{compared(first, ours)} {like(found)}"


def compared(first: Notch, other: Notch, unit: str = "updates", noun: str = "") -> str:
    """Return how the best does beside another, in a sentence; ``noun`` follows a value, if it is a number of things."""
    won, of = wins(first, other)
    return (
        f"at {first.value:g}{noun}, half of the networks are exact {_when(first, unit)}, at {other.value:g} "
        f"{_when(other)}; of {of} seeds that tell them apart, {won} are sooner at {first.value:g}; "
        f"in the end, {first.exact} and {other.exact} of {len(first.after)} are exact."
    )


def like(found: Sequence[Notch]) -> str:
    """Return which values the best is not clearly sooner than."""
    first, others = best(found), [f"{notch.value:g}" for notch in equals(found)]
    if not others:
        return f"{first.value:g} is clearly sooner than every other."
    return f"Not clearly later than {first.value:g}: {', '.join(others)}."


def listing(title: str, head: str, found: Sequence[Notch], limit: int) -> Listing:
    """Return a table with a row for each value, under ``head``; what is not exact after ``limit`` updates never is."""
    first = best(found)
    rows = [
        (
            f"{notch.value:g}",
            f"{notch.exact} of {len(notch.after)}",
            "{:.0%} ({:.0%} to {:.0%})".format(*notch.share),
            half(notch),
            None if notch is first else "{} of {}".format(*wins(first, notch)),
            notch.diverged,
        )
        for notch in found
    ]
    return Listing(f"{title} (never: not in {limit:,})", (head, *HEADS), tuple(rows))


def half(notch: Notch) -> str:
    """Return "7,500 (7,000 to 8,000)": after how long half of all networks were exact."""
    middle, low, high = map(_number, notch.median)
    return middle if low == middle == high else f"{middle} ({low} to {high})"


def _when(notch: Notch, unit: str = "") -> str:
    """Return "after 7,500 (7,000 to 8,000) updates", or "never"."""
    return "never" if math.isinf(notch.median[0]) else f"after {half(notch)} {unit}".rstrip()


def _number(after: float) -> str:
    """Return "7,500", "0.12" or "never"."""
    if math.isinf(after):
        return "never"
    return f"{after:,.0f}" if after >= 100 else f"{after:.2g}"
