"""JSON lines: an object for each row, or an object of lists for each sequence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from carrybit.data.table import Table
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

EXACT = 2**53  # whole numbers up to this are told apart as float64


def read_json_lines(path: Path) -> Table:
    """Return a table; where the first object has a list, each object is a sequence, and what is no list is repeated."""
    objects = [_object(path, number, line) for number, line in enumerate(_lines(path), 1) if line.strip()]
    names = dict.fromkeys(name for each in objects for name in each)
    lengths = None
    if objects and any(isinstance(value, list) for value in objects[0].values()):
        lengths = np.array([_length(path, number, each) for number, each in enumerate(objects, 1)])
    return Table.of(str(path), {name: _column(path, name, objects, lengths) for name in names}, lengths)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start:,} is no UTF-8", "JSON in UTF-8", "save it in UTF-8") from None


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line, object_pairs_hook=_without_doubles)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
    except (ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise UsageError(f"line {number:,} of {path}: {why}", 'an object such as {"x": 1.5}', "mend the line") from None
    return found


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has a name twice")
    return found


def _length(path: Path, number: int, each: dict[str, Any]) -> int:
    lengths = {name: len(value) for name, value in each.items() if isinstance(value, list)}
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"{name!r} {length}" for name, length in lengths.items()) or "no list"
        raise UsageError(
            f"object {number:,} of {path} has {told}", "lists of one length in an object", "give every step a value"
        )
    return lengths.popitem()[1]


def _column(path: Path, name: str, objects: list[dict[str, Any]], lengths: Ints | None) -> Array:
    values = [each.get(name) for each in objects]
    if lengths is not None:
        each_step = zip(values, lengths, strict=True)
        values = [one for value, n in each_step for one in (value if isinstance(value, list) else [value] * n)]
    if any(isinstance(value, list | dict) for value in values):
        raise UsageError(
            f"{name!r} of {path} holds lists or objects inside of a step",
            "a number or a text",
            "give each its own name",
        )
    if all(
        value is None or isinstance(value, int | float) and -EXACT <= value <= EXACT or value != value
        for value in values
    ):
        return np.array([np.nan if value is None else value for value in values], np.float64)
    return np.array([None if value is None else str(value) for value in values], dtype=object)
