"""The tasks: what a network can be asked to learn, by name."""

from __future__ import annotations

from collections.abc import Callable

from carrybit.tasks.addition import Addition
from carrybit.tasks.task import Task

TASKS: dict[str, Callable[..., Task]] = {"addition": Addition}
