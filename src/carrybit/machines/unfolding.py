"""The unfolding of a pattern into a table: what is left to match after each symbol becomes a state.

Reading a symbol takes the first piece off a pattern, in every way it can be read; the patterns that are left are its
partial derivatives (Antimirov 1996). A state is the set of those that are still alive. Nothing here knows how patterns
are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines import limits
from carrybit.machines.machine import Ints

MOST_LEFT, MOST_WORK = 5_000, 5_000_000  # patterns that can be left; steps of unfolding, two seconds or so


class Repeat(NamedTuple):
    """A piece of a pattern, ``low`` to ``high`` times (None: without end).

    A piece is either a set of symbols, one of which must stand there, or a choice of sequences of pieces.
    """

    piece: frozenset[int] | tuple[tuple[Repeat, ...], ...]
    low: int
    high: int | None


Sequence = tuple[Repeat, ...]


def unfold(pattern: Sequence, symbols: int) -> tuple[Ints, Ints]:
    """Return a machine for a pattern.

    Parameters
    ----------
    pattern : tuple of Repeat
    symbols : int
        A; they are numbered from 0.

    Returns
    -------
    moves : int array (S, A)
        From state 0.
    is_match : int array (S,)
        1 where all that was read on the way to a state matches.

    Raises
    ------
    UsageError
        There would be too many states.
    """
    left, ways = _ways(pattern, symbols)
    ends = frozenset(number for number, rest in enumerate(left) if _may_be_empty(rest))
    states = [frozenset([0])]
    numbers = {states[0]: 0}
    moves, work = [], 0
    for state in states:  # which grows meanwhile
        work += len(state) * symbols
        after = [frozenset[int]().union(*(ways[number][symbol] for number in state)) for symbol in range(symbols)]
        states += [new for new in dict.fromkeys(after) if new not in numbers]
        if len(states) > limits.MOST_STATES or work > MOST_WORK:
            raise _too_large()
        numbers |= {new: number for number, new in enumerate(states[len(numbers) :], len(numbers))}
        moves.append([numbers[new] for new in after])
    return np.array(moves), np.array([int(not state.isdisjoint(ends)) for state in states])


def _ways(pattern: Sequence, symbols: int) -> tuple[list[Sequence], list[list[frozenset[int]]]]:
    """Return all that can be left to match, and for each and each symbol, which of them are left after it."""
    left, numbers = [pattern], {pattern: 0}
    ways = []
    for rest in left:  # which grows meanwhile
        after: list[set[int]] = [set() for _ in range(symbols)]
        for here, new in _heads(rest):
            if new not in numbers:
                numbers[new] = len(left)
                left.append(new)
            for symbol in here:
                after[symbol].add(numbers[new])
        if len(left) > MOST_LEFT:
            raise _too_large()
        ways.append([frozenset(numbers) for numbers in after])
    return left, ways


def _heads(pattern: Sequence) -> Iterator[tuple[frozenset[int], Sequence]]:
    """Yield each way to read one symbol: those that may stand there, and what is left then."""
    for k, (piece, low, high) in enumerate(pattern):
        rest = pattern[k + 1 :]
        if high is None or high > 1:
            rest = (Repeat(piece, max(low - 1, 0), None if high is None else high - 1), *rest)
        if high == 0:
            continue
        if isinstance(piece, frozenset):
            yield piece, rest
        else:
            yield from ((here, left + rest) for choice in piece for here, left in _heads(choice))
        if not _may_be_empty(pattern[k : k + 1]):
            return


def _may_be_empty(pattern: Sequence) -> bool:
    return all(
        low == 0 or (not isinstance(piece, frozenset) and any(_may_be_empty(choice) for choice in piece))
        for piece, low, _ in pattern
    )


def _too_large() -> UsageError:
    return limits.too_many_states("a pattern that unfolds into very many states")
