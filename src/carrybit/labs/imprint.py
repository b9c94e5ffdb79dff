"""Imprint: what a symbol has left in the hidden layer: how far that is from where another symbol would have put it."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array


def imprint(network: Network, vectors: Array, words: Ints, s: int, instead: Ints) -> Array:
    """How far the symbol at step ``s`` has moved layer_1, at every step: float array (B, T), 0 before it was read.

    imprint[b, t] = ‖layer_1[b, t+1] - what it would be with another symbol at step s‖

    Parameters
    ----------
    network : Network
    vectors : float array (A, I)
        layer_0 for each symbol.
    words : int array (B, T)
    s : int
    instead : int array (B,)
        The other symbol, for each word.
    """
    others = words.copy()
    others[:, s] = instead
    moved = network.run(vectors[words]).layer_1 - network.run(vectors[others]).layer_1  # (B, T+1, H)
    return np.asarray(np.linalg.norm(moved[:, 1:], axis=2))


def mixture(network: Network, vectors: Array, words: Ints) -> Array:
    """Of what words have left in layer_1, the share of each past input: float array (B, T, T), rows sum to 1.

    share[b, t, s] is the imprint of step s at step t, averaged over all symbols that could stand there instead and
    divided by the sum over s ≤ t; 0 for s > t, and NaN where nothing has left anything.
    """
    symbols, steps = len(vectors), words.shape[1]
    left = np.zeros((*words.shape, steps))
    for s in range(steps):
        for k in range(1, symbols):
            left[:, :, s] += imprint(network, vectors, words, s, (words[:, s] + k) % symbols)
    with np.errstate(invalid="ignore"):  # 0 of 0
        return np.asarray(left / left.sum(axis=2, keepdims=True))
