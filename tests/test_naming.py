"""The states of a machine that was found, named after one that is known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.errors import ShapeError, UsageError
from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.comparison import difference
from carrybit.machines.machine import Machine
from carrybit.machines.naming import distinct, named_after
from carrybit.machines.product import product
from carrybit.tasks import TASKS
from machines_at_random import machines

ADDER = TASKS["addition"]().machine


def nameless(machine):
    return replace(machine, states=tuple(f"q{state}" for state in range(len(machine.states))))


def test_an_adder_that_was_found_remembers_the_carry_whatever_its_order():
    turned = Machine(("q0", "q1"), ADDER.symbols, ADDER.answers, 1 - ADDER.moves[::-1], ADDER.outputs[::-1], start=1)
    turned = same_alphabet(turned, ("11", "10", "01", "00"), ("1", "0"))
    assert named_after(turned, ADDER).states == ("carry 1", "carry 0")


def test_states_that_remember_the_same_are_numbered_from_the_start():
    adder = nameless(product(ADDER, TASKS["comparison"](bits=4).machine))
    assert sorted(named_after(adder, ADDER).states) == [
        "carry 0", "carry 0 (2)", "carry 0 (3)", "carry 1", "carry 1 (2)", "carry 1 (3)",
    ]  # fmt: skip
    assert named_after(adder, ADDER).states[adder.start] == "carry 0"


def test_the_start_has_the_plain_name_wherever_it_stands():
    twice = Machine(
        ("q0", "q1", "q2"), ADDER.symbols, ADDER.answers,
        np.array([[2, 2, 2, 1], [0, 1, 1, 1], [0, 0, 0, 1]]), ADDER.outputs[[0, 1, 0]], start=2,
    )  # fmt: skip
    assert named_after(twice, ADDER).states == ("carry 0 (2)", "carry 1", "carry 0")


def test_states_that_remember_something_else_or_nothing_keep_a_plain_name():
    one = Machine(("?", "nowhere"), ADDER.symbols, ADDER.answers, ADDER.moves * 0, ADDER.outputs)
    assert named_after(one, ADDER).states == ("q0", "q1")
    lost = replace(ADDER, moves=np.array([[0, 0, 0, 1], [1, 1, 1, 1]]), states=("x", "y"))
    assert named_after(lost, ADDER).states == ("carry 0", "q1")  # after 11 it does not know any more


def test_words_that_may_not_come_name_nothing():
    known = Machine(("here", "there"), ("a", "b"), ("x", "y"), np.array([[0, 1], [1, 0]]), np.array([[0, 1], [1, 0]]))
    found = replace(known, moves=np.array([[0, 1], [1, 1]]), states=("p", "q"))
    assert named_after(found, known).states == ("here", "q1")
    asked = np.array([[True, True], [True, False]])  # nobody leaves the second state
    assert named_after(found, known, asked).states == ("here", "there")
    with pytest.raises(ShapeError):
        named_after(found, known, asked[:1])


def test_other_symbols_are_refused_and_other_answers_do_not_matter():
    assert named_after(replace(nameless(ADDER), answers=("low", "high")), ADDER).states == ADDER.states
    with pytest.raises(UsageError, match="among its symbols"):
        named_after(replace(ADDER, symbols=tuple("abcd")), ADDER)


@given(machines(6))
def test_the_states_of_a_smallest_machine_get_the_names_of_their_own(machine):
    smallest = machine.minimal()
    named = named_after(nameless(smallest), smallest)
    assert named.states == smallest.states


@given(machines(5), machines(5))
def test_only_names_change_and_no_two_are_the_same(found, known):
    named = named_after(found, known)
    assert difference(found, named) is None
    np.testing.assert_array_equal(named.moves, found.moves)
    assert len(set(named.states)) == len(named.states)


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", "a (2) (2)", "b"]), max_size=12))
def test_names_are_made_distinct_and_the_first_of_each_stays(names):
    told = distinct(names)
    assert len(set(told)) == len(told) == len(names)
    for name in set(names):
        assert told[names.index(name)] == name
    assert all(new.startswith(name) for new, name in zip(told, names, strict=True))


def test_very_many_states_that_remember_the_same_are_named_at_once():
    assert distinct(["carry 0"] * 200_000)[-1] == "carry 0 (200000)"
