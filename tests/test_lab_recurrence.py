"""The experiment on recurrence: its ceilings are counted right, and its verdict turns round with the networks."""

import itertools
import json
import math
from collections import defaultdict

import numpy as np
import pytest

from carrybit.labs import recurrence
from carrybit.labs.lab import Finding
from carrybit.machines.machine import Machine
from carrybit.machines.window import long_run, window_ceiling
from carrybit.tasks import walks
from carrybit.tasks.addition import addition
from carrybit.tasks.recall import recall
from carrybit.tasks.song import song


def even(task):
    return walks.even(task.machine, task.length)


@pytest.mark.parametrize("m", range(6))
def test_a_window_tells_as_much_of_a_sum_as_the_formula_says(m):
    assert window_ceiling(addition().machine, even(addition()), m) == pytest.approx(1 - 2.0 ** -(m + 1), abs=1e-12)


@pytest.mark.parametrize("lag", [1, 2, 3])
def test_what_was_heard_is_known_to_who_still_sees_it_and_else_a_coin(lag):
    task = recall(lag)
    for m in range(5):
        assert window_ceiling(task.machine, task.chances, m) == pytest.approx(1.0 if m >= lag else 0.5, abs=1e-12)


def test_two_words_of_the_song_go_on_in_two_ways():
    task = song()
    assert window_ceiling(task.machine, task.chances, 1) == pytest.approx(6 / 7)  # after "I love", one of two is wrong
    assert window_ceiling(task.machine, task.chances, 2) == pytest.approx(1.0)


def by_brute_force(machine, chances, m):
    """The ceiling by its definition: each window is answered as is right most often, over all ways to come to it."""
    states, symbols = range(len(machine.states)), range(len(machine.symbols))
    walk = np.zeros((len(states),) * 2)
    for state, symbol in itertools.product(states, symbols):
        walk[state, machine.moves[state, symbol]] += chances[state, symbol]
    values, vectors = np.linalg.eig(walk.T)
    often = np.real(vectors[:, np.argmin(abs(values - 1))])
    right = defaultdict(lambda: defaultdict(float))
    for first, window in itertools.product(states, itertools.product(symbols, repeat=m + 1)):
        state, chance = first, often[first] / often.sum()
        for symbol in window:
            chance *= chances[state, symbol]
            state, answer = machine.moves[state, symbol], machine.outputs[state, symbol]
        right[window][answer] += chance
    return math.fsum(max(answers.values()) for answers in right.values())


@pytest.mark.parametrize("m", range(4))
@pytest.mark.parametrize("seed", range(5))
def test_the_ceiling_of_any_machine_is_that_of_brute_force(seed, m):
    random = np.random.RandomState(seed)
    moves = random.randint(5, size=(5, 3))
    moves[:, 0] = (np.arange(5) + 1) % 5  # a ring, so that all states are come to again
    machine = Machine(
        states=tuple("pqrst"),
        symbols=tuple("abc"),
        answers=tuple("xyz"),
        moves=moves,
        outputs=random.randint(3, size=(5, 3)),
    )
    chances = random.dirichlet((1, 1, 1), size=5)
    assert window_ceiling(machine, chances, m) == pytest.approx(by_brute_force(machine, chances, m), abs=1e-10)


@pytest.mark.parametrize("m", range(4))
def test_a_wider_window_never_tells_less(m):
    for subject in recurrence.subjects():
        assert subject.ceiling(m + 1) >= subject.ceiling(m) - 1e-12


@pytest.mark.parametrize("task", [addition(operands=3), recall(2)], ids=["three operands", "recall"])
def test_the_ceiling_is_what_counting_long_words_finds(task):
    words = walks.draw(task.machine, even(task), 40, 0, "evaluation", 0, 4000)
    answers = task.machine.run(words)[1]
    right = 0
    windows = words[:, 29] * len(task.machine.symbols) + words[:, 30]
    for window in np.unique(windows):
        right += np.bincount(answers[windows == window, 30]).max()
    assert window_ceiling(task.machine, even(task), 1) == pytest.approx(right / 4000, abs=0.03)


