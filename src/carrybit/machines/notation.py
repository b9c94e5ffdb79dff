"""The notation of machines: JSON that is easy to type by hand.

    {
      "moves": {
        "even": {"0": "even", "1": "odd"},
        "odd": {"0": "odd", "1": "even"}
      },
      "outputs": {
        "even": {"0": "no", "1": "yes"},
        "odd": {"0": "yes", "1": "no"}
      }
    }

``moves`` says where each state goes on each symbol, ``outputs`` what is answered then. Where the answer depends on the
new state alone, one answer for each state says the same (a Moore machine): ``"outputs": {"even": "no", "odd": "yes"}``.

``"start": "even"`` may name the state to begin in, which is otherwise the first one. ``"states"``, ``"symbols"`` and
``"answers"`` may list the names in an order; otherwise they stand in the order in which they appear. States that no
word leads to are left out of the machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines import limits
from carrybit.machines.machine import Ints, Machine

REQUIRED, OPTIONAL = ("moves", "outputs"), ("start", "states", "symbols", "answers")
MOST_BYTES = 10_000_000
DOCS = "see docs/machines.md"


def read_machine(path: str | Path) -> Machine:
    """Read a machine from a file in JSON, as docs/machines.md has it.

    Raises
    ------
    UsageError
        It cannot be read, or is no machine; names the file and the spot.
    """
    try:
        return machine_from_json(_parse(_text(Path(path))))
    except UsageError as error:
        raise UsageError(f"{path}: {error.received}", error.allowed, error.fix) from error


def machine_from_json(about: Mapping[str, Any]) -> Machine:
    """Return the machine that an object in this notation tells of.

    Raises
    ------
    UsageError
        It tells of none; names the state and the symbol.
    """
    _check_keys(about)
    states = _names(about, "states", _mapping("moves", about["moves"]))
    symbols = _names(about, "symbols", _inner(about["moves"].values()))
    answers = _names(about, "answers", _leaves(_mapping("outputs", about["outputs"]).values()))
    state, answer = _numbered(states), _numbered(answers)
    moves = _table("moves", about["moves"], states, symbols, state)
    if any(isinstance(output, str) for output in about["outputs"].values()):  # one answer for each new state
        outputs = _row("outputs", about["outputs"], states, answer)[moves]
    else:
        outputs = _table("outputs", about["outputs"], states, symbols, answer)
    start = _number("start", about.get("start", states[0]), state)
    return limits.check(Machine(states, symbols, answers, moves, outputs, start).reachable())


def machine_to_json(machine: Machine) -> dict[str, Any]:
    """Return the object that `machine_from_json` reads."""

    def rows(table: Ints, names: Sequence[str]) -> dict[str, dict[str, str]]:
        inner = ({symbol: names[i] for symbol, i in zip(machine.symbols, row, strict=True)} for row in table)
        return dict(zip(machine.states, inner, strict=True))

    return {
        "start": machine.states[machine.start],
        "symbols": list(machine.symbols),
        "answers": list(machine.answers),
        "moves": rows(machine.moves, machine.states),
        "outputs": rows(machine.outputs, machine.answers),
    }


def _text(path: Path) -> str:
    """Return what a file holds."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot be read ({error.strerror or error})", "a file with a machine in JSON", DOCS
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("is no text in UTF-8", "a file with a machine in JSON", DOCS) from error
    if len(content) > MOST_BYTES:
        raise UsageError("is too large", f"at most {MOST_BYTES:,} bytes", "a smaller machine")
    return text


def _parse(text: str) -> Any:
    """Return what a text in JSON says."""
    try:
        return json.loads(text, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        spot = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"no JSON at {spot} ({error.msg})", "a machine in JSON", f"look at {spot}; {DOCS}") from error
    except (ValueError, RecursionError) as error:  # a number of very many digits, brackets in brackets without end
        raise UsageError("JSON that no machine needs", "a machine in JSON", DOCS) from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, where JSON would silently take the second."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise UsageError(f"{_quoted(key)} twice in one object", "each name once", "another name for one of them")
        found[key] = value
    return found


def _check_keys(about: object) -> None:
    for key in REQUIRED:
        if key not in _mapping("the machine", about):
            raise UsageError(f'no "{key}"', " and ".join(REQUIRED), f'"{key}": {{…}}; {DOCS}')
    for key in _mapping("the machine", about):
        if key not in REQUIRED + OPTIONAL:
            raise UsageError(f"a key {_quoted(key)}", ", ".join(REQUIRED + OPTIONAL), f"leave it out; {DOCS}")


def _mapping(where: str, value: object) -> Mapping[str, Any]:
    """``value`` if it is an object with something in it."""
    if not isinstance(value, Mapping) or not value:
        raise UsageError(f"{where}: {_quoted(value)}", "an object with at least one entry, {…}", DOCS)
    return value


def _inner(rows: Iterable[Any]) -> Iterable[Any]:
    """Return the keys of objects in an object."""
    return (key for row in rows if isinstance(row, Mapping) for key in row)


def _leaves(rows: Iterable[Any]) -> Iterable[Any]:
    """Return what stands in the objects of an object, or in itself."""
    return (value for row in rows for value in (row.values() if isinstance(row, Mapping) else [row]))


def _names(about: Mapping[str, Any], key: str, found: Iterable[Any]) -> tuple[str, ...]:
    """Return the names that are listed, or else those that were found, each once and in order."""
    names = about.get(key, [*dict.fromkeys(name for name in found if isinstance(name, str))])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{key}: {_quoted(names)}", f"a list of {key}, each in quotes", f'"{key}": ["a", "b"]')
    if len(set(names)) < len(names):
        raise UsageError(f"{key}: {_quoted(names)}", "each name once", _quoted([*dict.fromkeys(names)]))
    return tuple(names)


def _numbered(names: Sequence[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names)}


def _table(where: str, rows: Any, states: Sequence[str], symbols: Sequence[str], numbers: Mapping[str, int]) -> Ints:
    """Return objects in an object as the numbers of the names in it: (S, A)."""
    entries = _entries(where, rows, states)
    return np.array([_row(f"{where} of {_quoted(state)}", row, symbols, numbers) for state, row in entries])


def _row(where: str, row: Any, keys: Sequence[str], numbers: Mapping[str, int]) -> Ints:
    """Return an object as the numbers of the names in it, in the order of its keys."""
    return np.array([_number(f"{where} on {_quoted(key)}", name, numbers) for key, name in _entries(where, row, keys)])


def _entries(where: str, row: Any, keys: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the entries of an object in the order of its keys, which must all be there, and no other."""
    for key in keys:
        if key not in _mapping(where, row):
            raise UsageError(f"{where}: nothing for {_quoted(key)}", f"an entry for each of {_quoted(keys)}", "add it")
    for key in row if len(row) > len(keys) else ():
        if key not in keys:
            raise UsageError(
                f"{where}: an entry for {_quoted(key)}", f"one for each of {_quoted(keys)}", "leave it out"
            )
    return [(key, row[key]) for key in keys]


def _number(where: str, name: object, numbers: Mapping[str, int]) -> int:
    if not isinstance(name, str) or name not in numbers:
        raise UsageError(f"{where}: {_quoted(name)}", f"one of {_quoted([*numbers])}", _quoted(next(iter(numbers))))
    return numbers[name]


def _quoted(value: object) -> str:
    """Return a value as JSON writes it, in letters that can be printed, and not too long for one line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if not text.isprintable():
        text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:80]}…"
