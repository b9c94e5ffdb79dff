"""The learning curve of a run, from its metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carrybit.tasks.task import Task

SUMS, BITS, ERROR = "#000000", "#777777", "#f0c000"  # answers in black and grey, errors in yellow, as in the tutorial


def draw_learning(task: Task, metrics: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Draw the error, and the shares of right steps and words, against updates; of own data, the loss in validation.

    Parameters
    ----------
    task : Task
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
    if reports and "validation" in reports[0]:
        ax.plot(updates, [line["validation"] for line in reports], color=SUMS, label="validation part", **dots)
        ax.set(xlabel="update", ylabel="loss of a step")
        ax.set_ylim(bottom=0)
    else:
        whole = [100 * line["right_sequences"] for line in reports]
        ax.plot(updates, whole, color=SUMS, label=f"{task.noun} right", **dots)
        steps = [100 * line["right_steps"] for line in reports]
        ax.plot(updates, steps, "--", color=BITS, label=f"{task.steps} right", **dots)
        ax.set(xlabel="update", ylabel="right, %", ylim=(-3, 103))
    ax.set_title(task.title)
    twin = ax.twinx()
    twin.plot(updates, [_number(line.get("error")) for line in reports], ":", color=ERROR, label="error", **dots)
    twin.set(ylabel=f"error per {task.noun.removesuffix('s')}")
    twin.set_ylim(bottom=0)
    lines = [*ax.get_lines(), *twin.get_lines()]
    names = [str(line.get_label()) for line in lines]
    ax.legend(lines, names, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False)
    return ax


def _number(error: Any) -> float:
    """Return an error as it was; metrics hold null for one that was not finite."""
    return float(error) if isinstance(error, int | float) else float("nan")
