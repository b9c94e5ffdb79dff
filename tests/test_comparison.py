"""Machines compared, multiplied, made small and written down: the laws, held to all short words."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carrybit.errors import ShapeError, UsageError
from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.comparison import difference
from carrybit.machines.machine import Machine
from carrybit.machines.notation import machine_from_json, machine_to_json
from carrybit.machines.product import product
from carrybit.tasks import TASKS
from machines_at_random import NAMES, machines, random_machine, words

LONGEST = 7


def first_difference(one, other, asked=None):
    """The shortest words, of up to LONGEST symbols, with different answers: by trying all of them."""
    for length in range(1, LONGEST + 1):
        batch = words(len(one.symbols), length)
        states, answers = one.run(batch)
        if asked is not None:
            may = asked[states[:, :-1], batch].all(axis=1)
            batch, answers = batch[may], answers[may]
        differs = (answers != other.run(batch)[1]).any(axis=1)
        if differs.any():
            return {tuple(word) for word in batch[differs].tolist()}
    return set()


def ring(states, yes=0):
    """A ring that says yes on the way into one state, and stays where it is on b."""
    moves = (np.arange(states)[:, None] + [1, 0]) % states
    return Machine(tuple(map(str, range(states))), tuple("ab"), ("no", "yes"), moves, 1 * (moves == yes))


@given(machines(4), machines(4))
def test_the_word_that_tells_two_machines_apart_is_a_shortest_one(one, other):
    word = difference(one, other)
    shortest = first_difference(one, other)  # 4 + 4 states differ within 7 symbols or never (Moore 1956)
    assert (word is None) == (not shortest)
    assert word is None or word in shortest


@given(machines(4), machines(4), st.lists(st.booleans(), min_size=8, max_size=8))
def test_words_that_may_not_come_are_not_asked(one, other, allowed):
    asked = np.array(allowed).reshape(4, 2)[: len(one.states)]
    word = difference(one, other, asked)
    shortest = first_difference(one, other, asked)
    if word is None or len(word) <= LONGEST:
        assert (word is None) == (not shortest)
        assert word is None or word == min(shortest)
    else:
        assert not shortest
        batch = np.array([word])
        states, answers = one.run(batch)
        assert asked[states[0, :-1], word].all()
        assert (answers != other.run(batch)[1])[0].tolist() == [False] * (len(word) - 1) + [True]


def test_a_word_is_not_lost_because_another_state_may_not_read_it():
    """Where all words may come, p = q, p' = q and p' = q' would say p = q'; but here only p may read the d."""
    one = Machine(
        ("p", "p'"), tuple("abcd"), ("no", "yes"), np.array([[1, 0, 0, 0], [1, 1, 0, 1]]), np.zeros((2, 4), int)
    )
    other = Machine(("q", "q'"), tuple("abcd"), ("no", "yes"), np.array([[0, 1, 0, 0], [1] * 4]), np.zeros((2, 4), int))
    other.outputs[1, 3] = 1
    asked = np.array([[True, False, False, True], [False, True, True, False]])
    assert difference(one, other, asked) == (0, 1, 2, 3)
    assert difference(one, other) == (1, 3)


@given(machines(8))
def test_a_machine_differs_from_itself_in_nothing(machine):
    assert difference(machine, machine) is None
    assert difference(machine, machine.reachable()) is None
    assert difference(machine, machine, np.ones(machine.moves.shape, dtype=bool)) is None


@given(machines(8))
def test_the_smallest_machine_is_the_same_and_no_two_of_its_states_are_one(machine):
    smallest = machine.minimal()
    assert difference(machine, smallest) is None
    states = range(len(smallest.states))
    for one in states:
        for other in range(one):
            assert difference(replace(smallest, start=one), replace(smallest, start=other)) is not None
    assert smallest.reachable().states == smallest.states
    assert smallest.minimal().states == smallest.states


@given(machines(8))
def test_the_states_that_are_reachable_are_those_that_words_lead_to(machine):
    reached = {machine.states[state] for state in machine.run(words(2, 7))[0].ravel()}
    assert set(machine.reachable().states) == reached


@given(machines(5), machines(5, answers=("x", "y", "z")))
def test_the_product_gives_both_answers(one, other):
    both = product(one, other)
    batch = words(2, LONGEST)
    (states, x), (others, y), (pairs, xy) = (machine.run(batch) for machine in (one, other, both))
    given_answers = np.array(both.answers)[xy]
    assert (
        given_answers == np.char.add(np.char.add(np.array(one.answers)[x], " / "), np.array(other.answers)[y])
    ).all()
    told = np.char.add(np.char.add(np.array(one.states)[states], ", "), np.array(other.states)[others])
    assert (np.array(both.states)[pairs] == told).all()
    assert both.reachable().states == both.states
    assert set(np.unique(both.outputs)) == set(range(len(both.answers)))


@given(machines(5), machines(5))
def test_the_product_of_two_machines_says_where_they_differ(one, other):
    both = product(one, other)
    differs = any(len(set(answer.split(" / "))) > 1 for answer in both.answers)
    assert differs == (difference(one, other) is not None)


def test_names_of_a_product_that_would_be_the_same_are_told_apart():
    moves, outputs = np.array([[1, 0], [0, 1]]), np.array([[0, 1], [1, 0]])
    one = Machine(("a", "a, b"), ("0", "1"), ("x", "x / y"), moves, outputs)
    other = Machine(("b, c", "c"), ("0", "1"), ("y / z", "z"), moves, outputs)
    both = product(one, other)
    assert both.states == ("a, b, c", "a, b, c (2)")
    assert both.answers == ("x / y / z", "x / y / z (2)")
    assert difference(both, machine_from_json(machine_to_json(both))) is None


@given(machines(8), st.lists(NAMES, min_size=8, max_size=8, unique=True), st.permutations(["é", '"', "{}\\"]))
def test_a_machine_comes_back_from_json(machine, states, others):
    assume(len(np.unique(machine.reachable().outputs)) > 1)
    symbol, *answers = others
    machine = replace(
        machine, states=tuple(states[: len(machine.states)]), symbols=(symbol, "b"), answers=tuple(answers)
    ).reachable()
    back = machine_from_json(json.loads(json.dumps(machine_to_json(machine))))
    for name in ("states", "symbols", "answers", "start"):
        assert getattr(back, name) == getattr(machine, name)
    np.testing.assert_array_equal(back.moves, machine.moves)
    np.testing.assert_array_equal(back.outputs, machine.outputs)


@given(machines(5, symbols="abc", answers=("x", "y", "z")), st.permutations("abc"), st.permutations("xyz"))
def test_the_order_of_symbols_and_answers_does_not_matter(machine, symbols, answers):
    other = same_alphabet(machine, symbols, answers)
    assert (other.symbols, other.answers) == (tuple(symbols), tuple(answers))
    assert difference(machine, other) is None and difference(other, machine) is None
    batch = words(3, 4)
    renamed = np.array([symbols.index(symbol) for symbol in machine.symbols])[batch]
    said, again = machine.run(batch)[1], other.run(renamed)[1]
    assert (np.array(machine.answers)[said] == np.array(other.answers)[again]).all()


def test_a_word_is_told_in_the_symbols_of_the_first_machine():
    one, other = ring(3, yes=2), same_alphabet(ring(3, yes=1), "ba")
    assert [one.symbols[symbol] for symbol in difference(one, other)] == ["a"]
    assert [other.symbols[symbol] for symbol in difference(other, one)] == ["a"]


def test_the_adder_differs_from_one_that_forgets_its_carry_at_three_ones():
    adder = TASKS["addition"]().machine
    forgetful = replace(adder, moves=np.where(adder.moves == 1, [[0, 0, 0, 1], [0, 0, 0, 1]], 0))
    word = difference(adder, forgetful)
    assert [adder.symbols[symbol] for symbol in word] == ["11", "01", "00"]


@pytest.mark.parametrize(
    ("symbols", "answers", "said"),
    [
        (("a", "c"), ("no", "yes"), "without 'c' and with 'b' among its symbols"),
        (("a", "b", "c"), ("no", "yes"), "without 'c' among its symbols"),
        (("a",), ("no", "yes"), "with 'b' among its symbols"),
        (("a", "b"), ("no", "maybe", "yes"), "without 'maybe' among its answers"),
        (("a", "b"), ("no",), "with 'yes' among its answers"),
        (("a", "a"), ("no", "yes"), "symbols with the same name: 'a'"),
    ],
)
def test_other_symbols_or_answers_are_refused_by_name(symbols, answers, said):
    with pytest.raises(UsageError) as error:
        same_alphabet(ring(3), symbols, answers)
    assert said in error.value.received
    assert all(part and "\n" not in part for part in error.value.args)


def test_machines_of_other_symbols_or_answers_are_not_compared():
    with pytest.raises(UsageError, match="without 'a', 'b' and with 'c', 'd' among its symbols"):
        difference(ring(3), replace(ring(3), symbols=("c", "d")))
    with pytest.raises(UsageError, match="among its answers"):
        difference(ring(3), replace(ring(3), answers=("0", "1")))
    with pytest.raises(UsageError, match="among its symbols"):
        product(ring(3), replace(ring(3), symbols=("c", "d")))
    with pytest.raises(ShapeError):
        difference(ring(3), ring(3), np.ones((2, 2), dtype=bool))


def test_two_large_machines_are_compared_in_their_states_not_their_pairs():
    one, other = (ring(states, yes=states - 1) for states in (4_096, 4_095))  # 16 million pairs can be reached
    quiet = [replace(machine, outputs=0 * machine.outputs) for machine in (one, other)]
    before = time.monotonic()
    assert difference(*quiet) is None
    assert len(difference(one, other)) == 4_094
    assert time.monotonic() - before < 5


def test_the_reachable_part_of_a_long_chain_is_found_at_once():
    before = time.monotonic()
    assert len(ring(100_000).reachable().states) == 100_000  # its longest shortest word has as many symbols
    assert time.monotonic() - before < 10


def test_a_machine_of_very_many_states_is_compared_with_its_smallest_form():
    machine = random_machine(20_000, 4, 3, seed=1)
    assert difference(machine, machine.minimal()) is None
    outputs = machine.outputs.copy()
    outputs[machine.run(np.zeros((1, 9), dtype=int))[0][0, -1]] += 1
    assert len(difference(machine, replace(machine, outputs=outputs % 3))) <= 10
