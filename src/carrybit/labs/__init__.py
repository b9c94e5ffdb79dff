"""The laboratory: one claim of the tutorial in each file, as an experiment that anyone can run."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import cast

from carrybit.errors import UsageError
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
    "liar",
    "proof",
)


def find(name: str) -> Lab:
    """Return an experiment by name; what it needs is loaded now, and not before."""
    if name not in LABS:
        near = difflib.get_close_matches(name, LABS, n=1, cutoff=0.0)[0]
        raise UsageError(f"{name}, which is no experiment", ", ".join(LABS), f"carrybit lab {near}")
    return cast(Lab, import_module(f"carrybit.labs.{name}"))
