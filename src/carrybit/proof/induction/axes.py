"""Axes: the shape of a cell, in which whatever disturbs a network's memory shrinks.

Plain boxes grow from step to step although the network forgets; boxes in the right axes shrink. Where a network may be
is told by the machine's state and the last symbols; for each such context, the axes are the principal ones of the
network's linear response to noise at every step. How long a side is follows from asking that, over a few steps, the box
of a context shrinks into the next one's: iterating that from ones leads to the Perron vector of the linearised network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from carrybit import randomness
from carrybit.activations import ACTIVATIONS
from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.proof.induction.zonotopes import Step

MOST_GROUPS, MOST_CONTEXTS = 3_000, 2**18
LEAST_WALKS, MOST_WALKS, LENGTH = 48, 2_000, 64  # random walks, and steps of each
WARM = 6  # steps before a walk has forgotten its start
WALKS_A_GROUP = 0.8  # some fifty steps of walks for each context
MOST_NUMBERS = 2**24  # in matrices that are compared at once
TURNS = 4  # a walk does something else every so many steps, on the average: any symbol, one again and again
SPAN = 2  # steps over which boxes are asked to shrink
ITERATIONS = 8
THINNEST = 0.02  # of a box's longest side, while sides are sought
FLOOR = 0.05  # of a box's size: no side is thinner, in units of layer_1
DISTURBED = 20  # nor than so many disturbances, which would fill it
WINDOW = 0.01  # half a side, of what is remembered with recurrence "input": symbols, which do not move


@dataclass(frozen=True, eq=False)
class Contexts:
    """What is known of where a network is: the machine's state and the last ``depth`` symbols (0 before any).

    A context has a number: state * A ** depth + the last symbols as digits in base A. Contexts that can be reached have
    a place, 0 to G - 1.
    """

    claim: Claim
    depth: int

    def after(self, contexts: Ints, states: Ints, symbols: Ints) -> Ints:
        """Return the contexts (N,) after symbols were read in contexts, with the machine's states after that."""
        each = self.claim.symbols**self.depth
        return states * each + (contexts % each * self.claim.symbols + symbols) % each

    def state(self, contexts: Ints) -> Ints:
        """Return the machine's states of contexts."""
        return contexts // self.claim.symbols**self.depth

    @property
    def start(self) -> int:
        """The context before any symbol."""
        return self.claim.machine.start * self.claim.symbols**self.depth

    @cached_property
    def places(self) -> Ints:
        """The place of each context, int array (S * A ** depth,); -1 for one that is never reached."""
        places = np.full(self.claim.states * self.claim.symbols**self.depth, -1)
        fresh, count = np.array([self.start]), 0
        while fresh.size:
            places[fresh] = count + np.arange(fresh.size)
            count += fresh.size
            states = self.state(fresh)
            rows, symbols = np.nonzero(self.claim.may_come[states])
            after = np.unique(self.after(fresh[rows], self.claim.machine.moves[states[rows], symbols], symbols))
            fresh = after[places[after] < 0]
        return places


def contexts_of(claim: Claim) -> Contexts:
    """Return contexts of the last two symbols, or of fewer where these would be too many."""
    for depth in (2, 1):
        if claim.states * claim.symbols**depth <= MOST_CONTEXTS:
            contexts = Contexts(claim, depth)
            if contexts.places.max() < MOST_GROUPS:
                return contexts
    return Contexts(claim, 0)


@dataclass(frozen=True, eq=False)
class Axes:
    """The boxes of G contexts: {d : |d · faces| <= 1} = {u · spans : |u| <= 1}.

    Parameters
    ----------
    contexts : Contexts
    faces, spans : float arrays (G, M, M)
        Inverse to each other, but for rounding.
    growth : float
        What a box that is linearised grows by over SPAN steps, at worst; below 1 a proof is likely.
    """

    contexts: Contexts
    faces: Array
    spans: Array
    growth: float


@np.errstate(all="ignore")  # a hidden layer may overflow
def axes_of(step: Step, size: float) -> Axes:
    """Return the axes for a network's claim; ``size`` is the longest half side of a cell, in units of layer_1."""
    claim = step.claim
    contexts = contexts_of(claim)
    groups = int(contexts.places.max()) + 1
    memory_dim = claim.network.spec.memory_dim
    if claim.network.spec.recurrence == "input":
        eye = np.tile(np.eye(memory_dim), (groups, 1, 1))
        return Axes(contexts, eye / WINDOW, eye * WINDOW, 0.0)
    with np.errstate(all="ignore"):
        slopes, places = _walks(step, contexts, int(np.clip(WALKS_A_GROUP * groups, LEAST_WALKS, MOST_WALKS)))
    directions, lengths = _principal(step.synapse_h, slopes, places, groups)
    sides, growth = _sides(step.synapse_h, slopes, places, directions, lengths)
    spans = np.swapaxes(directions, 1, 2) * (lengths * sides)[:, :, None]
    largest = np.abs(spans).sum(axis=1).max()
    least = max(FLOOR * size, DISTURBED * claim.eps)
    thin = np.maximum(lengths * sides / largest * size, least)  # (G, H), half sides along unit directions
    return Axes(contexts, directions / thin[:, None, :], np.swapaxes(directions, 1, 2) * thin[:, :, None], growth)


