"""The optimisers, each a pure pair: ``first`` gives its state, ``update`` gives new weights and a new state.

A state is a dict of Params: what an optimiser remembers of every weight. Nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from carrybit.params import Params

State = dict[str, Params]

MOMENTUM = 0.9
FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8


class Optimizer(NamedTuple):
    """How weights follow a gradient.

    remembers : names of the Params in its state, all 0 before the first update
    update    : params, gradient, state, learning_rate, number of this update (from 1) -> params, state
    """

    remembers: tuple[str, ...]
    update: Callable[[Params, Params, State, float, int], tuple[Params, State]]

    def first(self, params: Params) -> State:
        """Return the state before the first update."""
        return {name: params.map(np.zeros_like) for name in self.remembers}


def _sgd(params: Params, gradient: Params, state: State, learning_rate: float, update: int) -> tuple[Params, State]:
    """Plain gradient descent: the tutorial's."""
    return params.map(lambda w, d: w - learning_rate * d, gradient), state


def _momentum(
    params: Params, gradient: Params, state: State, learning_rate: float, update: int
) -> tuple[Params, State]:
    """Heavy ball (Polyak 1964), in PyTorch's form: the velocity is a decaying sum of gradients."""
    velocity = state["velocity"].map(lambda v, d: MOMENTUM * v + d, gradient)
    return params.map(lambda w, v: w - learning_rate * v, velocity), {"velocity": velocity}


def _adam(params: Params, gradient: Params, state: State, learning_rate: float, update: int) -> tuple[Params, State]:
    """Adam (Kingma and Ba 2015, algorithm 1)."""
    first = state["first_moment"].map(lambda m, d: FIRST_DECAY * m + (1 - FIRST_DECAY) * d, gradient)
    second = state["second_moment"].map(lambda v, d: SECOND_DECAY * v + (1 - SECOND_DECAY) * d * d, gradient)
    m_scale, v_scale = 1 - FIRST_DECAY**update, 1 - SECOND_DECAY**update
    stepped = params.map(
        lambda w, m, v: w - learning_rate * (m / m_scale) / (np.sqrt(v / v_scale) + EPSILON), first, second
    )
    return stepped, {"first_moment": first, "second_moment": second}


OPTIMIZERS = {
    "sgd": Optimizer((), _sgd),
    "momentum": Optimizer(("velocity",), _momentum),
    "adam": Optimizer(("first_moment", "second_moment"), _adam),
}


def clip(gradient: Params, largest: float) -> Params:
    """Return the gradient, scaled down where its length over all parameters exceeds ``largest``."""
    highest = max(float(np.abs(d).max()) for d in gradient.arrays().values()) or 1.0
    scaled = gradient.map(lambda d: d / highest)  # so that no square is too large
    length = float(np.sqrt(sum(float((d * d).sum()) for d in scaled.arrays().values())))
    return gradient if length * highest <= largest else scaled.map(lambda d: d * (largest / length))
