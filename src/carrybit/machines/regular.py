"""Regular expressions as machines that say, after each symbol, whether all they have read matches.

Patterns are read by greenery (the extra "machines"), which is loaded when used. They are unfolded in `unfolding`,
because greenery's own machines have no limit, and a short pattern can need millions of states.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from carrybit.errors import UsageError
from carrybit.machines import limits
from carrybit.machines.machine import Machine
from carrybit.machines.unfolding import Repeat, Sequence, unfold

MOST_LETTERS = 1_000  # of a pattern
LONGEST_NAME, LONGEST_SHOWN = 16, 60  # letters of a word that names a state, of a pattern in an error
DIALECT = r"symbols, ( ) | * + ? {2,3} [a-z] [^a] . \d \w, and \ before a sign that is meant as it stands"
INNER = re.compile(r"\\.|\[\^?\]?(\\.|[^\\\]])*\]", re.DOTALL)  # what stands after \ or in [ ]


def machine_from_regex(pattern: str, alphabet: str | None = None) -> Machine:
    """Return the smallest machine that answers "yes" where all it has read matches a pattern, and "no" where not.

    States are named by the shortest word that leads to them; "always" and "never again" are never left.

    Parameters
    ----------
    pattern : str
        As Python's `re` reads it, without what only searching needs (anchors, look-ahead, back references).
        A "." is any symbol of the alphabet.
    alphabet : str, or None
        The symbols, in order. None: the characters that the pattern names, those of its classes too, sorted.

    Raises
    ------
    UsageError
        The pattern makes no sense or leaves nothing to learn, or its machine is too large.
    """
    shown = repr(pattern if len(pattern) <= LONGEST_SHOWN else pattern[:LONGEST_SHOWN] + "…")
    tree = _parse(pattern, f"the pattern {shown}")
    classes = list(dict.fromkeys(_classes(tree)))
    symbols = _characters(classes) if alphabet is None else tuple(dict.fromkeys(alphabet))
    if not symbols:
        raise UsageError(f"the pattern {shown} and no symbols", "at least one symbol", 'an alphabet, such as "ab"')
    limits.check_symbols(symbols)
    kinds, members = _kinds(classes, symbols)
    for one in classes:
        if not members[one]:
            raise UsageError(
                f"{one} in the pattern {shown}, which stands for no symbol",
                f"the symbols are {''.join(symbols)}",
                "name the symbols in an alphabet",
            )
    moves, is_match = unfold(_sequence(tree, members), 1 + max(kinds))
    moves = moves[:, kinds]
    names = tuple(str(state) for state in range(len(moves)))
    machine = Machine(names, symbols, ("no", "yes"), moves, is_match[moves]).minimal()
    return replace(limits.check(machine, f"the pattern {shown}"), states=_names(machine))


def _parse(pattern: str, what: str) -> Any:
    """Return the pattern as greenery's tree: choices of sequences of repeated classes."""
    try:
        from greenery.parse import NoMatch, parse
    except ImportError as error:
        raise UsageError(
            "a regular expression, without greenery", 'the extra "machines"', 'pip install "carrybit[machines]"'
        ) from error
    if len(pattern) > MOST_LETTERS:
        raise UsageError(f"a pattern of {len(pattern):,} letters", f"at most {MOST_LETTERS:,}", "a simpler pattern")
    try:
        with warnings.catch_warnings(action="ignore"):  # of what Python may come to read otherwise
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{what} ({error})", DIALECT, "(ab)*") from error
    if anchor := re.search(r"[\^$]", INNER.sub("", pattern)):
        raise UsageError(f"{anchor[0]} in {what}", "a pattern for all that was read", f"without {anchor[0]}")
    try:
        return parse(re.sub(r"\\([^\w\s])", _as_number, pattern))
    except (NoMatch, ValueError, IndexError, RecursionError) as error:
        raise UsageError(f"{what}, part of which is not read here", DIALECT, "(ab)*") from error


def _as_number(escaped: re.Match[str]) -> str:
    r"""Write an escaped sign as greenery reads every one of them, such as \x2d."""
    return f"\\x{ord(escaped[1]):02x}" if escaped[1].isascii() else escaped[1]


def _classes(tree: Any) -> Iterator[Any]:
    """Yield the classes of characters in greenery's tree; a single character is one, too."""
    for repeated in (repeated for sequence in tree.concs for repeated in sequence.mults):
        piece = repeated.multiplicand
        yield from _classes(piece) if hasattr(piece, "concs") else [piece]


def _characters(classes: list[Any]) -> tuple[str, ...]:
    """Return the characters that classes name, sorted; of a very large class, one more than is allowed."""
    return tuple(sorted({letter for one in classes for letter in islice(one.get_chars(), limits.MOST_SYMBOLS + 1)}))


def _kinds(classes: list[Any], symbols: tuple[str, ...]) -> tuple[list[int], dict[Any, frozenset[int]]]:
    """Return the kind of each symbol, and the kinds in each class; no class tells symbols of one kind apart."""
    marks = [tuple(one.accepts(symbol) for one in classes) for symbol in symbols]
    numbers = {mark: kind for kind, mark in enumerate(dict.fromkeys(marks))}
    members = {one: frozenset(kind for mark, kind in numbers.items() if mark[k]) for k, one in enumerate(classes)}
    return [numbers[mark] for mark in marks], members


def _sequence(tree: Any, members: Mapping[Any, frozenset[int]]) -> Sequence:
    """Return greenery's tree without greenery, with the kinds of symbols in place of the classes."""

    def piece(part: Any) -> frozenset[int] | tuple[Sequence, ...]:
        return tuple(map(sequence, part.concs)) if hasattr(part, "concs") else members[part]

    def sequence(part: Any) -> Sequence:
        return tuple(Repeat(piece(m.multiplicand), m.multiplier.min.v, m.multiplier.max.v) for m in part.mults)

    return (Repeat(piece(tree), 1, 1),)


def _names(machine: Machine) -> tuple[str, ...]:
    """Return a name for each state of a minimal machine, by what is known there."""
    words = {**machine.shortest_words(), machine.start: ()}
    names = []
    for state, (after, answers) in enumerate(zip(machine.moves, machine.outputs, strict=True)):
        word = "".join(machine.symbols[symbol] for symbol in words[state])
        if (after == state).all() and (answers == answers[0]).all():
            names.append("always" if answers[0] else "never again")
        elif not word:
            names.append("start")
        else:
            names.append(f'after "{word}"' if len(word) <= LONGEST_NAME else f"state {state}")
    return tuple(names)
