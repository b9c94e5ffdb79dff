"""Recall: what was heard some steps ago."""

from __future__ import annotations

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import DEFAULTS, SymbolTask

MOST = 12


def recall(lag: int = 2, length: int = 32) -> SymbolTask:
    """Say again what was heard ``lag`` steps ago (0 before anything was).

    All of the last ``lag`` symbols have to be held at once, each for as long, and each then let go. As a machine: a
    shift register of 2**lag states, named by what is held, the oldest first.

    Parameters
    ----------
    lag : int, 1 to 12
    length : int, 1 to 100,000
    """
    checks.whole("lag", lag, 1, MOST, 2)
    held = np.arange(2**lag)
    oldest = held >> (lag - 1)
    return SymbolTask(
        name="recall",
        machine=Machine(
            states=tuple(f"holds {state:0{lag}b}" for state in held),
            symbols=("0", "1"),
            answers=("0", "1"),
            moves=np.stack([(held << 1 | heard) % 2**lag for heard in (0, 1)], axis=1),
            outputs=np.stack([oldest, oldest], axis=1),
        ),
        length=length,
        example="1101000",
        title=f"recall after {lag} step{'s' * (lag > 1)}",
        settings={"lag": lag, "length": length},
        defaults=DEFAULTS | {"hidden_dim": 32, "learning_rate": 0.003},
    )
