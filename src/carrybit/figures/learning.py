"""The learning curve of a run, from its metrics, with its examinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carrybit.tasks.task import Task

PASSED, FAILED, STOPPED = "✓", "✗", "…"
SUMS, BITS, ERROR = "#000000", "#777777", "#f0c000"  # answers in black and grey, errors in yellow, as in the tutorial


def draw_learning(task: Task, metrics: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Draw the error, and the shares of right steps and words, against updates; of own data, the loss in validation.

    An examination is marked at its update: how much of each paper was right.

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
    for line in metrics:
        if line["event"] == "finished" and line.get("examination"):
            _mark(line["update"], line["examination"], twin)  # on top of all lines
    lines = [*ax.get_lines(), *twin.get_lines()]
    names = [str(line.get_label()) for line in lines]
    ax.legend(lines, names, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False)
    return ax


def _mark(update: int, papers: Sequence[Mapping[str, Any]], ax: Axes) -> None:
    """Draw a line at the update of an examination, and write how each paper went."""
    ax.vlines(update, 0, 1, color=SUMS, linewidth=1, transform=ax.get_xaxis_transform())
    said = ["examination", *map(_told, papers)]
    box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": SUMS, "linewidth": 0.8, "alpha": 0.92}
    low, high = ax.get_xlim()
    is_late = update > (low + high) / 2
    ax.annotate(
        "\n".join(said),
        xy=(update, 0.42),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-12 if is_late else 12, 0),
        textcoords="offset points",
        ha="right" if is_late else "left",
        va="center",
        multialignment="left",
        fontsize=7,
        bbox=box,
        arrowprops={"arrowstyle": "-", "color": SUMS, "linewidth": 0.8},
        zorder=5,
        parse_math=False,
    )


def _told(paper: Mapping[str, Any]) -> str:
    """Return how a paper went: all right, some wrong, or not all asked."""
    right, asked, questions = paper["right"], paper["asked"], paper["questions"]
    sign = PASSED if right == questions else FAILED if right < asked else STOPPED
    return f"{sign} {right:,} of {questions:,} right: {paper['title']}"


def _number(error: Any) -> float:
    """Return an error as it was; metrics hold null for one that was not finite."""
    return float(error) if isinstance(error, int | float) else float("nan")
