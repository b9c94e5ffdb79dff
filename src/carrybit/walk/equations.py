"""Equations: the line of code of a stop with the real numbers in it, for one unit.

Every total that is shown is the trace's own; what stands before it is what it is made of.
"""

from __future__ import annotations

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.params import Array, Params
from carrybit.tracing import Trace
from carrybit.walk.numbers import enclosed, exact, long, short, written
from carrybit.walk.words import OUTPUTS

FEW = 3  # inputs that are always written, also if they are 0
Lines = tuple[str, ...]


def layer_1(trace: Trace, t: int, unit: int, most: int) -> Lines:
    """Return how a hidden unit comes about."""
    spec, params = trace.spec, trace.params
    factors = np.concatenate([trace.layer_0[0, t], trace.past[0, t]])
    weights = np.concatenate([params.synapse_0[:, unit], params.synapse_h[:, unit]])
    inside = written(factors, weights, most, spec.input_dim if spec.input_dim <= FEW else 0)
    head = f"layer_1[{unit}]"
    arrives, value = short(trace.pre_1[0, t, unit]), exact(trace.layer_1[0, t + 1, unit])
    curve = "stairs" if spec.is_whole else spec.activation
    return (
        f"{head} = {curve}({inside}{_bias(params.bias_1, unit)})",
        f"{_under(head)} = {curve}({arrives}) = {value}",
    )


def layer_2(trace: Trace, t: int, output: int, most: int) -> Lines:
    """Return how an answer comes about."""
    params, function = trace.params, OUTPUTS[trace.spec.loss]
    inside = written(trace.layer_1[0, t + 1], params.synapse_1[:, output], most) + _bias(params.bias_2, output)
    arrives, answer = short(trace.pre_2[0, t, output]), exact(trace.layer_2[0, t, output])
    head = f"layer_2[{output}]"
    if not function:
        return f"{head} = {inside}", f"{_under(head)} = {answer}"
    if function == "sigmoid":
        return f"{head} = sigmoid({inside})", f"{_under(head)} = sigmoid({arrives}) = {answer}"
    above = trace.pre_2[0, t].astype(np.float64)
    with np.errstate(all="ignore"):
        raised = np.exp(above)
        whole = raised.sum()
    share = f" = {short(raised[output])} / {short(whole)}" if 0 < whole < np.inf else ""
    return f"{head} = exp({inside}) / Σ exp", f"{_under(head)} = exp({arrives}) / Σ exp{share} = {answer}"


def layer_2_error(trace: Trace, t: int, output: int, most: int) -> Lines:
    """Return how an error and the loss of its step come about."""
    if not trace.mask[0, t]:
        return f"layer_2_error[{output}] = 0: nothing is asked at this step, it does not count", "loss = 0"
    goal, answer = trace.targets[0, t, output], trace.layer_2[0, t, output]
    error = short(trace.layer_2_error[0, t, output])
    return f"layer_2_error[{output}] = {exact(goal)} - {_enclosed(answer)} = {error}", _loss(trace, t, most)


def d_pre_2(trace: Trace, t: int, output: int, most: int) -> Lines:
    """Return how the derivative at an output comes about."""
    head, made = f"d_pre_2[{output}]", short(trace.d_pre_2[0, t, output])
    if not trace.mask[0, t]:
        return (f"{head} = 0: nothing is asked at this step, it does not count",)
    answer, error = trace.layer_2[0, t, output], trace.layer_2_error[0, t, output]
    if trace.spec.loss == "squared_error":
        return (f"{head} = -{enclosed(error)} · {exact(answer)} · (1 - {exact(answer)}) = {made}",)
    whole = trace.targets[0, t].sum()
    if trace.spec.loss == "softmax_cross_entropy" and not np.isclose(whole, 1):
        return (f"{head} = {exact(answer)} · {short(whole)} - {enclosed(trace.targets[0, t, output])} = {made}",)
    return (f"{head} = -{enclosed(error)} = {made}",)


def d_layer_1(trace: Trace, t: int, unit: int, most: int) -> Lines:
    """Return how the derivative at a hidden unit comes about: answer now + memory later, through the slope."""
    params, head = trace.params, f"d_layer_1[{unit}]"
    now = written(trace.d_pre_2[0, t], params.synapse_1[unit], most)
    lines = [f"{head} = answer now      {now}"]
    if trace.spec.recurrence == "hidden":
        if t + 1 < trace.time:
            later = written(trace.d_pre_1[0, t + 1], params.synapse_h[unit], most)
            lines.append(f"{_under(head)} + memory later    {later}")
        else:
            lines.append(f"{_under(head)} + memory later    0: no step comes after this one")
    whole, value = trace.d_layer_1[0, t + 1, unit], trace.layer_1[0, t + 1, unit]
    lines.append(f"{_under(head)} = {short(whole)}")
    slope = _slope(trace.spec.activation, value)
    under = f"d_pre_1[{unit}]".ljust(len(head))
    lines.append(f"{under} = {enclosed(whole)} · {slope} = {short(trace.d_pre_1[0, t, unit])}")
    return tuple(lines)


