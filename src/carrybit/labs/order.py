"""Order: sums whose columns come lowest first or highest first, who learns them, and how well anybody could.

The carry comes from below. Whoever hears the highest column first has to answer before that was heard, and can only
guess; how often a guess can be right is counted here, not measured.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from carrybit.cells.engines import engine
from carrybit.cells.lessons import Sequences, Student
from carrybit.config import TrainConfig
from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.tasks.addition import addition
from carrybit.tasks.task import decide, lessons
from carrybit.training import first_state

LOWEST, HIGHEST = "lowest first", "highest first"
DIRECTIONS = {LOWEST: 1, HIGHEST: -1}


class Sums(NamedTuple):
    """Sums as they are heard: words and right answers, both (B, T)."""

    words: Ints
    answers: Ints


def every_sum(bits: int, direction: str) -> Sums:
    """Return all sums of so many columns, in one direction; the highest column is 00, so that the sum fits."""
    machine = addition(bits).machine
    words = np.arange(4 ** (bits - 1))[:, None] >> 2 * np.arange(bits) & 3
    order = DIRECTIONS[direction]
    return Sums(words[:, ::order], machine.run(words)[1][:, ::order])


def ceiling(sums: Sums) -> Array:
    """Return the greatest share of right answers, at each step (T,), that anybody can give who hears step by step.

    Who has heard the same says the same. So of all words that have begun alike, those are answered rightly that want
    the answer which most of them want.
    """
    count, time = sums.words.shape
    share = np.zeros(time)
    heard = np.zeros(count, np.int64)  # one number for each beginning
    for t in range(time):
        _, heard = np.unique(heard * (sums.words.max() + 1) + sums.words[:, t], return_inverse=True)
        wanted = np.zeros((heard.max() + 1, sums.answers.max() + 1), np.int64)  # (beginnings, answers)
        np.add.at(wanted, (heard, sums.answers[:, t]), 1)
        share[t] = wanted.max(axis=1).sum() / count
    return share


def learners(config: TrainConfig, count: int, direction: str) -> Generator[tuple[int, Array]]:
    """Teach networks of adjacent seeds sums in one direction, yielding updates and right answers after each report.

    Yields
    ------
    update, right : int, float array (count, T)
        Shares of all sums that there are.
    """
    spec, seeds, order = config.make_spec(), range(config.seed, config.seed + count), DIRECTIONS[direction]
    first = [first_state(replace(config, seed=seed)) for seed in seeds]
    students = [Student(state.network.params, state.optimizer) for state in first]
    words, answers = every_sum(config.task.length, direction)
    layer_0 = addition().vectors[words]
    for update in range(0, config.updates, config.every):
        drawn = lessons(config.task, spec, seeds, update * config.batch_size, config.every * config.batch_size)
        seen = drawn.sequences()
        turned = Sequences(seen.layer_0[:, :, ::order], seen.targets[:, :, ::order])
        learned = engine(config.engine).learn(spec, config.make_rules(), students, turned, update)
        students = [each.student for each in learned]
        layer_2 = [engine(config.engine).answer(spec, student.params, layer_0, None) for student in students]
        yield update + config.every, np.array([(decide(each) == answers).mean(axis=0) for each in layer_2])
