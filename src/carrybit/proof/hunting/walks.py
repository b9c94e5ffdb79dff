"""Walks: random words, of which some change at every step and others hold each symbol for long."""

from __future__ import annotations

import numpy as np

from carrybit import randomness
from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim

HELD = (1, 4, 16, 64)  # steps, on the average
COUNT, LENGTH = 32, 512  # of each; no walk is longer


def walks(claim: Claim) -> Ints:
    """Return random words (B, T) of symbols that may come; in a row of their own kind each, quick ones first."""
    drawn = randomness.uniform(randomness.words(0, "hunt", 0, len(HELD) * COUNT, 2 * LENGTH)) / 2 + 0.5
    turn, choice = drawn[:, :LENGTH], drawn[:, LENGTH:]
    turns = turn < 1 / np.repeat(HELD, COUNT)[:, None]
    turns[:, 0] = True
    since = np.maximum.accumulate(np.where(turns, np.arange(LENGTH), 0), axis=1)  # when a step's symbol was chosen
    words = np.take_along_axis((choice * claim.symbols).astype(np.int64), since, axis=1)
    return words if claim.may_come.all() else _allowed(claim, words, choice)


def _allowed(claim: Claim, words: Ints, choice: Array) -> Ints:
    """Return words with another symbol wherever one may not come."""
    words, rows = words.copy(), np.arange(len(words))
    states = np.full(len(words), claim.machine.start)
    for t in range(words.shape[1]):
        may = claim.may_come[states]  # (B, A)
        other = ((choice[:, t] * may.sum(axis=1)).astype(int)[:, None] < may.cumsum(axis=1)).argmax(axis=1)
        words[:, t] = np.where(may[rows, words[:, t]], words[:, t], other)
        states = claim.machine.moves[states, words[:, t]]
    return words


def typical(claim: Claim, words: Ints) -> Array:
    """Return what is remembered in each state, on the average over words: (S, M); NaN where no word came."""
    states = claim.machine.run(words)[0][:, 1:].ravel()
    past = claim.network.run(claim.vectors[words]).past[:, 1:].reshape(len(states), -1)
    middles = np.full((claim.states, past.shape[1]), np.nan)
    for state in np.unique(states):
        middles[state] = past[states == state].mean(axis=0)
    return middles
