"""The compiled engine: hands arrays to the kernels, and back what they made of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from carrybit.cells import kernels_cpu
from carrybit.cells.elman import Layers
from carrybit.cells.kernels_cpu import Learn, Run, Step
from carrybit.cells.lessons import Learned, Rules, Samples, Sequences, Student, Words
from carrybit.cells.packing import aligned, pack, places, unpack
from carrybit.cells.steps import Stepper, one_step
from carrybit.kernels import objects
from carrybit.kernels.code import VECTOR, padded
from carrybit.optimizers import FIRST_DECAY, OPTIMIZERS, SECOND_DECAY
from carrybit.params import Array, Params
from carrybit.spec import WEIGHT_BITS, Spec

MOST_SYMBOLS = 256  # a symbol is a byte
MOST_WEIGHTS = 2**15  # of a network that is trained side by side with others: what caches hold
MOST_UNITS = 2**18  # of its layer_1, over all steps
LONG = 2**30  # products of a call; a longer one may take more than a tenth of a second
AT_ONCE = 4  # sequences that share what is loaded of the weights


def run(spec: Spec, params: Params, layer_0: Array, memory: Array | None = None) -> Layers:
    """Run sequences through the network; as elman.forward."""
    layer_1, pre_2, layer_2, before = _run(spec, params, layer_0, memory, keeps=True)
    layer_1 = layer_1[:, :, : spec.hidden_dim]
    past = layer_1 if spec.recurrence == "hidden" else np.concatenate([before[:, None], layer_0], axis=1)
    return Layers(layer_0=layer_0, past=past, layer_1=layer_1, pre_2=pre_2, layer_2=layer_2)


def answer(spec: Spec, params: Params, layer_0: Array, memory: Array | None = None) -> Array:
    """Return layer_2 (B, T, O) alone: quicker where there are many sequences, since nothing else is kept."""
    return _run(spec, params, layer_0, memory, keeps=False)[2]


def _written(spec: Spec) -> Spec:
    """Return the spec that code is written for: how many bits a weight has makes no other code."""
    return replace(spec, weight_bits=WEIGHT_BITS[0]) if spec.is_whole else spec


def _run(
    spec: Spec, params: Params, layer_0: Array, memory: Array | None, keeps: bool
) -> tuple[Array, Array, Array, Array]:
    """Return layer_1 (B, T+1, H with room), pre_2, layer_2 and the memory before, of which only layer_2 may be kept."""
    batch, time, _ = layer_0.shape
    vector = VECTOR[spec.precision]
    filled = -(-batch // AT_ONCE) * AT_ONCE
    kept = filled if keeps else AT_ONCE  # else the same room is used again and again
    blocks, stride = -(-time // vector), padded(spec.hidden_dim, vector)
    inputs = _filled(layer_0, filled, spec.precision)
    layer_1 = aligned((kept, time + 1, stride), spec.precision)
    pre_2, layer_2 = (aligned((many, spec.output_dim, blocks * vector), spec.precision) for many in (kept, filled))
    before = _filled(np.zeros((0, spec.memory_dim)) if memory is None else memory, filled, spec.precision)
    if time == 0 and keeps:
        layer_1[:, 0, : spec.hidden_dim] = before if spec.recurrence == "hidden" else 0
    _call(
        Run(_written(spec), AT_ONCE),
        groups=filled // AT_ONCE if time else 0,
        time=time,
        blocks=blocks,
        weights=pack(spec, [params]),
        inputs=inputs,
        memory=before,
        layer_1=layer_1,
        pre_2=pre_2,
        layer_2=layer_2,
        keeps=int(keeps),
    )
    pre_2, layer_2 = (each[:batch, :, :time].transpose(0, 2, 1) for each in (pre_2, layer_2))
    return layer_1[:batch], pre_2, layer_2, before[:batch]


def stepper(spec: Spec, params: Params) -> Stepper:
    """Return a function that makes one step: layer_0 (I,), memory (M,) -> layer_2 (O,), memory after it (M,)."""
    kernel = Step(_written(spec))
    weights, workspace = pack(spec, [params]), aligned((kernels_cpu.room(kernel),), spec.precision)
    slots = [weights.ctypes.data, workspace.ctypes.data]
    compiled, definition = objects.function(kernels_cpu.load_step(kernel), spec.precision, slots)
    empty, dtype, outputs, memories = np.empty, weights.dtype, spec.output_dim, spec.memory_dim

    def step(layer_0: Array, memory: Array | None = None) -> tuple[Array, Array]:
        answer, after = empty(outputs, dtype), empty(memories, dtype)
        if compiled(layer_0, memory, answer, after) is False:  # what it cannot read, or what is wrong
            taken = compiled(*one_step(spec, layer_0, memory), answer, after)
            assert taken is None
        return answer, after

    step.__dict__["kept"] = weights, workspace, definition  # which the compiled function goes on using
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
    batch, time, _ = layer_0.shape
    if batch == 0 or time == 0:
        return params.map(np.zeros_like)
    sequences = _at_once(batch)
    kernel = Learn(
        spec,
        None,
        clips=False,
        time=time,
        reads="arrays",
        masked=mask is not None,
        remembers=memory is not None,
        sequences=sequences,
        noisy=noise is not None,
    )
    made = pack(spec, [params.map(np.zeros_like)])
    _call(
        kernel,
        updates=1,
        groups=batch // sequences,
        weights=pack(spec, [params]),
        gradient=made,
        scale=1 / batch,
        inputs=_contiguous(layer_0, spec.precision),
        targets=_contiguous(targets, spec.precision),
        mask=None if mask is None else _contiguous(mask, spec.precision),
        memory=None if memory is None else _contiguous(memory, spec.precision),
        noise=None if noise is None else _contiguous(noise, spec.precision),
        sequences=batch,
        workspace=aligned((kernels_cpu.room(kernel),), spec.precision),
        errors=np.empty(batch, spec.precision),
        right=np.empty(batch, spec.precision),
    )
    return unpack(spec, made)[0]


def learn(spec: Spec, rules: Rules, students: Sequence[Student], samples: Samples, first_update: int) -> list[Learned]:
    """Let students learn from samples, each from its own, side by side."""
    lanes = VECTOR[spec.precision]
    is_large = places(spec).size > MOST_WEIGHTS or samples.shape[2] * spec.hidden_dim > MOST_UNITS
    if is_large or len(students) <= lanes // 2:  # alone is quicker, and leads to the same bits
        return [
            _learn(spec, rules, [student], samples.only(slice(k, k + 1)), first_update)[0]
            for k, student in enumerate(students)
        ]
    learned: list[Learned] = []
    for first in range(0, len(students), lanes):
        some = slice(first, first + lanes)
        learned += _learn(spec, rules, students[some], samples.only(some), first_update)
    return learned


def _learn(spec: Spec, rules: Rules, students: Sequence[Student], samples: Samples, first_update: int) -> list[Learned]:
    """Let one student learn alone, or up to as many as there are lanes side by side."""
    if isinstance(samples, Words) and len(samples.machine.symbols) > MOST_SYMBOLS:
        samples = samples.sequences()
    replicas, count, time = samples.shape
    lanes = 1 if replicas == 1 else VECTOR[spec.precision]
    sequences = _at_once(rules.batch_size) if lanes == 1 else 1
    kernel = Learn(
        spec,
        rules.optimizer,
        clips=rules.clip is not None,
        time=time,
        reads="symbols" if isinstance(samples, Words) else "arrays",
        masked=isinstance(samples, Sequences) and samples.mask is not None,
        lanes=lanes,
        sequences=sequences,
        is_direct=rules.optimizer == "sgd" and rules.batch_size == 1 and rules.clip is None,
        noisy=samples.noise is not None,
    )
    everyone = [*students, *[students[-1]] * (lanes - replicas)]  # somebody must sit in every lane
    weights = pack(spec, [student.params for student in everyone])
    names = OPTIMIZERS[rules.optimizer].remembers
    moments = [pack(spec, [student.optimizer[name] for student in everyone]) for name in names]
    errors, right = (aligned((count, lanes), spec.precision) for _ in range(2))
    _call(
        kernel,
        updates=count // rules.batch_size,
        groups=rules.batch_size // sequences,
        weights=weights,
        gradient=None if kernel.is_direct else aligned(weights.shape, spec.precision),
        scales=_scales(first_update, count // rules.batch_size, spec.precision) if "adam" == rules.optimizer else None,
        rate=float(rules.learning_rate),
        clip=float(rules.clip or 0),
        scale=-float(rules.learning_rate) if kernel.is_direct else 1 / rules.batch_size,
        sequences=count,
        workspace=aligned((kernels_cpu.room(kernel),), spec.precision),
        errors=errors,
        right=right,
        **{f"moment_{i + 1}": moment for i, moment in enumerate(moments)},
        **_read(samples, lanes, spec.precision),
    )
    params = unpack(spec, weights)
    remembered = [unpack(spec, moment) for moment in moments]
    return [
        Learned(
            Student(params[k], {name: remembered[i][k] for i, name in enumerate(names)}),
            errors[:, k].astype(np.float64),
            right[:, k].astype(np.int64),
        )
        for k in range(replicas)
    ]


def _read(samples: Samples, lanes: int, precision: str) -> dict[str, Any]:
    """Return samples as the kernel reads them, by the names of its slots."""
    noise = None if samples.noise is None else _for_lanes(samples.noise, lanes, precision)
    if isinstance(samples, Words):
        machine, symbols = samples.machine, len(samples.machine.symbols)  # a state is where its row begins
        return {
            "noise": noise,
            "symbols": _for_lanes(samples.symbols, lanes, "uint8"),
            "vectors": _contiguous(samples.vectors, precision),
            "moves": (machine.moves * symbols).astype(np.int32),
            "answers": _contiguous(samples.targets[machine.outputs], precision),
            "start": machine.start * symbols,
        }
    return {
        "noise": noise,
        "inputs": _for_lanes(samples.layer_0, lanes, precision),
        "targets": _for_lanes(samples.targets, lanes, precision),
        "mask": None if samples.mask is None else _for_lanes(samples.mask, lanes, precision),
    }


def _at_once(batch: int) -> int:
    """How many sequences of a batch are worked on at once."""
    return next(many for many in (AT_ONCE, 3, 2, 1) if batch % many == 0)


def _scales(first_update: int, updates: int, precision: str) -> Array:
    """1 / (1 - decay^n) for both moments of Adam and every update, from products alone, for the same bits anywhere."""
    n = np.arange(first_update + 1, first_update + updates + 1)
    return np.stack([1 / (1 - _power(decay, n)) for decay in (FIRST_DECAY, SECOND_DECAY)], axis=1).astype(precision)


def _power(base: float, exponents: Array) -> Array:
    """Return base ** exponents by squaring."""
    power, square, left = np.ones(len(exponents)), base, exponents.copy()
    while left.any():
        power = np.where(left & 1, power * square, power)
        square, left = square * square, left >> 1
    return power


def _contiguous(array: Array, dtype: str) -> Array:
    return np.ascontiguousarray(array, dtype=dtype)


def _for_lanes(array: Array, lanes: int, dtype: str) -> Array:
    """Return arrays of replicas (R, ...) for as many as there are lanes, the last one again and again."""
    return _contiguous(array if len(array) == lanes else array[np.minimum(np.arange(lanes), len(array) - 1)], dtype)


def _filled(array: Array, length: int, dtype: str) -> Array:
    """Return an array with zeros behind its end."""
    if len(array) == length:
        return _contiguous(array, dtype)
    made = np.zeros((length, *array.shape[1:]), dtype)
    made[: len(array)] = array
    return made


def _call(kernel: Learn | Run, **arguments: Any) -> None:
    """Call a kernel with named arguments: arrays, whole numbers, numbers; what is None or left out is not used."""
    slots = np.zeros(len(kernel.slots), np.int64)
    for name, value in arguments.items():  # which stay alive until the kernel is done with them
        place = kernel.slots.index(name)
        if isinstance(value, np.ndarray):
            slots[place] = value.ctypes.data
        elif isinstance(value, float):
            slots[place : place + 1].view(np.float64)[0] = value
        elif value is not None:
            slots[place] = value
    compiled = kernels_cpu.load(kernel)
    if kernel.work(arguments) < LONG or threading.current_thread() is not threading.main_thread():
        compiled(slots.ctypes.data)
        return
    # Ctrl-C is heard by the main thread, between two steps of its own: so it only waits, and may be called away
    working = threading.Thread(target=lambda: (compiled(slots.ctypes.data), arguments), daemon=True)
    working.start()
    while working.is_alive():
        working.join(0.1)
