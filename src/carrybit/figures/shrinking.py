"""How derivatives shrink on the way back, step by step; in parts, what the answer now gives and the memory later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.figures import columns, signs
from carrybit.figures.columns import clear
from carrybit.figures.hues import ANSWER, DERIVATIVE, QUIET
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_STEPS = 10_000
MOST_DOTTED = 60


def size(trace: Trace) -> tuple[float, float]:
    """Return the inches (width, height) of a figure with room for it."""
    return min(6.5 + 0.12 * trace.time, 12), 4.2


def draw_shrinking(trace: Trace, ax: Axes) -> Axes:
    """Draw ‖d_layer_1‖ of the first sequence against the steps back from the last one, on a logarithmic scale.

    The loss of all steps is refreshed by each of them. To see how the derivative of the last step's loss alone shrinks
    (the vanishing gradient), make the trace with a mask that counts this step only::

        mask = np.zeros(whole.mask.shape, bool)
        mask[:, -1] = True
        draw_shrinking(trace(network, whole.layer_0, whole.targets, mask, captions=whole.captions), ax)

    Parameters
    ----------
    trace : Trace
    ax : Axes

    Returns
    -------
    ax : the same Axes

    Raises
    ------
    UsageError
        More than 10,000 steps.
    """
    columns.refuse("steps", trace.time, MOST_STEPS, "a shorter question")
    steps = trace.time
    now, later = trace.blame()
    parts = {
        "both together": (trace.d_layer_1[0, 1:], "-", "o", DERIVATIVE),
        "from the answer now": (now[0], ":", "^", ANSWER),
        "from the memory later": (later[0], "--", "s", QUIET),
    }
    counted = trace.mask[0]
    for name, (derivatives, line, marker, colour) in parts.items():
        norms = _norms(derivatives)
        style: dict[str, Any] = (
            {"marker": marker, "markersize": 5, "markeredgecolor": "black"} if steps <= MOST_DOTTED else {}
        )
        width = 2.5 if colour == DERIVATIVE else 1.2
        ax.plot(range(steps), norms[::-1], line, color=colour, linewidth=width, label=name, **style)
    ax.set(yscale="log", xlabel=_way(trace), ylabel="‖d_layer_1‖")
    whose = "the last step" if counted.sum() == 1 and counted[-1] else trace.caption.counted(int(counted.sum()))
    ax.set_title(
        f"{signs.seen(trace.caption.title)}\nthe derivative of the loss of {whose} by layer_1",
        fontsize=10,
        parse_math=False,
    )
    back = columns.ticks(steps)
    read = [columns.read_at(trace.caption, steps - 1 - k) for k in back]
    is_written = steps <= columns.MOST_TICKS
    named = [f"{k}\n{cell}" if is_written else str(k) for k, cell in zip(back, read, strict=True)]
    ax.set_xticks(back, named, fontsize=8, parse_math=False)
    ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    clear(ax, "top", "right")
    return ax


def _norms(derivatives: Array) -> Array:
    """Return the length of each row (T, H) as (T,); NaN, which is not drawn, where it is nothing or not finite."""
    with np.errstate(over="ignore"):
        norms = np.asarray(np.linalg.norm(derivatives, axis=1), float)
    return np.where((norms > 0) & np.isfinite(norms), norms, np.nan)


def _way(trace: Trace) -> str:
    tail = ", and what was read there" if trace.time <= columns.MOST_TICKS else ""
    return f"{trace.caption.steps} back from the last{tail}  →"
