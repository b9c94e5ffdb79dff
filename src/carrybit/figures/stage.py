"""The stage of a film: a column for each step, with what is read above the hidden layer and the answer below it.

All artists are there from the beginning: a frame shows some, hides others, and changes what a few of them say, so that
it costs little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.caption import sign
from carrybit.errors import UsageError
from carrybit.figures.hues import ANSWER, FAINT, QUIET, hue, ink_on
from carrybit.figures.marks import SMALL, TITLE, Box, arrow, box, cells, fit, write
from carrybit.figures.scales import shades
from carrybit.figures.signs import cut, seen
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

WIDTH, HEIGHT, DPI = 9.0, 6.0, 100  # inches; small enough for a page
MOST_STEPS = 40  # more have no room to be seen
MOST_ROWS, ROW = 4, 0.31  # of what is read; inches
HEADS = 0.95  # inches for the names of the rows
NARROW = 0.18  # inches of a hidden layer; fewer have no room for the number of each step
FOLDED = 6  # letters; longer names of states have two lines
INK = {True: "white", False: "black", None: "white"}
Artists = list["Artist"]


@dataclass(frozen=True, eq=False)
class Stage:
    """The artists of each step, T lists of each kind, and the places where more can be drawn, in inches.

    Parameters
    ----------
    figure : Figure
    ax : Axes
        Of the whole figure, an inch for an inch.
    boxes : T boxes (left, bottom, right, top)
        Where each hidden layer is; its cells fill it, or the side where memory leaves it.
    rest : T boxes
        What the cells leave of it.
    answers : T boxes
        Where each answer is.
    cells : T QuadMeshes
        The hidden layer after each step, the first unit at the top.
    artists : dict of T lists
        "read", "memory" (the arrow into a step), "hidden", "leads" (the arrow to the answer), "answer" and
        "truth".
    order : H int
        The units from the top.
    title, said : Text
        Above and below all of it.
    letters : float
        How large they are at most, in points.
    """

    figure: Figure
    ax: Axes
    boxes: tuple[Box, ...]
    rest: tuple[Box, ...]
    answers: tuple[Box, ...]
    cells: tuple[Any, ...]
    artists: Mapping[str, tuple[Artists, ...]]
    order: tuple[int, ...]
    title: Text
    said: Text
    letters: float

    @property
    def is_backwards(self) -> bool:
        """Whether time runs from right to left."""
        return self.boxes[0] > self.boxes[-1]

    def show(self, **steps: int) -> None:
        """Show of each kind the first so many steps, and hide the others: ``show(read=3, hidden=2)``."""
        for kind, lists in self.artists.items():
            for t, artists in enumerate(lists):
                for artist in artists:
                    artist.set_visible(t < steps.get(kind, 0))

    def retell(self, trace: Trace, title: str) -> None:
        """Tell what another network makes of the same question: other shades, other answers."""
        self.title.set_text(seen(title))
        for t, mesh in enumerate(self.cells):
            mesh.set_array(trace.layer_1[0, t + 1, list(self.order)][:, None])
            frame, said, *_ = self.artists["answer"][t]
            frame.set(**_framed(trace, t))
            said.set(**_answered(trace, t, self.answers[t], self.letters))
            self.artists["truth"][t][0].set(**_wanted(trace, t, self.boxes[t], self.letters))


def _blank() -> tuple[Figure, Axes]:
    """Return a figure for a film, and axes that cover it, an inch for an inch."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(0, HEIGHT), autoscale_on=False)
    ax.set_axis_off()
    return figure, ax


def refuse_long(trace: Trace) -> None:
    """Raise a UsageError if there is no room for so many steps."""
    if trace.time > MOST_STEPS:
        counted = trace.caption.counted
        raise UsageError(f"a film of {counted(trace.time)}", f"at most {counted(MOST_STEPS)}", "a shorter question")


