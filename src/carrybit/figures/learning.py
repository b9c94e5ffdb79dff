"""The learning curve of a run, from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUMS, BITS, ERROR = "#000000", "#777777", "#f0c000"  # answers in black and grey, errors in yellow, as in the tutorial


def draw_learning(metrics: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Draw the error, and the shares of right bits and right sums, against updates.

    Parameters
    ----------
    metrics : the lines of a run's metrics.jsonl
    ax : Axes
        The error gets an axis of its own on the right.

    Returns
    -------
    ax : the same Axes
    """
    reports = [line for line in metrics if line["event"] == "report"]
    updates = [line["update"] for line in reports]
    dots: dict[str, Any] = {"marker": "o", "markersize": 3} if len(reports) <= 40 else {}
    ax.plot(updates, [100 * line["right_sequences"] for line in reports], color=SUMS, label="sums right", **dots)
    ax.plot(updates, [100 * line["right_steps"] for line in reports], "--", color=BITS, label="bits right", **dots)
    ax.set(xlabel="update", ylabel="right, %", ylim=(-3, 103), title="learning to carry")
    twin = ax.twinx()
    twin.plot(updates, [_number(line.get("error")) for line in reports], ":", color=ERROR, label="error", **dots)
    twin.set(ylabel="error per sum")
    twin.set_ylim(bottom=0)
    lines = [*ax.get_lines(), *twin.get_lines()]
    names = [str(line.get_label()) for line in lines]
    ax.legend(lines, names, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False)
    return ax


def _number(error: Any) -> float:
    """Return an error as it was; metrics hold null for one that was not finite."""
    return float(error) if isinstance(error, int | float) else float("nan")
