"""The lab of silence: rests are where nothing moves, all of them are found, and the verdict is theirs."""

import json

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.labs import silence
from carrybit.labs.lab import Finding
from carrybit.labs.rests import rests
from carrybit.network import Network
from carrybit.params import Params
from carrybit.replicas import train_replicas
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tasks.numbers import columns
from carrybit.tasks.task import decide

WORDS = addition(64).sample(0, "evaluation", 0, 8)


def run(**settings):
    *steps, finding = silence.experiment(**settings)
    assert isinstance(finding, Finding)
    return steps, finding


@pytest.fixture(scope="module")
def adders():
    *_, made = train_replicas(TrainConfig(optimizer="adam", until="exact", updates=20_000), 3)
    return [silence.leave_alone(replica.state.network, WORDS, 0) for replica in made]


@pytest.fixture(scope="module")
def untrained():
    return [silence.leave_alone(Network.first(Spec(), seed), WORDS, seed) for seed in range(3)]


@pytest.mark.parametrize(("weight", "count"), [(3.0, 1), (10.0, 3), (30.0, 3)])
def test_the_rests_of_one_unit_are_where_its_curve_crosses_the_diagonal(weight, count):
    spec = Spec(input_dim=1, hidden_dim=1, bias=True)
    one = np.ones((1, 1))
    params = Params(
        synapse_0=one, synapse_h=weight * one, synapse_1=one, bias_1=np.array([-weight / 2]), bias_2=np.zeros(1)
    )
    found = rests(spec, params, np.zeros(1), np.linspace(0, 1, 12)[:, None])
    line = np.linspace(0, 1, 200_002)
    above = 1 / (1 + np.exp(-(weight * line - weight / 2))) > line
    crossings = line[1:][np.diff(above)]
    assert len(found) == len(crossings) == count
    np.testing.assert_allclose(np.sort([rest.layer_1[0] for rest in found]), crossings, atol=1e-5)
    for rest in found:  # stable where the curve is flatter than the diagonal
        assert rest.radius == pytest.approx(weight * rest.layer_1[0] * (1 - rest.layer_1[0]))
        assert rest.is_stable == (rest.radius < 1) == (count == 1 or abs(rest.layer_1[0] - 0.5) > 0.01)


def test_nothing_moves_at_a_rest_and_the_radius_is_that_of_small_distances(adders):
    for found in adders:
        for held, under in zip(columns(2), found.rests, strict=True):
            for rest in under:
                after = found.network.run(held[None, None], rest.layer_1[None]).past[0, 1]
                np.testing.assert_allclose(after, rest.layer_1, atol=1e-9)
                near = rest.layer_1 + 1e-6 * np.eye(len(after))
                moved = found.network.run(np.tile(held, (len(near), 1, 1)), near).past[:, 1]
                jacobian = (moved - after) / 1e-6
                assert rest.radius == pytest.approx(np.abs(np.linalg.eigvals(jacobian)).max(), rel=1e-3)


def test_no_rest_is_missing_by_the_theorem_that_their_signs_add_up_to_one(adders, untrained):
    for found in adders + untrained:
        one, synapse_h = np.eye(16), found.network.params.synapse_h
        for under in found.rests:
            slopes = [rest.layer_1 * (1 - rest.layer_1) for rest in under]
            assert sum(np.sign(np.linalg.det(one - synapse_h * slope)) for slope in slopes) == 1


def test_an_adder_keeps_either_carry_where_it_has_two_rests(adders):
    for found in adders:
        for work, under in zip(silence.WORK, found.rests, strict=True):
            carries = sorted(
                round(float(silence.carry(found.network, r.layer_1[None])[0])) for r in under if r.is_stable
            )
            assert carries == {"reset": [0], "hold": [0, 1], "set": [1]}[work]


def test_the_movement_is_that_of_one_step_after_the_other(adders):
    network, memory, last = adders[0].network, None, None
    for number, column in enumerate([3] + [0] * 5):
        _, memory = network.step(columns(2)[column], memory)
        if number:
            assert np.linalg.norm(memory - last) == pytest.approx(adders[0].movement[number - 1])
        last = memory


def test_the_claim_holds_for_adders_and_not_for_what_rests_elsewhere(adders, untrained):
    none = {kind: [] for kind in (silence.UNTRAINED, silence.SOON, silence.FORGETFUL, silence.ADDERS)}
    held = silence.finding({**none, silence.UNTRAINED: untrained, silence.ADDERS: adders})
    assert held.holds and "3 of 3 adders" in held.verdict and "of 3 other networks, 0 do" in held.verdict
    wrong = silence.finding({**none, silence.ADDERS: [*adders, untrained[0]]})
    assert not wrong.holds and "3 of 4 adders" in wrong.verdict
    lingers = silence.finding({**none, silence.FORGETFUL: untrained[:1], silence.ADDERS: adders})
    assert lingers.holds and "1 were exact in examination, and forget" in lingers.verdict


def test_an_adder_keeps_its_carries_and_others_do_not(adders, untrained):
    assert all(silence.keeps_carries(found.network) for found in adders)
    assert not any(silence.keeps_carries(found.network) for found in untrained)


def test_a_network_without_a_rest_passes_the_examination_and_forgets_all_the_same():
    config = TrainConfig(task=addition(), optimizer="sgd", learning_rate=0.1, until="exact", updates=60_000, seed=178)
    *_, (lingers,) = train_replicas(config, 1)
    network = lingers.state.network
    assert lingers.is_exact and not silence.keeps_carries(network)
    assert silence.leave_alone(network, WORDS, 0).counts == (1, 1, 2, 1)
    chain = np.array([[3] + [1] * 1097])
    wrong = decide(network.answer(columns(2)[chain])) != addition().machine.run(chain)[1]
    assert np.flatnonzero(wrong).tolist() == [1097]  # an examination ends at 1,000


def test_without_an_adder_the_claim_does_not_hold():
    steps, finding = run(count=2, updates=20)
    assert not finding.holds and "No network became exact and kept its carries" in finding.verdict
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert 0 <= steps[0].done and steps[-1].done <= 1


def test_the_picture_holds_a_panel_for_each_column_and_one_for_the_movement():
    figure = pytest.importorskip("matplotlib.figure").Figure()
    _, finding = run(count=2)
    assert finding.holds
    finding = Finding(finding.listings, finding.holds, finding.verdict, json.loads(json.dumps(finding.data)))
    assert silence.draw(finding, figure) is figure
    *above, below = figure.axes
    assert [ax.get_title() for ax in above] == ["00: reset", "01: hold", "10: hold", "11: set"]
    dots = [[line for line in ax.get_lines() if line.get_marker() == "o"] for ax in above]
    assert [len(each) for each in dots] == [1, 2, 2, 1]
    assert {text.get_text() for ax in above for text in ax.texts} == {"watershed"}
    names = below.get_legend_handles_labels()[1]
    assert names[0] == "untrained, median" and "adders, median" in names
    figure.canvas.draw()
