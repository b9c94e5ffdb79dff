"""Subjects: the networks that experiments are made with, trained while a bar moves.

made = yield from replicas(config, 8, Share(0.0, 0.5), "adders")
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from carrybit.config import TrainConfig
from carrybit.labs.lab import Step
from carrybit.plan import Plan
from carrybit.replicas import Replica, train_replicas
from carrybit.sweeping import follow
from carrybit.table import Table

SURE: dict[str, Any] = {  # ways of learning that lead there soon, whatever the task; the rest is each experiment's
    "bias": True,
    "optimizer": "adam",
    "clip": 1.0,
    "batch_size": 16,
}


class Share(NamedTuple):
    """The part of an experiment's time that something takes: from and to, each from 0 to 1."""

    begin: float = 0.0
    end: float = 1.0

    def at(self, done: float) -> float:
        """Return how far the experiment is when so much of this part is done."""
        return self.begin + done * (self.end - self.begin)


def replicas(config: TrainConfig, count: int, share: Share, note: str) -> Generator[Step, None, tuple[Replica, ...]]:
    """Train networks of adjacent seeds side by side on one core, and return them."""
    made: tuple[Replica, ...] = ()
    for made in train_replicas(config, count):
        updates = sum(each.state.update if each.fate == "training" else config.updates for each in made)
        yield Step(share.at(updates / (count * config.updates)), note)
    return made


def swept(
    grid: Mapping[str, Sequence[Any]], config: TrainConfig, count: int, share: Share, note: str
) -> Generator[Step, None, Table]:
    """Train networks of adjacent seeds at every point of a grid, on all cores, and return the table of them."""
    for event in follow(Plan(grid, config, count)):
        if isinstance(event, Table):
            return event
        yield Step(share.at(event.share), note)
    raise AssertionError("unreachable: a sweep ends with its table")
