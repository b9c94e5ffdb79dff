"""The shares of a sweep: how many networks are exact, after how many updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carrybit.table import Table

COLOURS = "viridis"  # one for each point of the grid, in its order


def draw_shares(table: Table, ax: Axes) -> Axes:
    """Draw, for each point of the grid, the share of networks that are exact against updates, with its interval.

    Parameters
    ----------
    table : Table
    ax : Axes

    Returns
    -------
    ax : the same Axes
    """
    from matplotlib import colormaps

    curves = table.curves()
    colours = colormaps[COLOURS](np.linspace(0, 0.9, len(curves)))
    for curve, colour in zip(curves, colours, strict=True):
        low, high = 100 * np.array(curve.low), 100 * np.array(curve.high)
        ax.fill_between(curve.updates, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.plot(curve.updates, 100 * np.array(curve.shares), color=colour, label=curve.name, marker="o", markersize=3)
    ax.set(xlabel="updates", ylabel="networks that are exact, %", ylim=(-2, 102))
    task = table.plan.config.task.name if "task" not in table.plan.grid else "the task"
    ax.set_title(f"who has learned {task}: {table.plan.replicas:,} networks each")
    ax.spines[["top", "right"]].set_visible(False)
    if table.plan.grid:
        title = ", ".join(table.plan.grid).replace("_", " ")
        ax.legend(title=title, frameon=False, loc="upper left", bbox_to_anchor=(1, 1), reverse=True)
    return ax
