"""The picture that is the proof: cells that lead into cells, the way of a word through them, the machine on top."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit import figures
from carrybit.figures import columns, states
from carrybit.figures.hues import HUES, MARKERS, QUIET, hue
from carrybit.machines.arrows import arrows
from carrybit.proof.exact.pairs import Pairs
from carrybit.proof.induction.shadow import Shadow, shadow
from carrybit.proof.theorem import rounded_down
from carrybit.proof.verdict import Proved, Refuted, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, PLANE = 8.2, 6.4  # inches: of the page, and how high the plane is
MOST_STATES, MOST_ARROWS = 40, 120  # of a machine that is drawn on top
HIGHEST = 7.0  # inches, of the machine
NUMBERED, TOGETHER = 8, 0.04  # steps of the word; how near they share a label, of the whole span
MOST_TOLD = 24  # pairs of a state and a symbol whose cells are labelled
MOST_BELOW = 24  # names of a column of the legend
LETTERS = 112  # of a line
LINES: tuple[Any, ...] = (
    "-",
    (0, (4, 1.2)),
    (0, (1, 1)),
    (0, (4, 1, 1, 1)),
)  # around cells; hues are told apart by them, too
HEADS = {
    "PROVED": "PROVED for every length: this network is this machine",
    "REFUTED": "REFUTED: this network is not this machine",
    "OPEN": "OPEN: neither proved nor refuted to be this machine",
}
INKS = {"PROVED": "#006b4e", "REFUTED": "#a63a00", "OPEN": "#7a5200"}  # dark enough to be read on white


def draw_proof(verdict: Verdict) -> Figure:
    """Return a figure of a verdict: the machine, and below it what the network's memory does.

    Parameters
    ----------
    verdict : Verdict
        Of a proof by cells, these are drawn. Of any other, what is remembered after random words.
    """
    cast = shadow(verdict)
    machine, asked = verdict.claim.machine, verdict.claim.asked
    is_drawn = len(machine.states) <= MOST_STATES and len(arrows(machine, asked=asked)) <= MOST_ARROWS
    width, high = states.size(machine, asked) if is_drawn else (WIDTH, 0.0)
    width, high = max(WIDTH, min(width, 2 * WIDTH)), min(high, HIGHEST)
    drawing = figures.empty(width, PLANE + high + 0.5)
    drawing.suptitle(HEADS[verdict.status], fontsize=15, fontweight="bold", color=INKS[verdict.status])
    if is_drawn:
        top, below = drawing.subplots(2, 1, height_ratios=[high, PLANE])
        states.draw_machine(machine, top, asked, [colour(state) for state in range(len(machine.states))])
    else:
        below = drawing.add_subplot()
    draw_cells(cast, below)
    return drawing


def draw_cells(cast: Shadow, ax: Axes) -> Axes:
    """Draw cells, or else memories, coloured by the machine's state, and the way of a word through them.

    Each state has a hue, a line around its cells, and a marker. The start is a star; the first steps of the word are
    numbered. Small letters say which symbol leads to the cells nearby.

    Parameters
    ----------
    cast : Shadow
    ax : Axes

    Returns
    -------
    ax : the same Axes
    """
    names = cast.verdict.claim.machine.states
    seen = np.unique(np.concatenate([cast.cell_states, cast.dot_states, cast.way_states]))
    for state in seen.tolist():
        if len(cast.outlines):
            _draw_outlines(cast.outlines[cast.cell_states == state], state, ax)
        else:
            _draw_dots(cast.dots[cast.dot_states == state], state, ax)
    _draw_symbols(cast, ax)
    _draw_way(cast, ax)
    ax.set_title(_told(cast), fontsize=9.5, color=QUIET, parse_math=False)
    _label(cast, ax)
    ax.margins(0.06)
    ax.autoscale_view()
    ax.set_aspect("equal", adjustable="datalim")
    columns.clear(ax, "top", "right")
    if len(seen) > 1:
        _legend([(state, names[state]) for state in seen.tolist()], ax)
    return ax


def _mark(points: Any, marker: str, size: float, fill: Any, ax: Axes, **look: Any) -> None:
    x, y = points.T
    ax.scatter(x, y, size, fill, marker=marker, **look)


def colour(state: int) -> tuple[float, float, float]:
    """Return the colour of a machine's state: of the first two, the second is the warm one, as a carry is."""
    turn, place = divmod(state, len(HUES))
    return hue(turn * len(HUES) + (1 - place) % len(HUES))


def _draw_outlines(outlines: Any, state: int, ax: Axes) -> None:
    from matplotlib.collections import PolyCollection

    thin = float(np.clip(24 / max(len(outlines), 1), 0.03, 0.25))  # many lie upon each other
    look: dict[str, Any] = {"linestyles": [LINES[state % len(LINES)]], "zorder": 1}
    ax.add_collection(
        PolyCollection(
            outlines, facecolors=[(*colour(state), thin)], edgecolors=[(*colour(state), 0.55)], **look, linewidths=0.6
        )
    )


