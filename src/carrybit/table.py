"""Table: the results of a sweep, one row for every network, and what they amount to."""

from __future__ import annotations

import csv
import io
import statistics
from dataclasses import dataclass
from typing import Any, NamedTuple

from carrybit import intervals
from carrybit.config import TrainConfig
from carrybit.plan import Plan

Row = dict[str, Any]


class Curve(NamedTuple):
    """The share of networks that are exact against updates, with its interval of 95 %; a name for the settings."""

    name: str
    updates: list[int]
    shares: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True, eq=False)
class Table:
    """The results of a sweep.

    Parameters
    ----------
    plan : Plan
    rows : tuple of dict
        One for each network: its settings, and

        fate         : "exact", "updates" or "diverged"
        updates_made : by this network
        exact_after  : updates until it passed the examination, or None
        is_exact     : whether it passed the last examination it sat
        error        : the tutorial's error, averaged over the samples since the report before the last; None if none
        seconds      : what it took: the wall time of its shard, shared among those trained beside it
        digest       : a hash of its weights; equal bits have equal ones
    """

    plan: Plan
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        counts = ", ".join(f"{row['exact']} of {row['replicas']}" for row in self.summary()[:10])
        return f"<Table of {len(self.rows)} networks, exact: {counts}{', ...' * (len(self.plan.points) > 10)}>"

    def summary(self) -> list[Row]:
        """Return one row for each point of the grid: how many networks are exact, after how many updates, with 95 %."""
        rows = iter(self.rows)
        return [self._summed(point, [next(rows) for _ in range(self.plan.replicas)]) for point in self.plan.points]

    def _summed(self, point: TrainConfig, rows: list[Row]) -> Row:
        exact = sum(row["is_exact"] for row in rows)
        after = [row["exact_after"] for row in rows if row["exact_after"] is not None]
        low, high = intervals.share(exact, len(rows))
        first, last = intervals.median(after)
        return {
            **{name: point.value(name) for name in self.plan.grid},
            "replicas": len(rows),
            "exact": exact,
            "exact_share": exact / len(rows),
            "exact_share_low": low,
            "exact_share_high": high,
            "diverged": sum(row["fate"] == "diverged" for row in rows),
            "updates_median": statistics.median(after) if after else None,
            "updates_median_low": first if after else None,
            "updates_median_high": last if after else None,
            "seconds": sum(row["seconds"] for row in rows),
        }

    def curves(self) -> list[Curve]:
        """Return, for each point of the grid, the share of networks that are exact after each report."""
        curves = []
        for number, point in enumerate(self.plan.points):
            rows = self.rows[number * self.plan.replicas : (number + 1) * self.plan.replicas]
            after = [row["updates_made"] for row in rows if row["is_exact"]]
            end = max(row["updates_made"] for row in rows)
            updates = [*range(0, end, point.every), end]
            hits = [sum(each <= update for each in after) for update in updates]
            name = ", ".join(str(point.value(setting)) for setting in self.plan.grid)
            bounds = [intervals.share(each, len(rows)) for each in hits]
            shares = [each / len(rows) for each in hits]
            curves.append(Curve(name, updates, shares, [low for low, _ in bounds], [high for _, high in bounds]))
        return curves

    def csv(self) -> str:
        """Return all rows as CSV."""
        text = io.StringIO()
        names = dict.fromkeys(name for row in self.rows for name in row)  # which differ from task to task
        writer = csv.DictWriter(text, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()
