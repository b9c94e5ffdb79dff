"""Packing: the numbers of a network in one flat row, the way compiled code wants them.

Rows are padded with zeros to whole vectors; synapse_1 is turned, so that each output has a row of its own. Networks
side by side share the row: number after number, and of each the one of every network (numbers, networks).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from carrybit.kernels.code import VECTOR, VECTOR_BYTES, padded
from carrybit.params import Array, Params
from carrybit.spec import Spec


class Part(NamedTuple):
    """Where an array lies in the row: its first number, its rows and columns, and from row to row."""

    offset: int
    rows: int
    columns: int
    stride: int


class Places(NamedTuple):
    """Where every array of a network lies, by name, and how long the row is."""

    parts: dict[str, Part]
    size: int


@cache
def places(spec: Spec) -> Places:
    """Return the places of a network; every array begins with a whole vector."""
    vector = VECTOR[spec.precision]
    parts, end = {}, 0
    for name, shape in spec.shapes().items():
        rows, columns = (1, *shape) if len(shape) == 1 else shape[::-1] if name == "synapse_1" else shape
        parts[name] = Part(end, rows, columns, padded(columns, vector))
        if name == "synapse_h":
            rows = padded(rows, vector)  # so that it can be turned in squares of vectors
        end += padded(rows * padded(columns, vector), vector, whole=True)
    return Places(parts, end)


def pack(spec: Spec, networks: Sequence[Params]) -> Array:
    """Return the numbers of networks as a row (numbers, networks)."""
    parts, size = places(spec)
    row = aligned((size, len(networks)), spec.precision)
    for lane, params in enumerate(networks):
        for name, array in params.arrays().items():
            _part(row[:, lane], parts[name])[...] = array.T if name == "synapse_1" else array
    return row


def unpack(spec: Spec, row: Array) -> list[Params]:
    """Return the networks of a row (numbers, networks)."""
    shapes, parts = spec.shapes(), places(spec).parts

    def array(name: str, lane: int) -> Array:
        part = _part(row[:, lane], parts[name])
        return np.ascontiguousarray(part.T if name == "synapse_1" else part).reshape(shapes[name])

    return [Params(**{name: array(name, lane) for name in shapes}) for lane in range(row.shape[1])]


def _part(row: Array, part: Part) -> Array:
    numbers = row[part.offset : part.offset + part.rows * part.stride]
    return numbers.reshape(part.rows, part.stride)[:, : part.columns]


def aligned(shape: tuple[int, ...], dtype: str) -> Array:
    """Return zeros that begin where a vector may begin."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + VECTOR_BYTES, np.uint8)
    first = -room.ctypes.data % VECTOR_BYTES
    return room[first : first + size].view(dtype).reshape(shape)