def _draw_symbols(cast: Shadow, ax: Axes) -> None:
    """Write which symbol leads to cells, once for each state and symbol, below the cell in the middle of them."""
    from matplotlib.patheffects import withStroke

    pairs = np.unique(np.column_stack([cast.cell_states, cast.cell_symbols]), axis=0)
    for state, symbol in pairs.tolist() if len(pairs) <= MOST_TOLD else []:
        some = cast.outlines[(cast.cell_states == state) & (cast.cell_symbols == symbol)]
        middles = some.mean(axis=1)
        cell = some[np.abs(middles - np.median(middles, axis=0)).sum(axis=1).argmin()]
        place = cell[:, 0].mean(), cell[:, 1].min()
        text = f"…{columns.shown(cast.verdict.claim.machine.symbols[symbol])}" if symbol >= 0 else ""
        look: dict[str, Any] = {"ha": "center", "va": "top", "textcoords": "offset points", "parse_math": False}
        halo = [withStroke(linewidth=2, foreground="white")]
        ax.annotate(text, place, (0, -3), fontsize=8, color=QUIET, path_effects=halo, zorder=5, **look)


def _draw_dots(dots: Any, state: int, ax: Axes) -> None:
    marker = MARKERS[state % len(MARKERS)]
    _mark(dots, marker, 9, [colour(state)], ax, alpha=0.45, linewidths=0, zorder=1)


def _draw_way(cast: Shadow, ax: Axes) -> None:
    """Draw where a word leads: a line, a mark at each step; arrows and numbers at the first ones."""
    way = cast.way
    ax.plot(way[:, 0], way[:, 1], "-", color="black", linewidth=0.5, alpha=0.3, zorder=2)
    for state in np.unique(cast.way_states).tolist():
        marker, points = MARKERS[state % len(MARKERS)], way[cast.way_states == state]
        _mark(points, marker, 20, [colour(state)], ax, edgecolors="black", linewidths=0.6, zorder=3)
    if not cast.skipped:
        _mark(way[:1], "*", 190, "white", ax, edgecolors="black", linewidths=1.0, zorder=4)
        _number(way[: NUMBERED + 1], ax)
    if isinstance(cast.verdict, Refuted):
        _mark(way[-1:], "x", 130, "black", ax, linewidths=2.2, zorder=5)


def _number(way: Any, ax: Axes) -> None:
    """Draw arrows along the first steps, and their numbers; steps that come to one place share a label."""
    from matplotlib.patheffects import withStroke

    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 0.9, "shrinkA": 4, "shrinkB": 4, "mutation_scale": 9}
    for source, target in pairwise(way):
        ax.annotate("", target, source, arrowprops={**arrow, "connectionstyle": "arc3,rad=0.06"}, zorder=4)
    near, labels = TOGETHER * np.ptp(way, axis=0).max(), list[tuple[Any, list[str]]]()
    for step, place in enumerate(way):
        told = next((told for spot, told in labels if np.abs(place - spot).max() <= near), None)
        if told is None:
            labels.append((place, told := []))
        told.append(str(step) if step else "start")
    look: dict[str, Any] = {"fontsize": 10, "fontweight": "bold", "zorder": 6, "textcoords": "offset points"}
    halo = [withStroke(linewidth=2.5, foreground="white")]
    for place, told in labels:
        ax.annotate(" ".join(told), place, (7, 6), path_effects=halo, **look)


def _told(cast: Shadow) -> str:
    """Return what is below the head: how large the proof is, or what stood in its way; and which word is drawn."""
    verdict = cast.verdict
    if isinstance(verdict, Proved) and len(cast.outlines):
        told = (
            f"{len(cast.outlines) + 1:,} cells, the start alone in one of them: from each, whatever is read, "
            f"every answer is right until the memory is in a cell again; margin ≥ {rounded_down(verdict.margin)}, "
            f"though every unit is off by up to {verdict.claim.eps:g} at every step"
        )
    elif isinstance(verdict, Proved):
        told = f"whole numbers: no more than {_pairs(verdict):,} pairs of a memory and a state, and no wrong answer"
    elif isinstance(verdict, Refuted):
        told = f"a word of {len(verdict.word):,} symbols is answered wrongly at its last step, ×"
    else:
        told = verdict.why
    return textwrap.fill(told, LETTERS) + "\n" + _word(cast)


def _pairs(verdict: Proved) -> int:
    assert isinstance(verdict.invariant, Pairs)
    return verdict.invariant.count


def _word(cast: Shadow) -> str:
    """Return how the word that is drawn begins."""
    symbols = cast.verdict.claim.machine.symbols
    if cast.skipped:
        return f"its last {len(cast.word):,} steps"
    begins = " ".join(columns.shown(symbols[symbol]) for symbol in cast.word[:NUMBERED])
    more = " …" if len(cast.word) > NUMBERED else ""
    kind = "its" if isinstance(cast.verdict, Refuted) else "a word's"
    return f"{kind} {len(cast.word):,} steps are drawn: {begins}{more}"


def _label(cast: Shadow, ax: Axes) -> None:
    if cast.is_exact:
        ax.set_xlabel("unit 1")
        ax.set_ylabel("unit 2" if len(cast.mean) > 1 else "")
        return
    first, second = 100 * cast.explained
    ax.set_xlabel(f"first main axis of the memory ({first:.0f} % of the variance)")
    ax.set_ylabel(f"second ({second:.0f} %)")


def _legend(entries: Sequence[tuple[int, str]], ax: Axes) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            color=colour(state),
            linestyle=LINES[state % len(LINES)],
            marker=MARKERS[state % len(MARKERS)],
            markeredgecolor="black",
            markersize=6,
            label=columns.shown_head(name),
        )
        for state, name in entries[:MOST_STATES]
    ]
    legend = ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1, 1),
        fontsize=9,
        frameon=False,
        ncols=1 + len(handles) // MOST_BELOW,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
