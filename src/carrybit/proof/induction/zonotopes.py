"""Zonotopes: sets of hidden layers, and what one step of a network makes of them.

A zonotope is a centre with generators: {centre + Σ u_e generator_e : |u_e| <= 1}. A matrix takes it to a zonotope,
exactly; an activation does so when each unit is replaced by a band, whose width is one more generator. What units have
in common is kept, which boxes lose.

Rounding is part of every set. A sum of n products in floating point, in whatever order, is off by at most n u of the
sum of their sizes, where u = 2^-53 (and n u / (1 - n u) to be exact; Higham 2002, "Accuracy and stability of numerical
algorithms", chapter 3). So beside each product of matrices here stands the same product of the sizes, and what it says
is added to the new generator of every unit. No set is smaller than the true one.

Source: de Figueiredo and Stolfi 2004, "Affine arithmetic: concepts and applications"; Girard 2005, "Reachability of
uncertain linear systems using zonotopes".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from carrybit.activations import ACTIVATIONS
from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.proof.induction.bands import band

UNIT = 2.0**-53
UNITS = {"float64": UNIT, "float32": 2.0**-24}  # how far a rounded number is off, at most, as a share
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}
LOWEST = {"float64": -690.0, "float32": -80.0}  # where a computed sigmoid is still above 0, and no constant


class Zonotopes(NamedTuple):
    """N sets: centres (N, M), generators (N, E, M), and how far they reach from the centre in each unit (N, M)."""

    centres: Array
    generators: Array
    reach: Array

    @property
    def sizes(self) -> Array:
        """How large any number in a set can be: (N, M)."""
        return np.abs(self.centres) + self.reach

    def rows(self, which: Ints | Array | slice) -> Zonotopes:
        """Return some of the sets."""
        return Zonotopes(*(part[which] for part in self))


def zonotopes(centres: Array, generators: Array) -> Zonotopes:
    """Return sets from centres (N, M) and generators (N, E, M)."""
    return Zonotopes(centres, generators, reaches(generators))


def reaches(generators: Array) -> Array:
    """Return Σ |generators| over E: (N, E, M) to (N, M); as a product with ones, which is four times as quick."""
    return (np.ones((1, generators.shape[1])) @ np.abs(generators))[:, 0]


def gamma(terms: int, unit: float = UNIT) -> float:
    """How far a sum of so many products may be off, as a share of the sum of their sizes."""
    return terms * unit / (1 - terms * unit)


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the network of a claim, for points and for sets."""

    claim: Claim

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        return {name: array.astype(np.float64) for name, array in self.claim.network.params.arrays().items()}

    @cached_property
    def vectors(self) -> Array:
        """layer_0 for each symbol as the network is given it, rounded to its precision: (A, I)."""
        return self.claim.vectors.astype(self.claim.network.spec.precision).astype(np.float64)

    @cached_property
    def heard(self) -> Array:
        """What each symbol brings to layer_1: (A, H)."""
        return self.vectors @ self._arrays["synapse_0"] + self._arrays.get("bias_1", 0)

    @cached_property
    def heard_sizes(self) -> Array:
        """The sum of the sizes of what each symbol brings: (A, H)."""
        return np.abs(self.vectors) @ np.abs(self._arrays["synapse_0"]) + np.abs(self._arrays.get("bias_1", 0))

    @property
    def synapse_h(self) -> Array:
        """(M, H)."""
        return self._arrays["synapse_h"]

    @property
    def _synapse_1(self) -> Array:
        return self._arrays["synapse_1"]

    @cached_property
    def _bias_2(self) -> Array:
        spec = self.claim.network.spec
        middle = 0.5 if spec.output_dim == 1 and spec.loss == "linear_squared_error" else 0.0
        return self._arrays.get("bias_2", np.zeros(spec.output_dim)) - middle  # the border is at 0

    def point(self, memory: Array, rows: Ints, symbols: Ints) -> Array:
        """Return layer_1 (K, H) after symbols (K,) were read with memory[rows], of which rows (K,) are numbers."""
        value = ACTIVATIONS[self.claim.network.spec.activation].value
        return value((memory @ self.synapse_h)[rows] + self.heard[symbols])

    def image(self, sets: Zonotopes, rows: Ints, symbols: Ints) -> Zonotopes:
        """Return sets that layer_1 lies in after symbols (K,) were read with a memory anywhere in sets ``rows`` (K,).

        Rows do not go down. Where there are as many as sets times symbols, each set reads every symbol once, in order.

        Whatever is off by at most eps a unit lies in them, too.
        """
        spec = self.claim.network.spec
        (count, extent, memory_dim), units = sets.generators.shape, spec.hidden_dim
        generators = (sets.generators.reshape(-1, memory_dim) @ self.synapse_h).reshape(count, extent, units)
        spread = reaches(generators)
        sizes = sets.sizes @ np.abs(self.synapse_h)
        off = gamma(memory_dim + spec.input_dim + extent + 8) * (sizes[rows] + self.heard_sizes[symbols])
        z = (sets.centres @ self.synapse_h)[rows] + self.heard[symbols]
        reach = spread[rows] + off
        slope, below, above = band(spec.activation, z - reach, z + reach)
        made = np.empty((len(rows), extent + units, units))
        if len(rows) == count * len(self.heard):  # every symbol in every set: nothing needs to be copied
            each = made.reshape(count, -1, extent + units, units)
            np.multiply(generators[:, None], slope.reshape(count, -1, 1, units), out=each[:, :, :extent])
        else:
            np.multiply(generators[rows], slope[:, None], out=made[:, :extent])
        made[:, extent:] = 0
        own = (
            (above - below) / 2 + slope * off + 8 * UNIT * (slope * (np.abs(z) + reach) + np.abs(below) + np.abs(above))
        )
        own += self.claim.eps
        made[:, extent + np.arange(units), np.arange(units)] = own
        return Zonotopes(slope * z + (below + above) / 2, made, slope * reach + own)

    def memory(self, layer_1: Zonotopes, symbols: Ints) -> Zonotopes:
        """Return what is remembered after a step: layer_1, or with recurrence "input" what was just read."""
        if self.claim.network.spec.recurrence == "hidden":
            return layer_1
        read = self.vectors[symbols]
        return zonotopes(read, np.zeros((len(read), 1, read.shape[1])))

    def remembered(self, layer_1: Array, symbols: Ints) -> Array:
        """Return the same for points (N, H)."""
        return layer_1 if self.claim.network.spec.recurrence == "hidden" else self.vectors[symbols]

    def margins(self, layer_1: Zonotopes, answers: Ints) -> tuple[Array, Array]:
        """Return how far what arrives at the output layer is on the right side at least, anywhere in the sets.

        Returns
        -------
        margins : float array (N,)
            In exact arithmetic.
        sure : float array (N,)
            What is left of them in an implementation that adds up layer 2 in its own precision, in any order; -inf
            where its sums could be too large for it, or where several sigmoids could round to the same number.
        """
        spec = self.claim.network.spec
        pre_2 = layer_1.centres @ self._synapse_1 + self._bias_2  # (N, O)
        spread = layer_1.generators @ self._synapse_1  # (N, E, O)
        sizes = layer_1.sizes @ np.abs(self._synapse_1) + np.abs(self._bias_2)
        off = gamma(sum(layer_1.generators.shape[1:]) + 8) * sizes
        blur = gamma(spec.hidden_dim + 4, UNITS[spec.precision]) * (sizes + 0.5)  # a bias may be nearer to the border
        is_sure = (sizes < float(np.finfo(spec.precision).max) / 8).all(axis=1)
        if spec.output_dim == 1:
            side = np.where(answers == 1, pre_2[:, 0], -pre_2[:, 0])
            margins = side - reaches(spread)[:, 0] - off[:, 0]
            return margins, np.where(is_sure, margins - blur[:, 0], -np.inf)
        rows = np.arange(len(answers))
        leads = pre_2[rows, answers][:, None] - pre_2
        leads -= reaches(spread[rows, :, answers][:, :, None] - spread) + off + off[rows, answers][:, None]
        leads[rows, answers] = np.inf
        sure, margins = leads - blur - blur[rows, answers][:, None], leads.min(axis=1)
        if spec.loss in ("squared_error", "cross_entropy"):
            far, lead = reaches(spread) + off + blur, np.maximum(sure, 0)
            highest = np.maximum(pre_2 + far, -50)
            apart = np.exp(-highest) * -np.expm1(-lead) / (1 + np.exp(-highest - lead))  # of sigmoids, as a share
            apart[rows, answers] = np.inf
            is_sure &= (apart > 64 * UNITS[spec.precision]).all(axis=1)
            is_sure &= (pre_2 - far)[rows, answers] > LOWEST[spec.precision]
        return margins, np.where(is_sure, sure.min(axis=1), -np.inf)

    def lead(self, layer_1: Array, answers: Ints) -> Array:
        """Return the margins of points (N, H), as they are computed: (N,)."""
        nothing = np.zeros((len(layer_1), 0, layer_1.shape[1]))
        return self.margins(zonotopes(layer_1, nothing), answers)[0]

    def rounding(self, largest: float) -> float:
        """Bound how far one step of an implementation in the network's own precision can be off, in any unit.

        An implementation adds the M + I products and the bias in any order, with or without fused multiply-adds: it is
        off by gamma times the sum of their sizes. The activation, at most so steep, passes that on and adds an error
        of its own, here up to 16 units in the last place of 1 (or of the result of relu, which is exact).

        Parameters
        ----------
        largest : float
            How large a number in the memory can be.
        """
        spec = self.claim.network.spec
        unit = UNITS[spec.precision]
        sizes = largest * np.abs(self.synapse_h).sum(axis=0) + self.heard_sizes.max(axis=0)
        steepest = STEEPEST[spec.activation]
        own = 0.0 if spec.activation == "relu" else 16 * unit
        return float(steepest * gamma(spec.memory_dim + spec.input_dim + 2, unit) * sizes.max() + own)
