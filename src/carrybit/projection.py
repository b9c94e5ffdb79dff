"""Projection: the hidden layer as it moves through the two directions in which it differs most.

Source: Pearson 1901, principal components.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from carrybit.errors import UsageError
from carrybit.params import Array
from carrybit.tracing import Trace

TINY = 1e-10  # of the layer's own size: what differs less is rounding


@dataclass(frozen=True, eq=False, kw_only=True)
class Projection:
    """Where the hidden layers of a trace lie on the plane of their first two principal components.

    Parameters
    ----------
    points : float array (B, T+1, 2)
        ``(layer_1 - mean) @ axes.T``; row 0 is before any input.
    axes : float array (2, H)
        Of length 1 and at right angles, the first the one in which layer_1 varies most; zeros where nothing is left to
        vary. The entry of largest size is positive.
    mean : float array (H,)
        The middle of all hidden states.
    explained : float array (2,)
        The share of the whole variance that each axis tells; 0 where there is none.
    states : int array (B, T+1)
        What there was to remember, a place in ``names``; zeros where nobody knows.
    names : tuple of str
        What can be remembered, by name; empty where nobody knows.
    memory : str
        What there is to remember, in a word.
    """

    points: Array
    axes: Array
    mean: Array
    explained: Array
    states: Array
    names: tuple[str, ...]
    memory: str


def project(trace: Trace) -> Projection:
    """Lay all hidden states of a trace, of all sequences at all steps, on the plane in which they differ most.

    Parameters
    ----------
    trace : Trace
        Of many sequences, as from `watch_samples`.

    Returns
    -------
    projection : Projection

    Raises
    ------
    UsageError
        The hidden layer has overflown.
    """
    layer_1 = trace.layer_1.astype(np.float64)  # (B, T+1, H)
    if not np.isfinite(layer_1).all():
        raise UsageError("a hidden layer that has overflown", "finite numbers", "a network that has not diverged")
    mean, axes, explained = main_axes(layer_1.reshape(-1, layer_1.shape[2]))
    kinds, names, memory = _remembered(trace)
    return Projection(
        points=(layer_1 - mean) @ axes.T,
        axes=axes,
        mean=mean,
        explained=explained,
        states=kinds,
        names=names,
        memory=memory,
    )


def main_axes(states: Array) -> tuple[Array, Array, Array]:
    """Return the middle (H,) of states (N, H), the two axes (2, H) in which they differ most, and their shares (2,).

    As a `Projection` has them.
    """
    mean = states.mean(axis=0)
    _, lengths, directions = np.linalg.svd(states - mean, full_matrices=False)
    varies = lengths > TINY * np.abs(states).max() * np.sqrt(len(states))
    variances = np.where(varies, lengths**2, 0.0)
    axes, explained = np.zeros((2, states.shape[1])), np.zeros(2)
    for k in range(min(2, int(varies.sum()))):
        largest = directions[k, np.abs(directions[k]).argmax()]
        axes[k] = directions[k] * np.sign(largest)
        explained[k] = variances[k] / variances.sum()
    return mean, axes, explained


def _remembered(trace: Trace) -> tuple[Array, tuple[str, ...], str]:
    """Return what there is to remember as numbers (B, T+1), their names, and the word for it."""
    told = [caption.states for caption in trace.captions]
    if not all(told):
        return np.zeros(trace.layer_1.shape[:2], int), (), ""
    names = tuple(sorted({name for states in told for name in states}, key=_in_order))
    place = {name: number for number, name in enumerate(names)}
    return np.array([[place[name] for name in states] for states in told]), names, trace.caption.memory


def _in_order(name: str) -> list[str | int]:
    """Return what a name is sorted by: numbers in it by their size, so that 10 comes after 9."""
    return [int(part) if k % 2 else part for k, part in enumerate(re.split(r"([0-9]+)", name))]
