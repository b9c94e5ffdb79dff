"""Shadow: what a proof looks like on the plane of the two main axes of a network's memory.

A cell is the image of a cube under a matrix; so its shadow is a zonogon, whose sides are the images of the cube's
edges, each twice, in the order of their directions.

Source: Ziegler 1995, "Lectures on polytopes", chapter 7, for zonogons.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.projection import main_axes
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.walks import walks
from carrybit.proof.induction.cells import Cells
from carrybit.proof.verdict import Proved, Refuted, Verdict

STEPS = 160  # of the word whose way is shown
MOST_DOTS, MOST_SEEN = 4_000, 2**14
PLANE = 2  # units that need no projection


@dataclass(frozen=True, eq=False, kw_only=True)
class Shadow:
    """Cells, memories and the way of a word, on a plane.

    Parameters
    ----------
    verdict : Verdict
    mean, axes, explained : float arrays (M,), (2, M) and (2,)
        The plane: ``(memory - mean) @ axes.T``, and the share of the variance that each axis tells. Of two units or
        one, the plane is that of the units themselves.
    outlines : float array (n, 2M, 2)
        The corners of each cell's shadow, in their order around it.
    cell_states, cell_symbols : int arrays (n,)
        The machine's state that a cell stands for, and the last symbol on the way into it; -1 where that is not told.
    dots, dot_states : float array (N, 2), int array (N,)
        Memories that random words lead to, each once, and the machine's states there.
    word, way, way_states : int array (T,), float array (T+1, 2), int array (T+1,)
        A word, where the network is before and after each of its symbols, and the machine's states there.
    skipped : int
        So many steps of the word are left out at its beginning; with none, the way begins at the start.
    """

    verdict: Verdict
    mean: Array
    axes: Array
    explained: Array
    dots: Array
    dot_states: Ints
    word: Ints
    way: Array
    way_states: Ints
    skipped: int = 0
    outlines: Array = field(default_factory=lambda: np.empty((0, 0, 2)))
    cell_states: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    cell_symbols: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def is_exact(self) -> bool:
        """Whether the plane is that of the units themselves, and no projection."""
        return len(self.mean) <= PLANE


def shadow(verdict: Verdict, steps: int = STEPS) -> Shadow:
    """Return what a verdict looks like: of a proof its cells, of any network its memories and the way of a word.

    Parameters
    ----------
    verdict : Verdict
    steps : int
        Of the word: a random one, of a Refuted the end of its own.
    """
    claim = verdict.claim
    words = walks(claim)
    memories, states = _seen(claim, words)
    mean, axes, explained = _plane(memories)
    word = verdict.word if isinstance(verdict, Refuted) else words[0, :steps]
    skipped = max(0, len(word) - steps)
    way, way_states = _way(claim, word, skipped)
    number = np.sort(np.unique(np.column_stack([memories, states]), axis=0, return_index=True)[1])[:MOST_DOTS]
    cells = verdict.invariant if isinstance(verdict, Proved) else None
    shown = {}
    if isinstance(cells, Cells):
        contexts = cells.contexts[cells.groups]
        symbols = contexts % claim.symbols if cells.depth else np.full(len(cells), -1)
        states_there = contexts // claim.symbols**cells.depth
        shown = {"outlines": outlines(cells, mean, axes), "cell_states": states_there, "cell_symbols": symbols}
    return Shadow(
        verdict=verdict,
        mean=mean,
        axes=axes,
        explained=explained,
        dots=(memories[number] - mean) @ axes.T,
        dot_states=states[number],
        word=word[skipped:],
        way=(way - mean) @ axes.T,
        way_states=way_states,
        skipped=skipped,
        **shown,
    )


def outlines(cells: Cells, mean: Array, axes: Array) -> Array:
    """Return the corners (n, 2M, 2) of the shadows of cells on a plane, in their order around them."""
    centres = (cells.centres - mean) @ axes.T  # (n, 2)
    edges = np.linalg.inv(cells.faces) @ axes.T  # (G, M, 2), half an edge of a cell of scale 1
    points_down = (edges[..., 1] < 0) | ((edges[..., 1] == 0) & (edges[..., 0] < 0))
    edges = np.where(points_down[..., None], -edges, edges)  # either end of an edge will do
    order = np.argsort(np.arctan2(edges[..., 1], edges[..., 0]), axis=1)
    edges = np.take_along_axis(edges, order[..., None], axis=1)
    right = 2 * np.cumsum(edges, axis=1) - edges.sum(
        axis=1, keepdims=True
    )  # from the lowest corner up; it ends at the top
    around = np.concatenate([right, -right], axis=1)  # a shadow is its own image under a half turn
    return centres[:, None] + cells.scales[:, None, None] * around[cells.groups]


def _seen(claim: Claim, words: Ints) -> tuple[Array, Ints]:
    """Return what is remembered on the way of words (N, M), with the machine's states (N,)."""
    states = claim.machine.run(words)[0][:, 1:].ravel()
    with np.errstate(all="ignore"):
        past = claim.network.run(claim.vectors[words]).past[:, 1:].astype(np.float64).reshape(len(states), -1)
    some = np.linspace(0, len(states) - 1, min(len(states), MOST_SEEN)).astype(int)
    some = some[np.isfinite(past[some]).all(axis=1)]
    return past[some], states[some]


def _plane(memories: Array) -> tuple[Array, Array, Array]:
    """Return mean (M,), axes (2, M) and shares (2,) of the plane to draw memories (N, M) on."""
    memory_dim = memories.shape[1]
    if memory_dim > PLANE:
        return main_axes(memories)
    variances = np.zeros(PLANE)
    variances[:memory_dim] = memories.var(axis=0)
    return np.zeros(memory_dim), np.eye(PLANE, memory_dim), variances / (variances.sum() or 1.0)


def _way(claim: Claim, word: Ints, skipped: int) -> tuple[Array, Ints]:
    """Return where the network is (T+1, M) before and after each symbol not skipped, with the machine's states."""
    states = claim.machine.run(word[None])[0][0, skipped:]
    memory: Array | None = None
    piece = 2**16
    for first in range(0, skipped, piece):
        _, memory = claim.answers(word[None, first : min(first + piece, skipped)], memory)
    way = claim.network.run(claim.vectors[word[None, skipped:]], memory).past[0].astype(np.float64)
    return way, states
