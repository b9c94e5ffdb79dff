"""The alphabet of a machine, its symbols and answers, brought into the order that somebody else has them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Machine

MOST_TOLD = 8  # names in an error


def same_alphabet(machine: Machine, symbols: Sequence[str], answers: Sequence[str] | None = None) -> Machine:
    """Return the same machine with its symbols and answers in a given order.

    Parameters
    ----------
    machine : Machine
    symbols, answers : sequences of str
        The names of the machine in another order; None leaves the answers as they are.

    Raises
    ------
    UsageError
        A name is missing in the machine, or is too much; says which.
    """
    columns = _places("symbols", machine.symbols, symbols)
    answers = machine.answers if answers is None else answers
    kept = _places("answers", machine.answers, answers)
    number = np.empty(len(kept), dtype=np.int64)
    number[kept] = np.arange(len(kept))  # of an answer, by what it was
    return replace(
        machine,
        symbols=tuple(symbols),
        answers=tuple(answers),
        moves=machine.moves[:, columns],
        outputs=number[machine.outputs[:, columns]],
    )


def _places(kind: str, names: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return where each wanted name stands among the names."""
    for several in (names, wanted):
        if doubled := [name for name in dict.fromkeys(several) if several.count(name) > 1]:
            raise UsageError(f"{kind} with the same name: {_told(doubled)}", "each name once", "other names")
    place = {name: number for number, name in enumerate(names)}
    missing, extra = [name for name in wanted if name not in place], [name for name in names if name not in set(wanted)]
    if missing or extra:
        parts = [f"without {_told(missing)}" if missing else "", f"with {_told(extra)}" if extra else ""]
        raise UsageError(
            f"a machine {' and '.join(filter(None, parts))} among its {kind}",
            f"the {kind} {_told(wanted)}, in any order",
            f'the same {kind} in both; in JSON "{kind}" may list names that are never used',
        )
    return [place[name] for name in wanted]


def _told(names: Sequence[str]) -> str:
    told = ", ".join(repr(name) for name in names[:MOST_TOLD])
    return told if len(names) <= MOST_TOLD else f"{told}, … ({len(names)})"
