"""Echo: say all of the last bits at once, one output for each; there is always more to hold than fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from carrybit import randomness
from carrybit.cells.lessons import Samples, Sequences
from carrybit.params import Array


@dataclass(frozen=True)
class Echo:
    """Random bits, to be said again at every later step: output k is what was heard k steps ago.

    It would be a machine of 2**(lags - 1) states, of which most are seldom seen; so it gives samples alone.

    Parameters
    ----------
    lags : int
        So many outputs, for the bits that were heard 0, 1, ... steps ago.
    length : int
        Steps of a sample, more than ``lags``: those before there is so much to say do not count.
    """

    lags: int
    length: int
    defaults: Mapping[str, Any] = field(default_factory=dict, compare=False)

    name, title, noun, steps = "echo", "all of the last bits", "words", "steps"
    input_dim = 1
    losses = ("cross_entropy",)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it was made from."""
        return {"lags": self.lags, "length": self.length}

    def output_dim(self, loss: str) -> int:
        """One unit for each lag."""
        return self.lags

    def lessons(self, seeds: Sequence[int], first: int, count: int) -> Sequences:
        """Return samples ``first`` to ``first + count`` for each seed."""
        return self.sequences(np.stack([self.heard(seed, "samples", first, count) for seed in seeds]))

    def heard(self, seed: int, purpose: str, first: int, count: int) -> Array:
        """Return random bits (count, T)."""
        width = -(-self.length // 64)
        return randomness.bits(randomness.words(seed, purpose, first, count, width), self.length).astype(float)

    def sequences(self, heard: Array) -> Sequences:
        """Return bits (R, N, T) as the network sees them, with what it should say."""
        targets = np.zeros((*heard.shape, self.lags))
        for k in range(self.lags):
            targets[..., k:, k] = heard[..., : self.length - k]
        mask = np.broadcast_to(np.arange(self.length) >= self.lags - 1, heard.shape)
        return Sequences(heard[..., None], targets, mask)

    def preview(self, samples: Samples, layer_2: Array) -> tuple[str, bool | None]:
        """Nothing is said about a single sample."""
        return "", None
