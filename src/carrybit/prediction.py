"""Prediction: what a network answers to one question, beside what is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carrybit.cells.elman import Layers
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.task import MachineTask, decide


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


def predict(network: Network, task: MachineTask, question: str) -> Prediction:
    """Ask a network something the way a person writes it: ``predict(network, addition(), "9 + 60")``.

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
    return Prediction(
        word=word,
        answers=given[0],
        truth=truth[0],
        states=states[0],
        confidence=np.clip(sureness[0], 0, 1),
        layers=layers,
    )


def follow_state(network: Network, task: MachineTask, words: int = 256) -> Array:
    """How closely each hidden unit follows what there is to remember, over many random words.

    Returns
    -------
    correlation : float array (H,)
        Of layer_1 with the number of the machine's state after the step: 1 for a unit that is high with a carry and
        low without, -1 for the opposite, about 0 for one that minds something else; 0 for one that never moves.
    """
    word = task.sample(0, "evaluation", 0, words)
    layer_1 = network.run(task.vectors[word]).layer_1[:, 1:]
    states = task.machine.run(word)[0][:, 1:]
    layer_1 = np.nan_to_num(layer_1, posinf=0, neginf=0)  # of a network that overflows, nothing can be said
    unit = (layer_1 - layer_1.mean(axis=(0, 1))) / np.maximum(layer_1.std(axis=(0, 1)), 1e-12)  # (B, T, H)
    state = (states - states.mean()) / max(float(states.std()), 1e-12)  # (B, T)
    return np.einsum("bt,bth->h", state, unit) / states.size
