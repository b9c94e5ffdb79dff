"""Strides: one step of a network in whole numbers, for many memories at once, exact.

Sums are whole numbers in floats that hold them exactly, which `Strides` makes sure of; a table says which state a sum
amounts to. A memory is written as whole numbers of 64 bits: states are the digits, and packing them is one more
product with powers of two.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from carrybit.errors import UsageError
from carrybit.integer import EXACT, Whole, whole_inputs
from carrybit.machines.machine import Ints
from carrybit.params import Array

LARGEST_TABLE = 2**18  # entries that a core's caches hold
LARGEST_BINS = 2**22  # the same of bins; beyond, thresholds are searched
WORD = 64


class Strides:
    """The steps of a network for A symbols, for memories that lie side by side as columns.

    ``units`` numbers of ``bits`` bits tell a memory: the states less the lowest, or with recurrence "input" which
    symbol was read last (0 for none). ``bounds`` are the largest sums at both layers.

    Parameters
    ----------
    whole : Whole
    vectors : float array (A, I)

    Raises
    ------
    UsageError
        The inputs are not whole numbers, or so large that sums may not be exact.
    """

    def __init__(self, whole: Whole, vectors: Array) -> None:
        inputs = whole_inputs(vectors)
        self.whole, self.symbols = whole, len(inputs)
        self.bounds = whole.bounds(int(np.abs(inputs).max()))
        if 2 * max(self.bounds) >= EXACT:
            raise UsageError(
                f"sums of up to {max(self.bounds):,} units",
                f"below {EXACT // 2:,}, so that they are exact",
                "smaller inputs",
            )
        is_hidden = whole.spec.recurrence == "hidden"
        self.is_small = 2 * max(self.bounds) + 1 < 2**24  # what float32 counts to
        self.dtype = np.float32 if self.is_small else np.float64
        self.units = whole.spec.hidden_dim if is_hidden else 1
        self.bits = (len(whole.thresholds) if is_hidden else len(inputs)).bit_length()
        heard = (inputs @ whole.synapse_0 + whole.bias_1) << whole.point  # (A, H)
        self.synapse_1 = whole.synapse_1.T.astype(self.dtype)  # (O, H)
        bias_2 = (whole.bias_2 << whole.point) + whole.lowest * whole.synapse_1.sum(axis=0)
        self.bias_2 = bias_2[:, None].astype(self.dtype)
        if is_hidden:
            remembered = whole.synapse_h
            heard = heard + whole.lowest * remembered.sum(axis=0)  # since states are told from the lowest on
            self.synapse_h = np.ascontiguousarray(remembered.T).astype(self.dtype)  # (H, H)
        else:
            past = np.concatenate([np.zeros((1, inputs.shape[1]), int), inputs])
            self.remembered = ((past @ whole.synapse_h) << whole.point).T.astype(self.dtype)  # (H, A+1)
        self.stairs = _Stairs(whole.thresholds, self.bounds[0], self.dtype)
        self.heard = (heard + self.bounds[0])[:, :, None].astype(self.dtype)  # stairs count from the lowest sum on
        self.border = 0.0
        if whole.spec.loss == "linear_squared_error" and whole.spec.output_dim == 1:
            self.border = float(Fraction(2) ** (whole.point - whole.units[1] - 1))

    @property
    def start(self) -> int:
        """The number that each unit has before any symbol."""
        return -self.whole.lowest if self.whole.spec.recurrence == "hidden" else 0

    def begin(self, memory: Array) -> Array:
        """Return what is remembered of memories (units, N) at layer 1, (H, N); it goes with every symbol."""
        if self.whole.spec.recurrence == "hidden":
            product: Array = self.synapse_h @ memory.astype(self.dtype)
            return product
        return self.remembered[:, memory[0].astype(np.int64)]

    def end(self, begun: Array, symbol: int) -> tuple[Array, Array]:
        """Return the memories after a symbol (units, N), and the sums at layer 2 (O, N)."""
        states = self.stairs.climb(begun + self.heard[symbol])
        sums = self.synapse_1 @ states + self.bias_2
        if self.whole.spec.recurrence == "hidden":
            return states, sums
        return np.full((1, states.shape[1]), symbol + 1, self.dtype), sums

    def judge(self, sums: Array, truth: Ints) -> tuple[Array, float]:
        """Return which answers are right (N,), and the least distance of those from being wrong, in whole units."""
        if len(sums) == 1:
            is_right = (sums[0] > self.border) == (truth == 1)
            beside = np.abs(sums[0] - self.border)
        else:
            is_right = sums.argmax(axis=0) == truth
            ordered = np.sort(sums, axis=0)
            beside = ordered[-1] - ordered[-2]
        return is_right, float(beside.min(initial=np.inf))

    def answers(self, sums: Array) -> Ints:
        """Return the answers (N,) that sums (O, N) amount to."""
        return (sums[0] > self.border).astype(np.int64) if len(sums) == 1 else sums.argmax(axis=0)


class _Stairs:
    """How many thresholds a sum reaches; sums are told from the lowest possible, -bound, on.

    A small table has them for every sum. A larger one has bins so narrow that no two thresholds are in one: on which
    side of it a sum is decides.
    """

    def __init__(self, thresholds: Ints, bound: int, dtype: type) -> None:
        size = 2 * bound + 1
        self.thresholds = thresholds + bound
        distinct = np.unique(self.thresholds)
        narrowest = int(np.diff(distinct).min(initial=size))
        power = 0 if size <= LARGEST_TABLE else max(0, narrowest.bit_length() - 1)
        self.narrow, self.dtype = 2.0**-power, dtype
        self.is_exact, self.is_searched = power == 0, -(-size >> power) > LARGEST_BINS
        if self.is_searched:
            return
        begins = np.arange((size >> power) + 1) << power
        self.low: Array = np.searchsorted(self.thresholds, begins, side="right").astype(dtype)
        if not self.is_exact:
            self.high: Array = np.searchsorted(self.thresholds, begins + (1 << power) - 1, side="right").astype(dtype)
            above = np.searchsorted(self.thresholds, begins, side="right")
            self.cuts: Array = np.append(self.thresholds, 2 * size)[above].astype(
                dtype
            )  # the first one above a bin's begin

    def climb(self, sums: Array) -> Array:
        """Return the states of sums."""
        if self.is_searched:
            return np.searchsorted(self.thresholds, sums, side="right").astype(self.dtype)
        if self.is_exact:
            return self.low[sums.astype(np.int64)]
        bins = (sums * self.narrow).astype(np.int64)
        return np.where(sums < self.cuts[bins], self.low[bins], self.high[bins])


class Packing:
    """How a memory and a state of a machine are written in W words.

    Parameters
    ----------
    strides : Strides
    states : int
        Of the machine.
    """

    def __init__(self, strides: Strides, states: int) -> None:
        self.units, self.bits, self.dtype = strides.units, strides.bits, strides.dtype
        fraction = 24 if strides.is_small else 53
        together = min(fraction // self.bits, self.units)  # units that one product packs
        parts = -(-self.units // together)
        self.product = np.zeros((parts, self.units), self.dtype)
        for unit in range(self.units):
            self.product[unit // together, unit] = 2.0 ** (self.bits * (unit % together))
        word, shift = 0, 0
        self.parts: list[tuple[int, int]] = []  # the word and the place in it, of each part and then of the state
        for width in [together * self.bits] * parts + [(states - 1).bit_length()]:
            if shift + width > WORD:
                word, shift = word + 1, 0
            self.parts.append((word, shift))
            shift += width
        self.words = word + 1
        self.together = together

    def pack(self, memory: Array, states: Ints) -> Array:
        """Return memories (units, N) and states (N,) as words, uint64 array (N, W)."""
        keys = np.zeros((memory.shape[1], self.words), np.uint64)
        for part, (word, shift) in zip([*(self.product @ memory), states], self.parts, strict=True):
            keys[:, word] |= part.astype(np.uint64) << np.uint64(shift)
        return keys

    def unpack(self, keys: Array) -> tuple[Array, Ints]:
        """Return the memories (units, N) and the states (N,) that are written in words."""
        memory = np.empty((self.units, len(keys)), self.dtype)
        mask = np.uint64(2**self.bits - 1)
        columns = np.ascontiguousarray(keys.T)
        for unit in range(self.units):
            word, shift = self.parts[unit // self.together]
            memory[unit] = columns[word] >> np.uint64(shift + self.bits * (unit % self.together)) & mask
        word, shift = self.parts[-1]
        if shift == WORD:  # a machine of one state, whose number has no bits
            return memory, np.zeros(len(keys), np.int64)
        above = columns[word] >> np.uint64(shift)
        return memory, above.view(np.int64)
