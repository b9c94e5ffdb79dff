"""The way back: answers in black, errors in bright yellow, derivatives in mustard, from the last step to the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures import columns, scales, signs
from carrybit.figures.columns import clear
from carrybit.figures.hues import ANSWER, DERIVATIVE, ERROR, QUIET, ink_on, mustard, yellow
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

MOST_STEPS, MOST_UNITS, MOST_OUTPUTS = 40, 128, 32
MOST_PAIRS = 4  # of bars in a column
MOST_SIGNED = 1_300  # cells with + or - in them
LINES = {"synapse_0": ("-", "o"), "synapse_h": ("--", "s"), "synapse_1": (":", "^")}
LARGE = 1_000  # an error that has no room for decimals
SMALL = 0.01  # of the largest; in a smaller cell no sign is written


def size(trace: Trace) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    return min(3 + 0.75 * max(trace.time, 4), 15), 5.4 + sum(_heights(trace)[1:3]) / 2


def draw_backward(trace: Trace, figure: Figure) -> Figure:
    """Draw the first sequence's way back on four axes, one above the other, with a column for each step.

    Answers beside targets; the errors; the derivatives by what arrives at each hidden unit; and how large the
    gradients have become so far, from the last step, where they begin, to the first. Signs are written in the cells.

    Parameters
    ----------
    trace : Trace
    figure : Figure
        Empty; it is given four axes.

    Returns
    -------
    figure : the same Figure

    Raises
    ------
    UsageError
        More than 40 steps, 128 hidden units or 32 outputs.
    """
    columns.refuse("steps", trace.time, MOST_STEPS, "--view layers")
    columns.refuse("hidden units", trace.spec.hidden_dim, MOST_UNITS, "--view layers")
    columns.refuse("outputs", trace.spec.output_dim, MOST_OUTPUTS, "--view layers")
    caption = trace.caption
    xs = columns.places(caption, trace.time)
    answers, errors, derivatives, gradients = figure.subplots(
        4, 1, sharex=True, gridspec_kw={"height_ratios": _heights(trace)}
    )
    _draw_answers(trace, xs, answers)
    _draw_errors(trace, xs, errors)
    _draw_cells(trace.d_pre_1[0].T, xs, mustard(), "d_pre_1", derivatives)
    names = [f"unit {unit}" for unit in range(trace.spec.hidden_dim)]
    _name_rows(names, derivatives)
    _draw_gradients(trace, xs, gradients)
    for ax, said in (
        (answers, "answers"),
        (errors, "errors: targets − answers"),
        (derivatives, "derivatives by what arrives at layer_1"),
        (gradients, "gradients so far"),
    ):
        ax.set_title(said, loc="left", fontsize=9)
        ax.set_xlim(min(xs) - 0.5, max(xs) + 0.5)
        ax.tick_params(axis="x", length=0)
    read = [columns.read_at(caption, t) for t in range(trace.time)]
    inches = 0.75 * figure.get_size_inches()[0] / trace.time
    named = [f"{t}\n{cell}" for t, cell in enumerate(read)]
    gradients.set_xticks(xs, named, fontsize=columns.letters(read, inches, largest=9), parse_math=False)
    way, arrow = ("to the right", "→") if caption.is_read_backwards else ("to the left", "←")
    gradients.set_xlabel(f"{caption.step}, and what was read; the way back goes {way}  {arrow}")
    figure.suptitle(signs.seen(caption.title), parse_math=False)
    return figure


def _heights(trace: Trace) -> list[float]:
    """Return how high the four axes are, in proportion."""
    outputs, hidden_dim = trace.spec.output_dim, trace.spec.hidden_dim
    return [2.2, 2.2 if outputs == 1 else max(1.6, 0.42 * outputs), max(2.4, min(0.3 * hidden_dim, 9)), 2.8]


def _draw_answers(trace: Trace, xs: Sequence[int], ax: Axes) -> None:
    """Draw what should be said as open bars and what is said as black ones; of classes, those of the right one."""
    targets, counts = trace.targets[0], trace.mask[0]
    low, high = scales.ends(trace.layer_2[0], targets)
    layer_2 = scales.within(trace.layer_2[0], low, high)
    outputs = trace.spec.output_dim
    is_class = trace.spec.loss.startswith("softmax") or outputs > MOST_PAIRS
    pairs = [targets.argmax(axis=1)] if is_class else [np.full(trace.time, output) for output in range(outputs)]
    width, at = 0.4 / len(pairs), np.asarray(xs, float)
    for k, which in enumerate(pairs):
        wanted, said = (layer[np.arange(trace.time), which] for layer in (targets, layer_2))
        left = at + width * (2 * k - len(pairs) + 0.5)
        names = ("target", "answer") if k == 0 else ("_", "_")
        ax.bar(left[counts], wanted[counts], 0.9 * width, facecolor="white", edgecolor=ANSWER, label=names[0])
        ax.bar(left + width, said, 0.9 * width, color=ANSWER, label=names[1])
    ax.set_ylim(1.1 * low, low + 1.35 * (high - low))
    words = columns.answers(trace.caption)
    letters = columns.letters(words, 0.7 * columns.inches(ax)[0] / trace.time, largest=8)
    for x, word in zip(xs, words, strict=True):
        above = (x, low + 1.12 * (high - low))
        ax.text(*above, word, ha="center", va="bottom", fontsize=letters, parse_math=False)
    ax.set_ylabel("layer_2 at what\nis right" if is_class and outputs > 1 else "layer_2", fontsize=8)
    ax.axhline(0, color=ANSWER, linewidth=0.6)
    _legend(ax)
    clear(ax, "top", "right", "bottom")


def _draw_errors(trace: Trace, xs: Sequence[int], ax: Axes) -> None:
    """Draw the errors in bright yellow: bars of one output, cells of several."""
    error = trace.layer_2_error[0]
    if error.shape[1] > 1:
        _draw_cells(error.T, xs, yellow(), "error", ax)
        _name_rows(trace.caption.outputs, ax)
        return
    most = scales.size(error) or 1.0
    heights = scales.within(error[:, 0], -most, most)
    ax.bar(xs, heights, 0.6, color=ERROR, edgecolor=ANSWER, linewidth=0.8)
    ax.set_ylim(-1.5 * most, 1.5 * most)
    for t in np.flatnonzero(trace.mask[0]).tolist():
        value = float(error[t, 0])
        said = f"{value:+.3f}" if abs(value) < LARGE else f"{value:+.0e}"
        ax.annotate(
            said.replace("-", "−").replace("+nan", "nan"),
            (xs[t], heights[t]),
            (0, 3 if value >= 0 else -3),
            textcoords="offset points",
            ha="center",
            va="bottom" if value >= 0 else "top",
            fontsize=min(8.0, 90 / trace.time),
        )
    ax.axhline(0, color=ANSWER, linewidth=0.6)
    ax.set_ylabel("layer_2_error", fontsize=8)
    clear(ax, "top", "right", "bottom")


def _draw_cells(values: Array, xs: Sequence[int], shades: Colormap, label: str, ax: Axes) -> None:
    """Draw values (N, T) as cells, the darker the larger, with their signs; small ones are shown by a square root."""
    from matplotlib.colors import PowerNorm

    sizes, most = np.abs(values), scales.size(values) or 1.0
    order = np.argsort(xs)
    image = ax.imshow(sizes[:, order], aspect="auto", cmap=shades, norm=PowerNorm(0.5, 0, most), interpolation="none")
    ax.figure.colorbar(image, ax=ax, label=f"|{label}|", pad=0.01, aspect=12)
    for edge in np.arange(0.5, len(xs) - 1):
        ax.axvline(edge, color="white", linewidth=2)
    if values.size > MOST_SIGNED:
        return
    letters = min(8.0, 110 / len(values) + 2)
    for (row, t), value in np.ndenumerate(values):
        if abs(value) > SMALL * most:
            ink = ink_on(image.cmap(image.norm(abs(value))))
            sign = "+" if value > 0 else "−"
            ax.text(xs[t], row, sign, ha="center", va="center", fontsize=letters, color=ink)


def _name_rows(names: Sequence[str], ax: Axes) -> None:
    """Name the rows of cells, as many as there is room for."""
    rows = columns.ticks(len(names), most=40)
    ax.set_yticks(rows, [columns.shown(names[row]) for row in rows], fontsize=6, parse_math=False)
    ax.tick_params(length=0)
    clear(ax)


def _draw_gradients(trace: Trace, xs: Sequence[int], ax: Axes) -> None:
    """Draw the norm of each synapse's gradient so far, against the step that the way back has come to."""
    alone = trace.sequence(0)
    steps: list[dict[str, Any]] = [alone.assembled(t).arrays() for t in range(trace.time)]
    order = np.argsort(xs)
    for name, (line, marker) in LINES.items():
        norms = np.array([np.linalg.norm(gradient[name]) for gradient in steps])
        ax.plot(
            np.asarray(xs)[order],
            norms[order],
            line,
            marker=marker,
            color=DERIVATIVE,
            markeredgecolor="#5c4700",
            markersize=5,
            label=f"d_{name}",
        )
    ax.set_ylim(bottom=0)
    ax.set_ylabel("norm so far", fontsize=8, color=QUIET)
    _legend(ax)
    clear(ax, "top", "right")


def _legend(ax: Axes) -> None:
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1, 0.97),
        ncols=3,
        frameon=False,
        fontsize=8,
        columnspacing=1,
        handlelength=2.4,
    )
