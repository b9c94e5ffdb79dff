"""Spec: everything about a network but its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from carrybit import checks

CELLS = ("elman",)
ACTIVATION_NAMES = ("sigmoid", "tanh", "relu")
RECURRENCES = ("hidden", "input")
LOSS_NAMES = ("squared_error", "cross_entropy", "softmax_cross_entropy", "linear_squared_error")
PRECISIONS = ("float64", "float32")
LARGEST_DIM = 4096
STATE_BITS, WEIGHT_BITS = (1, 12), (2, 16)  # of a network in whole numbers, from and to


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The shape and the rules of a network; the defaults are the tutorial's.

    Parameters
    ----------
    input_dim, hidden_dim, output_dim : int
        I, H and O: the sizes of layer_0, layer_1 and layer_2, each from 1 to 4096.
    cell : {"elman"}
        The plain recurrent cell.
    activation : {"sigmoid", "tanh", "relu"}
        Of the hidden layer.
    recurrence : {"hidden", "input"}
        What layer_1 sees beside the input: the layer_1 of the step before, or the layer_0 of the step before.
    loss : {"squared_error", "cross_entropy", "softmax_cross_entropy", "linear_squared_error"}
        Also decides the output layer: sigmoid, sigmoid, softmax, linear.
    bias : bool
        Whether layer_1 and layer_2 have biases.
    precision : {"float64", "float32"}
        The format of every number.
    state_bits, weight_bits : int, or None
        Of a network in whole numbers (integer.py): how many bits a hidden unit has, 1 to 12 (with tanh 2 to 12), and a
        weight, 2 to 16. Both or neither, and in float64.

    Raises
    ------
    SettingError
        A field is outside what is listed here.
    """

    input_dim: int = 2
    hidden_dim: int = 16
    output_dim: int = 1
    cell: str = "elman"
    activation: str = "sigmoid"
    recurrence: str = "hidden"
    loss: str = "squared_error"
    bias: bool = False
    precision: str = "float64"
    state_bits: int | None = None
    weight_bits: int | None = None

    def __post_init__(self) -> None:
        checks.whole("input_dim", self.input_dim, 1, LARGEST_DIM, 2)
        checks.whole("hidden_dim", self.hidden_dim, 1, LARGEST_DIM, 16)
        checks.whole("output_dim", self.output_dim, 1, LARGEST_DIM, 1)
        checks.one_of("cell", self.cell, CELLS)
        checks.one_of("activation", self.activation, ACTIVATION_NAMES)
        checks.one_of("recurrence", self.recurrence, RECURRENCES)
        checks.one_of("loss", self.loss, LOSS_NAMES)
        checks.true_or_false("bias", self.bias)
        checks.one_of("precision", self.precision, PRECISIONS)
        if self.state_bits is not None or self.weight_bits is not None:
            fewest, most = STATE_BITS
            checks.whole("state_bits", self.state_bits, fewest + (self.activation == "tanh"), most, 5)
            checks.whole("weight_bits", self.weight_bits, *WEIGHT_BITS, 6)
            checks.one_of("precision", self.precision, PRECISIONS[:1])

    @property
    def is_whole(self) -> bool:
        """Whether it is a network in whole numbers, whose activation is stairs."""
        return self.state_bits is not None

    @property
    def stairs(self) -> tuple[int, int, float]:
        """Of a network in whole numbers: how many stairs, the lowest state (whole), and what a state's unit is.

        A hidden unit is a whole state times a power of two: 0 to 2**q - 1 times 2**-q, for q state bits. With tanh the
        states lie around 0, up to 2**(q-1) - 1 on either side, times 2**-(q-1).
        """
        assert self.state_bits is not None
        if self.activation == "tanh":
            half = 2 ** (self.state_bits - 1)
            return 2 * half - 2, 1 - half, 1 / half
        return int(2**self.state_bits) - 1, 0, 2.0**-self.state_bits

    @property
    def memory_dim(self) -> int:
        """Size of what one step hands to the next: H, or I with recurrence "input"."""
        return self.hidden_dim if self.recurrence == "hidden" else self.input_dim

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every parameter, in the order in which first weights are drawn."""
        shapes: dict[str, tuple[int, ...]] = {
            "synapse_0": (self.input_dim, self.hidden_dim),
            "synapse_1": (self.hidden_dim, self.output_dim),
            "synapse_h": (self.memory_dim, self.hidden_dim),
        }
        if self.bias:
            shapes |= {"bias_1": (self.hidden_dim,), "bias_2": (self.output_dim,)}
        if self.is_whole:
            shapes |= {"thresholds": (self.stairs[0],)}
        return shapes
