"""Rests: where the hidden layer comes to rest when one input is held for ever.

    layer_1 = activation(layer_0 · synapse_0 + layer_1 · synapse_h + bias_1)

Each solution is a rest. Where the spectral radius of the Jacobian is below 1, whatever begins near enough comes to it;
where it is above 1, it is a watershed: it rests only as a ball rests on a hilltop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import NamedTuple

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.params import Array, Params
from carrybit.spec import Spec

MOST_STEPS, SETTLED = 5000, 1e-11  # a start that still moves after so many steps has no rest
NEWTON_STEPS, SOLVED = 30, 1e-12
STILL = 1e-3  # a step that moves less is called still
SAME = 1e-6  # two rests that are nearer are one
HERE = 1e-5  # a start that settled nearer came here
BETWEEN = np.linspace(0, 1, 33)[1:-1, None]  # two rests, where watersheds are sought


class Rest(NamedTuple):
    """A place where the hidden layer rests.

    layer_1 : (H,)
    radius  : spectral radius of the Jacobian, by which a small distance grows each step
    steps   : until the hidden layer is still, in the median of the starts that come here; NaN for a watershed
    """

    layer_1: Array
    radius: float
    steps: float

    @property
    def is_stable(self) -> bool:
        """Whether what begins near enough comes here."""
        return self.radius < 1


def rests(spec: Spec, params: Params, layer_0: Array, starts: Array) -> tuple[Rest, ...]:
    """Find the rests that some starts come to, and the watersheds between them.

    Parameters
    ----------
    layer_0 : float array (I,)
        The input that is held.
    starts : float array (N, H)
        Hidden layers to begin from.

    Guarantee: none that these are all; a rest that no start comes to stays unseen.
    """
    heard = layer_0 @ params.synapse_0 + (0 if params.bias_1 is None else params.bias_1)  # (H,)
    activation, slope, _, _ = ACTIVATIONS[spec.activation]

    def step(layer_1: Array) -> Array:
        return activation(heard + layer_1 @ params.synapse_h)

    def jacobian(layer_1: Array) -> Array:
        return params.synapse_h * slope(step(layer_1))  # (H, H): ∂(next)[h] / ∂layer_1[g] at [g, h]

    def rest(layer_1: Array, steps: float) -> Rest:
        return Rest(layer_1, float(np.abs(np.linalg.eigvals(jacobian(layer_1))).max()), steps)

    settled, steps = _settle(step, starts)
    found = _distinct(_solve(step, jacobian, layer_1) for layer_1 in _distinct(settled))
    come_here = [np.abs(settled - place).max(axis=1) < HERE for place in found]
    stable = [rest(place, float(np.median(steps[come]))) for place, come in zip(found, come_here, strict=True)]
    middle = [a.layer_1 + BETWEEN * (b.layer_1 - a.layer_1) for a, b in combinations(stable, 2)]
    solved = _distinct(_solve(step, jacobian, layer_1) for points in middle for layer_1 in points)
    watersheds = [rest(layer_1, np.nan) for layer_1 in solved]
    return (*stable, *(each for each in watersheds if not each.is_stable))


def _settle(step: Callable[[Array], Array], layer_1: Array) -> tuple[Array, Array]:
    """Return the hidden layers (n, H) of the starts that come to rest, and the steps (n,) until each was still."""
    steps = np.zeros(len(layer_1))
    for number in range(1, MOST_STEPS + 1):
        after = step(layer_1)
        moved = np.linalg.norm(after - layer_1, axis=1)
        layer_1, steps = after, np.where(moved > STILL, number, steps)
        if moved.max() < SETTLED:
            break
    return layer_1[moved < SETTLED], steps[moved < SETTLED]


def _solve(step: Callable[[Array], Array], jacobian: Callable[[Array], Array], layer_1: Array) -> Array | None:
    """Return the rest (H,) that Newton's method finds from a hidden layer, or None where it finds none."""
    one = np.eye(len(layer_1))
    for _ in range(NEWTON_STEPS):
        off = step(layer_1) - layer_1
        if np.abs(off).max() < SOLVED:
            return layer_1
        layer_1 = layer_1 + off @ np.linalg.pinv(one - jacobian(layer_1))
    return None


def _distinct(places: Iterable[Array | None]) -> list[Array]:
    """Return the places that are there, without those that are the same as an earlier one."""
    found: list[Array] = []
    for place in places:
        if place is not None and all(np.abs(place - other).max() > SAME for other in found):
            found.append(place)
    return found
