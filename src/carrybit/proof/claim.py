"""Claim: a network answers as a machine does, for words of every length."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carrybit import checks
from carrybit.errors import SettingError, UsageError
from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.machine import Ints, Machine
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.task import MachineTask, Task, decide, has_machine

EPS = 1e-9
EPS_OF = {"float64": EPS, "float32": 1e-4}  # far above what rounding amounts to in a step
LARGEST_EPS = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Claim:
    """For every word of every length, begun with an empty memory, the network answers as the machine.

    Parameters
    ----------
    network : Network
    machine : Machine
        S states, A symbols, K answers.
    vectors : float array (A, I)
        layer_0 for each symbol.
    asked : bool array (S, A), or None for all
        Which symbols may come in which state; the claim is about words of such symbols alone. At the start, one may.
    eps : float, 0 to 0.5
        So much any unit of layer_1 may be off at any step; the claim holds all the same.
    task : MachineTask or None
        Who writes words the way a person reads them.

    Raises
    ------
    UsageError
        The sizes do not fit, or eps is not allowed.
    """

    network: Network
    machine: Machine
    vectors: Array
    asked: Array | None = None
    eps: float = EPS
    task: MachineTask | None = None

    def __post_init__(self) -> None:
        spec, answers = self.network.spec, len(self.machine.answers)
        shape = (len(self.machine.symbols), spec.input_dim)
        if np.shape(self.vectors) != shape:
            raise UsageError(
                f"vectors of shape {np.shape(self.vectors)}", f"{shape}: layer_0 for each symbol", "give one a symbol"
            )
        if answers != (2 if spec.output_dim == 1 else spec.output_dim):
            raise UsageError(
                f"a machine of {answers} answers for a network of {spec.output_dim} outputs",
                "two answers for one output, else one for each",
                "a machine with the answers that the network was trained to give",
            )
        if spec.output_dim == 1 and spec.loss == "softmax_cross_entropy":
            raise UsageError("a softmax of one output, which is always 1", "two outputs or more", "one for each answer")
        if self.asked is not None:
            self._check_asked()
        if not 0 <= self.eps <= LARGEST_EPS:
            raise SettingError("eps", self.eps, f"from 0 to {LARGEST_EPS}", EPS)
        checks.one_of("cell", spec.cell, ("elman",))

    def _check_asked(self) -> None:
        table, asked = self.machine.moves.shape, np.asarray(self.asked)
        if asked.shape != table or asked.dtype != np.bool_ or not asked[self.machine.start].any():
            raise UsageError(
                f"asked of shape {asked.shape}",
                f"{table}, bool: which symbols may come in which state; in the state at the start one may",
                "asked=None for all",
            )

    @property
    def states(self) -> int:
        """S."""
        return len(self.machine.states)

    @property
    def symbols(self) -> int:
        """A."""
        return len(self.machine.symbols)

    @cached_property
    def may_come(self) -> Array:
        """Which symbols may come in which state, bool array (S, A)."""
        return np.ones(self.machine.moves.shape, bool) if self.asked is None else self.asked

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the network's numbers, in hexadecimal: names, shapes and bytes (float64, low end first)."""
        digest = hashlib.sha256()
        for name, array in sorted(self.network.params.arrays().items()):
            digest.update(f"{name} {array.shape} ".encode() + np.ascontiguousarray(array, "<f8").tobytes())
        return digest.hexdigest()

    def answers(self, words: Ints, memory: Array | None = None) -> tuple[Ints, Array]:
        """Return what the network answers to words (B, T), int array (B, T), and what it remembers then (B, M)."""
        layers = self.network.run(self.vectors[words], memory)
        return decide(layers.layer_2), layers.past[:, -1]

    def first_wrong(self, word: Ints) -> int | None:
        """Return the step of the first wrong answer to a word (T,), as the network is run; None if all are right.

        Steps whose symbols may not come count as the end of the word.
        """
        states, truth = self.machine.run(word[None])
        may = self.may_come[states[0, :-1], word]
        length = len(word) if may.all() else int(may.argmin())
        if not length:
            return None
        given, _ = self.answers(word[None, :length])
        wrong = np.flatnonzero(given[0] != truth[0, :length])
        return int(wrong[0]) if wrong.size else None


def claim_of(network: Network, task: Task, machine: Machine | None = None, eps: float | None = None) -> Claim:
    """Return the claim that a network trained on a task answers as the task's machine, or as another one.

    Parameters
    ----------
    network : Network
    task : Task
    machine : Machine or None
        Another machine for the same symbols and answers; then the claim is about all words of them.
    eps : float or None
        As in `Claim`; None is more than a step can be off by rounding: 1e-9, for float32 1e-4.

    Raises
    ------
    UsageError
        The task has no machine, so there is nothing that could be proved; or the machine has other symbols or answers.
    """
    if not has_machine(task):
        raise UsageError(
            f"a network trained on {task.title}, which no machine answers",
            "a task with a machine (carrybit tasks): of own data there is no right answer to every word",
            "carrybit train --task addition, say, and prove that",
        )
    asked = task.asked
    if machine is not None:
        machine, asked = same_alphabet(machine, task.machine.symbols, task.machine.answers), None
    if eps is None:
        eps = EPS_OF[network.spec.precision]
    return Claim(
        network=network,
        machine=task.machine if machine is None else machine,
        vectors=task.vectors,
        asked=asked,
        eps=eps,
        task=task,
    )
