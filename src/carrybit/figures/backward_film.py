"""The way back as a film: errors at every step, then derivatives from the last step to the first, then the weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from carrybit.figures.film import Film
from carrybit.figures.heatmaps import place_heatmaps
from carrybit.figures.hues import DERIVATIVE, ERROR, QUIET, opposites
from carrybit.figures.marks import Box, arrow, box, fit, write
from carrybit.figures.scales import relative, size
from carrybit.figures.stage import WIDTH, Artists, Stage, set_stage
from carrybit.params import Array
from carrybit.tracing import Trace

ROOM = (0.15, 1.02, 6.35, 5.45)  # of the stage, inches
WEIGHTS = (6.7, 2.2, WIDTH - 0.18, 5.2)
ERRORS = (0.62, 0.92)  # inches from the bottom
CELL = 0.24  # of the width of a hidden layer for its cells
MINUS = "#3b2a6b"  # of a derivative
SLOW = 10  # more steps than that have one frame each on the way back
BEGIN, FORTH, LOOK, ARRIVE, BACK, END = 1.2, 0.2, 2.5, 0.6, 0.9, 4.0  # seconds


@dataclass(frozen=True)
class _Moment:
    """What is there in one frame: answers of the first so many steps, errors, and derivatives of the last so many."""

    said: str
    seconds: float
    answer: int
    has_errors: bool = False
    arrived: int = 0
    derived: int = 0
    is_end: bool = False


def backward_film(trace: Trace) -> Film:
    """Return the way back of the first sequence, step by step.

    The answers come in black, then the errors in yellow at every step; derivatives travel in mustard from the last step
    to the first, as bars to the left of a line (minus) or to its right (plus), and add up to those of the weights.

    Parameters
    ----------
    trace : Trace
        Of at most 40 steps; of a batch, the first sequence alone is shown.

    Returns
    -------
    film : Film

    Raises
    ------
    UsageError
        There are too many steps.
    """
    trace = trace.sequence(0)
    stage = set_stage(trace, ROOM, cell=CELL)
    errors, arrows, bars = _errors(stage, trace), _arrows(stage, trace), _bars(stage, trace)
    nothing = trace.gradient.map(np.zeros_like)
    assembled = [*(trace.assembled(t) for t in range(trace.time)), nothing]  # from step t on
    look: dict[str, Any] = {"cmap": opposites(MINUS, DERIVATIVE), "prefix": "d_"}
    weights = place_heatmaps(stage.ax, WEIGHTS, assembled, order=stage.order, **look)
    frame = box(stage.ax, _around(WEIGHTS), facecolor="none", edgecolor="black", linewidth=2)
    moments = tuple(_moments(trace))

    def show(k: int) -> None:
        now = moments[k]
        stage.show(**dict.fromkeys(stage.artists, now.answer) | _forth(trace, now))
        for artist in errors:
            artist.set_visible(now.has_errors)
        for t in range(trace.time):
            for artist in arrows[t]:
                artist.set_visible(t >= trace.time - now.arrived)
            for artist in bars[t]:
                artist.set_visible(t >= trace.time - now.derived)
        weights.show(assembled[trace.time - now.derived])
        frame.set_visible(now.is_end)
        stage.said.set_text(now.said)

    return Film(stage.figure, tuple(moment.seconds for moment in moments), show)


def _moments(trace: Trace) -> Iterator[_Moment]:
    steps = trace.time
    has_memory = trace.spec.recurrence == "hidden"  # otherwise what is remembered is an input, which ends the way
    yield _Moment("First the network answers, step by step.", BEGIN, 0)
    for t in range(steps):
        yield _Moment("First the network answers, step by step.", FORTH, t + 1)
    yield _Moment("Its error at every step: what it should have answered, less what it did.", LOOK, steps, True)
    for back in range(1, steps + 1):
        t = steps - back
        heard = (["its own error"] if trace.mask[0, t] else []) + [f"those that come later, through step {t + 1}"] * (
            has_memory and t < steps - 1
        )
        takes = f"Step {t} hears of {' and '.join(heard) or 'nothing'}."
        adds = f"What step {t} contributes is added to the derivatives of the weights."
        if steps <= SLOW:
            yield _Moment(takes, ARRIVE, steps, True, back, back - 1)
        yield _Moment(adds, BACK if steps <= SLOW else ARRIVE, steps, True, back, back)
    yield _Moment(
        "Only now do the weights change, each a little against its derivative.", END, steps, True, steps, steps, True
    )


def _forth(trace: Trace, now: _Moment) -> dict[str, int]:
    """Return how many arrows still lead forth: the way back takes their places."""
    if not now.arrived:
        return {}
    left = trace.time - now.arrived
    return {"leads": left, "memory": left + 1 if trace.spec.recurrence == "hidden" else trace.time}


def _errors(stage: Stage, trace: Trace) -> Artists:
    """Draw the error of each step in yellow: the number, or of several outputs the one that is farthest off."""
    bottom, top = ERRORS
    head = "error" if trace.spec.output_dim == 1 else "largest\nerror"
    artists: Artists = [write(stage.ax, ROOM[0] + 0.83, (bottom + top) / 2, head, 10, ha="right", va="center")]
    for t, (left, _, right, _) in enumerate(stage.boxes):
        if not trace.mask[0, t]:
            continue
        errors = trace.layer_2_error[0, t]
        error = float(errors[np.nan_to_num(np.abs(errors)).argmax()])
        place = (left, bottom, right, top)
        artists.append(box(stage.ax, place, facecolor=ERROR, edgecolor="black"))
        said = f"{error:+.2f}" if abs(error) >= 0.01 else f"{error:+.0e}"
        artists.append(
            write(
                stage.ax,
                (left + right) / 2,
                (bottom + top) / 2,
                **fit(place, said.replace("e-0", "e-").replace("-", "−"), 11),
            )
        )
    return artists


def _arrows(stage: Stage, trace: Trace) -> list[Artists]:
    """Draw what arrives at each step on the way back: from its answer, and from the step that remembers it."""
    look: dict[str, Any] = {"color": DERIVATIVE, "linewidth": 2.6, "mutation_scale": 13, "zorder": 3}
    arrows: list[Artists] = []
    for t, (left, low, right, high) in enumerate(stage.boxes):
        x = (left + right) / 2
        arrows.append([arrow(stage.ax, (x, stage.answers[t][3]), (x, low), **look)] if trace.mask[0, t] else [])
        if t < trace.time - 1 and trace.spec.recurrence == "hidden":
            later, middle = stage.boxes[t + 1], (low + high) / 2
            source, target = (later[0], right) if later[0] > left else (later[2], left)
            arrows[-1].append(arrow(stage.ax, (source, middle), (target, middle), **look))
    return arrows


def _bars(stage: Stage, trace: Trace) -> list[Artists]:
    """Draw d_pre_1 of each step as bars on the two sides of a line, all on one scale."""
    from matplotlib.collections import PolyCollection

    d_pre_1 = trace.d_pre_1[0][:, list(stage.order)]  # (T, H)
    bars: list[Artists] = []
    for lengths, place in zip(relative(d_pre_1), stage.rest, strict=True):
        colours = [DERIVATIVE if length > 0 else MINUS for length in lengths]
        drawn = PolyCollection(list(_rectangles(lengths, place)), facecolors=colours)
        left, low, right, high = place
        (line,) = stage.ax.plot([(left + right) / 2] * 2, [low, high], color=QUIET, linewidth=0.6)
        bars.append([stage.ax.add_collection(drawn, autolim=False), line])
    unit = (
        f"before its {trace.spec.activation}: left of the\nline −, right of it +; the longest\nis {size(d_pre_1):.2g}"
    )
    told = f"bars: the derivative at each unit,\n{unit}"
    write(stage.ax, WEIGHTS[0], 1.45, told, 9, ha="left", va="center", linespacing=1.4)
    return bars


def _rectangles(lengths: Array, place: Box) -> Array:
    """Return the corners (H, 4, 2) of bars of lengths -1 to 1, the first at the top."""
    left, low, right, high = place
    middle, height = (left + right) / 2, (high - low) / len(lengths)
    tops = high - height * (np.arange(len(lengths)) + 0.12)
    bottoms = tops - 0.76 * height
    ends = middle + ((right - left) / 2 - 0.02) * lengths
    starts = np.full_like(ends, middle)
    xs, ys = np.stack([starts, ends, ends, starts], axis=1), np.stack([tops, tops, bottoms, bottoms], axis=1)
    return np.stack([xs, ys], axis=2)


def _around(place: Box) -> Box:
    left, bottom, right, top = place
    return left - 0.12, bottom - 0.16, right + 0.05, top + 0.1
