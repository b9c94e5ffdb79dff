"""The plain recurrent cell, compiled for one CPU: the twin of elman.py, with its names and its order.

What it does differently, in order:
- everything is written for sizes that are known, and for a batch at a time, so nothing is decided while it runs;
- rows are padded with zeros to whole vectors; synapse_1 is kept as O rows, one for each output;
- outputs lie in rows of time, (O, T), because the outputs of all steps can be computed at once;
- derive and add_up are the two halves of backward;
- before the first step there is nothing to remember, and nothing is multiplied with it;
- a weight gradient is summed step by step in a register, last step first, and where an update is a single sequence of
  plain gradient descent, onto the weight itself;
- sums are made in the order that kernels/arrays.py fixes, with fused multiply-adds: the last digits are not NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from carrybit.kernels import arithmetic
from carrybit.kernels.arrays import Array, Column, Row
from carrybit.kernels.code import Index, Value, Whole
from carrybit.kernels.expressions import Expression, each_of
from carrybit.kernels.pieces import Piece, each, fold
from carrybit.kernels.sums import dot, higher, highest, total
from carrybit.optimizers import EPSILON, FIRST_DECAY, MOMENTUM, SECOND_DECAY
from carrybit.spec import Spec


class Activation(NamedTuple):
    """A function and its derivative; ``slope`` takes the value, not the argument."""

    value: Callable[[Value], Value]
    slope: Callable[[Value], Value]


ACTIVATIONS = {
    "sigmoid": Activation(arithmetic.sigmoid, lambda value: value * (1 - value)),
    "tanh": Activation(arithmetic.tanh, lambda value: 1 - value * value),
    "relu": Activation(arithmetic.relu, lambda value: value.code.select(value > 0.0, 1.0, value.code.zeros(value.n))),
}


def stairs(spec: Spec, thresholds: Row) -> Callable[[Value], Value]:
    """Return the activation of a network in whole numbers: a state for every threshold that is reached."""
    count, lowest, unit = spec.stairs

    def value(x: Value) -> Value:
        def climb(i: Index, states: list[Value]) -> list[Value]:
            ((threshold,),) = thresholds.number(i)
            return [x.code.select(x < threshold, states[0], states[0] + 1.0)]

        (state,) = x.code.fold(count, [x.code.constant(float(lowest), x)], climb)
        return state * unit

    return value


@dataclass(frozen=True)
class Layers:
    """What a kernel keeps of the sequences it works on; as in elman.Layers, but outputs and targets are (O, T).

    before : (1, M), what the first step remembers; None where it remembers nothing
    noise  : (T, H), what is added to layer_1; None where nothing is
    """

    layer_0: Array
    layer_1: Array
    pre_2: Array
    layer_2: Array
    before: Array | None = None
    noise: Array | None = None

    def past(self, spec: Spec, t: Whole) -> Row:
        """Return what step t remembers."""
        if spec.recurrence == "hidden":
            return self.layer_1[t]
        if isinstance(t, int) and t == 0:
            assert self.before is not None
            return self.before[0]
        return self.layer_0[t - 1]


@dataclass(frozen=True)
class Lesson:
    """What a kernel keeps beside the layers while it learns.

    targets, d_pre_2, error, right : (O, T)
    d_pre_1 : (T, H)
    counted : (1, T), 1 for a step that counts and 0 for padding; None where all do
    """

    targets: Array
    d_pre_2: Array
    error: Array
    right: Array
    d_pre_1: Array
    counted: Array | None = None


def forward(spec: Spec, w: dict[str, Array], layers: Layers, time: Whole) -> None:
    """Run sequences through the network, all but the output's own function."""
    activation = each_of(stairs(spec, w["thresholds"][0]) if spec.is_whole else ACTIVATIONS[spec.activation].value)
    code = layers.layer_1.layout.code

    def step(t: Whole, *, remembers: bool) -> None:
        pre_1: Expression = layers.layer_0[t] @ w["synapse_0"]
        if remembers:
            pre_1 = pre_1 + layers.past(spec, t) @ w["synapse_h"]
        if spec.bias:
            pre_1 = pre_1 + w["bias_1"][0]
        layers.layer_1[t + 1] = activation(pre_1) if layers.noise is None else activation(pre_1) + layers.noise[t]
        with code.loop(spec.output_dim) as o:
            pre_2 = dot(layers.layer_1[t + 1], w["synapse_1"][o])
            if spec.bias:
                pre_2 = each(lambda x, b: x + b, pre_2, w["bias_2"][0].number(o))
            layers.pre_2[o].put_number(pre_2, t)

    step(0, remembers=layers.before is not None)
    if time != 1:
        with code.loop(time - 1) as t:
            step(t + 1, remembers=True)


