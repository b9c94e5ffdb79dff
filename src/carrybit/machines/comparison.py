"""The comparison of two machines: whether they give the same answers, or which shortest word tells them apart.

Both machines read the same words side by side. Where they stand is a pair of states, and there are finitely many; they
are gone through in the order in which words reach them, the shortest first (Moore 1956).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np

from carrybit.errors import ShapeError
from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.machine import Machine
from carrybit.params import Array

Pair = tuple[int, int]


def difference(one: Machine, other: Machine, asked: Array | None = None) -> tuple[int, ...] | None:
    """Return the shortest word that two machines answer differently, or None if they answer every word alike.

    The answers differ at its last symbol and nowhere before. Symbols and answers are matched by their names, whatever
    their order; of several shortest words it is the first one in the order of the symbols of ``one``, where ``asked``
    is given.

    Parameters
    ----------
    one, other : Machine
    asked : bool array (S, A) of ``one``, or None for all
        Which symbols may come in which state; words of others are not asked.

    Returns
    -------
    word : tuple of int, or None
        Numbers of symbols of ``one``.

    Raises
    ------
    UsageError
        The machines have not the same symbols and answers, or ``asked`` has another shape.
    """
    if asked is not None and np.shape(asked) != one.moves.shape:
        raise ShapeError(f"asked of shape {np.shape(asked)}", f"{one.moves.shape}: (S, A)", "a truth for each move")
    other = same_alphabet(other, one.symbols, one.answers)
    may = np.ones(one.moves.shape, dtype=bool) if asked is None else asked
    symbols = [np.flatnonzero(row).tolist() for row in may]
    first = one.start, other.start
    is_news = _news(one, other) if asked is None else _unseen()
    is_news(first)
    way_in: dict[Pair, tuple[Pair, int]] = {}
    waiting = deque([first])
    tables = [table.tolist() for table in (one.moves, other.moves, one.outputs, other.outputs)]
    while waiting:
        p, q = waiting.popleft()
        moves, other_moves, answers, other_answers = (table[s] for table, s in zip(tables, (p, q, p, q), strict=True))
        for symbol in symbols[p]:
            if answers[symbol] != other_answers[symbol]:
                return (*_word(way_in, (p, q)), symbol)
            after = moves[symbol], other_moves[symbol]
            if is_news(after):
                way_in[after] = (p, q), symbol
                waiting.append(after)
    return None


def _word(way_in: dict[Pair, tuple[Pair, int]], pair: Pair) -> tuple[int, ...]:
    """Return the word on which a pair was reached."""
    backwards = []
    while pair in way_in:
        pair, symbol = way_in[pair]
        backwards.append(symbol)
    return tuple(reversed(backwards))


def _unseen() -> Callable[[Pair], bool]:
    """Return what tells whether a pair comes for the first time."""
    seen: set[Pair] = set()

    def is_news(pair: Pair) -> bool:
        is_new = pair not in seen
        seen.add(pair)
        return is_new

    return is_news


def _news(one: Machine, other: Machine) -> Callable[[Pair], bool]:
    """Return what tells whether a pair says more than those before (Hopcroft and Karp 1971).

    Pairs p = q, p' = q, p' = q' say that p = q', too: a word that tells p and q' apart tells one of them apart, and
    they came no later, so that the shortest word is found through them. That leaves fewer pairs than there are states.
    It takes all words for granted in every state, and so is of no use where only some are asked.
    """
    ahead = list(range(len(one.states) + len(other.states)))  # of states that are one: who leads to their first

    def find(state: int) -> int:
        while ahead[state] != state:
            ahead[state] = state = ahead[ahead[state]]
        return state

    def is_news(pair: Pair) -> bool:
        p, q = find(pair[0]), find(len(one.states) + pair[1])
        ahead[p] = q
        return p != q

    return is_news
