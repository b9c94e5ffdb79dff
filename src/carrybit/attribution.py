"""Attribution: how much of each hidden unit, at each step, comes from each input so far.

The tutorial colours every hidden layer by the inputs that are mixed in it. Here the colours are computed: an input that
is "not known" is replaced by ``trace.unknown``, and a unit is asked what it becomes when some inputs are not known.
What one input gives depends on which others are known beside it; Shapley's is the only way to divide that is the same
for inputs that play the same part, gives nothing to one that changes nothing, adds up over games, and leaves no rest:
all inputs together give exactly what the unit is beyond what it would be if none were known. It has a sign, since
an input can also hold a unit down.

Source: the tutorial, part 2 (the coloured hidden layers); Shapley 1953, "A value for n-person games"; Castro, Gómez and
Tejada 2009, "Polynomial calculation of the Shapley value based on sampling" (by permutations); Simonyan, Vedaldi and
Zisserman 2013, section 3 (by the gradient).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from carrybit import checks, randomness
from carrybit.activations import ACTIVATIONS, activation
from carrybit.errors import UsageError
from carrybit.network import read_only
from carrybit.params import Array
from carrybit.tracing import Trace

METHODS = ("shapley", "gradient", "ablation")
EXACT_STEPS = 16  # 65,536 coalitions: a fraction of a second
MOST_NUMBERS = 2**25  # in one array: 256 MiB
SAMPLES, FEWEST = 256, 16  # orders that are drawn
WORK = 2**29  # numbers of all orders that some seconds are enough for
NUMBERS_AT_ONCE = 2**19  # that orders are run with: few enough for a cache


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribution:
    """How much of layer_1 comes from each input; made by `attribute`.

    Parameters
    ----------
    method : {"shapley", "gradient", "ablation"}
    values : float array (B, T, H, T)
        How much of layer_1[b, t+1, h] comes from layer_0[b, s]; signed, and exactly 0 for s > t.
    baseline : float array (B, T, H)
        What layer_1[b, t+1, h] would be if no input were known.
    error : float array (B, T, H, T), or None
        Standard errors of values, where they are sampled; 0 in rows that are exact, None where all are.
    jacobian : float array (B, T, H, T, I), or None
        ∂ layer_1[b, t+1, h] / ∂ layer_0[b, s, i], with method "gradient".
    """

    method: str
    values: Array
    baseline: Array
    error: Array | None = None
    jacobian: Array | None = None

    def __post_init__(self) -> None:
        for name in ("values", "baseline", "error", "jacobian"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, read_only(getattr(self, name)))

    def shares(self) -> Array:
        """Return each input's share of the whole hidden layer: (B, T, T), Σ_h |values|, divided by its sum over s.

        Rows sum to 1; they are NaN where there is nothing to share.
        """
        size = np.abs(self.values).sum(axis=2)  # (B, T, T)
        with np.errstate(all="ignore"):
            return size / size.sum(axis=2, keepdims=True)


def attribute(trace: Trace, method: str = "shapley", *, samples: int | None = None, seed: int = 0) -> Attribution:
    """Say how much of each hidden unit, at each step, comes from each input so far.

    The memory before any input stays as it is. An input that is not known is ``trace.unknown``.

    "shapley"
        What an input adds to a unit when it becomes known, averaged over all orders in which the inputs so far can
        become known. Rows sum: ``values.sum(axis=3)`` is ``layer_1[:, 1:] - baseline``, to rounding. Up to 16 steps
        (15 beyond 512 units, 14 beyond 1024, ...) it is exact, over all 2^(t+1) coalitions; with recurrence "input" it
        is exact for any length, since a unit sees no more than two inputs. Later steps are averages over random
        orders, each with its reverse. They too are unbiased, and sum: each order's row does. ``error`` is from how far
        the pairs differ among themselves: the deviation of a pair, divided by √pairs. Time grows with T² · H · samples:
        200 steps and 64 units take about 5 seconds a sequence, and 500 steps about a minute.
    "gradient"
        ``jacobian`` is the derivative of a unit by an input, and values are Σ_i jacobian · (layer_0 - unknown): what
        each input would give if the network were a straight line through here.
    "ablation"
        What a unit is beyond what it would be if this one input were not known.

    Only the rows of "shapley" sum to anything.

    Parameters
    ----------
    trace : Trace
    method : {"shapley", "gradient", "ablation"}
    samples : int, or None
        Orders that are drawn where "shapley" is not exact; an odd number counts as the next. None is 256, and fewer,
        at least 16, of a question so long that they would take more than some seconds.
    seed : int
        Of the orders; they are the same for every sequence.

    Returns
    -------
    attribution : Attribution
        In float64.

    Raises
    ------
    SettingError
        There is no such method, or samples or seed are out of range.
    UsageError
        values, or jacobian, would have more than 33,554,432 numbers.
    """
    checks.one_of("method", method, METHODS)
    samples = _usual(trace) if samples is None else checks.whole("samples", samples, 4, 2**20, 256)
    checks.whole("seed", seed, 0, 2**64 - 1, 0)
    _refuse_large(trace, method)
    with np.errstate(all="ignore"):  # a network that overflows is shown as it is
        if method == "gradient":
            return _by_gradient(trace)
        if trace.spec.recurrence == "input":
            return _by_pairs(trace, method)
        return _by_sequences(trace, method, -(-samples // 2), seed)


def _usual(trace: Trace) -> int:
    """Return how many orders some seconds are enough for."""
    numbers = trace.batch * trace.time**2 * trace.spec.hidden_dim
    return max(FEWEST, min(SAMPLES, WORK // numbers))


def _refuse_large(trace: Trace, method: str) -> None:
    inputs = trace.spec.input_dim if method == "gradient" else 1
    numbers = trace.batch * trace.time**2 * trace.spec.hidden_dim * inputs
    if numbers > MOST_NUMBERS:
        asked = f"{trace.time:,} steps of {trace.spec.hidden_dim:,} units: {numbers:,} numbers by {method}"
        fix = "trace.sequence(0)" if trace.batch > 1 else "--method ablation" if inputs > 1 else "a shorter question"
        raise UsageError(asked, f"at most {MOST_NUMBERS:,} numbers", fix)


def _by_gradient(trace: Trace) -> Attribution:
    """Carry the Jacobian forwards by the chain rule."""
    spec, params = trace.spec, trace.params
    layer_1 = trace.layer_1[:, 1:].astype(np.float64)
    slope = ACTIVATIONS[spec.activation].slope(layer_1)[..., None, None]  # (B, T, H, 1, 1)
    from_now, from_past = params.synapse_0.T.astype(np.float64), params.synapse_h.T.astype(np.float64)  # (H, I), (H, M)
    batch, time, units = layer_1.shape
    jacobian = np.zeros((batch, time, units, time, spec.input_dim))
    for t in range(time):
        jacobian[:, t, :, t] = from_now
        if spec.recurrence == "hidden" and t:
            before = jacobian[:, t - 1, :, :t].reshape(batch, units, -1)  # (B, H, t·I)
            jacobian[:, t, :, :t] = (from_past @ before).reshape(batch, units, t, -1)
        elif t:
            jacobian[:, t, :, t - 1] = from_past
        jacobian[:, t, :, : t + 1] *= slope[:, t]
    known = trace.layer_0.astype(np.float64) - trace.unknown  # (B, T, I)
    values = np.einsum("bthsi,bsi->bths", jacobian, known)
    for t in range(time):
        values[:, t, :, t + 1 :] = 0  # where 0 · inf made a NaN
    return Attribution(method="gradient", values=values, baseline=_baseline(trace), jacobian=jacobian)


def _baseline(trace: Trace) -> Array:
    """Return (B, T, H): layer_1 if no input were known."""
    if trace.spec.recurrence == "input":
        return _pairs(trace)[:, :, 0, 0]
    return np.stack([sequence.baseline[1:] for sequence in _sequences(trace)])


def _by_pairs(trace: Trace, method: str) -> Attribution:
    """Divide what a unit is between the two inputs that it sees, with recurrence "input"."""
    layer_1 = _pairs(trace)
    none, now, past, both = layer_1[:, :, 0, 0], layer_1[:, :, 0, 1], layer_1[:, :, 1, 0], layer_1[:, :, 1, 1]
    if method == "shapley":
        from_now, from_past = (now - none + both - past) / 2, (past - none + both - now) / 2
    else:
        from_now, from_past = both - past, both - now
    batch, time, units = none.shape
    values = np.zeros((batch, time, units, time))
    for t in range(time):
        values[:, t, :, t] = from_now[:, t]
        if t:
            values[:, t, :, t - 1] = from_past[:, t]
    return Attribution(method=method, values=values, baseline=none)


def _pairs(trace: Trace) -> Array:
    """Return (B, T, 2, 2, H): layer_1, whether the input before is known (third axis), and this one (fourth)."""
    inputs = _known_or_not(trace)
    heard = inputs @ trace.params.synapse_0 + _bias_1(trace)  # (B, T, 2, H)
    remembered = np.empty_like(heard)
    remembered[:, 0] = (trace.past[:, 0] @ trace.params.synapse_h)[:, None]
    remembered[:, 1:] = inputs[:, :-1] @ trace.params.synapse_h
    layer_1 = activation(trace.spec, trace.params)(remembered[:, :, :, None] + heard[:, :, None])
    return layer_1 + _rounding(trace.layer_1[:, 1:], layer_1[:, :, 1, 1])[:, :, None, None]


def _known_or_not(trace: Trace) -> Array:
    """Return (B, T, 2, I): each input, not known and known."""
    layer_0 = trace.layer_0.astype(np.float64)
    return np.stack([np.broadcast_to(trace.unknown, layer_0.shape), layer_0], axis=2)


def _bias_1(trace: Trace) -> Array:
    return np.zeros(trace.spec.hidden_dim) if trace.params.bias_1 is None else trace.params.bias_1


def _rounding(layer_1: Array, own: Array) -> Array:
    """Return how the trace's engine rounds otherwise than NumPy; every coalition rounds so, and all sums are exact."""
    difference = layer_1.astype(np.float64) - own
    return np.where(np.isfinite(difference), difference, 0)