def outputs(spec: Spec, layers: Layers) -> None:
    """layer_2 from pre_2: sigmoid, softmax or nothing."""
    pre_2, layer_2 = layers.pre_2, layers.layer_2
    code, layout = pre_2.layout.code, pre_2.layout

    def softmax(first: Whole, count: int, is_last: bool) -> None:
        pre = [pre_2[0].at(first, count)]
        (largest,) = fold(code, spec.output_dim, pre, lambda o, m: [each(higher, m[0], pre_2[o].at(first, count))])

        def add(o: Index, sums: list[Piece]) -> list[Piece]:
            raised = each(lambda x, m: arithmetic.exp(x - m), pre_2[o].at(first, count), largest)
            layer_2[o].put(raised, first)
            return [each(lambda s, x: s + x, sums[0], raised)]

        (sums,) = fold(code, spec.output_dim, [each(lambda x: code.zeros(x.n), largest)], add)
        with code.loop(spec.output_dim) as o:
            layer_2[o].put(each(lambda x, s: x / s, layer_2[o].at(first, count), sums), first, is_last)

    if spec.loss == "softmax_cross_entropy":
        layout.pieces(pre_2.columns, softmax)
    else:
        output = each_of((lambda x: x) if spec.loss == "linear_squared_error" else arithmetic.sigmoid)
        with code.loop(spec.output_dim) as o:
            layer_2[o] = output(pre_2[o])


def judge(spec: Spec, layers: Layers, lesson: Lesson, scale: Value) -> None:
    """d_pre_2 times ``scale``, the error, and which answers are right."""
    code, layout = layers.layer_2.layout.code, layers.layer_2.layout
    layer_2, targets = layers.layer_2, lesson.targets
    is_softmax = spec.loss == "softmax_cross_entropy"

    def piece(first: Whole, count: int, is_last: bool) -> None:
        counts = None if lesson.counted is None else lesson.counted[0].at(first, count)

        def counted(value: Piece) -> Piece:
            """0 where a step does not count."""
            return value if counts is None else each(lambda v, c: code.select(c > 0.5, v, 0.0), value, counts)

        def one(o: Whole) -> None:
            y, target = layer_2[o].at(first, count), targets[o].at(first, count)
            error = each(lambda y, target: y - target, y, target)
            d_pre_2 = error
            if spec.loss == "squared_error":
                d_pre_2 = each(lambda e, y: e * (y * (1 - y)), error, y)
            if is_softmax:
                d_pre_2 = each(lambda y, total, target: y * total - target, y, totals, target)
            lesson.d_pre_2[o].put(counted(each(lambda d: d * scale, d_pre_2)), first, is_last)
            lesson.error[o].put(counted(each(lambda e: code.intrinsic("fabs", e), error)), first, is_last)

        if is_softmax:  # targets of a step sum to 1, or to 0 where nothing is asked

            def add(o: Index, sums: list[Piece]) -> list[Piece]:
                return [each(lambda s, x: s + x, sums[0], targets[o + 1].at(first, count))]

            (totals,) = fold(code, spec.output_dim - 1, [targets[0].at(first, count)], add)
        with code.loop(spec.output_dim) as o:
            one(o)
        best, chosen = layer_2[0].at(first, count), targets[0].at(first, count)
        if spec.output_dim == 1:
            right = each(lambda y, target: ((y > 0.5) == (target > 0.5)).as_number(), best, chosen)
        else:

            def choose(o: Index, kept: list[Piece]) -> list[Piece]:
                best, chosen = kept
                y, target = layer_2[o + 1].at(first, count), targets[o + 1].at(first, count)
                chosen = each(lambda y, b, target, c: code.select(y > b, target, c), y, best, target, chosen)
                return [each(higher, y, best), chosen]

            _, chosen = fold(code, spec.output_dim - 1, [best, chosen], choose)
            right = each(lambda c: (c > 0.5).as_number(), chosen)
        lesson.right[0].put(counted(right), first, is_last)

    layout.pieces(layer_2.columns, piece)


