"""Views of a machine: as one whose answer hangs on the state alone (Moore), and as one that accepts words or not."""

from __future__ import annotations

from collections import Counter

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Ints, Machine
from carrybit.machines.naming import distinct

NO_ANSWER = -1  # of a state that nothing leads to


def moore_outputs(machine: Machine) -> Ints | None:
    """Return the answer that is given on the way into each state, where that is always the same one.

    Returns
    -------
    answers : int array (S,), or None
        -1 for a state that nothing leads to, such as the start may be. None: the way in matters, too.
    """
    answers = np.full(len(machine.states), NO_ANSWER)
    answers[machine.moves] = machine.outputs
    return answers if (answers[machine.moves] == machine.outputs).all() else None


def moore(machine: Machine) -> Machine:
    """Return a machine with the same answers to all words, in which each state has its own: see `moore_outputs`.

    A state that is entered with several answers becomes several, "state / answer", of which the start is the first.
    A machine that is one already stays as it is, but for states that nothing leads to.
    """
    machine = machine.reachable()
    states, answers = (column.tolist() for column in np.unique(_entries(machine), axis=0).T)
    number = {entry: k for k, entry in enumerate(zip(states, answers, strict=True))}
    several = {state for state, count in Counter(states).items() if count > 1}
    ways = np.stack([machine.moves, machine.outputs], axis=-1)[states]  # (S, A, 2)
    return Machine(
        states=distinct(
            [
                f"{machine.states[state]} / {machine.answers[answer]}" if state in several else machine.states[state]
                for state, answer in number
            ]
        ),
        symbols=machine.symbols,
        answers=machine.answers,
        moves=np.array([[number[state, answer] for state, answer in row] for row in ways.tolist()]),
        outputs=machine.outputs[states],
        start=states.index(machine.start),
    )


def accepting(machine: Machine, answer: str = "yes") -> frozenset[int] | None:
    """Return the states in which the word read so far is accepted: those that are entered with the answer "yes".

    Parameters
    ----------
    machine : Machine
    answer : str
        What the machine says of a word that it accepts; any other answer is a no.

    Returns
    -------
    states : frozenset of int, or None
        None: the machine accepts and refuses on the way into one state, so that it is no acceptor as it stands; `moore`
        of it is one.

    Raises
    ------
    UsageError
        The machine has no such answer.
    """
    if answer not in machine.answers:
        raise UsageError(f"the answer {answer!r}", f"one of {', '.join(machine.answers)}", machine.answers[-1])
    says_yes = machine.outputs == machine.answers.index(answer)
    states = frozenset(np.unique(machine.moves[says_yes]).tolist())
    return states if states.isdisjoint(machine.moves[~says_yes].tolist()) else None


def _entries(machine: Machine) -> Ints:
    """Return the ways into states as rows (state, answer); the start, if nothing leads to it, has one of its own."""
    entries = np.stack([machine.moves.ravel(), machine.outputs.ravel()], axis=-1)
    if machine.start in machine.moves:
        return entries
    return np.concatenate([entries, [[machine.start, 0]]])
