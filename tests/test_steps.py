"""network.step: one step of a stream, the same as running it all."""

import pickle

import numpy as np
import pytest

from carrybit.errors import ShapeError
from carrybit.network import Network
from carrybit.spec import Spec

SPECS = {
    "the tutorial's": Spec(),
    "small and odd": Spec(input_dim=3, hidden_dim=5, output_dim=2, bias=True, loss="softmax_cross_entropy"),
    "input recurrence": Spec(recurrence="input", activation="tanh", hidden_dim=7),
    "one of everything": Spec(input_dim=1, hidden_dim=1, output_dim=1, activation="relu", loss="linear_squared_error"),
    "wide": Spec(hidden_dim=70, output_dim=9),
    "float32": Spec(precision="float32", hidden_dim=20),
}


@pytest.mark.parametrize("engine", ["cpu", "reference"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_steps_are_the_run_step_by_step(spec, engine):
    network = Network.first(spec, seed=1, engine=engine)
    layer_0 = np.random.default_rng(0).normal(size=(1, 12, spec.input_dim)).astype(spec.precision)
    layers = network.run(layer_0)
    memory = None
    for t in range(12):
        layer_2, memory = network.step(layer_0[0, t], memory)
        assert layer_2.dtype == memory.dtype == np.dtype(spec.precision)
        if engine == "cpu":
            np.testing.assert_array_equal(layer_2, layers.layer_2[0, t])
            np.testing.assert_array_equal(memory, layers.past[0, t + 1])
        else:
            np.testing.assert_allclose(layer_2, layers.layer_2[0, t], rtol=1e-5 if engine != "cpu" else 0)


def test_a_step_is_a_value_and_changes_nothing_that_was_handed_over():
    network = Network.first(Spec(), seed=1)
    x, memory = np.array([1.0, 0.0]), np.full(16, 0.25)
    first = network.step(x, memory)
    second = network.step(np.array([0.0, 1.0]), first[1])
    again = network.step(x, memory)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert (memory == 0.25).all()
    assert (second[1] != first[1]).any()


def test_whatever_means_the_same_numbers_gives_the_same_step():
    network = Network.first(Spec(), seed=1)
    wanted = network.step(np.array([1.0, 0.0]), np.arange(16.0))
    strided = np.arange(32.0)[::2] / 2
    read_only = np.arange(16.0)
    read_only.flags.writeable = False
    records = np.zeros(3, [("odd", "u1"), ("memory", "f8", 16)])
    records["memory"][1] = np.arange(16.0)
    octets = np.zeros(129, np.uint8)
    octets[1:].view("f8")[:] = np.arange(16.0)
    for x, memory in (
        (np.array([1.0, 0.0]), records["memory"][1]),  # neither lies where a number should
        (np.array([1.0, 0.0]), octets[1:].view("f8")),
        ([1, 0], list(range(16))),
        (np.array([1, 0], np.uint8), np.arange(16)),
        (np.array([1.0, 0.0], np.float32), strided),
        (np.array([1.0, 0.0]), read_only),
        (np.array([1.0, 0.0], ">f8"), np.arange(16.0)),
        (np.array([1.0, 0.0]).view(type("Kind", (np.ndarray,), {})), np.arange(16.0)),
    ):
        found = network.step(x, memory)
        np.testing.assert_array_equal(found[0], wanted[0])
        np.testing.assert_array_equal(found[1], wanted[1])


@pytest.mark.parametrize("engine", ["cpu", "reference"])
@pytest.mark.parametrize(
    ("x", "memory"),
    [
        ([None, 0], None),
        (["1", "0"], None),
        ([1j, 0], None),
        ([1, 0], "x"),
        ([1, 0], {}),
        ([[1], [0, 1]], None),
        (None, None),
        ([1, 0, 1], None),
        ([[1, 0]], None),
        ([1, 0], [0.0] * 15),
        ([1, 0], np.zeros((1, 16))),
        (1.0, None),
        ([], None),
    ],
)
def test_what_is_no_single_step_is_refused_by_its_shape(engine, x, memory):
    network = Network.first(Spec(), seed=1, engine=engine)
    with pytest.raises(ShapeError, match="of shape"):
        network.step(x, memory)


def test_a_network_that_has_made_a_step_can_travel():
    network = Network.first(Spec(), seed=1)
    answer, _ = network.step([1, 0])
    again = pickle.loads(pickle.dumps(network))
    np.testing.assert_array_equal(again.step([1, 0])[0], answer)
    assert again.engine == "cpu"


def test_many_networks_step_side_by_side_without_minding_each_other():
    networks = [Network.first(Spec(), seed) for seed in range(20)]
    memories = [None] * 20
    x = np.random.default_rng(0).integers(2, size=(9, 2)).astype(float)
    for t in range(9):
        for k, network in enumerate(networks):
            layer_2, memories[k] = network.step(x[t], memories[k])
    for k, network in enumerate(networks):
        np.testing.assert_array_equal(memories[k], network.run(x[None]).layer_1[0, -1])
