"""The laboratory: one claim of the tutorial in each file, as an experiment that anyone can run."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from carrybit import checks
from carrybit.labs.lab import Lab

LABS = (
    "recurrence",
    "mixture",
    "silence",
    "capacity",
    "forgetting",
    "size",
    "rate",
    "width",
    "start",
    "vanishing",
    "direction",
    "backprop",
)


def find(name: str) -> Lab:
    """Return an experiment by name; what it needs is loaded now, and not before."""
    return cast(Lab, import_module(f"carrybit.labs.{checks.one_of('lab', name, LABS)}"))