def gradient(trace: Trace, t: int, unit: int, so_far: Params) -> Lines:
    """Return what a step adds to the largest weights of a hidden unit, and what they have gathered so far."""
    reads, remembers, back = trace.layer_0[0, t], trace.past[0, t], trace.d_pre_1[0, t, unit]
    value, outs = trace.layer_1[0, t + 1, unit], trace.d_pre_2[0, t]
    i, m, o = _largest(reads), _largest(remembers), _largest(outs)
    rows = [
        (f"d_synapse_0[{i},{unit}]", reads[i], back, so_far.synapse_0[i, unit]),
        (f"d_synapse_h[{m},{unit}]", remembers[m], back, so_far.synapse_h[m, unit]),
        (f"d_synapse_1[{unit},{o}]", value, outs[o], so_far.synapse_1[unit, o]),
    ]
    lines = [(head, f"{short(a)}·{enclosed(b)} = {short(a * b)}", total) for head, a, b, total in rows]
    if so_far.bias_1 is not None and so_far.bias_2 is not None:
        lines += [(f"d_bias_1[{unit}]", short(back), so_far.bias_1[unit])]
        lines += [(f"d_bias_2[{o}]", short(outs[o]), so_far.bias_2[o])]
    heads, middles = (max(len(line[k]) for line in lines) for k in (0, 1))
    return tuple(f"{head:<{heads}} += {added:<{middles}}  so far {short(total)}" for head, added, total in lines)


def update(trace: Trace, unit: int, learning_rate: float | None) -> Lines:
    """Return how the weights of a hidden unit with the largest derivatives change."""
    lines = []
    for name, place in largest_of(trace.gradient, unit).items():
        slope, weight = trace.gradient.arrays()[name][place], trace.params.arrays()[name][place]
        head = f"{name}[{','.join(map(str, place))}]"
        if learning_rate is None:
            lines.append(f"d_{head} = {short(slope)}")
            continue
        changed = weight - learning_rate * slope
        lines.append(f"{head} = {long(weight)} - {learning_rate:g} · {enclosed(slope)} = {long(changed)}")
    return tuple(lines)


def largest_of(gradient: Params, unit: int) -> dict[str, tuple[int, ...]]:
    """Return, for each parameter, the place of the largest derivative beside a hidden unit."""
    places: dict[str, tuple[int, ...]] = {
        "synapse_0": (_largest(gradient.synapse_0[:, unit]), unit),
        "synapse_h": (_largest(gradient.synapse_h[:, unit]), unit),
        "synapse_1": (unit, _largest(gradient.synapse_1[unit])),
    }
    if gradient.bias_2 is not None:
        places |= {"bias_1": (unit,), "bias_2": (_largest(gradient.bias_2),)}
    return places


def _loss(trace: Trace, t: int, most: int) -> str:
    """Write the loss of a step, and its parts where they tell it well: a logarithm of 0 does not."""
    loss, goals = float(trace.loss[0, t]), trace.targets[0, t].astype(np.float64)
    answers = trace.layer_2[0, t].astype(np.float64)
    if trace.spec.loss.endswith("squared_error"):
        errors = trace.layer_2_error[0, t]
        if len(errors) == 1:
            return f"loss = ½·{enclosed(errors[0])}² = {short(loss)}"
        return f"loss = ½·({written(errors, errors, most)}) = {short(loss)}"
    is_sigmoid = trace.spec.loss == "cross_entropy"
    weights = np.concatenate([goals, 1 - goals]) if is_sigmoid else goals
    chances = np.concatenate([answers, 1 - answers]) if is_sigmoid else answers
    asked = weights != 0
    with np.errstate(all="ignore"):
        told = -(weights[asked] * np.log(chances[asked])).sum()
    if not np.isclose(told, loss, rtol=1e-3, atol=0) or asked.sum() > most:
        return f"loss = {short(loss)}"
    parts = [f"{short(w)}·ln {exact(p)}" for w, p in zip(weights[asked], chances[asked], strict=True)]
    return f"loss = -({' + '.join(parts)}) = {short(loss)}"


def _slope(activation: str, value: float) -> str:
    if activation == "sigmoid":
        return f"{exact(value)}·(1 - {exact(value)})"
    if activation == "tanh":
        return f"(1 - {_enclosed(value)}²)"
    return short(ACTIVATIONS[activation].slope(np.asarray(value)))


def _bias(bias: Array | None, unit: int) -> str:
    return "" if bias is None else f" + {enclosed(bias[unit])}"


def _enclosed(value: float) -> str:
    return f"({exact(value)})" if value < 0 else exact(value)


def _under(head: str) -> str:
    return " " * len(head)


def _largest(row: Array) -> int:
    return int(np.argmax(np.abs(row)))
