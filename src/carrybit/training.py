"""Training: a configuration in, a stream of events out.

``train(config)`` is a generator; the terminal prints its events, a run folder records them, a test counts them. Every
event carries the state that training had reached, and ``train(config, state)`` goes on from any of them to the same
bits: samples are named by the number of their update, so nothing else needs to be remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from carrybit.cells.engines import engine
from carrybit.cells.lessons import Learned, Student, Words
from carrybit.config import TrainConfig
from carrybit.errors import DivergedError
from carrybit.examination import Marks, examine, is_exact
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.optimizers import State as OptimizerState
from carrybit.params import Params
from carrybit.tasks.task import Task, decide, targets

LARGEST_BLOCK = 2**22  # numbers in the samples that are drawn at once
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
    network = Network.first(config.make_spec(), config.seed, config.engine)
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
    network = state.network
    words = draw(config, task, [config.seed], state.update, count)

    def learn(updates: int) -> Learned:
        student = Student(network.params, state.optimizer)
        some = words.first(updates * config.batch_size)
        return engine(config.engine).learn(network.spec, config.make_rules(), [student], some, state.update)[0]

    def after(updates: int, learned: Learned) -> State:
        tally = add(state.tally if state.update % config.every else Tally(), learned, config.bits)
        moved = replace(network, params=learned.student.params)
        return State(state.update + updates, moved, learned.student.optimizer, tally)

    learned = learn(count)
    if not is_finite(learned.student.params):
        last, learned = last_good(learn, count)
        good = after(last, learn(last)) if last else state
        refuse_divergence(learned.student.params, state.update + last + 1, config.learning_rate, lambda: good)
    return after(count, learned)


def draw(config: TrainConfig, task: Task, seeds: Sequence[int], update: int, count: int) -> Words:
    """Return the samples of ``count`` updates after an update, for networks of these seeds."""
    first, many = update * config.batch_size, count * config.batch_size
    symbols = np.stack([task.sample(seed, "samples", first, many) for seed in seeds])
    every_answer = np.arange(len(task.machine.answers))
    return Words(symbols, task.vectors, task.machine, targets(config.make_spec(), every_answer[None])[0])


def is_finite(params: Params) -> bool:
    """Whether every number is finite."""
    return all(np.isfinite(array).all() for array in params.arrays().values())


def last_good(learn: Callable[[int], Learned], count: int) -> tuple[int, Learned]:
    """Return how many of ``count`` updates leave every number finite, and what came of one more.

    What is not finite once stays so, so halving finds it; a lesson begun again takes the same way.
    """
    good, bad, learned = 0, count, learn(count)
    while bad - good > 1:
        middle = (good + bad) // 2
        tried = learn(middle)
        if is_finite(tried.student.params):
            good = middle
        else:
            bad, learned = middle, tried
    return good, learned


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


def add(tally: Tally, learned: Learned, steps: int) -> Tally:
    """Return the tally with what came of sequences of so many steps."""
    return Tally(
        error=float(np.cumsum(np.append(tally.error, learned.errors))[-1]),  # one by one, so that blocks leave no trace
        steps=tally.steps + steps * len(learned.errors),
        right_steps=tally.right_steps + int(learned.right_steps.sum()),
        sequences=tally.sequences + len(learned.errors),
        right_sequences=tally.right_sequences + int((learned.right_steps == steps).sum()),
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
