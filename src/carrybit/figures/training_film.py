"""A training as a film: the weights, and what the memory holds while one question is asked again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carrybit.errors import UsageError
from carrybit.figures.film import Film
from carrybit.figures.heatmaps import place_heatmaps
from carrybit.figures.hues import ERROR, FAINT, QUIET, opposites
from carrybit.figures.marks import SMALL, write
from carrybit.figures.scales import size
from carrybit.figures.stage import WIDTH, set_stage
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOM = (0.15, 1.45, 6.35, 5.45)  # of the stage, inches
WEIGHTS = (6.7, 1.9, WIDTH - 0.18, 5.2)
PROGRESS = (1.1, 0.5, WIDTH - 0.35, 1.2)
MINUS, PLUS = "#e69f00", "#0b2f6b"  # of a weight; told apart in grey
BEGIN, EACH, END = 1.2, 0.16, 4.0  # seconds
TICKS = 8  # updates that are written at the progress line


def training_film(
    moments: Sequence[tuple[int, Trace]],
    samples: Sequence[Trace] | None = None,
    *,
    order: Sequence[int] | None = None,
) -> Film:
    """Return a training as it goes: a frame for each moment, all on the same scales.

    Parameters
    ----------
    moments : of each moment its update, and the trace of what the network then makes of the same sequences
        The first sequence is shown.
    samples : of each moment another trace, or None
        What the progress line tells of, as from `watch_samples`; None for the sequences themselves.
    order : H int, or None
        The units from the top; None for the first unit first.

    Returns
    -------
    film : Film

    Raises
    ------
    UsageError
        There is no moment, or there are too many steps.
    """
    if not moments:
        raise UsageError("a film of no moment of a training", "one or more", "ask for update 0")
    updates, traces = [update for update, _ in moments], [trace for _, trace in moments]
    stage = set_stage(traces[0], ROOM, order=order, shown=traces)
    stage.show(**dict.fromkeys(stage.artists, traces[0].time))
    every = [trace.params for trace in traces]
    weights = place_heatmaps(stage.ax, WEIGHTS, every, order=stage.order, cmap=opposites(MINUS, PLUS))
    line, dot = _place_progress(stage.ax, updates, progress(samples or traces))
    xs, ys = line.get_data()

    def show(k: int) -> None:
        stage.retell(traces[k], f"after {updates[k]:,} updates: {traces[k].caption.title}")
        weights.show(every[k])
        line.set_data(xs[: k + 1], ys[: k + 1])
        dot.set_data(xs[k : k + 1], ys[k : k + 1])

    return Film(stage.figure, (BEGIN, *[EACH] * (len(moments) - 2), END)[-len(moments) :], show)


class Progress(NamedTuple):
    """How far a training is at each moment: what that is in words, its values, and what the top of their line is."""

    name: str
    values: Array
    top: float


def progress(traces: Sequence[Trace]) -> Progress:
    """Return how many answers are right at each moment, or the loss of a step where nothing is right or wrong."""
    right = [[mark for caption in trace.captions for mark in caption.right if mark is not None] for trace in traces]
    if all(right):
        shares = [100 * sum(marks) / len(marks) for marks in right]
        return Progress(f"{traces[0].caption.steps} right, %", np.array(shares), 100.0)
    losses = np.array([trace.loss.sum() / max(trace.mask.sum(), 1) for trace in traces])
    return Progress("loss", losses, size(losses) or 1.0)


def _place_progress(ax: Axes, updates: Sequence[int], shown: Progress) -> tuple[Any, Any]:
    """Draw the frame of the progress line; moments are as far apart as they are in the film."""
    left, bottom, right, top = PROGRESS
    xs = np.linspace(left, right, len(updates)) if len(updates) > 1 else np.array([right])
    ys = bottom + (top - bottom) * shown.values / shown.top
    for y, text in ((bottom, "0"), (top, f"{shown.top:.3g}")):
        ax.plot([left, right], [y, y], color=FAINT, linewidth=0.8)
        write(ax, left - 0.08, y, text, SMALL, ha="right", va="center", color=QUIET)
    write(ax, left - 0.08, (bottom + top) / 2, shown.name.replace(" ", "\n", 1), 9, ha="right", va="center")
    for k in sorted({round(k) for k in np.linspace(0, len(updates) - 1, TICKS)}):
        write(ax, float(xs[k]), bottom - 0.14, f"{updates[k]:,}", SMALL, color=QUIET, va="center")
    write(ax, (left + right) / 2, bottom - 0.34, "updates", SMALL, color=QUIET, va="center")
    (line,) = ax.plot(xs, ys, color="black", linewidth=1.6)
    (dot,) = ax.plot(xs[:1], ys[:1], "o", color=ERROR, markeredgecolor="black", markersize=8, zorder=5)
    return line, dot
