"""The tutorial's program: examples/01_tutorial.py, its loop word for word, without the printing, on sums drawn before.

It has one network, in float64, and learns from one sum at a time.
"""

from __future__ import annotations

import numpy as np
from work import Work

from carrybit.params import Params
from peers import Peer, Training

ALPHA = 0.1


def sigmoid(x):
    """Return what the tutorial returns."""
    return 1 / (1 + np.exp(-x))


def sigmoid_output_to_derivative(output):
    """Return what the tutorial returns."""
    return output * (1 - output)


def train(synapse_0, synapse_1, synapse_h, operands, sums):
    """Change the weights in place, sum after sum: operands (N, 2, T) and sums (N, T) are bits, lowest first."""
    binary_dim, hidden_dim = sums.shape[1], len(synapse_h)
    for (a, b), c in zip(operands, sums, strict=True):
        layer_1_values = [np.zeros((1, hidden_dim))]
        layer_2_deltas = []
        overallError = 0
        d = np.zeros(binary_dim, dtype=int)
        for t in range(binary_dim):
            X = np.array([[a[t], b[t]]])
            y = np.array([[c[t]]])
            layer_1 = sigmoid(X @ synapse_0 + layer_1_values[-1] @ synapse_h)
            layer_2 = sigmoid(layer_1 @ synapse_1)
            layer_2_error = y - layer_2
            layer_2_deltas.append(layer_2_error * sigmoid_output_to_derivative(layer_2))
            layer_1_values.append(layer_1)
            overallError += np.abs(layer_2_error[0])
            d[t] = np.round(layer_2[0, 0])

        synapse_0_update = np.zeros_like(synapse_0)
        synapse_1_update = np.zeros_like(synapse_1)
        synapse_h_update = np.zeros_like(synapse_h)
        future_layer_1_delta = np.zeros((1, hidden_dim))
        for t in reversed(range(binary_dim)):
            X = np.array([[a[t], b[t]]])
            layer_1, prev_layer_1 = layer_1_values[t + 1], layer_1_values[t]
            layer_1_delta = future_layer_1_delta @ synapse_h.T + layer_2_deltas[t] @ synapse_1.T
            layer_1_delta = layer_1_delta * sigmoid_output_to_derivative(layer_1)
            synapse_1_update += layer_1.T @ layer_2_deltas[t]
            synapse_h_update += prev_layer_1.T @ layer_1_delta
            synapse_0_update += X.T @ layer_1_delta
            future_layer_1_delta = layer_1_delta

        synapse_0 += synapse_0_update * ALPHA
        synapse_1 += synapse_1_update * ALPHA
        synapse_h += synapse_h_update * ALPHA


def _ready(work: Work) -> Training:
    operands = np.ascontiguousarray(work.layer_0[0].astype(int).transpose(0, 2, 1))
    sums = work.targets[0, ..., 0].astype(int)

    def go() -> Params:
        params = work.first[0].map(np.copy)
        train(params.synapse_0, params.synapse_1, params.synapse_h, operands, sums)
        return params

    return Training(go, lambda params: [params])


TUTORIAL = Peer("the tutorial's NumPy", _ready)
