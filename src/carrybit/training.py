"""Training: a configuration in, a stream of events out.

``train(config)`` is a generator; the terminal prints its events, a run folder records them, a test counts them. Every
event carries the state that training had reached, and ``train(config, state)`` goes on from any of them to the same
bits: samples are named by the number of their update, so nothing else needs to be remembered.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from carrybit import randomness
from carrybit.cells.engines import engine
from carrybit.cells.lessons import Learned, Student
from carrybit.config import TrainConfig
from carrybit.errors import DivergedError
from carrybit.examination import Marks, examine, is_exact
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.optimizers import State as OptimizerState
from carrybit.params import Array, Params
from carrybit.responses import validate
from carrybit.tasks.data import DataTask
from carrybit.tasks.task import Task, dims, has_machine, lessons, preview

LARGEST_BLOCK = 2**22  # numbers in the samples that are drawn at once
PATIENCE = 10  # reports without a better one, before a training on own data has settled
DRAWN_AT_ONCE = 2**15  # words of noise, so that what becomes of them stays in the caches
BLOCK_SECONDS = 0.05  # between two events, so that a progress bar moves and Ctrl-C is heard


class Tally(NamedTuple):
    """Sums over the training samples since the last report.

    error : |target - layer_2|, over all answers; the tutorial's overallError, summed sequence after sequence
    """

    error: float = 0.0
    steps: int = 0
    right_steps: int = 0
    sequences: int = 0
    right_sequences: int = 0


@dataclass(frozen=True, eq=False)
class Best:
    """The network that answered the validation part best so far.

    update  : how many updates it had made
    loss    : its loss there, of a step
    network : with the numbers it had then
    """

    update: int
    loss: float
    network: Network


@dataclass(frozen=True, eq=False)
class State:
    """Everything training needs to go on.

    update    : how many updates were made
    network   : as it is after them
    optimizer : what the optimiser remembers, Params by name
    tally     : sums over the samples since the last report
    best      : of own data, what to keep in the end; None before the first report, and for a task with a machine
    """

    update: int
    network: Network
    optimizer: OptimizerState
    tally: Tally = Tally()
    best: Best | None = None


@dataclass(frozen=True, eq=False)
class Progress:
    """Training has come this far; nothing is worth recording yet."""

    state: State


@dataclass(frozen=True, eq=False)
class Report:
    """How the samples of the last ``every`` updates went, each before the network learned from it.

    error                        : the tutorial's error, averaged over sequences
    right_steps, right_sequences : shares from 0 to 1
    validation                   : of own data, the loss of a step of the validation part; None for other tasks
    sample, sample_is_right      : the next training sample, which the network has not learned from yet; None where an
                                   answer is not right or wrong but near or far
    """

    state: State
    error: float
    right_steps: float
    right_sequences: float
    sample: str
    sample_is_right: bool | None
    validation: float | None = None


@dataclass(frozen=True, eq=False)
class Examining:
    """The final examination is going on; ``marks`` grow until they are complete."""

    state: State
    marks: Marks


@dataclass(frozen=True, eq=False)
class Finished:
    """Training is over: ``reason`` is "updates" (all are done), "exact" (examination passed) or "settled"."""

    state: State
    reason: str
    examination: tuple[Marks, ...]


Event = Progress | Report | Examining | Finished


def first_state(config: TrainConfig) -> State:
    """Return the state before any update."""
    network = Network.first(config.make_spec(), config.seed, config.engine, config.start)
    return State(0, network, OPTIMIZERS[config.optimizer].first(network.params))


def train(config: TrainConfig, state: State | None = None) -> Generator[Event]:
    """Train a network, yielding events; the last one is `Finished`.

    Parameters
    ----------
    config : TrainConfig
    state : State or None
        Where to go on; None begins at update 0. Any state of any event will do, and gives the same bits.

    Raises
    ------
    DivergedError
        A weight left the finite numbers; its ``state`` is the last good one.
    """
    state = first_state(config) if state is None else state
    task = config.task
    reason = "updates"
    block = 1  # updates between two events, adapted to their speed
    while True:
        at_report = state.update % config.every == 0
        if state.update and (at_report or state.update == config.updates):
            validation = validate(state.network, task) if isinstance(task, DataTask) else None
            state = _with_best(state, validation)
            yield _report(config, task, state, validation)
            if _is_over(config, task, state):
                reason = str(config.until)
                break
        if state.update >= config.updates:
            break
        began = time.perf_counter()
        fits = max(1, LARGEST_BLOCK // numbers(config))
        count = min(block, fits, config.every - state.update % config.every, config.updates - state.update)
        (moved,) = advance(config, task, [config.seed], [state], count)
        if isinstance(moved, DivergedError):
            raise moved
        state = moved
        if count == block:
            block = next_block(block, time.perf_counter() - began)
        yield Progress(state)

    examination = []
    for marks in examine(state.network, task) if has_machine(task) else ():
        yield Examining(state, marks)
        if marks.is_complete:
            examination.append(marks)
    yield Finished(state, reason, tuple(examination))


def numbers(config: TrainConfig) -> int:
    """How many numbers the samples of an update are, as they are drawn: a byte for a symbol, else a row; and noise."""
    width = 1 if has_machine(config.task) else sum(dims(config.task, config.loss))
    width += config.hidden_dim if config.noise else 0
    return config.batch_size * config.task.length * width


def next_block(block: int, took: float) -> int:
    """Return how many updates the next block has, after one that took so many seconds."""
    return max(1, int(block * min(2.0, BLOCK_SECONDS / max(took, 1e-9))))


def advance(
    config: TrainConfig, task: Task, seeds: Sequence[int], states: Sequence[State], count: int
) -> list[State | DivergedError]:
    """Return the states of networks ``count`` updates later, or the error that says where one of them diverged.

    Parameters
    ----------
    seeds, states : one of each for every network; they have made as many updates
    """
    update = states[0].update
    spec = states[0].network.spec
    samples = lessons(task, spec, seeds, update * config.batch_size, count * config.batch_size)
    if config.noise:
        samples = replace(samples, noise=noise(config, seeds, update, count))
    students = [Student(state.network.params, state.optimizer) for state in states]

    def learn(networks: slice, updates: int) -> list[Learned]:
        some = samples.only(networks).first(updates * config.batch_size)
        return engine(config.engine).learn(spec, config.make_rules(), students[networks], some, update)

    def after(k: int, updates: int, learned: Learned) -> State:
        steps = samples.steps[k, : len(learned.errors)]
        tally = _add(states[k].tally if update % config.every else Tally(), learned, steps)
        network = replace(states[k].network, params=learned.student.params)
        return State(update + updates, network, learned.student.optimizer, tally, states[k].best)

    def diverged(k: int) -> DivergedError:
        """Look for the last good update by halves: what is not finite stays so, and a lesson can be had again."""
        good, bad = 0, count
        while bad - good > 1:
            middle = (good + bad) // 2
            (learned,) = learn(slice(k, k + 1), middle)
            good, bad = (middle, bad) if is_finite(learned.student.params) else (good, middle)
        last = after(k, good, learn(slice(k, k + 1), good)[0]) if good else states[k]
        (learned,) = learn(slice(k, k + 1), bad)
        return divergence(learned.student.params, update + bad, config.learning_rate, last)

    return [
        after(k, count, learned) if is_finite(learned.student.params) else diverged(k)
        for k, learned in enumerate(learn(slice(None), count))
    ]


def noise(config: TrainConfig, seeds: Sequence[int], update: int, count: int) -> Array:
    """Return what is added to layer_1 in ``count`` updates from ``update`` on: (R, N, T, H), for R seeds.

    A sample's noise is named by the sample's number, as the sample is; so it is the same in any block.
    """
    batch, time, hidden = config.batch_size, config.task.length, config.hidden_dim
    first, many, width = update * batch, count * batch, time * hidden
    updates = np.arange(update, update + count)
    full = np.minimum(1.0, updates / config.noise_ramp) if config.noise_ramp else np.ones(count)
    factors = np.repeat(config.noise * full / randomness.BELL_DEVIATION, batch)[:, None]  # (N, 1)
    made = np.empty((len(seeds), many, width))
    rows = max(1, DRAWN_AT_ONCE // width)
    for k, seed in enumerate(seeds):
        for begin in range(0, many, rows):
            end = min(begin + rows, many)
            words = randomness.words(seed, "noise", first + begin, end - begin, width)
            np.multiply(randomness.bell(words), factors[begin:end], out=made[k, begin:end])
    return made.reshape(len(seeds), many, time, hidden)


def is_finite(params: Params) -> bool:
    """Whether every number is finite."""
    return all(np.isfinite(array).all() for array in params.arrays().values())


def divergence(params: Params, update: int, learning_rate: float, last_good: State) -> DivergedError:
    """Return the error for an update that took a number out of the finite ones."""
    name = next(name for name, array in params.arrays().items() if not np.isfinite(array).all())
    return DivergedError(
        f"training diverged: update {update:,} took {name} out of the finite numbers",
        "finite weights; the last good ones are kept in the run folder, if there is one",
        f"begin again with a smaller --learning-rate than {learning_rate:g}, or with --clip 1",
        last_good,
    )


def _add(tally: Tally, learned: Learned, steps: Ints) -> Tally:
    """Return the tally with what came of sequences of so many steps each."""
    return Tally(
        error=float(np.cumsum(np.append(tally.error, learned.errors))[-1]),  # one by one, so that blocks leave no trace
        steps=tally.steps + int(steps.sum()),
        right_steps=tally.right_steps + int(learned.right_steps.sum()),
        sequences=tally.sequences + len(learned.errors),
        right_sequences=tally.right_sequences + int((learned.right_steps == steps).sum()),
    )


def _with_best(state: State, validation: float | None) -> State:
    """Return the state with its network as the best one, if the validation part was never answered better."""
    if validation is None or (state.best is not None and not validation < state.best.loss):
        return state
    return replace(state, best=Best(state.update, validation, state.network))


def _is_over(config: TrainConfig, task: Task, state: State) -> bool:
    """Whether what is trained for is reached."""
    if config.until == "exact":
        return has_machine(task) and is_exact(state.network, task)
    if config.until == "settled" and state.best is not None:
        return state.update - state.best.update >= PATIENCE * config.every
    return False


def _report(config: TrainConfig, task: Task, state: State, validation: float | None) -> Report:
    tally = state.tally
    spec = state.network.spec
    samples = lessons(task, spec, [config.seed], state.update * config.batch_size, 1)
    sample, is_right = preview(task, samples, state.network.run(samples.sequences().layer_0[0]).layer_2)
    return Report(
        state=state,
        error=tally.error / tally.sequences,
        right_steps=tally.right_steps / tally.steps,
        right_sequences=tally.right_sequences / tally.sequences,
        sample=sample,
        sample_is_right=is_right,
        validation=validation,
    )
