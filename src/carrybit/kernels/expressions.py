"""Expressions: rows that are not computed yet.

They are computed where they are stored, piece by piece; what is computed on the way is never written to memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from carrybit.kernels.code import Index, Value, Whole
from carrybit.kernels.pieces import CHAINS, Layout, Piece, each, fold

UNROLLED = 128  # vectors; longer work becomes a loop


class Expression:
    """A row that is not computed yet."""

    layout: Layout
    width: int

    def at(self, first: Whole, count: int) -> Piece:
        """Compute ``count`` vectors of it, the first being number ``first``."""
        raise NotImplementedError

    def __add__(self, other: Operand) -> Expression:
        return _Sum(self, other) if isinstance(other, Expression) else _Each(lambda x, y: x + y, self, other)

    def __sub__(self, other: Operand) -> Expression:
        return _Each(lambda x, y: x - y, self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return _Each(lambda x: other - x, self)

    def __mul__(self, other: Operand) -> Expression:
        return _Each(lambda x, y: x * y, self, other)

    def __truediv__(self, other: Operand) -> Expression:
        return _Each(lambda x, y: x / y, self, other)

    __radd__, __rmul__ = __add__, __mul__


Operand = Expression | Value | float


class _Each(Expression):
    """f of rows and numbers, number by number."""

    def __init__(self, f: Callable[..., Value], *operands: Operand) -> None:
        rows = [operand for operand in operands if isinstance(operand, Expression)]
        self.f, self.operands = f, operands
        self.layout, self.width = rows[0].layout, max(row.width for row in rows)

    def at(self, first: Whole, count: int) -> Piece:
        pieces: list[Any] = [o.at(first, count) if isinstance(o, Expression) else [[o]] for o in self.operands]
        return each(self.f, *pieces)


def each_of(f: Callable[..., Value]) -> Callable[..., Expression]:
    """Turn a function of numbers into one of rows."""
    return lambda *operands: _Each(f, *operands)


class Numbers(Protocol):
    """A row or a column, one number of it at a time, for every sequence or shared by them."""

    layout: Layout

    @property
    def sequences(self) -> int:
        """For how many sequences there is one."""
        ...

    def number(self, i: Whole) -> Piece:
        """Load one number."""
        ...


class Matrix(Protocol):
    """Rows, one below the other."""

    rows: int
    columns: int

    def __getitem__(self, row: Whole) -> Expression:
        """Return one of them."""
        ...


class Product(Expression):
    """A row, or a column, times a matrix."""

    def __init__(self, row: Numbers, matrix: Matrix) -> None:
        self.row, self.matrix = row, matrix
        self.layout, self.width = row.layout, matrix.columns

    def at(self, first: Whole, count: int) -> Piece:
        """Compute vectors of it, in chains."""
        return _Sum(self).at(first, count)


class _Sum(Expression):
    """A sum of rows, some of them products with matrices, whose terms all go to the same chains."""

    def __init__(self, *terms: Expression) -> None:
        self.terms: list[Expression] = []
        for term in terms:
            self.terms += term.terms if isinstance(term, _Sum) else [term]
        self.layout, self.width = self.terms[0].layout, max(term.width for term in self.terms)

    def at(self, first: Whole, count: int) -> Piece:
        chains: list[Piece | None] = [None] * CHAINS
        for term in self.terms:
            if not isinstance(term, Product):
                piece = term.at(first, count)
                chains[0] = piece if chains[0] is None else each(lambda x, y: x + y, chains[0], piece)
        turn = 0
        for term in self.terms:
            if isinstance(term, Product):
                turn = _multiply(term, chains, turn, first, count)
        begun = [chain for chain in chains if chain is not None]
        while len(begun) > 1:
            pairs = zip(begun[0::2], begun[1::2], strict=False)
            begun = [each(lambda x, y: x + y, *pair) for pair in pairs] + begun[len(begun) // 2 * 2 :]
        return begun[0]


def _multiply(product: Product, chains: list[Piece | None], turn: int, first: Whole, count: int) -> int:
    """Add the terms of a product to the chains, beginning with chain ``turn``; return which one is next."""
    code, row, matrix = product.layout.code, product.row, product.matrix
    terms = matrix.rows

    def add(i: Whole, chain: Piece | None) -> Piece:
        x, w = row.number(i), matrix[i].at(first, count)
        if chain is None:
            return each(lambda x, w: w * x, x, w)
        return each(lambda x, w, c: code.fma(w, x, c), x, w, chain)

    looped = 0
    if terms * count * row.sequences > UNROLLED:
        for i in range(CHAINS):  # so that every chain is begun
            chains[(turn + i) % CHAINS] = add(i, chains[(turn + i) % CHAINS])
        turns = (terms - CHAINS) // CHAINS

        def body(index: Index, pieces: list[Piece]) -> list[Piece]:
            for j in range(CHAINS):
                place = (turn + j) % CHAINS
                pieces[place] = add(index * CHAINS + (CHAINS + j), pieces[place])
            return pieces

        chains[:] = fold(code, turns, [chain for chain in chains if chain is not None], body)
        looped = CHAINS + turns * CHAINS
    for i in range(looped, terms):
        chains[(turn + i) % CHAINS] = add(i, chains[(turn + i) % CHAINS])
    return turn + terms
