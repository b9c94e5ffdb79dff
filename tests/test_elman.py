"""The plain recurrent cell: what a step sees, and what it must not see."""

import numpy as np
import pytest

from carrybit.errors import ShapeError
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import RECURRENCES, Spec


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def inputs(batch=2, time=6, seed=0):
    return np.random.default_rng(seed).integers(2, size=(batch, time, 2)).astype(float)


def test_a_step_is_the_tutorials_formula():
    network, layer_0 = Network.first(Spec(), seed=1), inputs(batch=1)
    p = network.params
    layers = network.run(layer_0)
    memory = np.zeros((1, 16))
    for t in range(layer_0.shape[1]):
        memory = sigmoid(layer_0[:, t] @ p.synapse_0 + memory @ p.synapse_h)
        np.testing.assert_allclose(layers.layer_1[:, t + 1], memory, rtol=1e-14)
        np.testing.assert_allclose(layers.layer_2[:, t], sigmoid(memory @ p.synapse_1), rtol=1e-14)
    assert (layers.layer_1[:, 0] == 0).all()


def test_input_recurrence_sees_the_previous_input_and_nothing_older():
    network, layer_0 = Network.first(Spec(recurrence="input"), seed=1), inputs(batch=1, time=8)
    changed = layer_0.copy()
    changed[:, 3] = 1 - changed[:, 3]
    same = (network.run(layer_0).layer_1 == network.run(changed).layer_1).all(axis=(0, 2))
    assert same.tolist() == [True] * 4 + [False, False] + [True] * 3


def test_hidden_recurrence_still_feels_the_first_input_at_the_end():
    network, layer_0 = Network.first(Spec(), seed=1), inputs(batch=1, time=8)
    changed = layer_0.copy()
    changed[:, 0] = 1 - changed[:, 0]
    assert (network.run(layer_0).layer_1[:, -1] != network.run(changed).layer_1[:, -1]).any()


def test_the_hidden_layer_moves_even_without_input():
    layer_1 = Network.first(Spec(), seed=1).run(np.zeros((1, 4, 2))).layer_1
    assert (layer_1[:, 2:] != layer_1[:, 1:-1]).any(axis=2).all()


@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_going_on_from_a_memory_is_the_same_as_never_stopping(recurrence):
    network, layer_0 = Network.first(Spec(recurrence=recurrence, bias=True), seed=1), inputs(time=9)
    whole = network.run(layer_0)
    first = network.run(layer_0[:, :4])
    second = network.run(layer_0[:, 4:], memory=first.past[:, -1])
    np.testing.assert_array_equal(np.concatenate([first.layer_2, second.layer_2], axis=1), whole.layer_2)


@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_a_batch_equals_its_rows(recurrence):
    network, layer_0 = Network.first(Spec(recurrence=recurrence), seed=1), inputs(batch=5)
    together = network.run(layer_0).layer_2
    alone = np.concatenate([network.run(layer_0[b : b + 1]).layer_2 for b in range(5)])
    np.testing.assert_allclose(together, alone, rtol=1e-13)


@pytest.mark.parametrize("recurrence", RECURRENCES)
@pytest.mark.parametrize("bias", [False, True])
def test_padding_changes_nothing_to_the_bit(recurrence, bias):
    spec = Spec(recurrence=recurrence, bias=bias)
    params = Network.first(spec, seed=2).params
    random = np.random.default_rng(0)
    layer_0, targets = inputs(batch=3, time=5), random.uniform(size=(3, 5, 1))
    lengths = np.array([5, 2, 4])

    def padded(padding):
        rest = random.normal(size=(3, padding, 2))  # what stands in the padding must not matter
        wanted = np.concatenate([targets, random.normal(size=(3, padding, 1))], axis=1)
        return np.concatenate([layer_0, rest], axis=1), wanted, np.arange(5 + padding) < lengths[:, None]

    def gradient(padding):
        return Network(spec, params).gradient(*padded(padding))[0]

    def loss(padding):
        return Network(spec, params).loss(*padded(padding))

    assert loss(0) == loss(59)
    short, long = gradient(0), gradient(59)
    for name, array in short.arrays().items():
        np.testing.assert_array_equal(array, long.arrays()[name], err_msg=name)


@pytest.mark.parametrize("shape", [(8, 2), (3, 8, 3), (8,), (1, 1, 8, 2)])
def test_inputs_of_another_shape_are_refused_with_the_shape_that_is_allowed(shape):
    with pytest.raises(ShapeError, match=r"\(sequences, steps, 2\)"):
        Network.first(Spec(), seed=0).run(np.zeros(shape))


