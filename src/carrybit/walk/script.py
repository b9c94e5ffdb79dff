"""The script of a walk: forwards through time, all the way back, and then the weights change. Nothing here draws.

A walk through T steps has 6 T + 1 stops, three at each step on the way there, three on the way back, and the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from carrybit.errors import UsageError
from carrybit.params import Array, Params
from carrybit.tracing import Trace
from carrybit.walk import equations, words

FORWARD = ("layer_1", "layer_2", "layer_2_error")
BACKWARD = ("d_pre_2", "d_layer_1", "gradient")
OF_OUTPUTS = ("layer_2", "layer_2_error", "d_pre_2")  # where the unit that is looked at is an output
TERMS = 4  # of a sum that are written out


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """One stop of a walk.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    number : int
        Which stop of the walk, from 0.
    step : int
        The step of time t; at the update the first one, where the way back has ended.
    way : {"forward", "backward", "update"}
    stop : str
        What is made here: layer_1, layer_2, layer_2_error, d_pre_2, d_layer_1, gradient or update.
    learning_rate : float or None
        None where the gradient is all that is known of the update.
    """

    trace: Trace
    number: int
    step: int
    way: str
    stop: str
    learning_rate: float | None = None

    @property
    def is_of_outputs(self) -> bool:
        """Whether the unit that is looked at is an output, not a hidden unit."""
        return self.stop in OF_OUTPUTS

    @property
    def units(self) -> int:
        """How many units there are to choose from."""
        return self.trace.spec.output_dim if self.is_of_outputs else self.trace.spec.hidden_dim

    @property
    def unit(self) -> int:
        """The unit with the most going on."""
        trace, t = self.trace, self.step
        with np.errstate(all="ignore"):
            going_on: Array = {
                "layer_1": trace.layer_1[0, t + 1] - trace.layer_1[0, t],
                "layer_2": trace.pre_2[0, t] - trace.pre_2[0, t].min(),  # the answer is the highest
                "layer_2_error": trace.layer_2_error[0, t],
                "d_pre_2": trace.d_pre_2[0, t],
                "update": trace.gradient.synapse_h,
            }.get(self.stop, trace.d_pre_1[0, t])
            sizes = np.abs(going_on).reshape(-1, self.units).max(axis=0)
        return int(np.argmax(sizes))

    @property
    def title(self) -> str:
        """What happens here, in a sentence."""
        return words.title(self.trace.spec, self._told, self.step == self.trace.time - 1)

    @property
    def note(self) -> str:
        """What must be said once: how the house's derivatives are signed, at the beginning of the way back."""
        return words.convention(self.trace.spec) if self.number == 3 * self.trace.time else ""

    @property
    def code(self) -> str:
        """The tutorial's line."""
        return words.code(self.trace.spec, self._told)

    @property
    def formula(self) -> str:
        """The same line as a formula."""
        return words.formula(self.trace.spec, self._told, self.step)

    @property
    def _told(self) -> str:
        """What the words are about: the stop, or a gradient that is "ready" for an update that nobody knows."""
        return "ready" if self.stop == "update" and self.learning_rate is None else self.stop

    def numbers(self, unit: int | None = None, terms: int = TERMS) -> tuple[str, ...]:
        """Return the same line with the numbers of a unit in it, None for the one with the most going on.

        Parameters
        ----------
        unit : int or None
            An output where ``is_of_outputs``, else a hidden unit.
        terms : int
            How many terms of a sum are written out; the rest is one number.
        """
        unit = self.unit if unit is None else unit
        if self.stop == "gradient":
            return equations.gradient(self.trace, self.step, unit, self.so_far())
        if self.stop == "update":
            return equations.update(self.trace, unit, self.learning_rate)
        lines = {
            "layer_1": equations.layer_1,
            "layer_2": equations.layer_2,
            "layer_2_error": equations.layer_2_error,
            "d_pre_2": equations.d_pre_2,
            "d_layer_1": equations.d_layer_1,
        }[self.stop]
        return lines(self.trace, self.step, unit, terms)

    def so_far(self) -> Params:
        """Return the gradient as far as it is assembled here: zeros before the way back has added anything."""
        if self.way == "update":
            return self.trace.gradient
        if self.way == "forward":
            return self.trace.gradient.map(np.zeros_like)
        return self.trace.assembled(self.step + (self.stop != "gradient"))


@dataclass(frozen=True, eq=False)
class Script:
    """All stops of a walk, each made when it is asked for: a sequence of 6 T + 1 scenes."""

    trace: Trace
    learning_rate: float | None = None

    def __len__(self) -> int:
        return 6 * self.trace.time + 1

    def __getitem__(self, number: int) -> Scene:
        time = self.trace.time
        if not -len(self) <= number < len(self):
            raise IndexError(f"stop {number} of a walk with {len(self)}")
        number %= len(self)
        if number < 3 * time:
            step, way, stop = number // 3, "forward", FORWARD[number % 3]
        elif number < 6 * time:
            step, way, stop = 2 * time - 1 - number // 3, "backward", BACKWARD[number % 3]
        else:
            step, way, stop = 0, "update", "update"
        return Scene(trace=self.trace, number=number, step=step, way=way, stop=stop, learning_rate=self.learning_rate)

    def __iter__(self) -> Iterator[Scene]:
        return (self[number] for number in range(len(self)))


def script(trace: Trace, learning_rate: float | None = None) -> Script:
    """Return the walk through a trace of one sequence.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    learning_rate : float or None
        With it the walk ends with the weights as one step of gradient descent changes them.

    Raises
    ------
    UsageError
        The trace is of more than one sequence, or of one of a batch, whose derivatives are those of the batch's loss.
    """
    if trace.batch != 1 or trace.weight != 1:
        what = f"{trace.batch} sequences" if trace.batch != 1 else "one sequence of a batch"
        raise UsageError(f"a trace of {what}", "a trace of one sequence alone", "trace it by itself")
    return Script(trace, learning_rate)
