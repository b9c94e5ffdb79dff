"""The naming of a machine's states after those of another machine, which somebody knows by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from carrybit.errors import ShapeError
from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.machine import Machine
from carrybit.params import Array


def named_after(found: Machine, known: Machine, asked: Array | None = None) -> Machine:
    """Return the found machine with the names of the known one, where reading side by side pairs their states.

    A state of the found machine that always comes with one state of the known machine gets its name: "carry 0". Where
    several do, they are told apart as "carry 0", "carry 0 (2)". One that comes with different states, or with none, is
    called "q" and its number. Only the names change; whether the two machines answer alike is another question.

    Parameters
    ----------
    found, known : Machine
        Symbols are matched by name; answers do not matter.
    asked : bool array (S, A) of ``known``, or None for all
        Which symbols may come in which state; other words are not read.

    Raises
    ------
    UsageError
        The machines have not the same symbols, or ``asked`` has another shape.
    """
    if asked is not None and np.shape(asked) != known.moves.shape:
        raise ShapeError(f"asked of shape {np.shape(asked)}", f"{known.moves.shape}: (S, A)", "a truth for each move")
    partners = _partners(same_alphabet(found, known.symbols), known, asked)
    states = [*partners, *(state for state in range(len(found.states)) if state not in partners)]
    alone = {state: known.states[min(them)] for state, them in partners.items() if len(them) == 1}
    names = dict(zip(states, distinct([alone.get(state, f"q{state}") for state in states]), strict=True))
    return replace(found, states=tuple(names[state] for state in range(len(states))))


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return the same names, but where one comes again it is numbered: "a", "a (2)", "a (3)"."""
    taken, told = set(names), []
    count: Counter[str] = Counter()
    for name in names:
        count[name] += 1
        new = name
        while count[name] > 1 and (new := f"{name} ({count[name]})") in taken:  # it may be somebody's own name
            count[name] += 1
        taken.add(new)
        told.append(new)
    return tuple(told)


def _partners(found: Machine, known: Machine, asked: Array | None) -> dict[int, set[int]]:
    """Return the states of the known machine that each state of the found one comes with, as words reach them."""
    may = np.ones(known.moves.shape, dtype=bool) if asked is None else asked
    first = found.start, known.start
    partners: dict[int, set[int]] = {found.start: {known.start}}
    for p, q in (pairs := [first]):  # which grows meanwhile
        for symbol in np.flatnonzero(may[q]).tolist():
            after = int(found.moves[p, symbol]), int(known.moves[q, symbol])
            if after[1] not in partners.setdefault(after[0], set()):
                partners[after[0]].add(after[1])
                pairs.append(after)
    return partners
