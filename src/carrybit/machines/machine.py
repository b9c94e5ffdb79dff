"""Machine: a finite machine with one answer per step (a Mealy machine), as a value."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carrybit.errors import UsageError

Ints = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Machine:
    """States, symbols and answers by name; moves and answers by number.

    Parameters
    ----------
    states, symbols, answers : tuples of str
        S, A and K names.
    moves : int array (S, A)
        The state after reading a symbol in a state.
    outputs : int array (S, A)
        The answer given on reading a symbol in a state.
    start : int
        The state before any symbol.

    Raises
    ------
    UsageError
        A table has another shape, or leads out of the names.
    """

    states: tuple[str, ...]
    symbols: tuple[str, ...]
    answers: tuple[str, ...]
    moves: Ints
    outputs: Ints
    start: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.states), len(self.symbols))
        for name, table, end in (("moves", self.moves, shape[0]), ("outputs", self.outputs, len(self.answers))):
            if table.shape != shape or table.size == 0 or table.min() < 0 or table.max() >= end:
                raise UsageError(
                    f"a table of {name} of shape {table.shape}",
                    f"shape {shape}: a row for each state, a column for each symbol, entries from 0 to {end - 1}",
                    f"define {name} for every state and symbol",
                )
        if not 0 <= self.start < shape[0]:
            raise UsageError(f"start = {self.start}", f"a state from 0 to {shape[0] - 1}", "start = 0")

    def run(self, words: Ints, start: Ints | None = None) -> tuple[Ints, Ints]:
        """Read words.

        Parameters
        ----------
        words : int array (B, T)
            Numbers of symbols.
        start : int array (B,), or None for the start state
            The states to begin in.

        Returns
        -------
        states : int array (B, T+1)
            Column 0 is before any symbol.
        answers : int array (B, T)
        """
        batch, time = words.shape
        states = np.empty((batch, time + 1), dtype=np.int64)
        states[:, 0] = self.start if start is None else start
        for t in range(time):
            states[:, t + 1] = self.moves[states[:, t], words[:, t]]
        return states, self.outputs[states[:, :-1], words]

    def shortest_words(self) -> dict[int, tuple[int, ...]]:
        """Return the shortest word, of at least one symbol, into each state that can be reached."""
        found: dict[int, tuple[int, ...]] = {}
        waiting: deque[tuple[int, tuple[int, ...]]] = deque([(self.start, ())])
        while waiting:
            state, word = waiting.popleft()
            for symbol, after in enumerate(self.moves[state].tolist()):
                if after not in found:
                    found[after] = (*word, symbol)
                    waiting.append((after, found[after]))
        return found

    def holding_words(self, length: int) -> Ints:
        """Words that only memory can answer: enter a state, then repeat a symbol under which several states stay put.

        While such a symbol repeats, the input says nothing about the state, so the answers hang on what is
        remembered. For serial addition these are the carry chains: 0 + 1 at every bit, with a carry and without.

        Returns
        -------
        words : int array (number of such words, length)
        """
        stays = self.moves == np.arange(len(self.states))[:, None]  # (S, A)
        words = [
            (*way_in, *[symbol] * length)[:length]
            for state, way_in in sorted(self.shortest_words().items())
            for symbol in np.flatnonzero(stays[state] & (stays.sum(axis=0) > 1)).tolist()
        ]
        return np.array(words, dtype=np.int64).reshape(len(words), length)

    def reachable(self) -> Machine:
        """Return the same machine without the states that no word leads to."""
        found = {self.start}
        for state in (waiting := [self.start]):  # which grows meanwhile
            new = set(self.moves[state].tolist()) - found
            found |= new
            waiting += new
        kept = np.array(sorted(found))
        return self._merged(kept, np.searchsorted(kept, np.arange(len(self.states))))

    def minimal(self) -> Machine:
        """Return the smallest machine that gives the same answers; of states that are one, the first gives the name.

        States are held to be one until an answer, or a move into states that are known to differ, tells them apart
        (Moore 1956).
        """
        machine = self.reachable()
        kept, part = _alike(machine.outputs)
        while True:
            finer, finer_part = _alike(np.column_stack([part, part[machine.moves]]))
            if len(finer) == len(kept):
                return machine._merged(kept, part)
            kept, part = finer, finer_part

    def _merged(self, kept: Ints, part: Ints) -> Machine:
        """Keep some states (K,), and let part (S,) say which of them each state has become."""
        return Machine(
            states=tuple(self.states[state] for state in kept),
            symbols=self.symbols,
            answers=self.answers,
            moves=part[self.moves[kept]],
            outputs=self.outputs[kept],
            start=int(part[self.start]),
        )


def _alike(rows: Ints) -> tuple[Ints, Ints]:
    """Return the first row of each kind, in order, and the kind of each row."""
    _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[kind.ravel()]
