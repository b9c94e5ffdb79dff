"""The lab of backprop: both orders are what they are said to be, and the verdict is what the numbers say."""

import json

import numpy as np
import pytest

from carrybit.activations import sigmoid
from carrybit.labs import backprop
from carrybit.labs.haste import forward, learn
from carrybit.labs.lab import Finding
from carrybit.labs.subjects import Share
from carrybit.network import Network
from carrybit.params import Params

SEEDS = range(3)
NETWORKS = [Network.first(backprop.SPEC, seed, "reference") for seed in SEEDS]
FIRST = backprop.stack([network.params for network in NETWORKS])
WORDS = np.stack([backprop.TASK.sample(seed, "samples", 0, backprop.LOOKS) for seed in SEEDS], axis=1)


def run(**settings):
    *steps, finding = backprop.experiment(**settings)
    assert isinstance(finding, Finding)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    return finding


def the_tutorials(network, word, rate, on_the_way):
    """One update as the tutorial writes it, number by number, deltas and all: changed at once, or in the end."""
    first = NETWORKS[network].params
    synapse_0, synapse_h, synapse_1 = (np.array(each) for each in (first.synapse_0, first.synapse_h, first.synapse_1))
    X, y = backprop.TASK.vectors[word], backprop.answers(word[None])[0]
    layer_1_values, layer_2_deltas = [np.zeros(16)], []
    for t in range(len(X)):
        layer_1_values.append(sigmoid(X[t] @ synapse_0 + layer_1_values[-1] @ synapse_h))
        layer_2 = sigmoid(layer_1_values[-1] @ synapse_1)
        layer_2_deltas.append((y[t] - layer_2) * layer_2 * (1 - layer_2))
    kept = [np.zeros_like(each) for each in (synapse_0, synapse_h, synapse_1)]
    future_layer_1_delta = np.zeros(16)
    for t in reversed(range(len(X))):
        layer_1, prev_layer_1 = layer_1_values[t + 1], layer_1_values[t]
        error = future_layer_1_delta @ synapse_h.T + layer_2_deltas[t] @ synapse_1.T
        layer_1_delta = error * layer_1 * (1 - layer_1)
        updates = np.outer(X[t], layer_1_delta), np.outer(prev_layer_1, layer_1_delta)
        updates = *updates, np.outer(layer_1, layer_2_deltas[t])
        for update, weights, keep in zip(updates, (synapse_0, synapse_h, synapse_1), kept, strict=True):
            if on_the_way:
                weights += rate * update
            else:
                keep += rate * update
        future_layer_1_delta = layer_1_delta
    return [weights + keep for weights, keep in zip((synapse_0, synapse_h, synapse_1), kept, strict=True)]


@pytest.mark.parametrize("rate", [0.1, 3.0])
@pytest.mark.parametrize("on_the_way", [False, True])
def test_both_orders_are_the_tutorials(rate, on_the_way):
    layers = forward(FIRST, backprop.TASK.vectors[WORDS[0]])
    changed = learn(FIRST, layers, backprop.answers(WORDS[0]), rate, on_the_way=on_the_way)
    for network in SEEDS:
        wanted = the_tutorials(network, WORDS[0, network], rate, on_the_way)
        for name, array in zip(("synapse_0", "synapse_h", "synapse_1"), wanted, strict=True):
            np.testing.assert_allclose(changed.arrays()[name][network], array, rtol=1e-12, atol=1e-12)


def test_after_the_way_back_the_change_is_a_step_down_the_gradient():
    layers = forward(FIRST, backprop.TASK.vectors[WORDS[0]])
    changed = backprop.apart(learn(FIRST, layers, backprop.answers(WORDS[0]), 0.5, on_the_way=False))
    for network, after, word in zip(NETWORKS, changed, WORDS[0], strict=True):
        gradient, _ = network.gradient(backprop.TASK.vectors[word][None], backprop.answers(word[None]))
        for name, d in gradient.arrays().items():
            np.testing.assert_allclose(after.arrays()[name], network.params.arrays()[name] - 0.5 * d, atol=1e-12)


