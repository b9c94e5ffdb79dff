"""The tasks: each machine answers what a few plain lines answer; samples, questions and settings keep their word."""

import itertools
import pickle
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.config import TrainConfig
from carrybit.errors import SettingError, UsageError
from carrybit.replicas import train_replicas
from carrybit.tasks import make_task, walks
from carrybit.tasks.song import SONGS

LONGEST = 8  # of the words that are all asked
MANY = 2**17
LETTERS = "abcdefghijklmnopqrstuvwxyz"


# what each task should answer after hearing some symbols


def numbers(heard):
    """The two numbers that columns of bits spell, lowest first."""
    return [sum(int(column[k]) << t for t, column in enumerate(heard)) for k in (0, 1)]


def difference(heard):
    upper, lower = numbers(heard)
    return str((upper - lower) >> (len(heard) - 1) & 1)


def order(heard):
    first, second = numbers(heard)
    return "<" if first < second else ">" if first > second else "="


def count_modulo(modulus):
    return lambda heard: str(heard.count("1") % modulus)


def has_odd_zeros_after_odd_ones(word):
    runs = [(bit, len(list(run)) % 2) for bit, run in itertools.groupby(word)]
    return (("1", 1), ("0", 1)) in itertools.pairwise(runs)


BELONGS = {
    1: lambda word: re.fullmatch("1*", word),
    2: lambda word: re.fullmatch("(10)*", word),
    3: lambda word: not has_odd_zeros_after_odd_ones(word),
    4: lambda word: "000" not in word,
    5: lambda word: word.count("0") % 2 == 0 and word.count("1") % 2 == 0,
    6: lambda word: (word.count("0") - word.count("1")) % 3 == 0,
    7: lambda word: re.fullmatch("0*1*0*1*", word),
}


def belongs(language):
    return lambda heard: "yes" if BELONGS[language]("".join(heard)) else "no"


def heard_before(lag):
    return lambda heard: heard[-1 - lag] if len(heard) > lag else "0"


def last_mark(heard):
    return next((symbol for symbol in reversed(heard) if symbol in "AB"), "-")


def to_close(depth):
    @cache
    def left_open(word):
        """What is left of a word when pairs are struck out, or None if it breaks the rules somewhere."""
        if word and left_open(word[:-1]) is None:
            return None
        while "()" in word or "[]" in word:
            word = word.replace("()", "").replace("[]", "")
        return None if len(word) > depth or set(word) & set(")]") else word

    def answer(heard):
        left = left_open("".join(heard))
        return "!" if left is None else (left or "-")[-1]

    return answer


def next_sung(title, unit):
    words = SONGS[title].split()
    song = words if unit == "word" else list("".join(f"{word.lower()}_" for word in words))

    def answer(heard):
        place = 0
        for symbol in heard:
            place = ((song + song).index(symbol, place) + 1) % len(song)
        return song[place]

    return answer


def next_letter(step):
    def answer(heard):
        said = [k for k, symbol in enumerate(heard) if symbol != "."]
        at, letter = (said[-1], LETTERS.index(heard[said[-1]])) if said else (-1, -1 if step == 1 else 26)
        return LETTERS[(letter + step * (len(heard) - max(at, 0))) % 26]

    return answer


CASES = [
    ("subtraction", {}, difference),
    ("comparison", {}, order),
    ("parity", {}, count_modulo(2)),
    *[("counting", {"modulus": modulus}, count_modulo(modulus)) for modulus in (2, 3, 4, 5, 8)],
    *[("tomita", {"language": language}, belongs(language)) for language in BELONGS],
    *[("recall", {"lag": lag}, heard_before(lag)) for lag in (1, 2, 3, 4, 5)],
    ("latch", {}, last_mark),
    *[("dyck", {"depth": depth}, to_close(depth)) for depth in (1, 2, 3)],
    *[("song", {"title": t, "unit": u}, next_sung(t, u)) for t in SONGS for u in ("word", "letter")],
    *[
        ("alphabet", {"direction": direction, "beginning": beginning}, next_letter(step))
        for direction, step in (("forwards", 1), ("backwards", -1))
        for beginning in ("first", "middle")
    ],
]
NAMES = ["-".join(map(str, (name, *settings.values()))) for name, settings, _ in CASES]
each_task = pytest.mark.parametrize("task", [make_task(*case[:2]) for case in CASES], ids=NAMES)
BOUNDED = ("subtraction", "comparison")  # tasks on numbers, which have a width where the others have a length
each_symbol_task = pytest.mark.parametrize(
    "task", [make_task(*case[:2]) for case in CASES if case[0] not in BOUNDED], ids=NAMES[len(BOUNDED) :]
)


