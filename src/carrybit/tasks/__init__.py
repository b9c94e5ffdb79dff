"""The tasks: what a network can be asked to learn, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from carrybit import checks
from carrybit.errors import SettingError
from carrybit.tasks.addition import addition
from carrybit.tasks.alphabet import alphabet
from carrybit.tasks.comparison import comparison
from carrybit.tasks.counting import counting
from carrybit.tasks.data import data_task
from carrybit.tasks.dyck import dyck
from carrybit.tasks.latch import latch
from carrybit.tasks.machine import machine
from carrybit.tasks.parity import parity
from carrybit.tasks.recall import recall
from carrybit.tasks.regex import regex
from carrybit.tasks.song import song
from carrybit.tasks.subtraction import subtraction
from carrybit.tasks.task import Task
from carrybit.tasks.tomita import tomita

TASKS: dict[str, Callable[..., Task]] = {
    "addition": addition,
    "subtraction": subtraction,
    "comparison": comparison,
    "parity": parity,
    "counting": counting,
    "tomita": tomita,
    "recall": recall,
    "latch": latch,
    "dyck": dyck,
    "song": song,
    "alphabet": alphabet,
    "machine": machine,
    "regex": regex,
    "data": data_task,
}


def make_task(name: str, settings: Mapping[str, Any]) -> Task:
    """Return a task by name; SettingError if there is none of that name, or if it has no such setting."""
    checks.one_of("task", name, TASKS)
    known = usual_settings(name)
    for setting, value in settings.items():
        if setting not in known:
            has = ", ".join(known)
            raise SettingError("task", f"{name} with {setting} = {value}", f"for {name}: {has}", name)
    return TASKS[name](**settings)


def usual_settings(name: str) -> dict[str, Any]:
    """Return the settings of a task, each with its usual value; none where there is no such task."""
    if name not in TASKS:
        return {}
    return {each.name: each.default for each in inspect.signature(TASKS[name]).parameters.values()}
