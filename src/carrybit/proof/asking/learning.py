"""Learning: a machine from the answers of a network, and from words that show what is wrong with it.

Words are held to lead to one state until something that follows them is answered differently. A table has a row of
answers for each word that leads to a state, and for each of these with one symbol more; its columns are what may
follow. Where a row is like none of those of the states, its word leads to a state of its own. When there is no such
row left, the table is a machine. A word that the network answers otherwise yields a new column.

Source: Angluin 1987, "Learning regular sets from queries and counterexamples"; Rivest and Schapire 1993, "Inference of
finite automata using homing sequences", for the column.
"""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.proof.asking.answering import Answering, Places

LONGEST_COLUMN = 4_096  # symbols: what only a longer one tells apart are no states of a small machine
LONGEST_WORD = 2**16


class Learning:
    """A table, as far as it was filled.

    Row r is a word: ``places`` is where it leads, ``rows[r]`` the answers to all columns. State s is the word of row
    ``access[s]``; its word and a symbol a is row 1 + s A + a.
    """

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.symbols = len(answering.vectors)
        self.columns: list[Ints] = [np.array([symbol]) for symbol in range(self.symbols)]
        self.places = answering.start
        self.words: list[tuple[int, ...]] = [()]
        self.rows = self._answers(self.places, self.columns)
        self.access: list[int] = []
        self.state_of: Ints = np.zeros(1, np.int64)  # of each row

    def close(self, most: int) -> bool:
        """Find states until every row is that of one; return whether ``most`` states were enough."""
        number = {self.rows[row].tobytes(): state for state, row in enumerate(self.access)}
        seen = 0
        while seen < len(self.rows):
            new = []
            for row in range(seen, len(self.rows)):
                if number.setdefault(self.rows[row].tobytes(), len(number)) == len(self.access):
                    self.access.append(row)
                    new.append(row)
            seen = len(self.rows)
            if len(self.access) > most:
                return False
            if new:
                self._go_on(np.array(new))
        self.state_of = np.array([number[row.tobytes()] for row in self.rows])
        return True

    @property
    def is_sound(self) -> bool:
        """Whether all answers so far make sense."""
        return bool((self.rows >= 0).all())

    def moves(self) -> Ints:
        """Return the table of moves (S, A)."""
        return self.state_of[1:].reshape(len(self.access), self.symbols)

    def outputs(self) -> Ints:
        """Return the table of answers (S, A)."""
        return self.rows[self.access, : self.symbols].astype(np.int64)

    def doubt(self, machine: Machine) -> Ints | None:
        """Return a word of the table that the machine made from it answers otherwise, None if there is none."""
        first = 0
        for column in self.columns:
            here = self.rows[self.access, first : first + len(column)]
            _, given = machine.run(np.tile(column, (len(here), 1)), np.arange(len(here)))
            wrong = np.argwhere(given != here)
            if wrong.size:
                state, step = wrong[0]
                return np.array([*self.words[self.access[state]], *column[: step + 1]])
            first += len(column)
        return None

    def split(self, machine: Machine, word: Ints) -> bool:
        """Learn from a word whose last answer is not the machine's; return whether there was something to learn.

        In the word, beginnings are replaced by the words of the states that they lead to, ever longer ones. At one of
        them the last answer changes: there, two words lead to one state, and what is left of the word tells them apart.
        """
        states, given = machine.run(word[None])
        truth = self._last(0, word)
        if truth == given[0, -1] or len(word) > LONGEST_WORD:
            return False
        low, high = 0, len(word) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._last(states[0, middle], word[middle:]) == truth else (low, middle)
        column = word[high:]
        if len(column) > LONGEST_COLUMN:
            return False
        self.columns.append(column)
        self.rows = np.hstack([self.rows, self._answers(self.places, [column])])
        return True

    def _last(self, state: int, word: Ints) -> int:
        """Return the last answer to a word after that of a state."""
        answers, _ = self.answering.read(self.places.rows(np.array([self.access[state]])), word[None])
        return int(answers[0, -1])

    def _go_on(self, rows: Ints) -> None:
        """Add the rows of the words of some rows and each symbol."""
        symbols = np.tile(np.arange(self.symbols), len(rows))
        _, places = self.answering.read(self.places.rows(np.repeat(rows, self.symbols)), symbols[:, None])
        self.words += [(*self.words[row], symbol) for row in rows.tolist() for symbol in range(self.symbols)]
        self.places = Places(*map(np.concatenate, zip(self.places, places, strict=True)))
        self.rows = np.vstack([self.rows, self._answers(places, self.columns)])

    def _answers(self, places: Places, columns: list[Ints]) -> Ints:
        """Return the answers (N, all columns' symbols) to what follows."""
        count = len(places.fence)
        answers = [self.answering.read(places, np.tile(column, (count, 1)))[0] for column in columns]
        return np.hstack(answers).astype(np.int16)  # there may be millions
