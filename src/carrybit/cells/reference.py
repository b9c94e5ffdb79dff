"""The reference engine: the cell as elman.py writes it, one update after the other, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carrybit.cells import elman
from carrybit.cells.elman import Layers
from carrybit.cells.lessons import Learned, Rules, Samples, Student, Words
from carrybit.cells.steps import Stepper, one_step
from carrybit.losses import d_batch_loss
from carrybit.optimizers import OPTIMIZERS, clip
from carrybit.params import Array, Params
from carrybit.spec import Spec


def run(spec: Spec, params: Params, layer_0: Array, memory: Array | None = None) -> Layers:
    """Run sequences through the network; as elman.forward."""
    with np.errstate(over="ignore", invalid="ignore"):  # what a diverged network overflows to is inf, silently
        return elman.forward(spec, params, layer_0, memory)


def answer(spec: Spec, params: Params, layer_0: Array, memory: Array | None = None) -> Array:
    """Return layer_2 (B, T, O) alone."""
    return run(spec, params, layer_0, memory).layer_2


def stepper(spec: Spec, params: Params) -> Stepper:
    """Return a function that makes one step: layer_0 (I,), memory (M,) -> layer_2 (O,), memory after it (M,)."""

    def step(layer_0: Array, memory: Array | None = None) -> tuple[Array, Array]:
        layer_0, memory = one_step(spec, layer_0, memory)
        layers = run(spec, params, layer_0[None, None], memory[None])
        return layers.layer_2[0, 0], layers.past[0, 1]

    return step


def gradient(
    spec: Spec,
    params: Params,
    layer_0: Array,
    targets: Array,
    mask: Array | None,
    memory: Array | None = None,
    noise: Array | None = None,
) -> Params:
    """Return ∂loss/∂params of a batch."""
    with np.errstate(all="ignore"):
        layers = elman.forward(spec, params, layer_0, memory, noise)
        return elman.backward(spec, params, layers, d_batch_loss(spec.loss, layers.layer_2, targets, mask), noise)


def learn(spec: Spec, rules: Rules, students: Sequence[Student], samples: Samples, first_update: int) -> list[Learned]:
    """Let students learn from samples, each from its own, one after the other."""
    return [_learn(spec, rules, student, samples, k, first_update) for k, student in enumerate(students)]


def _learn(spec: Spec, rules: Rules, student: Student, samples: Samples, k: int, first_update: int) -> Learned:
    params, remembered = student
    mine = samples.only(slice(k, k + 1))
    seen = mine.sequences() if isinstance(mine, Words) else mine
    layer_0, targets = seen.layer_0[0].astype(spec.precision), seen.targets[0].astype(spec.precision)
    mask = None if seen.mask is None else seen.mask[0]
    noise = None if seen.noise is None else seen.noise[0].astype(spec.precision)
    layer_2 = np.empty_like(targets)
    for j in range(len(layer_0) // rules.batch_size):
        rows = slice(j * rules.batch_size, (j + 1) * rules.batch_size)
        counted = None if mask is None else mask[rows]
        added = None if noise is None else noise[rows]
        with np.errstate(all="ignore"):  # what is not finite is found by whoever asked for it
            layers = elman.forward(spec, params, layer_0[rows], noise=added)
            d_pre_2 = d_batch_loss(spec.loss, layers.layer_2, targets[rows], counted)
            gradient = elman.backward(spec, params, layers, d_pre_2, added)
            if rules.clip is not None:
                gradient = clip(gradient, rules.clip)
            layer_2[rows] = layers.layer_2  # before anything is learned from it
            update = OPTIMIZERS[rules.optimizer].update
            params, remembered = update(params, gradient, remembered, rules.learning_rate, first_update + j + 1)
    return Learned(Student(params, remembered), *_judged(layer_2, targets, mask))


def _judged(layer_2: Array, targets: Array, mask: Array | None) -> tuple[Array, Array]:
    errors = np.abs(layer_2 - targets).sum(axis=-1)  # (N, T)
    if layer_2.shape[-1] == 1:
        is_right = (layer_2[..., 0] > 0.5) == (targets[..., 0] > 0.5)
    else:
        is_right = np.take_along_axis(targets, layer_2.argmax(axis=-1)[..., None], axis=-1)[..., 0] > 0.5
    if mask is not None:
        errors, is_right = np.where(mask, errors, 0), is_right & mask
    return np.cumsum(errors, axis=1)[:, -1].astype(np.float64), is_right.sum(axis=1)