def every_word(symbols, length):
    return np.array(list(itertools.product(range(symbols), repeat=length)))


def some_words(task):
    """All words of eight symbols where that is not too many, else random ones; and what the task samples."""
    symbols = len(task.machine.symbols)
    random = np.random.default_rng(0).integers(symbols, size=(1000, 12))
    return every_word(symbols, LONGEST) if symbols**LONGEST <= MANY else random, task.sample(0, "samples", 0, 50)


@pytest.mark.parametrize(("name", "settings", "definition"), CASES, ids=NAMES)
def test_the_machine_answers_what_the_definition_says(name, settings, definition):
    task = make_task(name, settings)
    machine = task.machine
    said = {}  # the answer to each beginning of each word
    for words in some_words(task):
        for word, answers in zip(words.tolist(), machine.run(words)[1].tolist(), strict=True):
            said |= {tuple(word[: t + 1]): each for t, each in enumerate(answers)}
    for word, answer in said.items():
        assert machine.answers[answer] == definition([machine.symbols[symbol] for symbol in word]), word


def answer(task, text):
    word = task.read(text)
    return task.show(word, task.machine.run(word[None])[1][0], whole=True)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_are_subtracted_and_compared(a, b):
    assert answer(make_task("subtraction", {}), f"{a} - {b}") == f"{a} - {b} = {a - b}"
    assert answer(make_task("comparison", {}), f"{a} ? {b}") == f"{a} {'<' if a < b else '>' if a > b else '='} {b}"


def test_differences_are_shown_with_their_sign():
    assert answer(make_task("subtraction", {}), "9 - 60") == "9 - 60 = -51"


@each_task
def test_what_was_made_is_made_again_from_its_settings(task):
    again = make_task(task.name, task.settings)
    assert again == task and hash(again) == hash(task)
    assert again != make_task("addition", {}) and again != task.at_length(task.length + 1)
    assert TrainConfig(**TrainConfig(task=task).about()) == TrainConfig(task=task)


@each_task
def test_another_length_is_the_same_task_with_longer_samples(task):
    longer = task.at_length(40)
    assert longer.length == 40 and longer.settings == {**task.settings, task.length_name: 40}
    assert longer == make_task(task.name, longer.settings)
    assert longer.sample(0, "samples", 0, 3).shape == (3, 40)
    np.testing.assert_array_equal(longer.machine.moves, task.machine.moves)


@each_task
def test_a_task_goes_to_another_process_and_comes_back(task):
    back = pickle.loads(pickle.dumps(task))
    assert back == task
    np.testing.assert_array_equal(back.sample(1, "samples", 0, 5), task.sample(1, "samples", 0, 5))


@each_task
def test_samples_are_the_same_in_blocks_and_at_once(task):
    blocks = [task.sample(3, "samples", first, 7) for first in range(0, 35, 7)]
    np.testing.assert_array_equal(np.concatenate(blocks), task.sample(3, "samples", 0, 35))


@each_task
def test_an_example_is_read_and_the_right_answer_is_no_mistake(task):
    word = task.read(task.example)
    states, answers = task.machine.run(word[None])
    assert task.question(word) in task.show(word, answers[0]) or task.name == "comparison"
    wrong = (answers[0] + 1) % len(task.machine.answers)
    assert "should be" in task.correct(word, wrong)


@each_symbol_task
def test_what_is_asked_is_read_as_it_is_written(task):
    word = np.resize(np.arange(len(task.machine.symbols)), 50)
    np.testing.assert_array_equal(task.read(task.question(word, whole=True)), word)
    answers = task.machine.run(word[None])[1][0]
    written = task.decode(answers, whole=True).replace(" ", "")
    assert written == "".join(task.machine.answers[each] for each in answers)
    assert task.decode(answers).startswith("…")


@each_symbol_task
@pytest.mark.parametrize("text", ["", "   ", "§"])
def test_a_symbol_that_the_machine_does_not_know_is_refused(task, text):
    with pytest.raises(UsageError) as caught:
        task.read(text)
    assert task.example in caught.value.fix


