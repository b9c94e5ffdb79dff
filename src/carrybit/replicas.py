"""Replicas: networks that differ in nothing but their seed, trained side by side.

Replica r of a training that begins at seed S is the network of seed S + r: its first weights and its samples are that
seed's. It has the same bits as that seed trained alone, whatever is trained beside it, so any of them can be had again
by itself: ``train(replace(config, seed=S + r))``.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from carrybit import checks
from carrybit.config import TrainConfig
from carrybit.errors import DivergedError
from carrybit.examination import is_exact
from carrybit.tasks.task import Task, has_machine
from carrybit.training import BLOCK_SECONDS, LARGEST_BLOCK, State, advance, first_state, next_block, numbers

MOST = 1_000_000
SEEDS = 2**64


@dataclass(frozen=True, eq=False)
class Replica:
    """One of the networks, as far as it has come.

    Parameters
    ----------
    seed : int
    state : State
        For one that diverged, the last good one.
    fate : {"training", "exact", "updates", "diverged"}
        How it ended, as in `Finished`; or that it has not ended yet.
    is_exact : bool
        Whether it passed the examination, the last time it sat it.
    error : float
        The tutorial's error averaged over the samples since the report before the last; NaN before the first report.
    """

    seed: int
    state: State
    fate: str = "training"
    is_exact: bool = False
    error: float = float("nan")

    @property
    def digest(self) -> str:
        """A short hash of its numbers, by which equal bits are told."""
        digest = hashlib.sha256()
        for name, array in sorted(self.state.network.params.arrays().items()):
            digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]


def train_replicas(config: TrainConfig, count: int) -> Generator[tuple[Replica, ...]]:
    """Train ``count`` networks of adjacent seeds, yielding all of them, as far as each has come, every now and then.

    A network that passes the examination (with ``until``) or diverges is done; the others go on.

    Parameters
    ----------
    config : TrainConfig
        Its seed is the first replica's.
    count : int, 1 to 1,000,000

    Raises
    ------
    SettingError
        ``count`` is not allowed.
    """
    checks.whole("replicas", count, 1, MOST, 8)
    task = config.task
    seeds = [(config.seed + r) % SEEDS for r in range(count)]
    replicas = [Replica(seed, first_state(replace(config, seed=seed))) for seed in seeds]
    block = 1  # updates between two events, adapted to their speed
    update = 0
    while update < config.updates:
        learning = [r for r, replica in enumerate(replicas) if replica.fate == "training"]
        if not learning:
            break
        began = time.perf_counter()
        fits = max(1, LARGEST_BLOCK // (numbers(config) * len(learning)))
        updates = min(block, fits, config.every - update % config.every, config.updates - update)
        some = [replicas[r] for r in learning]
        moved = advance(config, task, [each.seed for each in some], [each.state for each in some], updates)
        update += updates
        if updates == block:
            block = next_block(block, time.perf_counter() - began)
        for r, state in zip(learning, moved, strict=True):
            replicas[r] = _after(config, task, replicas[r], state)
            if time.perf_counter() - began > BLOCK_SECONDS:  # examinations take their time
                yield tuple(replicas)
                began = time.perf_counter()
        yield tuple(replicas)


def _after(config: TrainConfig, task: Task, replica: Replica, state: State | DivergedError) -> Replica:
    """Return a replica with its new state, or as one that diverged; examined if it is time for that."""
    if isinstance(state, DivergedError):
        return replace(replica, state=state.state, fate="diverged")
    is_last = state.update == config.updates
    if not is_last and state.update % config.every:
        return replace(replica, state=state)
    passed = (config.until == "exact" or is_last) and has_machine(task) and is_exact(state.network, task)
    fate = "exact" if passed and config.until == "exact" else "updates" if is_last else "training"
    error = state.tally.error / state.tally.sequences
    return replace(replica, state=state, fate=fate, is_exact=passed, error=error)
