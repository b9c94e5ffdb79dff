"""Parity: whether the number of ones so far is odd."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import SymbolTask


def parity(length: int = 16) -> SymbolTask:
    """Say at every step whether the number of ones so far is odd (1) or even (0).

    The smallest task that cannot be done without memory, and the one in which nothing may ever be forgotten: every
    single one changes every answer after it. As a machine: two states, even and odd; 1 changes the state, 0 keeps it.

    Parameters
    ----------
    length : int, 1 to 100,000
    """
    return SymbolTask(
        name="parity",
        machine=Machine(
            states=("even", "odd"),
            symbols=("0", "1"),
            answers=("0", "1"),
            moves=np.array([[0, 1], [1, 0]]),
            outputs=np.array([[0, 1], [1, 0]]),
        ),
        length=length,
        example="1101",
        title="parity of ones",
        settings={"length": length},
    )
