"""Addition of binary numbers, bit by bit, lowest first: the tutorial's task.

At every step the network reads one bit of each operand and answers one bit of the sum, so it has to remember the
carry. As a machine: the states are the values the carry can have (0 and 1 for two operands, 0 to k - 1 for k), the
symbols are the columns of bits. A sum of n bits takes n steps, and its operands are drawn so small that it fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial

import numpy as np

from carrybit import checks, randomness
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.tasks.paper import Paper

WIDEST, MOST_OPERANDS, MOST_DIGITS = 100_000, 8, 100_000
EVERY_SUM_BITS, RANDOM_BITS, RANDOM_SUMS, CHAIN_BITS = 14, 64, 10_000, 1_000
EXAMINATION_SEED = 0  # every network sits the same examination
SHORT_DIGITS = 10  # of a number that heads a row
SHOWN_DIGITS = 24  # of a longer number, only the two ends are shown


@dataclass(frozen=True)
class Addition:
    """The sum of ``operands`` binary numbers, ``bits`` bits wide.

    Parameters
    ----------
    bits : int, 1 to 100,000
        Steps of a training sum. Operands have fewer bits, so that the sum fits, but at least one (then only the
        lowest ``bits`` bits of a sum are asked for).
    operands : int, 2 to 8
    """

    bits: int = 8
    operands: int = 2
    name = "addition"

    def __post_init__(self) -> None:
        checks.whole("bits", self.bits, 1, WIDEST, 8)
        checks.whole("operands", self.operands, 2, MOST_OPERANDS, 2)

    @property
    def carry_bits(self) -> int:
        """How many bits a sum can be longer than its operands."""
        return (self.operands - 1).bit_length()

    @cached_property
    def machine(self) -> Machine:
        """Serial addition: carry + bits = 2 * next carry + answer."""
        columns = self.vectors.sum(axis=1).astype(int)  # (A,)
        totals = np.arange(self.operands)[:, None] + columns  # (S, A)
        return Machine(
            states=tuple(f"carry {carry}" for carry in range(self.operands)),
            symbols=tuple("".join(str(int(bit)) for bit in column) for column in self.vectors),
            answers=("0", "1"),
            moves=totals // 2,
            outputs=totals % 2,
        )

    @cached_property
    def vectors(self) -> Array:
        """Symbol 1 of two operands is the column 01: 0 from the first, 1 from the second."""
        symbols = np.arange(2**self.operands)[:, None]
        return (symbols >> np.arange(self.operands)[::-1] & 1).astype(np.float64)

    @property
    def example(self) -> str:
        """Return "9 + 60", the first sum of the tutorial's log, with more numbers for more operands."""
        return " + ".join(["9", "60", "3", "14", "1", "5", "92", "6"][: self.operands])

    def word(self, operand_bits: Ints) -> Ints:
        """Columns of bits as symbols: (..., operands, T), lowest bit first, to (..., T)."""
        word: Ints = operand_bits[..., 0, :]
        for k in range(1, self.operands):  # eight operands at most: a symbol is a byte
            word = word << 1 | operand_bits[..., k, :]
        return word

    def numbers(self, word: Ints) -> list[int]:
        """Return the operands that a word (T,) spells."""
        return [_number(word >> shift & 1) for shift in reversed(range(self.operands))]

    def sample(self, seed: int, purpose: str, first: int, count: int) -> Ints:
        """Uniformly drawn operands, as words (count, bits)."""
        drawn = max(1, self.bits - self.carry_bits)
        width = -(-drawn // 64)  # words for one operand
        rows = randomness.words(seed, purpose, first, count, self.operands * width)
        word = np.zeros((count, self.bits), np.uint8)
        word[:, :drawn] = self.word(randomness.bits(rows.reshape(count, self.operands, width), drawn))
        return word

    def read(self, text: str) -> Ints:
        """Read "9 + 60" as the word (T,) that asks for this sum, long enough for every carry.

        Raises
        ------
        UsageError
            It is no sum of so many whole numbers, or one of them has more than 100,000 digits.
        """
        parts = [part.strip() for part in text.split("+")]
        if len(parts) != self.operands:
            raise UsageError(
                f"{_short(text)!r}, which is no sum of {self.operands} numbers",
                f"{self.operands} numbers with + between them: what this network was trained to add",
                f'write it like "{self.example}"',
            )
        numbers = [self._read_number(part) for part in parts]
        length = max(max(number.bit_length() for number in numbers), 1) + self.carry_bits
        octets = [number.to_bytes(-(-length // 8), "little") for number in numbers]
        rows = np.array([np.frombuffer(octet, np.uint8) for octet in octets])
        return self.word(np.unpackbits(rows, axis=1, count=length, bitorder="little"))

    def _read_number(self, part: str) -> int:
        if not (part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS):
            found = repr(_short(part)) if part else "nothing"
            if part.isascii() and part.isdigit():
                found += f", a number of {len(part):,} digits,"
            raise UsageError(
                f"{found} where a number should stand",
                f"whole numbers from 0 up, in the digits 0 to 9, at most {MOST_DIGITS:,} of them",
                f'write a sum like "{self.example}"',
            )
        return int(Decimal(part))  # Decimal, because int(text) refuses more than 4,300 digits

    def examination(self) -> Iterator[Paper]:
        """Every short sum, many long random ones, and the carry chains, which sampling as good as never meets."""
        few = EVERY_SUM_BITS // self.operands
        symbols = np.arange(2**self.operands)
        every = np.stack(np.meshgrid(*[symbols] * few, indexing="ij"), axis=-1).reshape(-1, few)
        end = np.zeros((len(every), self.carry_bits), dtype=every.dtype)
        yield Paper.of(f"sums of {few}-bit numbers, all of them", np.concatenate([every, end], axis=1))
        long = Addition(RANDOM_BITS, self.operands)
        yield long.random_paper(EXAMINATION_SEED, "examination", RANDOM_SUMS)
        yield Paper.of(
            f"carry chains of 1 to {CHAIN_BITS:,} bits",
            self.machine.holding_words(CHAIN_BITS),
            ending=(0,) * self.carry_bits,
        )

    def random_paper(self, seed: int, purpose: str, count: int) -> Paper:
        """Return a paper of ``count`` random sums of this width."""
        draw = partial(self.sample, seed, purpose)
        return Paper(f"random {self.bits:,}-bit sums", draw, count, self.bits)

    def rows(self, word: Ints) -> list[tuple[str, list[str]]]:
        """Return the operands in binary, one a row, headed by what they are in decimal where that is short."""
        columns = self.vectors[word].astype(int).T  # (operands, T)
        heads = [decimal(number) for number in self.numbers(word)]
        return [
            (head if len(head) <= SHORT_DIGITS else f"number {k}", [str(bit) for bit in column])
            for k, (head, column) in enumerate(zip(heads, columns, strict=True), start=1)
        ]

    def question(self, word: Ints, *, whole: bool = False) -> str:
        """Return "9 + 60"; long numbers lose their middle unless they are wanted whole."""
        return " + ".join(map(decimal if whole else _digits, self.numbers(word)))

    def answer(self, answers: Ints, *, whole: bool = False) -> str:
        """Return "69"; a long number loses its middle unless it is wanted whole."""
        return (decimal if whole else _digits)(_number(answers))

    def show(self, word: Ints, answers: Ints, *, whole: bool = False) -> str:
        """Return "9 + 60 = 69"."""
        return f"{self.question(word, whole=whole)} = {self.answer(answers, whole=whole)}"

    def correct(self, word: Ints, answers: Ints) -> str:
        """Return "9 + 60 = 1, should be 69 (bit 2 is the first wrong one)"."""
        right = self.machine.run(word[None])[1][0]
        bit = int(np.flatnonzero(right != answers)[0])
        return f"{self.show(word, answers)}, should be {self.answer(right)} (bit {bit} is the first wrong one)"


def _number(bits: Ints) -> int:
    """Return the number that bits (T,), lowest first, spell."""
    return int.from_bytes(np.packbits(bits == 1, bitorder="little").tobytes(), "little")


def decimal(number: int) -> str:
    """Return all digits of a number; str(number) refuses more than 4,300."""
    return str(Decimal(number))


def _digits(number: int) -> str:
    """Return a number in decimal, its middle left out where it is long."""
    digits = decimal(number)
    if len(digits) <= SHOWN_DIGITS:
        return digits
    return f"{digits[:8]}…{digits[-8:]} ({len(digits):,} digits)"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:30]}…{text[-6:]}"
