"""The coloured memory: which inputs are in each hidden state, one hue for each, as the tutorial colours it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from carrybit.figures import columns, scales, signs
from carrybit.figures.columns import clear
from carrybit.figures.hues import FAINT, PUSHES_DOWN, QUIET, hue, ink_on
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from carrybit.attribution import Attribution

MOST_CELLS = (16, 64)  # steps and units that are drawn one by one; of more, the shares of the whole layer
MOST_STEPS = 60
WIDTH, FULL = 0.9, 0.92  # of a column; of the height of a cell
WRITTEN, TALL = 0.11, 0.065  # shares of a column, and inches, with room for a number
ROW, FRAME = 0.24, 1.6  # inches: of a row of percentages, and of what stands above and below it all
BARS = 4.0  # inches


def size(trace: Trace) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it; UsageError if there is none."""
    columns.refuse("steps", trace.time, MOST_STEPS, "--view layers")
    steps, hidden_dim = trace.time, trace.spec.hidden_dim
    if _is_large(trace):
        return min(3.5 + 0.4 * steps, 16), BARS + FRAME
    cells = max(2.5, min(0.3 * hidden_dim, 10))
    return 2.6 + max(0.75 * steps, 3), cells + ROW * (steps + len(trace.caption.rows) + 3) + FRAME


def draw_provenance(trace: Trace, attribution: Attribution, ax: Axes) -> Axes:
    """Draw every hidden state of the first sequence as a column of its units, filled by the inputs that made them.

    A cell is filled by what the inputs so far put into its unit, Σ |values|, against the fullest cell of its column,
    and the fill is divided among them: so the area of a hue in a column is the input's share, which stands below in per
    cent. Hatched is what pushes the unit down. Units that look farthest back are on top. Of more than 16 steps or 64
    units, only the shares of the whole layer are drawn, as bars.

    Parameters
    ----------
    trace : Trace
    attribution : Attribution
        Of this trace.
    ax : Axes

    Returns
    -------
    ax : the same Axes

    Raises
    ------
    UsageError
        More than 60 steps.
    """
    columns.refuse("steps", trace.time, MOST_STEPS, "--view layers")
    xs = columns.places(trace.caption, trace.time)
    shares = attribution.shares()[0]
    if _is_large(trace):
        _draw_bars(shares, xs, ax)
    else:
        _draw_cells(trace, scales.relative(attribution.values[0]), xs, ax)
        _write(trace, shares, xs, ax)
    sampled = "" if attribution.error is None else f"; standard error of a value ≤ {attribution.error[0].max():.2g}"
    ax.set_title(f"{signs.seen(trace.caption.title)}\n", parse_math=False)
    said = "share of each input in the whole of layer_1" if _is_large(trace) else "what each input put into each unit"
    note = "" if _is_large(trace) else "; hatched: pushes it down"
    what = f"{said} ({attribution.method}{sampled}){note}"
    ax.text(0.5, 1.01, what, ha="center", fontsize=8, transform=ax.transAxes)
    ax.set_xlabel(f"layer_1 after each {columns.time_runs(trace.caption)}")
    return ax


def _is_large(trace: Trace) -> bool:
    most_steps, most_units = MOST_CELLS
    return trace.time > most_steps or trace.spec.hidden_dim > most_units


def _by_age(values: Array) -> Array:
    """Return the units in order of how far back they look on average, the farthest first: (H,); values (T, H, T)."""
    amounts = np.abs(values)
    steps = np.arange(len(values))
    ages = np.maximum(steps[:, None] - steps, 0)  # (T, T)
    total = amounts.sum(axis=(0, 2))
    looked = np.einsum("ths,ts->h", amounts, ages)
    return np.argsort(-looked / np.where(total > 0, total, 1), kind="stable")


