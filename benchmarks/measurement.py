"""Measurements: what was timed, as it is kept."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_APART = {"float64": 1e-9, "float32": 1e-4}  # weights that count as the same


@dataclass(frozen=True)
class Time:
    """How long one contender took.

    Parameters
    ----------
    who : str
    runs : list of float
        One for each run, in the case's unit.
    apart : float or None
        The largest difference between its weights and ours after the same updates; None where nothing is learned.
    note : str
        Which of its ways was the fastest.
    is_ours : bool
    """

    who: str
    runs: list[float]
    apart: float | None = None
    note: str = ""
    is_ours: bool = False

    @property
    def least(self) -> float:
        """The fastest run."""
        return min(self.runs)

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.runs)


@dataclass(frozen=True)
class Case:
    """Some contenders on the same work; the first one is what the others are compared with.

    Parameters
    ----------
    workload, title, unit : str
    times : list of Time
    precision : {"float64", "float32"}
    remarks : list of str
        What else is to be said.
    """

    workload: str
    title: str
    unit: str
    times: list[Time] = field(default_factory=list)
    precision: str = "float64"
    remarks: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether everybody came to the same weights."""
        return all(self.agrees(time) for time in self.times)

    def agrees(self, time: Time) -> bool:
        """Whether a contender came to the same weights."""
        return time.apart is None or time.apart <= MOST_APART[self.precision]

    def ratio(self, time: Time) -> float:
        """Return how many times as long as the first one it took, by the fastest runs."""
        return time.least / self.times[0].least

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold; ``from_json`` reads it."""
        times = [{**asdict(time), "min": time.least, "median": time.median} for time in self.times]
        return {**asdict(self), "times": times}

    @staticmethod
    def from_json(read: dict[str, Any]) -> Case:
        """Return what ``to_json`` wrote."""
        times = [
            {name: value for name, value in time.items() if name not in ("min", "median")} for time in read["times"]
        ]
        return Case(**{**read, "times": [Time(**time) for time in times]})
