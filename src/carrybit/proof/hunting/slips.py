"""Slips: the first wrong answer to each of some words, as the network is run; words may have millions of steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.proof.claim import Claim

NUMBERS_AT_ONCE = 2**21  # in layer_1: 16 MiB
FEW = 64  # words; fewer are walked through the machine one by one


def first_slips(claim: Claim, words: Ints) -> Ints:
    """Return the step of the first wrong answer to each word (B, T), int array (B,); T where there is none.

    A symbol that may not come is the end of its word. The network is run a piece at a time, which changes no bit.
    """
    batch, time = words.shape
    states = walked(claim.machine, words)
    truth = claim.machine.outputs[states[:, :-1], words]
    may = claim.may_come[states[:, :-1], words]
    ends = np.where(may.all(axis=1), time, may.argmin(axis=1))
    slips = np.full(batch, time)
    memory: Array | None = None
    piece = piece_of(claim, batch)
    for first in range(0, time, piece):
        given, memory = claim.answers(words[:, first : first + piece], memory)
        wrong = given != truth[:, first : first + piece]
        slip = np.where(wrong.any(axis=1), first + wrong.argmax(axis=1), time)
        slips = np.minimum(slips, np.where(slip < ends, slip, time))
        if (np.minimum(slips, ends) <= first + piece).all():
            break
    return slips


def piece_of(claim: Claim, batch: int) -> int:
    """Return how many steps of so many words to run at once."""
    spec = claim.network.spec
    return max(1, NUMBERS_AT_ONCE // (batch * max(spec.hidden_dim, spec.input_dim, spec.output_dim)))


def walked(machine: Machine, words: Ints) -> Ints:
    """Return the machine's states along words (B, T), int array (B, T+1); as `Machine.run`, and quicker for a few."""
    if len(words) >= FEW:
        return machine.run(words)[0]
    moves = machine.moves.tolist()
    states = np.empty((len(words), words.shape[1] + 1), dtype=np.int64)
    for row, word in zip(states, words, strict=True):
        row[0] = state = machine.start
        ends = np.append(np.flatnonzero(word[1:] != word[:-1]) + 1, len(word)).tolist()
        for begin, end in pairwise([0, *ends]):
            passed: list[int] = []
            symbol = int(word[begin]) if len(word) else 0
            while len(passed) < end - begin and moves[state][symbol] != state:
                state = moves[state][symbol]
                passed.append(state)
            row[begin + 1 : begin + 1 + len(passed)] = passed
            row[begin + 1 + len(passed) : end + 1] = state  # the rest of the run is held
    return states


def answers_to(claim: Claim, word: Ints) -> Ints:
    """Return what the network answers to a word (T,), int array (T,); a piece at a time."""
    answers, memory = [], None
    piece = piece_of(claim, 1)
    for first in range(0, len(word), piece):
        given, memory = claim.answers(word[None, first : first + piece], memory)
        answers.append(given[0])
    return np.concatenate(answers)
