"""Whole: a network in whole numbers, as a chip would run it.

A hidden unit is a state: a whole number of few bits. A weight is a whole number of few bits. What arrives at a layer is
their sum, and the new state is the number of thresholds that it reaches:

    arrives = (inputs · synapse_0 + bias_1) << point, plus states · synapse_h
    state   = lowest + the number of thresholds that are <= arrives

The same numbers, times powers of two, are an ordinary `Network`: ``point`` is how many bits of a state are behind the
binary point. Every product and every sum in it is a whole number of units far below 2**53, which float64 holds exactly,
so every engine, in any order of summation, gives the very same numbers. `Whole.bounds` says how large they become.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

import numpy as np

from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array, Params
from carrybit.spec import Spec

EXACT = 2**53  # float64 holds every whole number up to here
FINEST = -40  # powers of two; answers that are farther apart are told apart by layer_2 too, in any engine
FLATTEST, FINEST_BESIDE = 8, -33  # the same of several sigmoids, which are flat far out: how far, and how fine
DIGITS = 90  # of the thresholds while they are computed: the last one that counts is the 16th


@dataclass(frozen=True, eq=False, kw_only=True)
class Whole:
    """A network in whole numbers.

    Parameters
    ----------
    spec : Spec
        With state_bits and weight_bits.
    synapse_0, synapse_h, synapse_1 : int arrays (I, H), (M, H) and (H, O)
    bias_1, bias_2 : int arrays (H,) and (O,)
        Zeros where the network has none.
    thresholds : int array (number of stairs,)
        In rising order.
    lowest : int
        The state that reaches no threshold.
    point : int
        Bits of a state behind its binary point.
    units : (int, int)
        The exponents of two of what a weight counts at layer_1 and at layer_2.
    """

    spec: Spec
    synapse_0: Ints
    synapse_h: Ints
    synapse_1: Ints
    bias_1: Ints
    bias_2: Ints
    thresholds: Ints
    lowest: int
    point: int
    units: tuple[int, int]

    @staticmethod
    def of(network: Network) -> Whole:
        """Return the whole numbers of a network.

        Raises
        ------
        UsageError
            It is no network in whole numbers, or too large for every engine to be exact.
        """
        spec, params = network.spec, network.params
        if params.thresholds is None or not all(np.isfinite(array).all() for array in params.arrays().values()):
            raise UsageError(
                "a network whose numbers are not whole", "a network in whole numbers", "carrybit quantize makes one"
            )
        _, lowest, state = spec.stairs
        point = -int(math.log2(state))
        bias_1 = np.zeros(spec.hidden_dim) if params.bias_1 is None else params.bias_1
        bias_2 = np.zeros(spec.output_dim) if params.bias_2 is None else params.bias_2
        (synapse_0, synapse_h, bias_1), unit_1 = _whole(params.synapse_0, params.synapse_h, bias_1)
        (synapse_1, bias_2), unit_2 = _whole(params.synapse_1, bias_2)
        arrives = np.ldexp(params.thresholds, point - unit_1)
        whole = Whole(
            spec=spec,
            synapse_0=synapse_0,
            synapse_h=synapse_h,
            synapse_1=synapse_1,
            bias_1=bias_1,
            bias_2=bias_2,
            thresholds=np.clip(np.ceil(arrives), -EXACT, EXACT).astype(np.int64),
            lowest=lowest,
            point=point,
            units=(unit_1, unit_2),
        )
        whole._check()
        return whole

    def step(self, inputs: Sequence[int], memory: Sequence[int] | None = None) -> tuple[list[int], list[int]]:
        """Make one step, in Python's own whole numbers; this is what the network is.

        Parameters
        ----------
        inputs : I whole numbers
        memory : M whole numbers, or None before the first step
            The states after the step before, or with recurrence "input" its inputs.

        Returns
        -------
        sums, memory : lists of O and of M whole numbers
            What arrives at layer 2, whose `answer` it is, and the memory after the step.
        """
        spec = self.spec
        memory = [0] * spec.memory_dim if memory is None else memory
        remembered = memory if spec.recurrence == "hidden" else [number << self.point for number in memory]
        states = []
        for unit in range(spec.hidden_dim):
            arrives = int(self.bias_1[unit]) << self.point
            arrives += sum(x * int(w) for x, w in zip(inputs, self.synapse_0[:, unit], strict=True)) << self.point
            arrives += sum(s * int(w) for s, w in zip(remembered, self.synapse_h[:, unit], strict=True))
            states.append(self.lowest + sum(int(threshold) <= arrives for threshold in self.thresholds))
        sums = [
            (int(self.bias_2[output]) << self.point)
            + sum(s * int(w) for s, w in zip(states, self.synapse_1[:, output], strict=True))
            for output in range(spec.output_dim)
        ]
        return sums, states if spec.recurrence == "hidden" else list(inputs)

    @property
    def border(self) -> int:
        """A single output says 1 where what arrives there is above: 0, or one half of linear outputs."""
        if self.spec.loss != "linear_squared_error":
            return 0
        return math.floor(Fraction(2) ** (self.point - self.units[1] - 1))

    def answer(self, sums: Sequence[int]) -> int:
        """Return the answer that O sums at layer 2 amount to: 0 or 1 for one output, else the first of the highest."""
        return int(sums[0] > self.border) if len(sums) == 1 else max(range(len(sums)), key=lambda o: sums[o])

    @property
    def farthest(self) -> int:
        """The largest state, on either side of 0."""
        return max(abs(self.lowest), self.lowest + len(self.thresholds))

    def bounds(self, largest: int = 1) -> tuple[int, int]:
        """Return what arrives at a unit of layer 1, and of layer 2, at most, on either side of 0, in whole units.

        Guarantee: neither a sum nor any part of it, in whatever order it is made, is farther from 0, for inputs that
        are not farther than ``largest``.
        """
        remembered = self.farthest if self.spec.recurrence == "hidden" else largest << self.point
        heard = np.abs(self.synapse_0).sum(axis=0) * largest + np.abs(self.bias_1)
        layer_1 = (heard << self.point) + np.abs(self.synapse_h).sum(axis=0) * remembered
        layer_2 = (np.abs(self.bias_2) << self.point) + np.abs(self.synapse_1).sum(axis=0) * self.farthest
        return int(layer_1.max()), int(layer_2.max())

    def _check(self) -> None:
        """Refuse what a float64, or a layer_2 that is computed with rounding, could get wrong."""
        top = 2 ** ((self.spec.weight_bits or 2) - 1)
        arrays = (self.synapse_0, self.synapse_h, self.synapse_1, self.bias_1, self.bias_2)
        largest = max(int(np.abs(array).max()) for array in arrays)
        if largest >= top or (np.diff(self.thresholds) < 0).any():
            raise UsageError(
                f"weights up to {largest:,} units in {self.spec.weight_bits} bits, or thresholds out of order",
                f"weights up to {top - 1:,} on either side of 0, and thresholds that rise",
                "carrybit quantize makes such a network",
            )
        layer_1, layer_2 = self.bounds()
        unit = self.units[1] - self.point
        several = self.spec.output_dim > 1
        is_flat = several and self.spec.loss in ("squared_error", "cross_entropy")
        finest = FINEST_BESIDE if is_flat else FINEST
        is_far = is_flat and layer_2 * 2.0**unit > FLATTEST
        blind = not several and self.spec.loss == "softmax_cross_entropy"
        if max(layer_1, layer_2) >= EXACT or unit < finest or is_far or blind:
            raise UsageError(
                f"sums of up to {layer_1:,} and {layer_2:,} units at the layers, of 2^{unit} at the last",
                f"sums below {EXACT:,}, and answers that can be told apart",
                "fewer state bits or weight bits, or a smaller network",
            )


def whole_inputs(vectors: Array) -> Ints:
    """Return inputs as an int array of the same shape; UsageError if they are not whole, or beyond a million."""
    inputs = np.asarray(vectors, np.float64)
    if not (np.isfinite(inputs).all() and (inputs == np.rint(inputs)).all() and (np.abs(inputs) <= 10**6).all()):
        raise UsageError(
            "inputs that are not whole numbers",
            "inputs such as 0 and 1: symbols, bits, one-hot vectors",
            "another way to write the inputs",
        )
    return inputs.astype(np.int64)


def quantize(network: Network, state_bits: int, weight_bits: int, *, highest: float = 1.0) -> Network:
    """Return the network in whole numbers that is nearest to one that is not.

    Weights are scaled so that the largest at a layer uses all of its bits, and rounded; thresholds are scaled alike,
    and rounded up to whole units, which changes no state. Between two states, the middle is the border.

    Parameters
    ----------
    network : Network
    state_bits : int
        Of a hidden unit, 1 to 12; with tanh 2 to 12.
    weight_bits : int
        Of a weight, with its sign, 2 to 16.
    highest : float
        With relu, which has no end: what the highest state stands for; what is above is cut off.

    Raises
    ------
    SettingError
        The bits are not such numbers.
    UsageError
        The network is in whole numbers already, or its numbers are not finite.
    """
    if network.spec.is_whole or not all(np.isfinite(array).all() for array in network.params.arrays().values()):
        raise UsageError(
            "a network whose numbers are whole already, or not finite",
            "a network as it was trained",
            "the run it is from",
        )
    spec = replace(network.spec, precision="float64", state_bits=state_bits, weight_bits=weight_bits)
    old = network.params.map(lambda array: array.astype(np.float64))
    count, lowest, state = spec.stairs
    grain = Fraction(highest) / count if spec.activation == "relu" else Fraction(1, count + lowest)  # of a real state
    ratio = float(grain / Fraction(state))
    synapse_h = old.synapse_h * (ratio if spec.recurrence == "hidden" else 1.0)
    bias_1, bias_2 = (
        ({} if old.bias_1 is None else {"bias_1": old.bias_1}),
        {} if old.bias_2 is None else {"bias_2": old.bias_2},
    )
    scale_1 = _scale(weight_bits, old.synapse_0, synapse_h, *bias_1.values())
    first = _rounded(scale_1, _power(scale_1), {"synapse_0": old.synapse_0, "synapse_h": synapse_h, **bias_1})
    scale_2 = _scale(weight_bits, old.synapse_1 * ratio, *bias_2.values())
    power = min(_power(scale_2), -FINEST + round(math.log2(state)))
    if spec.loss == "linear_squared_error" and spec.output_dim == 1:
        scale_2 = 2.0**power  # the border of one half must stay where it is
    second = _rounded(scale_2, power, {"synapse_1": old.synapse_1 * ratio, **bias_2})
    if spec.loss in ("squared_error", "cross_entropy") and spec.output_dim > 1:
        second = _flattened(second)
    unit = 2.0 ** -_power(scale_1) * state
    thresholds = np.array(_thresholds(spec, Fraction(scale_1) / Fraction(state), grain), np.float64) * unit
    return Network(spec, Params(**first, **second, thresholds=thresholds), network.engine)


def _scale(weight_bits: int, *arrays: Array) -> float:
    """Return the factor that makes the largest number of some arrays the largest whole number of so many bits."""
    largest = max(float(np.abs(array).max()) for array in arrays)
    top: int = 2 ** (weight_bits - 1) - 1
    return top / max(largest, 2.0**-100)


def _power(scale: float) -> int:
    """Return the largest power of two, as its exponent, that is not above a number."""
    return math.frexp(scale)[1] - 1


def _rounded(scale: float, power: int, arrays: dict[str, Array]) -> dict[str, Array]:
    """Return arrays times a scale, rounded, as whole numbers of units of 2**-power."""
    return {name: np.ldexp(np.rint(array * scale) + 0.0, -power) for name, array in arrays.items()}


def _flattened(arrays: dict[str, Array]) -> dict[str, Array]:
    """Halve what leads to the output until nothing that arrives there is where a sigmoid is flat."""
    arrives = [np.abs(array).sum(axis=0) if array.ndim == 2 else np.abs(array) for array in arrays.values()]
    farthest = float(np.sum(arrives, axis=0).max())
    halvings = max(0, _power(farthest / FLATTEST) + 1) if farthest else 0
    return {name: np.ldexp(array, -halvings) for name, array in arrays.items()}


def _thresholds(spec: Spec, scale: Fraction, grain: Fraction) -> list[int]:
    """Return the least whole numbers that are not below the borders between two states, times a scale.

    The borders are irrational but for a few, so that with digits enough each is told from the whole numbers beside it.
    """
    count, lowest, _ = spec.stairs
    middles = [lowest + Fraction(2 * k + 1, 2) for k in range(count)]
    if spec.activation == "relu":
        return [min(math.ceil(middle * grain * scale), EXACT) for middle in middles]
    thresholds = []
    with localcontext() as context:
        context.prec = DIGITS
        for middle in middles:
            value = middle * grain  # of the activation, so that its argument is the border
            odds = value / (1 - value) if spec.activation == "sigmoid" else (1 + value) / (1 - value)
            border = (Decimal(odds.numerator) / Decimal(odds.denominator)).ln() / (
                1 if spec.activation == "sigmoid" else 2
            )
            border *= Decimal(scale.numerator) / Decimal(scale.denominator)
            above = border.to_integral_value(ROUND_CEILING)
            assert border == 0 or min(above - border, border - above + 1) > Decimal(10) ** -30
            thresholds.append(max(-EXACT, min(int(above), EXACT)))
    return thresholds


def _whole(*arrays: Array) -> tuple[list[Ints], int]:
    """Return arrays as whole numbers of the coarsest power of two that all are multiples of, and its exponent."""
    exponents = [_finest(array) for array in arrays if array.any()]
    unit = min(exponents, default=0)
    largest = max(float(np.abs(array).max()) for array in arrays)
    if math.frexp(largest)[1] - unit > 40:
        raise UsageError(
            "numbers that are not whole numbers of one unit",
            "weights that are whole numbers of up to 16 bits, times a power of two",
            "carrybit quantize makes such a network",
        )
    return [np.ldexp(array, -unit).astype(np.int64) for array in arrays], unit


def _finest(array: Array) -> int:
    """Return the exponent of the largest power of two that all numbers of an array are multiples of."""
    fractions, exponents = np.frexp(array[array != 0].astype(np.float64))
    bits = np.ldexp(fractions, 53).astype(np.int64)
    lowest = np.log2(bits & -bits).astype(np.int64)  # of a power of two, exact
    return int((exponents - 53 + lowest).min())
