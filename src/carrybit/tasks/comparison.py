"""Comparison of two binary numbers, bit by bit, lowest first."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.tasks.numbers import NumberTask, column_names
from carrybit.tasks.symbols import DEFAULTS

DIFFERS = 0.2  # so often two bits differ; uniform numbers differ so often that nothing has to be held for long


def comparison(bits: int = 16) -> NumberTask:
    """Say of two numbers which is larger, as far as they have been read.

    At every step the network reads one bit of each number, lowest first, and answers <, = or >. A higher bit decides
    over all lower ones, so what has to be remembered is the last step at which the bits differed. As a machine: three
    states, equal, less and greater; 01 and 10 set the answer, 00 and 11 keep it. The numbers of a sample are alike:
    they differ in one bit of five.

    Parameters
    ----------
    bits : int, 1 to 100,000
    """
    keep = np.arange(3)
    moves = np.stack([keep, np.full(3, 1), np.full(3, 2), keep], axis=1)
    return NumberTask(
        name="comparison",
        bits=bits,
        machine=Machine(
            states=("equal", "less", "greater"),
            symbols=column_names(2),
            answers=("=", "<", ">"),
            moves=moves,
            outputs=moves,
        ),
        spell=_last,
        sign="?",
        noun="comparisons",
        memory="so far",
        chain="held comparisons",
        likely=np.tile([(1 - DIFFERS) / 2, DIFFERS / 2, DIFFERS / 2, (1 - DIFFERS) / 2], (3, 1)),
        title="comparison of 2 numbers",
        settings={"bits": bits},
        defaults=DEFAULTS,
    )


def _last(answers: Ints, whole: bool) -> str:
    return {0: "=", 1: "<", 2: ">"}.get(int(answers[-1]), "nothing")
