"""Subtraction of two binary numbers, bit by bit, lowest first."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints, Machine
from carrybit.tasks.numbers import NumberTask, column_names, columns, decimal, digits, number
from carrybit.tasks.symbols import DEFAULTS


def subtraction(bits: int = 8) -> NumberTask:
    """Subtract one number from another and remember the borrow.

    At every step the network reads one bit of each number and answers one bit of the difference: 1 is borrowed from
    the next step where the upper bit is too small. The last bit of a difference is its sign (two's complement), so the
    numbers are drawn one bit shorter, and 9 - 60 is -51. As a machine: two states, borrow 0 and borrow 1.

    Parameters
    ----------
    bits : int, 1 to 100,000
    """
    upper, lower = columns(2).astype(int).T
    differences = upper - lower - np.arange(2)[:, None]  # (S, A)
    return NumberTask(
        name="subtraction",
        bits=bits,
        machine=Machine(
            states=("borrow 0", "borrow 1"),
            symbols=column_names(2),
            answers=("0", "1"),
            moves=(differences < 0).astype(int),
            outputs=differences % 2,
        ),
        spell=_difference,
        sign="-",
        noun="differences",
        memory="borrow",
        chain="borrow chains",
        spare=1,
        title="subtraction of 2 numbers",
        settings={"bits": bits},
        defaults=DEFAULTS,
    )


def _difference(answers: Ints, whole: bool) -> str:
    is_negative = bool(len(answers) > 1 and answers[-1] == 1)
    value = number(answers) - (1 << len(answers)) * is_negative
    return (decimal if whole else digits)(value)
