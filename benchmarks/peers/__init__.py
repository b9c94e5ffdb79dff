"""The peers: each does the same work, written the way its own experts would write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from work import Work

from carrybit.params import Params

NEEDED = {"pytorch": ("torch", "PyTorch"), "jax_": ("jax", "JAX")}


class Training(NamedTuple):
    """A peer that has a piece of work before it.

    go     : does all of it, from the first weights on, and returns when it is done: what is timed
    params : what ``go`` returned -> the Params of every network, in NumPy
    """

    go: Callable[[], Any]
    params: Callable[[Any], list[Params]]


class Peer(NamedTuple):
    """A way to do work.

    name    : as it stands in the table
    ready   : prepares the work, outside of what is timed, and returns a Training
    note    : which way it is
    is_ours : whether it is carrybit
    """

    name: str
    ready: Callable[[Work], Training]
    note: str = ""
    is_ours: bool = False


@cache
def installed(name: str) -> ModuleType | None:
    """Return the module of a peer; None, and say so once, where what it needs is not installed."""
    package, said = NEEDED[name]
    try:
        import_module(package)
    except ImportError:
        print(f"{said} is not installed, so it is left out: pip install {package}", flush=True)
        return None
    return import_module(f"peers.{name}")


def apart(some: list[Params], others: list[Params]) -> float:
    """Return the largest difference between two lists of weights; NaN counts as infinity."""
    differences = [
        float(np.abs(array.astype(np.float64) - theirs.arrays()[name]).max())
        for mine, theirs in zip(some, others, strict=True)
        for name, array in mine.arrays().items()
    ]
    return max(np.inf if np.isnan(difference) else difference for difference in differences)
