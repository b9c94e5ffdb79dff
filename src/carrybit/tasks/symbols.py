"""SymbolTask: a task whose words are symbols as they stand: letters, words, brackets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from carrybit import checks
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.tasks import walks
from carrybit.tasks.paper import Paper

LONGEST = 100_000
EVERY, RANDOM_STEPS, RANDOM_NUMBERS, RANDOM_COUNT = 2**14, 640_000, 2**22, 10_000
FARTHER = 10  # the random words of an examination are so many times as long as those of training
HELD, MOST_HELD = 1_000, 256
EXAMINATION_SEED = 0  # every network sits the same examination
SHOWN = 24  # symbols of a word; a longer one loses its beginning
DEFAULTS = {
    "hidden_dim": 16,
    "activation": "tanh",
    "loss": "softmax_cross_entropy",
    "bias": True,
    "start": 0.3,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "clip": 1.0,
    "batch_size": 8,
    "until": "exact",
    "updates": 20_000,
    "every": 100,
}
PROVABLE = {"noise": 0.3, "noise_ramp": 2_000, "updates": 10_000, "until": "updates"}
FEW = 4  # symbols; of more, words branch so much that every cell must be done with in two or three steps
OF_MANY = PROVABLE | {  # sigmoid's slope is a quarter of tanh's, so that its memory fades sooner
    "activation": "sigmoid",
    "start": 1.0,
    "updates": 20_000,
}


def provable(machine: Machine) -> Mapping[str, Any]:
    """Return a recipe for a machine of one's own, by how many symbols it has."""
    return PROVABLE if len(machine.symbols) <= FEW else OF_MANY


