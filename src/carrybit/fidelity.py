"""Fidelity: what it costs a network to be in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carrybit.errors import UsageError
from carrybit.examination import is_exact
from carrybit.integer import Whole, quantize, whole_inputs
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.task import MachineTask, decide, margins

FARTHER = 10  # times the length of training: how long random words are
STEPS, MOST_WORDS = 2**17, 1000
HELD, MOST_HELD = 1000, 64  # steps of a word that only memory can answer, and such words


@dataclass(frozen=True)
class Fidelity:
    """How near a network in whole numbers is to the one that it was made from.

    Parameters
    ----------
    state_bits, weight_bits : int
    same : float
        The share of answers to random words that are the other network's.
    same_held : float, or None where there are no such words
        The same share, of words that only memory can answer.
    worst_margin : float
        The least distance of an answer from one half, on the right side, over all these words; 0 or below once one is
        wrong.
    is_exact : bool
        Whether it passes the task's examination.
    bounds : (int, int)
        The largest sums at layer 1 and layer 2, in whole units.
    """

    state_bits: int
    weight_bits: int
    same: float
    same_held: float | None
    worst_margin: float
    is_exact: bool
    bounds: tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Words:
    """Words (B, T), the right answers, and the steps that count: those before a symbol that may not come."""

    words: Ints
    truth: Ints
    counts: Array


class Original:
    """A network as it was trained, and what it answers: what networks in whole numbers are held against.

    Parameters
    ----------
    network : Network
    task : MachineTask

    Raises
    ------
    UsageError
        It is in whole numbers already, or the inputs of the task are not whole numbers.
    """

    def __init__(self, network: Network, task: MachineTask) -> None:
        if network.spec.is_whole:
            raise UsageError(
                "a network that is in whole numbers already", "a network as it was trained", "the run it is from"
            )
        self.network, self.task = network, task
        self.largest = int(np.abs(whole_inputs(task.vectors)).max())
        longer = task.at_length(FARTHER * task.length)
        self.random = self._asked(longer.sample(0, "evaluation", 0, max(1, min(MOST_WORDS, STEPS // longer.length))))
        held = task.machine.holding_words(HELD)[:MOST_HELD]
        self.held = self._asked(held) if len(held) else None

    def _asked(self, words: Ints) -> _Words:
        states, truth = self.task.machine.run(words)
        asked = self.task.asked
        may = np.ones(words.shape, bool) if asked is None else asked[states[:, :-1], words]
        return _Words(words, truth, np.logical_and.accumulate(may, axis=1))

    @cached_property
    def highest(self) -> float:
        """What the highest state stands for: the largest that a hidden unit becomes, with relu, else 1."""
        if self.network.spec.activation != "relu":
            return 1.0
        asked = [self.random.words] + ([] if self.held is None else [self.held.words])
        layers = [self.network.run(self.task.vectors[words]).layer_1 for words in asked]
        return max(float(layer_1.max()) for layer_1 in layers) or 1.0

    def in_whole_numbers(self, state_bits: int, weight_bits: int) -> Network:
        """Return the network in whole numbers of so many bits."""
        return quantize(self.network, state_bits, weight_bits, highest=self.highest)

    @cached_property
    def worst_margin(self) -> float:
        """The least distance of its own answers from one half."""
        return min(float(layer.min(initial=np.inf)) for layer in self._margins(self.network))

    def fidelity(self, whole: Network) -> Fidelity:
        """Hold a network in whole numbers against this one."""
        spec = whole.spec
        assert spec.state_bits is not None and spec.weight_bits is not None
        return Fidelity(
            spec.state_bits,
            spec.weight_bits,
            same=self._same(whole, self.random),
            same_held=None if self.held is None else self._same(whole, self.held),
            worst_margin=min(float(layer.min(initial=np.inf)) for layer in self._margins(whole)),
            is_exact=is_exact(whole, self.task),
            bounds=Whole.of(whole).bounds(self.largest),
        )

    def _same(self, whole: Network, asked: _Words) -> float:
        mine, theirs = (decide(network.answer(self.task.vectors[asked.words])) for network in (self.network, whole))
        return float((mine == theirs)[asked.counts].mean()) if asked.counts.any() else 1.0

    def _margins(self, network: Network) -> list[Array]:
        both = [self.random] if self.held is None else [self.random, self.held]
        return [margins(network.answer(self.task.vectors[a.words]), a.truth)[a.counts] for a in both]