@each_symbol_task
def test_samples_hold_only_possible_symbols(task):
    np.testing.assert_allclose(task.chances.sum(axis=1), 1)
    assert walks.is_possible(task.machine, task.chances, task.sample(0, "samples", 0, 200)).all()


def test_a_song_is_only_heard_as_it_is():
    sample = make_task("song", {"title": "boat"}).sample(5, "samples", 0, 4)
    symbols = make_task("song", {"title": "boat"}).machine.symbols
    words = SONGS["boat"].split()
    assert [[symbols[each] for each in row] for row in sample] == [words + words + words[:2]] * 4


@pytest.mark.parametrize("beginning", ["first", "middle"])
def test_only_the_first_letter_is_heard(beginning):
    task = make_task("alphabet", {"beginning": beginning})
    sample = task.sample(5, "samples", 0, 400)
    assert set(sample[:, 0]) == (set(range(26)) if beginning == "middle" else {0})
    assert (sample[:, 1:] == task.machine.symbols.index(".")).all()


@pytest.mark.parametrize(
    "task",
    [make_task("tomita", {"language": k}) for k in (1, 2, 3, 4, 7)] + [make_task("dyck", {"depth": k}) for k in (1, 3)],
    ids=lambda task: task.title,
)
@pytest.mark.parametrize("length", [16, 160])
def test_traps_are_met_but_do_not_swallow_the_samples(task, length):
    long = task.at_length(length)
    states = long.machine.run(long.sample(0, "samples", 0, 2000))[0]
    alive = np.mean(states[:, -1] != len(long.machine.states) - 1)
    assert 0.45 < alive < 0.95


def test_all_short_words_are_all_that_are_possible():
    task = make_task("dyck", {"depth": 1})
    only_round = task.chances * [1, 1, 0, 0]
    every = every_word(4, 5)
    possible = every[walks.is_possible(task.machine, only_round, every)]
    short = walks.all_short(task.machine, only_round, 2**5, 10)
    assert sorted(short.tolist()) == sorted(possible.tolist())


def test_where_words_hardly_branch_every_one_is_asked_whole():
    song, alphabet = make_task("song", {}), make_task("alphabet", {})
    assert [(paper.count, paper.length) for paper in song.examination()] == [(1, 10 * song.length)]
    assert [(paper.count, paper.length) for paper in alphabet.examination()] == [(26, 10 * alphabet.length)]


@pytest.mark.parametrize("name", ["latch", "comparison"])
def test_what_is_seldom_in_training_is_asked_often_as_well(name):
    changes = []  # how often the state changes, in each random paper
    for paper in make_task(name, {}).examination():
        if paper.title.startswith("random"):
            states = make_task(name, {}).machine.run(paper.words(0, 100))[0]
            changes.append(np.mean(states[:, 1:] != states[:, :-1]))
    assert len(changes) == 2 and 2 * changes[0] < changes[1]


@each_symbol_task
def test_an_examination_asks_ten_times_the_length_of_training(task):
    assert 10 * task.length in [paper.length for paper in task.examination()]


@pytest.mark.parametrize(
    ("name", "settings", "wrong"),
    [
        ("parity", {"length": 0}, "length"),
        ("subtraction", {"bits": 0}, "bits"),
        ("comparison", {"bits": 1.5}, "bits"),
        ("counting", {"modulus": 1}, "modulus"),
        ("tomita", {"language": 8}, "language"),
        ("recall", {"lag": 13}, "lag"),
        ("recall", {"lag": True}, "lag"),
        ("latch", {"length": "long"}, "length"),
        ("dyck", {"depth": 7}, "depth"),
        ("song", {"title": "yesterday"}, "title"),
        ("song", {"unit": "syllable"}, "unit"),
        ("alphabet", {"direction": "sideways"}, "direction"),
        ("alphabet", {"beginning": "end"}, "beginning"),
        ("parity", {"modulus": 2}, "task"),
        ("parities", {}, "task"),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused(name, settings, wrong):
    with pytest.raises(SettingError) as caught:
        make_task(name, settings)
    assert caught.value.name == wrong


@pytest.mark.parametrize("name", ["subtraction", "recall", "song", "alphabet"])
def test_networks_learn_it_with_what_is_usual(name):
    *_, networks = train_replicas(TrainConfig(task=name), 4)
    assert [network.fate for network in networks] == ["exact"] * 4
