"""Task: what every task can do, and how its symbols become the numbers that a network sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.params import Array
from carrybit.spec import Spec
from carrybit.tasks.paper import Paper


class Task(Protocol):
    """A task is a machine to be learned: samples are drawn by running it, answers are graded by it. It is a value."""

    def __hash__(self) -> int:
        """Tasks that ask the same are equal."""
        ...

    @property
    def name(self) -> str:
        """The task's name on the command line."""
        ...

    @property
    def machine(self) -> Machine:
        """The finite machine that gives the right answers."""
        ...

    @property
    def vectors(self) -> Array:
        """Float array (A, I): layer_0 for each symbol."""
        ...

    @property
    def example(self) -> str:
        """Something to ask, the way a person writes it."""
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

    def answer(self, answers: Ints, *, whole: bool = False) -> str:
        """Return the answers to a word the way a person reads them, in full length or not."""
        ...

    def show(self, word: Ints, answers: Ints, *, whole: bool = False) -> str:
        """Return one line with both."""
        ...

    def correct(self, word: Ints, answers: Ints) -> str:
        """Return the same line for wrong answers, with what is right and where the first error is."""
        ...


def output_dim(task: Task, loss: str) -> int:
    """Size of layer_2: one unit where there are two answers, else (and for softmax always) one for each answer."""
    answers = len(task.machine.answers)
    return 1 if answers == 2 and loss != "softmax_cross_entropy" else answers


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
