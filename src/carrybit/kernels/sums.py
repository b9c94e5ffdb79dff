"""Sums: one number made of a row."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

from carrybit.kernels.code import Value, Whole
from carrybit.kernels.expressions import Expression
from carrybit.kernels.pieces import Piece, each, fold


def total(row: Expression) -> Piece:
    """Return the sum over a row: one number; what is behind the end of the row must come out as 0."""
    return _reduce(row, row.at, lambda sums, first, count: each(_plus, sums, row.at(first, count)), _plus)


def dot(one: Expression, other: Expression) -> Piece:
    """Return the sum over the products of two rows: one number; of the end of the row, as `total`."""

    def begin(first: Whole, count: int) -> Piece:
        return each(lambda x, y: x * y, one.at(first, count), other.at(first, count))

    def add(sums: Piece, first: Whole, count: int) -> Piece:
        return each(lambda s, x, y: s.code.fma(x, y, s), sums, one.at(first, count), other.at(first, count))

    return _reduce(one, begin, add, _plus)


def highest(row: Expression) -> Piece:
    """Return the highest number of a row that is nowhere below 0; of the end of the row, as `total`."""
    return _reduce(row, row.at, lambda sums, first, count: each(higher, sums, row.at(first, count)), higher)


def higher(x: Value, y: Value) -> Value:
    """Return the higher of two numbers."""
    return x.code.select(x > y, x, y)


def _plus(x: Value, y: Value) -> Value:
    return x + y


def _reduce(
    row: Expression,
    begin: Callable[[Whole, int], Piece],
    add: Callable[[Piece, Whole, int], Piece],
    join: Callable[[Value, Value], Value],
) -> Piece:
    """Join all numbers of a row: a block at a time, then the block by halves."""
    layout, code = row.layout, row.layout.code
    block = layout.block(row.width) // layout.step(row.width)  # vectors in a block
    whole, rest = divmod(layout.vectors(row.width), block)
    zero = code.zeros(layout.lanes)  # lanes leave out what fills up the last block, but not what is done with it
    if not whole:
        sums = begin(0, rest) + [[zero]] * (block - rest)
    else:
        sums = begin(0, block)
        if whole > 1:
            (sums,) = fold(code, whole - 1, [sums], lambda turn, made: [add(made[0], (turn + 1) * block, block)])
        if rest:
            filled = each(lambda s: join(s, zero), sums[rest:]) if layout.lanes > 1 else []
            sums = add(sums[:rest], whole * block, rest) + filled
    while len(sums) > 1:
        half = len(sums) // 2
        sums = each(join, sums[:half], sums[half:])
    return [[_halved(value, join) if layout.lanes == 1 else value for value in sums[0]]]


def _halved(value: Value, join: Callable[[Value, Value], Value]) -> Value:
    """Join a vector's upper half to its lower half until one number is left."""
    code = value.code
    while value.n > 2:
        half = value.n // 2
        low = code.shuffle(value.value, value.value, list(range(half)))
        high = code.shuffle(value.value, value.value, list(range(half, value.n)))
        value = join(Value(code, low), Value(code, high))
    if value.n == 1:
        return value
    first, second = (code.b.extract_element(value.value, ir.IntType(32)(i)) for i in range(2))
    return join(Value(code, first), Value(code, second))
