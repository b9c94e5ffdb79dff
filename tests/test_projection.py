"""The plane of the hidden states: principal components, whatever the network."""

from dataclasses import replace

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import UsageError
from carrybit.network import Network
from carrybit.projection import project
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tracing import trace
from carrybit.watching import watch_samples

TASK = addition(bits=6)
NETWORK = Network.first(TrainConfig(task=TASK).make_spec(), 3)


def made(hidden_dim, layer_0, **options):
    network = Network.first(Spec(hidden_dim=hidden_dim, **options), 1)
    return trace(network, layer_0, np.zeros((*layer_0.shape[:2], 1)))


def random_bits(batch, time):
    return np.random.default_rng(2).integers(0, 2, (batch, time, 2)).astype(float)


def test_the_axes_are_those_of_the_covariance():
    watched = watch_samples(NETWORK, TASK, 20)
    projection = project(watched)
    states = watched.layer_1.reshape(-1, 16)
    variances, directions = np.linalg.eigh(np.cov(states.T))  # from the least to the largest
    np.testing.assert_allclose(projection.explained, variances[:-3:-1] / variances.sum(), rtol=1e-9)
    np.testing.assert_allclose(np.abs(projection.axes @ directions[:, :-3:-1]), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(projection.mean, states.mean(axis=0))
    np.testing.assert_allclose(projection.points, (watched.layer_1 - projection.mean) @ projection.axes.T)


def test_the_points_vary_as_much_as_is_explained():
    watched = watch_samples(NETWORK, TASK, 20)
    projection = project(watched)
    whole = watched.layer_1.reshape(-1, 16).var(axis=0).sum()
    np.testing.assert_allclose(projection.points.reshape(-1, 2).var(axis=0) / whole, projection.explained)
    assert 1 > projection.explained[0] > projection.explained[1] > 0


def test_the_order_of_sequences_does_not_matter():
    watched = watch_samples(NETWORK, TASK, 20)
    turned = trace(NETWORK, watched.layer_0[::-1], watched.targets[::-1], captions=watched.captions[::-1])
    one, other = project(watched), project(turned)
    np.testing.assert_allclose(one.axes, other.axes, atol=1e-9)
    np.testing.assert_allclose(one.points, other.points[::-1], atol=1e-9)


@pytest.mark.parametrize("seed", range(8))  # that all signs are right by luck has a chance of 1 in 65,536
def test_the_largest_entry_of_each_axis_is_positive(seed):
    watched = watch_samples(Network.first(TrainConfig(task=TASK).make_spec(), seed), TASK, 5)
    for axis in project(watched).axes:
        assert axis[np.abs(axis).argmax()] > 0


def test_states_are_the_true_carry():
    watched = watch_samples(NETWORK, TASK, 20)
    projection = project(watched)
    assert projection.names == ("carry 0", "carry 1")
    assert projection.memory == "carry"
    carries = np.zeros((20, 7), int)
    for t in range(6):
        carries[:, t + 1] = watched.layer_0[:, t].sum(axis=1) + carries[:, t] >= 2
    np.testing.assert_array_equal(projection.states, carries)


def test_states_are_named_in_the_order_of_their_numbers():
    watched = made(3, random_bits(1, 2))
    named = replace(watched.caption, states=("deep 10", "deep 9", "none"))
    assert project(replace(watched, captions=(named,))).names == ("deep 9", "deep 10", "none")


def test_where_nobody_knows_there_are_no_states():
    projection = project(made(3, random_bits(4, 5)))
    assert projection.names == ()
    assert projection.states.shape == (4, 6)
    assert not projection.states.any()


def test_a_single_unit_has_one_axis():
    projection = project(made(1, random_bits(4, 5)))
    np.testing.assert_array_equal(projection.axes, [[1], [0]])
    np.testing.assert_array_equal(projection.explained, [1, 0])
    assert projection.points[:, :, 0].std() > 0
    assert not projection.points[:, :, 1].any()


def test_states_that_are_all_equal_lie_on_one_point():
    projection = project(made(5, np.zeros((3, 4, 2)), activation="tanh"))  # zeros stay zeros
    for array in (projection.axes, projection.explained, projection.points):
        assert not array.any()
    assert projection.points.shape == (3, 5, 2)


def test_states_on_a_line_have_one_axis():
    projection = project(made(5, np.ones((1, 1, 2)), activation="tanh"))
    np.testing.assert_allclose(projection.explained, [1, 0])
    assert not projection.axes[1].any()


def test_states_that_hardly_differ_still_have_axes():
    projection = project(made(5, 1e-13 * random_bits(4, 5), activation="tanh"))
    assert projection.explained[0] > 0
    np.testing.assert_allclose(np.linalg.norm(projection.axes, axis=1), 1)


def test_an_overflown_layer_is_refused():
    watched = made(2, random_bits(1, 3))
    overflown = replace(watched, layer_1=np.where(watched.layer_1 > 0, np.inf, 0))
    with pytest.raises(UsageError, match="overflown"):
        project(overflown)
