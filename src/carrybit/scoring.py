"""Scoring: how well a network does on a part of a person's own data, beside simple baselines on the same part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from carrybit import checks
from carrybit.data import measures
from carrybit.data.baselines import GRAMS, Grams, majority, mean, naive_error
from carrybit.data.corpus import Passage
from carrybit.data.parts import PARTS
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.responses import losses_of, respond
from carrybit.tasks.data import DataTask


class Row(NamedTuple):
    """One figure: of the network, and of a baseline."""

    figure: str
    network: float
    baseline: str
    value: float
    is_better: bool


@dataclass(frozen=True)
class Score:
    """Every figure of one part.

    Parameters
    ----------
    part : {"train", "validation", "test"}
    sequences, answers : int
        How many there were.
    rows : tuple of Row
        The usual figure first.
    """

    part: str
    sequences: int
    answers: int
    rows: tuple[Row, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "part": self.part,
            "sequences": self.sequences,
            "answers": self.answers,
            "rows": [row._asdict() for row in self.rows],
        }


class Answers(NamedTuple):
    """All answers that count, with what is right, one sequence behind the other.

    said  : (rows,) of classes or (rows, O) in units of the columns
    right : the same
    nats  : (rows,) -log of the probability of what is right, of classes
    """

    said: Array
    right: Array
    nats: Array


def score(network: Network, task: DataTask, part: str = "test") -> Score:
    """Judge a network by the usual figures of its kind of data, each beside a baseline fitted on the training part.

    Raises
    ------
    SettingError
        There is no such part.
    UsageError
        The file of the task is gone or another, or the part has no answer that counts.
    """
    checks.one_of("part", part, PARTS)
    passages, training = task.part(part), task.part("train")
    if not any(each.mask.any() for each in passages):
        raise UsageError(f"the {part} part has no answer that counts", "one or more", "take a longer file")
    answers = _answers(network, task, passages)
    if task.question.goal == "next":
        rows = _of_text(task, answers, passages, training)
    elif task.encoding.classes is not None:
        rows = _of_classes(answers, task.encoding.classes, training)
    else:
        rows = _of_numbers(task, answers, passages, training)
    return Score(part, len(passages), len(answers.right), tuple(rows))


def _answers(network: Network, task: DataTask, passages: Sequence[Passage]) -> Answers:
    said: list[list[Array]] = [[] for _ in passages]
    nats: list[list[Array]] = [[] for _ in passages]
    for response in respond(network, passages):
        number, passage = response.number, passages[response.number]
        layer_2 = response.layer_2[passage.mask[response.steps]]
        if task.encoding.classes is None:
            said[number].append(task.encoding.decode(layer_2))
        else:
            said[number].append(layer_2.argmax(axis=-1))
            nats[number].append(losses_of(network, passage, response))
    right = [passage.right[passage.mask] for passage in passages]
    return Answers(_joined(said), np.concatenate(right), _joined(nats))


def _joined(pieces: list[list[Array]]) -> Array:
    """Return the pieces of every sequence as one array, empty where there are none."""
    every = list(chain.from_iterable(pieces))
    return np.concatenate(every) if every else np.zeros(0)


def _of_text(task: DataTask, answers: Answers, passages: Sequence[Passage], training: Sequence[Passage]) -> list[Row]:
    (passage,), (taught,) = passages, training  # a text is one sequence, which was cut
    grams = Grams.of(_symbols(taught), task.input_dim, len(GRAMS))
    nats = [each[passage.mask] for each in grams.nats(_symbols(passage))]
    bits = measures.bits(answers.nats)
    rows = [
        _lower(f"bits per {task.unit}", bits, baseline, measures.bits(each))
        for baseline, each in zip(GRAMS, nats, strict=True)
    ]
    rows.append(_lower("perplexity", 2**bits, GRAMS[-1], 2 ** measures.bits(nats[-1])))
    return [*rows, _accuracy(answers, training)]


def _symbols(passage: Passage) -> Ints:
    """Return a text's symbols, the first of which is only heard."""
    return np.append(passage.inputs.places[:1], passage.right)


def _of_classes(answers: Answers, classes: Sequence[str], training: Sequence[Passage]) -> list[Row]:
    count = len(classes)
    f1 = measures.f1(answers.said, answers.right, count)
    always = measures.f1(np.full(len(answers.right), majority(training)), answers.right, count)
    rows = [_accuracy(answers, training), _higher("macro F1", measures.macro(f1), "majority", measures.macro(always))]
    return rows + [
        _higher(f"F1 of {classes[k]!r}", float(f1[k]), "majority", float(np.nan_to_num(always[k])))
        for k in range(count)
        if not np.isnan(f1[k])
    ]


def _accuracy(answers: Answers, training: Sequence[Passage]) -> Row:
    always = majority(training)
    value = measures.accuracy(np.full(len(answers.right), always), answers.right)
    return _higher("accuracy", measures.accuracy(answers.said, answers.right), "majority", value)


def _of_numbers(
    task: DataTask, answers: Answers, passages: Sequence[Passage], training: Sequence[Passage]
) -> list[Row]:
    said, right = answers.said, answers.right
    simple = {"mean": np.broadcast_to(mean(training), right.shape)}
    if task.question.goal == "forecast":
        simple = {"last value": np.concatenate([each.before for each in passages])} | simple
    rows = []
    for k, target in enumerate(task.encoding.targets):
        of = "" if len(task.encoding.targets) == 1 else f" of {target.name}"
        for name, measure in {"RMSE": measures.rmse, "MAE": measures.mae}.items():
            own = float(measure(said, right)[k])
            rows += [_lower(name + of, own, baseline, float(measure(b, right)[k])) for baseline, b in simple.items()]
        if task.question.goal == "forecast" and naive_error(training)[k] > 0:
            own, last = (
                float(measures.mase(each, right, naive_error(training))[k]) for each in (said, simple["last value"])
            )
            rows.append(_lower("MASE" + of, own, "last value", last))
    return rows


def _lower(figure: str, network: float, baseline: str, value: float) -> Row:
    return Row(figure, network, baseline, value, network < value)


def _higher(figure: str, network: float, baseline: str, value: float) -> Row:
    return Row(figure, network, baseline, value, network > value)
