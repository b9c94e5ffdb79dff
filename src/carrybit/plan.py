"""Plan: what a sweep trains, a grid of settings with many seeds each, and the shards it is cut into."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

import carrybit
from carrybit import checks
from carrybit.config import TrainConfig
from carrybit.errors import SettingError
from carrybit.replicas import MOST, SEEDS
from carrybit.tasks import TASKS, usual_settings
from carrybit.training import LARGEST_BLOCK, numbers

OVERHEAD = 100  # weights; what a step costs beside them
SHARD = 64  # replicas: a second of work or so, and a few full sets of lanes
SHARD_WEIGHTS = 2**22  # of all networks of a shard, which are held in memory, as are the samples of an update


@cache
def version() -> str:
    """Return a hash of everything that decides what becomes of a network: the sources, but for what only shows it."""
    digest = hashlib.sha256()
    home = Path(carrybit.__file__).parent
    for source in sorted(home.rglob("*.py")):
        if source.relative_to(home).parts[0] not in ("cli", "figures", "labs"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _values(name: str, values: Any) -> list[Any]:
    """Return the values of a setting as Python's own: of a list, a range, an array of NumPy's, ..."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise SettingError("grid", f"{name}={values}", "several values for a setting, in a list", f"{name}=[{values}]")
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def weights(config: TrainConfig) -> int:
    """Return how many weights a network has."""
    return sum(math.prod(shape) for shape in config.make_spec().shapes().values())


@dataclass(frozen=True)
class Shard:
    """Some replicas of one point of the grid: ``replicas`` networks, the first with the seed of the configuration."""

    config: TrainConfig
    replicas: int

    @cached_property
    def name(self) -> str:
        """A hash of what it stands for."""
        about = [self.config.about(), self.replicas, version()]
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:24]

    @cached_property
    def cost(self) -> float:
        """About how long it takes, in no unit: the weights that all steps of all replicas pass by."""
        config = self.config
        steps = self.replicas * config.updates * config.batch_size * config.task.length
        return float(steps * (weights(config) + OVERHEAD))


@dataclass(frozen=True, eq=False)
class Plan:
    """What to train.

    Parameters
    ----------
    grid : mapping of str to sequences
        Values for settings of `TrainConfig`; every combination is a point of the grid.
    config : TrainConfig
        Everything else.
    replicas : int
        Networks at each point, with the seeds from ``config.seed`` on.

    Raises
    ------
    SettingError
        A setting or a value is not allowed.
    """

    grid: Mapping[str, Sequence[Any]]
    config: TrainConfig
    replicas: int = 1

    def __post_init__(self) -> None:
        checks.whole("replicas", self.replicas, 1, MOST, 8)
        if not isinstance(self.grid, Mapping):
            raise SettingError("grid", self.grid, "settings and their values", {"hidden_dim": [2, 4, 8]})
        object.__setattr__(self, "grid", {name: _values(name, values) for name, values in self.grid.items()})
        known = self._known()
        for name, values in self.grid.items():
            checks.one_of("grid", name, known)
            if not values or any(value in values[:k] for k, value in enumerate(values)):
                raise SettingError(
                    "grid", f"{name}={','.join(map(str, values))}", "values, at least one, that differ", f"{name}=VALUE"
                )
        if any(point.until == "settled" for point in self.points):
            raise SettingError("until", "settled", "updates, for many networks side by side", "updates")

    @cached_property
    def points(self) -> list[TrainConfig]:
        """The points of the grid, the last setting changing fastest."""
        # what a config fills in by itself follows from the grid again: the rate of an optimiser, say
        combinations = itertools.product(*self.grid.values())
        return [self.config.changed(**dict(zip(self.grid, values, strict=True))) for values in combinations]

    def _known(self) -> list[str]:
        """Return the names of all settings that can stand in the grid."""
        tasks = [name for name in self.grid.get("task", [self.config.task.name]) if isinstance(name, str)]
        of_tasks = [setting for name in tasks if name in TASKS for setting in usual_settings(name)]
        return list(dict.fromkeys([field.name for field in fields(TrainConfig) if field.name != "seed"] + of_tasks))

    @cached_property
    def shards(self) -> list[Shard]:
        """The shards, point by point."""
        return [shard for point in self.points for shard in self._cut(point)]

    def _cut(self, point: TrainConfig) -> list[Shard]:
        size = max(1, min(SHARD, SHARD_WEIGHTS // weights(point), LARGEST_BLOCK // numbers(point)))
        return [
            Shard(replace(point, seed=(point.seed + first) % SEEDS), min(size, self.replicas - first))
            for first in range(0, self.replicas, size)
        ]

    @property
    def name(self) -> str:
        """A hash of all shards."""
        return hashlib.sha256(" ".join(shard.name for shard in self.shards).encode()).hexdigest()[:8]
