"""Machines as functions in Python: run, and held to the machine."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.errors import UsageError
from carrybit.machines.machine import Machine
from carrybit.machines.program import WIDTH, program
from carrybit.tasks import TASKS
from machines_at_random import NAMES, machines, random_machine, words

PARITY = '''def parity(symbols):
    """Yield the answer to each symbol."""
    table = {  # state: {symbol: (answer, next state)}
        "even": {"0": ("even", "even"), "1": ("odd", "odd")},
        "odd": {"0": ("odd", "odd"), "1": ("even", "even")},
    }
    state = "even"
    for symbol in symbols:
        answer, state = table[state][symbol]
        yield answer
'''
HOSTILE = ['"', "'", "'\"", '"""', "a\nb", "\\", "{0}", "é → 好", "\ud800\u202e", "", "# no", "%s"]


def function(machine, name="machine"):
    """The function, made with nothing at hand but Python itself."""
    text = program(machine, name)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    here = {}
    exec(text, here)
    return here[name]


def assert_says_the_same(machine, batch):
    say = function(machine)
    for word, answers in zip(batch.tolist(), machine.run(batch)[1].tolist(), strict=True):
        said = list(say(machine.symbols[symbol] for symbol in word))
        assert said == [machine.answers[answer] for answer in answers]


def test_a_small_machine_reads_as_a_person_would_write_it():
    moves = np.array([[0, 1], [1, 0]])
    assert program(Machine(("even", "odd"), ("0", "1"), ("even", "odd"), moves, moves), "parity") == PARITY


@pytest.mark.parametrize("name", ["addition", "comparison", "parity", "counting", "tomita", "recall", "latch", "dyck"])
def test_the_programs_of_the_tasks_say_what_their_machines_say_of_all_words_to_length_8(name):
    machine = TASKS[name]().machine
    assert list(function(machine)([])) == []
    for length in range(1, 9):
        assert_says_the_same(machine, words(len(machine.symbols), length))


@given(machines(6), st.permutations(HOSTILE), st.lists(NAMES, min_size=2, max_size=2, unique=True))
def test_any_machine_with_any_names_says_the_same(machine, hostile, answers):
    names = tuple(hostile[: len(machine.states)]), tuple(hostile[6:8]), tuple(answers)
    assert_says_the_same(Machine(*names, machine.moves, machine.outputs, machine.start), words(2, 8))


def test_states_of_the_same_name_are_told_apart():
    moves = np.array([[1, 1], [0, 1]])
    assert_says_the_same(Machine(("carry", "carry"), ("0", "1"), ("0", "1"), moves, moves), words(2, 8))


def test_a_machine_of_200_states_fits_the_page_and_says_the_same():
    for symbols in (2, 30):
        machine = random_machine(200, symbols, 5, seed=0)
        lines = program(machine).splitlines()
        assert max(map(len, lines)) <= WIDTH
        assert len(lines) < (2 if symbols == 2 else 11) * 200
        assert_says_the_same(machine, np.random.default_rng(1).integers(symbols, size=(200, 50)))


def test_a_symbol_that_there_is_not_is_an_error():
    with pytest.raises(KeyError):
        list(function(TASKS["addition"]().machine)(["12"]))


@pytest.mark.parametrize("name", ["2 things", "", "def", "a-b", "f():\n    pass\ndef g"])
def test_what_no_function_can_be_called_is_refused(name):
    with pytest.raises(UsageError, match="a function called"):
        program(TASKS["addition"]().machine, name)
