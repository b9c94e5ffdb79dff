"""Lessons: what an engine is given to learn from, by which rules, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.optimizers import State
from carrybit.params import Array, Params


class Rules(NamedTuple):
    """How weights follow from gradients.

    optimizer     : a key of OPTIMIZERS
    learning_rate : how far an update goes
    clip          : the longest gradient that is followed, or None
    batch_size    : sequences in an update
    """

    optimizer: str
    learning_rate: float
    clip: float | None
    batch_size: int


@dataclass(frozen=True, eq=False)
class Words:
    """Samples as words of a machine, which gives the right answers.

    Parameters
    ----------
    symbols : int array (R, N, T)
        N words for each of R students.
    vectors : float array (A, I)
        layer_0 for each symbol.
    machine : Machine
    targets : float array (K, O)
        What layer_2 should be, for each answer of the machine.
    noise : float array (R, N, T, H), or None
        What is added to layer_1 while the network learns.
    """

    symbols: Ints
    vectors: Array
    machine: Machine
    targets: Array
    noise: Array | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Students, sequences, steps."""
        return self.symbols.shape

    @property
    def steps(self) -> Ints:
        """How many steps of each sequence count: (R, N)."""
        return np.full(self.shape[:2], self.shape[2])

    def sequences(self) -> Sequences:
        """Return the same samples as the network sees them."""
        students, count, time = self.symbols.shape
        answers = self.machine.run(self.symbols.reshape(students * count, time))[1].reshape(students, count, time)
        return Sequences(self.vectors[self.symbols], self.targets[answers], noise=self.noise)

    def first(self, count: int) -> Words:
        """Return the first samples of every student."""
        noise = None if self.noise is None else self.noise[:, :count]
        return replace(self, symbols=self.symbols[:, :count], noise=noise)

    def only(self, students: slice) -> Words:
        """Return the samples of some students."""
        noise = None if self.noise is None else self.noise[students]
        return replace(self, symbols=self.symbols[students], noise=noise)


@dataclass(frozen=True, eq=False)
class Sequences:
    """Samples as they are.

    Parameters
    ----------
    layer_0 : float array (R, N, T, I)
    targets : float array (R, N, T, O)
    mask : bool array (R, N, T), or None
        The steps that count.
    noise : float array (R, N, T, H), or None
        What is added to layer_1 while the network learns.
    """

    layer_0: Array
    targets: Array
    mask: Array | None = None
    noise: Array | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Students, sequences, steps."""
        return self.layer_0.shape[:3]

    @property
    def steps(self) -> Ints:
        """How many steps of each sequence count: (R, N)."""
        return np.full(self.shape[:2], self.shape[2]) if self.mask is None else self.mask.sum(axis=2)

    def sequences(self) -> Sequences:
        """Return the samples as the network sees them, which these are."""
        return self

    def first(self, count: int) -> Sequences:
        """Return the first samples of every student."""
        mask = None if self.mask is None else self.mask[:, :count]
        noise = None if self.noise is None else self.noise[:, :count]
        return Sequences(self.layer_0[:, :count], self.targets[:, :count], mask, noise)

    def only(self, students: slice) -> Sequences:
        """Return the samples of some students."""
        mask = None if self.mask is None else self.mask[students]
        noise = None if self.noise is None else self.noise[students]
        return Sequences(self.layer_0[students], self.targets[students], mask, noise)


Samples = Words | Sequences


class Student(NamedTuple):
    """A network's numbers, and what an optimiser remembers of them."""

    params: Params
    optimizer: State


class Learned(NamedTuple):
    """What came of a lesson.

    student     : after it
    errors      : (N,) |target - layer_2| summed over the steps of each sequence, before anything was learned from it
    right_steps : (N,) how many of its steps were answered rightly
    """

    student: Student
    errors: Array
    right_steps: Ints
