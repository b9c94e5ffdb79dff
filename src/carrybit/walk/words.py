"""Words: the line of code and the formula of every stop of a walk, for a network with these rules.

The code is in the tutorial's names. Where the tutorial has a delta, which is minus a derivative, this house has the
derivative itself, d_…; so here an update subtracts.
"""

from __future__ import annotations

from carrybit.spec import Spec
from carrybit.walk.numbers import below

CALLS = {"sigmoid": "sigmoid", "tanh": "np.tanh", "relu": "relu"}
SIGNS = {"sigmoid": "σ", "tanh": "tanh", "relu": "relu"}
SLOPES = {"sigmoid": "layer_1 * (1 - layer_1)", "tanh": "(1 - layer_1 ** 2)", "relu": "(layer_1 > 0)"}
SLOPE_SIGNS = {"sigmoid": "h{t} (1 - h{t})", "tanh": "(1 - h{t}²)", "relu": "[h{t} > 0]"}
OUTPUTS = {
    "squared_error": "sigmoid",
    "cross_entropy": "sigmoid",
    "softmax_cross_entropy": "softmax",
    "linear_squared_error": "",
}
LOSSES = {
    "squared_error": "½ Σ e{t}²",
    "cross_entropy": "-Σ (y{t} ln ŷ{t} + (1 - y{t}) ln (1 - ŷ{t}))",
    "softmax_cross_entropy": "-Σ y{t} ln ŷ{t}",
    "linear_squared_error": "½ Σ e{t}²",
}
CONVENTION = "d_… is a true derivative of the loss; the tutorial's deltas are its negative, and it adds them."


def convention(spec: Spec) -> str:
    """Return what to know of the derivatives of a network with these rules."""
    stairs = f" Stairs have the slope of the {spec.activation} that they follow."
    return CONVENTION + (stairs if spec.is_whole else "")


def code(spec: Spec, stop: str) -> str:
    """Return the line of code that is carried out at a stop."""
    past = "prev_layer_1" if spec.recurrence == "hidden" else "prev_X"
    if stop == "layer_1":
        bias = " + bias_1" if spec.bias else ""
        call = "stairs" if spec.is_whole else CALLS[spec.activation]
        return f"layer_1 = {call}(np.dot(X, synapse_0) + np.dot({past}, synapse_h){bias})"
    if stop == "layer_2":
        inner = f"np.dot(layer_1, synapse_1){' + bias_2' if spec.bias else ''}"
        return f"layer_2 = {OUTPUTS[spec.loss]}({inner})" if OUTPUTS[spec.loss] else f"layer_2 = {inner}"
    if stop == "layer_2_error":
        return "layer_2_error = y - layer_2"
    if stop == "d_pre_2":
        return "d_pre_2 = -layer_2_error" + (" * layer_2 * (1 - layer_2)" if spec.loss == "squared_error" else "")
    if stop == "d_layer_1":
        later = " + np.dot(future_d_pre_1, synapse_h.T)" if spec.recurrence == "hidden" else ""
        return f"d_layer_1 = np.dot(d_pre_2, synapse_1.T){later}; d_pre_1 = d_layer_1 * {SLOPES[spec.activation]}"
    if stop == "gradient":
        lines = ["d_synapse_0 += np.outer(X, d_pre_1)", f"d_synapse_h += np.outer({past}, d_pre_1)"]
        lines += ["d_synapse_1 += np.outer(layer_1, d_pre_2)"]
        return "; ".join([*lines, "d_bias_1 += d_pre_1", "d_bias_2 += d_pre_2"] if spec.bias else lines)
    if stop == "ready":
        return "gradient = sum(contributions)"
    names = ("synapse_0", "synapse_h", "synapse_1", *(("bias_1", "bias_2") if spec.bias else ()))
    return "; ".join(f"{name} -= learning_rate * d_{name}" for name in names)


def formula(spec: Spec, stop: str, t: int) -> str:
    """Return the same line as a formula, for step t; h₋₁ is the memory before any input."""
    now, before, after = below(t), below(t - 1), below(t + 1)
    if stop == "layer_1":
        past, bias = "h" if spec.recurrence == "hidden" else "x", " + b₁" if spec.bias else ""
        sign = "stairs" if spec.is_whole else SIGNS[spec.activation]
        return f"h{now} = {sign}(a{now}),  a{now} = x{now} W₀ + {past}{before} W_h{bias}"
    if stop == "layer_2":
        sign = {"sigmoid": "σ", "softmax": "softmax", "": ""}[OUTPUTS[spec.loss]]
        bias = " + b₂" if spec.bias else ""
        return f"ŷ{now} = {sign}(z{now}),  z{now} = h{now} W₁{bias}" if sign else f"ŷ{now} = z{now} = h{now} W₁{bias}"
    if stop == "layer_2_error":
        return f"e{now} = y{now} - ŷ{now},  L{now} = {LOSSES[spec.loss].format(t=now)}"
    if stop == "d_pre_2":
        slope = f" ŷ{now} (1 - ŷ{now})" if spec.loss == "squared_error" else ""
        return f"∂L/∂z{now} = -e{now}{slope}"
    if stop == "d_layer_1":
        later = f" + ∂L/∂a{after} W_hᵀ" if spec.recurrence == "hidden" else ""
        slope = SLOPE_SIGNS[spec.activation].format(t=now)
        return f"∂L/∂h{now} = ∂L/∂z{now} W₁ᵀ{later},  ∂L/∂a{now} = ∂L/∂h{now} · {slope}"
    if stop == "gradient":
        past = "h" if spec.recurrence == "hidden" else "x"
        return f"∂L/∂W₀ += x{now}ᵀ ∂L/∂a{now},  ∂L/∂W_h += {past}{before}ᵀ ∂L/∂a{now},  ∂L/∂W₁ += h{now}ᵀ ∂L/∂z{now}"
    if stop == "ready":
        return "∂L/∂W = Σₜ (what step t adds)"
    return "W ← W - η ∂L/∂W"


def title(spec: Spec, stop: str, is_last: bool) -> str:
    """Return what happens at a stop, in a sentence; ``is_last`` at the last step, where the way back begins."""
    if stop == "layer_1":
        return "What is read and what is remembered make the hidden layer."
    if stop == "layer_2":
        return "The hidden layer makes the answer."
    if stop == "layer_2_error":
        return "The error: how far the answer is from what it should be."
    if stop == "d_pre_2":
        return "The way back begins at the answer." if is_last else "The derivative at the answer of this step."
    if stop == "d_layer_1":
        if spec.recurrence == "input":
            return "Hidden layer: the answer now, through the slope; no memory leads on from it."
        return "Hidden layer: the answer now + the memory later, through the slope."
    if stop == "gradient":
        return "What this step adds to the derivative of every weight."
    if stop == "ready":
        return "All steps have added their part: the gradient is ready."
    return "Only now do the weights change."