def set_stage(
    trace: Trace,
    where: Box,
    *,
    order: Sequence[int] | None = None,
    cell: float = 1.0,
    foot: float = 0.0,
    shown: Sequence[Trace] = (),
) -> Stage:
    """Put the first sequence of a trace on a stage with a figure of its own.

    Parameters
    ----------
    trace : Trace
    where : left, bottom, right, top
        The room that there is, in inches; the names of the rows stand in the first of them.
    order : H int, or None
        The units from the top; None for the first unit first.
    cell : float
        How much of the width of a hidden layer its cells take.
    foot : float
        Inches to be left free under each hidden layer.
    shown : traces
        All that the stage will retell, whose cells have the same shades.

    Raises
    ------
    UsageError
        There is no room for so many steps.
    """
    refuse_long(trace)
    figure, ax = _blank()
    units = tuple(range(trace.spec.hidden_dim) if order is None else order)
    limits = shades(trace.spec.activation, np.stack([each.layer_1[0] for each in (trace, *shown)]))
    plan = _plan(trace, where, foot)
    _write_heads(ax, trace, plan, limits)
    layer_1 = trace.layer_1[0][:, list(units)]
    look = {"cmap": "Greys", "vmin": limits[0], "vmax": limits[1]}
    artists: dict[str, list[Artists]] = {}
    meshes, rest = [], []
    for t, (left, low, right, high) in enumerate(plan.boxes):
        leaves = left + cell * (right - left) if trace.caption.is_read_backwards else right - cell * (right - left)
        sides = [(left, low, leaves, high), (leaves, low, right, high)]
        inner, other = sides if trace.caption.is_read_backwards else sides[::-1]
        box(ax, plan.boxes[t], facecolor="none", edgecolor=FAINT, zorder=0)
        meshes.append(cells(ax, inner, layer_1[t + 1][:, None], **look))
        rest.append(other)
        made = {
            "read": _read(ax, trace, plan, t),
            "memory": _memory(ax, trace, plan, t) if t else [],
            "hidden": [meshes[-1], box(ax, plan.boxes[t], facecolor="none", edgecolor="black")],
            "leads": [arrow(ax, ((left + right) / 2, plan.leads), ((left + right) / 2, plan.answers[t][3] + 0.03))],
            "answer": _answer(ax, trace, plan, t),
            "truth": [write(ax, (left + right) / 2, plan.truth, **_wanted(trace, t, plan.boxes[t], plan.letters))],
        }
        for kind, some in made.items():
            artists.setdefault(kind, []).append(some)
    return Stage(
        figure=figure,
        ax=ax,
        boxes=plan.boxes,
        rest=tuple(rest),
        answers=plan.answers,
        cells=tuple(meshes),
        artists={kind: tuple(some) for kind, some in artists.items()},
        order=units,
        title=write(ax, WIDTH / 2, 5.7, seen(trace.caption.title), TITLE),
        said=write(ax, WIDTH / 2, 0.3, "", 12),
        letters=plan.letters,
    )


@dataclass(frozen=True)
class _Plan:
    """Where everything is, in inches: of each step x and two boxes, of each row y."""

    heads: float
    top: float
    boxes: tuple[Box, ...]
    answers: tuple[Box, ...]
    rows: tuple[float, ...]
    state: float
    leads: float
    truth: float
    letters: float


def _plan(trace: Trace, where: Box, foot: float) -> _Plan:
    left, bottom, right, top = where
    left += HEADS
    caption, steps = trace.caption, trace.time
    pitch = (right - left) / steps
    half = min(0.37 * pitch, 0.5)
    wide = min(half, max(0.7 * half, 0.3))  # of an answer
    xs = [left + pitch * (0.5 + (steps - 1 - t if caption.is_read_backwards else t)) for t in range(steps)]
    rows = tuple(top - 0.45 - ROW * k for k in range(len(caption.rows[:MOST_ROWS])))
    low = bottom + (1.5 if caption.states else 1.12) + foot
    return _Plan(
        heads=left - 0.12,
        top=top,
        boxes=tuple((x - half, low, x + half, rows[-1] - 0.43) for x in xs),
        answers=tuple((x - wide, bottom + 0.4, x + wide, bottom + 0.74) for x in xs),
        rows=rows,
        state=low - foot - 0.24,
        leads=low - foot - (0.44 if caption.states else 0.04),
        truth=bottom + 0.16,
        letters=max(6.0, min(12.0, 36 * pitch)),
    )


