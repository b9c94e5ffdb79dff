"""View: where a person stands in a walk, which units are looked at, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass

from carrybit.tracing import Trace
from carrybit.walk.script import BACKWARD, FORWARD, Scene


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """A scene, looked at.

    Parameters
    ----------
    scene : Scene
    stops : int
        Of the whole walk.
    unit : int
        A hidden unit, or an output where the scene is of outputs.
    said : tuple of str
        What stands below: checks that were made, what was wrong with an entry.
    """

    scene: Scene
    stops: int
    unit: int
    said: tuple[str, ...] = ()

    @property
    def trace(self) -> Trace:
        """The trace that is walked through."""
        return self.scene.trace

    def is_made(self, stop: str, t: int) -> bool:
        """Whether something of a step is known here: the walk has been there, or is there."""
        time, number = self.trace.time, self.scene.number
        if stop in FORWARD:
            return number >= 3 * t + FORWARD.index(stop)
        return number >= 3 * (2 * time - 1 - t) + BACKWARD.index(stop)
