"""Hunt: counterexamples first, before anything is proved; what is cheapest to ask comes first.

    short words     all of them, up to a length
    walks           random words, whose symbols are held for about 1, 4, 16 or 64 steps
    lassos          into each state, then a few symbols again and again, to 20,000 steps: carry chains are among them
    lassos again    from where a chain came to rest, a disturbance, and a symbol held again
    beams           the words with the smallest margins, and those that lead nearest to another state's layers
    long chains     lassos that still move, for millions of steps

A lasso that came to rest is done for ever, so that a right network of an ordinary kind is asked all but the last in a
tenth of a second, and has nothing left for the last.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from carrybit import randomness
from carrybit.machines.machine import Ints
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.beams import beams
from carrybit.proof.hunting.lassos import ORIGINS, Lassos, Origin, follow, throw, ways_in
from carrybit.proof.hunting.shortening import shortened
from carrybit.proof.hunting.shortest import ask_all
from carrybit.proof.hunting.slips import answers_to, first_slips
from carrybit.proof.hunting.walks import typical, walks
from carrybit.proof.verdict import Refuted

SECONDS = 60.0
STEPS = 4_000_000
QUICK_STEPS = 20_000  # of a lasso, before it counts as a long chain
SHORT, SHORT_AT_LAST = 2**12, 2**17  # words of one length that all are asked: at first, and once a longer one is known
LONGEST = 64  # symbols of a short word
LASSOS = 1024
LOOPS, LONGEST_LOOP = 2**11, 8  # words that loops are taken from, at one length; symbols of a loop
MORE_LOOPS = 96  # that are drawn, where there are more
NOTHING = np.zeros(0, dtype=np.int64)
STAGES = ("short words", "walks", "lassos", "lassos again", "beams")


@dataclass(frozen=True)
class Hunting:
    """A hunt has come so far: ``done`` of ``total``, stages or steps, and a word on what it is doing."""

    done: int
    total: int
    note: str


class Suspect(NamedTuple):
    """A word (T,) that is answered wrongly at some step, and how it was found."""

    word: Ints
    how: str


def hunt(claim: Claim, *, seconds: float = SECONDS, steps: int = STEPS) -> Generator[Hunting | Refuted]:
    """Look for a word that is answered wrongly; where one is found, the last event is a Refuted.

    Parameters
    ----------
    claim : Claim
    seconds : float
        When to give up at the latest. What is looked at, and in which order, does not depend on it.
    steps : int
        When to give up a long chain.

    Guarantee: the word of a Refuted is answered wrongly by the network as it is run, at its last step and at no other.
    None where nothing is found: a hunt is no proof.
    """
    began = time.monotonic()
    with np.errstate(all="ignore"):  # a relu may grow for ever
        for event in _search(claim, steps, began + seconds):
            if isinstance(event, Hunting):
                yield event
                continue
            refuted = _refuted(claim, event, began, began + seconds)
            if refuted is not None:
                yield refuted
                return


def _refuted(claim: Claim, suspect: Suspect, began: float, deadline: float) -> Refuted | None:
    """Return what a word refutes, made as short as can be; None if the network, asked alone, answers it rightly."""
    slip = int(first_slips(claim, suspect.word[None])[0])  # side by side, an engine may round differently
    if slip == len(suspect.word):
        return None
    word = shortened(claim, suspect.word[: slip + 1], deadline)
    asked = ask_all(claim, SHORT_AT_LAST, min(LONGEST, len(word)))
    if asked.word is not None:
        word = asked.word
    is_slip = int(first_slips(claim, word[None])[0]) == len(word) - 1
    if not is_slip:
        word = suspect.word[: slip + 1]
    is_shortest = is_slip and asked.length >= len(word) - 1
    return Refuted(
        claim=claim,
        word=word,
        answers=answers_to(claim, word),
        is_shortest=is_shortest,
        how=suspect.how,
        seconds=time.monotonic() - began,
    )


def _search(claim: Claim, steps: int, deadline: float) -> Iterator[Hunting | Suspect]:
    """Go through the stages; go on after a suspect if it was none."""
    yield _stage(0)
    asked = ask_all(claim, SHORT, LONGEST)
    if asked.word is not None:
        yield Suspect(asked.word, "all short words")
    yield _stage(1)
    words = walks(claim)
    slips = first_slips(claim, words)
    if slips.min() < words.shape[1]:
        yield Suspect(words[slips.argmin(), : slips.min() + 1], "a random word")
    yield _stage(2)
    ways = ways_in(claim)
    near = throw(claim, ways, [()], _loops(claim, LASSOS // len(ways)))
    moving, chains, slip = _followed(near, deadline)
    if slip is not None:
        yield Suspect(slip, _told(slip))
    yield _stage(3)
    symbols = [(symbol,) for symbol in range(claim.symbols)]
    far = (
        throw(claim, chains, symbols, symbols) if len(chains) * len(symbols) ** 2 <= 4 * LASSOS else near.only(NOTHING)
    )
    moving_again, _, slip = _followed(far, deadline)
    if slip is not None:
        yield Suspect(slip, "a chain that was disturbed")
    yield _stage(4)
    slip = beams(claim, [*ways, *chains], typical(claim, words))
    if slip is not None:
        yield Suspect(slip, "the smallest margins")
    yield from _long(moving, steps, deadline)
    yield from _long(moving_again, steps, deadline)


def _stage(number: int) -> Hunting:
    return Hunting(number, len(STAGES), STAGES[number])


def _told(word: Ints) -> str:
    held = len(word) > 1 and word[-1] == word[-2]
    return "a symbol that was held" if held else "a few symbols again and again"


def _followed(lassos: Lassos, deadline: float) -> tuple[Lassos, list[Origin], Ints | None]:
    """Follow lassos to QUICK_STEPS; return those that still move, where chains came to, and the word of a slip."""
    chains: list[Origin] = []
    while len(lassos) and lassos.steps < QUICK_STEPS and time.monotonic() < deadline:
        lassos, rested, slip = follow(lassos, QUICK_STEPS - lassos.steps)
        chains += _ends(rested)
        if slip is not None:
            return lassos, chains, slip
    return lassos, [*chains, *_ends(lassos)][:ORIGINS], None


def _ends(lassos: Lassos) -> list[Origin]:
    """Return where the chains among lassos have come to."""
    numbers = np.flatnonzero(lassos.rounds == 1)[:ORIGINS]
    return [Origin(lassos.word(k, lassos.steps), lassos.state(k), lassos.memory[k]) for k in numbers]


def _long(lassos: Lassos, steps: int, deadline: float) -> Iterator[Hunting | Suspect]:
    """Follow lassos that still move, until they rest or the time is up."""
    while len(lassos) and lassos.steps < steps and time.monotonic() < deadline:
        yield Hunting(lassos.steps, steps, f"long chains: {len(lassos)} of them still move")
        lassos, _, slip = follow(lassos, steps - lassos.steps)
        if slip is not None:
            yield Suspect(slip, _told(slip))


def _loops(claim: Claim, most: int) -> list[tuple[int, ...]]:
    """Return what to repeat: each symbol, then short words of which none is another one turned, then drawn ones."""
    loops: list[tuple[int, ...]] = []
    for length in range(1, LONGEST_LOOP + 1):
        if claim.symbols**length > LOOPS:
            break
        every = product(range(claim.symbols), repeat=length)
        found = [loop for loop in every if all(loop < loop[k:] + loop[:k] for k in range(1, length))]  # Lyndon words
        if length > 1 and len(loops) + len(found) > most:
            break
        loops += found
    drawn = randomness.uniform(randomness.words(1, "hunt", 0, MORE_LOOPS, LONGEST_LOOP)) / 2 + 0.5
    more = (drawn * claim.symbols).astype(int).tolist()
    return loops + [tuple(loop[: 2 + k % (LONGEST_LOOP - 1)]) for k, loop in enumerate(more)]
