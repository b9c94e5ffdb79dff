"""Features: how a column becomes what a network sees, and back; learned from the training part alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from carrybit.data.table import distinct, listed
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

MOST_CATEGORIES = 256
REST = "\N{WHITE SQUARE}"  # how the place of everything rare is written


@dataclass(frozen=True)
class Number:
    """A column of numbers, shown with mean 0 and deviation 1; a column that never changes is shown as 0."""

    name: str
    mean: float
    deviation: float

    width = 1

    def encode(self, values: Array) -> Array:
        """Return numbers (rows,) as the network sees them."""
        return (values - self.mean) / self.deviation

    def about(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class Category:
    """A column of words or classes, shown one-hot; with ``has_rest``, the last place is for all that are rare."""

    name: str
    categories: tuple[str, ...]
    has_rest: bool = False

    @property
    def width(self) -> int:
        """Places in the one-hot row."""
        return len(self.categories)

    def places(self, values: Array, is_strict: bool = False) -> Ints:
        """Return the place of each value (rows,): that of the rest, or -1, where it is none of the categories.

        Raises
        ------
        UsageError
            ``is_strict``, and there is such a value.
        """
        found, number = distinct(values)
        place_of = {category: place for place, category in enumerate(self.known)}
        unknown = [value for value in found if value not in place_of]
        if unknown and is_strict:
            raise UsageError(
                f"{listed(unknown)} in column {self.name!r} was not there when the network was trained",
                listed(self.known),
                "leave it out, or train on data that have it",
            )
        other = len(self.known) if self.has_rest else -1
        return np.array([place_of.get(value, other) for value in found], np.int64)[number]

    @property
    def known(self) -> tuple[str, ...]:
        """The categories without the rest."""
        return self.categories[:-1] if self.has_rest else self.categories

    def about(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"name": self.name, "categories": list(self.categories), "has_rest": self.has_rest}


Feature = Number | Category


def number(name: str, values: Array) -> Number:
    """Learn a column of numbers from the rows of the training part."""
    values = as_numbers(name, values)
    if values.min() == values.max():
        return Number(name, float(values[0]), 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(values.mean()), float(values.std())
    if not (np.isfinite(mean) and 0 < deviation < np.inf):
        raise UsageError(f"column {name!r} has numbers too far apart to be averaged", "up to about 1e150", "rescale it")
    return Number(name, mean, deviation)


def category(name: str, values: Array, most: int = MOST_CATEGORIES) -> Category:
    """Learn a column of categories from the rows of the training part; UsageError if they are too many."""
    found = distinct(values)[0]
    if len(found) > most:
        raise UsageError(
            f"column {name!r} has {len(found):,} different values, such as {listed(found[:3])}{_stray(values)}",
            f"numbers, or up to {most:,} categories",
            "leave out the column by naming the inputs that are wanted",
        )
    return Category(name, tuple(sorted(found, key=_natural)))


def vocabulary(name: str, values: Array, at_least: int, most: int) -> Category:
    """Learn the symbols of a text: the commonest ones; others share the place of the rest, if there are others."""
    found, numbers = distinct(values)
    counts = np.bincount(numbers)
    commonest = np.argsort(-counts, kind="stable")[:most]
    kept = [found[k] for k in commonest if counts[k] >= at_least]
    return Category(name, (*sorted(kept), *([REST] if len(kept) < len(found) else [])), len(kept) < len(found))


def as_numbers(name: str, values: Array) -> Array:
    """Return a column as numbers; UsageError if it holds text that is none."""
    if values.dtype.kind == "f":
        return values
    stray = next((value for value in values if not _is_number(value)), None)
    if stray is None:
        return values.astype(np.float64)
    raise UsageError(f"column {name!r} has {stray!r} in it", "numbers", "mend it, or use another column")


def feature(about: Mapping[str, Any]) -> Feature:
    """Return a feature from what ``about()`` told."""
    if "categories" in about:
        return Category(about["name"], tuple(about["categories"]), bool(about["has_rest"]))
    return Number(about["name"], float(about["mean"]), float(about["deviation"]))


def _natural(text: str) -> tuple[bool, float, str]:
    """Sort numbers by their size, and before words."""
    return (False, float(text), text) if _is_number(text) else (True, 0.0, text)


def _stray(values: Array) -> str:
    """Return what makes text of a column that is nearly all numbers."""
    strays = [value for value in values.tolist() if not _is_number(value)]
    return f"; {strays[0]!r} is no number" if 0 < len(strays) < len(values) / 2 else ""


def _is_number(value: str | float) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False
