"""Task: what every task can do, and how its symbols become the numbers that a network sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeGuard

import numpy as np

from carrybit.cells.lessons import Samples, Words
from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.spec import Spec
from carrybit.tasks.paper import Paper


class Task(Protocol):
    """What a network can be trained on. It is a value: tasks that ask the same are equal."""

    def __hash__(self) -> int:
        """Tasks that ask the same are equal."""
        ...

    @property
    def name(self) -> str:
        """The task's name on the command line."""
        ...

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it was made from: ``TASKS[task.name](**task.settings)`` is the same task."""
        ...

    @property
    def defaults(self) -> Mapping[str, Any]:
        """What is usual for training on it, by the names of `TrainConfig`."""
        ...

    @property
    def length(self) -> int:
        """Steps of a training sample."""
        ...

    @property
    def noun(self) -> str:
        """What a sample is called, in the plural."""
        ...

    @property
    def steps(self) -> str:
        """What a step is called, in the plural."""
        ...


class MachineTask(Task, Protocol):
    """A task that is a machine to be learned: samples are drawn by running it, answers are graded by it."""

    @property
    def recipes(self) -> Mapping[str, Mapping[str, Any]]:
        """Settings, by the names of `TrainConfig`, that take the place of those in ``defaults``, by a recipe's name."""
        ...

    @property
    def machine(self) -> Machine:
        """The finite machine that gives the right answers."""
        ...

    @property
    def asked(self) -> Array | None:
        """Bool array (S, A), which symbols may come in which state; None for all."""
        ...

    @property
    def memory(self) -> str:
        """What has to be remembered, in a word."""
        ...

    @property
    def vectors(self) -> Array:
        """Float array (A, I): layer_0 for each symbol."""
        ...

    @property
    def example(self) -> str:
        """Something to ask, the way a person writes it."""
        ...

    @property
    def length_name(self) -> str:
        """The setting that says how long a sample is."""
        ...

    @property
    def is_read_backwards(self) -> bool:
        """Whether a person writes the last step first, as the digits of a number."""
        ...

    def at_length(self, length: int) -> MachineTask:
        """Return the same task with samples of another length."""
        ...

    def sample(self, seed: int, purpose: str, first: int, count: int) -> Ints:
        """Return words ``first`` to ``first + count`` of the endless stream (seed, purpose): int array (count, T)."""
        ...

    def random_paper(self, seed: int, purpose: str, count: int) -> Paper:
        """Return a paper of ``count`` random words, as `sample` draws them."""
        ...

    def examination(self) -> Iterable[Paper]:
        """Return the papers a network must pass to be called exact."""
        ...

    def read(self, text: str) -> Ints:
        """Return the word (T,) that asks what a person wrote; UsageError if it makes no sense."""
        ...

    def rows(self, word: Ints) -> list[tuple[str, list[str]]]:
        """Return what is read, as rows to write under each other: a short head, and a cell for each step."""
        ...

    def question(self, word: Ints, *, whole: bool = False) -> str:
        """Return a word the way a person writes it, in full length or not."""
        ...

    def decode(self, answers: Ints, *, whole: bool = False) -> str:
        """Return the answers to a word the way a person reads them, in full length or not."""
        ...

    def show(self, word: Ints, answers: Ints, *, whole: bool = False) -> str:
        """Return one line with both."""
        ...

    def correct(self, word: Ints, answers: Ints) -> str:
        """Return the same line for wrong answers, with what is right and where the first error is."""
        ...


class SampleTask(Task, Protocol):
    """A task without a machine: it gives samples alone, and nothing can be proved of it."""

    @property
    def input_dim(self) -> int:
        """Size of layer_0."""
        ...

    @property
    def losses(self) -> tuple[str, ...]:
        """The losses that make sense, the usual one first."""
        ...

    def output_dim(self, loss: str) -> int:
        """Size of layer_2."""
        ...

    def lessons(self, seeds: Sequence[int], first: int, count: int) -> Samples:
        """Return samples ``first`` to ``first + count`` of the endless stream of each seed."""
        ...

    def preview(self, samples: Samples, layer_2: Array) -> tuple[str, bool | None]:
        """Return a line about the first sample and its answer, and whether that is right (None: no such thing)."""
        ...


def has_machine(task: Task) -> TypeGuard[MachineTask]:
    """Whether a task is a machine to be learned."""
    return hasattr(task, "machine")


def has_data(task: Task) -> TypeGuard[SampleTask]:
    """Whether a task is a person's own data, and no machine."""
    return not has_machine(task)


def dims(task: Task, loss: str) -> tuple[int, int]:
    """Sizes of layer_0 and layer_2. One output where there are two answers, else (and for softmax) one for each."""
    if has_data(task):
        return task.input_dim, task.output_dim(loss)
    assert has_machine(task)
    answers = len(task.machine.answers)
    return task.vectors.shape[1], 1 if answers == 2 and loss != "softmax_cross_entropy" else answers


def lessons(task: Task, spec: Spec, seeds: Sequence[int], first: int, count: int) -> Samples:
    """Return samples ``first`` to ``first + count`` for each of some networks, by their seeds."""
    if has_data(task):
        return task.lessons(seeds, first, count)
    assert has_machine(task)
    symbols = np.stack([task.sample(seed, "samples", first, count) for seed in seeds])
    every_answer = np.arange(len(task.machine.answers))
    return Words(symbols, task.vectors, task.machine, targets(spec, every_answer[None])[0])


def preview(task: Task, samples: Samples, layer_2: Array) -> tuple[str, bool | None]:
    """Return a line about the first sample and the answer to it, and whether that is right."""
    if has_data(task):
        return task.preview(samples, layer_2)
    assert has_machine(task) and isinstance(samples, Words)
    word, answers = samples.symbols[0, :1], decide(layer_2)
    return task.show(word[0], answers[0]), bool((answers == task.machine.run(word)[1]).all())


def targets(spec: Spec, answers: Ints) -> Array:
    """Return what layer_2 should be: answers (B, T) to (B, T, O), as they are for one unit, else one-hot."""
    if spec.output_dim == 1:
        return answers[..., None].astype(np.float64)
    return np.eye(spec.output_dim)[answers]


def decide(layer_2: Array) -> Ints:
    """Return the answer that layer_2 (B, T, O) amounts to: above one half for one unit, else the highest; (B, T).

    Where layer_2 is NaN there is none, which is -1.
    """
    decided = layer_2[..., 0] > 0.5 if layer_2.shape[-1] == 1 else layer_2.argmax(axis=-1)
    return np.where(np.isnan(layer_2).any(axis=-1), -1, decided)


def margins(layer_2: Array, answers: Ints) -> Array:
    """How far layer_2 is on the right side of one half, at each step: (B, T), negative where the answer is wrong.

    With several units, half the distance between the right one and the best of the others. NaN is as wrong as can be.
    """
    if layer_2.shape[-1] == 1:
        return _nan_is_wrong(np.where(answers == 1, layer_2[..., 0] - 0.5, 0.5 - layer_2[..., 0]))
    right = np.take_along_axis(layer_2, answers[..., None], axis=-1)[..., 0]
    others = np.where(np.arange(layer_2.shape[-1]) == answers[..., None], -np.inf, layer_2)
    return _nan_is_wrong((right - others.max(axis=-1)) / 2)


def _nan_is_wrong(margin: Array) -> Array:
    return np.where(np.isnan(margin), -np.inf, margin)
