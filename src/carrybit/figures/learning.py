"""The learning curve of a run, from its metrics, with its examinations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from carrybit.figures.hues import ANSWER, QUIET
from carrybit.figures.signs import RIGHT, STOPPED, WRONG

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

    from carrybit.tasks.task import Task

ERROR = "#f0c000"  # the yellow of errors, dark enough for a line


def draw_learning(task: Task, metrics: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Draw the error, and the shares of right steps and words, against updates; of own data, the loss in validation.

    An examination is marked at its update; below the axes stands how much of each paper was right.

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
        ax.plot(updates, [line["validation"] for line in reports], color=ANSWER, label="validation part", **dots)
        ax.set(xlabel="update", ylabel="loss of a step")
        ax.set_ylim(bottom=0)
    else:
        whole = [100 * line["right_sequences"] for line in reports]
        ax.plot(updates, whole, color=ANSWER, label=f"{task.noun} right", **dots)
        steps = [100 * line["right_steps"] for line in reports]
        ax.plot(updates, steps, "--", color=QUIET, label=f"{task.steps} right", **dots)
        ax.set(xlabel="update", ylabel="right, %", ylim=(-3, 103))
    ax.set_title(task.title)
    twin = ax.twinx()
    twin.plot(updates, [_number(line.get("error")) for line in reports], ":", color=ERROR, label="error", **dots)
    twin.set(ylabel=f"error per {task.noun.removesuffix('s')}")
    twin.set_ylim(bottom=0)
    twin.locator_params(axis="y", nbins=5)  # few enough to stay as they are, and their name on the page, in any height
    legend = _draw_legend([*ax.get_lines(), *twin.get_lines()], ax)
    finished = [line for line in metrics if line["event"] == "finished" and line.get("examination")]
    if finished:
        _mark(finished, legend, twin)  # on top of all lines
    return ax


def _draw_legend(lines: Sequence[Line2D], ax: Axes) -> Legend:
    names = [str(line.get_label()) for line in lines]
    return ax.legend(lines, names, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3, frameon=False)


def _mark(finished: Sequence[Mapping[str, Any]], legend: Legend, ax: Axes) -> None:
    """Draw a line at the update of each examination, and write below the legend how each paper went."""
    said = []
    for line in finished:
        ax.vlines(line["update"], 0, 1, color=ANSWER, linewidth=1, transform=ax.get_xaxis_transform())
        said += [f"examination after {line['update']:,} updates", *map(_told, line["examination"])]
    ax.annotate(
        "\n".join(said),
        xy=(0.5, 0),
        xycoords=legend,
        xytext=(0, -2),
        textcoords="offset points",
        ha="center",
        va="top",
        multialignment="left",
        fontsize=8,
        parse_math=False,
    )


def _told(paper: Mapping[str, Any]) -> str:
    """Return how a paper went: all right, some wrong, or not all asked."""
    right, asked, questions = paper["right"], paper["asked"], paper["questions"]
    sign = RIGHT if right == questions else WRONG if right < asked else STOPPED
    return f"{sign} {right:,} of {questions:,} right: {paper['title']}"


def _number(error: Any) -> float:
    """Return an error as it was; metrics hold null for one that was not finite."""
    return float(error) if isinstance(error, int | float) else float("nan")
