"""Ours: carrybit's engines. Sums are read as symbols, so inputs and targets are worked out while it runs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from work import ADDITION, ANSWERS, Work

from carrybit.cells.engines import engine
from carrybit.cells.lessons import Learned, Samples, Sequences, Student, Words
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Params
from peers import Peer, Training


def _learning(work: Work, engine_name: str) -> Callable[[], list[Learned]]:
    first = OPTIMIZERS[work.rules.optimizer].first
    students = [Student(params, first(params)) for params in work.first]
    samples: Samples = Sequences(work.layer_0, work.targets)
    if work.symbols is not None:
        samples = Words(work.symbols, ADDITION.vectors, ADDITION.machine, ANSWERS)
    learn = engine(engine_name).learn
    return lambda: learn(work.spec, work.rules, students, samples, 0)


def _params(learned: list[Learned]) -> list[Params]:
    return [each.student.params for each in learned]


def _alone(work: Work) -> Training:
    return Training(_learning(work, "cpu"), _params)


def _plain(work: Work) -> Training:
    return Training(_learning(work, "reference"), _params)


def _on_two_cores(work: Work) -> Training:
    """Two threads, half of the networks each: compiled code lets Python's other threads run."""
    middle = len(work.first) // 2
    halves = [_learning(work.only(slice(*ends)), "cpu") for ends in ((None, middle), (middle, None))]
    threads = ThreadPoolExecutor(len(halves))

    def go() -> list[Learned]:
        return [each for half in threads.map(lambda half: half(), halves) for each in half]

    return Training(go, _params)


OURS = Peer("ours", _alone, is_ours=True)
ON_TWO_CORES = Peer("ours, two threads", _on_two_cores, is_ours=True)
REFERENCE = Peer("ours in plain NumPy", _plain)  # what ours is checked against
