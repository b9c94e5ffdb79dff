"""Addition as a task: its machine adds, its samples fit, its examination asks what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.errors import SettingError, UsageError
from carrybit.tasks.addition import addition
from carrybit.tasks.numbers import decimal


def answer(task, text):
    word = task.read(text)
    return task.show(word, task.machine.run(word[None])[1][0], whole=True)


def test_two_operands_make_the_machine_of_the_carry():
    machine = addition().machine
    assert machine.states == ("carry 0", "carry 1")
    assert machine.symbols == ("00", "01", "10", "11")
    assert machine.moves.tolist() == [[0, 0, 0, 1], [0, 1, 1, 1]]
    assert machine.outputs.tolist() == [[0, 1, 1, 0], [1, 0, 0, 1]]


@given(st.lists(st.integers(0, 10**30), min_size=2, max_size=8))
def test_the_machine_adds(numbers):
    text = " + ".join(map(str, numbers))
    assert answer(addition(operands=len(numbers)), text) == f"{text} = {sum(numbers)}"


@given(st.integers(0, 2**70), st.integers(0, 2**70))
def test_adding_does_not_mind_the_order(a, b):
    task = addition()
    assert answer(task, f"{a}+{b}").split("= ")[1] == answer(task, f"{b}+{a}").split("= ")[1]


def test_numbers_of_a_hundred_thousand_digits_are_added():
    a, b = 10**100_000 - 1, 1
    assert answer(addition(), f"{decimal(a)} + {b}").endswith("= 1" + "0" * 100_000)


@pytest.mark.parametrize("operands", range(2, 9))
@pytest.mark.parametrize("bits", [1, 2, 3, 8, 64, 65, 200])
def test_sampled_sums_fit_their_width(bits, operands):
    task = addition(bits, operands)
    words = task.sample(1, "samples", 0, 40)
    assert words.shape == (40, bits)
    _, answers = task.machine.run(words)
    for word, given_answer in zip(words, answers, strict=True):
        total = sum(task.numbers(word))
        assert sum(int(bit) << t for t, bit in enumerate(given_answer)) == total % 2**bits
        assert total < 2**bits or bits <= task.spare


def test_samples_are_named_by_their_number():
    task = addition(100, 3)
    whole = task.sample(9, "samples", 0, 50)
    np.testing.assert_array_equal(np.concatenate([task.sample(9, "samples", k, 10) for k in range(0, 50, 10)]), whole)


def test_operands_are_drawn_evenly():
    task = addition(8)
    numbers = np.array([task.numbers(word) for word in task.sample(0, "samples", 0, 4000)])
    assert numbers.max() == 127
    assert np.abs(np.bincount(numbers.ravel() // 16, minlength=8) / 8000 - 1 / 8).max() < 0.02


def test_ten_thousand_bits_need_no_table():
    task = addition(10_000)
    word = task.sample(0, "samples", 0, 1)[0]
    a, b = task.numbers(word)
    answers = task.machine.run(word[None])[1][0]
    assert sum(int(bit) << t for t, bit in enumerate(answers)) == a + b
    assert max(a, b).bit_length() > 9_900


def test_the_examination_is_every_tutorial_sum_long_ones_and_carry_chains():
    task = addition()
    every, random, chains = task.examination()
    assert (every.questions, random.questions, chains.questions) == (16_384, 10_000, 4_000)

    asked = {tuple(task.numbers(word)) for word in every.words(0, every.count)}
    assert asked == {(a, b) for a in range(128) for b in range(128)}
    assert every.length == 8

    assert random.length == 64
    assert max(max(task.numbers(word)) for word in random.words(0, 100)) > 2**60

    words = chains.words(0, chains.count)
    assert words.shape == (4, 1000)
    numbers = sorted(tuple(task.numbers(word[:5])) for word in words)
    assert numbers == [(0, 0b11110), (1, 0b11111), (0b11110, 0), (0b11111, 1)]
    states, _ = task.machine.run(words)
    assert [len(set(row[1:].tolist())) for row in states] == [1, 1, 1, 1]  # the carry is held, or there is none
    assert chains.ending == (0,)


@pytest.mark.parametrize(
    "text",
    ["", " ", "nine + 60", "-9 + 60", "9 + -60", "9.5 + 60", "9", "9 + 60 + 3", "9 + ", "+", "9 60", "٣ + ٤", "²+1"],
)
def test_what_is_no_sum_is_refused_in_three_short_lines(text):
    with pytest.raises(UsageError) as error:
        addition().read(text)
    lines = str(error.value).splitlines()
    assert len(lines) == 3
    assert '"9 + 60"' in lines[2]


def test_a_number_too_long_is_refused_with_the_limit():
    with pytest.raises(UsageError, match="100,000") as error:
        addition().read("1" * 100_001 + " + 1")
    assert max(map(len, str(error.value).splitlines())) < 150


@pytest.mark.parametrize(("bits", "operands"), [(0, 2), (-1, 2), (8, 1), (8, 9), (8.0, 2), (True, 2), (100_001, 2)])
def test_sizes_out_of_range_are_refused(bits, operands):
    with pytest.raises(SettingError):
        addition(bits, operands)


def test_long_numbers_are_shown_by_their_ends():
    task = addition()
    word = task.read(f"{10**40} + 1")
    shown = task.show(word, task.machine.run(word[None])[1][0])
    assert shown == "10000000…00000000 (41 digits) + 1 = 10000000…00000001 (41 digits)"
