"""Dyck: brackets of two kinds, nested up to a depth."""

from __future__ import annotations

import itertools

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import DEFAULTS, OF_MANY, SymbolTask

PAIRS = ("()", "[]")
# once broken, all answers are the same, so nothing makes its memory fade; it fades soonest where weights grow slowly
PROVABLE = OF_MANY | {"hidden_dim": 32, "learning_rate": 0.003, "updates": 40_000}
DEEPEST = 6


def dyck(depth: int = 2, length: int = 24) -> SymbolTask:
    """Watch brackets: say at every step which one is to be closed next.

    The answer is the innermost bracket that is open, ( or [, or - if none is; or ! once another one than that was
    closed, or more than ``depth`` were open at once, and from then on. As a machine: a state for every stack of open
    brackets, and a trap. (Without the limit on the depth it would be no finite machine.)

    Parameters
    ----------
    depth : int, 1 to 6
    length : int, 1 to 100,000
    """
    checks.whole("depth", depth, 1, DEEPEST, 2)
    return SymbolTask(
        name="dyck",
        machine=bracket_machine(depth),
        length=length,
        example="([])[",
        title=f"brackets to depth {depth}",
        settings={"depth": depth, "length": length},
        defaults=DEFAULTS | {"hidden_dim": 48, "start": 0.15},
        recipes={"provable": PROVABLE},
    )


def bracket_machine(depth: int) -> Machine:
    """Return the machine: a state for every stack of up to ``depth`` open brackets, the empty one first, and a trap."""
    stacks = ["".join(s) for n in range(depth + 1) for s in itertools.product("([", repeat=n)]
    broken = len(stacks)

    def after(stack: str, symbol: str) -> int:
        """Return the number of the state after a symbol."""
        if symbol in "([":
            return stacks.index(stack + symbol) if len(stack) < depth else broken
        return stacks.index(stack[:-1]) if stack and stack[-1] + symbol in PAIRS else broken

    symbols, answers = ("(", ")", "[", "]"), ("-", "(", "[", "!")
    moves = np.array([[after(stack, symbol) for symbol in symbols] for stack in stacks] + [[broken] * len(symbols)])
    said = np.array([answers.index(stack[-1:] or "-") for stack in stacks] + [answers.index("!")])
    return Machine(
        states=tuple(f"open: {stack}" if stack else "nothing open" for stack in stacks) + ("broken",),
        symbols=symbols,
        answers=answers,
        moves=moves,
        outputs=said[moves],
    )
