"""Lassos: words that begin somehow and then repeat a few symbols for ever. Chains are those that repeat one symbol.

A network that is led round and round comes to rest, which settles it for ever: where it remembers, bit by bit, what it
did any number of whole rounds before, it goes on as it did from there. Or it still moves, and may yet go wrong. (Where
nothing but roundings moves for a thousand steps, that counts as rest too.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.slips import piece_of, walked
from carrybit.tasks.task import decide, margins

WORK = 2**30  # products of a piece; of more lassos, those with the least margins go on
LANES = 4  # lassos that are followed about as quickly as one
ORIGINS = 32
STILL, JITTER = 1000, 16  # steps over which no unit moves by more than so many roundings
LONGEST_ROUND = 1024  # symbols, until the machine is in the same state again


class Origin(NamedTuple):
    """Where lassos are thrown from: a word (T,), the machine's state and what the network remembers (M,) after it."""

    word: Ints
    state: int
    memory: Array


@dataclass(frozen=True, eq=False)
class Lassos:
    """B lassos, and how far they were followed.

    Parameters
    ----------
    claim : Claim
    words : list of int arrays
        What was read before, at each one's origin.
    symbols, truth : int arrays (B, P)
        What is read then, and what is right: what leads into the rounds, and one round.
    leads, rounds : int arrays (B,)
        How many symbols each of the two has; rounds end in the machine's state that they begin in.
    memory : float array (B, M)
        What is remembered now.
    steps : int
        Steps since the origin.
    margins : float array (B,)
        The least margin of the last piece.
    """

    claim: Claim
    words: list[Ints]
    symbols: Ints
    truth: Ints
    leads: Ints
    rounds: Ints
    memory: Array
    steps: int
    margins: Array

    def __len__(self) -> int:
        return len(self.words)

    def only(self, kept: Ints) -> Lassos:
        """Return some of them, by number."""
        names = ("symbols", "truth", "leads", "rounds", "memory", "margins")
        return replace(self, words=[self.words[k] for k in kept], **{name: getattr(self, name)[kept] for name in names})

    def places(self, first: int, count: int) -> Ints:
        """Return where steps ``first`` to ``first + count`` are found in the tables, (B, count)."""
        steps, leads, rounds = np.arange(first, first + count), self.leads[:, None], self.rounds[:, None]
        return np.where(steps < leads, steps, leads + (steps - leads) % rounds)

    def word(self, number: int, steps: int) -> Ints:
        """Return the word (T,) of one of them, with so many steps since its origin."""
        one = self.only(np.array([number]))
        return np.concatenate([one.words[0], one.symbols[0, one.places(0, steps)[0]]])

    def state(self, number: int) -> int:
        """Return the machine's state now."""
        return int(walked(self.claim.machine, self.word(number, self.steps)[None])[0, -1])


class Piece(NamedTuple):
    """What came of following lassos a little farther.

    lassos : those that go on: nothing was wrong, and they still move
    rested : those that came to rest: nothing will ever be wrong
    slip   : the word (T,) that ends with the first wrong answer, if there was one
    """

    lassos: Lassos
    rested: Lassos
    slip: Ints | None


def ways_in(claim: Claim) -> list[Origin]:
    """Return the start, and the end of a shortest word into each state, nearest first; no more than ORIGINS."""
    origins = [Origin(np.zeros(0, dtype=np.int64), claim.machine.start, np.zeros(claim.network.spec.memory_dim))]
    seen = set()
    for origin in origins:  # which grows
        for symbol in np.flatnonzero(claim.may_come[origin.state]):
            state = int(claim.machine.moves[origin.state, symbol])
            if state not in seen and len(origins) < ORIGINS:
                seen.add(state)
                memory = claim.answers(np.array([[symbol]]), origin.memory[None])[1][0]
                origins.append(Origin(np.append(origin.word, symbol), state, memory))
    return origins


def throw(
    claim: Claim, origins: Iterable[Origin], knots: Sequence[Sequence[int]], loops: Iterable[Sequence[int]]
) -> Lassos:
    """Return the lassos from every origin, over every knot of a few symbols, with every loop, if these may come."""
    loops, thrown = list(loops), []
    lists: list[Any] = [table.tolist() for table in (claim.machine.moves, claim.machine.outputs, claim.may_come)]
    for origin in origins:
        for knot in knots:
            for loop in loops:
                found = _unrolled(lists, origin.state, knot, loop)
                if found is not None:
                    thrown.append((origin, *found))
    longest = max((len(symbols) for _, symbols, _, _ in thrown), default=1)
    tables = np.zeros((2, len(thrown), longest), dtype=np.int64)
    for k, (_, symbols, answers, _) in enumerate(thrown):
        tables[:, k, : len(symbols)] = symbols, answers
    leads = np.array([lead for _, _, _, lead in thrown], dtype=np.int64)
    sizes = np.array([len(symbols) for _, symbols, _, _ in thrown], dtype=np.int64)
    memory = np.array([origin.memory for origin, *_ in thrown]).reshape(len(thrown), claim.network.spec.memory_dim)
    return Lassos(
        claim=claim,
        words=[origin.word for origin, *_ in thrown],
        symbols=tables[0],
        truth=tables[1],
        leads=leads,
        rounds=sizes - leads,
        memory=memory,
        steps=0,
        margins=np.full(len(thrown), np.inf),
    )


