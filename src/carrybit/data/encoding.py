"""Encoding: how the columns of a file become layer_0 and targets; it is kept with the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from carrybit.data.features import Category, Feature, Number, as_numbers, category, feature, number, vocabulary
from carrybit.data.question import Question
from carrybit.data.reading import UNITS
from carrybit.data.table import Table, distinct
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

MOST_CLASSES = 20  # whole numbers to be told apart, if nothing is said; more are a number to be hit
MOST_SYMBOLS = 1000  # of a text
WORD_AT_LEAST = 2  # times in the training part: nothing can be learned from a word that is there once
LARGEST = 2**28  # numbers that are held in memory: 2 GiB


class Rows(NamedTuple):
    """Many rows, of which each different one is kept once: row t is ``vectors[places[t]]``, and zeros for place -1.

    places  : (rows,)
    vectors : (A + 1, F), the last one zeros
    """

    places: Ints
    vectors: Array

    def at(self, index: Any) -> Array:
        """Return rows as the network sees them: (..., F)."""
        return self.vectors[self.places[index]]


@dataclass(frozen=True)
class Encoding:
    """What was learned from the training part about inputs and targets."""

    inputs: tuple[Feature, ...]
    targets: tuple[Feature, ...]

    @property
    def classes(self) -> tuple[str, ...] | None:
        """What there is to choose from, or None where numbers are asked for."""
        return self.targets[0].categories if isinstance(self.targets[0], Category) else None

    def decode(self, layer_2: Array) -> Array:
        """Return answers (..., O) in units of the columns, where numbers are asked for."""
        mean, deviation = np.array([(e.mean, e.deviation) for e in self.targets if isinstance(e, Number)]).T
        return layer_2 * deviation + mean

    def is_of(self, inputs: Sequence[str], targets: Sequence[str]) -> bool:
        """Whether it is about these columns."""
        return [each.name for each in self.inputs] == [*inputs] and [each.name for each in self.targets] == [*targets]

    def about(self) -> dict[str, Any]:
        """Return it as JSON has it: ``from_about`` takes it back."""
        return {"inputs": [each.about() for each in self.inputs], "targets": [each.about() for each in self.targets]}

    @staticmethod
    def from_about(about: Mapping[str, Any]) -> Encoding:
        """Return the encoding that ``about()`` told."""
        return Encoding(tuple(map(feature, about["inputs"])), tuple(map(feature, about["targets"])))


def learn(question: Question, table: Table, rows: Ints) -> Encoding:
    """Learn an encoding from some rows of a table: those of the training part.

    Raises
    ------
    UsageError
        A column has too many categories, text where numbers are needed, or nothing to choose from.
    """
    inputs = tuple(_input(question, name, table.columns[name][rows]) for name in question.inputs)
    if question.goal == "next":
        targets = inputs
    else:
        targets = tuple(_target(question, name, table.columns[name][rows]) for name in question.targets)
    classes = [each for each in targets if isinstance(each, Category)]
    if classes and len(targets) > 1:
        raise UsageError(
            f"{len(targets)} targets, with {classes[0].name!r} of classes among them",
            "one target of classes, or targets of numbers",
            f"name one target: {classes[0].name}",
        )
    if classes and classes[0].width < 2:
        raise UsageError(
            f"{classes[0].name!r} is {classes[0].categories[0]!r} everywhere in the training part",
            "two classes or more",
            "use data in which there is something to tell apart",
        )
    return Encoding(inputs, targets)


def encode(features: Sequence[Feature], table: Table, is_strict: bool = False) -> Rows:
    """Return columns as the network sees them; a category that is not known is no place, or an error if strict."""
    (first, *others) = features
    if isinstance(first, Category) and not others:
        vectors = np.concatenate([np.eye(first.width), np.zeros((1, first.width))])
        return Rows(first.places(table.columns[first.name], is_strict), vectors)
    count = int(table.lengths.sum())
    width = sum(each.width for each in features)
    if count * width > LARGEST:
        raise UsageError(
            f"{count:,} rows of {width:,} numbers",
            f"{LARGEST:,} numbers, which are held in memory",
            "take fewer columns",
        )
    vectors = np.zeros((count + 1, width))
    left = 0
    for each in features:
        values = table.columns[each.name]
        if isinstance(each, Number):
            vectors[:-1, left] = each.encode(as_numbers(each.name, values))
        else:
            places = each.places(values, is_strict)
            known = np.flatnonzero(places >= 0)
            vectors[known, left + places[known]] = 1
        left += each.width
    return Rows(np.arange(count), vectors)


def _input(question: Question, name: str, values: Array) -> Feature:
    if name in UNITS and question.goal == "next":
        return vocabulary(name, values, WORD_AT_LEAST if name == "word" else 1, MOST_SYMBOLS)
    if values.dtype.kind != "f" or name in (question.categories or ()):
        return category(name, values)
    return number(name, values)


def _target(question: Question, name: str, values: Array) -> Feature:
    if question.goal == "forecast":
        return number(name, values)
    if values.dtype.kind != "f" or name in (question.categories or ()):
        return category(name, values)
    if question.categories is None and is_classes(values):
        return category(name, values)
    return number(name, values)


def is_classes(values: Array) -> bool:
    """Whether numbers look like classes: whole, and few."""
    return bool((values == np.round(values)).all()) and len(distinct(values)[0]) <= MOST_CLASSES
