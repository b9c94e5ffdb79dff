"""Latch: which mark was the last, whatever noise came since."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import DEFAULTS, SymbolTask

MARKED = 0.1  # so often a mark comes, for the noise between to be long


def latch(length: int = 24) -> SymbolTask:
    """Hold a marked symbol through any stretch of noise: keep the important, forget the irrelevant.

    The marks are A and B, the noise is x and y; at every step the network says which mark was the last (- before any).
    One symbol of ten is a mark. As a machine: three states, holding nothing, A or B; marks set it and noise keeps it.

    Parameters
    ----------
    length : int, 1 to 100,000

    Source: the latching problem of Bengio, Simard and Frasconi 1994, "Learning long-term dependencies with gradient
    descent is difficult", section 2.
    """
    states = np.arange(3)
    moves = np.stack([np.full(3, 1), np.full(3, 2), states, states], axis=1)
    return SymbolTask(
        name="latch",
        machine=Machine(
            states=("nothing yet", "holds A", "holds B"),
            symbols=("A", "B", "x", "y"),
            answers=("-", "A", "B"),
            moves=moves,
            outputs=moves,
        ),
        length=length,
        example="Axyxxyxy",
        title="latch",
        settings={"length": length},
        likely=np.tile([MARKED / 2, MARKED / 2, (1 - MARKED) / 2, (1 - MARKED) / 2], (3, 1)),
        defaults=DEFAULTS | {"hidden_dim": 8},
    )