def _unrolled(
    lists: list[Any], state: int, knot: Sequence[int], loop: Sequence[int]
) -> tuple[list[int], list[int], int] | None:
    """Return symbols and answers until the machine's states repeat themselves, and how many come before that round."""
    moves, outputs, may_come = lists
    symbols: list[int] = []
    answers: list[int] = []
    seen: dict[int, int] = {}
    for turn in chain([knot], repeat(loop)):
        for symbol in turn:
            if not may_come[state][symbol]:
                return None
            symbols.append(symbol)
            answers.append(outputs[state][symbol])
            state = moves[state][symbol]
        if state in seen:
            return (symbols, answers, seen[state]) if len(symbols) - seen[state] <= LONGEST_ROUND else None
        seen[state] = len(symbols)
    raise AssertionError("unreachable: a finite machine comes back")


def follow(lassos: Lassos, most: int) -> Piece:
    """Follow lassos for as many steps as there were before, or ``most``; fewer where memory is short."""
    claim, spec = lassos.claim, lassos.claim.network.spec
    count = min(most, max(32, lassos.steps), piece_of(claim, LANES))
    products = count * spec.hidden_dim * (spec.memory_dim + spec.input_dim + spec.output_dim)
    if len(lassos) > max(1, WORK // products):
        lassos = lassos.only(np.sort(np.argsort(lassos.margins, kind="stable")[: max(1, WORK // products)]))
    at_once = max(1, piece_of(claim, count))
    made: list[tuple[Ints, Array, Array, Array]] = []
    for first in range(0, len(lassos), at_once):
        part = lassos.only(np.arange(first, min(first + at_once, len(lassos))))
        made.append(_run(part, count))
    slip, memory, margin, rest = (np.concatenate(each) for each in zip(*made, strict=True))
    after = replace(lassos, memory=memory, margins=margin, steps=lassos.steps + count)
    rested, moving = after.only(np.flatnonzero(rest)), after.only(np.flatnonzero(~rest & (slip == count)))
    if (slip == count).all():
        return Piece(moving, rested, None)
    sizes = np.array([len(word) for word in lassos.words]) + np.where(slip < count, slip, 2**62)
    best = int(sizes.argmin())
    return Piece(moving, rested, lassos.word(best, lassos.steps + int(slip[best]) + 1))


def _run(lassos: Lassos, count: int) -> tuple[Ints, Array, Array, Array]:
    """Return first wrong steps (B,), ``count`` for none, the memory then (B, M), least margins and who is at rest."""
    rows = np.arange(len(lassos))
    places = lassos.places(lassos.steps, count)
    symbols, truth = lassos.symbols[rows[:, None], places], lassos.truth[rows[:, None], places]
    layers = lassos.claim.network.run(lassos.claim.vectors[symbols], lassos.memory)
    wrong = decide(layers.layer_2) != truth
    slips = np.where(wrong.any(axis=1), wrong.argmax(axis=1), count)
    rest = _are_back(layers.past, np.maximum(lassos.leads - lassos.steps, 0), lassos.rounds) & (slips == count)
    return slips, np.array(layers.past[:, -1]), margins(layers.layer_2, truth).min(axis=1), rest


def _are_back(past: Array, begins: Ints, rounds: Ints) -> Array:
    """Return who remembers (B, T+1, M) in the end what was remembered any number of whole rounds before: bool (B,).

    Bit by bit; or, over STILL steps and more, up to a jitter of roundings, which may take for ever to repeat itself.
    """
    back = np.zeros(len(past), bool)
    last = past.shape[1] - 1
    for size in np.unique(rounds):
        places = np.arange(last - size, -1, -size)
        those = np.flatnonzero(rounds == size)
        same = (past[those[:, None], places, 0] == past[those, -1, 0][:, None]) & (places >= begins[those, None])
        for k in those[same.any(axis=1)]:
            back[k] = (past[k, places[places >= begins[k]]] == past[k, -1]).all(axis=1).any()
        if last >= STILL and len(places):
            moved = np.abs(past[those, -1] - past[those, places[-1]])
            jitter = JITTER * np.finfo(past.dtype).eps * np.maximum(np.abs(past[those, -1]), 1)
            back[those] |= (moved <= jitter).all(axis=1) & (begins[those] == 0)
    return back
