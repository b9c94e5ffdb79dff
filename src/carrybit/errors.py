"""Every exception carrybit raises on purpose, with the exit code the command line gives it.

    CarrybitError               1
    ├── UsageError              2    what was asked for is not allowed
    │   ├── SettingError        2    one named setting has a value that is not allowed
    │   ├── ShapeError          2    an array does not have the shape the network needs
    │   └── RunError            2    a run folder is missing, damaged, foreign, busy or too new
    ├── DivergedError           1    training left the finite numbers
    └── SaveError               1    the disk would not take a checkpoint

Each says three things, one line each: what was received, what is allowed, and the fix.
"""

from __future__ import annotations

from typing import Any


class CarrybitError(Exception):
    """An error that a person can act on: what was received, what is allowed, the fix."""

    exit_code = 1

    def __init__(self, received: str, allowed: str, fix: str) -> None:
        super().__init__(received, allowed, fix)
        self.received, self.allowed, self.fix = received, allowed, fix

    def __str__(self) -> str:
        return f"{self.received}\nallowed: {self.allowed}\nfix: {self.fix}"


class UsageError(CarrybitError):
    """What was asked for is not allowed."""

    exit_code = 2


class SettingError(UsageError):
    """A named setting, such as ``hidden_dim``, has a value that is not allowed."""

    def __init__(self, name: str, value: object, allowed: str, instead: object) -> None:
        super().__init__(f"{name} = {value!r}", allowed, f"{name} = {instead!r}")
        self.name, self.value, self.instead = name, value, instead

    def __reduce__(self) -> tuple[Any, ...]:  # so that it comes back whole from another process
        return type(self), (self.name, self.value, self.allowed, self.instead)


class ShapeError(UsageError):
    """An array does not have the shape the network needs."""


class RunError(UsageError):
    """A run folder is missing, damaged, foreign, busy or too new."""


class DivergedError(CarrybitError):
    """Training left the finite numbers; ``state`` is the last good one (None outside training)."""

    def __init__(self, received: str, allowed: str, fix: str, state: Any = None) -> None:
        super().__init__(received, allowed, fix)
        self.state = state

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.received, self.allowed, self.fix, self.state)


class SaveError(CarrybitError):
    """The disk would not take a checkpoint; what was saved before is untouched."""
