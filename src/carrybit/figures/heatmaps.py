"""The weights on the stage of a film: three heat maps, in which a hidden unit has its column, and its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures.hues import QUIET, ink_on
from carrybit.figures.marks import SMALL, Box, box, cells, write
from carrybit.figures.scales import size
from carrybit.params import Array, Params

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

SYNAPSES = ("synapse_0", "synapse_h", "synapse_1")
LEAST, GAP = 0.09, 0.3  # inches of a row or column; between two maps
MOST_ROWS = 0.8  # inches of synapse_0, and of the columns of synapse_1
ROOM_FOR_SIGN = 0.06  # inches, of a cell
SEEN = 0.01  # of the full colour; a smaller cell is white, and has no sign


@dataclass(frozen=True, eq=False)
class _HeatMap:
    """Cells, and a short line as a minus sign in each that is below zero, if there is room."""

    mesh: Any
    minus: Any
    place: Box

    def show(self, values: Array) -> None:
        """Show these numbers, on the scale that there is."""
        self.mesh.set_array(values)
        left, bottom, right, top = self.place
        wide, high = (right - left) / values.shape[1], (top - bottom) / values.shape[0]
        is_told = (values < -SEEN * self.mesh.norm.vmax) & (min(wide, high) > ROOM_FOR_SIGN)
        rows, columns = np.nonzero(is_told)
        xs, ys, half = left + (columns + 0.5) * wide, top - (rows + 0.5) * high, 0.2 * min(wide, high)
        self.minus.set_segments([[(x - half, y), (x + half, y)] for x, y in zip(xs, ys, strict=True)])
        self.minus.set_color([ink_on(colour) for colour in self.mesh.cmap(self.mesh.norm(values[is_told]))])


@dataclass(frozen=True, eq=False)
class HeatMaps:
    """Three heat maps, by the names of the synapses; the units of the hidden layer stand in an order of their own."""

    maps: Mapping[str, _HeatMap]
    order: Sequence[int]

    def show(self, params: Params) -> None:
        """Show these numbers, on the scales that there are."""
        for name, each in self.maps.items():
            each.show(ordered(name, params.arrays()[name], self.order))


def ordered(name: str, synapse: Array, order: Sequence[int]) -> Array:
    """Return a synapse with the hidden units in order: as its columns, as its rows, or as both."""
    if name == "synapse_1":
        return synapse[list(order)]
    columns = synapse[:, list(order)]
    return columns[list(order)] if name == "synapse_h" and len(synapse) == len(order) else columns


def place_heatmaps(
    ax: Axes,
    where: Box,
    every: Sequence[Params],
    *,
    order: Sequence[int],
    cmap: Colormap,
    prefix: str = "",
) -> HeatMaps:
    """Place the heat maps of three synapses: 0 above, h below it, and 1 on the right of h.

    Parameters
    ----------
    ax : Axes
        Of a stage.
    where : left, bottom, right, top
        The room that there is, in inches.
    every : Params
        All that they will show, the first at first; the largest number has the full colour, with either sign.
    order : H int
        The hidden units.
    cmap : Colormap
        Of minus, nothing and plus; cells of minus have a sign too, where there is room.
    prefix : str
        Before the names of the synapses: "d_" for derivatives.
    """
    left, bottom, right, top = where
    inputs, outputs = len(every[0].synapse_0), every[0].synapse_1.shape[1]
    beside = min(max(0.14, LEAST * outputs), MOST_ROWS)
    above = min(max(0.28, LEAST * inputs), MOST_ROWS)
    side = min(right - left - GAP - beside, top - bottom - above - 3 * GAP)
    high = top - above - 2 * GAP
    places = {
        "synapse_0": (left, top - GAP - above, left + side, top - GAP),
        "synapse_h": (left, high - side, left + side, high),
        "synapse_1": (left + side + GAP, high - side, left + side + GAP + beside, high),
    }
    maps = {}
    for name, place in places.items():
        scale = max(size(params.arrays()[name]) for params in every) or 1.0
        maps[name] = _place(ax, place, ordered(name, every[0].arrays()[name], order), scale, cmap)
        if name == "synapse_1":
            write(ax, place[2], place[1] - 0.12, f"{prefix}{name} ±{scale:.2g}", SMALL, ha="right", va="center")
        else:
            write(ax, place[0], place[3] + 0.11, f"{prefix}{name}  ±{scale:.2g}", SMALL, ha="left", va="center")
    _write_key(ax, (left, high - side - 0.4), cmap)
    return HeatMaps(maps, order)


def _place(ax: Axes, place: Box, values: Array, scale: float, cmap: Colormap) -> _HeatMap:
    from matplotlib.collections import LineCollection

    mesh = cells(ax, place, values, cmap=cmap, vmin=-scale, vmax=scale, linewidth=0)
    minus = ax.add_collection(LineCollection([], linewidths=0.8), autolim=False)
    box(ax, place, facecolor="none", edgecolor="black")
    made = _HeatMap(mesh, minus, place)
    made.show(values)
    return made


def _write_key(ax: Axes, where: tuple[float, float], cmap: Colormap) -> None:
    x, y = where
    cells(ax, (x + 0.42, y - 0.06, x + 1.22, y + 0.06), np.linspace(-1, 1, 33)[None], cmap=cmap, linewidth=0)
    write(ax, x + 0.36, y, "minus", SMALL, ha="right", va="center", color=QUIET)
    write(ax, x + 1.28, y, "plus", SMALL, ha="left", va="center", color=QUIET)