def _write_heads(ax: Axes, trace: Trace, plan: _Plan, limits: tuple[float, float]) -> None:
    caption = trace.caption
    look = {"ha": "right", "va": "center"}
    write(ax, plan.heads, plan.top - 0.14, "step", SMALL, color=QUIET, **look)
    for y, (head, _) in zip(plan.rows, caption.rows, strict=False):
        write(ax, plan.heads, y, cut(seen(head), 12), 10, **look)
    _, low, _, high = plan.boxes[0]
    write(ax, plan.heads, (low + high) / 2, "hidden\nlayer", 10, **look)
    told = f"white {limits[0]:g}\nblack {limits[1]:.2g}"
    write(ax, plan.heads, (low + high) / 2 - 0.38, told, SMALL, color=QUIET, **look)
    if caption.states:
        write(ax, plan.heads, plan.state, f"{caption.memory or 'state'} to\nremember", 9, **look)
    write(ax, plan.heads, (plan.answers[0][1] + plan.answers[0][3]) / 2, "answer", 10, **look)
    write(ax, plan.heads, plan.truth, "should be", 10, **look)
    for t, (left, _, right, _) in enumerate(plan.boxes):
        if right - left > NARROW or t % 5 == 0:
            write(ax, (left + right) / 2, plan.top - 0.14, str(t), SMALL, color=QUIET)


def _read(ax: Axes, trace: Trace, plan: _Plan, t: int) -> Artists:
    """Draw what is read at step t, in its hue, and the arrow from it."""
    left, _, right, high = plan.boxes[t]
    artists: Artists = []
    for y, (_, row) in zip(plan.rows, trace.caption.rows, strict=False):
        place = (left, y - 0.14, right, y + 0.14)
        box(ax, place, facecolor="white", edgecolor=FAINT)
        artists.append(box(ax, place, facecolor=hue(t), edgecolor="black"))
        said = fit(place, seen(row[t]), plan.letters)
        artists.append(write(ax, (left + right) / 2, y, color=ink_on(hue(t)), **said))
    x = (left + right) / 2
    return [*artists, arrow(ax, (x, plan.rows[-1] - 0.16), (x, high + 0.02))]


def _memory(ax: Axes, trace: Trace, plan: _Plan, t: int) -> Artists:
    """Draw the arrow into step t from what it remembers: the layer before, or with recurrence "input" its input."""
    before, here = plan.boxes[t - 1], plan.boxes[t]
    middle = (here[1] + here[3]) / 2
    source, target = (before[2], here[0]) if here[0] > before[0] else (before[0], here[2])
    y = middle if trace.spec.recurrence == "hidden" else plan.rows[-1]
    return [arrow(ax, (source, y), (target, middle))]


def _answer(ax: Axes, trace: Trace, plan: _Plan, t: int) -> Artists:
    """Draw the answer in black, and what is to be remembered: boxed, unless it is what there was at the beginning."""
    caption = trace.caption
    left, bottom, right, top = plan.answers[t]
    x = (left + right) / 2
    artists: Artists = [box(ax, plan.answers[t], **_framed(trace, t))]
    artists.append(write(ax, x, (bottom + top) / 2, **_answered(trace, t, plan.answers[t], plan.letters)))
    box(ax, plan.answers[t], facecolor="none", edgecolor=FAINT, zorder=0)
    if caption.states:
        first, state = caption.remembered[0], caption.remembered[t + 1]
        around = {"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": "black", "linewidth": 1.6}
        look: dict[str, Any] = {"color": "black", "bbox": around, "zorder": 4}
        if state == first:
            look = {"color": QUIET, "bbox": around | {"edgecolor": "none"}, "zorder": 4}
        name = fit(plan.boxes[t], _folded(seen(state)), plan.letters)
        artists.append(write(ax, x, plan.state, **look, **name, va="center", linespacing=1.0))
    return artists


def _answered(trace: Trace, t: int, where: Box, letters: float) -> dict[str, Any]:
    return {"color": INK[trace.caption.right[t]]} | fit(where, seen(trace.caption.answers[t]), letters)


def _framed(trace: Trace, t: int) -> dict[str, Any]:
    """Return the look of an answer: filled, or hollow when it is wrong."""
    return {"facecolor": "white" if trace.caption.right[t] is False else ANSWER, "edgecolor": ANSWER, "linewidth": 1.6}


def _wanted(trace: Trace, t: int, where: Box, letters: float) -> dict[str, Any]:
    """Return what an answer should be, and whether it is."""
    return fit(where, seen(trace.caption.truth[t]), letters, f" {sign(trace.caption.right[t])}".rstrip())


def _folded(name: str) -> str:
    """Return a long name of several words in two lines that are as short as can be."""
    words = name.split(" ")
    if len(name) <= FOLDED or len(words) < 2:
        return name
    folds = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return "\n".join(min(folds, key=lambda fold: max(map(len, fold))))
