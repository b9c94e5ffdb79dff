"""The shares of a sweep: how many networks are exact, after how many updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carrybit.sweeping import Table

COLOURS = "viridis"  # one for each point of the grid, in its order


def draw_shares(table: Table, ax: Axes) -> Axes:
    """Draw, for each point of the grid, the share of networks that are exact against updates.

    Parameters
    ----------
    table : Table
    ax : Axes

    Returns
    -------
    ax : the same Axes
    """
    from matplotlib import colormaps

    plan, rows = table.plan, table.rows
    colours = colormaps[COLOURS](np.linspace(0, 0.92, len(plan.points)))
    end = max(row["updates_made"] for row in rows)
    for number, (summed, colour) in enumerate(zip(table.summary(), colours, strict=True)):
        mine = rows[number * plan.replicas : (number + 1) * plan.replicas]
        after = sorted(row["exact_after"] for row in mine if row["exact_after"] is not None)
        shares = 100 * np.arange(len(after) + 1) / len(mine)
        label = ", ".join(f"{summed[name]}" for name in plan.grid) or "exact"
        ax.step([0, *after, end], [*shares, shares[-1]], where="post", color=colour, label=label)
    ax.set(xlabel="updates", ylabel="networks that are exact, %", xlim=(0, end), ylim=(0, 100))
    ax.set_title(f"{plan.replicas:,} networks each: who has learned to add")
    ax.legend(title=", ".join(plan.grid).replace("_", " "), frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    ax.spines[["top", "right"]].set_visible(False)
    return ax
