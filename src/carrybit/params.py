"""Params: the numbers of a network, or anything with one number for each of them (a gradient, a momentum)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carrybit.errors import ShapeError
from carrybit.spec import Spec

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Params:
    """The weight matrices and, where the network has them, the biases.

    Parameters
    ----------
    synapse_0 : float array (I, H)
        layer_0 to layer_1.
    synapse_h : float array (H, H), or (I, H) with recurrence "input"
        What is remembered to layer_1.
    synapse_1 : float array (H, O)
        layer_1 to layer_2.
    bias_1, bias_2 : float array (H,) and (O,), or None
        Added to the layer they are named after.
    thresholds : float array (number of stairs,), or None
        Of a network in whole numbers: where the stairs are that stand for the activation, in rising order.
    """

    synapse_0: Array
    synapse_h: Array
    synapse_1: Array
    bias_1: Array | None = None
    bias_2: Array | None = None
    thresholds: Array | None = None

    def arrays(self) -> dict[str, Array]:
        """Return the arrays that are there, by name."""
        named = {
            "synapse_0": self.synapse_0,
            "synapse_h": self.synapse_h,
            "synapse_1": self.synapse_1,
            "bias_1": self.bias_1,
            "bias_2": self.bias_2,
            "thresholds": self.thresholds,
        }
        return {name: array for name, array in named.items() if array is not None}

    def map(self, f: Callable[..., Array], *others: Params) -> Params:
        """``f(mine, theirs, ...)`` for every array: ``weights.map(lambda w, d: w - d, gradient)``."""
        theirs = [other.arrays() for other in others]
        return Params(**{name: f(array, *(o[name] for o in theirs)) for name, array in self.arrays().items()})

    @staticmethod
    def of(spec: Spec, arrays: Mapping[str, Array]) -> Params:
        """Params for ``spec`` from named arrays; ShapeError if a name or a shape does not fit."""
        wanted, found = spec.shapes(), {name: np.shape(array) for name, array in arrays.items()}
        if wanted != found:
            off = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
            raise ShapeError(
                ", ".join(f"{name} {found.get(name, 'missing')}" for name in off),
                ", ".join(f"{name} {wanted.get(name, 'absent')}" for name in off),
                "give every parameter the shape that spec.shapes() lists",
            )
        return Params(**dict(arrays))
