"""Walks: random words of a machine, and all short ones, by the chance that each symbol has in each state."""

from __future__ import annotations

import numpy as np

from carrybit import randomness
from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array

FINE = 2**32  # chances are told as multiples of one part of this, so that a walk has the same symbols everywhere


def even(machine: Machine, length: int) -> Array:
    """Return chances (S, A) by which a walk of so many steps sees much of a machine.

    Every symbol is as likely as another, but for those that lead into a trap, a state that is never left: there nothing
    is left to learn, so they come so seldom that half of all walks, or more, stay out to their end.
    """
    states, symbols = machine.moves.shape
    is_trap = (machine.moves == np.arange(states)[:, None]).all(axis=1)
    leads_in = is_trap[machine.moves] & ~is_trap[:, None]  # (S, A)
    rest = (~leads_in).sum(axis=1, keepdims=True)
    into = leads_in.sum(axis=1, keepdims=True)
    share = np.where(into == 0, 0, np.where(rest == 0, 1, 1 - 0.5 ** (1 / length)))  # of all ways into a trap
    return np.where(leads_in, share / np.maximum(into, 1), (1 - share) / np.maximum(rest, 1))


def draw(machine: Machine, chances: Array, length: int, seed: int, purpose: str, first: int, count: int) -> Ints:
    """Return walks ``first`` to ``first + count`` of the endless stream (seed, purpose): int array (count, length)."""
    width = -(-length // 2)
    thrown = randomness.words(seed, purpose, first, count, width).astype("<u8").view("<u4")[:, :length]  # (count, T)
    bounds = np.round(np.cumsum(chances, axis=1)[:, :-1] * FINE).astype(np.uint64)  # (S, A - 1)
    words = np.empty((count, length), np.uint8 if len(machine.symbols) <= 256 else np.uint16)
    state = np.full(count, machine.start)
    is_same = bool((bounds == bounds[0]).all())  # in every state
    for t in range(length):
        passed = thrown[:, t, None] >= (bounds[0] if is_same else bounds[state])
        words[:, t] = passed.sum(axis=1)
        if not is_same:
            state = machine.moves[state, words[:, t]]
    return words


def all_short(machine: Machine, chances: Array, most: int, longest: int) -> Ints:
    """Return every word with a chance above 0, of as many symbols as keep them ``most`` or fewer: (count, length)."""
    steps: list[Ints] = []  # (count,) each
    states = np.array([machine.start])
    while len(steps) < longest:
        row, symbol = np.nonzero(chances[states] > 0)
        if len(row) > most and steps:
            break
        if len(row) > len(states):  # some words go on in two ways
            steps = [step[row] for step in steps]
        steps.append(symbol)
        states = machine.moves[states[row], symbol]
    return np.stack(steps, axis=1)


def is_possible(machine: Machine, chances: Array, words: Ints) -> Array:
    """Whether every symbol of each word (B, T) has a chance where it stands: bool array (B,)."""
    states = machine.run(words)[0][:, :-1]
    return np.asarray((chances[states, words] > 0).all(axis=1))


def example(machine: Machine, length: int = 6) -> str:
    """Return a short word that a person may ask: a walk that stays out of traps, as well as that goes."""
    word = draw(machine, even(machine, 10**9), length, 0, "examination", 0, 1)[0]
    gap = "" if all(len(symbol) == 1 for symbol in machine.symbols) else " "
    return gap.join(machine.symbols[symbol] for symbol in word)
