"""What a step makes of a set holds what it makes of every point in it."""

import dataclasses

import numpy as np
import pytest

from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.proof.claim import Claim
from carrybit.proof.induction.zonotopes import Step, zonotopes
from carrybit.spec import Spec

KINDS = [
    {"activation": activation, "bias": bias, "recurrence": recurrence, "loss": loss, "output_dim": outputs}
    for activation in ("sigmoid", "tanh", "relu")
    for bias, recurrence in ((False, "hidden"), (True, "hidden"), (True, "input"))
    for loss, outputs in (("squared_error", 1), ("linear_squared_error", 1), ("softmax_cross_entropy", 3))
]


def random_claim(kind, seed=0, eps=1e-3):
    rng = np.random.default_rng(seed)
    spec = Spec(input_dim=3, hidden_dim=5, **kind)
    network = Network.first(spec, seed, "reference", 1.5)
    if spec.bias:
        params = dataclasses.replace(network.params, bias_1=rng.normal(size=5), bias_2=rng.normal(size=spec.output_dim))
        network = dataclasses.replace(network, params=params)
    answers = 2 if spec.output_dim == 1 else spec.output_dim
    machine = Machine(
        states=("p", "q"),
        symbols=tuple("abcd"),
        answers=tuple(map(str, range(answers))),
        moves=rng.integers(0, 2, (2, 4)),
        outputs=rng.integers(0, answers, (2, 4)),
    )
    return Claim(network=network, machine=machine, vectors=rng.normal(size=(4, 3)), eps=eps)


def points_of(sets, rng, count):
    """Points in sets (N, count, M), the corners among them."""
    ends = rng.choice([-1.0, 1.0], (len(sets.centres), count, sets.generators.shape[1]))
    inner = rng.uniform(-1, 1, ends.shape)
    ends = np.where(rng.random((len(sets.centres), count, 1)) < 0.5, ends, inner)
    return sets.centres[:, None] + ends @ sets.generators


def holds(sets, n, points):
    """Whether points (count, M) may lie in set n, as seen along 200 random directions."""
    directions = np.random.default_rng(1).normal(size=(points.shape[1], 200))
    reach = np.abs(sets.generators[n] @ directions).sum(axis=0)
    return (np.abs((points - sets.centres[n]) @ directions) <= reach + 1e-12).all()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_a_set_holds_what_becomes_of_its_points_whatever_disturbs_them(kind):
    claim, rng = random_claim(kind), np.random.default_rng(2)
    step, memory_dim = Step(claim), claim.network.spec.memory_dim
    sets = zonotopes(rng.normal(size=(6, memory_dim)), rng.normal(size=(6, 7, memory_dim)) * 0.1)
    rows, symbols = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    layer_1 = step.image(sets, rows, symbols)
    np.testing.assert_array_less(np.abs(layer_1.generators).sum(axis=1), layer_1.reach + 1e-12)
    points = points_of(sets, rng, 400)
    for n, (row, symbol) in enumerate(zip(rows, symbols, strict=True)):
        moved = step.point(points[row], np.arange(400), np.full(400, symbol))
        moved += claim.eps * rng.choice([-1.0, 1.0], moved.shape)
        assert holds(layer_1, n, moved)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_the_margin_of_a_set_is_below_that_of_its_points(kind):
    claim, rng = random_claim(kind), np.random.default_rng(3)
    step, units = Step(claim), claim.network.spec.hidden_dim
    sets = zonotopes(rng.normal(size=(40, units)), rng.normal(size=(40, 3, units)) * 0.05)
    answers = rng.integers(0, len(claim.machine.answers), 40)
    (margins, sure), points = step.margins(sets, answers), points_of(sets, rng, 300)
    for n in range(40):
        least = step.lead(points[n], np.full(300, answers[n])).min()
        assert sure[n] <= margins[n] <= least + 1e-12
        assert least - margins[n] < 2.0  # and not by far


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
def test_a_positive_margin_is_the_answer_that_the_network_gives(kind):
    claim = random_claim(kind)
    step, words = Step(claim), np.random.default_rng(4).integers(0, 4, (50, 1))
    given, _ = claim.answers(words)
    layer_1 = step.point(np.zeros((50, claim.network.spec.memory_dim)), np.arange(50), words[:, 0])
    for answer in range(len(claim.machine.answers)):
        lead = step.lead(layer_1, np.full(50, answer))
        assert (given[lead > 1e-9] == answer).all()
        assert (given[lead < -1e-9, 0] != answer).all()


def test_of_several_sigmoids_those_that_could_round_to_the_same_are_not_told_apart():
    kind = {"activation": "tanh", "bias": True, "loss": "cross_entropy", "output_dim": 2}
    claim = random_claim(kind)
    layer_1, answers = zonotopes(np.zeros((2, 5)), np.zeros((2, 1, 5))), np.array([0, 0])
    for bias_2, told_apart in (([4.0, 3.0], True), ([40.0, 39.0], False)):
        params = dataclasses.replace(claim.network.params, synapse_1=np.zeros((5, 2)), bias_2=np.array(bias_2))
        network = dataclasses.replace(claim.network, params=params)
        margins, sure = Step(dataclasses.replace(claim, network=network)).margins(layer_1, answers)
        assert (margins > 0.99).all()
        assert (sure > 0.99).all() == told_apart


def test_points_move_as_the_network_does():
    for kind in KINDS:
        claim = random_claim(kind)
        step, word = Step(claim), np.random.default_rng(5).integers(0, 4, 30)
        layers = claim.network.run(claim.vectors[word[None]])
        memory = np.zeros((1, claim.network.spec.memory_dim))
        for t, symbol in enumerate(word):
            layer_1 = step.point(memory, np.array([0]), np.array([symbol]))
            np.testing.assert_allclose(layer_1[0], layers.layer_1[0, t + 1], atol=1e-9, rtol=1e-9)
            memory = step.remembered(layer_1, np.array([symbol]))


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_an_implementation_rounds_less_than_the_bound(precision):
    """Against sums in long doubles: every engine, at every step."""
    for activation in ("sigmoid", "tanh"):
        kind = {
            "activation": activation,
            "bias": True,
            "loss": "squared_error",
            "output_dim": 1,
            "precision": precision,
        }
        claim = random_claim(kind)
        bound, word = Step(claim).rounding(1.0), np.random.default_rng(6).integers(0, 4, (20, 50))
        wide = {name: array.astype(np.longdouble) for name, array in claim.network.params.arrays().items()}
        heard = claim.vectors.astype(precision).astype(np.longdouble) @ wide["synapse_0"]
        for engine in ("cpu", "reference"):
            layer_1 = dataclasses.replace(claim.network, engine=engine).run(claim.vectors[word]).layer_1
            z = layer_1[:, :-1].astype(np.longdouble) @ wide["synapse_h"] + heard[word] + wide["bias_1"]
            exact = np.tanh(z) if activation == "tanh" else 1 / (1 + np.exp(-z))
            off = np.abs(exact - layer_1[:, 1:]).max()
            assert off < bound
            assert bound < 1000 * off  # the bound says something
