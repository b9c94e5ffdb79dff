"""The limits of a machine that a person brings: its size, and names that can be typed and printed."""

from __future__ import annotations

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Machine

MOST_STATES, MOST_SYMBOLS = 4_096, 256


def check(machine: Machine, what: str = "a machine") -> Machine:
    """Return the machine if it is one that a network can be asked to learn.

    Raises
    ------
    UsageError
        It is too large, a name cannot be written, or there is nothing to learn: it always gives the same answer.
    """
    check_symbols(machine.symbols)
    if len(machine.states) > MOST_STATES:
        raise too_many_states(f"a machine of {len(machine.states):,} states")
    for name in (*machine.states, *machine.answers):
        if not name or not name.isprintable():
            raise UsageError(f"the name {name!r}", "names that can be printed", "letters and digits")
    given = np.unique(machine.outputs).tolist()
    if len(given) < 2:
        raise UsageError(
            f"{what} that always answers {machine.answers[given[0]]!r}",
            "two answers or more, or there is nothing to learn",
            "a rule that tells words apart",
        )
    return machine


def check_symbols(symbols: tuple[str, ...]) -> None:
    """Raise a UsageError if there are too many, or if one of them cannot be typed between two spaces."""
    if len(symbols) > MOST_SYMBOLS:
        raise UsageError(f"more than {MOST_SYMBOLS:,} symbols", f"at most {MOST_SYMBOLS:,}", "fewer symbols")
    for symbol in symbols:
        if not symbol or not symbol.isprintable() or " " in symbol:
            raise UsageError(f"the symbol {symbol!r}", "symbols that can be printed, without spaces", "_ for a space")


def too_many_states(received: str) -> UsageError:
    """Return the error for what would become too large."""
    return UsageError(received, f"at most {MOST_STATES:,} states", "a simpler rule")
