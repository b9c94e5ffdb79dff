"""The losses, each beside its derivative and the output layer that belongs to it.

A loss is a sum over the steps and outputs of a sequence and a mean over the sequences of a batch. It is told from
pre_2, what arrives at the output layer, and never from the logarithm of a probability that may have become 0.
Every value also takes complex numbers, so that a complex step can check the derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from carrybit.activations import sigmoid, sigmoid_slope
from carrybit.params import Array


class Loss(NamedTuple):
    """An output layer, a loss on it, and the derivative of that loss."""

    layer_2: Callable[[Array], Array]  # pre_2 (B, T, O) -> layer_2 (B, T, O)
    value: Callable[[Array, Array], Array]  # pre_2, targets (B, T, O) -> loss of each step (B, T)
    d_pre_2: Callable[[Array, Array], Array]  # layer_2, targets (B, T, O) -> d_pre_2 (B, T, O)


def _linear(pre_2: Array) -> Array:
    return pre_2


def _softmax(pre_2: Array) -> Array:
    raised = np.exp(pre_2 - pre_2.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _half_square(layer_2: Array, targets: Array) -> Array:
    error = layer_2 - targets
    return (0.5 * error * error).sum(axis=-1)


def _cross_entropy(pre_2: Array, targets: Array) -> Array:
    softplus = np.where(pre_2.real > 0, pre_2, 0) + np.log1p(np.exp(np.where(pre_2.real > 0, -pre_2, pre_2)))
    return (softplus - targets * pre_2).sum(axis=-1)


def _softmax_cross_entropy(pre_2: Array, targets: Array) -> Array:
    highest = pre_2.real.max(axis=-1, keepdims=True)
    log_sum = highest[..., 0] + np.log(np.exp(pre_2 - highest).sum(axis=-1))
    return log_sum * targets.sum(axis=-1) - (targets * pre_2).sum(axis=-1)


LOSSES = {
    # half squared error on sigmoid outputs: the tutorial's
    "squared_error": Loss(
        layer_2=sigmoid,
        value=lambda pre_2, targets: _half_square(sigmoid(pre_2), targets),
        d_pre_2=lambda layer_2, targets: (layer_2 - targets) * sigmoid_slope(layer_2),
    ),
    # cross-entropy on sigmoid outputs, in nats
    "cross_entropy": Loss(
        layer_2=sigmoid,
        value=_cross_entropy,
        d_pre_2=lambda layer_2, targets: layer_2 - targets,
    ),
    # cross-entropy on softmax outputs, in nats; the targets of a step sum to 1
    "softmax_cross_entropy": Loss(
        layer_2=_softmax,
        value=_softmax_cross_entropy,
        d_pre_2=lambda layer_2, targets: layer_2 * targets.sum(axis=-1, keepdims=True) - targets,
    ),
    # half squared error on linear outputs
    "linear_squared_error": Loss(
        layer_2=_linear,
        value=_half_square,
        d_pre_2=lambda layer_2, targets: layer_2 - targets,
    ),
}


def batch_loss(loss: str, pre_2: Array, targets: Array, mask: Array | None = None) -> Array:
    """Return the loss of a batch, a 0-d array: summed over steps and outputs, averaged over sequences.

    Parameters
    ----------
    loss : a key of LOSSES
    pre_2, targets : arrays (B, T, O)
    mask : bool array (B, T), or None
        The steps that count; padding does not.
    """
    each = LOSSES[loss].value(pre_2, targets)
    counted = each if mask is None else np.where(mask, each, 0)
    each_sequence = np.cumsum(counted, axis=1)[:, -1]  # step by step, so that padding changes no bit
    return np.asarray(each_sequence.sum() / len(pre_2))


def d_batch_loss(loss: str, layer_2: Array, targets: Array, mask: Array | None = None) -> Array:
    """Return d_pre_2 (B, T, O), the derivative of ``batch_loss`` by pre_2; exactly 0 wherever ``mask`` is False."""
    d_pre_2 = LOSSES[loss].d_pre_2(layer_2, targets)
    if mask is not None:
        d_pre_2 = np.where(mask[..., None], d_pre_2, 0)
    return d_pre_2 / len(layer_2)
