"""Subjects: the networks that experiments are made with, trained while a bar moves.

network = yield from trained(config, Share(0.0, 0.5), "an adder")
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from carrybit.config import TrainConfig
from carrybit.labs.lab import Step
from carrybit.network import Network
from carrybit.plan import Plan
from carrybit.replicas import Replica, train_replicas
from carrybit.sweeping import follow
from carrybit.table import Table
from carrybit.training import Progress, first_state, train


class Share(NamedTuple):
    """The part of an experiment's time that something takes: from and to, each from 0 to 1."""

    begin: float = 0.0
    end: float = 1.0

    def at(self, done: float) -> float:
        """Return how far the experiment is when so much of this part is done."""
        return self.begin + done * (self.end - self.begin)


def trained(config: TrainConfig, share: Share, note: str) -> Generator[Step, None, Network]:
    """Train one network, yielding how far it has come, and return it; it is not examined at the end."""
    network = first_state(config).network
    for event in train(config):
        network = event.state.network
        if isinstance(event, Progress):
            yield Step(share.at(event.state.update / config.updates), note)
        if event.state.update == config.updates:
            break
    return network


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
