"""Losses and activations far out, where formulas like to break."""

import numpy as np
import pytest

from carrybit.activations import ACTIVATIONS
from carrybit.losses import LOSSES, batch_loss, d_batch_loss
from carrybit.spec import ACTIVATION_NAMES, LOSS_NAMES

FAR = np.array([-1.7e308, -1e5, -710.0, -40.0, -1e-300, 0.0, 1e-300, 40.0, 710.0, 1e5, 1.7e308])


def test_the_tables_hold_what_the_spec_allows():
    assert tuple(ACTIVATIONS) == ACTIVATION_NAMES
    assert tuple(LOSSES) == LOSS_NAMES


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activations_take_any_finite_number(name):
    value = ACTIVATIONS[name].value(FAR)
    slope = ACTIVATIONS[name].slope(value)
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    assert (np.diff(value) >= 0).all()


def test_the_sigmoid_is_the_tutorials_to_the_bit():
    x = np.linspace(-30, 30, 10_001)
    np.testing.assert_array_equal(ACTIVATIONS["sigmoid"].value(x), 1 / (1 + np.exp(-x)))


@pytest.mark.parametrize("name", ["cross_entropy", "softmax_cross_entropy"])
def test_cross_entropies_stay_finite_where_probabilities_round_to_zero(name):
    pre_2 = np.array([[[-2000.0, 2000.0], [2000.0, -2000.0], [0.0, 0.0]]])
    targets = np.array([[[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]]])
    loss = LOSSES[name]
    assert np.isfinite(loss.value(pre_2, targets)).all()
    assert np.isfinite(loss.d_pre_2(loss.layer_2(pre_2), targets)).all()


def test_softmax_of_two_is_the_sigmoid_of_their_difference():
    z = np.linspace(-5, 5, 11)
    two = np.stack([np.zeros_like(z), z], axis=-1)[None]
    np.testing.assert_allclose(
        LOSSES["softmax_cross_entropy"].layer_2(two)[0, :, 1], LOSSES["cross_entropy"].layer_2(z), rtol=1e-14
    )


def test_a_loss_sums_over_steps_and_averages_over_sequences():
    pre_2, targets = np.zeros((4, 6, 2)), np.ones((4, 6, 2))
    assert batch_loss("squared_error", pre_2, targets) == 6 * 2 * 0.5 * 0.25
    mask = np.zeros((4, 6), dtype=bool)
    mask[0, 0] = True
    assert batch_loss("squared_error", pre_2, targets, mask) == 2 * 0.5 * 0.25 / 4


def test_what_is_masked_has_no_derivative_whatever_stands_there():
    layer_2, targets = np.full((1, 3, 1), 0.5), np.array([[[1.0], [np.nan], [np.inf]]])
    d = d_batch_loss("squared_error", layer_2, targets, np.array([[True, False, False]]))
    assert d[0, :, 0].tolist() == [-0.125, 0, 0]
