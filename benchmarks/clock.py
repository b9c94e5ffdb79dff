"""The clock: everybody once, then everybody once more, so that a busy moment of the machine is shared by all."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any


def once(go: Callable[[], Any]) -> float:
    """Return how many seconds a call takes."""
    begun = time.perf_counter()
    go()
    return time.perf_counter() - begun


def in_turn(goes: Sequence[Callable[[], Any]], runs: int) -> list[list[float]]:
    """Call each ``runs`` times, in turn, after a call that is not counted; return the seconds of each."""
    for go in goes:
        go()
    gc.collect()
    gc.disable()
    try:
        rounds = [[once(go) for go in goes] for _ in range(runs)]
    finally:
        gc.enable()
    return [list(seconds) for seconds in zip(*rounds, strict=True)]
