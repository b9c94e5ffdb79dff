"""Code: one function being written down for LLVM, and the values it computes with.

LLVM wants every single operation spelled out: load these eight numbers, multiply them, store them there. `Code` writes
the function and its loops; a `Value` is a number, or a vector of them that one instruction handles at once, whose
operators write an operation instead of computing it:

    with code.loop(8) as t:                     # t = 0 .. 7, an Index
        code.store(code.load(x, t) * 2, x, t)   # a multiplication, 8 times

Only operations with one rounding are used, in the order in which they are written. LLVM may not reorder them, since no
"fast math" is allowed anywhere, nor fuse a product with a sum; where a fused multiply-add is wanted, `fma` says so.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

VECTOR_BYTES = 64  # a vector is 64 bytes on every CPU: one AVX-512 register, two of AVX2, four of NEON
VECTOR = {"float64": VECTOR_BYTES // 8, "float32": VECTOR_BYTES // 4}
WHOLE = ir.IntType(64)
TYPES: dict[str, ir.Type] = {
    "float64": ir.DoubleType(),
    "float32": ir.FloatType(),
    "int64": WHOLE,
    "int32": ir.IntType(32),
    "uint8": ir.IntType(8),
}
BYTES = {"float64": 8, "float32": 4, "int64": 8, "int32": 4, "uint8": 1}


def padded(width: int, vector: int, *, whole: bool = False) -> int:
    """How much room a row takes, in numbers: whole vectors, or (unless ``whole``) a short one if it fits into that."""
    return 1 << (width - 1).bit_length() if width < vector and not whole else -(-width // vector) * vector


class Index:
    """A whole number that is known when the code runs; with Python's own, it adds and multiplies."""

    def __init__(self, code: Code, value: ir.Value) -> None:
        self.code, self.value = code, value

    def __add__(self, other: Whole) -> Index:
        return Index(self.code, self.code.b.add(self.value, self.code.whole(other)))

    def __sub__(self, other: Whole) -> Index:
        return Index(self.code, self.code.b.sub(self.value, self.code.whole(other)))

    def __rsub__(self, other: Whole) -> Index:
        return Index(self.code, self.code.b.sub(self.code.whole(other), self.value))

    def __mul__(self, other: Whole) -> Index:
        return Index(self.code, self.code.b.mul(self.value, self.code.whole(other)))

    __radd__, __rmul__ = __add__, __mul__


Whole = int | Index


class Value:
    """A number, or a vector of them, that is known when the code runs; a number goes with every one of a vector."""

    def __init__(self, code: Code, value: ir.Value) -> None:
        self.code, self.value = code, value

    @property
    def n(self) -> int:
        """How many numbers this is."""
        return self.value.type.count if isinstance(self.value.type, ir.VectorType) else 1

    def __add__(self, other: Number) -> Value:
        return self._with(other, "fadd")

    def __sub__(self, other: Number) -> Value:
        return self._with(other, "fsub")

    def __rsub__(self, other: Number) -> Value:
        return self.code.constant(other, self) - self

    def __mul__(self, other: Number) -> Value:
        return self._with(other, "fmul")

    def __truediv__(self, other: Number) -> Value:
        return self._with(other, "fdiv")

    def __rtruediv__(self, other: Number) -> Value:
        return self.code.constant(other, self) / self

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Value:
        return Value(self.code, self.code.b.fneg(self.value))

    def __gt__(self, other: Number) -> Truth:
        mine, theirs = self.code.alike(self, other)
        return Truth(self.code, self.code.b.fcmp_ordered(">", mine.value, theirs.value))

    def __lt__(self, other: Number) -> Truth:
        mine, theirs = self.code.alike(self, other)
        return Truth(self.code, self.code.b.fcmp_ordered("<", mine.value, theirs.value))

    def _with(self, other: Number, operation: str) -> Value:
        mine, theirs = self.code.alike(self, other)
        return Value(self.code, getattr(self.code.b, operation)(mine.value, theirs.value))


