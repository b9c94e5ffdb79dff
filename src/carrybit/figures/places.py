"""The places of a machine's states on a page, neighbours 1 apart. Nothing here draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.params import Array

MOST_ON_A_LINE, MOST_ON_A_CIRCLE = 6, 16  # states; more of them walk to and fro, in rows
LEAST_CIRCLE = 0.95  # its radius: arrows across need room, too
MOST_LEAVES, MOST_DEEP, APART = 16, 8, 1.4  # of a tree, and how far apart its leaves are
LEAST_ON_A_RIM, MOST_ON_A_RIM = 6, 40  # of a wheel
MOST_INTO = 4  # states that lead to one that is never left
Layout = tuple[Array, Array, float]  # the `centres`, `outward` and `start` of the states that are drawn


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

    On a line where all moves lead to a neighbour; as a tree or a wheel where they are one; else on a circle; in rows
    where that would be too many. Traps, which are never left, stand below the line or last.
    """
    states = np.arange(len(machine.states))
    leaves = (machine.moves != states[:, None]) & (True if asked is None else asked)  # (S, A)
    is_trap = ~leaves.any(axis=1) & (states != machine.start)
    walked, traps = states[~is_trap], states[is_trap]
    quiet, hidden = _quiet(machine, leaves, traps.tolist())
    shown = np.concatenate([walked, np.setdiff1d(traps, hidden)])
    order = np.cumsum(~is_trap)  # of those that are walked
    is_line = bool(np.abs(order[machine.moves] - order[:, None])[leaves & ~is_trap[machine.moves]].max(initial=0) <= 1)

    is_next = np.zeros((len(states), len(states)), dtype=bool)
    is_next[np.nonzero(leaves)[0], machine.moves[leaves]] = True
    is_next = (is_next | is_next.T)[np.ix_(shown, shown)]
    first = shown.tolist().index(machine.start)
    if is_line:
        layout = _line(len(walked), len(shown) - len(walked))
    else:
        layout = _tree(is_next, first) or _wheel(is_next, first) or _circle(len(shown), first)
    centres, outward = np.zeros((len(states), 2)), np.full(len(states), math.pi / 2)
    centres[shown], outward[shown], start = layout or _rows(len(shown))
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


def _line(walked: int, traps: int) -> Layout | None:
    """Place a few states on a line, and traps below."""
    if walked > MOST_ON_A_LINE:
        return None
    along = np.concatenate([_spread(walked), 1.5 * _spread(traps)])
    is_trap = np.arange(walked + traps) >= walked
    return np.column_stack([along, -1.2 * is_trap]), np.where(is_trap, -math.pi / 2, math.pi / 2), math.pi


def _tree(is_next: Array, first: int) -> Layout | None:
    """Place the states of a small tree: the first one on top, and each above those that it leads to."""
    parents, order = {first: first}, [first]
    for state in order:  # which grows meanwhile
        new = [after for after in np.flatnonzero(is_next[state]).tolist() if after not in parents]
        parents |= dict.fromkeys(new, state)
        order += new
    depth, width, left, free = np.zeros((4, len(is_next)))  # free: where the next child begins
    for state in order[1:]:
        depth[state] = depth[parents[state]] + 1
    for state in reversed(order):
        width[state] = max(width[state], 1)  # the leaves under it
        width[parents[state]] += width[state] * (state != first)
    if (
        len(order) < len(is_next)
        or is_next.sum() > 2 * len(order) - 2
        or depth.max() > MOST_DEEP
        or width[first] > MOST_LEAVES
    ):
        return None
    for state in order[1:]:
        left[state] = free[state] = free[parents[state]]
        free[parents[state]] += width[state]
    across, up = APART * (left + width / 2), np.zeros(len(is_next))
    aside = np.abs(across - across[[parents[state] for state in range(len(is_next))]])
    for level in range(1, int(depth.max()) + 1):
        up[depth >= level] -= max(1, aside[depth == level].max() / 2)  # or arrows that lead far aside would be too flat
    return np.column_stack([across, up]), np.full(len(is_next), -math.pi / 2), math.pi / 2


def _wheel(is_next: Array, first: int) -> Layout | None:
    """Place a ring of states around one that leads to all of them, or that all of them lead to."""
    hub = int(is_next.sum(axis=1).argmax())
    around = np.delete(np.arange(len(is_next)), hub)
    one, other = np.nonzero(is_next[np.ix_(around, around)])
    apart = np.abs(one - other)
    is_ring = np.minimum(apart, len(around) - apart).max(initial=0) <= 1
    if not (is_ring and is_next[hub].sum() == len(around) and LEAST_ON_A_RIM <= len(around) <= MOST_ON_A_RIM):
        return None
    centres, angles = np.zeros((len(is_next), 2)), np.full(len(is_next), math.pi)
    centres[around], angles[around] = _ring(len(around))
    return centres, angles, float(angles[first])


def _circle(count: int, first: int) -> Layout | None:
    """Place some states on a circle, clockwise from the top."""
    if count > MOST_ON_A_CIRCLE:
        return None
    centres, angles = _ring(count)
    return centres, angles, float(angles[first])


def _rows(count: int) -> Layout:
    """Place states in rows, to and fro.

    An even number of rows, the last one spread, so that a ring closes at the left.
    """
    rows = 2 * max(1, round(math.sqrt(count / 1.5) / 2))
    across = -(-count // rows)
    row, column = np.divmod(np.arange(count), across)
    last = row == row[-1]
    column = np.where(last, np.linspace(0, across - 1, last.sum())[np.cumsum(last) - 1], column)
    centres = np.column_stack([np.where(row % 2, across - 1 - column, column), -row])
    return centres, np.full(count, math.pi / 2), math.pi


def _ring(count: int) -> tuple[Array, Array]:
    """Points on a circle, clockwise from the top and neighbours at least 1 apart, and their angles."""
    angles = math.pi / 2 - 2 * math.pi * np.arange(count) / count
    radius = max(0.5 / math.sin(math.pi / count), LEAST_CIRCLE)
    return radius * np.column_stack([np.cos(angles), np.sin(angles)]), angles


def _spread(count: int) -> Array:
    """Numbers 1 apart, with 0 in their middle."""
    return np.arange(count) - (count - 1) / 2
