"""The network unrolled: a column for each step, from what is read up to the answer, as the tutorial draws it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from carrybit.figures import columns, scales, signs
from carrybit.figures.columns import clear
from carrybit.figures.hues import QUIET, hue, ink_on
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PatchCollection

    from carrybit.attribution import Attribution

MOST_STEPS, MOST_UNITS = 16, 144
MOST_CIRCLES = 16  # of layer_0 or layer_2; larger layers are told by what is written beside them
APART, HALF = 3.0, 0.9  # between two columns; half of the block of hidden units
IN, BLOCK, OUT = 0.0, 2.5, 5.0  # heights of the three layers
ROW = 0.55
THINNEST, THICKEST = 0.6, 9.0  # of an arrow, in points
WRITTEN = 0.09  # smaller shares have no room for a number


def size(trace: Trace) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    rows = len(trace.caption.rows) + bool(trace.caption.states)
    return 2.6 + 1.25 * (trace.time + 1), 4.5 + 0.25 * rows


def draw_unrolled(trace: Trace, ax: Axes, attribution: Attribution | None = None) -> Axes:
    """Draw the first sequence as columns of circles, shaded by what each unit held, with the synapses as arrows.

    An arrow is as thick as what it carries: |layer · synapse|, averaged over the units that it arrives at. With an
    attribution, a strip below each hidden layer says which inputs are in it.

    Parameters
    ----------
    trace : Trace
    ax : Axes
    attribution : Attribution or None
        Of this trace.

    Returns
    -------
    ax : the same Axes

    Raises
    ------
    UsageError
        More than 16 steps, or more than 144 hidden units.
    """
    steps, caption = trace.time, trace.caption
    columns.refuse("steps", steps, MOST_STEPS, "--view layers")
    columns.refuse("hidden units", trace.spec.hidden_dim, MOST_UNITS, "--view layers")
    xs = [APART * place for place in columns.places(caption, steps)]
    before = APART * columns.beginning(caption, steps)
    limits = scales.shades(trace.spec.activation, trace.layer_1[0])
    hidden = _draw_layer(trace.layer_1[0], [before, *xs], BLOCK, limits, ax)
    ax.figure.colorbar(hidden, ax=ax, shrink=0.45, aspect=14, pad=0.01, label=f"layer_1 ({trace.spec.activation})")
    if trace.spec.input_dim <= MOST_CIRCLES:
        _draw_layer(trace.layer_0[0], xs, IN, scales.ends(trace.layer_0[0]), ax)
    if trace.spec.output_dim <= MOST_CIRCLES:
        _draw_layer(trace.layer_2[0], xs, OUT, scales.ends(trace.layer_2[0]), ax)
    for layer, y in ((trace.layer_0, IN), (trace.layer_2, OUT)):
        if layer.shape[2] > MOST_CIRCLES:
            for x in xs:
                ax.text(x, y, f"{layer.shape[2]} units", ha="center", va="center", fontsize=7, color=QUIET)
    _draw_synapses(trace, [before, *xs], ax)
    head_x = min(before, *xs) - 1.25
    bottom = _write(trace, [before, *xs], head_x, ax)
    if attribution is not None:
        _draw_strips(attribution.shares()[0], xs, ax)
        ax.text(head_x, BLOCK - HALF - 0.28, "inputs in it", ha="right", va="center", fontsize=9)
    ax.text(head_x, bottom, "step", ha="right", va="center", fontsize=9, color=QUIET)
    for t, x in enumerate(xs):
        box = {"boxstyle": "square,pad=0.25", "facecolor": hue(t), "edgecolor": "none"} if attribution else None
        ink = ink_on(hue(t)) if attribution else QUIET
        ax.text(x, bottom, str(t), ha="center", va="center", fontsize=8, color=ink, bbox=box)
    ax.set(xlim=(head_x - 0.2, max(before, *xs) + 1.2), ylim=(bottom - 0.35, OUT + 2.3), aspect="equal")
    ax.set(xticks=[], yticks=[], xlabel=columns.time_runs(caption))
    ax.set_title(signs.seen(caption.title), parse_math=False)
    clear(ax)
    return ax


def _draw_layer(layer: Array, xs: Sequence[float], y: float, limits: tuple[float, float], ax: Axes) -> PatchCollection:
    """Draw one circle for each unit (T, N) of a layer, in a block if there are many, white for the lowest."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Circle

    units = layer.shape[1]
    lines = 1 if units <= 5 else 2 if y != BLOCK else math.ceil(math.sqrt(units))
    across = math.ceil(units / lines)
    down = math.ceil(units / across)
    pitch = min(2 * HALF / across, 0.6)
    circles = [
        Circle((x + pitch * (k % across - (across - 1) / 2), y + pitch * ((down - 1) / 2 - k // across)), 0.44 * pitch)
        for x in xs
        for k in range(units)
    ]
    drawn = PatchCollection(circles, cmap="Greys", edgecolor="black", linewidth=0.5, zorder=3)
    drawn.set_array(scales.within(layer, *limits).reshape(-1))
    drawn.set_clim(*limits)
    ax.add_collection(drawn)
    return drawn


def _draw_synapses(trace: Trace, xs: Sequence[float], ax: Axes) -> None:
    """Draw what flows through the synapses at each step; ``xs`` begins with the memory before any input."""
    is_input = trace.spec.recurrence == "input"
    arrivals = trace.arrivals()
    with np.errstate(over="ignore"):
        flows = np.stack([np.abs(arrived[0]).mean(axis=1) for arrived in arrivals.values()])
    shares = dict(zip(arrivals, scales.relative(np.nan_to_num(flows, nan=np.inf)), strict=True))
    side = 1.0 if trace.caption.is_read_backwards else -1.0  # where the step before stands
    for t, x in enumerate(xs[1:]):
        past = (xs[t] - side * 0.2, IN + 0.45) if is_input else (xs[t] - side * (HALF + 0.1), BLOCK)
        to = (x + side * 0.75, BLOCK - HALF - 0.05) if is_input else (x + side * (HALF + 0.1), BLOCK)
        ways = {
            "synapse_0": ((x, IN + 0.45), (x, BLOCK - HALF - 0.55)),
            "synapse_h": (past, to),
            "synapse_1": ((x, BLOCK + HALF + 0.08), (x, OUT - 0.5)),
        }
        for name, (tail, tip) in ways.items():
            if name == "synapse_h" and is_input and t == 0:
                continue  # there was no input before
            _draw_arrow(tail, tip, float(shares[name][t]), ax)
    last = xs[-1]
    names = {"synapse_0": (last, 0.95), "synapse_1": (last, 3.75)}
    for name, (x, y) in names.items():
        ax.text(x - side * 0.35, y, name, ha="right" if side > 0 else "left", va="center", fontsize=7, color=QUIET)
    where = (xs[1] + xs[2 if len(xs) > 2 else 0]) / 2
    ax.text(where, IN if is_input else BLOCK + 0.4, "synapse_h", ha="center", fontsize=7, color=QUIET)


def _draw_arrow(tail: tuple[float, float], tip: tuple[float, float], share: float, ax: Axes) -> None:
    """Draw an arrow as thick as its share of the largest flow; a dotted line where nothing flows."""
    width = THINNEST + (THICKEST - THINNEST) * share
    ax.annotate(
        "",
        xy=tip,
        xytext=tail,
        arrowprops={
            "arrowstyle": f"-|>,head_width={0.14 + 0.02 * width},head_length=0.3",
            "linewidth": width,
            "color": "#8f8f8f",
            "linestyle": "-" if share else ":",
            "shrinkA": 0,
            "shrinkB": 0,
            "joinstyle": "miter",
        },
        zorder=2,
    )


def _write(trace: Trace, xs: Sequence[float], head_x: float, ax: Axes) -> float:
    """Write what is read, remembered, answered and wanted; return the height of the lowest row."""
    caption = trace.caption
    inches = 0.9
    for y, name in ((IN, "layer_0"), (BLOCK, "layer_1"), (OUT, "layer_2")):
        ax.text(head_x, y, name, ha="right", va="center", fontsize=9, color=QUIET)
    y = IN - 0.75
    for head, cells in caption.rows:
        columns.write(ax, head, cells, xs[1:], y, head_x=head_x, size=columns.letters(cells, inches))
        y -= ROW
    answers = columns.answers(caption)
    letters = columns.letters(answers, inches)
    columns.write(ax, "answer", answers, xs[1:], OUT + 0.75, head_x=head_x, size=letters)
    columns.write(ax, "target", caption.truth, xs[1:], OUT + 0.75 + ROW, head_x=head_x, size=letters)
    if caption.states:
        size = columns.letters(caption.remembered, inches, largest=9)
        above = OUT + 0.75 + 2 * ROW
        columns.write(ax, f"{caption.memory} after", caption.remembered, xs, above, head_x=head_x, size=size)
    return y


def _draw_strips(shares: Array, xs: Sequence[float], ax: Axes) -> None:
    """Draw below each hidden layer the share of every input step (T, T) in it, in its hue, with its number."""
    from matplotlib.patches import Rectangle

    y, height = BLOCK - HALF - 0.46, 0.36
    for t, x in enumerate(xs):
        left = x - HALF
        for s in range(t + 1):
            width = 2 * HALF * float(shares[t, s])
            if not width > 0:
                continue
            ax.add_patch(Rectangle((left, y), width, height, facecolor=hue(s), edgecolor="white", linewidth=0.5))
            if shares[t, s] >= WRITTEN:
                middle = (left + width / 2, y + height / 2)
                ax.text(*middle, str(s), ha="center", va="center", fontsize=6.5, color=ink_on(hue(s)))
            left += width
