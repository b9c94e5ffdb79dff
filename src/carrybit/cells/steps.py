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
    return _row("layer_0", layer_0, spec.input_dim, spec), _row("memory", memory, spec.memory_dim, spec)


def _row(name: str, given: Array, size: int, spec: Spec) -> Array:
    try:
        found = np.asarray(given)
    except (ValueError, TypeError, OverflowError):
        found = np.asarray(None)
    if found.dtype.kind not in "biuf" or found.shape != (size,):
        what = f"of shape {found.shape}" + (f", of {found.dtype}" if found.dtype.kind not in "biuf" else "")
        raise ShapeError(f"{name} {what}", f"({size},) real numbers", "give one step of one sequence")
    # aligned too, and nothing but an array, which ascontiguousarray does not promise
    return np.require(found, spec.precision, ["C", "A", "E"])
