"""The trace: every derivative is the reference's and calculus's, and the steps' contributions are the gradient."""

import numpy as np
import pytest

from carrybit.cells import elman
from carrybit.errors import SettingError, ShapeError
from carrybit.losses import batch_loss, d_batch_loss
from carrybit.network import Network
from carrybit.nudges import LAYERS, finite_difference
from carrybit.spec import ACTIVATION_NAMES, LOSS_NAMES, RECURRENCES, Spec
from carrybit.tracing import STEPWISE, trace

NETWORKS = range(20)


def drawn(number):
    """A random network, and a batch for it: both recurrences, biases on and off, all losses, in turn."""
    random = np.random.default_rng(number)
    spec = Spec(
        input_dim=int(random.integers(1, 4)),
        hidden_dim=int(random.integers(1, 7)),
        output_dim=int(random.integers(2, 4)),
        recurrence=RECURRENCES[number % 2],
        bias=number // 2 % 2 == 1,
        loss=LOSS_NAMES[number // 4 % 4],
        activation=ACTIVATION_NAMES[number % 3],
    )
    network = Network.first(spec, number, ("cpu", "reference")[number % 2], start=0.4)
    if spec.bias:
        shaken = {
            name: array + 0.2 * random.normal(size=array.shape) for name, array in network.params.arrays().items()
        }
        network = Network(spec, type(network.params)(**shaken), network.engine)
    batch, time = int(random.integers(1, 4)), int(random.integers(1, 9))
    layer_0 = random.normal(size=(batch, time, spec.input_dim))
    targets = random.dirichlet(np.ones(spec.output_dim), size=(batch, time))
    mask = random.random((batch, time)) < 0.7 if number % 4 == 3 else None
    memory = random.normal(size=(batch, spec.memory_dim)) if number % 5 == 4 else None
    return network, layer_0, targets, mask, memory


@pytest.mark.parametrize("number", NETWORKS)
def test_every_derivative_is_what_a_nudge_of_its_number_does_to_the_loss(number):
    made = trace(*drawn(number))
    for name in (*LAYERS, *made.params.arrays()):
        derivative = made.arrays()[f"d_{name}"] if name != "layer_0" else made.d_layer_0
        measured = np.array([finite_difference(made, name, place) for place in np.ndindex(derivative.shape)])
        np.testing.assert_allclose(measured.reshape(derivative.shape), derivative, rtol=1e-6, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("number", NETWORKS)
def test_layers_and_derivatives_are_the_reference_s(number):
    network, layer_0, targets, mask, memory = drawn(number)
    made = trace(network, layer_0, targets, mask, memory)
    spec, params = network.spec, network.params
    layers = elman.forward(spec, params, layer_0, memory)
    d_pre_2 = d_batch_loss(spec.loss, layers.layer_2, targets, mask)
    d_layer_1, d_pre_1 = elman.derive(spec, params, layers, d_pre_2)
    wanted = {
        "past": layers.past[:, :-1],
        "layer_1": layers.layer_1,
        "pre_2": layers.pre_2,
        "layer_2": layers.layer_2,
        "d_pre_2": d_pre_2,
        "d_layer_1": d_layer_1,
        "d_pre_1": d_pre_1,
    }
    gradient = elman.backward(spec, params, layers, d_pre_2)
    wanted |= {f"d_{name}": array for name, array in gradient.arrays().items()}
    for name, array in wanted.items():
        np.testing.assert_allclose(made.arrays()[name], array, rtol=1e-10, atol=1e-13, err_msg=name)
    assert made.loss.sum() / made.batch == pytest.approx(batch_loss(spec.loss, layers.pre_2, targets, mask), rel=1e-12)


@pytest.mark.parametrize("number", NETWORKS)
def test_what_the_steps_contribute_is_the_gradient_and_assembles_from_the_last_step_back(number):
    made = trace(*drawn(number))
    contributions, gradient = made.contributions().arrays(), made.gradient.arrays()
    for name, array in gradient.items():
        assert contributions[name].shape == (made.time, *array.shape)
        np.testing.assert_allclose(contributions[name].sum(axis=0), array, rtol=0, atol=1e-12)
        for t in range(made.time):
            so_far = made.assembled(t).arrays()[name]
            np.testing.assert_allclose(so_far, contributions[name][t:].sum(axis=0), rtol=0, atol=1e-12)
            np.testing.assert_array_equal(made.contributions(t, t + 1).arrays()[name][0], contributions[name][t])


@pytest.mark.parametrize("number", [0, 7, 19])
def test_the_sequences_of_a_batch_have_the_gradient_between_them(number):
    made = trace(*drawn(number))
    parts = [made.sequence(b) for b in range(made.batch)]
    assert all(part.batch == 1 and part.time == made.time for part in parts)
    for name, array in made.gradient.arrays().items():
        shares = [part.gradient.arrays()[name] for part in parts]
        np.testing.assert_allclose(sum(shares), array, rtol=0, atol=1e-12)


def test_sequences_are_counted_from_either_end_and_no_further():
    made = next(made for made in (trace(*drawn(number)) for number in NETWORKS) if made.batch > 1)
    assert made.weight == 1 / made.batch
    np.testing.assert_array_equal(made.sequence(-1).layer_1, made.layer_1[-1:])
    assert made.sequence(0).weight == made.weight
    with pytest.raises(IndexError):
        made.sequence(made.batch)


@pytest.mark.parametrize("number", NETWORKS)
def test_what_arrives_and_what_is_blamed_add_up(number):
    made = trace(*drawn(number))
    arrivals, (now, later) = made.arrivals(), made.blame()
    bias_1, bias_2 = (0, 0) if made.params.bias_1 is None else (made.params.bias_1, made.params.bias_2)
    np.testing.assert_allclose(arrivals["synapse_0"] + arrivals["synapse_h"] + bias_1, made.pre_1, rtol=1e-12)
    np.testing.assert_allclose(arrivals["synapse_1"] + bias_2, made.pre_2, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(now + later, made.d_layer_1[:, 1:], rtol=1e-12, atol=1e-16)


def test_pre_1_becomes_layer_1_by_the_activation_alone():
    network, *batch = drawn(8)
    assert network.spec.activation == "relu"
    made = trace(network, *batch)
    np.testing.assert_allclose(np.maximum(made.pre_1, 0), made.layer_1[:, 1:], rtol=1e-12, atol=1e-14)


def test_errors_are_targets_minus_answers_where_a_step_counts():
    network, layer_0, targets, mask, _ = drawn(3)
    made = trace(network, layer_0, targets, mask)
    assert not mask.all() and mask.any()
    np.testing.assert_array_equal(made.layer_2_error[mask], (targets - made.layer_2)[mask])
    for quiet in (made.layer_2_error, made.d_pre_2, made.loss):
        assert (quiet[~mask] == 0).all()


def test_a_trace_is_a_value_that_refuses_to_be_written_to():
    made = trace(*drawn(0))
    for name, array in made.arrays().items():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        assert name in made.arrays()
    assert set(STEPWISE) < set(made.arrays())


def test_the_trace_of_a_network_that_overflows_is_shown_as_it_is():
    spec = Spec(activation="relu", loss="linear_squared_error")
    network = Network.first(spec, 0)
    wild = Network(spec, network.params.map(lambda array: abs(array) * 1e80))
    made = trace(wild, np.ones((1, 8, 2)), np.ones((1, 8, 1)))
    assert not np.isfinite(made.layer_1).all()


def test_captions_tell_numbers_where_nobody_gave_words():
    made = trace(*drawn(0))
    caption = made.caption
    assert len(made.captions) == made.batch
    assert len(caption.answers) == len(caption.truth) == len(caption.right) == made.time
    assert len(caption.rows) == len(caption.inputs) == made.spec.input_dim
    assert caption.answers[0].split()[0] == f"{made.layer_2[0, 0, 0]:.3g}"


def test_wrong_shapes_are_refused():
    network, layer_0, targets, _, _ = drawn(0)
    for wrong in [
        lambda: trace(network, layer_0[0], targets),
        lambda: trace(network, layer_0, targets[:, :-1] if targets.shape[1] > 1 else targets[..., :1]),
        lambda: trace(network, layer_0, targets, np.ones(3, bool)),
        lambda: trace(network, layer_0[:, :0], targets[:, :0]),
        lambda: trace(network, layer_0, targets, unknown=np.zeros(9)),
    ]:
        with pytest.raises(ShapeError):
            wrong()


def test_a_number_that_is_not_there_cannot_be_nudged():
    made = trace(*drawn(0))
    with pytest.raises(SettingError, match="synapse_9"):
        finite_difference(made, "synapse_9", (0, 0))
    with pytest.raises(SettingError, match="place"):
        finite_difference(made, "synapse_h", (99, 0))
    with pytest.raises(SettingError, match="place"):
        finite_difference(made, "pre_1", (0, 0))
