"""The plain recurrent cell, the way the tutorial writes it: the reference that every faster one is held to.

    layer_1[t] = activation(layer_0[t] · synapse_0 + past[t] · synapse_h + bias_1)
    layer_2[t] = output(layer_1[t] · synapse_1 + bias_2)

``past[t]`` is what the step remembers: layer_1[t-1] with recurrence "hidden", layer_0[t-1] with recurrence "input".
The activation of a network in whole numbers is stairs; on the way back they have the slope of the smooth function that
they follow.
Weight gradients are added up one step at a time, last step first, as the tutorial does: so the numbers are the
tutorial's to the bit, and steps of padding, whose derivatives are exactly 0, change nothing (while they are finite).

Source: the tutorial, parts 2 and 3; Elman 1990, "Finding structure in time"; Werbos 1990, "Backpropagation through
time: what it does and how to do it".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from carrybit.activations import ACTIVATIONS, activation
from carrybit.losses import LOSSES
from carrybit.params import Array, Params
from carrybit.spec import Spec


class Layers(NamedTuple):
    """Everything a forward pass computes.

    layer_0 : (B, T, I)     the input
    past    : (B, T+1, M)   what each step remembers; row T is what the next call goes on from (M: spec.memory_dim)
    layer_1 : (B, T+1, H)   the hidden layer; row 0 is before any input
    pre_2   : (B, T, O)     what arrives at the output layer
    layer_2 : (B, T, O)     the answer
    """

    layer_0: Array
    past: Array
    layer_1: Array
    pre_2: Array
    layer_2: Array


def forward(
    spec: Spec, params: Params, layer_0: Array, memory: Array | None = None, noise: Array | None = None
) -> Layers:
    """Run sequences through the network.

    Parameters
    ----------
    layer_0 : float array (B, T, I)
    memory : float array (B, M), or None for zeros
        What the first step remembers: ``past[:, -1]`` of the call to go on from.
    noise : float array (B, T, H), or None
        What is added to layer_1 at every step: the answer, and what is remembered of layer_1, have it in them.
    """
    batch, time, _ = layer_0.shape
    activate = activation(spec, params)
    dtype = np.result_type(layer_0, *params.arrays().values())
    bias_1 = 0 if params.bias_1 is None else params.bias_1
    bias_2 = 0 if params.bias_2 is None else params.bias_2

    layer_1 = np.zeros((batch, time + 1, spec.hidden_dim), dtype)
    pre_2 = np.empty((batch, time, spec.output_dim), dtype)
    if spec.recurrence == "hidden":
        past = layer_1  # the same array: written at the end of a step, read by the next
    else:
        past = np.concatenate([np.zeros((batch, 1, spec.input_dim)), layer_0], axis=1)
    if memory is not None:
        past[:, 0] = memory

    for t in range(time):
        pre_1 = layer_0[:, t] @ params.synapse_0 + past[:, t] @ params.synapse_h + bias_1  # (B, H)
        layer_1[:, t + 1] = activate(pre_1) if noise is None else activate(pre_1) + noise[:, t]
        pre_2[:, t] = layer_1[:, t + 1] @ params.synapse_1 + bias_2  # (B, O)
    layer_2 = LOSSES[spec.loss].layer_2(pre_2)
    return Layers(layer_0=layer_0, past=past, layer_1=layer_1, pre_2=pre_2, layer_2=layer_2)


def derive(
    spec: Spec, params: Params, layers: Layers, d_pre_2: Array, noise: Array | None = None
) -> tuple[Array, Array]:
    """Carry the derivatives of the answers from the last step back to the first.

    Parameters
    ----------
    layers : what ``forward`` returned
    d_pre_2 : float array (B, T, O)
        ∂loss/∂pre_2, 0 at steps that do not count.
    noise : as ``forward`` was given it

    Returns
    -------
    d_layer_1 : float array (B, T+1, H)
        ∂loss/∂layer_1. Row 0, of a memory before any input, is filled with hidden recurrence and 0 with input.
    d_pre_1 : float array (B, T, H)
        ∂loss/∂(what arrives at the hidden layer).
    """
    slope = ACTIVATIONS[spec.activation].slope
    layer_1 = layers.layer_1
    activated = layer_1[:, 1:] if noise is None else layer_1[:, 1:] - noise  # the slope is told from this
    d_layer_1 = np.zeros_like(layer_1)
    d_pre_1 = np.zeros_like(layer_1[:, 1:])
    for t in reversed(range(d_pre_2.shape[1])):
        d_layer_1[:, t + 1] += d_pre_2[:, t] @ params.synapse_1.T  # memory later, already there, + answer now
        d_pre_1[:, t] = d_layer_1[:, t + 1] * slope(activated[:, t])
        if spec.recurrence == "hidden":
            d_layer_1[:, t] = d_pre_1[:, t] @ params.synapse_h.T
    return d_layer_1, d_pre_1


def add_up(spec: Spec, params: Params, layers: Layers, d_pre_1: Array, d_pre_2: Array) -> Params:
    """Return ∂loss/∂params from the derivatives at every step, added up from the last step to the first."""
    layer_0, past, layer_1, _, _ = layers
    d = {name: np.zeros_like(array) for name, array in params.arrays().items()}
    for t in reversed(range(layer_0.shape[1])):
        d["synapse_1"] += layer_1[:, t + 1].T @ d_pre_2[:, t]
        d["synapse_h"] += past[:, t].T @ d_pre_1[:, t]
        d["synapse_0"] += layer_0[:, t].T @ d_pre_1[:, t]
        if spec.bias:
            d["bias_1"] += d_pre_1[:, t].sum(axis=0)
            d["bias_2"] += d_pre_2[:, t].sum(axis=0)
    return Params(**d)


def backward(spec: Spec, params: Params, layers: Layers, d_pre_2: Array, noise: Array | None = None) -> Params:
    """Return ∂loss/∂params: ``derive``, whose parameters these are, and then ``add_up``."""
    _, d_pre_1 = derive(spec, params, layers, d_pre_2, noise)
    return add_up(spec, params, layers, d_pre_1, d_pre_2)
