"""Corpus: all that a file holds, as a network sees it, in parts that share no sequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from carrybit import randomness
from carrybit.cells.lessons import Sequences
from carrybit.data.encoding import Encoding, Rows, encode, learn
from carrybit.data.features import as_numbers
from carrybit.data.parts import parts, require
from carrybit.data.question import Question, labels
from carrybit.data.table import Table
from carrybit.machines.machine import Ints
from carrybit.params import Array


@dataclass(frozen=True, eq=False)
class Passage:
    """One sequence, or one piece of the only one, with what is right at each of its T steps.

    Parameters
    ----------
    name : str
    inputs, goals : Rows
        What layer_0 and the targets are made of.
    right : int array (T,) of classes, -1 for one that training never showed; or float array (T, O) in units of its own
    before : array like ``right``
        What was right one step earlier, where it is known: what a forecaster knows at least.
    mask : bool array (T,)
        The steps that count.
    """

    name: str
    inputs: Rows
    goals: Rows
    right: Array
    before: Array
    mask: Array

    @property
    def layer_0(self) -> Array:
        """What the network hears: float array (T, I)."""
        return self.inputs.at(slice(None))

    @property
    def targets(self) -> Array:
        """What layer_2 should be: float array (T, O)."""
        return self.goals.at(slice(None))


@dataclass(frozen=True, eq=False)
class Corpus:
    """All that a file holds.

    Parameters
    ----------
    question : Question
    encoding : Encoding
        Learned from the training part.
    names : sequence of str
        Of the sequences.
    inputs, goals : Rows
        Of every row of the file.
    right : array (rows,) of classes or (rows, O) in units of its own
    spans : mapping of int arrays (P, 3)
        Number, first row and row behind the last of each sequence, by parts.
    """

    question: Question
    encoding: Encoding
    names: tuple[str, ...]
    inputs: Rows
    goals: Rows
    right: Array
    spans: Mapping[str, Ints]

    @cached_property
    def longest(self) -> int:
        """Steps of the longest sequence of the training part."""
        return int((self.spans["train"][:, 2] - self.spans["train"][:, 1]).max()) - self.question.ahead

    def part(self, name: str) -> list[Passage]:
        """Return the sequences of a part: "train", "validation" or "test"."""
        return [self._passage(*map(int, span)) for span in self.spans[name]]

    def lessons(self, seeds: list[int], first: int, count: int, length: int) -> Sequences:
        """Return samples ``first`` to ``first + count`` of the endless stream of each seed.

        Every sequence of the training part has its turn once in an epoch. One that is longer than a sample shows a
        window of itself, which begins anywhere; a shorter one is padded with zeros, which the mask leaves out.

        Returns
        -------
        sequences : Sequences
            layer_0 (R, N, T, I), targets (R, N, T, O), mask (R, N, T).
        """
        _, begin, end = self.spans["train"].T
        steps = end - begin - self.question.ahead  # (P,)
        turns = np.stack([_turns(seed, first, count, len(steps)) for seed in seeds])  # (R, N, 2) random words
        sequence = turns[..., 0].astype(np.int64)
        windows = np.maximum(steps[sequence] - length, 0) + 1  # (R, N): how many there are to choose from
        start = (turns[..., 1] % windows.astype(np.uint64)).astype(np.int64)
        left = np.minimum(steps[sequence], length)  # (R, N)
        t = np.arange(length)
        is_there = t < left[..., None]  # (R, N, T)
        index = np.where(is_there, (begin[sequence] + start)[..., None] + t, 0)
        mask = t == left[..., None] - 1 if self.question.goal == "label" else is_there
        return Sequences(
            layer_0=_padded(self.inputs, index, is_there),
            targets=_padded(self.goals, index + self.question.ahead, is_there),
            mask=mask,
        )

    def _passage(self, number: int, begin: int, end: int) -> Passage:
        ahead = self.question.ahead
        heard, said = slice(begin, end - ahead), slice(begin + ahead, end)
        right = self.right[said]
        mask = np.ones(len(right), bool)
        if self.question.goal == "label":
            mask[:-1] = False
        if self.question.goal == "next":
            mask = right >= 0  # of a symbol that training never showed, nothing can be known
        inputs = Rows(self.inputs.places[heard], self.inputs.vectors)
        goals = Rows(self.goals.places[said], self.goals.vectors)
        return Passage(self.names[number], inputs, goals, right, self.right[heard], mask)


class Heard(NamedTuple):
    """A sequence without what is right: its name, and what layer_0 is made of."""

    name: str
    inputs: Rows


def hear(question: Question, table: Table, encoding: Encoding) -> list[Heard]:
    """Return the sequences of a table as a trained network hears them, all their steps; UsageError if it cannot."""
    table = question.table(table, needs_targets=False)
    require(table, 1)
    inputs = encode(encoding.inputs, table, is_strict=True)
    pieces = np.split(inputs.places, table.ends[:-1])
    return [Heard(name, Rows(places, inputs.vectors)) for name, places in zip(table.names, pieces, strict=True)]


def gather(question: Question, table: Table, encoding: Encoding | None = None) -> Corpus:
    """Return a file's table as a corpus; its encoding is learned from the training part if there is none yet."""
    table = question.table(table)
    label = labels(table, question.targets[0]) if question.goal == "label" else None
    is_class = label is not None and (encoding is None or encoding.classes is not None)
    spans = parts(table, 1 + question.ahead, label if is_class else None)
    if encoding is None:
        rows = np.concatenate([np.arange(begin, end) for _, begin, end in spans["train"]])
        encoding = learn(question, table, rows)
    goals = encode(encoding.targets, table)
    right = goals.places
    if encoding.classes is None:
        right = np.stack([as_numbers(each.name, table.columns[each.name]) for each in encoding.targets], axis=1)
    return Corpus(question, encoding, tuple(table.names), encode(encoding.inputs, table), goals, right, spans)


def _turns(seed: int, first: int, count: int, sequences: int) -> Array:
    """Return which sequence has its turn, and a random word for where it begins: uint64 array (count, 2).

    The draws of an epoch are one row of random words, so samples that are asked for in blocks are the same.
    """
    epoch, last = first // sequences, (first + count - 1) // sequences
    drawn = randomness.words(seed, "samples", epoch, last - epoch + 1, 2 * sequences)  # (epochs, 2 P)
    order = np.argsort(drawn[:, :sequences], axis=1, kind="stable").astype(np.uint64)
    turns = np.stack([order, drawn[:, sequences:]], axis=2).reshape(-1, 2)
    return turns[first - epoch * sequences :][:count]


def _padded(rows: Rows, index: Ints, is_there: Array) -> Array:
    """Return rows (R, N, T, F), zeros where there is none."""
    return rows.vectors[np.where(is_there, rows.places[np.where(is_there, index, 0)], -1)]