@dataclass(frozen=True, kw_only=True)
class _Sequence:
    """The steps of one sequence, with recurrence "hidden", when some of its inputs are not known.

    heard    : (T, 2, H)   what arrives from an input that is not known, and from one that is
    rounding : (T, H)      beside NumPy
    layer_1  : (T+1, H)    when all are known
    baseline : (T+1, H)    when none is
    """

    heard: Array
    synapse_h: Array
    activate: Callable[[Array], Array]
    rounding: Array
    layer_1: Array
    baseline: Array

    def step(self, t: int, layer_1: Array, known: Array) -> Array:
        """Return layer_1 (..., H) after step t, of coalitions that know its input or not: known (...)."""
        heard = np.where(known[..., None], self.heard[t, 1], self.heard[t, 0])
        remembered = (layer_1.reshape(-1, layer_1.shape[-1]) @ self.synapse_h).reshape(layer_1.shape)  # in one product
        return self.activate(heard + remembered) + self.rounding[t]


def _sequences(trace: Trace) -> Iterator[_Sequence]:
    synapse_h = trace.params.synapse_h.astype(np.float64)
    activate = activation(trace.spec, trace.params)
    every_heard = _known_or_not(trace) @ trace.params.synapse_0 + _bias_1(trace)  # (B, T, 2, H)
    for heard, layer_1 in zip(every_heard, trace.layer_1.astype(np.float64), strict=True):
        rounding = _rounding(layer_1[1:], activate(heard[:, 1] + layer_1[:-1] @ synapse_h))
        sequence = _Sequence(
            heard=heard,
            synapse_h=synapse_h,
            activate=activate,
            rounding=rounding,
            layer_1=layer_1,
            baseline=layer_1.copy(),
        )
        for t in range(trace.time):
            sequence.baseline[t + 1] = sequence.step(t, sequence.baseline[t], np.array(False))
        yield sequence


