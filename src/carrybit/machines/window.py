"""Window: how often a machine can be answered rightly by who sees its last symbols, and nothing else of the past."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array

DOUBLINGS = 50  # of a walk's length, on the way to what is called the long run


def long_run(machine: Machine, chances: Array) -> Array:
    """How often a long random walk is in each state: float array (S,).

    Parameters
    ----------
    machine : Machine
    chances : float array (S, A)
        How likely a symbol comes in a state.
    """
    walk = np.zeros((len(machine.states),) * 2)
    np.add.at(walk, (np.arange(len(walk))[:, None], machine.moves), chances)
    walk = (np.eye(len(walk)) + walk) / 2  # resting every other time spoils a rhythm, and no share
    for _ in range(DOUBLINGS):
        walk = walk @ walk
        walk /= walk.sum(axis=1, keepdims=True)
    return walk[machine.start]


def window_ceiling(machine: Machine, chances: Array, m: int) -> float:
    """Return the share of right answers that nobody passes who sees the current symbol and ``m`` before it.

    Every window is gone through: its best answer is the one that is right most often, over the states that the machine
    may have been in before, in the long run.

    Parameters
    ----------
    machine : Machine
    chances : float array (S, A)
        How likely a symbol comes in a state.
    m : int
        So many symbols before the current one are seen.
    """
    states, symbols = machine.moves.shape
    windows = np.indices((symbols,) * (m + 1)).reshape(m + 1, 1, -1)  # (m+1, 1, W)
    state: Ints = np.arange(states)[:, None]
    chance = long_run(machine, chances)[:, None]  # of a state before the window, and of the window: (S, W)
    for symbol in windows:
        chance = chance * chances[state, symbol]
        answer = machine.outputs[state, symbol]
        state = machine.moves[state, symbol]
    by_answer = [np.where(answer == k, chance, 0).sum(axis=0) for k in range(len(machine.answers))]  # (K, W)
    return float(np.max(by_answer, axis=0).sum())
