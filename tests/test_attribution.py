"""Attribution: Shapley's rows sum, exact or sampled; each method is its definition; nothing comes from nowhere."""

import math
from itertools import permutations

import numpy as np
import pytest

from carrybit import attribution
from carrybit.attribution import METHODS, attribute
from carrybit.cells import elman
from carrybit.errors import SettingError, UsageError
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import ACTIVATION_NAMES, RECURRENCES, Spec
from carrybit.tasks.addition import addition
from carrybit.tracing import trace
from carrybit.watching import watch

KINDS = [(recurrence, activation) for recurrence in RECURRENCES for activation in ACTIVATION_NAMES]
kinds = pytest.mark.parametrize(("recurrence", "activation"), KINDS)
methods = pytest.mark.parametrize("method", METHODS)


def drawn(recurrence, activation, time, seed=0, batch=2, size=0.8, **shape):
    """The trace of a random network with biases, a memory before any input, and a number for what is not known."""
    random = np.random.default_rng(seed)
    shape = {"input_dim": 3, "hidden_dim": 4, "output_dim": 2} | shape
    spec = Spec(recurrence=recurrence, activation=activation, bias=True, **shape)
    arrays = {name: size * random.normal(size=shape) for name, shape in spec.shapes().items()}
    return traced(Params(**arrays), spec, random, batch, time)


def traced(params, spec, random, batch, time):
    engine = ("cpu", "reference")[time % 2]
    network = Network(spec, params.map(lambda array: array.astype(spec.precision)), engine)
    return trace(
        network,
        random.normal(size=(batch, time, spec.input_dim)),
        np.zeros((batch, time, spec.output_dim)),
        memory=random.normal(size=(batch, spec.memory_dim)),
        unknown=random.normal(size=spec.input_dim),
    )


def without_memory(made):
    """The same, of a network that does not listen to what it remembers."""
    params = made.params.arrays() | {"synapse_h": np.zeros_like(made.params.synapse_h)}
    return traced(Params(**params), made.spec, np.random.default_rng(9), made.batch, made.time)


def known(made, steps):
    """layer_1 (B, T+1, H) by the reference when only the inputs of some steps are known."""
    is_known = np.isin(np.arange(made.time), list(steps))[:, None]
    return elman.forward(
        made.spec, made.params, np.where(is_known, made.layer_0, made.unknown), made.past[:, 0]
    ).layer_1


def off(made, found):
    """How far the rows of values are from their law, at most."""
    return abs(found.values.sum(axis=3) - (made.layer_1[:, 1:] - found.baseline)).max()


