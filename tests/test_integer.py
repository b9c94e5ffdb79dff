"""A network in whole numbers: plain Python, NumPy and compiled code give the same numbers, and no sum is too large."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from carrybit.activations import ACTIVATIONS
from carrybit.errors import SettingError, UsageError
from carrybit.integer import EXACT, Whole, quantize, whole_inputs
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import Spec

CASES = [
    (activation, bias, recurrence, outputs, loss, width, 2 + width % 5, 3 + width)
    for width, (activation, bias, recurrence, outputs, loss) in enumerate(
        [
            ("sigmoid", False, "hidden", 1, "squared_error"),
            ("sigmoid", True, "hidden", 3, "softmax_cross_entropy"),
            ("tanh", True, "hidden", 1, "cross_entropy"),
            ("tanh", False, "input", 1, "squared_error"),
            ("relu", True, "hidden", 2, "squared_error"),
            ("relu", False, "hidden", 1, "linear_squared_error"),
            ("sigmoid", True, "input", 4, "cross_entropy"),
            ("tanh", True, "hidden", 2, "linear_squared_error"),
        ],
        start=1,
    )
]


def network_of(activation, bias, recurrence, outputs, loss, width, seed=0, inputs=2):
    spec = Spec(
        input_dim=inputs,
        hidden_dim=width,
        output_dim=outputs,
        activation=activation,
        recurrence=recurrence,
        loss=loss,
        bias=bias,
    )
    first = Network.first(spec, seed, start=2.0)
    drawn = np.random.default_rng(seed)
    return replace(first, params=first.params.map(lambda array: array + drawn.normal(size=array.shape)))


def in_python(whole, inputs):
    """The states, the sums at layer 2 and the answers along one sequence (T, I), in Python's whole numbers."""
    states, sums, answers, memory = [], [], [], None
    for x in inputs.tolist():
        states.append(states_after(whole, x, [0] * len(whole.synapse_h) if memory is None else memory))
        arrived, memory = whole.step(x, memory)
        assert memory == (states[-1] if whole.spec.recurrence == "hidden" else x)
        sums.append(arrived)
        answers.append(whole.answer(arrived))
    return np.array(states), np.array(sums), np.array(answers)


def states_after(whole, x, memory):
    """The same step written down another way: with fractions, each weight and threshold worth what it stands for."""
    half = Fraction(1, 2**whole.point)
    past = [m * half for m in memory] if whole.spec.recurrence == "hidden" else memory
    states = []
    for j in range(whole.spec.hidden_dim):
        arrives = Fraction(int(whole.bias_1[j]))
        arrives += sum(Fraction(v) * int(w) for v, w in zip(x, whole.synapse_0[:, j], strict=True))
        arrives += sum(Fraction(v) * int(w) for v, w in zip(past, whole.synapse_h[:, j], strict=True))
        states.append(whole.lowest + sum(int(t) * half <= arrives for t in whole.thresholds))
    return states


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2]}-{case[5]}")
def test_python_numpy_and_compiled_code_give_the_same_numbers(case):
    *kind, state_bits, weight_bits = case
    whole_network = quantize(network_of(*kind), state_bits, weight_bits, highest=3.0)
    whole = Whole.of(whole_network)
    inputs = np.random.default_rng(1).integers(-1, 2, (5, 11, 2))
    engines = [replace(whole_network, engine=engine).run(inputs) for engine in ("cpu", "reference")]
    assert (engines[0].layer_1 == engines[1].layer_1).all()
    assert (engines[0].pre_2 == engines[1].pre_2).all()
    scale_1, scale_2 = 2.0**-whole.point, 2.0 ** (whole.units[1] - whole.point)
    met = set()
    for b in range(len(inputs)):
        states, sums, answers = in_python(whole, inputs[b])
        for layers in engines:
            assert (layers.layer_1[b, 1:] == states * scale_1).all()
            assert (layers.pre_2[b] == sums * scale_2).all()
        met |= set(states.ravel().tolist())
        given = engines[0].layer_2[b]
        assert (answers == (given[:, 0] > 0.5 if given.shape[1] == 1 else given.argmax(axis=1))).all()
    assert len(met) > 2, "a test in which little happens says little"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2]}-{case[5]}")
