"""Examination: a network's answers held against the task's machine, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.paper import Paper
from carrybit.tasks.task import MachineTask, decide, margins

NUMBERS_AT_ONCE = 2**22  # in layer_1 while a paper is sat: 32 MiB
WORK_AT_ONCE = 2**32  # products while nobody can interrupt: a few tenths of a second


@dataclass(frozen=True)
class Marks:
    """How one paper went, or how it goes so far.

    Parameters
    ----------
    title : str
        What was asked.
    questions, asked, right : int
        Words on the paper, words asked so far, words with every answer right.
    steps, right_steps : int
        Single answers asked for so far, and those that were right.
    worst_margin : float
        The least distance of an answer from one half, on the right side; negative once one was wrong.
    first_wrong : str or None
        The shortest question with a wrong answer (of equals, the first), as the task shows it.
    """

    title: str
    questions: int
    asked: int = 0
    right: int = 0
    steps: int = 0
    right_steps: int = 0
    worst_margin: float = float("inf")
    first_wrong: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every question was asked."""
        return self.asked == self.questions

    @property
    def is_passed(self) -> bool:
        """Whether every question was asked and answered rightly."""
        return self.right == self.questions


def sit(network: Network, task: MachineTask, paper: Paper) -> Iterator[Marks]:
    """Sit a paper a few words at a time, yielding the marks so far; the last ones are complete.

    Guarantee: none beyond the words asked. An examination is a sample, not a proof.
    """
    marks = Marks(paper.title, paper.questions)
    shortest = paper.length + len(paper.ending or ()) + 1  # length of the question that first_wrong shows
    steps_of_a_word = paper.steps // paper.count
    numbers = steps_of_a_word * max(network.spec.hidden_dim, network.spec.input_dim)
    at_once = max(1, min(NUMBERS_AT_ONCE // numbers, WORK_AT_ONCE // (numbers * network.spec.hidden_dim)))
    for first in range(0, paper.count, at_once):
        words = paper.words(first, min(at_once, paper.count - first))
        asked = (
            _ask(network, task, words) if paper.ending is None else _ask_beginnings(network, task, words, paper.ending)
        )
        first_wrong = marks.first_wrong
        wrong = np.flatnonzero(~asked.is_right)
        if wrong.size and asked.lengths[wrong].min() < shortest:
            shortest = asked.lengths[wrong].min()
            first_wrong = task.correct(*asked.question(int(wrong[asked.lengths[wrong].argmin()])))
        marks = Marks(
            title=marks.title,
            questions=marks.questions,
            asked=marks.asked + asked.is_right.size,
            right=marks.right + int(asked.is_right.sum()),
            steps=marks.steps + sum(answers.margin.size for answers in asked.answers),
            right_steps=marks.right_steps + sum(int(answers.is_right.sum()) for answers in asked.answers),
            worst_margin=min(marks.worst_margin, *(float(answers.margin.min()) for answers in asked.answers)),
            first_wrong=first_wrong,
        )
        yield marks


def examine(network: Network, task: MachineTask) -> Iterator[Marks]:
    """Sit every paper of the task's examination, yielding marks as they grow."""
    for paper in task.examination():
        yield from sit(network, task, paper)


def is_exact(network: Network, task: MachineTask) -> bool:
    """Whether the network passes the whole examination; the cheapest paper comes first, and the first slip ends it."""
    return all(_passes(network, task, number, paper) for number, paper in enumerate(_papers(task)))


@lru_cache(maxsize=8)
def _papers(task: MachineTask) -> list[Paper]:
    return sorted(task.examination(), key=lambda paper: paper.steps)


def _passes(network: Network, task: MachineTask, number: int, paper: Paper) -> bool:
    """Whether a network passes a paper, as `sit` would find; what is asked of every network is drawn once."""
    if paper.steps > NUMBERS_AT_ONCE or paper.steps * network.spec.hidden_dim**2 > WORK_AT_ONCE:
        return all(marks.right == marks.asked for marks in sit(network, task, paper))
    key = _key(task, number)
    if paper.ending is None:
        return _is_right(network.answer(key.layer_0), key.truth)
    layers = network.run(key.layer_0)
    if not _is_right(layers.layer_2, key.truth):
        return False
    memory = layers.past[:, 1:].reshape(len(key.ending), -1)
    return _is_right(network.answer(key.ending, memory), key.ending_truth)


def without_memory(task: MachineTask, paper: Paper) -> float:
    """Return the share of a paper's steps that the best answer to each symbol alone, whatever came before, gets right.

    Of what its questions share, and of their endings, each is counted once.
    """
    counts = np.zeros((len(task.machine.symbols), len(task.machine.answers)), np.int64)  # (A, K)
    at_once = max(1, NUMBERS_AT_ONCE // paper.length)
    for first in range(0, paper.count, at_once):
        words = paper.words(first, min(at_once, paper.count - first))
        np.add.at(counts, (words, task.machine.run(words)[1]), 1)
    return float(counts.max(axis=1).sum() / counts.sum())


class _Key(NamedTuple):
    """A whole paper and its right answers; ``ending`` is what closes every beginning of every word."""

    layer_0: Array
    truth: Ints
    ending: Array
    ending_truth: Ints


@lru_cache(maxsize=8)
def _key(task: MachineTask, number: int) -> _Key:
    paper = _papers(task)[number]
    words = paper.words(0, paper.count)
    states, truth = task.machine.run(words)
    endings = np.tile(np.array(paper.ending or (0,)), (words.size if paper.ending else 0, 1))
    ending_truth = task.machine.run(endings, states[:, 1:].reshape(-1)[: len(endings)])[1]
    return _Key(task.vectors[words], truth, task.vectors[endings], ending_truth)


def _is_right(layer_2: Array, truth: Ints) -> bool:
    return bool((decide(layer_2) == truth).all())


class _Answers(NamedTuple):
    """What a network says to words, and how good that is: (B, T) each."""

    given: Ints
    is_right: Array
    margin: Array


class _Asked(NamedTuple):
    """Q questions: whether each was answered rightly and its length, both (Q,); question(q) is its word and answers."""

    is_right: Array
    lengths: Ints
    question: Callable[[int], tuple[Ints, Ints]]
    answers: tuple[_Answers, ...]


def _graded(layer_2: Array, truth: Ints) -> _Answers:
    given = decide(layer_2)
    return _Answers(given=given, is_right=given == truth, margin=margins(layer_2, truth))


def _ask(network: Network, task: MachineTask, words: Ints) -> _Asked:
    """Each word is a question."""
    all_steps = _graded(network.answer(task.vectors[words]), task.machine.run(words)[1])
    is_right, lengths = np.asarray(all_steps.is_right.all(axis=1)), np.full(len(words), words.shape[1])
    return _Asked(is_right, lengths, lambda q: (words[q], all_steps.given[q]), (all_steps,))


def _ask_beginnings(network: Network, task: MachineTask, words: Ints, ending: tuple[int, ...]) -> _Asked:
    """Each beginning of each word, closed by the ending, is a question; what beginnings share is computed once."""
    count, length = words.shape
    layers = network.run(task.vectors[words])
    states, truth = task.machine.run(words)
    opening = _graded(layers.layer_2, truth)
    memory, state = layers.past[:, 1:].reshape(count * length, -1), states[:, 1:].reshape(-1)  # after each beginning
    endings = np.tile(np.array(ending), (count * length, 1))
    closing = _graded(network.answer(task.vectors[endings], memory), task.machine.run(endings, state)[1])

    def question(q: int) -> tuple[Ints, Ints]:
        word, last = divmod(q, length)
        beginning = words[word, : last + 1], opening.given[word, : last + 1]
        return np.append(beginning[0], ending), np.append(beginning[1], closing.given[q])

    is_right = np.logical_and.accumulate(opening.is_right, axis=1).reshape(-1) & closing.is_right.all(axis=1)
    lengths = np.tile(np.arange(1, length + 1) + len(ending), count)
    return _Asked(is_right, lengths, question, (opening, closing))
