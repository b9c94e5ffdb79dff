"""Endless: what no finite machine does, such as brackets to any depth; never proved of a network, and it is said why.

A network has finitely many memories, since each of its numbers has finitely many values. What needs a memory without
end it gets wrong somewhere, however far away. So the only verdicts are Refuted, by a word, and Open, as far as was
looked: up to a bound on what has to be remembered, where the task is a finite machine again.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Ints, Machine
from carrybit.network import Network
from carrybit.params import Array
from carrybit.proof.claim import claim_of
from carrybit.proof.hunting.hunt import Hunting, hunt
from carrybit.proof.verdict import Open, Refuted
from carrybit.tasks.dyck import bracket_machine
from carrybit.tasks.task import Task


class Bounded(NamedTuple):
    """An endless task up to a bound: its machine, and which symbols may come in which state (S, A)."""

    machine: Machine
    asked: Array


def brackets(bound: int) -> Bounded:
    """Say which bracket is to be closed next, as the task dyck does, while no more than ``bound`` are open."""
    machine = bracket_machine(bound)
    asked = np.ones(machine.moves.shape, bool)
    deepest = slice(2**bound - 1, 2 ** (bound + 1) - 1)
    asked[deepest, [machine.symbols.index(symbol) for symbol in "(["]] = False
    return Bounded(machine, asked)


def majority(bound: int) -> Bounded:
    """Say whether more 1 than 0 were read so far, while they differ by no more than ``bound``."""
    leads = np.arange(-bound, bound + 1)
    after: Ints = leads[:, None] + np.array([-1, 1])
    machine = Machine(
        states=tuple(f"{lead:+d}" for lead in leads),
        symbols=("0", "1"),
        answers=("no", "yes"),
        moves=after.clip(-bound, bound) + bound,
        outputs=(after > 0).astype(int),
        start=bound,
    )
    return Bounded(machine, np.abs(after) <= bound)


# what may be asked, up to which bounds that is tried, and what must be remembered
ENDLESS = {
    "brackets": (brackets, (3, 5, 7), "brackets to any depth", "every bracket that is open"),
    "majority": (majority, (4, 16, 64, 256), "a majority of any lead", "how many more came of one than of the other"),
}


def refute_endless(
    network: Network, task: Task, name: str, *, seconds: float = 60.0
) -> Generator[Hunting | Refuted | Open]:
    """Hold a network against an endless task: yield events, and a verdict at the end, which is never Proved.

    Parameters
    ----------
    network : Network
    task : Task
        That it was trained on; its symbols and answers must be those of the endless one.
    name : {"brackets", "majority"}
    seconds : float

    Raises
    ------
    UsageError
        There is no such endless task, or the symbols or the answers are others.
    """
    began = time.monotonic()
    make, bounds, title, memory = ENDLESS[checks.one_of("endless", name, ENDLESS)]
    for bound in bounds:
        bounded = make(bound)
        claim = claim_of(network, task, bounded.machine)  # whose symbols may stand in another order
        columns = [bounded.machine.symbols.index(symbol) for symbol in claim.machine.symbols]
        claim = replace(claim, asked=bounded.asked[:, columns])
        for event in hunt(claim, seconds=began + seconds - time.monotonic()):
            yield event
            if isinstance(event, Refuted):
                return
    yield Open(
        claim=claim,
        why=f"{title} can be proved of no network: they ask for {memory}, without end, and a network has finitely many "
        f"memories; so it errs somewhere, but no word was found, up to {bound}",
        advice="a bound: a machine that ends somewhere can be proved (carrybit prove RUN, or --machine FILE)",
        seconds=time.monotonic() - began,
    )
