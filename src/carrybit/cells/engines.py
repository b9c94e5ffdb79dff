"""The engines: who computes. They give the same numbers up to rounding; nothing else that a person sees differs.

cpu         kernels compiled for this machine; the same bits on every CPU, alone or side by side, in any pieces
reference   NumPy, as elman.py stands there to be read
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple

from carrybit.cells.elman import Layers
from carrybit.cells.lessons import Learned, Rules, Samples, Student
from carrybit.cells.steps import Stepper
from carrybit.params import Array, Params
from carrybit.spec import Spec


class Engine(NamedTuple):
    """What every engine can do.

    run      : spec, params, layer_0 (B, T, I), memory (B, M) or None -> every layer
    answer   : the same -> layer_2 alone
    stepper  : spec, params -> a function that makes one step
    gradient : spec, params, layer_0, targets (B, T, O), mask (B, T) or None, memory, noise -> ∂loss/∂params
    learn    : spec, rules, R students, their samples, number of updates before -> R times what came of it
    """

    run: Callable[[Spec, Params, Array, Array | None], Layers]
    answer: Callable[[Spec, Params, Array, Array | None], Array]
    stepper: Callable[[Spec, Params], Stepper]
    gradient: Callable[..., Params]
    learn: Callable[[Spec, Rules, Sequence[Student], Samples, int], list[Learned]]


MODULES = {"cpu": "compiled", "reference": "reference"}


def engine(name: str) -> Engine:
    """Return an engine by name; what it needs is loaded now, and not before."""
    module = import_module(f"carrybit.cells.{MODULES[name]}")
    return Engine(module.run, module.answer, module.stepper, module.gradient, module.learn)
