"""Counting: how many ones there were so far, modulo n."""

from __future__ import annotations

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import SymbolTask

MOST = 64


def counting(modulus: int = 3, length: int = 24) -> SymbolTask:
    """Count the ones, beginning again at 0 after ``modulus`` - 1.

    At every step the network says the count so far. As a machine: a ring of ``modulus`` states; 1 goes one further, 0
    stays. Counting modulo 2 is parity.

    Parameters
    ----------
    modulus : int, 2 to 64
    length : int, 1 to 100,000
    """
    checks.whole("modulus", modulus, 2, MOST, 3)
    count = np.arange(modulus)
    moves = np.stack([count, (count + 1) % modulus], axis=1)
    names = tuple(map(str, range(modulus)))
    return SymbolTask(
        name="counting",
        machine=Machine(
            states=tuple(f"{name} so far" for name in names),
            symbols=("0", "1"),
            answers=names,
            moves=moves,
            outputs=moves,
        ),
        length=length,
        example="110101",
        title=f"counting modulo {modulus}",
        settings={"modulus": modulus, "length": length},
    )
