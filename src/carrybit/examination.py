"""Examination: a network's answers held against the task's machine, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.paper import Paper
from carrybit.tasks.task import Task, decide, margins

NUMBERS_AT_ONCE = 2**22  # in layer_1 while a paper is sat: 32 MiB


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


def sit(network: Network, task: Task, paper: Paper) -> Iterator[Marks]:
    """Sit a paper a few words at a time, yielding the marks so far; the last ones are complete.

    Guarantee: none beyond the words asked. An examination is a sample, not a proof.
    """
    marks = Marks(paper.title, paper.questions)
    shortest = paper.length + len(paper.ending or ()) + 1  # length of the question that first_wrong shows
    steps_of_a_word = paper.steps // paper.count
    at_once = max(1, NUMBERS_AT_ONCE // (steps_of_a_word * max(network.spec.hidden_dim, network.spec.input_dim)))
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


def examine(network: Network, task: Task) -> Iterator[Marks]:
    """Sit every paper of the task's examination, yielding marks as they grow."""
    for paper in task.examination():
        yield from sit(network, task, paper)


def is_exact(network: Network, task: Task) -> bool:
    """Whether the network passes the whole examination; the cheapest paper comes first, and the first slip ends it."""
    papers = sorted(task.examination(), key=lambda paper: paper.steps)
    return all(marks.right == marks.asked for paper in papers for marks in sit(network, task, paper))


class _Answers(NamedTuple):
    """What a network and the machine say to words, and the memories both are left with.

    given, is_right, margin : (B, T)
    past, states            : (B, T+1, M) and (B, T+1)
    """

    given: Ints
    is_right: Array
    margin: Array
    past: Array
    states: Ints


class _Asked(NamedTuple):
    """Q questions: whether each was answered rightly and its length, both (Q,); question(q) is its word and answers."""

    is_right: Array
    lengths: Ints
    question: Callable[[int], tuple[Ints, Ints]]
    answers: tuple[_Answers, ...]


def _answer(network: Network, task: Task, words: Ints, after: tuple[Array, Ints] | None = None) -> _Answers:
    memory, start = after or (None, None)
    layers = network.run(task.vectors[words], memory)
    states, truth = task.machine.run(words, start)
    given, margin = decide(layers.layer_2), margins(layers.layer_2, truth)
    return _Answers(given=given, is_right=given == truth, margin=margin, past=layers.past, states=states)


def _ask(network: Network, task: Task, words: Ints) -> _Asked:
    """Each word is a question."""
    all_steps = _answer(network, task, words)
    is_right, lengths = np.asarray(all_steps.is_right.all(axis=1)), np.full(len(words), words.shape[1])
    return _Asked(is_right, lengths, lambda q: (words[q], all_steps.given[q]), (all_steps,))


def _ask_beginnings(network: Network, task: Task, words: Ints, ending: tuple[int, ...]) -> _Asked:
    """Each beginning of each word, closed by the ending, is a question; what beginnings share is computed once."""
    count, length = words.shape
    opening = _answer(network, task, words)
    memory, states = opening.past[:, 1:], opening.states[:, 1:]  # after each beginning
    closing = _answer(
        network,
        task,
        np.tile(np.array(ending), (count * length, 1)),
        after=(memory.reshape(count * length, -1), states.reshape(-1)),
    )

    def question(q: int) -> tuple[Ints, Ints]:
        word, last = divmod(q, length)
        beginning = words[word, : last + 1], opening.given[word, : last + 1]
        return np.append(beginning[0], ending), np.append(beginning[1], closing.given[q])

    is_right = np.logical_and.accumulate(opening.is_right, axis=1).reshape(-1) & closing.is_right.all(axis=1)
    lengths = np.tile(np.arange(1, length + 1) + len(ending), count)
    return _Asked(is_right, lengths, question, (opening, closing))
