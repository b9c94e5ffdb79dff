"""Checks of single settings: each returns the value it was given, or raises a SettingError that names the fix."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable

from carrybit.errors import SettingError


def whole(name: str, value: object, low: int, high: int, instead: int) -> int:
    """``value`` if it is a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SettingError(name, value, f"a whole number from {low:,} to {high:,}", instead)
    return value


def positive(name: str, value: object, instead: float) -> float:
    """``value`` if it is a finite number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= sys.float_info.max:
        raise SettingError(name, value, "a finite number above 0", instead)
    return float(value)


def not_negative(name: str, value: object, high: float, instead: float) -> float:
    """``value`` if it is a number from 0 to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
        raise SettingError(name, value, f"a number from 0 to {high:,.0f}", instead)
    return float(value)


def true_or_false(name: str, value: object) -> bool:
    """``value`` if it is True or False."""
    if not isinstance(value, bool):
        raise SettingError(name, value, "True or False", bool(value))
    return value


def one_of(name: str, value: object, allowed: Iterable[str]) -> str:
    """``value`` if it is one of the ``allowed`` names; else the fix is the nearest of them, or the first."""
    names = list(allowed)
    if not isinstance(value, str) or value not in names:
        near = difflib.get_close_matches(str(value), names, n=1)
        raise SettingError(name, value, ", ".join(names), near[0] if near else names[0])
    return value
