"""Arrays: rows and matrices in memory, written with the operators of NumPy, in one of two layouts.

    ROWS    a vector holds neighbours of one row: units of one network
    LANES   a vector holds one number of several networks, which are trained side by side

Both do the same operations on every number in the same order, so a network in a lane has the same bits as one alone.
The order is fixed by two rules. A product of a row with a matrix is summed in CHAINS chains, one term after the other:
term i goes to chain i mod CHAINS, and the chains are added up in pairs. A sum over a row is made in a block as
long as a vector: its first block, plus the second, ...; then its upper half is added to its lower half, until one
number is left.

An expression of rows is computed where it is stored, piece by piece, and what is between never leaves the registers:

    layer_1[t + 1] = sigmoid(layer_0[t] @ synapse_0 + past[t] @ synapse_h + bias_1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from llvmlite import ir

from carrybit.kernels.code import Code, Index, Truth, Value, Whole

CHAINS = 4
UNROLLED = 128  # vectors; longer work becomes a loop

# A piece of a row: vectors of adjacent numbers, each for one sequence or for every one that is worked on at once.
# Where there is only one, it goes with all of the other's.
Piece = list[list[Value]]


@dataclass(frozen=True)
class Layout:
    """How numbers lie in memory.

    Parameters
    ----------
    code : Code
    lanes : int
        Networks side by side; 1 for ROWS.
    sequences : int
        Sequences that are worked on at once, so that the CPU need not wait for one; they share the weights.
    """

    code: Code
    lanes: int = 1
    sequences: int = 1

    def block(self, width: int) -> int:
        """How many numbers of a row of this width are summed side by side."""
        return min(self.code.vector, 1 << (width - 1).bit_length())

    def step(self, width: int) -> int:
        """How many neighbours of a row a vector holds."""
        return 1 if self.lanes > 1 else self.block(width)

    def vectors(self, width: int) -> int:
        """How many vectors hold a row."""
        return -(-width // self.step(width))

    def piece(self, width: int) -> int:
        """How many vectors of a row are worked on at once: as many as the registers allow for."""
        most = max(1, self.code.registers // (2 * CHAINS * self.sequences))
        return min(self.vectors(width), most)

    def pieces(self, width: int, compute: Callable[[Whole, int, bool], None]) -> None:
        """Write ``compute(first vector, how many, whether they are the last)`` for all pieces of a row."""
        piece = self.piece(width)
        whole, rest = divmod(self.vectors(width), piece)
        if not rest:  # the last piece stands alone: it may have to end with zeros
            whole, rest = whole - 1, piece
        if whole == 1:
            compute(0, piece, False)
        elif whole:
            with self.code.loop(whole) as turn:
                compute(turn * piece, piece, False)
        compute(whole * piece, rest, True)


class Expression:
    """A row that is not computed yet."""

    layout: Layout
    width: int

    def at(self, first: Whole, count: int) -> Piece:
        """Compute ``count`` vectors of it, the first being number ``first``."""
        raise NotImplementedError

    def __add__(self, other: Operand) -> Expression:
        return _Sum(self, other) if isinstance(other, Expression) else _each(lambda x, y: x + y, self, other)

    def __sub__(self, other: Operand) -> Expression:
        return _each(lambda x, y: x - y, self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return _each(lambda x: other - x, self)

    def __mul__(self, other: Operand) -> Expression:
        return _each(lambda x, y: x * y, self, other)

    def __truediv__(self, other: Operand) -> Expression:
        return _each(lambda x, y: x / y, self, other)

    __radd__, __rmul__ = __add__, __mul__


Operand = Expression | Value | float


class _Each(Expression):
    def __init__(self, f: Callable[..., Value], operands: Sequence[Operand]) -> None:
        rows = [operand for operand in operands if isinstance(operand, Expression)]
        self.f, self.operands = f, operands
        self.layout, self.width = rows[0].layout, max(row.width for row in rows)

    def at(self, first: Whole, count: int) -> Piece:
        pieces: list[Any] = [o.at(first, count) if isinstance(o, Expression) else [[o]] for o in self.operands]
        return each(self.f, *pieces)


def _each(f: Callable[..., Value], *operands: Operand) -> Expression:
    """Return f of the operands, number by number."""
    return _Each(f, operands)


def each_of(f: Callable[..., Value]) -> Callable[..., Expression]:
    """Turn a function of numbers into one of rows."""
    return lambda *operands: _Each(f, operands)


def each(f: Callable[..., Value], *pieces: Piece) -> Piece:
    """Return f of pieces, vector by vector."""
    length = max(len(piece) for piece in pieces)
    whole = [piece * length if len(piece) == 1 else piece for piece in pieces]
    made = []
    for columns in zip(*whole, strict=True):
        sequences = max(len(column) for column in columns)
        wide = [column * sequences if len(column) == 1 else column for column in columns]
        made.append([f(*values) for values in zip(*wide, strict=True)])
    return made


class _Product(Expression):
    """A row, or a column, times a matrix."""

    def __init__(self, row: Row | Column, matrix: Array) -> None:
        self.row, self.matrix = row, matrix
        self.layout, self.width = row.layout, matrix.columns

    def at(self, first: Whole, count: int) -> Piece:
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
            if not isinstance(term, _Product):
                piece = term.at(first, count)
                chains[0] = piece if chains[0] is None else each(lambda x, y: x + y, chains[0], piece)
        turn = 0
        for term in self.terms:
            if isinstance(term, _Product):
                turn = _multiply(term, chains, turn, first, count)
        begun = [chain for chain in chains if chain is not None]
        while len(begun) > 1:
            pairs = zip(begun[0::2], begun[1::2], strict=False)
            begun = [each(lambda x, y: x + y, *pair) for pair in pairs] + begun[len(begun) // 2 * 2 :]
        return begun[0]


def _multiply(product: _Product, chains: list[Piece | None], turn: int, first: Whole, count: int) -> int:
    """Add the terms of a product to the chains, beginning with chain ``turn``; return which one is next."""
    code, row, matrix = product.layout.code, product.row, product.matrix
    terms = matrix.rows

    def add(i: Whole, chain: Piece | None) -> Piece:
        x, w = row.number(i), matrix[i].at(first, count)
        if chain is None:
            return each(lambda x, w: w * x, x, w)
        return each(lambda x, w, c: code.fma(w, x, c), x, w, chain)

    looped = 0
    if terms * count * row.array.sequences > UNROLLED:
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
        Numbers from a column to the next; only with LANES other than 1.
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
                return [each(_plus, w, d) for w in rows]
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
        return _Product(self, matrix)


class Column:
    """One column of an array, to be multiplied with a matrix."""

    def __init__(self, array: Array, column: Whole) -> None:
        self.array, self.column, self.layout = array, column, array.layout

    def number(self, i: Whole) -> Piece:
        """Load one number."""
        return self.array[i].number(self.column)

    def __matmul__(self, matrix: Array) -> Expression:
        return _Product(self, matrix)


def total(row: Expression) -> Piece:
    """Return the sum over a row: one number."""
    return _reduce(row, row.at, lambda sums, first, count: each(_plus, sums, row.at(first, count)), _plus)


def dot(one: Expression, other: Expression) -> Piece:
    """Return the sum over the products of two rows: one number."""

    def begin(first: Whole, count: int) -> Piece:
        return each(lambda x, y: x * y, one.at(first, count), other.at(first, count))

    def add(sums: Piece, first: Whole, count: int) -> Piece:
        return each(lambda s, x, y: s.code.fma(x, y, s), sums, one.at(first, count), other.at(first, count))

    return _reduce(one, begin, add, _plus)


def highest(row: Expression) -> Piece:
    """Return the highest number of a row, or 0 where all are below."""
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


def _without_last(add: Callable[..., None], first: Whole, count: int, is_last: bool) -> None:
    add(first, count, {})


def fold(
    code: Code,
    count: Whole,
    begin: Sequence[Piece],
    body: Callable[[Index, list[Piece]], Sequence[Piece]],
    *,
    backwards: bool = False,
) -> list[Piece]:
    """Write a loop that hands pieces from turn to turn, and return the last ones."""
    shapes = [[len(column) for column in piece] for piece in begin]

    def flat(pieces: Sequence[Piece]) -> list[Value]:
        return [value for piece in pieces for column in piece for value in column]

    def split(values: Sequence[Value]) -> list[Piece]:
        rest = iter(values)
        return [[[next(rest) for _ in range(length)] for length in shape] for shape in shapes]

    turned = code.fold(count, flat(begin), lambda i, values: flat(body(i, split(values))), backwards=backwards)
    return split(turned)
