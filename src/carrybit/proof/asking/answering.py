"""Answering: what a network says to words, and to what follows them, told by nothing but the network.

Where only some symbols may come, a word ends with the first one that may not; from there on the answer is `NOT_ASKED`,
whatever the network says.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.task import decide

NUMBERS_AT_ONCE = 2**21  # in layer_1: 16 MiB


class Places(NamedTuple):
    """Where N words lead: what is remembered then (N, M), and the state of the fence (N,)."""

    memory: Array
    fence: Ints

    def rows(self, which: Ints | Array) -> Places:
        """Return some of them."""
        return Places(self.memory[which], self.fence[which])


class Answering:
    """A network that is asked.

    Parameters
    ----------
    network : Network
    vectors : float array (A, I)
        layer_0 for each symbol.
    answers : int
        K; `NOT_ASKED` is K, and -1 is an answer that makes no sense.
    known : Machine or None
        Tells what may come; its answers are not looked at.
    asked : bool array (S, A) of ``known``, or None for all
        Which symbols may come in which state.
    """

    def __init__(
        self, network: Network, vectors: Array, answers: int, known: Machine | None = None, asked: Array | None = None
    ) -> None:
        self.network, self.vectors, self.not_asked = network, vectors, answers
        self.fence = fence(known, asked)
        self.steps = 0

    @property
    def start(self) -> Places:
        """Before any symbol: an empty memory."""
        first = np.array([0 if self.fence is None else self.fence.start])
        return Places(np.zeros((1, self.network.spec.memory_dim)), first)

    def read(self, places: Places, words: Ints) -> tuple[Ints, Places]:
        """Return the answers (N, T) to words (N, T) from N places, and where they lead."""
        spec = self.network.spec
        batch, time = words.shape
        piece = max(1, NUMBERS_AT_ONCE // (batch * max(spec.hidden_dim, spec.input_dim, spec.output_dim)))
        answers = np.empty((batch, time), np.int64)
        for first in range(0, time, piece):
            some = slice(first, first + piece)
            answers[:, some], places = self._read(places, words[:, some])
        self.steps += words.size
        return answers, places

    def _read(self, places: Places, words: Ints) -> tuple[Ints, Places]:
        layers = self.network.run(self.vectors[words], places.memory)
        answers, memory = decide(layers.layer_2), layers.past[:, -1]
        if self.fence is None:
            return answers, Places(memory, places.fence)
        states, may = self.fence.run(words, places.fence)
        return np.where(may == 1, answers, self.not_asked), Places(memory, states[:, -1])


def fence(known: Machine | None, asked: Array | None) -> Machine | None:
    """Return the machine that says whether a symbol may come, after words of such alone: "no" or "yes".

    None where all may. After a symbol that may not come, none may.
    """
    if known is None or asked is None or asked.all():
        return None
    outside = len(known.states)
    return Machine(
        states=(*known.states, "outside"),
        symbols=known.symbols,
        answers=("no", "yes"),
        moves=np.vstack([np.where(asked, known.moves, outside), np.full(len(known.symbols), outside)]),
        outputs=np.vstack([asked, np.zeros(len(known.symbols), bool)]).astype(np.int64),
        start=known.start,
    )
