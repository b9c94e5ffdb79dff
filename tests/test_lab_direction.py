"""The lab of direction: the ceiling is counted rightly, nobody passes it, and the verdict is what the numbers say."""

import itertools
import json
import math

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.labs import direction
from carrybit.labs.lab import Finding
from carrybit.labs.order import HIGHEST, LOWEST, Sums, ceiling, every_sum, learners
from carrybit.replicas import train_replicas
from carrybit.tasks.addition import addition
from carrybit.tasks.task import decide


@pytest.fixture(scope="module")
def found():
    *_, finding = direction.experiment(count=2, sums_updates=1200)
    assert isinstance(finding, Finding)
    return finding


def learning(highest, right):
    """Sums of one column, learned by two networks that get so much right."""
    return direction.Learning(np.array([highest]), [100], np.array([[[right], [right]]]))


def knowing(backwards=0.0, middle=0.0):
    """What networks that were taught the alphabet get right."""
    return {
        direction.FORWARDS: dict(zip(direction.ASKED, (1.0, 1.0, backwards), strict=True)),
        direction.FROM_A: dict(zip(direction.ASKED, (1.0, middle, 0.0), strict=True)),
    }


AFTER = {kind: [700, 800] for kind in (*direction.TAUGHT, direction.AGAIN)}


def test_every_sum_is_there_once_in_both_directions():
    lowest, highest = every_sum(4, LOWEST), every_sum(4, HIGHEST)
    assert len({tuple(word) for word in lowest.words.tolist()}) == len(lowest.words) == 4**3
    assert (lowest.words[:, -1] == 0).all()  # so that the sum fits
    np.testing.assert_array_equal(lowest.words, highest.words[:, ::-1])
    np.testing.assert_array_equal(lowest.answers, addition().machine.run(lowest.words)[1])
    np.testing.assert_array_equal(lowest.answers, highest.answers[:, ::-1])


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_the_ceiling_is_what_guessing_no_carry_gets_where_it_was_not_heard(bits):
    places = np.arange(bits)
    no_carry = (1 + 2.0**-places) / 2  # into a place: half of all, and half of those where both are the same
    np.testing.assert_allclose(ceiling(every_sum(bits, HIGHEST)), no_carry[::-1])
    np.testing.assert_array_equal(ceiling(every_sum(bits, LOWEST)), 1)


def test_the_ceiling_is_the_best_of_all_who_could_answer():
    random = np.random.default_rng(0)
    words, answers = random.integers(2, size=(7, 2)), random.integers(2, size=(7, 2))
    beginnings = [(0,), (1,), *itertools.product((0, 1), repeat=2)]
    best = np.zeros(2)
    for said in itertools.product((0, 1), repeat=len(beginnings)):  # every way to answer every beginning
        says = dict(zip(beginnings, said, strict=True))
        given = [[says[tuple(word[: t + 1])] for t in range(2)] for word in words.tolist()]
        best = np.maximum(best, (np.array(given) == answers).mean(axis=0))
    np.testing.assert_allclose(ceiling(Sums(words, answers)), best)


def test_lowest_first_networks_learn_as_they_always_do():
    config = TrainConfig(task=addition(), optimizer="adam", until=None, updates=200, every=100, seed=3)
    *_, (update, right) = learners(config, 2, LOWEST)
    *_, made = train_replicas(config, 2)
    words, answers = every_sum(8, LOWEST)
    for replica, shares in zip(made, right, strict=True):
        layer_2 = replica.state.network.answer(addition().vectors[words])
        np.testing.assert_array_equal((decide(layer_2) == answers).mean(axis=0), shares)
    assert update == 200


def test_highest_first_networks_come_near_the_ceiling_and_do_not_pass_it(found):
    sums = found.data["sums"]
    highest = sums[HIGHEST]["ceiling"]
    assert highest == pytest.approx(np.mean((1 + 2.0 ** -np.arange(8)) / 2))
    assert highest - 0.02 < sums[HIGHEST]["right"][-1] <= sums[HIGHEST]["most"][-1] <= highest
    assert sums[LOWEST]["least"][-1] > 0.99


def test_who_knows_the_alphabet_one_way_does_not_know_it_the_other_way(found):
    right = found.data["right"]
    assert list(right[direction.FORWARDS].values()) == [1, 1, 0]
    assert list(right[direction.BACKWARDS].values()) == [0, 0, 1]
    assert right[direction.FROM_A]["from a"] == 1
    assert right[direction.FROM_A]["from b to z"] < 0.1
    assert found.data["says"][direction.FORWARDS] == "nopqrstuvwxy"
    assert found.data["says"][direction.BACKWARDS] == "lkjihgfedcba"


def test_the_verdict_is_what_the_numbers_say():
    sums = {LOWEST: learning(1.0, 1.0), HIGHEST: learning(0.7, 0.65)}
    holds, verdict = direction.judge(sums, AFTER, knowing())
    assert holds and "65 % to 65 %, where nobody can get more than 70 %" in verdict
    assert not direction.judge(sums, AFTER, knowing(backwards=0.5))[0]
    assert not direction.judge(sums, AFTER, knowing(middle=0.5))[0]
    assert not direction.judge({**sums, LOWEST: learning(1.0, 0.9)}, AFTER, knowing())[0]
    assert not direction.judge({**sums, HIGHEST: learning(1.0, 1.0)}, AFTER, knowing())[0]


def test_without_anybody_who_knows_the_alphabet_the_claim_does_not_hold():
    sums = {LOWEST: learning(1.0, 1.0), HIGHEST: learning(0.7, 0.65)}
    nobody = {kind: direction.Pupils([math.inf, math.inf], []) for kind in direction.TAUGHT}
    finding = direction.finding(sums, nobody, [])
    assert not finding.holds and "No network learned the alphabet" in finding.verdict
    direction.draw(finding, pytest.importorskip("matplotlib.figure").Figure()).canvas.draw()


def test_the_picture_holds_the_ceiling_the_pupils_and_what_they_say(found):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    finding = Finding(found.listings, found.holds, found.verdict, json.loads(json.dumps(found.data)))
    assert direction.draw(finding, figure) is figure
    sums, after, right = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["sums", "the alphabet", "right letters"]
    ceilings = [line for line in sums.get_lines() if len(set(line.get_ydata())) == 1 and len(line.get_xdata()) == 2]
    assert ceilings[0].get_ydata()[0] == pytest.approx(100 * found.data["sums"][HIGHEST]["ceiling"])
    assert [len(line.get_xdata()) for line in after.get_lines()] == [2, 2, 2, 2]
    assert "m: nopqrstuvwxy" in [text.get_text() for text in right.texts]
    figure.canvas.draw()
