"""Training: a configuration in, a stream of events out.

``train(config)`` is a generator; the terminal prints its events, a run folder records them, a test counts them. Every
event carries the state that training had reached, and ``train(config, state)`` goes on from any of them to the same
bits: samples are named by the number of their update, so nothing else needs to be remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from carrybit.cells import elman
from carrybit.config import TrainConfig
from carrybit.errors import DivergedError
from carrybit.examination import Marks, examine, is_exact
from carrybit.losses import d_batch_loss
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS, clip
from carrybit.optimizers import State as OptimizerState
from carrybit.params import Array, Params
from carrybit.tasks.task import Task, decide, targets

LARGEST_BLOCK = 2**22  # numbers in the samples that are drawn at once
BLOCK_SECONDS = 0.05  # between two events, so that a progress bar moves and Ctrl-C is heard


class Tally(NamedTuple):
    """Sums over the training samples since the last report.

    error : |target - layer_2|, over all answers; the tutorial's overallError, summed over sequences
    """

    error: float = 0.0
    steps: int = 0
    right_steps: int = 0
    sequences: int = 0
    right_sequences: int = 0


@dataclass(frozen=True, eq=False)
class State:
    """Everything training needs to go on.

    update    : how many updates were made
    network   : as it is after them
    optimizer : what the optimiser remembers, Params by name
    tally     : sums over the samples since the last report
    """

    update: int
    network: Network
    optimizer: OptimizerState
    tally: Tally = Tally()


@dataclass(frozen=True, eq=False)
class Progress:
    """Training has come this far; nothing is worth recording yet."""

    state: State


@dataclass(frozen=True, eq=False)
class Report:
    """How the samples of the last ``every`` updates went, each before the network learned from it.

    error                        : the tutorial's error, averaged over sequences
    right_steps, right_sequences : shares from 0 to 1
    sample, sample_is_right      : the next training sample, which the network has not learned from yet
    """

    state: State
    error: float
    right_steps: float
    right_sequences: float
    sample: str
    sample_is_right: bool


@dataclass(frozen=True, eq=False)
class Examining:
    """The final examination is going on; ``marks`` grow until they are complete."""

    state: State
    marks: Marks


@dataclass(frozen=True, eq=False)
class Finished:
    """Training is over: ``reason`` is "updates" (all of them are done) or "exact" (the examination was passed)."""

    state: State
    reason: str
    examination: tuple[Marks, ...]


Event = Progress | Report | Examining | Finished


def first_state(config: TrainConfig) -> State:
    """Return the state before any update."""
    network = Network.first(config.make_spec(), config.seed)
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
    task = config.make_task()
    reason = "updates"
    block = 1  # updates between two events, adapted to their speed
    while True:
        at_report = state.update % config.every == 0
        if state.update and (at_report or state.update == config.updates):
            yield _report(config, task, state)
            if config.until == "exact" and is_exact(state.network, task):
                reason = "exact"
                break
        if state.update >= config.updates:
            break
        began = time.perf_counter()
        fits = max(1, LARGEST_BLOCK // (config.batch_size * config.bits))
        count = min(block, fits, config.every - state.update % config.every, config.updates - state.update)
        state = _block(config, task, state, count)
        if count == block:
            took = max(time.perf_counter() - began, 1e-9)
            block = max(1, int(block * min(2.0, BLOCK_SECONDS / took)))
        yield Progress(state)

    examination = []
    for marks in examine(state.network, task):
        yield Examining(state, marks)
        if marks.is_complete:
            examination.append(marks)
    yield Finished(state, reason, tuple(examination))


def _block(config: TrainConfig, task: Task, state: State, count: int) -> State:
    """Return the state ``count`` updates later."""
    spec, params, optimizer = state.network.spec, state.network.params, state.optimizer
    words = task.sample(config.seed, "samples", state.update * config.batch_size, count * config.batch_size)
    layer_0, right = task.vectors[words], task.machine.run(words)[1]
    wanted = targets(spec, right)
    layer_2 = np.empty_like(wanted)
    tally = state.tally if state.update % config.every else Tally()

    def after(updates: int) -> State:
        rows = slice(updates * config.batch_size)
        network = Network(spec, params)
        return State(state.update + updates, network, optimizer, _add(tally, layer_2[rows], wanted[rows], right[rows]))

    for k in range(count):
        rows = slice(k * config.batch_size, (k + 1) * config.batch_size)
        with np.errstate(all="ignore"):  # what is not finite is found below, and named
            layers = elman.forward(spec, params, layer_0[rows])
            d_pre_2 = d_batch_loss(spec.loss, layers.layer_2, wanted[rows])
            gradient = elman.backward(spec, params, layers, d_pre_2)
            if config.clip is not None:
                gradient = clip(gradient, config.clip)
            update = OPTIMIZERS[config.optimizer].update
            layer_2[rows] = layers.layer_2  # before anything is learned from it
            moved, remembered = update(params, gradient, optimizer, config.learning_rate, state.update + k + 1)
        refuse_divergence(moved, state.update + k + 1, config.learning_rate, partial(after, k))
        params, optimizer = moved, remembered
    return after(count)


def refuse_divergence(params: Params, update: int, learning_rate: float, last_good: Callable[[], State]) -> None:
    """Raise a DivergedError with the last good state if this update left a number that is not finite."""
    for name, array in params.arrays().items():
        if not np.isfinite(array).all():
            raise DivergedError(
                f"training diverged: update {update:,} took {name} out of the finite numbers",
                "finite weights; the last good ones are kept in the run folder, if there is one",
                f"begin again with a smaller --learning-rate than {learning_rate:g}, or with --clip 1",
                last_good(),
            )


def _add(tally: Tally, layer_2: Array, wanted: Array, right: Ints) -> Tally:
    is_right = decide(layer_2) == right
    errors = np.abs(wanted - layer_2).reshape(-1)
    return Tally(
        error=float(np.cumsum(np.append(tally.error, errors))[-1]),  # one by one, so that blocks leave no trace
        steps=tally.steps + is_right.size,
        right_steps=tally.right_steps + int(is_right.sum()),
        sequences=tally.sequences + len(is_right),
        right_sequences=tally.right_sequences + int(is_right.all(axis=1).sum()),
    )


def _report(config: TrainConfig, task: Task, state: State) -> Report:
    tally = state.tally
    word = task.sample(config.seed, "samples", state.update * config.batch_size, 1)
    answers = decide(state.network.run(task.vectors[word]).layer_2)
    return Report(
        state=state,
        error=tally.error / tally.sequences,
        right_steps=tally.right_steps / tally.steps,
        right_sequences=tally.right_sequences / tally.sequences,
        sample=task.show(word[0], answers[0]),
        sample_is_right=bool((answers == task.machine.run(word)[1]).all()),
    )