def test_one_step_at_a_time_is_the_same_too(case):
    *kind, state_bits, weight_bits = case
    whole_network = quantize(network_of(*kind, seed=3), state_bits, weight_bits, highest=3.0)
    inputs = np.random.default_rng(2).integers(0, 2, (1, 6, 2))
    layers, memory = whole_network.run(inputs), None
    for t in range(6):
        layer_2, memory = whole_network.step(inputs[0, t].astype(float), memory)
        assert (layer_2 == layers.layer_2[0, t]).all() and (memory == layers.past[0, t + 1]).all()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("state_bits", [2, 3, 6])
def test_a_state_is_the_nearest_to_the_smooth_activation(activation, state_bits):
    network = network_of(activation, True, "hidden", 1, "squared_error", 4, seed=5)
    whole_network = quantize(network, state_bits, 12)
    spec, whole = whole_network.spec, Whole.of(whole_network)
    count, lowest, _ = spec.stairs
    scale = 2 ** (12 - 1) - 1
    peak = max(
        float(np.abs(array).max())
        for array in (network.params.synapse_0, network.params.synapse_h * grain_ratio(spec), network.params.bias_1)
    )
    sums = np.arange(-9000, 9000, 7) * 2**whole.point + np.arange(2572) % 2**whole.point
    smooth = ACTIVATIONS[activation].value(sums / 2**whole.point * peak / scale) * (count + lowest)
    states = lowest + np.searchsorted(whole.thresholds, sums, side="right")
    assert np.abs(states - smooth).max() <= 0.5 + 1e-9
    assert len(set(states.tolist())) == count + 1


def grain_ratio(spec):
    count, lowest, state = spec.stairs
    return 1 / (count + lowest) / state


