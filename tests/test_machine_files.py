"""The machines of tests/machines: as they are written, and right."""

import random
import runpy
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest

from carrybit.machines.notation import read_machine
from carrybit.tasks.machine import machine as own_task

FOLDER = Path(__file__).parent / "machines"
MADE = runpy.run_path(str(FOLDER / "make.py"))["MADE"]


def say(name, symbols):
    """The answers of a machine to a word, by name."""
    machine = read_machine(FOLDER / f"{name}.json")
    word = np.array([[machine.symbols.index(symbol) for symbol in symbols]])
    return [machine.answers[answer] for answer in machine.run(word)[1][0]]


@pytest.mark.parametrize("name", MADE)
def test_a_file_is_what_the_script_writes_and_a_smallest_machine(name):
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == MADE[name]
    machine = read_machine(FOLDER / f"{name}.json")
    assert machine.minimal().states == machine.states


def test_no_file_is_without_its_script():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MADE)


@pytest.mark.parametrize("base", [3, 4, 5, 6])
def test_numbers_of_any_base_are_added_as_python_adds_them(base):
    draw = random.Random(base)
    for _ in range(200):
        a, b = draw.randrange(base**30), draw.randrange(base**30)
        digits = [(str(a // base**t % base), str(b // base**t % base)) for t in range(31)]
        answers = say(f"addition-base-{base}", [one + other for one, other in digits])
        assert int("".join(reversed(answers)), base) == a + b


@pytest.mark.parametrize("divisor", [3, 5])
def test_numbers_are_divided_as_python_divides_them(divisor):
    draw = random.Random(divisor)
    for _ in range(200):
        number = draw.randrange(2**60)
        assert int("".join(say(f"division-by-{divisor}", f"{number:060b}")), 2) == number // divisor


def test_the_running_maximum_is_the_largest_digit_so_far():
    draw = random.Random(10)
    for _ in range(200):
        digits = [draw.choice("0123456789"[: draw.randrange(2, 11)]) for _ in range(20)]
        assert say("running-maximum", digits) == list(accumulate(digits, max))


def test_a_letter_is_the_same_as_the_one_before_it_or_not():
    draw = random.Random(8)
    for _ in range(200):
        letters = [draw.choice("abcdefgh"[: draw.randrange(2, 9)]) for _ in range(20)]
        same = ["yes" if one == other else "no" for one, other in pairwise(letters)]
        assert say("same-as-before", letters) == ["no", *same]


@pytest.mark.parametrize("name", MADE)
def test_a_file_is_a_task(name):
    task = own_task(file=str(FOLDER / f"{name}.json"))
    assert len(task.vectors) == len(task.machine.symbols)