@kinds
@pytest.mark.parametrize("time", range(1, 17))
def test_shapley_s_rows_sum_to_what_is_beyond_the_baseline(recurrence, activation, time):
    made = drawn(recurrence, activation, time, seed=time, size=0.5)
    found = attribute(made)
    assert found.error is None and found.jacobian is None
    assert abs(found.values).max() > 0.01
    assert off(made, found) < 1e-12
    np.testing.assert_allclose(found.baseline, known(made, [])[:, 1:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("time", [16, 60])
def test_rows_sum_even_where_the_last_bit_becomes_the_first(time):
    made = drawn("hidden", "tanh", time, size=1, hidden_dim=37)
    assert off(made, attribute(made, samples=8)) < 1e-12


def test_rows_of_a_network_in_float32_sum_as_well():
    for recurrence in RECURRENCES:
        made = drawn(recurrence, "tanh", 20, precision="float32")
        assert made.layer_1.dtype == np.float32
        assert off(made, attribute(made)) < 1e-12


@kinds
def test_shapley_is_its_definition_over_all_orders(recurrence, activation):
    made = drawn(recurrence, activation, 4)
    wanted = np.zeros((made.batch, 4, made.spec.hidden_dim, 4))
    for t in range(4):
        for order in permutations(range(t + 1)):
            for place, s in enumerate(order):
                gained = known(made, order[: place + 1]) - known(made, order[:place])
                wanted[:, t, :, s] += gained[:, t + 1] / math.factorial(t + 1)
    np.testing.assert_allclose(attribute(made).values, wanted, rtol=0, atol=1e-14)


@kinds
def test_ablation_is_what_a_unit_loses_when_one_input_is_not_known(recurrence, activation):
    made = drawn(recurrence, activation, 7)
    found = attribute(made, "ablation")
    for s in range(7):
        wanted = made.layer_1 - known(made, set(range(7)) - {s})
        np.testing.assert_allclose(found.values[..., s], wanted[:, 1:], rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.baseline, known(made, [])[:, 1:], rtol=0, atol=1e-14)


@kinds
def test_the_jacobian_is_the_complex_step_s_and_values_are_a_straight_line_along_it(recurrence, activation):
    made = drawn(recurrence, activation, 6)
    found = attribute(made, "gradient")
    for s in range(6):
        for i in range(made.spec.input_dim):
            layer_0 = made.layer_0.astype(complex)
            layer_0[:, s, i] += 1e-30j
            layer_1 = elman.forward(made.spec, made.params, layer_0, made.past[:, 0]).layer_1
            np.testing.assert_allclose(found.jacobian[..., s, i], layer_1[:, 1:].imag / 1e-30, rtol=1e-12, atol=1e-14)
    straight = (found.jacobian * (made.layer_0 - made.unknown)[:, None, None]).sum(axis=-1)
    np.testing.assert_allclose(found.values, straight, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.baseline, known(made, [])[:, 1:], rtol=0, atol=1e-14)


@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_all_methods_and_every_order_agree_on_a_straight_line(recurrence):
    random = np.random.default_rng(0)
    spec = Spec(recurrence=recurrence, activation="relu")
    network = Network(spec, Network.first(spec, 0).params.map(lambda array: abs(array) / 8))
    made = trace(network, random.random((2, 24, 2)), np.zeros((2, 24, 1)))  # nothing is ever below zero
    by_gradient, by_shapley, by_ablation = (attribute(made, method) for method in ("gradient", "shapley", "ablation"))
    assert (made.pre_1 > 0).all()
    np.testing.assert_allclose(by_shapley.values, by_gradient.values, rtol=0, atol=1e-13)
    np.testing.assert_allclose(by_ablation.values, by_gradient.values, rtol=0, atol=1e-13)
    if recurrence == "hidden":
        assert by_shapley.error.max() < 1e-13


@methods
@pytest.mark.parametrize("time", [5, 30])
@kinds
def test_nothing_is_remembered_without_synapse_h(recurrence, activation, method, time):
    found = attribute(without_memory(drawn(recurrence, activation, time)), method, samples=8)
    now = np.eye(time, dtype=bool)[:, None, :] & np.ones((1, found.values.shape[2], 1), bool)
    assert (found.values[:, ~now] == 0).all()
    assert np.count_nonzero(found.values[:, now]) > (0.3 if activation == "relu" else 0.99) * found.values[:, now].size
    if found.error is not None:
        assert (found.error[:, ~now] == 0).all()


@methods
@pytest.mark.parametrize("time", [5, 40])
@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_nothing_older_than_the_input_before_counts_with_input_recurrence(activation, method, time):
    made = drawn("input", activation, time)
    found = attribute(made, method)
    age = np.subtract.outer(np.arange(time), np.arange(time))
    values = found.values.transpose(0, 2, 1, 3)  # (B, H, T, T)
    assert (values[..., (age > 1) | (age < 0)] == 0).all()
    assert values[..., age == 0].any() and values[..., age == 1].any()
    assert found.error is None
    if method == "shapley":
        assert off(made, found) < 1e-12


@methods
@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_the_future_counts_for_nothing(recurrence, method):
    found = attribute(drawn(recurrence, "tanh", 20), method, samples=8)
    for t in range(20):
        assert (found.values[:, t, :, t + 1 :] == 0).all()
        assert found.jacobian is None or (found.jacobian[:, t, :, t + 1 :] == 0).all()


@methods
@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_an_input_that_is_not_a_number_spoils_nothing_before_it(recurrence, method):
    made = drawn(recurrence, "tanh", 20)
    layer_0 = made.layer_0.copy()
    layer_0[:, 18] = np.nan
    network = Network(made.spec, made.params)
    spoilt = trace(network, layer_0, made.targets, memory=made.past[:, 0], unknown=made.unknown)
    found, wanted = (attribute(each, method, samples=8) for each in (spoilt, made))
    np.testing.assert_allclose(found.values[:, :18], wanted.values[:, :18], rtol=0, atol=1e-14)
    assert np.isnan(found.values[:, 18, :, 18]).all()
    assert (found.values[:, 18, :, 19] == 0).all()
    np.testing.assert_allclose(found.baseline, wanted.baseline, rtol=0, atol=1e-14)


@methods
def test_everything_so_far_counts_for_something_with_hidden_recurrence(method):
    found = attribute(drawn("hidden", "tanh", 12), method)
    for t in range(12):
        assert (found.values[:, t, :, : t + 1] != 0).all()
    shares = found.shares()
    assert shares.shape == (2, 12, 12)
    np.testing.assert_allclose(shares.sum(axis=2), 1, rtol=1e-12)
    sizes = abs(found.values).sum(axis=2)
    np.testing.assert_allclose(shares * sizes.sum(axis=2, keepdims=True), sizes, rtol=1e-12)


def test_shapley_by_hand_and_inputs_that_play_the_same_part_get_the_same():
    spec = Spec(input_dim=1, hidden_dim=1, activation="relu")
    network = Network(spec, Params(synapse_0=np.ones((1, 1)), synapse_h=np.ones((1, 1)), synapse_1=np.ones((1, 1))))
    made = trace(network, np.array([[[1.0], [1.0], [-1.5]]]), np.zeros((1, 3, 1)))  # never below zero: 1, 2, 0.5
    values = attribute(made).values[0, :, 0]
    np.testing.assert_allclose(values, [[1, 0, 0], [1, 1, 0], [2 / 3, 2 / 3, -2.5 / 3]], rtol=0, atol=1e-15)


def test_the_input_before_and_this_one_get_the_same_where_they_are_heard_the_same():
    made = drawn("input", "sigmoid", 6)
    params = made.params.arrays() | {"synapse_h": made.params.synapse_0}
    layer_0 = np.repeat(made.layer_0[:, :1], 6, axis=1)
    same = trace(Network(made.spec, Params(**params)), layer_0, made.targets)
    values = attribute(same).values
    for t in range(1, 6):
        np.testing.assert_allclose(values[:, t, :, t], values[:, t, :, t - 1], rtol=0, atol=1e-15)
    assert abs(values[:, 5, :, 5]).min() > 1e-4


def test_an_input_that_is_as_if_it_were_not_known_gives_nothing():
    made = drawn("hidden", "tanh", 20)
    layer_0 = made.layer_0.copy()
    layer_0[:, [3, 18]] = made.unknown
    network = Network(made.spec, made.params)
    dull = trace(network, layer_0, made.targets, memory=made.past[:, 0], unknown=made.unknown)
    for method in METHODS:
        found = attribute(dull, method)
        np.testing.assert_allclose(found.values[..., [3, 18]], 0, atol=1e-13)
        assert (found.values[:, -1, :, 2] != 0).all()


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
def test_sampled_rows_sum_and_lie_within_their_errors_of_the_exact_ones(activation, monkeypatch):
    made = drawn("hidden", activation, 12, hidden_dim=6)
    exact = attribute(made)
    monkeypatch.setattr(attribution, "EXACT_STEPS", 4)
    monkeypatch.setattr(attribution, "NUMBERS_AT_ONCE", 5_000)  # several bites
    found = attribute(made, samples=400)
    assert off(made, found) < 1e-12
    np.testing.assert_array_equal(found.values[:, :4], exact.values[:, :4])
    assert (found.error[:, :4] == 0).all()
    away = abs(found.values - exact.values)[:, 4:]
    error = found.error[:, 4:]
    assert (away <= 5 * error + 1e-13).all()
    is_uncertain = error > 1e-9
    assert is_uncertain.sum() > 200
    spread = np.sqrt(np.mean((away[is_uncertain] / error[is_uncertain]) ** 2))
    assert 0.7 < spread < 1.3  # 1 if errors are neither boasted of nor blown up


def test_of_two_inputs_an_order_and_its_reverse_are_all_there_is(monkeypatch):
    made = drawn("hidden", "tanh", 2)
    exact = attribute(made)
    monkeypatch.setattr(attribution, "EXACT_STEPS", 1)
    found = attribute(made, samples=4)
    np.testing.assert_allclose(found.values, exact.values, rtol=0, atol=1e-15)
    assert found.error.max() < 1e-15


def test_errors_are_those_of_the_mean_of_pairs_however_many_are_run_at_once(monkeypatch):
    made = drawn("hidden", "tanh", 20)
    whole = attribute(made, samples=100)
    monkeypatch.setattr(attribution, "NUMBERS_AT_ONCE", 1)  # a pair at a time
    by_pairs = attribute(made, samples=100)
    np.testing.assert_allclose(by_pairs.values, whole.values, rtol=0, atol=1e-13)
    np.testing.assert_allclose(by_pairs.error, whole.error, rtol=1e-9, atol=1e-13)
    more = attribute(made, samples=1600)
    uncertain = whole.error > 1e-6
    assert np.median(whole.error[uncertain] / more.error[uncertain]) == pytest.approx(4, rel=0.2)


def test_a_seed_gives_the_same_orders_and_another_gives_others():
    made = drawn("hidden", "tanh", 20)
    found, again, other = attribute(made, seed=3), attribute(made, seed=3), attribute(made, seed=4)
    np.testing.assert_array_equal(found.values, again.values)
    assert (found.values[:, :16] == other.values[:, :16]).all()
    assert (found.values[:, 17:] != other.values[:, 17:]).any()


@methods
@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_a_batch_is_its_sequences(recurrence, method):
    made = drawn(recurrence, "sigmoid", 18, batch=3)
    found = attribute(made, method, samples=20)
    for b in range(3):
        alone = attribute(made.sequence(b), method, samples=20)
        np.testing.assert_allclose(alone.values[0], found.values[b], rtol=0, atol=1e-12)
        np.testing.assert_allclose(alone.baseline[0], found.baseline[b], rtol=0, atol=1e-12)


def test_many_units_are_exact_for_fewer_steps(monkeypatch):
    made = drawn("hidden", "tanh", 8)
    monkeypatch.setattr(attribution, "MOST_NUMBERS", 2**10)  # 4 units and 2^8 coalitions; 2 · 8 · 4 · 8 numbers
    assert attribute(made).error is None
    monkeypatch.setattr(attribution, "MOST_NUMBERS", 2**9)
    found = attribute(made)
    assert (found.error[:, :7] == 0).all() and found.error[:, 7:].any()


def test_what_is_not_known_of_a_task_is_the_mean_of_its_symbols():
    task = addition(8)
    made = watch(Network.first(Spec(), 0), task, "9 + 60")
    found = attribute(made)
    nobody = elman.forward(made.spec, made.params, np.full_like(made.layer_0, 0.5)).layer_1
    np.testing.assert_allclose(found.baseline, nobody[:, 1:], rtol=0, atol=1e-14)
    assert off(made, found) < 1e-12


@methods
@pytest.mark.parametrize("recurrence", RECURRENCES)
@pytest.mark.parametrize("time", [6, 20])
def test_networks_that_overflow_are_told_as_they_are(recurrence, method, time):
    for activation, factor in (("relu", 1e160), ("tanh", np.nan)):
        spec = Spec(activation=activation, recurrence=recurrence, loss="linear_squared_error")
        params = Network.first(spec, 0).params.map(lambda array, by=factor: abs(array) * by)
        made = trace(Network(spec, params), np.full((1, time, 2), 1e160), np.zeros((1, time, 1)))
        found = attribute(made, method, samples=8)
        assert not np.isfinite(found.values).all()
        assert (found.values[:, 0, :, 1:] == 0).all()
        assert np.isnan(found.shares()).any()


@methods
def test_an_attribution_refuses_to_be_written_to(method):
    found = attribute(drawn("hidden", "tanh", 3), method)
    for array in (found.values, found.baseline, found.jacobian):
        if array is not None:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def test_nothing_to_share_is_not_a_number():
    made = drawn("hidden", "tanh", 2)
    same = trace(Network(made.spec, made.params), np.zeros((1, 2, 3)), np.zeros((1, 2, 2)))
    assert np.isnan(attribute(same).shares()).all()


def test_what_is_not_allowed_is_refused():
    made = drawn("hidden", "tanh", 3)
    with pytest.raises(SettingError, match="shapley, gradient, ablation"):
        attribute(made, "shapely")
    for wrong in ({"samples": 3}, {"samples": 0.5}, {"seed": -1}):
        with pytest.raises(SettingError, match=next(iter(wrong))):
            attribute(made, **wrong)


def test_what_is_too_large_is_refused_with_what_to_do():
    made = drawn("hidden", "tanh", 450, batch=3, hidden_dim=64)
    for method in METHODS:
        with pytest.raises(UsageError, match=r"trace\.sequence\(0\)"):
            attribute(made, method)
    with pytest.raises(
        UsageError, match=r"38,880,000 numbers by gradient(.|\n)*at most 33,554,432(.|\n)*--method ablation$"
    ):
        attribute(made.sequence(0), "gradient")
    assert attribute(made.sequence(0), "ablation").values.shape == (1, 450, 64, 450)


def test_of_a_very_long_question_fewer_orders_are_drawn_unless_it_is_said_how_many():
    short, long = drawn("hidden", "tanh", 18, hidden_dim=4), drawn("hidden", "tanh", 300, hidden_dim=24)
    np.testing.assert_array_equal(attribute(short).values, attribute(short, samples=256).values)
    fewer = 2**29 // (long.batch * 300 * 300 * 24)
    assert 16 < fewer < 256
    np.testing.assert_array_equal(attribute(long).values, attribute(long, samples=fewer).values)
