"""Arrays: rows and matrices in memory, written with the operators of NumPy, in one of the two layouts of pieces.py.

Both do the same operations on every number in the same order, so a network in a lane has the same bits as one alone.
The order is fixed by two rules. A product of a row with a matrix is summed in CHAINS chains, one term after the other:
term i goes to chain i mod CHAINS, and the chains are added up in pairs. A sum over a row is made in a block as
long as a vector: its first block, plus the second, ...; then its upper half is added to its lower half, until one
number is left.

An expression of rows is computed where it is stored, piece by piece; what is computed on the way stays in the CPU's
registers, and is never written to memory:

    layer_1[t + 1] = sigmoid(layer_0[t] @ synapse_0 + past[t] @ synapse_h + bias_1)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from llvmlite import ir

from carrybit.kernels.code import Index, Truth, Value, Whole
from carrybit.kernels.expressions import UNROLLED, Expression, Operand, Product
from carrybit.kernels.pieces import Layout, Piece, each, fold


class Array:
    """A matrix in memory, for every network, and for every sequence or shared by them.

    Parameters
    ----------
    pointer, offset : where its first number is: ``offset`` numbers (of every network) from ``pointer``
    rows, columns : int
    stride : int
        Numbers from a row to the next, at least ``columns``.
    apart : int
        Numbers from a sequence to the next; 0 where they share it.
    across : int
        Numbers from a column to the next; with ROWS other than 1 for single numbers only.
    """

    def __init__(
        self,
        layout: Layout,
        pointer: ir.Value,
        offset: Whole,
        rows: int,
        columns: int,
        stride: Whole,
        apart: Whole = 0,
        across: Whole = 1,
    ) -> None:
        self.layout, self.pointer, self.offset = layout, pointer, offset
        self.rows, self.columns, self.stride, self.apart, self.across = rows, columns, stride, apart, across

    def __getitem__(self, row: Whole) -> Row:
        return Row(self, row)

    def __setitem__(self, row: Whole, expression: Expression | Value | float) -> None:
        Row(self, row).set(expression)

    @property
    def sequences(self) -> int:
        """How many of them there are."""
        return self.layout.sequences if self.apart else 1

    def place(self, row: Whole, column: Whole, sequence: int = 0) -> Whole:
        """Return where a number is, counted in numbers from the pointer."""
        return (row * self.stride + column * self.across + self.offset + sequence * self.apart) * self.layout.lanes

    def below(self, row: int) -> Array:
        """Return it without its first rows."""
        return self._part(offset=self.offset + row * self.stride, rows=self.rows - row)

    def first(self, rows: int) -> Array:
        """Return its first rows."""
        return self._part(rows=rows)

    def only(self, row: Whole) -> Array:
        """Return one row of it as an array."""
        return self._part(offset=row * self.stride + self.offset, rows=1)

    def turned(self) -> Array:
        """Return the transposed array in the same memory; with ROWS, only for single numbers of it."""
        return self._part(rows=self.columns, columns=self.rows, stride=self.across, across=self.stride)

    def _part(self, **changes: Any) -> Array:
        names = ("layout", "pointer", "offset", "rows", "columns", "stride", "apart", "across")
        return Array(**{name: changes.get(name, getattr(self, name)) for name in names})

    def put_one(self, value: Value, row: Whole, column: Whole, sequence: int, lane: int) -> None:
        """Store the number of one sequence and one network."""
        self.layout.code.store(value, self.pointer, self.place(row, column, sequence) + lane)

    def add_outer(self, x: Array | None, y: Array, steps: int) -> None:
        """Add the sum over t of x[t]ᵀ y[t], the last step first, sequence after sequence; without x, of y[t] alone."""
        code, layout = self.layout.code, self.layout
        times = [(s, t) for s in range(y.sequences) for t in reversed(range(steps))]
        piece = layout.piece(self.columns)
        vectors = layout.vectors(self.columns)
        is_one_piece = vectors == piece
        # y is held in registers where all of it fits, and else several rows of this matrix, for each y that is loaded
        held = is_one_piece and len(times) * piece <= layout.code.registers // 2
        tall = min(self.rows, 2 if held else max(1, layout.code.registers // (4 * piece)))

        def onto(rows: list[Piece], i: Whole, s: int, t: Whole, d: Piece) -> list[Piece]:
            d = [[column[s]] for column in d]
            if x is None:
                return [each(lambda w, d: w + d, w, d) for w in rows]
            numbers = [[[x[t].number(i + j)[0][s if x.apart else 0]]] for j in range(len(rows))]
            return [each(lambda d, n, w: code.fma(d, n, w), d, n, w) for n, w in zip(numbers, rows, strict=True)]

        def add(i: Whole, height: int, first: Whole, count: int, ys: dict[int, Piece]) -> None:
            rows = [self[i + j].at(first, count) for j in range(height)]
            if ys or len(times) * height * count <= UNROLLED:
                for s, t in times:
                    rows = onto(rows, i, s, t, ys[t] if ys else y[t].at(first, count))
            else:
                for s in range(y.sequences):

                    def body(t: Index, rows: list[Piece], s: int = s) -> list[Piece]:
                        return onto(rows, i, s, t, y[t].at(first, count))

                    rows = fold(code, steps, rows, body, backwards=True)
            for j, row in enumerate(rows):
                self[i + j].put(row, first)

        ys = {t: y[t].at(0, piece) for _, t in times} if held else {}
        blocks, last = divmod(self.rows, tall)
        for many, height, top in ((blocks, tall, 0), (1, last, blocks * tall)):
            if not height:
                continue
            with code.loop(many) as block:
                rows = partial(add, block * height + top, height)
                if held:
                    rows(0, piece, ys)
                else:
                    layout.pieces(self.columns, partial(_without_last, rows))

    def transpose_into(self, other: Array) -> None:
        """Write the transposed matrix into another array; only with ROWS: squares of vectors, turned by shuffles."""
        code, side = self.layout.code, min(self.layout.step(self.columns), self.layout.step(self.rows))
        down, along = (-(-n // side) for n in (self.rows, self.columns))

        def turn(top: Whole, left: Whole) -> None:
            rows = [code.load(self.pointer, self.place(top + i, left), side).value for i in range(side)]
            distance = 1
            while distance < side:  # exchange the bit ``distance`` of row number and column number
                exchanged = list(rows)
                for i in range(side):
                    if not i & distance:
                        x, y = rows[i], rows[i + distance]
                        low = [k if not k & distance else side + (k ^ distance) for k in range(side)]
                        high = [k | distance if not k & distance else side + k for k in range(side)]
                        exchanged[i] = code.shuffle(x, y, low)
                        exchanged[i + distance] = code.shuffle(x, y, high)
                rows, distance = exchanged, 2 * distance
            for i, row in enumerate(rows):
                code.store(Value(code, row), other.pointer, other.place(left + i, top))

        with code.loop(down) as i, code.loop(along) as j:
            turn(i * side, j * side)


class Row(Expression):
    """One row of an array."""

    def __init__(self, array: Array, row: Whole) -> None:
        self.array, self.row = array, row
        self.layout, self.width = array.layout, array.columns

    @property
    def sequences(self) -> int:
        """For how many sequences there is one."""
        return self.array.sequences

    def at(self, first: Whole, count: int) -> Piece:
        """Load vectors."""
        code, array, step = self.layout.code, self.array, self.layout.step(self.width)
        n = step if self.layout.lanes == 1 else self.layout.lanes
        return [
            [code.load(array.pointer, array.place(self.row, (first + j) * step, s), n) for s in range(array.sequences)]
            for j in range(count)
        ]

    def put(self, piece: Piece, first: Whole, is_last: bool = False) -> None:
        """Store vectors; with the last ones of the row, what lies behind it stays 0."""
        code, array, step = self.layout.code, self.array, self.layout.step(self.width)
        for j, column in enumerate(piece):
            if is_last and j == len(piece) - 1 and self.width % step:
                kept = [i < self.width % step for i in range(step)]
                mask = Truth(code, ir.Constant(ir.VectorType(ir.IntType(1), step), kept))
                column = [code.select(mask, value, 0.0) for value in column]
            for s in range(array.sequences):
                value = column[s if len(column) > 1 else 0]
                code.store(value, array.pointer, array.place(self.row, (first + j) * step, s))

    def number(self, i: Whole) -> Piece:
        """Load one number, which goes with every one of a row."""
        code, array = self.layout.code, self.array
        places = [array.place(self.row, i, s) for s in range(array.sequences)]
        return [[code.load(array.pointer, place, self.layout.lanes) for place in places]]

    def put_number(self, number: Piece, i: Whole) -> None:
        """Store one number."""
        ((*values,),) = number
        for s, value in enumerate(values):
            self.layout.code.store(value, self.array.pointer, self.array.place(self.row, i, s))

    def set(self, expression: Operand) -> None:
        """Compute an expression and store it here."""

        def compute(first: Whole, count: int, is_last: bool) -> None:
            if isinstance(expression, Expression):
                made = expression.at(first, count)
            else:  # the same number everywhere
                n = self.layout.step(self.width) * self.layout.lanes
                made = [[self.layout.code.constant(expression, self.layout.code.zeros(n))]] * count
            self.put(made, first, is_last)

        self.layout.pieces(self.width, compute)

    def __matmul__(self, matrix: Array) -> Expression:
        return Product(self, matrix)


class Column:
    """One column of an array, to be multiplied with a matrix."""

    def __init__(self, array: Array, column: Whole) -> None:
        self.array, self.column, self.layout = array, column, array.layout

    @property
    def sequences(self) -> int:
        """For how many sequences there is one."""
        return self.array.sequences

    def number(self, i: Whole) -> Piece:
        """Load one number."""
        return self.array[i].number(self.column)

    def __matmul__(self, matrix: Array) -> Expression:
        return Product(self, matrix)


def _without_last(add: Callable[..., None], first: Whole, count: int, is_last: bool) -> None:
    add(first, count, {})
