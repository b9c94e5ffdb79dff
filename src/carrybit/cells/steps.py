"""Steps: one tick of time of one sequence, for streams that come step by step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from carrybit.errors import ShapeError
from carrybit.params import Array
from carrybit.spec import Spec

# layer_0 (I,), memory (M,) or nothing for zeros -> layer_2 (O,), the memory after it (M,)
Stepper = Callable[..., tuple[Array, Array]]


def one_step(spec: Spec, layer_0: Array, memory: Array | None) -> tuple[Array, Array]:
    """Return input and memory as arrays of the network's own kind; ShapeError if they are no single step."""
    if memory is None:
        memory = np.zeros(spec.memory_dim)
    # aligned too, and nothing but an array, which ascontiguousarray does not promise
    layer_0, memory = (np.require(array, spec.precision, ["C", "A", "E"]) for array in (layer_0, memory))
    for name, array, size in (("layer_0", layer_0, spec.input_dim), ("memory", memory, spec.memory_dim)):
        if array.shape != (size,):
            raise ShapeError(f"{name} of shape {array.shape}", f"({size},)", "give one step of one sequence")
    return layer_0, memory