def test_the_long_run_is_left_alone_by_one_more_step():
    machine = addition(operands=4).machine
    chances = walks.even(machine, 8)
    often = long_run(machine, chances)
    after = np.zeros_like(often)
    for state, symbol in itertools.product(range(4), range(16)):
        after[machine.moves[state, symbol]] += often[state] * chances[state, symbol]
    np.testing.assert_allclose(after, often, atol=1e-12)


def test_the_long_run_of_a_ring_is_even_and_that_of_a_trap_is_the_trap():
    ring, moves = song(), np.array([[0, 1], [1, 1]])
    trap = Machine(states=("out", "in"), symbols=("a", "b"), answers=("no", "yes"), moves=moves, outputs=moves)
    np.testing.assert_allclose(long_run(ring.machine, ring.chances), np.full(7, 1 / 7), atol=1e-12)
    np.testing.assert_allclose(long_run(trap, np.full((2, 2), 0.5)), [0, 1], atol=1e-12)


def found(**options):
    (finding,) = [event for event in recurrence.experiment(**options) if isinstance(event, Finding)]
    return finding


def test_hidden_recurrence_passes_and_input_recurrence_reaches_the_ceiling(tmp_path):
    from matplotlib.figure import Figure

    finding = found()
    assert finding.holds, finding.verdict
    data = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]
    results = {each["task"]: each for each in data["results"]}
    assert results["sums"]["ceiling"] == pytest.approx(0.75)
    assert abs(results["sums"]["input"]["share"] - 0.75) < 0.01
    assert results["sums"]["hidden"]["share"] > 0.99
    ceilings = finding.listings[0]
    assert [row[1] for row in ceilings.rows] == [row[2] for row in ceilings.rows]  # the formula, and what is counted
    assert [row[2] for row in ceilings.rows] == ["50.000", "75.000", "87.500", "93.750", "96.875"]
    drawn = recurrence.draw(finding, Figure())
    drawn.savefig(tmp_path / "drawn.png")
    *bars, ceilings = (drawn.axes[0].containers[k] for k in (0, 2, 4))  # an interval stands on each of the bars
    for kind, each in zip(("hidden", "input"), bars, strict=True):
        shares = [100 * result[kind]["share"] for result in data["results"]]
        assert [bar.get_height() for bar in each] == pytest.approx(shares)
    middles = [bar.get_y() + bar.get_height() / 2 for bar in ceilings]
    assert middles == pytest.approx([100 * result["ceiling"] for result in data["results"]])
    words = [text.get_text() for ax in drawn.axes for text in ax.get_legend().get_texts()]
    assert {"hidden recurrence", "input recurrence", "ceiling of two inputs", "sums"} <= set(words)


def test_swapped_networks_turn_the_verdict_round():
    finding = found(recurrences=("input", "hidden"))
    assert not finding.holds
    assert finding.verdict.startswith("Input recurrence does not pass the ceiling")


def result(ceiling=0.75, hidden=1.0, seen=0.75):
    def share(value):
        return {"share": value, "low": value - 0.005, "high": value + 0.005}

    return {"task": "sums", "ceiling": ceiling, "hidden": share(hidden), "input": share(seen)}


@pytest.mark.parametrize(
    ("results", "holds", "words"),
    [
        ([result()], True, "passes it nowhere"),
        ([result(seen=0.745)], True, "differ by 0.50 % of the answers at most"),
        ([result(hidden=0.75)], False, "Hidden recurrence does not pass"),
        ([result(seen=0.9)], False, "Input recurrence passes"),
        ([result(seen=0.6)], False, "Input recurrence does not reach"),
        ([result(), result(ceiling=1.0, seen=0.9)], False, "does not reach"),
    ],
)
def test_the_verdict_follows_the_numbers(results, holds, words):
    decided, verdict = recurrence._verdict("hidden", "input", results)
    assert decided is holds
    assert words in verdict
