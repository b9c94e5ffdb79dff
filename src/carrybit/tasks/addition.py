"""Addition of binary numbers, bit by bit, lowest first: the tutorial's task."""

from __future__ import annotations

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Ints, Machine
from carrybit.tasks.numbers import MOST_OPERANDS, PROVABLE, NumberTask, column_names, columns, decimal, digits, number

TUTORIAL = {"noise": 0.2, "updates": 100_000, "until": "updates"}  # its own rules, with noise and for longer
OF_MANY = PROVABLE | {  # tanh does not learn three numbers and more, with noise; sigmoid does
    "activation": "sigmoid",
    "start": 1.0,
    "hidden_dim": 32,
    "noise_ramp": 10_000,
    "updates": 60_000,
}


def addition(bits: int = 8, operands: int = 2) -> NumberTask:
    """Add numbers and remember the carry: the tutorial's task.

    At every step the network reads one bit of each number and answers one bit of the sum, so it has to remember the
    carry. As a machine: the states are the values the carry can have (0 and 1 for two numbers, 0 to k - 1 for k), and
    carry + bits = 2 * next carry + answer. A sum of n bits takes n steps, and its numbers are drawn so small that it
    fits (numbers of one bit for n = 1, where only the lowest bit is asked for).

    Parameters
    ----------
    bits : int, 1 to 100,000
    operands : int, 2 to 8
    """
    checks.whole("operands", operands, 2, MOST_OPERANDS, 2)
    totals = np.arange(operands)[:, None] + columns(operands).sum(axis=1).astype(int)  # (S, A)
    return NumberTask(
        name="addition",
        bits=bits,
        operands=operands,
        machine=Machine(
            states=tuple(f"carry {carry}" for carry in range(operands)),
            symbols=column_names(operands),
            answers=("0", "1"),
            moves=totals // 2,
            outputs=totals % 2,
        ),
        spell=_sum,
        sign="+",
        noun="sums",
        memory="carry",
        chain="carry chains",
        spare=(operands - 1).bit_length(),  # how many bits a sum can be longer than its operands
        title=f"addition of {operands} numbers",
        settings={"bits": bits, "operands": operands},
        recipes={"provable": TUTORIAL if operands == 2 else OF_MANY},
    )


def _sum(answers: Ints, whole: bool) -> str:
    return (decimal if whole else digits)(number(answers))
