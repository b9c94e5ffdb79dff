"""Network: a spec and its numbers, as one value that runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from carrybit import checks, exhibits, randomness
from carrybit.cells import engines
from carrybit.cells.elman import Layers
from carrybit.cells.steps import Stepper
from carrybit.errors import ShapeError
from carrybit.losses import batch_loss
from carrybit.params import Array, Params
from carrybit.spec import Spec


@dataclass(frozen=True, eq=False)
class Network:
    """A recurrent network that can be run.

    Parameters
    ----------
    spec : Spec
    params : Params
        Shapes as in ``spec.shapes()``.
    engine : {"cpu", "reference"}
        Who computes: compiled code, or NumPy.

    Raises
    ------
    ShapeError
        The params do not fit the spec.
    SettingError
        There is no such engine.
    """

    spec: Spec
    params: Params
    engine: str = "cpu"

    def __post_init__(self) -> None:
        Params.of(self.spec, self.params.arrays())
        object.__setattr__(self, "params", self.params.map(read_only))
        checks.one_of("engine", self.engine, engines.MODULES)

    def __reduce__(self) -> tuple[Any, ...]:  # without a compiled step, which cannot travel
        return Network, (self.spec, self.params, self.engine)

    def _repr_html_(self) -> str:
        return exhibits.of_network(self.spec, self.params)

    @staticmethod
    def first(spec: Spec, seed: int, engine: str = "cpu", start: float = 1.0) -> Network:
        """Return the untrained network of a seed: weights uniform in [-start, start), the tutorial's 1; biases 0."""
        matrices = {name: shape for name, shape in spec.shapes().items() if len(shape) == 2}
        sizes = [rows * columns for rows, columns in matrices.values()]
        drawn = start * randomness.uniform(randomness.words(seed, "weights", 0, 1, sum(sizes))[0])
        pieces = np.split(drawn, np.cumsum(sizes)[:-1])
        drawn_as = zip(matrices.items(), pieces, strict=True)
        arrays = {name: piece.reshape(shape).astype(spec.precision) for (name, shape), piece in drawn_as}
        biases = {name: np.zeros(shape, spec.precision) for name, shape in spec.shapes().items() if len(shape) == 1}
        return Network(spec, Params(**arrays, **biases), engine)

    def run(self, layer_0: Array, memory: Array | None = None) -> Layers:
        """Run sequences through the network.

        Parameters
        ----------
        layer_0 : float array (B, T, I)
            B sequences of T steps.
        memory : float array (B, M), or None for zeros
            What to go on from: ``past[:, -1]`` of an earlier run. M is H, or I with recurrence "input".

        Returns
        -------
        layers : Layers
            layer_1 (B, T+1, H), whose row 0 is before any input; layer_2 (B, T, O), the answers; pre_2; past.

        Raises
        ------
        ShapeError
            An array has another shape.
        """
        layer_0, memory = self._questions(layer_0, memory)
        return engines.engine(self.engine).run(self.spec, self.params, layer_0, memory)

    def answer(self, layer_0: Array, memory: Array | None = None) -> Array:
        """Return layer_2 (B, T, O) alone, which is quicker where sequences are many; arguments as in `run`."""
        layer_0, memory = self._questions(layer_0, memory)
        return engines.engine(self.engine).answer(self.spec, self.params, layer_0, memory)

    @cached_property
    def step(self) -> Stepper:
        """One step of one sequence, for streams: ``layer_2, memory = network.step(layer_0, memory)``.

        layer_0 (I,) and memory (M,), of which None is zeros, give layer_2 (O,) and the memory after it (M,), which is
        handed over with the next step. Raises a ShapeError for arrays of other shapes.
        """
        return engines.engine(self.engine).stepper(self.spec, self.params)

    def _questions(self, layer_0: Array, memory: Array | None) -> tuple[Array, Array | None]:
        layer_0 = np.asarray(layer_0, dtype=self.spec.precision)
        if layer_0.ndim != 3 or layer_0.shape[2] != self.spec.input_dim:
            one = layer_0.ndim == 2 and layer_0.shape[1] == self.spec.input_dim
            raise ShapeError(
                f"layer_0 of shape {layer_0.shape}",
                f"(sequences, steps, {self.spec.input_dim})",
                "layer_0[None] makes one sequence a batch of one"
                if one
                else "put the inputs of a step on the last axis",
            )
        if memory is not None:
            require("memory", memory, (len(layer_0), self.spec.memory_dim), "take past[:, -1] of an earlier run")
            memory = np.asarray(memory, dtype=self.spec.precision)
        return layer_0, memory

    def loss(self, layer_0: Array, targets: Array, mask: Array | None = None) -> float:
        """Return the loss of a batch: summed over steps and outputs, averaged over sequences.

        Parameters
        ----------
        layer_0 : float array (B, T, I)
        targets : float array (B, T, O)
            What layer_2 should be.
        mask : bool array (B, T), or None
            The steps that count; False for what pads a shorter sequence, which changes nothing while it is finite.

        Raises
        ------
        ShapeError
            An array has another shape.
        """
        pre_2 = self.run(layer_0).pre_2
        targets, mask = self.goals(pre_2, targets, mask)
        return float(batch_loss(self.spec.loss, pre_2, targets, mask))

    def gradient(self, layer_0: Array, targets: Array, mask: Array | None = None) -> tuple[Params, Layers]:
        """Return ∂loss/∂params for a batch, and the forward pass it came back through; arguments as in `loss`."""
        layers = self.run(layer_0)
        targets, mask = self.goals(layers.layer_2, targets, mask)
        computed = engines.engine(self.engine).gradient(self.spec, self.params, layers.layer_0, targets, mask, None)
        return computed, layers

    def goals(self, layer_2: Array, targets: Array, mask: Array | None) -> tuple[Array, Array | None]:
        """Return targets and mask as arrays for ``layer_2`` (B, T, O); ShapeError if they do not fit it."""
        require("targets", targets, layer_2.shape, "give every step one row of outputs")
        if mask is not None:
            require("mask", mask, layer_2.shape[:2], "give every step of every sequence True or False")
            mask = np.asarray(mask, dtype=bool)
        return np.asarray(targets, dtype=self.spec.precision), mask


def read_only(array: Array) -> Array:
    """Return an array that shows the same numbers and refuses to be written to: a network is a value."""
    shown = np.asarray(array).view()
    shown.flags.writeable = False
    return shown


def require(name: str, array: Array, shape: tuple[int, ...], fix: str) -> None:
    """Raise a ShapeError if an array has another shape."""
    if np.shape(array) != shape:
        raise ShapeError(f"{name} of shape {np.shape(array)}", f"{shape}", fix)
