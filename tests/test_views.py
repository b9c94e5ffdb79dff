"""Machines whose answer hangs on the state alone, and machines that accept words."""

import re

import numpy as np
import pytest
from hypothesis import given

from carrybit.errors import UsageError
from carrybit.machines.comparison import difference
from carrybit.machines.machine import Machine
from carrybit.machines.regular import machine_from_regex
from carrybit.machines.views import NO_ANSWER, accepting, moore, moore_outputs
from carrybit.tasks import TASKS
from machines_at_random import machines, words

ADDER = TASKS["addition"]().machine
PARITY = Machine(("even", "odd"), ("0", "1"), ("no", "yes"), np.array([[0, 1], [1, 0]]), np.array([[0, 1], [1, 0]]))


def test_the_adder_answers_by_more_than_its_state_and_needs_four_where_it_may_not():
    assert moore_outputs(ADDER) is None
    four = moore(ADDER)
    assert four.states == ("carry 0 / 0", "carry 0 / 1", "carry 1 / 0", "carry 1 / 1")
    assert moore_outputs(four).tolist() == [0, 1, 0, 1]
    assert four.start == 0
    assert difference(ADDER, four) is None


def test_a_state_that_nothing_leads_to_has_no_answer():
    away = Machine(("start", "on"), ("a",), ("no", "yes"), np.array([[1], [1]]), np.array([[1], [1]]))
    assert moore_outputs(away).tolist() == [NO_ANSWER, 1]
    assert moore(away).states == away.states


@given(machines(6, answers=("x", "y", "z")))
def test_every_machine_is_one_that_answers_by_its_state(machine):
    known = moore_outputs(machine.reachable())
    other = moore(machine)
    outputs = moore_outputs(other)
    assert difference(machine, other) is None
    states, answers = other.run(words(2, 6))
    assert (outputs[states[:, 1:]] == answers).all()
    assert len(set(other.states)) == len(other.states)
    assert (known is None) == (len(other.states) > len(machine.reachable().states))


@pytest.mark.parametrize("pattern", ["(ab)*", "a*b?a+", "(a|b)*a(a|b){2}"])
def test_a_pattern_is_accepted_in_the_states_that_accept(pattern):
    pytest.importorskip("greenery")
    machine = machine_from_regex(pattern, "ab")
    acceptor = moore(machine)
    states = accepting(acceptor)
    for length in (1, 3, 6):
        batch = words(2, length)
        for word, last in zip(batch, acceptor.run(batch)[0][:, -1].tolist(), strict=True):
            assert (last in states) == bool(re.fullmatch(pattern, "".join("ab"[symbol] for symbol in word)))


def test_the_accepting_states_are_those_that_are_entered_with_a_yes():
    assert accepting(PARITY) == {1}
    assert accepting(PARITY, "no") == {0}
    assert accepting(ADDER, "1") is None
    with pytest.raises(UsageError, match="the answer 'yes'"):
        accepting(ADDER)