def _draw_cells(trace: Trace, values: Array, xs: list[int], ax: Axes) -> None:
    """Draw T columns of H cells, values (T, H, T)."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    order = _by_age(values)
    amounts = np.abs(values)[:, order]  # (T, H, T)
    totals = amounts.sum(axis=2)  # (T, H)
    fullest = totals.max(axis=1, keepdims=True)
    heights = FULL * totals / np.where(fullest > 0, fullest, 1)
    widths = WIDTH * amounts / np.where(totals > 0, totals, 1)[:, :, None]
    lefts = np.cumsum(widths, axis=2) - widths - WIDTH / 2
    frames = [Rectangle((x - WIDTH / 2, row - FULL / 2), WIDTH, FULL) for x in xs for row in range(len(order))]
    ax.add_collection(PatchCollection(frames, facecolor="#f4f4f4", edgecolor=FAINT, linewidth=0.4, zorder=1))
    inch = _unit_inches(trace, ax)
    for s in range(trace.time):
        stripes: dict[bool, list[Rectangle]] = {True: [], False: []}
        for t in range(s, trace.time):
            for row in np.flatnonzero(widths[t, :, s] > 0).tolist():
                width, height = float(widths[t, row, s]), float(heights[t, row])
                corner = (xs[t] + float(lefts[t, row, s]), row + FULL / 2 - height)
                stripes[bool(values[t, order[row], s] < 0)].append(Rectangle(corner, width, height))
                if width > WRITTEN and height * inch > TALL:
                    size = min(6.5, 62 * height * inch)
                    middle = (corner[0] + width / 2, corner[1] + height / 2)
                    box = {"boxstyle": "square,pad=0.15", "facecolor": hue(s), "edgecolor": "none"}
                    ax.text(*middle, str(s), ha="center", va="center", fontsize=size, color=ink_on(hue(s)), bbox=box)
        for is_down, patches in stripes.items():
            hatch = PUSHES_DOWN if is_down else None
            drawn = PatchCollection(patches, facecolor=hue(s), edgecolor="white", linewidth=0.4, hatch=hatch, zorder=2)
            drawn.set_label(f"step {s}, pushes {'down' if is_down else 'up'}")
            ax.add_collection(drawn)
    for row, unit in enumerate(order.tolist()):
        ax.text(min(xs) - 0.55, row, f"unit {unit}", ha="right", va="center", fontsize=min(6, 55 * inch), color=QUIET)


def _unit_inches(trace: Trace, ax: Axes) -> float:
    """Return about how high a cell is, in inches."""
    rows = trace.time + len(trace.caption.rows) + 3
    return float((columns.inches(ax)[1] - FRAME - ROW * rows) / trace.spec.hidden_dim)


def _write(trace: Trace, shares: Array, xs: list[int], ax: Axes) -> None:
    """Write what was read above the columns, and below each the share of every input in it, (T, T), in per cent."""
    from matplotlib.patches import Rectangle

    caption, hidden_dim, steps = trace.caption, trace.spec.hidden_dim, trace.time
    gap = ROW / max(_unit_inches(trace, ax), 0.02)
    head_x = min(xs) - 0.6
    y = -0.5 - 0.8 * gap
    if caption.states:
        states = caption.remembered[1:]
        size = columns.letters(states, 0.75, largest=9)
        columns.write(ax, f"{caption.memory} after", states, xs, y, head_x=head_x, size=size)
        y -= gap
    for head, cells in caption.rows[::-1]:
        columns.write(ax, head, cells, xs, y, head_x=head_x, size=columns.letters(cells, 0.75))
        y -= gap
    top, y = y, hidden_dim - 0.5 + gap
    ax.text(head_x, y, "of what was read at", ha="right", va="center", fontsize=8)
    ax.text(float(np.mean(xs)), y, "in it, %  (bold: the most)", ha="center", va="center", fontsize=8)
    for s in range(steps):
        y += gap
        box = Rectangle((head_x - 0.42, y - 0.42 * gap), 0.42, 0.84 * gap, facecolor=hue(s), clip_on=False)
        ax.add_patch(box)
        ax.text(head_x - 0.21, y, str(s), ha="center", va="center", fontsize=8, color=ink_on(hue(s)))
        name = columns.shown_head(f"step {s}: {columns.read_at(caption, s)}")
        ax.text(head_x - 0.5, y, name, ha="right", va="center", fontsize=8, parse_math=False)
        for t in range(s, steps):
            weight = "bold" if shares[t, s] == np.nanmax(shares[t, : t + 1], initial=-1) else "normal"
            said = "–" if np.isnan(shares[t, s]) else _percent(float(shares[t, s]))
            ax.text(xs[t], y, said, ha="center", va="center", fontsize=8, fontweight=weight)
    ax.set(xlim=(head_x - 0.05, max(xs) + 0.55), ylim=(y + 0.7 * gap, top + 0.3 * gap), yticks=[])
    ax.set_xticks(xs, [str(t) for t in range(steps)], fontsize=8)
    ax.tick_params(length=0)
    clear(ax)


def _percent(share: float) -> str:
    """Return a share in per cent; exactly nothing is 0, and what is only little is not."""
    return "0" if share == 0 else "<1" if share < 0.005 else f"{100 * share:.0f}"


def _draw_bars(shares: Array, xs: list[int], ax: Axes) -> None:
    """Draw the shares (T, T) in the whole hidden layer as stacked bars, the first input at the bottom."""
    steps = len(shares)
    bottoms = np.zeros(steps)
    known = np.nan_to_num(100 * shares)
    for s in range(steps):
        ax.bar(xs, known[:, s], WIDTH, bottoms, color=hue(s), edgecolor="white", linewidth=0.3, label=str(s))
        for t in range(s, steps):
            if known[t, s] >= 5:
                middle = (xs[t], bottoms[t] + known[t, s] / 2)
                ax.text(*middle, str(s), ha="center", va="center", fontsize=5.5, color=ink_on(hue(s)))
        bottoms = bottoms + known[:, s]
    ax.set(ylim=(0, 100), xlim=(min(xs) - 0.6, max(xs) + 0.6), ylabel="share in the whole of layer_1, %")
    numbered = columns.ticks(steps)
    ax.set_xticks([xs[t] for t in numbered], [str(t) for t in numbered], fontsize=8)
    clear(ax, "right", "top")
