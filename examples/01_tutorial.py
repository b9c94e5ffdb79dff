"""A recurrent network learns to add, in NumPy alone: the tutorial's program, to be read from top to bottom.

Numbers are added one bit at a time, lowest first. The network sees the two bits of a column and answers one bit of
the sum, so whether there is a 1 to carry is something it has to remember, in its hidden layer, from column to column.
Nobody tells it so. Run it: it prints the log of 2015, digit for digit.
"""

import numpy as np

np.random.seed(0)
np.set_printoptions(legacy="1.13")  # write numbers the way NumPy did then

# how large, how fast, how long
binary_dim = 8
alpha = 0.1
input_dim, hidden_dim, output_dim = 2, 16, 1
updates = 10000

# the three weight matrices
synapse_0 = 2 * np.random.random((input_dim, hidden_dim)) - 1  # input to hidden
synapse_1 = 2 * np.random.random((hidden_dim, output_dim)) - 1  # hidden to output
synapse_h = 2 * np.random.random((hidden_dim, hidden_dim)) - 1  # hidden to hidden, one step later


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_output_to_derivative(output):
    return output * (1 - output)


def to_bits(number):
    """The bits of a number, lowest first."""
    return np.array([number >> t & 1 for t in range(binary_dim)])


for j in range(updates):
    # a problem: two numbers small enough for their sum to fit
    a_int = np.random.randint(2 ** (binary_dim - 1))
    b_int = np.random.randint(2 ** (binary_dim - 1))
    a, b, c = to_bits(a_int), to_bits(b_int), to_bits(a_int + b_int)

    # forward through time, remembering every hidden layer
    layer_1_values = [np.zeros((1, hidden_dim))]  # before the first step there is nothing to remember
    layer_2_deltas = []
    overallError = 0
    d = np.zeros(binary_dim, dtype=int)
    for t in range(binary_dim):
        X = np.array([[a[t], b[t]]])
        y = np.array([[c[t]]])
        layer_1 = sigmoid(X @ synapse_0 + layer_1_values[-1] @ synapse_h)  # the input, mixed with the memory
        layer_2 = sigmoid(layer_1 @ synapse_1)
        layer_2_error = y - layer_2
        layer_2_deltas.append(layer_2_error * sigmoid_output_to_derivative(layer_2))
        layer_1_values.append(layer_1)
        overallError += np.abs(layer_2_error[0])
        d[t] = np.round(layer_2[0, 0])

    # backward through time: how much each hidden layer is to blame, for its own answer and for what came after it
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

    # only now, with every derivative known, do the weights change
    synapse_0 += synapse_0_update * alpha
    synapse_1 += synapse_1_update * alpha
    synapse_h += synapse_h_update * alpha

    if j % 1000 == 0:
        print("Error:" + str(overallError))
        print("Pred:" + str(d[::-1]))
        print("True:" + str(c[::-1]))
        print(a_int, "+", b_int, "=", sum(int(bit) << t for t, bit in enumerate(d)))
        print("------------")