@dataclass(frozen=True, eq=False)
class SymbolTask:
    """What a machine answers to symbols, which are shown to the network one-hot.

    Parameters
    ----------
    name : str
    machine : Machine
    length : int, 1 to 100,000
        Steps of a training sample.
    example : str
        Something to ask, the way a person writes it.
    title : str
        What it is, in a few words.
    settings : mapping
        What the task was made from, by name.
    likely : float array (S, A), or None
        How likely a symbol comes in a state, 0 for never; None is `walks.even`.
    defaults : mapping
        What is usual for this task, by the names of `TrainConfig`.
    recipes : mapping
        By a recipe's name, the settings that take the place of those in ``defaults``.
    """

    name: str
    machine: Machine
    length: int
    example: str
    title: str
    settings: Mapping[str, Any]
    likely: Array | None = None
    defaults: Mapping[str, Any] = field(default_factory=lambda: DEFAULTS)
    recipes: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"provable": PROVABLE})

    steps, noun, memory = "steps", "words", "state"
    length_name = "length"
    is_read_backwards = False

    def __post_init__(self) -> None:
        checks.whole("length", self.length, 1, LONGEST, 16)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SymbolTask) and (self.name, self.settings) == (other.name, other.settings)

    def __hash__(self) -> int:
        return hash((self.name, *map(str, self.settings.values())))

    def at_length(self, length: int) -> SymbolTask:
        """Return the same task with samples of another length."""
        return replace(self, length=length, settings={**self.settings, "length": length})

    @cached_property
    def chances(self) -> Array:
        """How likely a symbol comes in a state, 0 for never: float array (S, A)."""
        return walks.even(self.machine, self.length) if self.likely is None else self.likely

    @property
    def asked(self) -> Array | None:
        """Which symbols may come in which state, bool array (S, A); None for all."""
        return None if (self.chances > 0).all() else self.chances > 0

    @cached_property
    def vectors(self) -> Array:
        """One unit for each symbol."""
        return np.eye(len(self.machine.symbols))

    @cached_property
    def _gap(self) -> str:
        """What stands between two symbols: nothing where each is one letter."""
        return "" if all(len(symbol) == 1 for symbol in self.machine.symbols) else " "

    def sample(self, seed: int, purpose: str, first: int, count: int) -> Ints:
        """Random walks through the machine: (count, length)."""
        return walks.draw(self.machine, self.chances, self.length, seed, purpose, first, count)

    def read(self, text: str) -> Ints:
        """Read symbols as they stand, with spaces between them or, where each is one letter, without.

        Raises
        ------
        UsageError
            There is none, or one that the machine does not know.
        """
        known = {symbol: number for number, symbol in enumerate(self.machine.symbols)}
        found = text.split() if self._gap else list("".join(text.split()))
        unknown = next((symbol for symbol in found if symbol not in known), None)
        if not found or unknown is not None:
            raise UsageError(
                f"{unknown!r}, which is no symbol of this task" if unknown is not None else "a word without symbols",
                " ".join(self.machine.symbols)[:300],
                f'write it like "{self.example}"',
            )
        return np.array([known[symbol] for symbol in found])

    def examination(self) -> Iterator[Paper]:
        """Every short word, random ones ten times as long as in training, and states that are held for long.

        Where words hardly branch, as in a song, all of ten times the length are few enough to be asked. Where some
        symbols are seldom drawn in training, random words are asked in which they are not, too.
        """
        long = self.at_length(min(FARTHER * self.length, LONGEST))
        short = walks.all_short(self.machine, self.chances, EVERY, long.length)
        yield Paper.of(f"all words of {short.shape[1]:,} symbols", short)
        if short.shape[1] < long.length:
            count = min(RANDOM_COUNT, RANDOM_STEPS // long.length, RANDOM_NUMBERS // long.length // len(self.vectors))
            for each in [long] if self.likely is None else [long, replace(long, likely=None)]:
                yield each.random_paper(EXAMINATION_SEED, "examination", max(20, count))
        held = self.machine.holding_words(HELD)
        held = held[walks.is_possible(self.machine, self.chances, held)][:MOST_HELD]
        if len(held):
            yield Paper.of(f"states held for {HELD:,} steps", held)

    def random_paper(self, seed: int, purpose: str, count: int) -> Paper:
        """Return a paper of ``count`` random words of this length."""
        draw = partial(self.sample, seed, purpose)
        drawn = "" if self.likely is None else ", as in training"
        return Paper(f"random words of {self.length:,} symbols{drawn}", draw, count, self.length)

    def rows(self, word: Ints) -> list[tuple[str, list[str]]]:
        """Return the symbols."""
        return [("symbol", [self.machine.symbols[symbol] for symbol in word])]

    def question(self, word: Ints, *, whole: bool = False) -> str:
        """Return the symbols; a long word loses its beginning unless it is wanted whole."""
        return self._written(word, self.machine.symbols, whole)

    def decode(self, answers: Ints, *, whole: bool = False) -> str:
        """Return the answers by name; of many, the first ones are left out unless they are wanted whole."""
        return self._written(answers, (*self.machine.answers, "?"), whole)  # ? stands for none, which is -1

    def _written(self, numbers: Ints, names: tuple[str, ...], whole: bool) -> str:
        gap = "" if all(len(name) == 1 for name in names) else " "
        shown = numbers if whole else numbers[-(SHOWN // 3 if gap else SHOWN) :]
        return "…" * (len(shown) < len(numbers)) + gap.join(names[number] for number in shown)

    def show(self, word: Ints, answers: Ints, *, whole: bool = False) -> str:
        """Return "0110 → 0010"."""
        return f"{self.question(word, whole=whole)} → {self.decode(answers, whole=whole)}"

    def correct(self, word: Ints, answers: Ints) -> str:
        """Return the word up to the first wrong answer, and what is right there."""
        right = self.machine.run(word[None])[1][0]
        t = int(np.flatnonzero(right != answers)[0])
        said, wanted = self.decode(answers[t : t + 1]), self.decode(right[t : t + 1])
        return f"{self.question(word[: t + 1])} → {said}, should be {wanted} (step {t})"
