"""Depth: all words of many symbols, asked depth first, so that memory is bounded; millions of words in seconds."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim

LONGEST = 12  # symbols
WORK = 2**33  # products of a number and a weight, about
AT_ONCE = 2**14  # words of a block


class _Block(NamedTuple):
    words: Ints  # (N, T)
    states: Ints  # (N,)
    memory: Array  # (N, M)

    def rows(self, which: Array | slice) -> _Block:
        return _Block(*(part[which] for part in self))


def ask_deep(claim: Claim, deadline: float) -> Ints | None:
    """Return a word (T,) that the network answers wrongly, of all of up to 12 symbols; None if there is none.

    Of many symbols, or for a large network, words are shorter. It ends, too, when ``deadline`` is past, by
    time.monotonic().
    """
    length = depth_of(claim)
    begin = _Block(
        np.zeros((1, 0), np.int16),
        np.array([claim.machine.start]),
        np.zeros((1, claim.network.spec.memory_dim), claim.network.spec.precision),
    )
    blocks = [begin]
    while blocks and time.monotonic() < deadline:
        block = blocks.pop()
        if len(block.words) > AT_ONCE:
            blocks.append(block.rows(slice(AT_ONCE, None)))
            block = block.rows(slice(AT_ONCE))
        block, wrong = _longer(claim, block)
        if wrong is not None:
            return wrong
        if block.words.shape[1] < length:
            blocks.append(block)
    return None


def depth_of(claim: Claim) -> int:
    """Return how long words are that `ask_deep` asks."""
    spec, symbols = claim.network.spec, claim.symbols
    most = WORK // (spec.hidden_dim * (spec.memory_dim + spec.input_dim + spec.output_dim))
    return max((n for n in range(1, LONGEST + 1) if symbols**n <= most), default=1)


def _longer(claim: Claim, block: _Block) -> tuple[_Block, Ints | None]:
    """Return all words that are one symbol longer, and one that is answered wrongly, if there is one."""
    rows, symbols = np.nonzero(claim.may_come[block.states])
    given, memory = claim.answers(symbols[:, None], block.memory[rows])
    words, states = np.column_stack([block.words[rows], symbols.astype(np.int16)]), block.states[rows]
    wrong = np.flatnonzero(given[:, 0] != claim.machine.outputs[states, symbols])
    if wrong.size:
        return block, words[wrong[0]].astype(np.int64)
    return _Block(words, claim.machine.moves[states, symbols], memory), None
