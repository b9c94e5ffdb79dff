"""The forward pass as a film: each input's colour flows into the hidden layer, and on into those that remember it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from carrybit.figures.film import Film
from carrybit.figures.hues import QUIET, hue, ink_on
from carrybit.figures.marks import SMALL, box, write
from carrybit.figures.scales import relative
from carrybit.figures.signs import seen
from carrybit.figures.stage import WIDTH, Artists, Stage, set_stage
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from carrybit.attribution import Attribution

ROOM = (0.15, 0.62, WIDTH - 0.1, 5.45)  # of the stage, inches
CELL, FOOT = 0.28, 0.27  # of the width of a hidden layer for its cells; inches for the shares below it
DOTS, LINES = 150, 6  # across a hidden layer and for each of its units, that colours are told in
MOST_APART = 40  # units; more have no white lines between them
ROOM_FOR_NUMBER = 0.12  # inches, of a share
FLOWS = 4  # frames in which the colours of a step flow in
SLOW, QUICK = 10, 20  # more steps than that have fewer frames each
BEGIN, LOOK, FLOW, END = 1.6, 0.7, 0.12, 4.0  # seconds


@dataclass(frozen=True)
class _Moment:
    """What is there in one frame: of each kind the first so many steps, and how far the last colours have flowed."""

    said: str
    seconds: float
    read: int = 0
    hidden: int = 0
    flowed: float = 1.0
    answer: int = 0


def forward_film(trace: Trace, attribution: Attribution | None = None) -> Film:
    """Return the forward pass of the first sequence, step by step.

    Inputs arrive in hues of their own, which flow into the hidden layer and into those that remember it, as far as an
    attribution says that they are there; cells are shaded by what the units hold; answers come in black.

    Parameters
    ----------
    trace : Trace
        Of at most 40 steps.
    attribution : Attribution, or None
        Of the same trace; without, the hidden layers have no hues.

    Returns
    -------
    film : Film

    Raises
    ------
    UsageError
        There are too many steps.
    """
    look: dict[str, Any] = {} if attribution is None else {"cell": CELL, "foot": FOOT}
    stage = set_stage(trace, ROOM, **look)
    flows = [] if attribution is None else _flows(stage, attribution)
    if attribution is not None:
        _write_legend(stage)
    moments = tuple(_moments(trace, attribution))

    def show(k: int) -> None:
        now = moments[k]
        stage.show(
            read=now.read,
            memory=now.hidden,
            hidden=now.hidden,
            **dict.fromkeys(("leads", "answer", "truth"), now.answer),
        )
        for t, (image, colours, shares) in enumerate(flows):
            flowed = now.flowed if t == now.hidden - 1 else float(t < now.hidden)
            image.set_visible(flowed > 0)
            image.set_data(_until(colours, flowed))
            for artist in shares:
                artist.set_visible(flowed == 1)
        stage.said.set_text(now.said)

    return Film(stage.figure, tuple(moment.seconds for moment in moments), show)


def _moments(trace: Trace, attribution: Attribution | None) -> Iterator[_Moment]:
    caption, steps = trace.caption, trace.time
    way = ", from right to left" if caption.is_read_backwards else ""
    ending = "Each hidden layer is made of what is read and of what is remembered."
    if attribution is not None:
        kept = 100 * float(np.nan_to_num(attribution.shares()[0, -1, 0]))
        ending = f"Of the last hidden layer, {kept:.2g} % come from step 0; the rest from the steps since."
    yield _Moment(f"A network is asked, one step at a time{way}.", BEGIN)
    for t in range(steps):
        reads = f"Step {t} reads {', '.join(seen(row[t]) for _, row in caption.rows)}."
        mixes = f"The hidden layer takes it in{' and mixes it with what it remembers' if t else ''}."
        wanted = {True: ", and it is right", False: f"; it should be {seen(caption.truth[t])}", None: ""}[
            caption.right[t]
        ]
        answers = f"It answers {seen(caption.answers[t])}{wanted}."
        if steps <= QUICK:
            yield _Moment(reads, LOOK if steps <= SLOW else FLOW, t + 1, t, 1.0, t)
        for flow in range(1, FLOWS) if steps <= SLOW and attribution is not None else ():
            yield _Moment(mixes, FLOW, t + 1, t + 1, flow / FLOWS, t)
        if steps <= SLOW:
            yield _Moment(mixes, LOOK, t + 1, t + 1, 1.0, t)
        yield _Moment(answers, LOOK, t + 1, t + 1, 1.0, t + 1)
    yield _Moment(ending, END, steps, steps, 1.0, steps)


def _flows(stage: Stage, attribution: Attribution) -> list[tuple[Any, NDArray[np.uint8], Artists]]:
    """Draw the hues of each hidden layer: the image of its units, all its colours, and the shares below."""
    from matplotlib.colors import to_rgb

    values = np.abs(relative(attribution.values[0])[:, list(stage.order)])  # (T, H, T)
    steps = len(values)
    palette = np.array([to_rgb(hue(s)) for s in range(steps)] + [(1.0, 1.0, 1.0)])
    flows = []
    for t, (left, low, right, high) in enumerate(stage.rest):
        total = values[t].sum(axis=-1, keepdims=True)
        ends = DOTS * np.cumsum(values[t], axis=-1) / np.where(total > 0, total, 1)  # (H, T)
        places = (np.arange(DOTS)[:, None] + 0.5 > ends[:, None]).sum(axis=-1)  # (H, DOTS) of the palette
        colours = np.round(255 * np.repeat(palette[places], LINES, axis=0)).astype(np.uint8)
        if len(stage.order) <= MOST_APART:
            colours[LINES - 1 :: LINES] = 255
        way = (right, left) if stage.is_backwards else (left, right)  # the first step is where the memory comes in
        look: dict[str, Any] = {"aspect": "auto", "interpolation": "nearest", "zorder": 0.9}
        image = stage.ax.imshow(colours, extent=(*way, low, high), **look)
        flows.append((image, colours, _shares(stage, t, attribution.shares()[0, t])))
    return flows


def _until(colours: NDArray[np.uint8], flowed: float) -> NDArray[np.uint8]:
    """Return colours as far as they have flowed; what was read first comes first."""
    begun = colours.copy()
    begun[:, round(flowed * DOTS) :] = 255
    return begun


def _shares(stage: Stage, t: int, shares: Array) -> Artists:
    """Draw how much of a whole hidden layer is of each step, with its number where there is room."""
    left, low, right, _ = stage.boxes[t]
    begin, span = (right, left - right) if stage.is_backwards else (left, right - left)
    artists: Artists = []
    for s in range(t + 1):
        end = begin + span * float(np.nan_to_num(shares[s]))
        artists.append(box(stage.ax, (begin, low - 0.24, end, low - 0.04), facecolor=hue(s), edgecolor="white"))
        if abs(end - begin) > ROOM_FOR_NUMBER:
            artists.append(write(stage.ax, (begin + end) / 2, low - 0.145, str(s), SMALL, color=ink_on(hue(s))))
        begin = end
    return artists


def _write_legend(stage: Stage) -> None:
    heads = ROOM[0] + 0.83
    write(stage.ax, heads, stage.boxes[0][1] - 0.14, "of step", SMALL, color=QUIET, ha="right", va="center")
