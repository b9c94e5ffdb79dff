"""Haste: the backward pass of the plain cell with its weights changed on the way, instead of at the end.

What is computed is elman.py's, for many networks side by side, each with a sequence of its own (R of them, einsum's r)
and no biases; the tutorial's network. Both orders are one function, and one line of it tells them apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from carrybit.activations import sigmoid, sigmoid_slope
from carrybit.params import Array, Params


class Layers(NamedTuple):
    """A forward pass: layer_0 (R, T, I), layer_1 (R, T+1, H), layer_2 (R, T, O)."""

    layer_0: Array
    layer_1: Array
    layer_2: Array


def forward(params: Params, layer_0: Array) -> Layers:
    """Run a sequence through each network.

    Parameters
    ----------
    params : Params
        synapse_0 (R, I, H), synapse_h (R, H, H), synapse_1 (R, H, O).
    layer_0 : float array (R, T, I)
    """
    networks, time, _ = layer_0.shape
    layer_1 = np.zeros((networks, time + 1, params.synapse_h.shape[-1]))
    for t in range(time):
        heard = np.einsum("ri,rih->rh", layer_0[:, t], params.synapse_0)
        remembered = np.einsum("rg,rgh->rh", layer_1[:, t], params.synapse_h)
        layer_1[:, t + 1] = sigmoid(heard + remembered)
    layer_2 = sigmoid(np.einsum("rth,rho->rto", layer_1[:, 1:], params.synapse_1))
    return Layers(layer_0, layer_1, layer_2)


def learn(params: Params, layers: Layers, targets: Array, learning_rate: float, *, on_the_way: bool) -> Params:
    """Return the weights after going back once from the last step to the first.

    Parameters
    ----------
    params, layers : what `forward` was given, and what it returned
    targets : float array (R, T, O)
    learning_rate : float
    on_the_way : bool
        Whether a step is gone back through the weights as they were changed by the steps after it, or all are gone
        back through the weights that were gone forward through, as the tutorial asks.
    """
    layer_0, layer_1, layer_2 = layers
    changed = params.map(np.copy)
    through = changed if on_the_way else params  # the one difference
    d_pre_2 = (layer_2 - targets) * sigmoid_slope(layer_2)  # (R, T, O), of half the squared error
    d_pre_1 = np.zeros_like(layer_1[:, 0])  # (R, H), of the step after; after the last there is none
    for t in reversed(range(layer_0.shape[1])):
        from_future = np.einsum("rh,rgh->rg", d_pre_1, through.synapse_h)
        from_answer = np.einsum("ro,rho->rh", d_pre_2[:, t], through.synapse_1)
        d_pre_1 = (from_future + from_answer) * sigmoid_slope(layer_1[:, t + 1])
        changed.synapse_1[:] -= learning_rate * np.einsum("rh,ro->rho", layer_1[:, t + 1], d_pre_2[:, t])
        changed.synapse_h[:] -= learning_rate * np.einsum("rg,rh->rgh", layer_1[:, t], d_pre_1)
        changed.synapse_0[:] -= learning_rate * np.einsum("ri,rh->rih", layer_0[:, t], d_pre_1)
    return changed
