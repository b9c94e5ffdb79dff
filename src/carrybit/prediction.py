"""Prediction: what a network answers to one question, beside what is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carrybit.cells.elman import Layers
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.task import Task, decide


@dataclass(frozen=True, eq=False)
class Prediction:
    """One question and its answer, step by step.

    Parameters
    ----------
    word : int array (T,)
        The question, as numbers of symbols.
    answers, truth : int arrays (T,)
        What the network says and what the task's machine says.
    states : int array (T+1,)
        The machine's states: what there is to remember before each step, and at the end.
    confidence : float array (T,)
        How sure the network is of its answer, from 0 to 1 (one half is a guess between two).
    layers : Layers
        Everything the forward pass computed, with B = 1.
    """

    word: Ints
    answers: Ints
    truth: Ints
    states: Ints
    confidence: Array
    layers: Layers

    @property
    def is_right(self) -> bool:
        """Whether every answer is right."""
        return bool((self.answers == self.truth).all())

    @property
    def memory_units(self) -> Array:
        """How much each hidden unit goes along with what is to be remembered: its covariance with the state, (H,)."""
        layer_1, states = self.layers.layer_1[0, 1:], self.states[1:]
        return (states - states.mean()) @ layer_1 / len(states)


def predict(network: Network, task: Task, question: str) -> Prediction:
    """Ask a network something the way a person writes it: ``predict(network, Addition(), "9 + 60")``.

    Raises
    ------
    UsageError
        The question is not one that the task can read.
    """
    word = task.read(question)
    layers = network.run(task.vectors[word[None]])
    states, truth = task.machine.run(word[None])
    given = decide(layers.layer_2)
    sureness = layers.layer_2.max(axis=-1)
    if network.spec.output_dim == 1:
        sureness = np.where(given == 1, sureness, 1 - sureness)
    return Prediction(word, given[0], truth[0], states[0], np.clip(sureness[0], 0, 1), layers)