def test_a_memory_of_another_shape_is_refused():
    with pytest.raises(ShapeError, match="memory of shape"):
        Network.first(Spec(), seed=0).run(np.zeros((2, 3, 2)), memory=np.zeros((1, 16)))


def test_targets_and_masks_of_another_shape_are_refused():
    network, layer_0 = Network.first(Spec(), seed=0), np.zeros((2, 3, 2))
    for targets, mask in (
        (np.zeros((2, 3)), None),
        (np.zeros((2, 3, 2)), None),
        (np.zeros((2, 3, 1)), np.ones(3, bool)),
    ):
        for ask in (network.loss, network.gradient):
            with pytest.raises(ShapeError):
                ask(layer_0, targets, mask)


def test_a_network_gives_the_loss_of_unequal_sequences_and_goes_down_its_gradient():
    network, layer_0 = Network.first(Spec(), seed=0), inputs(batch=3, time=5)
    targets, mask = np.ones((3, 5, 1)), np.arange(5) < np.array([5, 2, 4])[:, None]
    apart = [network.loss(layer_0[b : b + 1, :n], targets[b : b + 1, :n]) for b, n in enumerate([5, 2, 4])]
    np.testing.assert_allclose(network.loss(layer_0, targets, mask), np.mean(apart), rtol=1e-13)
    gradient, layers = network.gradient(layer_0, targets, mask)
    np.testing.assert_array_equal(layers.layer_2, network.run(layer_0).layer_2)
    lower = Network(network.spec, network.params.map(lambda w, d: w - 0.1 * d, gradient))
    assert lower.loss(layer_0, targets, mask) < network.loss(layer_0, targets, mask)


def test_params_that_do_not_fit_the_spec_are_refused():
    params = Network.first(Spec(hidden_dim=4), seed=0).params
    with pytest.raises(ShapeError, match="synapse_0"):
        Network(Spec(hidden_dim=5), params)
    with pytest.raises(ShapeError, match="bias_1 missing"):
        Network(Spec(hidden_dim=4, bias=True), params)


def test_first_weights_are_uniform_and_belong_to_the_seed():
    spec = Spec(hidden_dim=200, bias=True)
    first, again, other = (Network.first(spec, seed).params for seed in (5, 5, 6))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
    assert (first.synapse_h != other.synapse_h).all()
    assert first.synapse_h.min() >= -1
    assert first.synapse_h.max() < 1
    assert abs(first.synapse_h.mean()) < 0.02
    assert abs(first.synapse_h.var() - 1 / 3) < 0.01
    assert not first.bias_1.any()
    assert not first.bias_2.any()


def test_params_map_goes_through_every_array():
    params = Params(synapse_0=np.ones((1, 2)), synapse_h=np.ones((2, 2)), synapse_1=np.ones((2, 1)), bias_1=np.ones(2))
    doubled = params.map(lambda mine, theirs: mine + theirs, params)
    assert doubled.arrays().keys() == params.arrays().keys()
    assert all((array == 2).all() for array in doubled.arrays().values())


@pytest.mark.parametrize("engine", ["cpu", "reference"])
@pytest.mark.parametrize("recurrence", RECURRENCES)
@pytest.mark.parametrize("shape", [(3, 0), (8, 0), (0, 4), (0, 0)])
def test_no_steps_or_no_sequences_are_no_trouble(engine, recurrence, shape):
    network = Network.first(Spec(recurrence=recurrence, output_dim=2), seed=1, engine=engine)
    memory = np.full((shape[0], network.spec.memory_dim), 0.5)
    for _ in range(20):
        layers = network.run(np.zeros((*shape, 2)), memory)
        assert layers.layer_1.shape == (shape[0], shape[1] + 1, 16)
        assert layers.layer_2.shape == network.answer(np.zeros((*shape, 2))).shape == (*shape, 2)
        np.testing.assert_array_equal(layers.past[:, 0], memory)
    if shape[0]:
        gradient, _ = network.gradient(np.zeros((*shape, 2)), np.zeros((*shape, 2)))
        assert not any(array.any() for array in gradient.arrays().values())


@pytest.mark.parametrize("engine", ["cpu", "reference"])
def test_the_numbers_of_a_network_cannot_be_changed_under_it(engine):
    network = Network.first(Spec(), seed=1, engine=engine)
    network.step([1, 0])
    with pytest.raises(ValueError, match="read-only"):
        network.params.synapse_0[...] = 0
