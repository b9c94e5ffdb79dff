"""Pairs: all pairs of a memory and a machine's state that words lead to, for a network in whole numbers.

There are finitely many, so that going from pair to pair, level by level, comes to an end: every pair is known, every
answer on the way was right, and the claim holds for words of every length. Or an answer is wrong; then no shorter word
has one, since all of them were asked before. Everything is computed in whole numbers (strides.py).
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from carrybit.integer import Whole
from carrybit.machines.machine import Ints, Machine
from carrybit.network import Network
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.proof.exact.known import Known
from carrybit.proof.exact.strides import Packing, Strides
from carrybit.proof.hunting.slips import answers_to
from carrybit.proof.verdict import Open, Proved, Refuted, Verdict

SECONDS, MEMORY = 600.0, 2**31
AT_ONCE = 2**15  # pairs times symbols
BESIDE = 2**26  # bytes for what is at work
PARENT_BYTES = 4
SECONDS_BETWEEN_EVENTS = 0.1
LATE, FULL = "the time ran out", "the memory is full"


@dataclass(frozen=True)
class Pairing:
    """A search has come this far; the first of these is said before it begins.

    Parameters
    ----------
    pairs, waiting : int
        Pairs that are known, and those of them that were not looked at yet.
    length : int
        Of the words that are asked now.
    memory, most : int
        Bytes that the search takes at most, which is for so many pairs.
    bounds : (int, int)
        The largest sums at layer 1 and at layer 2, in whole units: below 2**52, so that all are exact.
    """

    pairs: int
    waiting: int
    length: int
    memory: int
    most: int
    bounds: tuple[int, int]


@dataclass(frozen=True)
class Pairs:
    """All pairs that can be reached: what a certificate holds of them.

    Parameters
    ----------
    count : int
    digest : str
        Of all of them, in any order; see `digest`.
    states : tuple of int
        The machine's states that are in them.
    longest : int
        No pair is farther from the start than so many symbols.
    """

    count: int
    digest: str
    states: tuple[int, ...]
    longest: int


@dataclass(frozen=True)
class Halted:
    """A search that was stopped: why, and how far it had come."""

    why: str
    pairs: int
    waiting: int
    length: int


def visit(claim: Claim, *, seconds: float = SECONDS, memory: int = MEMORY) -> Generator[Pairing | Verdict]:
    """Visit all pairs that can be reached, yielding events; the last one is the verdict.

    Parameters
    ----------
    claim : Claim
        Of a network in whole numbers. Its eps is not looked at: whole numbers are not disturbed.
    seconds : float
        When to give up, with Open.
    memory : int
        Bytes that the search may take, all in all.

    Raises
    ------
    UsageError
        The network is not in whole numbers, or its inputs are not.

    Guarantee: Proved is for words of every length of symbols that may come, in whole numbers, hence in every engine. A
    word of Refuted is a shortest one, and was asked of the network itself.
    """
    began = time.monotonic()
    claim = replace(claim, eps=0.0)
    search = _Search(claim.network, claim.vectors, claim.machine, claim.may_come, memory)
    halted = yield from search.run(began + seconds)
    passed = time.monotonic() - began
    if search.wrong is not None:
        word = search.word(*search.wrong)
        if claim.first_wrong(word) != len(word) - 1:
            raise AssertionError(f"the engine does not answer as the whole numbers do to {word.tolist()}")
        how = "all shorter words are answered rightly: every pair they lead to was looked at"
        passed = time.monotonic() - began
        yield Refuted(
            claim=claim, word=word, answers=answers_to(claim, word), is_shortest=True, how=how, seconds=passed
        )
    elif halted is not None:
        advice = "more --seconds" if halted.why == LATE else "more --memory, or fewer state bits"
        numbers = {"pairs": halted.pairs, "waiting": halted.waiting, "length": halted.length}
        yield Open(claim=claim, why=halted.why, advice=advice, numbers=numbers, seconds=passed)
    else:
        pairs = search.pairs()
        unit = 2.0 ** (search.whole.units[1] - search.whole.point)
        yield Proved(
            claim=claim,
            margin=search.margin * unit,
            rounding=0.0,
            invariant=pairs,
            numbers={"pairs": pairs.count, "steps": search.steps, "longest path": pairs.longest},
            seconds=time.monotonic() - began,
        )


def reachable_machine(
    network: Network,
    vectors: Array,
    symbols: tuple[str, ...],
    answers: tuple[str, ...],
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> Generator[Pairing | Machine | Halted]:
    """Find the machine that a network in whole numbers is, yielding events; the last one is the machine, or Halted.

    Its states are all memories that words lead to, the start first; ``minimal`` merges those that are one.

    Parameters
    ----------
    network : Network
        In whole numbers.
    vectors : float array (A, I)
        layer_0 for each symbol.
    symbols, answers : tuples of str
        A and K names.
    seconds, memory : as in `visit`
    """
    deadline = time.monotonic() + seconds
    nothing = np.zeros((1, len(symbols)), np.int64)
    alone = Machine(("",), symbols, answers, nothing, nothing)
    search = _Search(network, vectors, alone, np.ones((1, len(symbols)), bool), memory, records=True)
    halted = yield from search.run(deadline)
    if halted is not None:
        yield halted
    else:
        moves, outputs = (np.concatenate(rows) for rows in zip(*search.records, strict=True))
        names = tuple(map(str, range(len(moves))))
        yield Machine(names, symbols, answers, moves, outputs)


class _Search:
    """One search; ``run`` yields events, and ends with Halted where it had to stop, else None.

    With ``records`` every answer counts as right, and moves and answers (N, A) are kept, chunk by chunk.
    """

    def __init__(
        self, network: Network, vectors: Array, machine: Machine, may: Array, memory: int, records: bool = False
    ) -> None:
        self.whole = Whole.of(network)
        self.strides = Strides(self.whole, vectors)
        self.machine, self.may = machine, may
        self.records: list[tuple[Ints, Ints]] = []
        self.keeps = records
        self.packing = Packing(self.strides, len(machine.states))
        beside = PARENT_BYTES + 16 * machine.moves.shape[1] * records
        most = max(Known.room(self.packing.words, memory - BESIDE, beside), 2 * AT_ONCE)
        self.known = Known(self.packing.words, most)
        self.parents = np.empty(most, np.uint32)
        self.memory = Known.bytes(self.packing.words, most, beside) + BESIDE
        self.wrong: tuple[int, int] | None = None  # a pair and a symbol
        self.margin, self.steps, self.length = np.inf, 0, 0
        start = np.full((self.strides.units, 1), self.strides.start, self.strides.dtype)
        self.known.add(self.packing.pack(start, np.array([machine.start])))

    def run(self, deadline: float) -> Generator[Pairing, None, Halted | None]:
        """Go on from every pair, in the order in which they came."""
        chunk = max(1, AT_ONCE // self.strides.symbols)
        first, end = 0, 1
        yield self._event(0)
        told = time.monotonic()
        while first < end:
            last = min(first + chunk, end)
            if self.known.count + (last - first) * self.strides.symbols > self.known.most:
                return self._halted(FULL, first)
            self._go_on(first, last)
            if self.wrong is not None:
                return None
            first = last
            now = time.monotonic()
            if now > deadline:
                return self._halted(LATE, first)
            if now > told + SECONDS_BETWEEN_EVENTS:
                told = now
                yield self._event(first)
            if first == end and self.known.count > end:
                end, self.length = self.known.count, self.length + 1
        return None

    def _event(self, first: int) -> Pairing:
        count = self.known.count
        return Pairing(count, count - first, self.length + 1, self.memory, self.known.most, self.strides.bounds)

    def _halted(self, why: str, first: int) -> Halted:
        return Halted(why, self.known.count, self.known.count - first, self.length)

    def _go_on(self, first: int, last: int) -> None:
        """Read every symbol in some pairs, judge the answers, and add the pairs that they lead to."""
        keys, rows, moved = [], [], []
        for _, some, after, answers in self._after(first, last):
            keys.append(after)
            rows.append(some)
            if self.keeps:
                moved.append(answers)
            if self.wrong is not None:
                return
        if not keys:
            return
        places, fresh = self.known.add(np.concatenate(keys))
        self.parents[self.known.count - len(fresh) : self.known.count] = first + np.concatenate(rows)[fresh]
        if self.keeps:
            self.records.append((places.reshape(-1, last - first).T, np.array(moved).T))

    def _after(self, first: int, last: int) -> Iterator[tuple[int, Ints, Array, Ints]]:
        """Yield for every symbol: which pairs it may come in, the pairs after it, as keys, and the answers to it."""
        memory, states = self.packing.unpack(self.known.keys[first:last])
        begun = self.strides.begin(memory)
        for symbol in range(self.strides.symbols):
            rows = np.arange(last - first)
            here, mine = begun, states
            if not self.may[:, symbol].all():
                rows = rows[self.may[states, symbol]]
                here, mine = begun[:, rows], states[rows]
            if not rows.size:
                continue
            after, sums = self.strides.end(here, symbol)
            self.steps += rows.size
            if not self.keeps:
                is_right, margin = self.strides.judge(sums, self.machine.outputs[mine, symbol])
                self.margin = min(self.margin, margin)
                if not is_right.all() and self.wrong is None:
                    self.wrong = first + int(rows[is_right.argmin()]), symbol
            answers = self.strides.answers(sums) if self.keeps else mine
            yield symbol, rows, self.packing.pack(after, self.machine.moves[mine, symbol]), answers

    def word(self, pair: int, symbol: int) -> Ints:
        """Return the word that leads to a pair by the way on which it was found, and then on by a symbol."""
        word = [symbol]
        while pair:
            parent = int(self.parents[pair])
            ways = [
                each for each, _, keys, _ in self._after(parent, parent + 1) if (keys[0] == self.known.keys[pair]).all()
            ]
            word.append(ways[0])
            pair = parent
        return np.array(word[::-1])

    def pairs(self) -> Pairs:
        """Return what is to be said of all pairs."""
        total, states = 0, np.zeros(len(self.machine.states), bool)
        for first in range(0, self.known.count, AT_ONCE):
            memory, state = self.packing.unpack(self.known.keys[first : min(first + AT_ONCE, self.known.count)])
            states[state] = True
            total += int(digest(memory, state).sum(dtype=np.uint64))
        return Pairs(self.known.count, f"{total % 2**64:016x}", tuple(np.flatnonzero(states).tolist()), self.length)


def digest(memory: Array, states: Ints) -> Array:
    """Return a number of 64 bits for each pair, uint64 array (N,); the digest of a set is their sum, modulo 2**64.

    From 0 on, the machine's state and then each number of a memory (units, N) is mixed in: by exclusive or, and a step
    of splitmix64. A memory is told by its states less the lowest, or by its last symbol and 1 (0 where there is none).

    Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
    """
    mixed = np.zeros(len(states), np.uint64)
    for number in [states, *memory]:
        mixed ^= number.astype(np.uint64)
        mixed += np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ mixed >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ mixed >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
