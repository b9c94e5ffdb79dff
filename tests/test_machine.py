"""Finite machines as values."""

import numpy as np
import pytest

from carrybit.errors import UsageError
from carrybit.machines.machine import Machine

PARITY = Machine(("even", "odd"), ("0", "1"), ("0", "1"), np.array([[0, 1], [1, 0]]), np.array([[0, 1], [1, 0]]))


def test_a_machine_reads_words_and_answers_every_symbol():
    states, answers = PARITY.run(np.array([[1, 1, 0, 1], [0, 0, 1, 0]]))
    assert states.tolist() == [[0, 1, 0, 0, 1], [0, 0, 0, 1, 1]]
    assert answers.tolist() == [[1, 0, 0, 1], [0, 0, 1, 1]]


def test_a_machine_goes_on_from_given_states():
    word = np.array([[1, 0, 1, 1, 0]])
    states, answers = PARITY.run(word)
    rest = PARITY.run(word[:, 2:], start=states[:, 2])
    np.testing.assert_array_equal(rest[0], states[:, 2:])
    np.testing.assert_array_equal(rest[1], answers[:, 2:])


def test_shortest_words_reach_their_states_and_leave_out_what_cannot_be_reached():
    moves = np.array([[0, 1], [2, 0], [2, 2], [0, 0]])  # nothing leads to state 3
    machine = Machine(tuple("abcd"), tuple("01"), ("x",), moves, np.zeros_like(moves))
    words = machine.shortest_words()
    assert words == {0: (0,), 1: (1,), 2: (1, 0)}
    for state, word in words.items():
        assert machine.run(np.array([word]))[0][0, -1] == state


def test_holding_words_keep_each_state_under_symbols_that_keep_several():
    words = PARITY.holding_words(5)  # only the symbol 0 keeps both states
    assert words.tolist() == [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("moves", "outputs", "start"),
    [
        ([[0, 2], [0, 0]], [[0, 0], [0, 0]], 0),
        ([[0, -1], [0, 0]], [[0, 0], [0, 0]], 0),
        ([[0, 1], [0, 0]], [[0, 2], [0, 0]], 0),
        ([[0, 1]], [[0, 0], [0, 0]], 0),
        ([[0, 1], [0, 0]], [[0, 0], [0, 0]], 2),
    ],
)
def test_tables_that_lead_nowhere_are_refused(moves, outputs, start):
    with pytest.raises(UsageError):
        Machine(("a", "b"), ("0", "1"), ("0", "1"), np.array(moves), np.array(outputs), start)
