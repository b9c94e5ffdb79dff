"""Baselines: the simple answers that a network has to beat, fitted on the training part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carrybit.data.corpus import Passage
from carrybit.machines.machine import Ints
from carrybit.params import Array

GRAMS = ("unigram", "bigram", "trigram")


def majority(passages: Sequence[Passage]) -> int:
    """Return the commonest class: the answer of somebody who does not listen."""
    return int(np.bincount(np.concatenate([each.right[each.mask] for each in passages])).argmax())


def mean(passages: Sequence[Passage]) -> Array:
    """Return the mean of each target: (O,)."""
    return np.concatenate([each.right[each.mask] for each in passages]).mean(axis=0)


def naive_error(passages: Sequence[Passage]) -> Array:
    """Return the mean absolute error of saying the last value again: (O,)."""
    return np.abs(np.concatenate([each.right - each.before for each in passages])).mean(axis=0)


@dataclass(frozen=True, eq=False)
class Grams:
    """How often each symbol followed each context in a text, for contexts of 0, 1, ... symbols.

    symbols  : how many there are
    followed : for each length of a context, the contexts with their next symbol as one number, sorted, and their counts
    """

    symbols: int
    followed: tuple[tuple[Ints, Ints], ...]

    @staticmethod
    def of(text: Ints, symbols: int, longest: int) -> Grams:
        """Count a text (rows,) with contexts of up to ``longest`` - 1 symbols."""
        counted = (np.unique(_numbers(text, symbols, k), return_counts=True) for k in range(longest))
        return Grams(symbols, tuple(counted))

    def nats(self, text: Ints) -> list[Array]:
        """Return -log of the probability of every symbol after its first (rows - 1,), for each length of a context.

        What a context leaves open is filled by the one that is a symbol shorter, in the measure in which new symbols
        came after it: with c times seen and d different ones next, c / (c + d) its own and d / (c + d) the shorter's.

        Source: Witten and Bell 1991, "The zero-frequency problem", method C.
        """
        probability = np.full(len(text), 1 / self.symbols)
        told = []
        for k, (followed, counts) in enumerate(self.followed):
            number = _numbers(text, self.symbols, k)  # (rows - k,)
            context, groups = np.unique(followed // (self.symbols + 1), return_inverse=True)
            seen, different = np.bincount(groups, counts), np.bincount(groups)
            own = _looked_up(followed, counts, number)
            c, d = (_looked_up(context, each, number // (self.symbols + 1)) for each in (seen, different))
            shorter = probability[k:]
            probability[k:] = np.where(c > 0, (own + d * shorter) / np.maximum(c + d, 1), shorter)
            told.append(-np.log(probability[1:]))
        return told


def _numbers(text: Ints, symbols: int, k: int) -> Ints:
    """Return each symbol with the k before it as one number: (rows - k,). One more symbol stands for unknown ones."""
    digits = np.where(text < 0, symbols, text)
    number = np.zeros(max(len(text) - k, 0), np.int64)
    for j in range(k + 1):
        number = number * (symbols + 1) + digits[j : len(text) - k + j]
    return number


def _looked_up(keys: Ints, values: Array, wanted: Ints) -> Array:
    """Return the value of each wanted key, 0 where it is not there; keys are sorted."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
