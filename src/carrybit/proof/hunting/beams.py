"""Beams: words grown symbol by symbol, of which the most suspicious are kept at every length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.lassos import Origin
from carrybit.tasks.task import decide, margins

DEPTH, WIDTH = 80, 64
SAME = 1e-3  # two memories that are nearer, in each unit, are likely to be the same way


def beams(claim: Claim, origins: Sequence[Origin], typical: Array, depth: int = DEPTH) -> Ints | None:
    """Return a word (T,) that ends with a wrong answer, or None if the beams met none.

    Half of the words kept have the least margins; half lead nearest to what is typical of another state than theirs.

    Parameters
    ----------
    origins : sequence of Origin
        Where the beams begin.
    typical : float array (S, M)
        What is remembered in each state, on the average.
    """
    machine, symbols = claim.machine, np.arange(claim.symbols)
    origin = np.arange(len(origins))
    states, memory = np.array([each.state for each in origins]), np.array([each.memory for each in origins])
    grown = np.zeros((len(origins), 0), dtype=np.int64)
    for _ in range(depth):
        may = claim.may_come[states].ravel()
        parent, symbol = np.repeat(np.arange(len(states)), len(symbols))[may], np.tile(symbols, len(states))[may]
        layers = claim.network.run(claim.vectors[symbol[:, None]], memory[parent])
        truth = machine.outputs[states[parent], symbol]
        states, memory = machine.moves[states[parent], symbol], layers.past[:, -1]
        origin, grown = origin[parent], np.column_stack([grown[parent], symbol])
        wrong = np.flatnonzero(decide(layers.layer_2)[:, 0] != truth)
        if wrong.size:
            return np.concatenate([origins[origin[wrong[0]]].word, grown[wrong[0]]])
        kept = _kept(margins(layers.layer_2, truth[:, None])[:, 0], _astray(memory, states, typical), memory)
        origin, grown, states, memory = origin[kept], grown[kept], states[kept], memory[kept]
    return None


def _astray(memory: Array, states: Ints, typical: Array) -> Array:
    """Return how much nearer each memory is to its own state's typical one than to another's: least is most astray."""
    squares = np.nan_to_num(((memory[:, None] - typical) ** 2).sum(axis=-1), nan=np.inf)  # (N, S)
    rows = np.arange(len(states))
    own = squares[rows, states].copy()
    squares[rows, states] = np.inf
    with np.errstate(invalid="ignore"):
        lead: Array = np.nan_to_num(squares.min(axis=1) - own, nan=np.inf)
    return lead


def _kept(margin: Array, astray: Array, memory: Array) -> Ints:
    """Return the numbers of the words to keep: of those that are the same, the one with the least margin."""
    order = np.argsort(margin, kind="stable")
    _, first = np.unique(np.round(memory[order] / SAME) @ np.sqrt(np.arange(2, 2 + memory.shape[1])), return_index=True)
    unlike = order[np.sort(first)]
    further = unlike[np.argsort(astray[unlike], kind="stable")]
    return np.union1d(unlike[: WIDTH // 2], further[: WIDTH // 2])
