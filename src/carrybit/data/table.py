"""Table: what was read from a file, as columns by name, whose rows are the steps of sequences."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

SHOWN = 12  # names in an error


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name; one sequence stands behind the other.

    Parameters
    ----------
    file : str
        What errors call it.
    columns : mapping of arrays (rows,)
        Numbers as float64; text as objects or single characters, None where it is missing.
    lengths : int array (N,)
        Rows of each sequence.
    names : sequence of str (N,)
        What each sequence is called.
    targets : tuple of str
        The columns that the file itself calls targets.
    """

    file: str
    columns: Mapping[str, Array]
    lengths: Ints
    names: Sequence[str]
    targets: tuple[str, ...] = ()

    @staticmethod
    def of(
        file: str, columns: Mapping[str, Array], lengths: Ints | None = None, targets: tuple[str, ...] = ()
    ) -> Table:
        """Return a table of sequences that are called by their number, or of one."""
        rows = len(next(iter(columns.values()))) if columns else 0
        if rows == 0:
            raise UsageError(f"{file} has no rows", "a file with something in it", "look whether it is the right file")
        lengths = np.array([rows]) if lengths is None else lengths
        return Table(file, columns, lengths, [str(k + 1) for k in range(len(lengths))], targets)

    @property
    def ends(self) -> Ints:
        """The row behind the last of each sequence: (N,)."""
        return np.cumsum(self.lengths)

    def only(self, names: Sequence[str]) -> Table:
        """Return a table of some columns; UsageError if one is not there or has a row without a value."""
        return Table(self.file, {name: self._whole(name) for name in names}, self.lengths, self.names, self.targets)

    def grouped(self, sequence: str) -> Table:
        """Return the rows by the name of their sequence, which a column tells; their order in a sequence stays."""
        name_of, number = distinct(self._whole(sequence))
        first = np.full(len(name_of), len(number))
        np.minimum.at(first, number, np.arange(len(number)))
        by_appearance = np.argsort(first)  # (N,)
        place = np.argsort(by_appearance)[number]  # (rows,)
        order = np.argsort(place, kind="stable")
        columns = {name: values[order] for name, values in self.columns.items()}
        return Table(self.file, columns, np.bincount(place), [name_of[k] for k in by_appearance], self.targets)

    def where(self, row: int) -> str:
        """Return where a row is, the way a person finds it."""
        if len(self.lengths) == 1:
            return f"row {row + 1:,}"
        sequence = int(np.searchsorted(self.ends, row, side="right"))
        return f"sequence {self.names[sequence]}, step {row - (self.ends - self.lengths)[sequence] + 1:,}"

    def _whole(self, name: str) -> Array:
        if name not in self.columns:
            near = difflib.get_close_matches(name, self.columns, n=1) or list(self.columns)[:1]
            raise UsageError(f"{self.file} has no column {name!r}", listed(self.columns), f"{near[0]!r}")
        values = self.columns[name]
        is_there = np.isfinite(values) if values.dtype.kind == "f" else values != None  # noqa: E711
        if not is_there.all():
            row = int(np.argmin(is_there))
            what = "an infinite number" if values.dtype.kind == "f" and np.isinf(values[row]) else "no value"
            raise UsageError(
                f"column {name!r} of {self.file} has {what} in {self.where(row)}",
                "a value in every row (empty, NA and NaN are none)",
                "fill it in, or leave out its row, or the column",
            )
        return values


def listed(names: Mapping[str, object] | Sequence[str]) -> str:
    """Return names one after the other, not too many of them."""
    shown = [repr(name) for name in list(names)[:SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def distinct(values: Array) -> tuple[list[str], Ints]:
    """Return the different values as text, and the number of each row's among them: (rows,)."""
    if values.dtype.kind == "f":
        numbers, number = np.unique(values, return_inverse=True)
        return [f"{each:.15g}" for each in numbers + 0.0], number
    if values.dtype.kind == "U" and values.dtype.itemsize == 4:  # characters, which are many
        codes = np.ascontiguousarray(values).view(np.uint32)
        found = np.flatnonzero(np.bincount(codes))
        place = np.zeros(int(found[-1]) + 1 if len(found) else 0, np.int64)
        place[found] = np.arange(len(found))
        return [chr(code) for code in found], place[codes]
    each = values.tolist()
    number_of = {value: number for number, value in enumerate(dict.fromkeys(each))}
    return list(number_of), np.fromiter(map(number_of.__getitem__, each), np.int64, len(each))
