"""Nudges: what the loss does when one number of a trace is nudged, whoever computed its derivative.

The forward pass is made again, step by step, with a little more and a little less of one number: of a weight, of an
input, or of what a layer held at one step. Half the difference, divided by the nudge, is the slope that
backpropagation must have found; it knows nothing of the chain rule. The stairs of a network in whole numbers have no
slope: there, each hidden unit goes along the slope of the curve that its stairs follow.
"""

from __future__ import annotations

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.errors import SettingError
from carrybit.losses import batch_loss
from carrybit.params import Array
from carrybit.tracing import Trace

STEP = 1e-5  # rounding makes 1e-11 of it, and the curve of the loss 1e-10
LAYERS = ("layer_0", "past", "pre_1", "layer_1", "pre_2")  # what can be nudged beside the parameters


def finite_difference(trace: Trace, name: str, place: tuple[int, ...], step: float = STEP) -> float:
    """Return the slope of the loss by one number, measured: what stands in ``trace.arrays()["d_" + name][place]``.

    Parameters
    ----------
    trace : Trace
    name : str
        A parameter, or one of layer_0, past, pre_1, layer_1 and pre_2. "past" is what one step remembers, whoever
        else sees it too.
    place : tuple of int
        Where in the array; of a layer (b, t, unit).
    step : float
        How far it is nudged to each side.

    Raises
    ------
    SettingError
        There is no such number.
    """
    names = (*LAYERS, *(each for each in trace.params.arrays() if each != "thresholds"))
    if name not in names:
        raise SettingError("name", name, ", ".join(names), "synapse_h")
    shape = trace.arrays()[name].shape
    if len(place) != len(shape) or not all(0 <= k < n for k, n in zip(place, shape, strict=True)):
        raise SettingError("place", place, f"a place in {name}, of shape {shape}", (0,) * len(shape))
    above, below = (_loss(trace, name, place, nudge) for nudge in (step, -step))
    return (above - below) / (2 * step)


def _loss(trace: Trace, name: str, place: tuple[int, ...], nudge: float) -> float:
    """Return the loss with one number nudged, in float64."""
    spec = trace.spec
    params = {each: array.astype(np.float64) for each, array in trace.params.arrays().items()}
    if name in params:
        params[name][place] += nudge
    layer_0 = _nudged(trace.layer_0, name == "layer_0", place, nudge)
    bias_1, bias_2 = params.get("bias_1", 0.0), params.get("bias_2", 0.0)
    activation, slope = ACTIVATIONS[spec.activation].value, ACTIVATIONS[spec.activation].slope
    layer_1 = trace.layer_1[:, 0].astype(np.float64)
    before = trace.past[:, 0].astype(np.float64)
    if name == "layer_1" and place[1] == 0:
        layer_1 = _nudged(layer_1, True, (place[0], place[2]), nudge)
        before = layer_1 if spec.recurrence == "hidden" else before
    pre_2 = np.empty(trace.pre_2.shape)
    for t in range(trace.time):
        is_here = len(place) == 3 and place[1] == t
        where = (place[0], place[-1])
        past = _nudged(before, name == "past" and is_here, where, nudge)
        pre_1 = layer_0[:, t] @ params["synapse_0"] + past @ params["synapse_h"] + bias_1
        arrives = _nudged(pre_1, name == "pre_1" and is_here, where, nudge)
        if spec.is_whole:
            stair = trace.layer_1[:, t + 1]
            layer_1 = stair + slope(stair) * (arrives - trace.pre_1[:, t])
        else:
            layer_1 = activation(arrives)
        layer_1 = _nudged(layer_1, name == "layer_1" and len(place) == 3 and place[1] == t + 1, where, nudge)
        pre_2[:, t] = _nudged(layer_1 @ params["synapse_1"] + bias_2, name == "pre_2" and is_here, where, nudge)
        before = layer_1 if spec.recurrence == "hidden" else layer_0[:, t]
    return float(batch_loss(spec.loss, pre_2, trace.targets.astype(np.float64), trace.mask))


def _nudged(array: Array, is_meant: bool, place: tuple[int, ...], nudge: float) -> Array:
    """Return an array in float64, with one number nudged if it is the one that is meant."""
    nudged = array.astype(np.float64)
    if is_meant:
        nudged[place] += nudge
    return nudged