def test_thresholds_are_not_computed_in_floats():
    """A border between two states that is a whole number to all digits of a float is told right all the same."""
    spec = Spec(hidden_dim=1, state_bits=1, weight_bits=16)
    network = network_of("sigmoid", False, "hidden", 1, "squared_error", 1)
    assert Whole.of(quantize(network, 1, 16)).thresholds.tolist() == [0]  # ln 1, on which floats may disagree
    assert spec.stairs == (1, 0, 0.5)
    relu = network_of("relu", False, "hidden", 1, "linear_squared_error", 2)
    whole = Whole.of(quantize(relu, 2, 8, highest=1.5))  # borders at 1/4, 3/4 and 5/4, which are rational
    peak = max(float(np.abs(relu.params.synapse_0).max()), float(np.abs(relu.params.synapse_h).max()) * 2)
    scale = Fraction(127 / peak) * 4
    assert whole.thresholds.tolist() == [-(-(Fraction(k, 4) * scale) // 1) for k in (1, 3, 5)]


def test_zero_is_a_state_of_tanh_and_there_are_as_many_on_either_side():
    assert Spec(activation="tanh", state_bits=5, weight_bits=6).stairs == (30, -15, 1 / 16)
    assert Spec(activation="sigmoid", state_bits=5, weight_bits=6).stairs == (31, 0, 1 / 32)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{case[2]}-{case[5]}")
def test_no_sum_is_beyond_its_bound_and_the_bound_can_be_met(case):
    *kind, state_bits, weight_bits = case
    whole = Whole.of(quantize(network_of(*kind), state_bits, weight_bits, highest=3.0))
    layer_1, layer_2 = whole.bounds()
    assert max(layer_1, layer_2) < EXACT
    met_1, met_2 = 0, 0
    for j in range(whole.spec.hidden_dim):
        sign = 1 if whole.bias_1[j] >= 0 else -1
        farthest = whole.farthest if whole.spec.recurrence == "hidden" else 2**whole.point
        terms = np.abs(whole.synapse_0[:, j]).sum() * 2**whole.point + np.abs(whole.synapse_h[:, j]).sum() * farthest
        met_1 = max(met_1, abs(sign * int(terms) + int(whole.bias_1[j]) * 2**whole.point))
    for o in range(whole.spec.output_dim):
        met_2 = max(
            met_2,
            int(np.abs(whole.synapse_1[:, o]).sum()) * whole.farthest + abs(int(whole.bias_2[o])) * 2**whole.point,
        )
    assert (met_1, met_2) == (layer_1, layer_2)
    assert whole.bounds(3)[0] > layer_1


def test_weights_have_as_many_bits_as_were_asked_for_and_use_them():
    for weight_bits in (2, 4, 7, 16):
        network = quantize(network_of("sigmoid", True, "hidden", 1, "squared_error", 5), 4, weight_bits)
        whole = Whole.of(network)
        top = 2 ** (weight_bits - 1) - 1
        largest = max(np.abs(array).max() for array in (whole.synapse_0, whole.synapse_h, whole.bias_1))
        assert largest <= top
        unit = 2.0 ** whole.units[0]
        assert np.abs(network.params.synapse_h).max() <= largest * unit
        assert largest * 2 > top or weight_bits == 2


@pytest.mark.parametrize(
    ("states", "weights", "other"),
    [(5, None, {}), (None, 6, {}), (0, 6, {}), (13, 6, {}), (5, 1, {}), (5, 17, {}), (5.0, 6, {})]
    + [(5, 6, {"precision": "float32"}), (1, 6, {"activation": "tanh"})],
)
def test_other_bits_are_refused(states, weights, other):
    with pytest.raises(SettingError):
        Spec(state_bits=states, weight_bits=weights, **other)


def test_inputs_that_are_not_whole_are_refused():
    assert whole_inputs(np.array([[0.0, 1.0], [-2.0, 3.0]])).tolist() == [[0, 1], [-2, 3]]
    for inputs in ([[0.5]], [[np.nan]], [[np.inf]], [[1e7]]):
        with pytest.raises(UsageError, match="not whole"):
            whole_inputs(np.array(inputs))


def test_what_is_no_network_in_whole_numbers_is_refused():
    network = network_of("sigmoid", False, "hidden", 1, "squared_error", 2)
    whole_network = quantize(network, 4, 5)
    with pytest.raises(UsageError, match="not whole"):
        Whole.of(network)
    with pytest.raises(UsageError, match="whole already"):
        quantize(whole_network, 4, 5)
    broken = {**whole_network.params.arrays(), "synapse_h": whole_network.params.synapse_h + 1 / 3}
    with pytest.raises(UsageError, match="not whole numbers of one unit"):
        Whole.of(replace(whole_network, params=Params(**broken)))
    wide = {**whole_network.params.arrays(), "synapse_0": whole_network.params.synapse_0 * 5}
    with pytest.raises(UsageError, match="in 5 bits"):
        Whole.of(replace(whole_network, params=Params(**wide)))
    infinite = replace(network, params=network.params.map(lambda array: array * np.inf))
    with pytest.raises(UsageError, match="not finite"):
        quantize(infinite, 4, 5)


def test_many_bits_are_nearly_the_network_itself():
    network = network_of("tanh", True, "hidden", 2, "softmax_cross_entropy", 6, seed=8)
    inputs = np.random.default_rng(3).integers(0, 2, (20, 2, 2))  # larger weights blow up what is rounded, later on
    smooth, whole = network.run(inputs), quantize(network, 12, 16).run(inputs)
    assert np.abs(whole.layer_1 * 2048 / 2047 - smooth.layer_1).max() < 0.005


def test_the_slopes_of_stairs_are_those_of_the_curve():
    whole_network = quantize(network_of("sigmoid", True, "hidden", 1, "squared_error", 4), 6, 10)
    inputs = np.random.default_rng(4).integers(0, 2, (2, 5, 2))
    targets = np.ones((2, 5, 1))
    ours, layers = whole_network.gradient(inputs, targets)
    theirs, _ = replace(whole_network, engine="reference").gradient(inputs, targets)
    for name, array in ours.arrays().items():
        np.testing.assert_allclose(array, theirs.arrays()[name], rtol=1e-9, atol=1e-12)
    assert not ours.thresholds.any() and ours.synapse_h.any()
