"""The synapses before and after training: every weight as a shade, and as a number where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carrybit.errors import ShapeError
from carrybit.figures import columns, scales
from carrybit.figures.hues import ink_on
from carrybit.network import Network
from carrybit.params import Array, Params

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNITS = 512  # of a layer
MOST_WRITTEN = 20  # hidden units, beside which a weight is written in its cell
SHADES = "cividis"  # blue below zero, grey at zero, yellow above: lightness alone tells them apart
ROWS = {  # what leads from where to where: rows are what it leaves, and columns the hidden units wherever there are any
    "synapse_0": "from layer_0",
    "synapse_h": "from what is\nremembered",
    "bias_1": "",
    "synapse_1": "to layer_2",
    "bias_2": "",
}


def size(before: Network | Params) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    arrays = _params(before).arrays()
    hidden_dim = arrays["synapse_0"].shape[1]
    return 2.6 + 2 * max(2.5, min(0.36 * hidden_dim, 7)), 1.2 + sum(_heights(arrays))


def draw_synapses(before: Network | Params, after: Network | Params, figure: Figure) -> Figure:
    """Draw the weights of all synapses, and the biases if there are any, before on the left and after on the right.

    Each has a scale of its own, the same on both sides, in which grey is zero and lighter is more. A column is a hidden
    unit: synapse_1 is drawn on its side.

    Parameters
    ----------
    before, after : Network or Params
        Of equal shapes.
    figure : Figure
        Empty; it is given two axes for each synapse and each bias.

    Returns
    -------
    figure : the same Figure

    Raises
    ------
    ShapeError
        The networks are not equally large.
    UsageError
        A layer of more than 512 units.
    """
    sides = {"before": _params(before).arrays(), "after": _params(after).arrays()}
    shapes = [{name: array.shape for name, array in arrays.items()} for arrays in sides.values()]
    if shapes[0] != shapes[1]:
        raise ShapeError(f"after, with {shapes[1]}", f"the shapes of before, {shapes[0]}", "take two of one training")
    columns.refuse(
        "units in a layer", max(max(shape) for shape in shapes[0].values()), MOST_UNITS, "draw a smaller one"
    )
    names = [name for name in ROWS if name in shapes[0]]
    heights = _heights(sides["before"])
    axes = figure.subplots(len(names), 2, squeeze=False, gridspec_kw={"height_ratios": heights})
    for row, name in zip(axes, names, strict=True):
        most = max(scales.size(arrays[name]) for arrays in sides.values()) or 1.0
        for ax, (side, arrays) in zip(row, sides.items(), strict=True):
            _draw_weights(_laid(name, arrays[name]), most, ax)
            ax.set_title(f"{name}, {side}", fontsize=9)
            ax.set_xlabel("unit of layer_2" if name == "bias_2" else "unit of layer_1", fontsize=7, labelpad=1)
        row[0].set_ylabel(ROWS[name], fontsize=8)
        figure.colorbar(row[1].images[0], ax=list(row), pad=0.01, fraction=0.04, aspect=max(4, 8 * len(names) / 3))
    return figure


def _params(given: Network | Params) -> Params:
    return given.params if isinstance(given, Network) else given


def _laid(name: str, array: Array) -> Array:
    """Return an array as rows and columns, hidden units as columns."""
    return array.T if name == "synapse_1" else np.atleast_2d(array)


def _heights(arrays: dict[str, Array]) -> list[float]:
    """Return the inches that each of them is high."""
    rows = [len(_laid(name, arrays[name])) for name in ROWS if name in arrays]
    return [0.62 + max(0.3, min(0.26 * count, 5.5)) for count in rows]


def _draw_weights(weights: Array, most: float, ax: Axes) -> None:
    """Draw rows of weights between -most and most."""
    image = ax.imshow(weights, aspect="auto", cmap=SHADES, vmin=-most, vmax=most, interpolation="none")
    rows, units = weights.shape
    ax.set_xticks(columns.ticks(units, 16))
    ax.set_yticks(columns.ticks(rows, 16) if rows > 1 else [])
    ax.tick_params(labelsize=7, length=2)
    if units > MOST_WRITTEN or rows > MOST_WRITTEN:
        return
    for (row, unit), weight in np.ndenumerate(weights):
        ink = ink_on(image.cmap(image.norm(weight)))
        ax.text(unit, row, _short(float(weight), most), ha="center", va="center", fontsize=6, color=ink)


def _short(weight: float, most: float) -> str:
    """Return a weight in few letters: one decimal, two where all are small, none where some are large."""
    places = 2 if most < 1 else 1 if most < 100 else 0
    said = f"{weight:.{places}f}".replace("-", "−")
    return said.lstrip("−") if float(f"{weight:.{places}f}") == 0 else said
