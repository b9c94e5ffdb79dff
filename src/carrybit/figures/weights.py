"""The weights on the stage of a film: three heat maps, in which a hidden unit has its column, and its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures.marks import GREY, SMALL, Box, box, cells, size, write
from carrybit.params import Array, Params

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

SYNAPSES = ("synapse_0", "synapse_h", "synapse_1")
LEAST, GAP = 0.09, 0.3  # inches of a row or column; between two maps
MOST_ROWS = 0.8  # inches of synapse_0, and of the columns of synapse_1


@dataclass(frozen=True, eq=False)
class Weights:
    """Three heat maps, by the names of the synapses; the units of the hidden layer stand in an order of their own."""

    meshes: Mapping[str, Any]
    order: Sequence[int]

    def show(self, params: Params) -> None:
        """Show these numbers, on the scales that there are."""
        for name, mesh in self.meshes.items():
            mesh.set_array(ordered(name, params.arrays()[name], self.order))


def ordered(name: str, synapse: Array, order: Sequence[int]) -> Array:
    """Return a synapse with the hidden units in order: as its columns, as its rows, or as both."""
    if name == "synapse_1":
        return synapse[list(order)]
    columns = synapse[:, list(order)]
    return columns[list(order)] if name == "synapse_h" and len(synapse) == len(order) else columns


def place_weights(
    ax: Axes,
    where: Box,
    first: Params,
    most: Mapping[str, float],
    *,
    order: Sequence[int],
    cmap: Colormap,
    prefix: str = "",
) -> Weights:
    """Place the heat maps of three synapses: 0 above, h below it, and 1 on the right of h.

    Parameters
    ----------
    ax : Axes
        From `blank_film`.
    where : left, bottom, right, top
        The room that there is, in inches.
    first : Params
        What they show at first.
    most : float by synapse
        The number, with either sign, that has the full colour.
    order : H int
        The hidden units.
    cmap : Colormap
        Of minus, nothing and plus.
    prefix : str
        Before the names of the synapses: "d_" for derivatives.
    """
    left, bottom, right, top = where
    inputs, outputs = len(first.synapse_0), first.synapse_1.shape[1]
    beside = min(max(0.14, LEAST * outputs), MOST_ROWS)
    above = min(max(0.28, LEAST * inputs), MOST_ROWS)
    side = min(right - left - GAP - beside, top - bottom - above - 3 * GAP)
    high = top - above - 2 * GAP
    places = {
        "synapse_0": (left, top - GAP - above, left + side, top - GAP),
        "synapse_h": (left, high - side, left + side, high),
        "synapse_1": (left + side + GAP, high - side, left + side + GAP + beside, high),
    }
    meshes = {}
    for name, place in places.items():
        values = ordered(name, first.arrays()[name], order)
        scale = most[name] or 1.0
        meshes[name] = cells(ax, place, values, cmap=cmap, vmin=-scale, vmax=scale, linewidth=0)
        box(ax, place, facecolor="none", edgecolor="black")
        if name == "synapse_1":
            write(ax, place[2], place[1] - 0.12, f"{prefix}{name} ±{scale:.2g}", SMALL, ha="right", va="center")
        else:
            write(ax, place[0], place[3] + 0.11, f"{prefix}{name}  ±{scale:.2g}", SMALL, ha="left", va="center")
    _write_key(ax, (left, high - side - 0.4), cmap)
    return Weights(meshes, order)


def largest(several: Sequence[Params]) -> dict[str, float]:
    """Return the largest size that a number of each synapse has in any of several."""
    return {name: max(size(params.arrays()[name]) for params in several) for name in SYNAPSES}


def signs(minus: str, plus: str) -> Colormap:
    """Return a map from minus over white, nothing, to plus."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signs", [minus, "#ffffff", plus])


def _write_key(ax: Axes, where: tuple[float, float], cmap: Colormap) -> None:
    x, y = where
    cells(ax, (x + 0.42, y - 0.06, x + 1.22, y + 0.06), np.linspace(-1, 1, 33)[None], cmap=cmap, linewidth=0)
    write(ax, x + 0.36, y, "minus", SMALL, ha="right", va="center", color=GREY)
    write(ax, x + 1.28, y, "plus", SMALL, ha="left", va="center", color=GREY)