def test_learning_changes_nothing_that_it_was_given():
    before = FIRST.map(np.copy)
    layers = forward(FIRST, backprop.TASK.vectors[WORDS[0]])
    learn(FIRST, layers, backprop.answers(WORDS[0]), 1.0, on_the_way=True)
    assert all((FIRST.arrays()[name] == array).all() for name, array in before.arrays().items())


def test_a_single_step_has_no_way_back():
    layers, right = forward(FIRST, backprop.TASK.vectors[WORDS[0, :, :1]]), backprop.answers(WORDS[0, :, :1])
    hasty, patient = (learn(FIRST, layers, right, 2.0, on_the_way=way) for way in (True, False))
    np.testing.assert_array_equal(backprop.flat(hasty), backprop.flat(patient))


def test_an_update_goes_astray_in_proportion_to_its_rate():
    small, large = (backprop.one_update(FIRST, WORDS[0], rate) for rate in (0.001, 0.01))
    np.testing.assert_allclose(large.off / small.off, 10, rtol=0.05)
    np.testing.assert_allclose(large.degrees / small.degrees, 10, rtol=0.05)


def test_networks_are_taught_one_word_after_the_other():
    *_, lessons = iterate(backprop.teach(FIRST, WORDS, 0.5, backprop.AFTER, Share()))
    params, errors = FIRST, []
    for word in WORDS:
        layers = forward(params, backprop.TASK.vectors[word])
        errors.append(np.abs(layers.layer_2 - backprop.answers(word))[..., 0].sum(axis=1))
        params = learn(params, layers, backprop.answers(word), 0.5, on_the_way=False)
    np.testing.assert_allclose(lessons.errors, np.transpose(errors))  # a look after every word


def iterate(steps):
    """Return what a generator yields and then returns."""
    while True:
        try:
            yield next(steps)
        except StopIteration as stop:
            yield stop.value
            return


def test_stacked_networks_come_apart_again():
    for network, params in zip(NETWORKS, backprop.apart(FIRST), strict=True):
        assert isinstance(params, Params)
        assert all((params.arrays()[name] == array).all() for name, array in network.params.arrays().items())


def test_at_a_small_rate_the_order_does_not_matter_and_at_a_large_one_it_does():
    small = run(count=6, rates={0.1: 60})
    assert not small.holds and "1.00 (1.00 to 1.00) times" in small.verdict and "not clearly worse" in small.verdict
    large = run(count=12, rates={4.0: 1500})
    assert large.holds and "they learn clearly worse. Clearly worse: at 4." in large.verdict


def test_clearly_fewer_exact_networks_are_clearly_worse():
    def lessons(exact):
        return backprop.Lessons(100, np.ones((20, backprop.LOOKS)), np.arange(20) < exact)

    assert backprop.is_worse({backprop.AFTER: lessons(18), backprop.ON_THE_WAY: lessons(5)})
    assert not backprop.is_worse({backprop.AFTER: lessons(18), backprop.ON_THE_WAY: lessons(14)})


def test_the_picture_holds_how_far_astray_and_a_curve_for_each_rate():
    figure = pytest.importorskip("matplotlib.figure").Figure(layout="constrained")
    finding = run(count=2, rates={0.1: 50, 2.0: 60})
    finding = Finding(finding.listings, finding.holds, finding.verdict, json.loads(json.dumps(finding.data)))
    assert backprop.draw(finding, figure) is figure
    astray, *curves = figure.axes
    assert [line.get_xdata()[0] for line in astray.get_lines()] == list(backprop.ASTRAY)
    assert [ax.get_title() for ax in curves] == ["rate 0.1", "rate 2"]
    assert [ax.get_xlabel() for ax in curves] == ["50 updates", "60 updates"]
    assert all(len({line.get_linestyle() for line in ax.get_lines()}) == 2 for ax in curves)
    figure.canvas.draw()
