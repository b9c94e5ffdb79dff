"""The reference answers to calculus: complex-step derivatives of every parameter, in every kind of network."""

import itertools

import numpy as np
import pytest

from carrybit.cells import elman
from carrybit.losses import LOSSES, batch_loss, d_batch_loss
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import ACTIVATION_NAMES, RECURRENCES, Spec

STEP = 1e-30  # a complex step has no rounding error to trade against, so it may be as small as it likes
LENGTHS = (1, 2, 3, 8, 64)


def a_case(spec, length, masked, seed=0):
    """A network with weights small enough for no unit to saturate, a batch of inputs, targets and a mask."""
    random = np.random.default_rng(seed)
    params = Params(**{name: random.uniform(-0.7, 0.7, shape) for name, shape in spec.shapes().items()})
    batch = 3
    layer_0 = random.normal(size=(batch, length, spec.input_dim))
    if spec.loss == "softmax_cross_entropy":
        targets = np.eye(spec.output_dim)[random.integers(spec.output_dim, size=(batch, length))]
    else:
        targets = random.uniform(size=(batch, length, spec.output_dim))
    mask = None
    if masked:
        mask = np.arange(length) < random.integers(1, length + 1, size=batch)[:, None]
    return params, layer_0, targets, mask


def gradient(spec, params, layer_0, targets, mask, memory=None):
    layers = elman.forward(spec, params, layer_0, memory)
    return elman.backward(spec, params, layers, d_batch_loss(spec.loss, layers.layer_2, targets, mask))


def complex_step(spec, params, layer_0, targets, mask, memory=None):
    """∂loss/∂p = Im loss(p + i·step) / step, one number at a time."""
    derivatives = {}
    for name, array in params.arrays().items():
        derivatives[name] = np.empty(array.shape)
        for place in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[place] += 1j * STEP
            layers = elman.forward(spec, Params(**{**params.arrays(), name: moved}), layer_0, memory)
            derivatives[name][place] = batch_loss(spec.loss, layers.pre_2, targets, mask).imag / STEP
    return Params(**derivatives)


def assert_close(found, wanted, tolerance=1e-10):
    for name, array in wanted.arrays().items():
        largest = np.abs(array).max()
        np.testing.assert_allclose(
            found.arrays()[name], array, rtol=tolerance, atol=tolerance * largest * 1e-3, err_msg=name
        )


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("loss", "recurrence"), list(itertools.product(LOSSES, RECURRENCES)))
@pytest.mark.parametrize("bias", [False, True], ids=["plain", "bias"])
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_gradient_is_the_derivative(loss, recurrence, bias, masked, length):
    outputs = 1 if loss == "squared_error" and not masked else 3
    for activation in ACTIVATION_NAMES:
        spec = Spec(
            input_dim=2,
            hidden_dim=4,
            output_dim=outputs,
            loss=loss,
            recurrence=recurrence,
            bias=bias,
            activation=activation,
        )
        case = a_case(spec, length, masked)
        assert_close(gradient(spec, *case), complex_step(spec, *case))


@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_gradient_is_the_derivative_when_memory_does_not_start_at_zero(recurrence):
    spec = Spec(hidden_dim=3, recurrence=recurrence)
    case = a_case(spec, 5, masked=False)
    memory = np.random.default_rng(1).uniform(size=(3, spec.memory_dim))
    assert_close(gradient(spec, *case, memory), complex_step(spec, *case, memory))


def test_gradient_is_the_derivative_for_one_hidden_unit_and_one_sequence():
    spec = Spec(hidden_dim=1)
    params, layer_0, targets, _ = a_case(spec, 8, masked=False)
    case = params, layer_0[:1], targets[:1], None
    assert_close(gradient(spec, *case), complex_step(spec, *case))


def test_the_tutorials_network_has_the_derivative_too():
    spec = Spec()
    params = Network.first(spec, seed=3).params
    bits = np.random.default_rng(0).integers(2, size=(1, 8, 3)).astype(float)
    case = params, bits[..., :2], bits[..., 2:], None
    assert_close(gradient(spec, *case), complex_step(spec, *case))
