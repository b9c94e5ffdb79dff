"""The listing of a machine: its moves as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from carrybit.machines.arrows import spell, together
from carrybit.machines.machine import Machine
from carrybit.params import Array

MOST_ROWS = 200
GAP = "  "


def listing(machine: Machine, width: int = 100, asked: Array | None = None) -> list[str]:
    """Return the lines of a table: a row for each state, a column for the symbols that do the same in every state.

    A cell says "answer → next state"; → stands before the start state, too. Where that is wider than ``width``, there
    is a row for each way out of a state, and long names are cut. Of very many rows only the first ones are told.
    ``asked``, a bool array (S, A), says which symbols may come in which state: then only those are told, one way a row.
    """
    lines = _lines(_wide(machine))
    if max(map(len, lines)) > width or asked is not None:
        most = max(8, (width - 1 - 4 * len(GAP)) // 4)
        lines = _lines([[_cut(cell, most) for cell in row] for row in _narrow(machine, asked)])
    hidden = len(lines) - 1 - MOST_ROWS
    return [*lines[: MOST_ROWS + 1], f"… and {hidden:,} more rows"] if hidden > 0 else lines


def _wide(machine: Machine) -> list[list[str]]:
    """Return a row for each state."""
    alike: dict[bytes, list[int]] = {}
    for symbol in range(len(machine.symbols)):
        key = machine.moves[:, symbol].tobytes() + machine.outputs[:, symbol].tobytes()
        alike.setdefault(key, []).append(symbol)
    heads = spell([[machine.symbols[symbol] for symbol in symbols] for symbols in alike.values()])
    rows = [["", "state", *heads]]
    for state, name in enumerate(machine.states):
        columns = [symbols[0] for symbols in alike.values()]
        moves = zip(machine.outputs[state, columns], machine.moves[state, columns], strict=True)
        cells = [f"{machine.answers[answer]} → {machine.states[after]}" for answer, after in moves]
        rows.append(["→" * (state == machine.start), name, *cells])
    return rows


def _narrow(machine: Machine, asked: Array | None) -> list[list[str]]:
    """Return a row for each way out of a state."""
    rows = [["", "state", "symbols", "answer", "next state"]]
    for state, name in enumerate(machine.states):
        for k, (symbols, answer, after) in enumerate(together(machine, state, asked)):
            start = ["→" * (state == machine.start), name] if k == 0 else ["", ""]
            rows.append([*start, symbols, machine.answers[answer], machine.states[after]])
    return rows


def _cut(cell: str, most: int) -> str:
    return cell if len(cell) <= most else f"{cell[: most - 1]}…"


def _lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines, the cells of a column under each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [GAP.join(map(str.ljust, row, widths)).rstrip() for row in rows]
