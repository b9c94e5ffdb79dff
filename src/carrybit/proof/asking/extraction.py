"""Extraction: the machine that a network has become, found by asking the network, and proved.

Nobody says what the network was trained for. A machine is made from its answers (learning.py); words are sought that
the network answers otherwise, ever harder: short ones, random ones, those that a hunt finds, those that a proof meets
on its way, and without a proof, millions of others. Each makes the machine better. When no word is left and the proof
closes, the network is this machine.

A network in whole numbers has finitely many memories; where all of them can be visited, they are the machine.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from carrybit import checks
from carrybit.errors import UsageError
from carrybit.machines.comparison import difference
from carrybit.machines.machine import Ints, Machine
from carrybit.machines.naming import named_after
from carrybit.network import Network
from carrybit.params import Array
from carrybit.proof.asking.answering import Answering
from carrybit.proof.asking.depth import ask_deep
from carrybit.proof.asking.learning import Learning
from carrybit.proof.claim import EPS_OF, Claim
from carrybit.proof.exact.pairs import Pairing, reachable_machine
from carrybit.proof.hunting.shortening import shortened
from carrybit.proof.hunting.shortest import ask_all
from carrybit.proof.hunting.slips import first_slips
from carrybit.proof.hunting.walks import walks
from carrybit.proof.proving import Event, prove
from carrybit.proof.verdict import Open, Proved, Refuted
from carrybit.tasks.task import MachineTask

SECONDS = 60.0
MOST_STATES = 300
SHORT, LONGEST = 2**12, 64  # words of one length that all are asked; symbols of such a word
SHARE = 0.4  # of the time, for all memories of a network in whole numbers
TO_PROVE = 0.8  # of the time; the rest is for words that are asked when there is no proof
SECONDS_AT_LAST, SECONDS_TO_SHORTEN = 5.0, 1.0
LATE = "the time ran out"


@dataclass(frozen=True)
class Extracting:
    """A machine of so many states is tried, after the network was asked so many steps."""

    states: int
    steps: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Extraction:
    """What was found: a machine and whether the network is proved to be it, or no machine at all.

    Parameters
    ----------
    machine : Machine or None
        Minimal. No word is known that the network answers otherwise; None where one is known for every machine tried.
    asked : bool array (S, A) of the machine, or None for all
        Which symbols may come in which state; its moves on others mean nothing.
    verdict : Proved, Open, or None without a machine
    word : int array (T,), or None
        Without a machine, the shortest word that was found against the last one tried.
    tried : int
        How many states the last machine had.
    why : str
        Why there is no machine, in a sentence.
    steps : int
        So often the network was asked on the way, outside the proof.
    seconds : float
    """

    machine: Machine | None = None
    asked: Array | None = None
    verdict: Proved | Open | None = None
    word: Ints | None = None
    tried: int = 0
    why: str = ""
    steps: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """PROVED or OPEN."""
        return "OPEN" if self.verdict is None else self.verdict.status

    @property
    def exit_code(self) -> int:
        """0 for PROVED, 4 for OPEN."""
        return Open.exit_code if self.verdict is None else self.verdict.exit_code


def extract(
    network: Network,
    vectors: Array,
    symbols: Sequence[str],
    answers: Sequence[str],
    *,
    known: Machine | None = None,
    asked: Array | None = None,
    eps: float | None = None,
    task: MachineTask | None = None,
    most: int = MOST_STATES,
    seconds: float = SECONDS,
) -> Generator[Extracting | Event | Pairing | Extraction]:
    """Find the machine that a network has become: yield events, and an Extraction at the end.

    Parameters
    ----------
    network : Network
    vectors : float array (A, I)
        layer_0 for each symbol.
    symbols, answers : sequences of str
        A and K names.
    known : Machine or None
        Gives names to states that it shares, and with ``asked`` says what may come. When nothing else is left, the word
        on which it differs from what was found is asked, too.
    asked : bool array (S, A) of ``known``, or None for all
        Which symbols may come in which state; only words of such are asked.
    eps : float or None
        As in `claim_of`.
    task : MachineTask or None
        Who writes words the way a person reads them.
    most : int, 1 to 10,000
        States; a larger machine is not sought.
    seconds : float
        When to give up, about.

    Raises
    ------
    UsageError
        ``asked`` without ``known``, or sizes that do not fit.

    Guarantee: every machine in an Extraction answered all words rightly that the network was asked, as the network is
    run; a Proved one does for every word of every length.
    """
    checks.whole("most", most, 1, 10_000, MOST_STATES)
    if asked is not None and known is None:
        raise UsageError("asked without known", "known, the machine whose states asked tells of", "give both or none")
    began = time.monotonic()
    blank = Machine(("",), tuple(symbols), tuple(answers), *np.zeros((2, 1, len(symbols)), np.int64))
    eps = EPS_OF[network.spec.precision] if eps is None else eps
    claim = Claim(network=network, machine=blank, vectors=vectors, eps=eps, task=task)
    with np.errstate(all="ignore"):  # a relu may grow for ever
        search = _Extracting(claim, known, asked, most, began, began + seconds)
        if network.spec.is_whole and asked is None:
            yield from search.visit(SHARE * seconds)
        if search.found is None:
            yield from search.learn()
    assert search.found is not None
    yield replace(search.found, steps=search.answering.steps, seconds=time.monotonic() - began)


class _Extracting:
    """One extraction; ``visit`` and ``learn`` yield events, and leave what was found in ``found``."""

    def __init__(
        self, claim: Claim, known: Machine | None, asked: Array | None, most: int, began: float, deadline: float
    ) -> None:
        self.blank, self.known, self.asked, self.most = claim, known, asked, most
        self.began, self.deadline = began, deadline
        self.answering = Answering(claim.network, claim.vectors, len(claim.machine.answers), known, asked)
        self.found: Extraction | None = None
        self.against: tuple[Claim, Ints] | None = None  # the last machine that was found wrong, and by which word

    def visit(self, seconds: float) -> Iterator[Pairing | Event]:
        """Visit all memories of a network in whole numbers, if there is time and room for them."""
        names = self.blank.machine.symbols, self.blank.machine.answers
        for event in reachable_machine(self.blank.network, self.blank.vectors, *names, seconds=seconds):
            if isinstance(event, Pairing):
                yield event
        if isinstance(event, Machine):
            word = yield from self._prove(event.minimal(), None)
            if word is not None:
                raise AssertionError("a network in whole numbers does not answer as its own memories do")

    def learn(self) -> Iterator[Extracting | Event | Pairing]:
        """Make one machine after the other, until no word is left against it."""
        table = Learning(self.answering)
        tried, why = 0, ""
        while self.found is None:
            if not table.close(self.most):
                why = f"a machine of up to {self.most:,} states does not do"
            elif not table.is_sound:
                why = "some answers are no numbers: the network has overflown"
            elif tried and time.monotonic() > self.deadline:
                why = LATE
            if why:
                self.found = Extraction(word=self._shortest(), tried=tried, why=why)
                return
            full = self._machine(table)
            tried = int((full.outputs < self.answering.not_asked).any(axis=1).sum())
            yield Extracting(tried, self.answering.steps)
            word = table.doubt(full)
            if word is None:
                word = self._outside(full)
            if word is None:
                word = yield from self._against(full)
            if word is not None and not table.split(full, word):
                why = f"a word of {len(word):,} symbols is answered otherwise, and leads to no machine of few states"

    def _machine(self, table: Learning) -> Machine:
        """Return the machine of a table, in which what may not come has an answer of its own."""
        names, answers = map(str, range(len(table.access))), self.blank.machine.answers
        symbols = self.blank.machine.symbols
        return Machine(tuple(names), symbols, (*answers, "not asked"), table.moves(), table.outputs())

    def _outside(self, full: Machine) -> Ints | None:
        """Return a word of which machine and fence do not both say that it may come."""
        if self.answering.fence is None:
            return None
        may = (full.outputs < self.answering.not_asked).astype(np.int64)
        word = difference(self.answering.fence, replace(full, answers=("no", "yes"), outputs=may))
        return None if word is None else np.array(word)

    def _against(self, full: Machine) -> Generator[Event | Pairing, None, Ints | None]:
        """Look for a word that the network answers otherwise than a machine; without one, that is what was found."""
        may = full.outputs < self.answering.not_asked
        here = np.arange(len(full.states))[:, None]
        moves, outputs = np.where(may, full.moves, here), np.where(may, full.outputs, 0)
        machine = replace(full, answers=self.blank.machine.answers, moves=moves, outputs=outputs)
        asked = None if may.all() else may
        claim = replace(self.blank, machine=machine, asked=asked)
        word = _quickly(claim)
        if word is None:
            word = yield from self._prove(machine, asked)
        self.against = None if word is None else (claim, word)
        return word

    def _shortest(self) -> Ints | None:
        """Return the word against the last machine, made short."""
        return (
            None if self.against is None else shortened(*self.against, deadline=time.monotonic() + SECONDS_TO_SHORTEN)
        )

    def _prove(self, machine: Machine, asked: Array | None) -> Generator[Event | Pairing, None, Ints | None]:
        """Prove that the network is a machine; return a word against it, or let it be what was found."""
        machine, asked = _in_order(machine, asked)
        if self.known is not None:
            machine = named_after(machine, self.known, self.asked)
        else:
            machine = replace(machine, states=tuple(f"q{state}" for state in range(len(machine.states))))
        claim = replace(self.blank, machine=machine, asked=asked)
        left = self.deadline - time.monotonic()
        if left <= 0:
            self.found = Extraction(tried=len(machine.states), why=LATE)
            return None
        for event in prove(claim, seconds=TO_PROVE * left):
            if isinstance(event, Refuted):
                return event.word
            if not isinstance(event, Proved | Open):
                yield event
        assert isinstance(event, Proved | Open)
        word = self._at_last(claim) if isinstance(event, Open) else None
        if word is None:
            self.found = Extraction(machine=machine, asked=asked, verdict=event, tried=len(machine.states))
        return word

    def _at_last(self, claim: Claim) -> Ints | None:
        """Return a word against a machine that is not proved, of all that are not too long, and of what is known."""
        word = ask_deep(claim, max(self.deadline, time.monotonic() + SECONDS_AT_LAST))
        if word is None and self.known is not None:
            differs = difference(self.known, claim.machine, self.asked)
            first = None if differs is None else claim.first_wrong(np.array(differs))
            word = None if differs is None or first is None else np.array(differs[: first + 1])
        return word


def _quickly(claim: Claim) -> Ints | None:
    """Return a word that the network answers otherwise than the machine, of all short ones, or else a random one."""
    asked = ask_all(claim, SHORT, LONGEST)
    if asked.word is not None:
        return asked.word
    words = walks(claim)
    slips = first_slips(claim, words)
    row = int(slips.argmin())
    return words[row, : slips[row] + 1] if slips[row] < words.shape[1] else None


def _in_order(machine: Machine, asked: Array | None) -> tuple[Machine, Array | None]:
    """Return the same machine with its states in the order in which words reach them, and ``asked`` for it."""
    kept = np.array([machine.start, *(state for state in machine.shortest_words() if state != machine.start)])
    place = np.zeros(len(machine.states), np.int64)
    place[kept] = np.arange(len(kept))
    states = tuple(machine.states[state] for state in kept)
    moves, outputs = place[machine.moves[kept]], machine.outputs[kept]
    return replace(machine, states=states, moves=moves, outputs=outputs, start=0), None if asked is None else asked[
        kept
    ]
