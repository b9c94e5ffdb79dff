"""The activations of the hidden layer, each beside its slope; the slope is told from the activation's value.

Every function also takes complex numbers, so that a complex step can check the derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from carrybit.params import Array, Params
from carrybit.spec import Spec

FARTHEST = -700.0  # exp(700) is finite, and 1 / (1 + exp(700)) is already 0 beside any weight


class Activation(NamedTuple):
    """A function, its derivative (``slope`` takes the value, not the argument), and what its values lie between."""

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    low: float
    high: float  # inf where there is no end


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), with neither a warning nor a NaN for any finite x."""
    return 1 / (1 + np.exp(-np.maximum(x, FARTHEST)))


def sigmoid_slope(value: Array) -> Array:
    """Slope of the sigmoid where its value is ``value``."""
    return value * (1 - value)


def tanh_slope(value: Array) -> Array:
    """Slope of tanh where its value is ``value``."""
    return 1 - value * value


def relu(x: Array) -> Array:
    """Return x where it is above zero, else 0."""
    return np.where(x.real > 0, x, 0)


def relu_slope(value: Array) -> Array:
    """Slope of relu where its value is ``value``; 0 at the corner."""
    return (value.real > 0).astype(value.dtype)


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, sigmoid_slope, 0.0, 1.0),
    "tanh": Activation(np.tanh, tanh_slope, -1.0, 1.0),
    "relu": Activation(relu, relu_slope, 0.0, np.inf),
}


def activation(spec: Spec, params: Params) -> Callable[[Array], Array]:
    """Return what makes layer_1 of pre_1: a smooth function, or the stairs of a network in whole numbers."""
    if params.thresholds is None:
        return ACTIVATIONS[spec.activation].value
    thresholds, (_, lowest, unit) = params.thresholds, spec.stairs
    return lambda pre_1: (np.searchsorted(thresholds, pre_1, side="right") + lowest) * unit
