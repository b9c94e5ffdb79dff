"""Shortest: all words are asked, from the shortest on, so that the first wrong answer is the end of a shortest word."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.proof.claim import Claim


class Asked(NamedTuple):
    """All words were asked up to ``length`` symbols; ``word`` (T,) is the first that ends with a wrong answer."""

    word: Ints | None
    length: int


def ask_all(claim: Claim, most: int, longest: int) -> Asked:
    """Ask all words of up to ``longest`` symbols, as long as those of one length are no more than ``most``."""
    machine, symbols = claim.machine, np.arange(claim.symbols)
    words = np.zeros((1, 0), dtype=np.int64)
    states, memory = np.array([machine.start]), np.zeros((1, claim.network.spec.memory_dim))
    for length in range(1, longest + 1):
        if len(words) * len(symbols) > most:
            return Asked(None, length - 1)
        may = claim.may_come[states].ravel()
        states, symbol = np.repeat(states, len(symbols))[may], np.tile(symbols, len(states))[may]
        words = np.column_stack([np.repeat(words, len(symbols), axis=0)[may], symbol])
        given, memory = claim.answers(symbol[:, None], np.repeat(memory, len(symbols), axis=0)[may])
        wrong = np.flatnonzero(given[:, 0] != machine.outputs[states, symbol])
        if wrong.size:
            return Asked(words[wrong[0]], length)
        states = machine.moves[states, symbol]
    return Asked(None, longest)
