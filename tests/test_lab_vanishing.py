"""The lab of vanishing: the verdict follows from how the derivative shrinks."""

import json

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.labs import vanishing
from carrybit.labs.lab import Finding
from carrybit.labs.rests import rests
from carrybit.network import Network
from carrybit.tasks.addition import addition
from carrybit.tracing import trace
from carrybit.training import train


def run(**settings):
    *_, finding = vanishing.experiment(**settings)
    assert isinstance(finding, Finding)
    return finding


def test_the_way_back_is_told_by_the_derivative_after_each_step():
    task, words = addition(), vanishing.sums(0)[vanishing.RANDOM][:5, :6]
    network = Network.first(TrainConfig(task=task).make_spec(), 1)
    truth, last = task.machine.run(words)[1][..., None].astype(float), np.zeros((5, 6), bool)
    last[:, -1] = True
    derivatives = trace(network, task.vectors[words], truth, last).d_layer_1[:, 1:]  # checked in test_tracing.py
    lengths = np.linalg.norm(derivatives, axis=2)[:, ::-1]
    left = np.exp(np.log(lengths / lengths[:, :1]).mean(axis=0))
    np.testing.assert_allclose(vanishing.way_back(network, task, words), left, rtol=1e-12)


def test_held_sums_hold_the_carry_of_their_first_column():
    words, machine = vanishing.sums(0), addition().machine
    states = machine.run(words[vanishing.HELD])[0][:, 1:]
    assert (states == states[:, :1]).all()
    assert set(states[:, 0]) == {0, 1}
    assert set(words[vanishing.RANDOM].reshape(-1)) == {0, 1, 2, 3}


def test_what_is_left_where_one_column_is_held_for_ever_is_the_radius_of_its_rest():
    *_, finished = train(TrainConfig(optimizer="adam", until="exact", updates=20_000))
    network, task = finished.state.network, addition()
    word = np.full((1, 200), 1)
    word[:, 0] = 3
    left = vanishing.way_back(network, task, word)
    reached = network.run(task.vectors[word]).layer_1[0, -1:]
    (rest,) = rests(network.spec, network.params, task.vectors[1], reached)
    assert left[0] == 1
    assert (left[150] / left[50]) ** (1 / 100) == pytest.approx(rest.radius, rel=1e-2)


def test_by_the_tutorials_rule_a_held_carry_is_kept_longer_and_by_adams_it_is_not():
    by_sgd, by_adam = run(count=6), run(count=6, rule="adam")
    assert by_sgd.holds and "shrinks, and less than before" in by_sgd.verdict
    assert not by_adam.holds and "shrinks, and not clearly less than before" in by_adam.verdict
    assert by_sgd.listings == by_adam.listings


def test_a_derivative_that_grows_is_told_so():
    growing = {kind: {which: np.full((6, 32), 1.0) for which in ("random", "carry held")} for kind in ("untrained",)}
    grown = {which: np.geomspace(1, 10, 32) * np.ones((6, 1)) for which in ("random", "carry held")}
    holds, verdict = vanishing.judge({**growing, "sgd": grown, "adam": grown}, "sgd")
    assert not holds and "may grow" in verdict


def test_without_an_adder_the_claim_does_not_hold():
    none = {which: np.array([]) for which in (vanishing.RANDOM, vanishing.HELD)}
    finding = vanishing.finding({"untrained": none, "sgd": none, "adam": none}, "sgd")
    assert not finding.holds and "No network became exact" in finding.verdict
    assert finding.listings[0].rows == ()


def test_the_picture_holds_what_is_left_in_both_kinds_of_sums():
    figure = pytest.importorskip("matplotlib.figure").Figure()
    finding = run(count=2)
    finding = Finding(finding.listings, finding.holds, finding.verdict, json.loads(json.dumps(finding.data)))
    assert vanishing.draw(finding, figure) is figure
    assert [ax.get_title() for ax in figure.axes] == ["sums: random", "sums: carry held"]
    for ax in figure.axes:
        assert [line.get_label() for line in ax.get_lines()] == ["untrained", "exact, by sgd", "exact, by adam"]
        assert len({line.get_linestyle() for line in ax.get_lines()}) == 3  # told apart without colour
        assert all(line.get_ydata()[0] == pytest.approx(1) for line in ax.get_lines())
    figure.canvas.draw()
