"""Checking: a derivative of a trace beside what a nudge of its number does to the loss."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from carrybit.errors import UsageError
from carrybit.nudges import LAYERS, STEP, finite_difference
from carrybit.tracing import Trace
from carrybit.walk.equations import largest_of
from carrybit.walk.numbers import long
from carrybit.walk.script import Scene

NEAR = {"float64": 1e-5, "float32": 1e-2}  # relative: the curve of the loss, and the rounding of what is checked
SMALLEST = {"float64": 1e-9, "float32": 1e-6}
Place = tuple[int, ...]


@dataclass(frozen=True)
class Check:
    """A derivative, and the same by a nudge.

    Parameters
    ----------
    label : str
        Which one: ``d_synapse_h[3,7]``.
    derivative, measured : float
        By the chain rule, and by a nudge.
    agrees : bool
        Whether they are the same but for rounding.
    by : str
        What was nudged, and how.
    """

    label: str
    derivative: float
    measured: float
    agrees: bool
    by: str = "by a nudge"

    def __str__(self) -> str:
        apart = abs(self.derivative - self.measured)
        verdict = "✓" if self.agrees else "✗ NOT THE SAME:"
        chain, nudged = long(self.derivative), long(self.measured)
        return f"{verdict} {self.label} = {chain}, {self.by} {nudged}, apart {apart:.1g}"


def check(trace: Trace, name: str, place: Place) -> Check:
    """Check the derivative by one number: parameters as of `carrybit.nudges.finite_difference`."""
    with np.errstate(all="ignore"):
        measured = finite_difference(trace, name, place)
        derivative = float(trace.arrays()[f"d_{name}"][place])
        precision = trace.spec.precision
        rounding = 16 * np.finfo(np.float64).eps * float(np.abs(trace.loss).sum()) / STEP
        near = SMALLEST[precision] + rounding + NEAR[precision] * max(abs(measured), abs(derivative))
        by = "by a nudge along the slopes of the curve that the stairs follow" if trace.spec.is_whole else "by a nudge"
        return Check(_label(name, place), derivative, measured, bool(abs(measured - derivative) <= near), by)


def in_view(scene: Scene, unit: int) -> list[tuple[str, Place]]:
    """Return the derivatives that a scene is about, for a unit: as (name, place)."""
    t = scene.step
    if scene.stop in ("gradient", "update"):
        return list(largest_of(scene.trace.gradient, unit).items())
    if scene.is_of_outputs:
        return [("pre_2", (0, t, unit))]
    both: list[tuple[str, Place]] = [("layer_1", (0, t + 1, unit)), ("pre_1", (0, t, unit))]
    return both[:1] if scene.way == "forward" else both


def read(trace: Trace, entry: str) -> tuple[str, Place]:
    """Read which derivative a person means: ``synapse_h 3 7``, or of a layer its step and unit, ``layer_1 2 4``.

    Raises
    ------
    UsageError
        There is no such number.
    """
    name, *places = re.split(r"[\s,\[\]()]+", entry.strip().strip("])"))
    name = name.removeprefix("d_")
    names = (*(each for each in trace.params.arrays() if each != "thresholds"), *LAYERS)
    if name not in names:
        last = " ".join(str(n - 1) for n in trace.params.synapse_h.shape)
        raise UsageError(f"{entry.strip()[:40]!r} has no derivative", ", ".join(names), f"synapse_h {last}")
    shape, is_layer = trace.arrays()[name].shape, name in LAYERS
    shape = shape[1:] if is_layer else shape
    first = -1 if name == "layer_1" else 0  # the memory before any input
    ranges = [(first, shape[0] - 1 + first), *((0, n - 1) for n in shape[1:])]
    wanted = ("step {}, unit {}" if is_layer else "row {}, column {}" if len(shape) == 2 else "unit {}").format(
        *(f"{low} to {high}" for low, high in ranges)
    )
    fix = f"{name} {' '.join(str(high) for _, high in ranges)}"
    if len(places) != len(shape) or not all(re.fullmatch(r"[+-]?[0-9]{1,9}", place) for place in places):
        raise UsageError(f"{' '.join(places)[:40]!r} is no place in {name}", f"{name}: {wanted}", fix)
    numbers = [int(place) for place in places]
    if not all(low <= k <= high for k, (low, high) in zip(numbers, ranges, strict=True)):
        raise UsageError(f"{name} has nothing at {' '.join(map(str, numbers))}", wanted, fix)
    return name, (0, numbers[0] - first, *numbers[1:]) if is_layer else tuple(numbers)


def _label(name: str, place: Place) -> str:
    if name not in LAYERS:
        return f"d_{name}[{','.join(map(str, place))}]"
    _, row, unit = place
    return f"d_{name}[{unit}] at step {row - (name == 'layer_1')}"