def backward(spec: Spec, w: dict[str, Array], layers: Layers, lesson: Lesson, d: dict[str, Array], time: int) -> None:
    """Carry the derivatives from the last step back to the first, then add them up in ``d``.

    w has a member synapse_h_back, synapse_h transposed, where there is something to carry.
    """
    slope = each_of(ACTIVATIONS[spec.activation].slope)
    code, d_pre_1, d_pre_2 = layers.layer_1.layout.code, lesson.d_pre_1, lesson.d_pre_2

    def step(t: Whole, *, has_future: bool) -> None:
        d_layer_1: Expression = Column(d_pre_2, t) @ w["synapse_1"]  # answer now
        if has_future:
            d_layer_1 = d_layer_1 + d_pre_1[t + 1] @ w["synapse_h_back"]  # memory later
        activated: Expression = layers.layer_1[t + 1]
        if layers.noise is not None:
            activated = activated - layers.noise[t]
        d_pre_1[t] = d_layer_1 * slope(activated)

    step(time - 1, has_future=False)
    past = layers.layer_1.below(1) if spec.recurrence == "hidden" else layers.layer_0
    if time > 1:
        with code.loop(time - 1, backwards=True) as t:
            step(t, has_future=spec.recurrence == "hidden")
        d["synapse_h"].add_outer(past, d_pre_1.below(1), time - 1)
    if layers.before is not None:
        d["synapse_h"].add_outer(layers.before, d_pre_1, 1)
    with code.loop(spec.output_dim) as o:
        d["synapse_1"].only(o).add_outer(d_pre_2.only(o).turned(), layers.layer_1.below(1), time)
    d["synapse_0"].add_outer(layers.layer_0, d_pre_1, time)
    if spec.bias:
        d["bias_1"].add_outer(None, d_pre_1, time)
        with code.loop(spec.output_dim) as o:
            ((bias, *_),) = d["bias_2"][0].number(o)
            for each_sequence in total(d_pre_2[o])[0]:
                bias = bias + each_sequence
            d["bias_2"][0].put_number([[bias]], o)


def sum_of_totals(array: Array) -> Piece:
    """Return the totals of all rows, added one by one."""
    (summed,) = fold(
        array.layout.code,
        array.rows - 1,
        [total(array[0])],
        lambda o, s: [each(lambda s, x: s + x, s[0], total(array[o + 1]))],
    )
    return summed


def update(
    optimizer: str, w: Row, gradient: Row, moments: list[Row], rate: Value, clip: Value | None, scales: list[Value]
) -> None:
    """Change the weights, as optimizers.py does; then the gradient is 0 again."""
    code = rate.code
    if clip is not None:
        largest = _first(highest(each_of(lambda g: code.intrinsic("fabs", g))(gradient)))
        largest = code.select(largest > 0.0, largest, 1.0)
        scaled = each_of(lambda g: g / largest)(gradient)  # so that no square is too large
        length = code.intrinsic("sqrt", _first(dot(scaled, scaled)))
        shrink = code.select(length * largest > clip, clip / (length * largest), 1.0)
        gradient.set(each_of(lambda g: g * shrink)(gradient))
    if optimizer == "momentum":
        (velocity,) = moments
        velocity.set(each_of(lambda v, g: code.fma(v, MOMENTUM, g))(velocity, gradient))
        w.set(each_of(lambda w, v: code.fma(v, -rate, w))(w, velocity))
    elif optimizer == "adam":
        first, second = moments
        first.set(each_of(lambda m, g: code.fma(m, FIRST_DECAY, g * (1 - FIRST_DECAY)))(first, gradient))
        second.set(each_of(lambda v, g: code.fma(v, SECOND_DECAY, g * (1 - SECOND_DECAY) * g))(second, gradient))
        m_scale, v_scale = scales

        def moved(w: Value, m: Value, v: Value) -> Value:
            return w - (m * m_scale * rate) / (code.intrinsic("sqrt", v * v_scale) + EPSILON)

        w.set(each_of(moved)(w, first, second))
    else:
        w.set(each_of(lambda w, g: code.fma(g, -rate, w))(w, gradient))
    gradient.set(0.0)


def _first(number: Piece) -> Value:
    return number[0][0]
