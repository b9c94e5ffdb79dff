"""TrainConfig: what to train, and how."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carrybit import checks
from carrybit.cells.engines import MODULES as ENGINES
from carrybit.cells.lessons import Rules
from carrybit.errors import SettingError
from carrybit.optimizers import OPTIMIZERS
from carrybit.spec import Spec
from carrybit.tasks import TASKS
from carrybit.tasks.task import Task, output_dim

UPDATES = 10_000  # the tutorial's
UPDATES_UNTIL_EXACT = 300_000
LEARNING_RATES = {"sgd": 0.1, "momentum": 0.1, "adam": 0.03}
UNTIL = ("exact",)
LARGEST_BATCH = 2**28  # numbers in layer_1: 2 GiB


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What to train, and how; the defaults are the tutorial's.

    Parameters
    ----------
    task : {"addition"}
    bits : int
        Steps of a training sum, from 1 to 100,000.
    operands : int
        Numbers added, from 2 to 8.
    hidden_dim, activation, recurrence, loss, bias, precision
        As in `Spec`.
    optimizer : {"sgd", "momentum", "adam"}
    learning_rate : float, or None for the optimiser's own (0.1, 0.1, 0.03)
    clip : float or None
        The longest gradient that is followed; a longer one is scaled down to it.
    batch_size : int
        Sequences in an update.
    updates : int, or None for 10,000 (300,000 with ``until``)
        When to stop at the latest.
    until : None or "exact"
        Stop as soon as an examination is passed, which is tried after every report.
    every : int
        Updates between two reports.
    seed : int
        Of the first weights and of the samples, from 0 to 2**64 - 1.
    engine : {"cpu", "reference"}
        Who computes: compiled code, or NumPy, which rounds a little differently and is hundreds of times slower at the
        tutorial's size.

    Raises
    ------
    SettingError
        A field is outside what is listed here.
    """

    task: str = "addition"
    bits: int = 8
    operands: int = 2
    hidden_dim: int = 16
    activation: str = "sigmoid"
    recurrence: str = "hidden"
    loss: str = "squared_error"
    bias: bool = False
    precision: str = "float64"
    optimizer: str = "sgd"
    learning_rate: float = None  # type: ignore[assignment]  # filled in below: a config always has a rate
    clip: float | None = None
    batch_size: int = 1
    updates: int = None  # type: ignore[assignment]  # filled in below: a config always has a last update
    until: str | None = None
    every: int = 1000
    seed: int = 0
    engine: str = "cpu"

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.generic):  # of a loop over np.arange, say
                object.__setattr__(self, name, value.item())
        checks.one_of("task", self.task, TASKS)
        checks.one_of("optimizer", self.optimizer, OPTIMIZERS)
        asked_for = dict(vars(self))
        if asked_for["learning_rate"] is None:
            object.__setattr__(self, "learning_rate", LEARNING_RATES[self.optimizer])
        if asked_for["updates"] is None:
            object.__setattr__(self, "updates", UPDATES if self.until is None else UPDATES_UNTIL_EXACT)
        rate = checks.positive("learning_rate", self.learning_rate, LEARNING_RATES[self.optimizer])
        object.__setattr__(self, "learning_rate", rate)
        if self.clip is not None:
            object.__setattr__(self, "clip", checks.positive("clip", self.clip, 1.0))
        checks.whole("batch_size", self.batch_size, 1, 2**16, 1)
        checks.whole("updates", self.updates, 1, 10**12, UPDATES)
        if self.until is not None:
            checks.one_of("until", self.until, UNTIL)
        checks.whole("every", self.every, 1, 10**12, 1000)
        checks.whole("seed", self.seed, 0, 2**64 - 1, 0)
        checks.one_of("engine", self.engine, ENGINES)
        self.make_spec()
        if self.batch_size * self.bits * self.hidden_dim > LARGEST_BATCH:
            allowed = f"batch_size x bits x hidden_dim up to {LARGEST_BATCH:,}, which is held in memory"
            if self.bits * self.hidden_dim > LARGEST_BATCH:
                raise SettingError("bits", self.bits, allowed, LARGEST_BATCH // self.hidden_dim)
            raise SettingError("batch_size", self.batch_size, allowed, LARGEST_BATCH // (self.bits * self.hidden_dim))

    def make_task(self) -> Task:
        """Return the task that this configuration names."""
        return TASKS[self.task](bits=self.bits, operands=self.operands)

    def make_spec(self) -> Spec:
        """Return the network's spec, with the sizes that the task asks for."""
        task = self.make_task()
        return Spec(
            input_dim=task.vectors.shape[1],
            hidden_dim=self.hidden_dim,
            output_dim=output_dim(task, self.loss),
            activation=self.activation,
            recurrence=self.recurrence,
            loss=self.loss,
            bias=self.bias,
            precision=self.precision,
        )

    def make_rules(self) -> Rules:
        """Return how weights follow from gradients."""
        return Rules(self.optimizer, self.learning_rate, self.clip, self.batch_size)