def _by_sequences(trace: Trace, method: str, pairs: int, seed: int) -> Attribution:
    time, units = trace.time, trace.spec.hidden_dim
    exact = time if method == "ablation" else min(time, EXACT_STEPS, (MOST_NUMBERS // units).bit_length() - 1)
    values = np.zeros((trace.batch, time, units, time))
    error = np.zeros_like(values) if exact < time else None
    baseline = np.empty((trace.batch, time, units))
    for b, sequence in enumerate(_sequences(trace)):
        baseline[b] = sequence.baseline[1:]
        if method == "ablation":
            _ablate(sequence, values[b])
            continue
        _count_coalitions(sequence, values[b, :exact])
        if error is not None:
            _sample_orders(sequence, exact, pairs, seed, values[b], error[b])
    return Attribution(method=method, values=values, baseline=baseline, error=error)


def _ablate(sequence: _Sequence, values: Array) -> None:
    """Fill values (T, H, T), with one run for each input that is not known, which begins where it is not."""
    states = sequence.layer_1[:0]
    for t in range(len(values)):
        states = np.concatenate([states, sequence.layer_1[t : t + 1]])  # (t+1, H); the newest does not know input t
        states = sequence.step(t, states, np.arange(t + 1) < t)
        values[t, :, : t + 1] = (sequence.layer_1[t + 1] - states).T


def _count_coalitions(sequence: _Sequence, values: Array) -> None:
    """Fill values (steps, H, T) exactly; bit s of a coalition's number says whether it knows input s."""
    without_or_with = np.array([[False], [True]])
    states = sequence.layer_1[:1]
    sizes = np.zeros(1, int)  # of the coalitions of inputs before t
    for t in range(len(values)):
        states = sequence.step(t, states, without_or_with).reshape(2 ** (t + 1), -1)
        states[0], states[-1] = sequence.baseline[t + 1], sequence.layer_1[t + 1]  # to the last bit
        weights = _weights(t + 1)[sizes]
        for s in range(t + 1):
            pairs = states.reshape(2 ** (t - s), 2, 2**s, -1)
            gained = (pairs[:, 1] - pairs[:, 0]).reshape(2**t, -1)  # when s becomes known to the others
            values[t, :, s] = weights @ gained
        sizes = np.concatenate([sizes, sizes + 1])


def _weights(inputs: int) -> Array:
    """Return, for each size of a coalition of the others, the chance that just they come before an input."""
    weights = np.full(inputs, 1 / inputs)
    for size in range(1, inputs):
        weights[size] = weights[size - 1] * size / (inputs - size)
    return weights


def _sample_orders(sequence: _Sequence, first_step: int, pairs: int, seed: int, values: Array, error: Array) -> None:
    """Fill the rows of values and error (T, H, T) from ``first_step`` on, with means over random orders."""
    time, units, _ = values.shape
    mean, squares = np.zeros((2, time, time, units))  # [t, s, h]; of the pairs, and of how far they are from it
    at_once = max(1, NUMBERS_AT_ONCE // (2 * (time + 1) * units))
    for done in range(0, pairs, at_once):
        count = min(at_once, pairs - done)
        words = randomness.words(seed, "attribution", done, count, time)
        places = (words % np.arange(1, time + 1, dtype=np.uint64)).astype(int)  # of t among those before it
        places = np.concatenate([places, np.arange(time) - places])  # and the other way round
        for t, gained in _gains(sequence, places, first_step):
            of_pairs = (gained[:count] + gained[count:]) / 2  # (count, t+1, H)
            middle = of_pairs.mean(axis=0)
            away = middle - mean[t, : t + 1]
            mean[t, : t + 1] += away * (count / (done + count))
            squares[t, : t + 1] += np.square(of_pairs - middle).sum(axis=0)
            squares[t, : t + 1] += away**2 * (done * count / (done + count))
    values[first_step:] = mean[first_step:].transpose(0, 2, 1)
    error[first_step:] = np.sqrt(squares[first_step:] / (pairs * (pairs - 1))).transpose(0, 2, 1)


def _gains(sequence: _Sequence, places: Array, first_step: int) -> Iterator[tuple[int, Array]]:
    """Yield t and what each input adds when it becomes known (N, t+1, H), in N orders of inputs 0 to t.

    An order of 0 to t is one of 0 to t-1 with t put in at places[:, t], anywhere with the same chance: so one order
    serves all steps. States are those of its beginnings, from nobody to all.
    """
    rows = np.arange(len(places))[:, None]
    states = np.broadcast_to(sequence.layer_1[0], (len(places), 1, sequence.layer_1.shape[1]))
    ranks = places[:, :0]  # of each input in its order
    for t in range(places.shape[1]):
        place = places[:, t : t + 1]
        known = np.arange(t + 2) > place  # (N, t+2): the beginnings that have t among them
        states = sequence.step(t, states[rows, np.arange(t + 2) - known], known)
        states[:, 0], states[:, -1] = sequence.baseline[t + 1], sequence.layer_1[t + 1]  # to the last bit
        ranks = np.concatenate([ranks + (ranks >= place), place], axis=1)
        if t >= first_step:
            yield t, np.diff(states, axis=1)[rows, ranks]
