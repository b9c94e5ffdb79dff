"""The places of a machine's states on a page, neighbours 1 apart. Nothing here draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.params import Array

MOST_ON_A_LINE, MOST_ON_A_CIRCLE = 6, 16  # states; more of them walk to and fro, in rows
MOST_INTO = 4  # states that lead to one that is never left


@dataclass(frozen=True, eq=False)
class Places:
    """Where states are drawn.

    Parameters
    ----------
    centres : float array (S, 2)
    outward : float array (S,)
        The angle at which there is most room around each state.
    start : float
        The angle at which the start state is entered.
    quiet : tuple of (state, answer)
        Moves that are not drawn, because so many of them lead to a state that is never left.
    hidden : tuple of int
        States that no other move leads to, which are not drawn either.
    """

    centres: Array
    outward: Array
    start: float = math.pi  # from the left
    quiet: tuple[tuple[int, int], ...] = ()
    hidden: tuple[int, ...] = ()


def places(machine: Machine, asked: Array | None = None) -> Places:
    """Place the states of a machine, by its moves on symbols that are asked (S, A), or on all.

    On a line where all moves lead to a neighbour, else on a circle; in rows where that would be too many. Traps, which
    are never left, stand below the line, amid the circle or last.
    """
    states = np.arange(len(machine.states))
    leaves = (machine.moves != states[:, None]) & (True if asked is None else asked)  # (S, A)
    is_trap = ~leaves.any(axis=1) & (states != machine.start)
    walked, traps = states[~is_trap], states[is_trap]
    order = np.cumsum(~is_trap)  # of those that are walked
    far = np.abs(order[machine.moves] - order[:, None])[leaves & ~is_trap[machine.moves]]
    is_line = bool(far.max(initial=0) <= 1)

    is_many = len(walked) > (MOST_ON_A_LINE if is_line else MOST_ON_A_CIRCLE)
    lay = _rows if is_many else _line if is_line else _circle
    quiet, hidden = _quiet(machine, leaves, traps.tolist())
    shown = np.concatenate([walked, np.setdiff1d(traps, hidden)])
    centres, outward = np.zeros((len(states), 2)), np.full(len(states), math.pi / 2)
    centres[shown], outward[shown] = lay(len(walked), len(shown) - len(walked))
    start = float(outward[machine.start]) if lay is _circle else math.pi
    return Places(centres, outward, start, tuple(quiet), tuple(hidden))


def _quiet(machine: Machine, leaves: Array, traps: list[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the (trap, answer) that too many states leave for, and the traps to which nothing else leads."""
    quiet, hidden = [], []
    for trap in traps:
        leads = leaves & (machine.moves == trap)  # (S, A)
        given = np.unique(machine.outputs[leads]).tolist()
        ways = [int((leads & (machine.outputs == answer)).any(axis=1).sum()) for answer in given]
        quiet += [(trap, answer) for answer, count in zip(given, ways, strict=True) if count > MOST_INTO]
        if all(count > MOST_INTO for count in ways):
            hidden.append(trap)
    return quiet, hidden


def _line(walked: int, traps: int) -> tuple[Array, Array]:
    """Place states on a line, and traps below."""
    along = np.concatenate([_spread(walked), 1.5 * _spread(traps)])
    is_trap = np.arange(walked + traps) >= walked
    return np.column_stack([along, -1.2 * is_trap]), np.where(is_trap, -math.pi / 2, math.pi / 2)


def _circle(walked: int, traps: int) -> tuple[Array, Array]:
    """Place states on a circle, clockwise from the top, and a single trap in the middle."""
    amid = int(traps == 1 and walked > 3)
    around = walked + traps - amid
    angles = math.pi / 2 - 2 * math.pi * np.arange(around) / around
    radius = 0.5 / math.sin(math.pi / around)
    centres = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.concatenate([centres, np.zeros((amid, 2))]), np.append(angles, [math.pi / 2] * amid)


def _rows(walked: int, traps: int) -> tuple[Array, Array]:
    """Place states in rows, to and fro.

    An even number of rows, the last one spread, so that a ring closes at the left.
    """
    count = walked + traps
    rows = 2 * max(1, round(math.sqrt(count / 1.5) / 2))
    across = -(-count // rows)
    row, column = np.divmod(np.arange(count), across)
    last = row == row[-1]
    column = np.where(last, np.linspace(0, across - 1, last.sum())[np.cumsum(last) - 1], column)
    centres = np.column_stack([np.where(row % 2, across - 1 - column, column), -row])
    return centres, np.full(count, math.pi / 2)


def _spread(count: int) -> Array:
    """Numbers 1 apart, with 0 in their middle."""
    return np.arange(count) - (count - 1) / 2
