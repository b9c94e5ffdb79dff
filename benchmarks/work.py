"""Work: what everybody is given to learn, the same numbers for all, ready before a clock starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from carrybit.cells.lessons import Rules
from carrybit.network import Network
from carrybit.params import Array, Params
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tasks.task import targets

ADDITION = addition(8)
ANSWERS = np.array([[0.0], [1.0]])  # what layer_2 should be, for each answer of the machine
SLOWEST, LONGEST = 20, 10_000  # updates of a shape


@dataclass(frozen=True, eq=False)
class Work:
    """R networks, and the sequences that each learns from, one update after the other.

    Parameters
    ----------
    spec : Spec
    rules : Rules
    first : R Params
        The weights that everybody begins with.
    layer_0, targets : float arrays (R, N, T, I) and (R, N, T, O)
    symbols : int array (R, N, T), or None
        The same sequences as words of binary addition, where that is what they are.
    """

    spec: Spec
    rules: Rules
    first: list[Params]
    layer_0: Array
    targets: Array
    symbols: Array | None = None

    @property
    def updates(self) -> int:
        """How many updates each network makes."""
        return self.layer_0.shape[1] // self.rules.batch_size

    @property
    def amount(self) -> int:
        """How many updates all networks make together: what a time is divided by."""
        return self.updates * len(self.first)

    def beginning(self, updates: int) -> Work:
        """Return the first updates of it."""
        count = min(updates, self.updates) * self.rules.batch_size
        symbols = None if self.symbols is None else self.symbols[:, :count]
        return replace(self, layer_0=self.layer_0[:, :count], targets=self.targets[:, :count], symbols=symbols)

    def only(self, networks: slice) -> Work:
        """Return the part of some networks."""
        symbols = None if self.symbols is None else self.symbols[networks]
        return replace(
            self,
            first=self.first[networks],
            layer_0=self.layer_0[networks],
            targets=self.targets[networks],
            symbols=symbols,
        )


def addition(precision: str, networks: int, updates: int) -> Work:
    """Return the tutorial's work: 2-16-1, sigmoid, no biases, 8 steps, one sum an update, rate 0.1."""
    spec = Spec(precision=precision)
    symbols = ADDITION.sample(0, "samples", 0, networks * updates).reshape(networks, updates, ADDITION.bits)
    answers = ADDITION.machine.run(symbols.reshape(-1, ADDITION.bits))[1].reshape(symbols.shape)
    return Work(
        spec,
        Rules("sgd", 0.1, None, 1),
        [Network.first(spec, seed).params for seed in range(networks)],
        ADDITION.vectors.astype(precision)[symbols],
        ANSWERS.astype(precision)[answers],
        symbols,
    )


@dataclass(frozen=True)
class Shape:
    """A size and a kind of network, with a length and a batch."""

    sizes: tuple[int, int, int]
    time: int = 8
    batch: int = 1
    activation: str = "sigmoid"
    loss: str = "squared_error"
    optimizer: str = "sgd"
    bias: bool = True
    recurrence: str = "hidden"

    def __str__(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        kind = f"{self.activation}, {self.loss.replace('_', ' ')}, {self.optimizer}"
        marks = ("" if self.bias else ", no biases") + (", input recurrence" if self.recurrence == "input" else "")
        return f"{sizes}, T {self.time}, B {self.batch}, {kind}{marks}"

    def work(self) -> Work:
        """Return work of this shape: random numbers, so small a rate that nothing explodes, some milliseconds of it."""
        inputs, hidden, outputs = self.sizes
        spec = Spec(
            input_dim=inputs,
            hidden_dim=hidden,
            output_dim=outputs,
            activation=self.activation,
            recurrence=self.recurrence,
            loss=self.loss,
            bias=self.bias,
        )
        numbers = self.batch * self.time * hidden * (inputs + spec.memory_dim + outputs)
        updates = int(np.clip(4e7 / numbers, SLOWEST, LONGEST))
        rng = np.random.default_rng(0)
        shape = (1, updates * self.batch, self.time)
        first = {name: rng.uniform(-1, 1, size) / np.sqrt(size[0]) for name, size in spec.shapes().items()}
        wanted = rng.normal(size=(*shape, outputs))  # for a linear output; else one of several answers
        if self.loss != "linear_squared_error":
            wanted = targets(spec, rng.integers(max(2, outputs), size=shape[1:]))[None]
        rate = 0.001 if self.optimizer == "adam" else 0.1 / self.time  # a loss is summed over the steps
        return Work(
            spec,
            Rules(self.optimizer, rate, None, self.batch),
            [Params.of(spec, first)],
            rng.uniform(-1, 1, (*shape, inputs)),
            wanted,
        )


SHAPES = (
    Shape((2, 4, 1), bias=False),
    Shape((2, 16, 1), bias=False, activation="tanh"),
    Shape((2, 16, 1), time=1),
    Shape((2, 8, 1), time=32, activation="relu", loss="linear_squared_error"),
    Shape((2, 16, 2), loss="softmax_cross_entropy", optimizer="momentum"),
    Shape((2, 32, 1), loss="cross_entropy", optimizer="adam"),
    Shape((2, 64, 1), activation="tanh", loss="cross_entropy"),
    Shape((8, 64, 8), time=20, loss="softmax_cross_entropy", optimizer="adam"),
    Shape((2, 16, 1), time=100, bias=False),
    Shape((4, 32, 4), time=100, activation="tanh", loss="softmax_cross_entropy", optimizer="momentum"),
    Shape((2, 16, 1), batch=8),
    Shape((2, 16, 1), batch=32, loss="cross_entropy", optimizer="adam"),
    Shape((4, 24, 3), time=16, batch=16, activation="relu", loss="linear_squared_error", optimizer="momentum"),
    Shape((8, 64, 8), time=32, batch=32, activation="tanh", loss="softmax_cross_entropy", optimizer="adam"),
    Shape((8, 64, 4), time=100, batch=8, loss="cross_entropy"),
    Shape((2, 16, 1), recurrence="input", bias=False),
    Shape((4, 32, 4), time=24, batch=4, activation="tanh", loss="linear_squared_error", recurrence="input"),
    Shape((5, 7, 3), time=13, batch=3, activation="tanh", loss="softmax_cross_entropy", optimizer="adam"),
    Shape((1, 48, 1), time=50, batch=2, activation="relu", loss="linear_squared_error", optimizer="adam"),
    Shape((3, 40, 5), time=5, batch=4, loss="squared_error", optimizer="momentum"),
)
