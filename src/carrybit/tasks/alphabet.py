"""Alphabet: say it, from any letter on, forwards or backwards."""

from __future__ import annotations

import string

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import DEFAULTS, SymbolTask

DIRECTIONS = {"forwards": 1, "backwards": -1}
BEGINNINGS = ("first", "middle")


def alphabet(direction: str = "forwards", beginning: str = "middle", length: int | None = None) -> SymbolTask:
    """Hear one letter, then go on saying the alphabet from there, with nothing more to hear.

    At the first step a letter is heard, at all others only a dot, and at each the network says the next letter (after z
    comes a). So it has to remember what it said last: the letters are a chain, each hanging on the one before, and a
    chain has a direction. As a machine: a ring of 26 states.

    Parameters
    ----------
    direction : {"forwards", "backwards"}
    beginning : {"first", "middle"}
        Whether it begins at the first letter (the last one, backwards) or at any.
    length : int, or None for 16 steps from any letter, twice around and two steps from the first
    """
    checks.one_of("direction", direction, DIRECTIONS)
    checks.one_of("beginning", beginning, BEGINNINGS)
    letters = string.ascii_lowercase
    said = np.arange(26)
    after = (said + DIRECTIONS[direction]) % 26
    last = 25 if direction == "forwards" else 0  # as if the letter before the first had been said
    heard = np.tile(after, (27, 1))  # a letter says where to be, whatever was said before; (S, 26)
    moves = np.concatenate([heard, np.append(after, after[last])[:, None]], axis=1)
    likely = np.zeros((27, 27))
    likely[:26, 26] = 1
    likely[26, : 26 if beginning == "middle" else 0] = 1 / 26
    if beginning == "first":
        likely[26, 0 if direction == "forwards" else 25] = 1
    if length is None:
        length = 2 * 26 + 2 if beginning == "first" else 16
    return SymbolTask(
        name="alphabet",
        machine=Machine(
            states=(*(f"said {letter}" for letter in letters), "silent"),
            symbols=(*letters, "."),
            answers=tuple(letters),
            moves=moves,
            outputs=moves,
            start=26,
        ),
        length=length,
        example="m.....",
        title=f"the alphabet {direction}, from {'any letter' if beginning == 'middle' else 'its first letter'}",
        settings={"direction": direction, "beginning": beginning, "length": length},
        likely=likely,
        defaults=DEFAULTS | {"hidden_dim": 32, "start": 0.2},
    )
