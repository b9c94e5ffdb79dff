"""Reproduction: the tutorial's own training, number for number, as a stream of its updates.

The log of 2015 came from NumPy's legacy random stream: a seed, then synapse_0, synapse_1 and synapse_h uniform in
[-1, 1), then one whole number for each operand of each update. That stream is frozen (NEP 19), the arithmetic is the
reference cell's in float64, so the log can be had again. The tutorial's program itself stands in
examples/01_tutorial.py; it worked for 8-bit numbers only, this one for 1 to 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from carrybit import checks
from carrybit.config import TrainConfig
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Array, Params
from carrybit.tasks.addition import addition
from carrybit.tasks.task import decide
from carrybit.training import State, divergence, is_finite

WIDEST = 64  # one draw of the legacy stream is at most a 63-bit operand
LARGEST_SEED = 2**32 - 1  # of the legacy stream


@dataclass(frozen=True, eq=False)
class Lesson:
    """One update of the tutorial's training.

    Parameters
    ----------
    update : int
        From 0.
    operands : (int, int)
    error : float
        |target - layer_2|, summed over the bits, before the update.
    prediction, target : int arrays (T,)
        Bits, lowest first.
    state : State
        After the update.
    """

    update: int
    operands: tuple[int, int]
    error: float
    prediction: Array
    target: Array
    state: State


def reproduce(config: TrainConfig | None = None) -> Iterator[Lesson]:
    """Train as the tutorial did, yielding every update.

    Parameters
    ----------
    config : TrainConfig or None
        ``seed``, ``hidden_dim``, ``learning_rate``, ``updates`` and ``bits`` may differ from the tutorial's;
        everything else must be as it is by default.

    Raises
    ------
    SettingError
        ``bits`` is above 64, ``seed`` above 2**32 - 1, or another field is not the tutorial's.
    DivergedError
        A weight left the finite numbers; its ``state`` is the last good one.
    """
    config = TrainConfig() if config is None else config
    bits = config.task.length
    check(bits=bits, seed=config.seed)
    may_differ = ("seed", "hidden_dim", "learning_rate", "updates", "bits", "every", "until", "engine")
    for name, tutorial in TrainConfig().row().items():
        if name not in may_differ:
            checks.one_of(name, str(config.value(name)), [str(tutorial)])
    stream = np.random.RandomState(config.seed)
    state = _first_state(config, stream)
    spec, task = state.network.spec, addition(bits)
    sgd = OPTIMIZERS["sgd"].update
    for update in range(config.updates):
        a = int(stream.randint(2 ** (bits - 1), dtype=np.int64))
        b = int(stream.randint(2 ** (bits - 1), dtype=np.int64))
        word = task.word(np.array([[number >> t & 1 for t in range(bits)] for number in (a, b)], np.uint8))
        answers = task.machine.run(word[None])[1]  # (1, T)
        target = answers[..., None].astype(np.float64)  # (1, T, O)
        with np.errstate(all="ignore"):  # what is not finite is found below
            gradient, layers = state.network.gradient(task.vectors[word[None]], target)
            params, _ = sgd(state.network.params, gradient, {}, config.learning_rate, update + 1)
        if not is_finite(params):
            raise divergence(params, update + 1, config.learning_rate, State(update, state.network, {}))
        state = State(update + 1, Network(spec, params, "reference"), {})
        errors = np.abs(target - layers.layer_2)[0, :, 0]
        yield Lesson(
            update,
            (a, b),
            error=float(np.cumsum(errors)[-1]),  # one after the other, as the tutorial adds them
            prediction=decide(layers.layer_2)[0],
            target=answers[0],
            state=state,
        )


def first_state(config: TrainConfig) -> State:
    """Return the tutorial's network before any update."""
    return _first_state(config, np.random.RandomState(config.seed))


def _first_state(config: TrainConfig, stream: np.random.RandomState) -> State:
    spec = config.make_spec()
    params = Params(**{name: 2 * stream.random_sample(shape) - 1 for name, shape in spec.shapes().items()})
    return State(0, Network(spec, params, "reference"), {})


def check(*, bits: int, seed: int) -> None:
    """Raise a SettingError where the legacy stream could not draw such numbers or take such a seed."""
    checks.whole("bits", bits, 1, WIDEST, 8)
    checks.whole("seed", seed, 0, LARGEST_SEED, 0)


def layout(lesson: Lesson) -> str:
    """Return a lesson as the tutorial printed it, in the form NumPy had then (1.13)."""

    def printed(numbers: Array) -> str:
        return np.array2string(numbers, legacy="1.13")

    a, b = lesson.operands
    out = sum(int(bit) << t for t, bit in enumerate(lesson.prediction))
    return (
        f"Error:{printed(np.array([lesson.error]))}\n"
        f"Pred:{printed(lesson.prediction[::-1])}\n"
        f"True:{printed(lesson.target[::-1])}\n"
        f"{a} + {b} = {out}\n"
        "------------"
    )
