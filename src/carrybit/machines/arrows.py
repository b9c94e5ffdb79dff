"""The arrows of a machine: all moves from one state to another, with a label a person can read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from carrybit.machines.machine import Machine
from carrybit.params import Array

FEW = 3  # symbols that are written out; more are "any other" where they can be, or else counted


class Arrow(NamedTuple):
    """All moves between two states; each label tells of those with one answer: "01, 10 / 1"."""

    source: int
    target: int
    labels: tuple[str, ...]


def arrows(machine: Machine, without: Collection[tuple[int, int]] = (), asked: Array | None = None) -> list[Arrow]:
    """Return the arrows of a machine, by source and then by symbol, without the moves to some (target, answer).

    ``asked``, a bool array (S, A), says which symbols may come in which state; moves on others are no arrows.
    """
    found: dict[tuple[int, int], list[str]] = {}
    for source in range(len(machine.states)):
        for symbols, answer, target in together(machine, source, asked):
            if (target, answer) not in without:
                label = f"{symbols} / {machine.answers[answer]}"
                found.setdefault((source, target), []).append(label)
    return [Arrow(source, target, tuple(labels)) for (source, target), labels in found.items()]


def together(machine: Machine, source: int, asked: Array | None = None) -> list[tuple[str, int, int]]:
    """Return the moves out of a state as (symbols, answer, target): those that do the same are told as one."""
    alike: dict[tuple[int, int], list[str]] = {}
    for a, symbol in enumerate(machine.symbols):
        if asked is None or asked[source, a]:
            move = int(machine.outputs[source, a]), int(machine.moves[source, a])
            alike.setdefault(move, []).append(symbol)
    heads = spell(list(alike.values()))
    return [(head, answer, target) for head, (answer, target) in zip(heads, alike, strict=True)]


def spell(groups: Sequence[Sequence[str]]) -> list[str]:
    """Return a few words for each of several groups that are all the symbols together."""
    largest = max(range(len(groups)), key=lambda k: len(groups[k]), default=None)
    return [
        ", ".join(group)
        if len(group) <= FEW
        else ("any" if len(groups) == 1 else "any other")
        if k == largest
        else f"{group[0]}, {group[1]}, … ({len(group)})"
        for k, group in enumerate(groups)
    ]
