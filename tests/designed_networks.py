"""Networks whose weights were thought out and not trained, so that what they answer is known; each with its claim."""

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.claim import Claim
from carrybit.spec import Spec
from carrybit.tasks.addition import addition

STEEP = 24.0


def table(*rows):
    return np.array(rows)


def claim_of(activation, machine, vectors, arrays, *, loss="cross_entropy", asked=None, recurrence="hidden", **more):
    arrays = {name: np.array(array, float) for name, array in arrays.items()}
    spec = Spec(
        input_dim=len(arrays["synapse_0"]),
        hidden_dim=arrays["synapse_0"].shape[1],
        output_dim=arrays["synapse_1"].shape[1],
        activation=activation,
        loss=loss,
        bias="bias_1" in arrays,
        recurrence=recurrence,
    )
    network = Network(spec, Params(**arrays))
    return Claim(network=network, machine=machine, vectors=np.array(vectors, float), asked=asked, **more)


def sigmoid_of(machine, asked=None):
    """A unit for each state and symbol, on after that symbol in that state, and several sigmoid outputs (Minsky 1967).

    A state is on when a unit that leads to it is; the start also when no unit is.
    """
    states, symbols = machine.moves.shape
    leads = np.eye(states)[machine.moves.ravel()]  # (S A, S)
    leads[:, machine.start] = -np.delete(leads, machine.start, axis=1).sum(axis=1)
    begins = (np.arange(states) == machine.start).astype(float)
    return claim_of(
        "sigmoid",
        machine,
        np.eye(symbols),
        {
            "synapse_0": STEEP * np.tile(np.eye(symbols), states),
            "synapse_h": STEEP * np.repeat(leads, symbols, axis=1),
            "bias_1": STEEP * (np.repeat(begins, symbols) - 1.5),
            "synapse_1": 8 * np.eye(len(machine.answers))[machine.outputs.ravel()] - 4,
            "bias_2": np.zeros(len(machine.answers)),
        },
        asked=asked,
    )


def counting():
    """Counting modulo 3, with three classes."""
    moves = table([0, 1], [1, 2], [2, 0])
    return sigmoid_of(Machine(("0", "1", "2"), ("a", "b"), ("0", "1", "2"), moves, moves))


def no_two_in_a_row():
    """A claim about words in which b is not followed by b: the network is wrong about others."""
    machine = Machine(("a", "b"), ("a", "b"), ("0", "1", "2"), table([0, 1], [0, 1]), table([0, 1], [2, 0]))
    right = sigmoid_of(machine)
    wrong = Machine(("a", "b"), ("a", "b"), ("0", "1", "2"), table([0, 1], [0, 0]), table([0, 1], [2, 1]))
    asked = table([True, True], [True, False])
    return Claim(network=right.network, machine=wrong, vectors=right.vectors, asked=asked)


def latch():
    """Set, reset and hold, with tanh, biases and softmax; the symbols are numbers."""
    machine = Machine(
        ("off", "on"), ("hold", "set", "reset"), ("0", "1"), table([0, 1, 0], [1, 1, 0]), table([0, 1, 0], [1, 1, 0])
    )
    arrays = {
        "synapse_0": [[6]],
        "synapse_h": [[3]],
        "bias_1": [-1],
        "synapse_1": [[-5, 5]],
        "bias_2": [0.25, -0.25],
    }
    return claim_of("tanh", machine, [[0], [1], [-1]], arrays, loss="softmax_cross_entropy")


def adder():
    """Addition with relu and one linear output: pairs of units count to 1, 2 and 3; the second pair is the carry."""
    steep, rises = 4.0, np.array([0.5, 0.5, 1.5, 1.5, 2.5, 2.5])
    halves = np.array([0.5, -0.5] * 3)
    arrays = {
        "synapse_0": np.full((2, 6), steep),
        "synapse_h": np.outer([0, 0, 1, -1, 0, 0], np.full(6, steep)),
        "bias_1": halves - steep * rises,
        "synapse_1": np.array([[1, -1, -1, 1, 1, -1]]).T,
        "bias_2": [0],
    }
    task = addition()
    return claim_of("relu", task.machine, task.vectors, arrays, loss="linear_squared_error", task=task)


def echo():
    """What was read one step ago, with recurrence "input" and one output; before that, the empty memory counts as 0."""
    machine = Machine(("0", "1"), ("0", "1"), ("0", "1"), table([0, 1], [0, 1]), table([0, 0], [1, 1]))
    arrays = {"synapse_0": [[0.5]], "synapse_h": [[12]], "bias_1": [-6], "synapse_1": [[10]], "bias_2": [-5]}
    return claim_of("sigmoid", machine, [[0], [1]], arrays, recurrence="input")


DESIGNED = {claim.__name__: claim for claim in (counting, no_two_in_a_row, latch, adder, echo)}