class Truth:
    """True or False, for each number of a vector; comparing with NaN is False."""

    def __init__(self, code: Code, value: ir.Value) -> None:
        self.code, self.value = code, value

    def __eq__(self, other: object) -> Truth:  # type: ignore[override]
        assert isinstance(other, Truth)
        return Truth(self.code, self.code.b.not_(self.code.b.xor(self.value, other.value)))

    __hash__ = None  # type: ignore[assignment]

    def as_number(self) -> Value:
        """1 where it is true, else 0."""
        bits = self.value.type
        n = bits.count if isinstance(bits, ir.VectorType) else 1
        zeros = self.code.zeros(n)
        return self.code.select(self, self.code.constant(1.0, zeros), zeros)


Number = Value | float | int


class Code:
    """One function being written.

    Parameters
    ----------
    dtype : {"float64", "float32"}
        The numbers it computes with.
    registers : int
        Vectors of 64 bytes that the CPU can hold at once; decides how large a piece is worked on, never its bits.
    slots : sequence of str
        The names of its arguments, each 8 bytes: a pointer, a whole number, or a float64. They are handed over as one
        address.
    """

    def __init__(self, dtype: str, registers: int, slots: Sequence[str]) -> None:
        self.dtype, self.registers, self.vector = dtype, registers, VECTOR[dtype]
        self.module = ir.Module(name="kernel")
        self.function = ir.Function(self.module, self.signature(), name="kernel")
        self.b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self._slots = {name: place for place, name in enumerate(slots)}

    # arguments

    def signature(self) -> ir.FunctionType:
        """Return what the function takes and gives: the address of its arguments, and nothing."""
        return ir.FunctionType(ir.VoidType(), [ir.PointerType()])

    def slots(self) -> ir.Value:
        """Return the address of its arguments."""
        return self.function.args[0]

    def _slot(self, name: str, kind: ir.Type) -> ir.Value:
        return self.b.load(self.b.gep(self.slots(), [WHOLE(self._slots[name])], source_etype=WHOLE), typ=kind)

    def pointer(self, name: str) -> ir.Value:
        """Return the argument of that name as an address."""
        return self._slot(name, ir.PointerType())

    def count(self, name: str) -> Index:
        """Return the argument of that name as a whole number."""
        return Index(self, self._slot(name, WHOLE))

    def number(self, name: str) -> Value:
        """Return the argument of that name, a float64, as a number of this function."""
        value = self._slot(name, TYPES["float64"])
        return Value(self, value if self.dtype == "float64" else self.b.fptrunc(value, TYPES["float32"]))

    # values

    def whole(self, index: Whole) -> ir.Value:
        """Return a whole number as LLVM has it."""
        return index.value if isinstance(index, Index) else WHOLE(index)

    def constant(self, number: Number, like: Value) -> Value:
        """Return a number, as often as ``like`` has numbers."""
        if isinstance(number, Value):
            return number if number.n == like.n else self._spread(number, like.n)
        kind = like.value.type
        rounded = number if self.dtype == "float64" else struct.unpack("f", struct.pack("f", number))[0]
        numbers = [float(rounded)] * like.n
        return Value(self, ir.Constant(kind, numbers if isinstance(kind, ir.VectorType) else numbers[0]))

    def zeros(self, n: int) -> Value:
        """Return a vector of n zeros."""
        kind = TYPES[self.dtype]
        return Value(self, ir.Constant(ir.VectorType(kind, n), [0.0] * n) if n > 1 else ir.Constant(kind, 0.0))

    def _spread(self, number: Value, n: int) -> Value:
        vector = ir.VectorType(number.value.type, n)
        place = self.b.insert_element(ir.Constant(vector, ir.Undefined), number.value, ir.IntType(32)(0))
        return Value(self, self.shuffle(place, place, [0] * n))

    def alike(self, one: Value, other: Number) -> tuple[Value, Value]:
        """Return two values with as many numbers as the longer one has."""
        if isinstance(other, Value) and other.n > one.n:
            return self.constant(one, other), other
        return one, self.constant(other, one)

    def shuffle(self, one: ir.Value, other: ir.Value, places: Sequence[int]) -> ir.Value:
        """Return the numbers of two vectors at ``places``: 0 to n - 1 are the first one's, then come the other's."""
        mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places))
        return self.b.shuffle_vector(one, other, mask)

    def intrinsic(self, name: str, *values: Value) -> Value:
        """Return what an operation of LLVM, named like llvm.fabs, makes of values of one type."""
        kind = values[0].value.type
        number = "f64" if self.dtype == "float64" else "f32"
        full = f"llvm.{name}.{number}" if values[0].n == 1 else f"llvm.{name}.v{values[0].n}{number}"
        known = self.module.globals.get(full)
        operation = known or ir.Function(self.module, ir.FunctionType(kind, [kind] * len(values)), name=full)
        return Value(self, self.b.call(operation, [value.value for value in values]))

    def fma(self, one: Value, other: Number, addend: Number) -> Value:
        """Return one * other + addend, rounded once."""
        one, factor = self.alike(one, other)
        factor, summand = self.alike(factor, addend)
        return self.intrinsic("fma", self.constant(one, factor), factor, summand)

    def select(self, truth: Truth, yes: Number, no: Number) -> Value:
        """Return ``yes`` where it is true, else ``no``; one of them is a Value."""
        like = yes if isinstance(yes, Value) else no
        assert isinstance(like, Value)
        chosen = self.b.select(truth.value, self.constant(yes, like).value, self.constant(no, like).value)
        return Value(self, chosen)

    # memory

    def _place(self, pointer: ir.Value, offset: Whole, kind: str) -> ir.Value:
        return self.b.gep(pointer, [self.whole(offset)], source_etype=TYPES[kind])

    def load(self, pointer: ir.Value, offset: Whole, n: int = 1) -> Value:
        """Return n adjacent numbers from memory, the first at ``offset`` numbers from the pointer."""
        kind = TYPES[self.dtype]
        value = self.b.load(self._place(pointer, offset, self.dtype), typ=ir.VectorType(kind, n) if n > 1 else kind)
        value.align = n * BYTES[self.dtype]
        return Value(self, value)

    def store(self, value: Value, pointer: ir.Value, offset: Whole) -> None:
        """Put adjacent numbers into memory."""
        self.b.store(value.value, self._place(pointer, offset, self.dtype), align=value.n * BYTES[self.dtype])

    def load_whole(self, pointer: ir.Value, offset: Whole, kind: str) -> Index:
        """Return a whole number from memory, stored as uint8, int32 or int64."""
        value = self.b.load(self._place(pointer, offset, kind), typ=TYPES[kind])
        return Index(self, value if kind == "int64" else self.b.zext(value, WHOLE))

    # loops

    @contextmanager
    def loop(self, count: Whole, *, backwards: bool = False) -> Iterator[Index]:
        """Write a loop: its body is written once and runs ``count`` times, with 0, 1, 2, ... or the other way round."""
        index, _, finish = self._loop(count, [], backwards)
        yield index
        finish([])

    def fold(
        self,
        count: Whole,
        begin: Sequence[Any],
        body: Callable[[Index, list[Any]], Sequence[Any]],
        *,
        backwards: bool = False,
    ) -> list[Any]:
        """Write a loop that hands values, or indices, from turn to turn, and return the last ones."""
        index, values, finish = self._loop(count, begin, backwards)
        finish(body(index, values))
        return values

    def _loop(
        self, count: Whole, begin: Sequence[Any], backwards: bool
    ) -> tuple[Index, list[Any], Callable[[Any], None]]:
        before, body, after = self.b.block, self.b.append_basic_block("turn"), self.b.append_basic_block("after")
        check = self.b.append_basic_block("check")
        self.b.branch(check)
        self.b.position_at_end(check)
        turn = self.b.phi(WHOLE)
        turn.add_incoming(WHOLE(0), before)
        carried = [self.b.phi(value.value.type) for value in begin]
        for phi, value in zip(carried, begin, strict=True):
            phi.add_incoming(value.value, before)
        self.b.cbranch(self.b.icmp_signed("<", turn, self.whole(count)), body, after)
        self.b.position_at_end(body)

        def finish(values: Sequence[Any]) -> None:
            end = self.b.block
            turn.add_incoming(self.b.add(turn, WHOLE(1)), end)
            for phi, value in zip(carried, values, strict=True):
                phi.add_incoming(value.value, end)
            self.b.branch(check)
            self.b.position_at_end(after)

        again = [type(value)(self, phi) for value, phi in zip(begin, carried, strict=True)]
        index = Index(self, turn)
        return (count - 1 - index if backwards else index), again, finish

    def finish(self) -> str:
        """End the function and return it in LLVM's notation."""
        self.b.ret_void()
        return str(self.module)
