"""TrainConfig: what to train, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from carrybit import checks
from carrybit.cells.engines import MODULES as ENGINES
from carrybit.cells.lessons import Rules
from carrybit.errors import SettingError, UsageError
from carrybit.optimizers import OPTIMIZERS
from carrybit.spec import Spec
from carrybit.tasks import make_task
from carrybit.tasks.task import Task, dims, has_data, has_machine

USUAL: Any = ...  # stands for what is usual for the task: a config always has a value of its own
TUTORIAL: dict[str, Any] = {
    "hidden_dim": 16,
    "activation": "sigmoid",
    "loss": "squared_error",
    "bias": False,
    "optimizer": "sgd",
    "start": 1.0,
    "clip": None,
    "batch_size": 1,
    "noise": 0.0,
    "noise_ramp": 0,
    "until": None,
    "every": 1000,
}
UPDATES = 10_000  # the tutorial's
UPDATES_UNTIL_EXACT = 300_000
LEARNING_RATES = {"sgd": 0.1, "momentum": 0.1, "adam": 0.03}
UNTIL = ("exact", "settled", "updates")
LARGEST_NOISE = 1e6
LARGEST_BATCH = 2**28  # numbers in layer_1: 2 GiB


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """What to train, and how. What is left out is usual for the task; for addition it is the tutorial's.

    Parameters
    ----------
    task : Task
        Also by its name, "parity", for the task with its usual settings, or as ``about()`` tells it.
    hidden_dim, activation, recurrence, loss, bias, precision
        As in `Spec`.
    start : float
        The first weights are uniform in [-start, start).
    optimizer : {"sgd", "momentum", "adam"}
    learning_rate : float
        The optimiser's own, if it is not the task's usual one: 0.1, 0.1, 0.03.
    clip : float or None
        The longest gradient that is followed; a longer one is scaled down to it. None (or infinity) follows any.
    batch_size : int
        Sequences in an update.
    noise : float
        Standard deviation of what is added to layer_1 after its activation, at every step and unit, while training. It
        makes a memory that forgets small errors, which is one that can be proved.
    noise_ramp : int
        Over so many updates the noise grows from 0 to what it is; 0 is at once.
    updates : int
        When to stop at the latest: 10,000 for addition, 300,000 with ``until``.
    until : None, "exact" or "settled"
        Stop at a report: "exact" when an examination is passed; "settled", of own data, when ten reports in a row did
        not answer the validation part better. None (or "updates") makes all updates.
    every : int
        Updates between two reports.
    seed : int
        Of the first weights and of the samples, from 0 to 2**64 - 1.
    engine : {"cpu", "reference"}
        Who computes: compiled code, or NumPy, which rounds a little differently and is hundreds of times slower at the
        tutorial's size.
    recipe : str or None
        Settings that take the place of the usual ones: "provable", for a task with a machine, is what it learns and
        can be proved with.

    Raises
    ------
    SettingError
        A field is outside what is listed here.
    """

    task: Task = "addition"  # type: ignore[assignment]  # made below
    hidden_dim: int = USUAL
    activation: str = USUAL
    recurrence: str = "hidden"
    loss: str = USUAL
    bias: bool = USUAL
    precision: str = "float64"
    start: float = USUAL
    optimizer: str = USUAL
    learning_rate: float = USUAL
    clip: float | None = USUAL
    batch_size: int = USUAL
    noise: float = USUAL
    noise_ramp: int = USUAL
    updates: int = USUAL
    until: str | None = USUAL
    every: int = USUAL
    seed: int = 0
    engine: str = "cpu"
    recipe: str | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.generic):  # of a loop over np.arange, say
                object.__setattr__(self, name, value.item())
        object.__setattr__(self, "task", _task(self.task))
        for name, value in self._usual().items():
            if getattr(self, name) is USUAL and name not in ("learning_rate", "updates"):
                object.__setattr__(self, name, value)
        checks.one_of("optimizer", self.optimizer, OPTIMIZERS)
        if self.until == "updates":
            object.__setattr__(self, "until", None)
        if self.clip == math.inf:
            object.__setattr__(self, "clip", None)
        if self.until is not None:
            checks.one_of("until", self.until, UNTIL)
        object.__setattr__(self, "learning_rate", self._rate())
        object.__setattr__(self, "updates", self._updates())
        object.__setattr__(self, "start", checks.positive("start", self.start, 1.0))
        if self.clip is not None:
            object.__setattr__(self, "clip", checks.positive("clip", self.clip, 1.0))
        checks.whole("batch_size", self.batch_size, 1, 2**16, 1)
        object.__setattr__(self, "noise", checks.not_negative("noise", self.noise, LARGEST_NOISE, 0.2))
        checks.whole("noise_ramp", self.noise_ramp, 0, 10**12, 0)
        checks.whole("updates", self.updates, 1, 10**12, UPDATES)
        checks.whole("every", self.every, 1, 10**12, 1000)
        checks.whole("seed", self.seed, 0, 2**64 - 1, 0)
        checks.one_of("engine", self.engine, ENGINES)
        self.make_spec()
        self._check_sense()

    def _usual(self) -> dict[str, Any]:
        """Return what is usual: the tutorial's, or the task's, or the recipe's, of which the last one counts."""
        usual = TUTORIAL | dict(self.task.defaults)
        if self.recipe is None:
            return usual
        if not has_machine(self.task):
            fix = "leave out --recipe"
            raise UsageError(f"a recipe for {self.task.title}, which has no machine", "tasks with a machine", fix)
        return usual | dict(self.task.recipes[checks.one_of("recipe", self.recipe, self.task.recipes)])

    def _rate(self) -> float:
        usual = self._usual()
        own = LEARNING_RATES[self.optimizer]
        if self.optimizer == usual["optimizer"]:
            own = usual.get("learning_rate", own)
        return checks.positive("learning_rate", own if self.learning_rate in (USUAL, None) else self.learning_rate, own)

    def _updates(self) -> int:
        if self.updates not in (USUAL, None):
            return self.updates
        usual = self._usual()
        until = None if usual["until"] == "updates" else usual["until"]
        if "updates" in usual and self.until == until:
            return int(usual["updates"])
        return UPDATES if self.until is None else UPDATES_UNTIL_EXACT

    def _check_sense(self) -> None:
        """Refuse what fits no memory, and what a task without a machine cannot have."""
        task, length = self.task, self.task.length
        if has_data(task):
            checks.one_of("loss", self.loss, task.losses)
        if self.until is not None and self.until != ("exact" if has_machine(task) else "settled"):
            allowed = "settled or updates" if has_data(task) else "exact or updates"
            raise SettingError("until", self.until, f"for {task.title}: {allowed}", allowed.split()[0])
        if self.batch_size * length * self.hidden_dim > LARGEST_BATCH:
            name = task.length_name if has_machine(task) else "length"
            allowed = f"batch_size x {name} x hidden_dim up to {LARGEST_BATCH:,}, which is held in memory"
            if length * self.hidden_dim > LARGEST_BATCH:
                raise SettingError(name, length, allowed, LARGEST_BATCH // self.hidden_dim)
            raise SettingError("batch_size", self.batch_size, allowed, LARGEST_BATCH // (length * self.hidden_dim))

    def make_spec(self) -> Spec:
        """Return the network's spec, with the sizes that the task asks for."""
        input_dim, output_dim = dims(self.task, self.loss)
        return Spec(
            input_dim=input_dim,
            hidden_dim=self.hidden_dim,
            output_dim=output_dim,
            activation=self.activation,
            recurrence=self.recurrence,
            loss=self.loss,
            bias=self.bias,
            precision=self.precision,
        )

    def make_rules(self) -> Rules:
        """Return how weights follow from gradients."""
        return Rules(self.optimizer, self.learning_rate, self.clip, self.batch_size)

    def about(self) -> dict[str, Any]:
        """Return everything as JSON has it: ``TrainConfig(**config.about())`` is the same configuration."""
        rest = {each.name: getattr(self, each.name) for each in fields(self)[1:]}
        return {"task": {"name": self.task.name, **self.task.settings}, **rest}

    def row(self) -> dict[str, Any]:
        """Return everything that fits into a cell of a table, the settings of the task among the others."""
        about = self.about()
        flat = {"task": self.task.name, **self.task.settings, **{n: v for n, v in about.items() if n != "task"}}
        cells = {name: ",".join(value) if isinstance(value, list | tuple) else value for name, value in flat.items()}
        return {name: value for name, value in cells.items() if not isinstance(value, dict)}

    def value(self, setting: str) -> Any:
        """Return a setting of its own or of its task, by name."""
        return self.row()[setting]

    def changed(self, **changes: Any) -> TrainConfig:
        """Return another configuration: settings of this one or of its task changed, and what is usual following suit.

        What this one has as it is usual, the other has as it is usual for what it changes to; "task" is changed by its
        name.
        """
        plain = TrainConfig(task=self.task, recipe=self.recipe)
        usual = TrainConfig(task=self.task, recipe=self.recipe, optimizer=self.optimizer, until=self.until)
        names = [each.name for each in fields(self)[1:]]
        like = {name: plain if name in ("optimizer", "until") else usual for name in names}
        asked = {name: getattr(self, name) for name in names if getattr(self, name) != getattr(like[name], name)}
        asked["recipe"] = self.recipe
        task = changes.pop("task", self.task.name)
        settings = dict(self.task.settings) if task == self.task.name else {}
        settings |= {name: changes.pop(name) for name in list(changes) if name not in names}
        return TrainConfig(task=make_task(task, settings), **{**asked, **changes})


def _task(given: Any) -> Task:
    """Return a task that is given as one, by its name, or as ``about`` tells it."""
    if isinstance(given, str):
        return make_task(given, {})
    if isinstance(given, Mapping):
        return make_task(given.get("name", ""), {name: value for name, value in given.items() if name != "name"})
    if not hasattr(given, "settings"):
        raise SettingError("task", given, "a task, or the name of one", "addition")
    return given
