"""Paper: one part of an examination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carrybit.machines.machine import Ints


@dataclass(frozen=True)
class Paper:
    """Words to be answered.

    title  : what is asked, in the plural
    words  : first, count -> int array (count, length), numbers of symbols
    count  : how many words there are
    length : how many symbols each has
    ending : None where each word is a question; symbols where each beginning of each word, closed by them, is one
    """

    title: str
    words: Callable[[int, int], Ints]
    count: int
    length: int
    ending: tuple[int, ...] | None = None

    @classmethod
    def of(cls, title: str, words: Ints, ending: tuple[int, ...] | None = None) -> Paper:
        """Return a paper of the words in an array (count, length)."""
        count, length = words.shape
        return cls(title, lambda first, count: words[first : first + count], count, length, ending)

    @property
    def questions(self) -> int:
        """How many questions it asks."""
        return self.count * (1 if self.ending is None else self.length)

    @property
    def steps(self) -> int:
        """What it costs to sit this paper, in steps of the network."""
        return self.count * self.length * (1 if self.ending is None else 1 + len(self.ending))
