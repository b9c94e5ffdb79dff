"""A machine as a short program in Python, which needs nothing but Python."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Sequence

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Machine
from carrybit.machines.naming import distinct
from carrybit.params import Array

WIDTH = 100  # of a line
MOST_LINES = 40  # of a table with one move on each
HEAD = '''def {name}(symbols):
    """Yield the answer to each symbol."""
    table = {{  # state: {{symbol: (answer, next state)}}
'''
LOOP = """    }}
    state = {start}
    for symbol in symbols:
        answer, state = table[state][symbol]
        yield answer
"""


def program(machine: Machine, name: str = "machine", asked: Array | None = None) -> str:
    """Return a generator in Python that gives a machine's answers, by name, to symbols, by name.

    Parameters
    ----------
    machine : Machine
    name : str
        Of the function.
    asked : bool array (S, A), or None for all
        Which symbols may come in which state; the table has no others.

    Raises
    ------
    UsageError
        The name is none that a function can have.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"a function called {name!r}", "a name as Python has them", "machine")
    states, symbols, answers = (
        [*map(_text, names)] for names in (distinct(machine.states), machine.symbols, machine.answers)
    )
    rows = []
    may = np.ones(machine.moves.shape, bool) if asked is None else asked
    for state, moves, outputs, here in zip(
        states, machine.moves.tolist(), machine.outputs.tolist(), may.tolist(), strict=True
    ):
        ways = [f"({answers[answer]}, {states[after]})" for answer, after in zip(outputs, moves, strict=True)]
        entries = [f"{symbol}: {way}," for symbol, way, comes in zip(symbols, ways, here, strict=True) if comes]
        rows.append(_row(state, entries, is_small=machine.moves.size <= MOST_LINES))
    return HEAD.format(name=name) + "".join(rows) + LOOP.format(start=states[machine.start])


def _row(state: str, entries: Sequence[str], is_small: bool) -> str:
    """Return the moves out of a state: on one line where they fit, else a line for each, or many on each of a few."""
    row = f"        {state}: {{{' '.join(entries)[:-1]}}},\n"
    if len(row) <= WIDTH + 1:
        return row
    lines = entries if is_small else _filled(entries)
    return f"        {state}: {{\n" + "".join(f"            {line}\n" for line in lines) + "        },\n"


def _filled(entries: Iterable[str]) -> list[str]:
    """Return as many entries on each line as there is room for."""
    lines = [""]
    for entry in entries:
        if lines[-1] and len(lines[-1]) + len(entry) > WIDTH - 13:
            lines.append("")
        lines[-1] += f" {entry}" if lines[-1] else entry
    return lines


def _text(name: str) -> str:
    """Return a name as Python writes it, in double quotes where they are plain to read."""
    return f'"{name}"' if name.isprintable() and not set(name) & set('"\\') else repr(name)
