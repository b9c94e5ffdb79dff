"""Proving: one door to all there is: a hunt for a counterexample first, then a proof."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from carrybit.proof.claim import LARGEST_EPS, Claim
from carrybit.proof.hunting.hunt import Hunting, hunt
from carrybit.proof.hunting.slips import answers_to
from carrybit.proof.induction.axes import SPAN, axes_of
from carrybit.proof.induction.search import LATE, Found, Search, Searching, Stuck, Wrong
from carrybit.proof.induction.zonotopes import Step
from carrybit.proof.verdict import Open, Proved, Refuted, Verdict

if TYPE_CHECKING:
    from carrybit.proof.exact.pairs import Pairing

SECONDS = 60.0
SIZES = (0.4, 0.2, 0.1, 0.05)  # half a cell's longest side, in units of layer_1: smaller ones where larger ones fail
FEW = 4  # symbols; with so many, words branch so little that the largest cells are not worth trying
WIDER = {"sigmoid": 1.0, "tanh": 2.0, "relu": 2.0}  # tanh and relu reach farther than from 0 to 1

Event = Hunting | Searching  # of a network in whole numbers, Pairing


def prove(claim: Claim, *, seconds: float = SECONDS) -> Generator[Event | Pairing | Verdict]:
    """Prove a claim, or refute it: yield events, and a verdict at the end.

    A network in whole numbers has finitely many states, and all that can be reached are visited: the word that refutes
    it is the shortest there is. For any other network a counterexample is hunted first (hunt.py), then cells are
    sought that lead into each other (search.py).

    Parameters
    ----------
    claim : Claim
    seconds : float
        When to give up, about.

    Guarantee: a claim that is Proved holds for every word of every length; the word of a Refuted is answered wrongly by
    the network as it is run. Open says nothing.
    """
    began = time.monotonic()
    if claim.network.spec.is_whole:
        from carrybit.proof.exact.pairs import visit

        yield from visit(claim, seconds=seconds)
        return
    for event in hunt(claim, seconds=seconds / 2):
        yield event
        if isinstance(event, Refuted):
            return
    yield from _cells(claim, began, began + seconds)


def verdict_on(claim: Claim, *, seconds: float = SECONDS) -> Verdict:
    """Return what comes of a claim; as `prove`, without the events."""
    *_, verdict = prove(claim, seconds=seconds)
    assert isinstance(verdict, Proved | Refuted | Open)
    return verdict


def _cells(claim: Claim, began: float, deadline: float) -> Generator[Event | Verdict]:
    """Seek an invariant with cells of one size after the other."""
    step, farthest = Step(claim), None
    for size in SIZES[claim.symbols <= FEW :]:
        try:
            axes = axes_of(step, size * WIDER[claim.network.spec.activation])
            search = Search(step, axes, deadline)
        except (ArithmeticError, np.linalg.LinAlgError):
            farthest, growth = Stuck("its hidden layer overflows, so that it has no axes", 0, 1, 0), math.inf
            break
        growth = axes.growth
        for event in search.run():
            seconds = time.monotonic() - began
            if isinstance(event, Searching):
                yield event
            elif isinstance(event, Found):
                rounding = step.rounding(event.largest)
                if rounding <= claim.eps:
                    yield _proved(step, event, growth, seconds)
                elif rounding <= LARGEST_EPS:  # what is proved has to hold of the network as it is run, too
                    yield from _cells(replace(claim, eps=min(2 * rounding, LARGEST_EPS)), began, deadline)
                else:
                    yield _too_rough(claim, event, rounding, seconds)
                return
            elif isinstance(event, Wrong):
                yield _refuted(claim, event, seconds)
                return
            elif farthest is None or event.proved > farthest.proved:
                farthest = event
        if time.monotonic() > deadline:
            break
    assert farthest is not None
    yield _open(claim, farthest, growth, time.monotonic() - began)


def _proved(step: Step, found: Found, growth: float, seconds: float) -> Proved:
    numbers = {"cells": len(found.cells) + 1, "steps": found.steps, "longest": found.longest, "growth": growth}
    return Proved(
        claim=step.claim,
        margin=found.margin,
        rounding=step.rounding(found.largest),
        invariant=found.cells,
        numbers=numbers,
        seconds=seconds,
    )


def _refuted(claim: Claim, wrong: Wrong, seconds: float) -> Refuted:
    answers, how = answers_to(claim, wrong.word), "the centre of a cell"
    return Refuted(claim=claim, word=wrong.word, answers=answers, is_shortest=False, how=how, seconds=seconds)


def _too_rough(claim: Claim, found: Found, rounding: float, seconds: float) -> Open:
    why = f"in exact arithmetic it holds, but one step of the network can be off by {rounding:.1e} by rounding alone"
    numbers = {"proved": len(found.cells) + 1, "waiting": 0, "steps": found.steps}
    return Open(claim=claim, why=why, advice="float64, or smaller weights", numbers=numbers, seconds=seconds)


def _open(claim: Claim, stuck: Stuck, growth: float, seconds: float) -> Open:
    becomes = "grows" if growth >= 1 else "shrinks"
    why = f"{stuck.why}; a disturbance of its memory {becomes}, at worst, to {growth:.2f} of itself in {SPAN} steps"
    advice = "a longer --seconds, a smaller --eps, or " if stuck.why == LATE else "a smaller --eps, or "
    advice += "a network that was trained with more noise on its memory (train --recipe provable, or --noise)"
    numbers = {"proved": stuck.proved, "waiting": stuck.waiting, "steps": stuck.steps, "growth": growth}
    return Open(claim=claim, why=why, advice=advice, numbers=numbers, seconds=seconds)
