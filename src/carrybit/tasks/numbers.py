"""NumberTask: a task on whole numbers in binary, one column of bits a step, lowest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import numpy as np

from carrybit import checks, randomness
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.tasks import walks
from carrybit.tasks.paper import Paper

WIDEST, MOST_OPERANDS, MOST_DIGITS = 100_000, 8, 100_000
EVERY_BITS, RANDOM_BITS, RANDOM_COUNT, CHAIN_BITS = 14, 64, 10_000, 1_000
EXAMINATION_SEED = 0  # every network sits the same examination
SHORT_DIGITS = 10  # of a number that heads a row
SHOWN_DIGITS = 24  # of a longer number, only the two ends are shown
PROVABLE = {
    "activation": "tanh",
    "loss": "cross_entropy",
    "bias": True,
    "start": 0.3,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "clip": 1.0,
    "batch_size": 8,
    "noise": 0.3,
    "noise_ramp": 2_000,
    "updates": 10_000,
    "until": "updates",
}


@dataclass(frozen=True, eq=False)
class NumberTask:
    """What a machine answers to ``operands`` binary numbers that it reads side by side.

    Parameters
    ----------
    name : str
    bits : int, 1 to 100,000
        Steps of a training sample.
    operands : int, 2 to 8
    machine : Machine
        Its symbols are the columns of bits, those of the first number highest: 01 is 0 of the first, 1 of the second.
    spell : (answers (T,), whole) -> str
        The answers as a person reads them; a long number loses its middle unless it is wanted whole.
    sign, noun, memory, chain : str
        "+" between two numbers; what a sample is, in the plural; what is remembered; what it is called when held.
    spare : int
        So many bits shorter than a sample are the numbers drawn for it, so that the answer fits.
    likely : float array (S, A), or None
        How likely a column comes in a state; None is for numbers drawn uniformly.
    defaults : mapping
        What is usual for this task, by the names of `TrainConfig`.
    recipes : mapping
        By a recipe's name, the settings that take the place of those in ``defaults``.
    """

    name: str
    bits: int
    machine: Machine
    spell: Callable[[Ints, bool], str]
    sign: str
    noun: str
    memory: str
    chain: str
    title: str
    operands: int = 2
    spare: int = 0
    likely: Array | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"provable": PROVABLE})

    steps = "bits"
    length_name = "bits"
    asked = None  # any column may come at any time
    is_read_backwards = True  # a person writes the last step first

    def __post_init__(self) -> None:
        checks.whole("bits", self.bits, 1, WIDEST, 8)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberTask) and (self.name, self.settings) == (other.name, other.settings)

    def __hash__(self) -> int:
        return hash((self.name, *self.settings.values()))

    @property
    def length(self) -> int:
        """Steps of a training sample."""
        return self.bits

    def at_length(self, length: int) -> NumberTask:
        """Return the same task with samples of another length."""
        return replace(self, bits=length, settings={**self.settings, "bits": length})

    @cached_property
    def vectors(self) -> Array:
        """Symbol 1 of two operands is the column 01: 0 from the first, 1 from the second."""
        return columns(self.operands)

    @property
    def example(self) -> str:
        """Return "9 + 60", the first sum of the tutorial's log, with more numbers for more operands."""
        return f" {self.sign} ".join(["9", "60", "3", "14", "1", "5", "92", "6"][: self.operands])

    def word(self, operand_bits: Ints) -> Ints:
        """Columns of bits as symbols: (..., operands, T), lowest bit first, to (..., T)."""
        word: Ints = operand_bits[..., 0, :]
        for k in range(1, self.operands):  # eight operands at most: a symbol is a byte
            word = word << 1 | operand_bits[..., k, :]
        return word

    def numbers(self, word: Ints) -> list[int]:
        """Return the operands that a word (T,) spells."""
        return [number(word >> shift & 1) for shift in reversed(range(self.operands))]

    def sample(self, seed: int, purpose: str, first: int, count: int) -> Ints:
        """Uniformly drawn operands, or random walks through the machine, as words (count, bits)."""
        if self.likely is not None:
            return walks.draw(self.machine, self.likely, self.bits, seed, purpose, first, count)
        drawn = max(1, self.bits - self.spare)
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
            It is not so many whole numbers with the sign between, or one of them has more than 100,000 digits.
        """
        parts = [part.strip() for part in text.split(self.sign)]
        if len(parts) != self.operands:
            raise UsageError(
                f"{_short(text)!r}, which is not {self.operands} numbers with {self.sign} between",
                f"{self.operands} numbers with {self.sign} between them: what this network was trained on",
                f'write it like "{self.example}"',
            )
        numbers = [self._read_number(part) for part in parts]
        length = max(max(number.bit_length() for number in numbers), 1) + self.spare
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
                f'write it like "{self.example}"',
            )
        return int(Decimal(part))  # Decimal, because int(text) refuses more than 4,300 digits

    def examination(self) -> Iterator[Paper]:
        """Every short question, many long random ones, and the chains, which sampling as good as never meets.

        Random ones are drawn uniformly and, if that is another way, as in training.
        """
        few = EVERY_BITS // self.operands
        symbols = np.arange(2**self.operands)
        every = np.stack(np.meshgrid(*[symbols] * few, indexing="ij"), axis=-1).reshape(-1, few)
        end = np.zeros((len(every), self.spare), dtype=every.dtype)
        yield Paper.of(f"all {self.noun} of {few}-bit numbers", np.concatenate([every, end], axis=1))
        long = self.at_length(RANDOM_BITS)
        for each in [long] if self.likely is None else [long, replace(long, likely=None)]:
            yield each.random_paper(EXAMINATION_SEED, "examination", RANDOM_COUNT)
        yield Paper.of(
            f"{self.chain} of 1 to {CHAIN_BITS:,} bits",
            self.machine.holding_words(CHAIN_BITS),
            ending=(0,) * self.spare or None,
        )

    def random_paper(self, seed: int, purpose: str, count: int) -> Paper:
        """Return a paper of ``count`` random questions of this width."""
        draw = partial(self.sample, seed, purpose)
        drawn = "" if self.likely is None else ", as in training"
        return Paper(f"random {self.bits:,}-bit {self.noun}{drawn}", draw, count, self.bits)

    def rows(self, word: Ints) -> list[tuple[str, list[str]]]:
        """Return the operands in binary, one a row, headed by what they are in decimal where that is short."""
        bits = self.vectors[word].astype(int).T  # (operands, T)
        heads = [decimal(number) for number in self.numbers(word)]
        return [
            (head if len(head) <= SHORT_DIGITS else f"number {k}", [str(bit) for bit in row])
            for k, (head, row) in enumerate(zip(heads, bits, strict=True), start=1)
        ]

    def question(self, word: Ints, *, whole: bool = False) -> str:
        """Return "9 + 60"; long numbers lose their middle unless they are wanted whole."""
        return f" {self.sign} ".join(map(decimal if whole else digits, self.numbers(word)))

    def decode(self, answers: Ints, *, whole: bool = False) -> str:
        """Return "69"; a long number loses its middle unless it is wanted whole."""
        return self.spell(answers, whole)

    def show(self, word: Ints, answers: Ints, *, whole: bool = False) -> str:
        """Return "9 + 60 = 69"; a question with a ? in it is answered there: "9 < 60"."""
        question, answer = self.question(word, whole=whole), self.decode(answers, whole=whole)
        return question.replace("?", answer) if self.sign == "?" else f"{question} = {answer}"

    def correct(self, word: Ints, answers: Ints) -> str:
        """Return "9 + 60 = 1, should be 69 (bit 2 is the first wrong one)"."""
        right = self.machine.run(word[None])[1][0]
        bit = int(np.flatnonzero(right != answers)[0])
        return f"{self.show(word, answers)}, should be {self.decode(right)} (bit {bit} is the first wrong one)"


def columns(operands: int) -> Array:
    """Return the columns of bits of so many numbers, float array (2**operands, operands), symbol by symbol."""
    symbols = np.arange(2**operands)[:, None]
    return (symbols >> np.arange(operands)[::-1] & 1).astype(np.float64)


def column_names(operands: int) -> tuple[str, ...]:
    """Return the columns as symbols: 00, 01, 10, 11."""
    return tuple("".join(str(int(bit)) for bit in column) for column in columns(operands))


def number(bits: Ints) -> int:
    """Return the number that bits (T,), lowest first, spell."""
    return int.from_bytes(np.packbits(bits == 1, bitorder="little").tobytes(), "little")


def decimal(number: int) -> str:
    """Return all digits of a number; str(number) refuses more than 4,300."""
    return str(Decimal(number))


def digits(number: int) -> str:
    """Return a number in decimal, its middle left out where it is long."""
    every = decimal(number)
    if len(every) <= SHOWN_DIGITS:
        return every
    return f"{every[:8]}…{every[-8:]} ({len(every.lstrip('-')):,} digits)"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:30]}…{text[-6:]}"