def _walks(step: Step, contexts: Contexts, walks: int) -> tuple[Array, Ints]:
    """Return the slopes of the units (T, W, H), and the places of the contexts (T, W), along random walks."""
    claim = step.claim
    machine, slope = claim.machine, ACTIVATIONS[claim.network.spec.activation].slope
    drawn = randomness.uniform(randomness.words(0, "proof", 0, LENGTH, 3 * walks))
    each, memory = np.arange(walks), np.zeros((walks, claim.network.spec.memory_dim))
    context = np.full(walks, contexts.start)
    state, symbol, holds = np.full(walks, machine.start), np.zeros(walks, int), np.zeros(walks, bool)
    slopes = np.empty((LENGTH, walks, claim.network.spec.hidden_dim))
    places = np.empty((LENGTH, walks), int)
    for t, (turn, way, choice) in enumerate(drawn.reshape(LENGTH, 3, walks) / 2 + 0.5):
        may = claim.may_come[state]  # (W, A)
        fresh = ((choice * may.sum(axis=1)).astype(int)[:, None] < may.cumsum(axis=1)).argmax(axis=1)
        holds = np.where(turn < 1 / TURNS, way < 0.5, holds)
        symbol = np.where(holds & (turn >= 1 / TURNS) & may[each, symbol], symbol, fresh)
        state = machine.moves[state, symbol]
        context = contexts.after(context, state, symbol)
        memory = step.point(memory, each, symbol)
        slopes[t], places[t] = slope(memory), contexts.places[context]
    return slopes, places


def _principal(synapse_h: Array, slopes: Array, places: Ints, groups: int) -> tuple[Array, Array]:
    """Return the principal directions (G, H, H), as columns, and the lengths (G, H) of the response to noise."""
    units = len(synapse_h)
    eye = np.eye(units)
    response = np.tile(eye, (slopes.shape[1], 1, 1))
    sums, counts = np.zeros((groups, units, units)), np.zeros(groups)
    for t in range(len(slopes)):
        passed = np.swapaxes(response @ synapse_h, 1, 2) @ synapse_h  # of a symmetric response
        response = slopes[t][:, :, None] * passed * slopes[t][:, None, :] + eye
        response /= np.maximum(np.trace(response, axis1=1, axis2=2) / 1e9, 1)[:, None, None]
        np.add.at(sums, places[t], response)
        np.add.at(counts, places[t], 1)
    mean = (
        np.where(counts[:, None, None] > 0, sums, sums.sum(axis=0))
        / np.where(counts > 0, counts, counts.sum())[:, None, None]
    )
    squares, directions = np.linalg.eigh(mean)
    return directions, np.sqrt(np.maximum(squares, 1e-12))


def _sides(synapse_h: Array, slopes: Array, places: Ints, directions: Array, lengths: Array) -> tuple[Array, float]:
    """Return the sides (G, H) of boxes, in lengths, that shrink best over SPAN steps, and what they grow by."""
    time, walks, units = slopes.shape
    first, last = WARM, min(time - SPAN, WARM + max(1, MOST_NUMBERS // (walks * units * units)))
    passed = np.broadcast_to(np.eye(units), ((last - first) * walks, units, units))
    for k in range(1, SPAN + 1):
        slope = slopes[first + k : last + k].reshape(-1, 1, units)
        passed = (passed.reshape(-1, units) @ synapse_h).reshape(-1, units, units) * slope
    begin, end = places[first:last].ravel(), places[first + SPAN : last + SPAN].ravel()
    spans = np.swapaxes(directions, 1, 2) * lengths[:, :, None]
    faces = directions / lengths[:, None, :]
    moved = np.abs(spans[begin] @ passed @ faces[end])  # (N, H, H), how a side of the first box lies in the last
    order = np.argsort(end, kind="stable")
    moved, begin, end = moved[order], begin[order], end[order]
    starts = np.flatnonzero(np.append(True, end[1:] != end[:-1]))
    sides = np.ones(lengths.shape)
    for _ in range(ITERATIONS):
        reached = np.einsum("ni,nij->nj", sides[begin], moved)
        longest = np.zeros_like(sides)
        longest[end[starts]] = np.maximum.reduceat(reached, starts, axis=0)
        longest /= max(longest.max(), 1e-300)
        longest = np.maximum(longest, THINNEST * longest.max(axis=1, keepdims=True))
        unseen = longest.max(axis=1) == 0
        longest[unseen] = 1 if unseen.all() else longest[~unseen].mean(axis=0)
        sides = longest
    growth = (np.einsum("ni,nij->nj", sides[begin], moved) / sides[end]).max()
    return sides, float(growth)
