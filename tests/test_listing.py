"""Machines as lines of text."""

import re

import numpy as np

from carrybit.machines.listing import MOST_ROWS, listing
from carrybit.machines.machine import Machine
from carrybit.tasks.addition import addition


def ring(states, name="{}", symbols="01"):
    moves = (np.arange(states)[:, None] + np.arange(len(symbols)) // (len(symbols) - 1)) % states
    return Machine(tuple(map(name.format, range(states))), tuple(symbols), ("no", "yes"), moves, 1 * (moves == 0))


def test_a_row_says_the_answer_and_the_next_state_and_what_does_the_same_shares_a_column():
    assert [re.split(" {2,}", line.strip()) for line in listing(addition().machine)] == [
        ["state", "00", "01, 10", "11"],
        ["→", "carry 0", "0 → carry 0", "1 → carry 0", "0 → carry 1"],
        ["carry 1", "1 → carry 0", "0 → carry 1", "1 → carry 1"],
    ]


def test_a_wide_machine_has_a_row_for_each_way_out_and_fits():
    machine = ring(5, "a state with the long name {}", "abcdef")
    lines = listing(machine, width=80)
    assert max(map(len, lines)) <= 80
    assert len(lines) == 1 + 2 * 5
    assert lines[0].split() == ["state", "symbols", "answer", "next", "state"]
    assert "any other" in lines[1] and "yes" in lines[1]
    assert lines[2].split()[:2] == ["f", "no"]


def test_of_very_many_states_the_first_are_told():
    lines = listing(ring(MOST_ROWS + 3))
    assert len(lines) == MOST_ROWS + 2
    assert lines[-1] == "… and 3 more rows"
    assert len(listing(ring(MOST_ROWS))) == MOST_ROWS + 1
