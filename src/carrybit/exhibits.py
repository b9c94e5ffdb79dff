"""Exhibits: how traces, networks and runs show themselves in a notebook, as HTML that needs neither script nor style.

Cells are shaded by their numbers: orange above zero, blue with a minus below; the number itself is what a pointer
that rests there, or a screen reader, gets to know. All text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from carrybit.caption import Caption, sign
from carrybit.params import Array, Params
from carrybit.spec import Spec

MOST = 48  # rows or columns of a table; of more, the first ones are shown and the rest is counted
ABOVE, BELOW = "213,94,0", "0,114,178"  # Okabe and Ito's vermilion and blue
WIDE, HIGH = 320, 60  # of the curve of a training, in pixels
CELL = "min-width:1.4em;height:1.3em;padding:0 2px;text-align:center;border:1px solid rgba(128,128,128,.25)"
HEAD = "text-align:right;padding:0 8px 0 0;font-weight:normal;white-space:nowrap"
TABLE = "border-collapse:collapse;font:12px/1.3 ui-monospace,monospace;margin:4px 0"


def of_sequence(caption: Caption, layer_1: Array, d_pre_1: Array, loss: float, batch: int) -> str:
    """Return a sequence of a trace: what is read, the hidden layer, the answers, and the derivatives back.

    Parameters
    ----------
    caption : Caption
    layer_1, d_pre_1 : float arrays (T, H)
        After each step.
    loss : float
        Of the batch.
    batch : int
        How many sequences the trace has.
    """
    time = len(layer_1)
    order = list(range(time))[:MOST]
    order = order[::-1] if caption.is_read_backwards else order

    def words(cells: Sequence[str], styles: Sequence[str] | None = None) -> str:
        return "".join(_word(cells[t], styles[t] if styles else "") for t in order)

    looks = ["text-decoration:line-through" if right is False else "font-weight:bold" for right in caption.right]
    rows = [
        _row(caption.steps, words([str(t) for t in range(time)])),
        *(_row(head, words(cells)) for head, cells in caption.rows),
        *([_row(caption.memory, words(caption.remembered[:-1]))] if caption.states else []),
        *_units("layer_1", layer_1.T[:, order], _largest(layer_1)),
        _row("answer", words(caption.answers, looks)),
        _row("right", words(caption.truth)),
        *_units("d_pre_1", d_pre_1.T[:, order], _largest(d_pre_1)),
    ]
    more = _more(time, caption.steps) + _more(batch, "sequences", 1)
    return _figure(caption.title, _table(rows), f"loss {loss:.4g}{more}; d_pre_1: the derivative at the hidden layer")


def of_network(spec: Spec, params: Params) -> str:
    """Return the numbers of a network, matrix by matrix."""
    numbers = sum(array.size for array in params.arrays().values())
    title = f"{spec.input_dim} → {spec.hidden_dim} → {spec.output_dim}, {spec.activation}, {spec.recurrence} recurrence"
    return _figure(title, of_params(params), f"{numbers:,} numbers, {spec.precision}; loss: {spec.loss}")


def of_params(params: Params) -> str:
    """Return arrays by name, each shaded on a scale of its own."""
    return "".join(map(_matrix, params.arrays(), params.arrays().values()))


def of_training(title: str, rule: str, metrics: Sequence[Mapping[str, Any]], update: int) -> str:
    """Return what a run was to learn and by which rule, how its error fell, and what its examination said."""
    reports = [(line["update"], line.get("error")) for line in metrics if line["event"] == "report"]
    curve = _curve([(x, y) for x, y in reports if isinstance(y, int | float)])
    finished = [line for line in metrics if line["event"] == "finished"]
    marks = finished[-1].get("examination", []) if finished else []
    return _figure(title, curve + "".join(map(_marked, marks)), f"{update:,} updates, {rule}")


def _marked(marks: Mapping[str, Any]) -> str:
    right, asked = marks["right"], marks["asked"]
    return f"<div>{sign(right == asked)} {escape(str(marks['title']))}: {right:,} of {asked:,} right</div>"


def _figure(title: str, body: str, note: str) -> str:
    small = f'<figcaption style="opacity:.7;font-size:12px">{escape(note)}</figcaption>'
    return f'<figure style="margin:8px 0;overflow-x:auto"><b>{escape(title)}</b>{body}{small}</figure>'


def _table(rows: Iterable[str]) -> str:
    return f'<table style="{TABLE}"><tbody>{"".join(rows)}</tbody></table>'


def _row(head: str, cells: str) -> str:
    return f'<tr><th scope="row" style="{HEAD}">{escape(head)}</th>{cells}</tr>'


def _word(text: str, style: str = "") -> str:
    return f'<td style="{CELL};{style}">{escape(text)}</td>'


def _units(name: str, rows: Array, largest: float) -> list[str]:
    """Return a row of shaded cells for each unit (H, T)."""
    shown = [_row(f"{name}[{h}]", "".join(_shade(x, largest) for x in row)) for h, row in enumerate(rows[:MOST])]
    return shown + [_row(f"{len(rows) - MOST} more", "")] * (len(rows) > MOST)


def _lying(array: Array) -> Array:
    """Return a matrix, or a single row or column as a row."""
    return array if min(np.atleast_2d(array).shape) > 1 else array.reshape(1, -1)


def _matrix(name: str, array: Array) -> str:
    lying, largest = _lying(array), _largest(array)
    rows = (_row(str(k), "".join(_shade(x, largest) for x in row[:MOST])) for k, row in enumerate(lying[:MOST]))
    more = _more(len(lying), "rows") + _more(lying.shape[1], "columns")
    return f"<div>{escape(name)} {array.shape}, up to ±{largest:.3g}{more}</div>{_table(rows)}"


def _shade(value: float, largest: float) -> str:
    strength = min(1.0, abs(float(value)) / largest) if np.isfinite(value) else 0.0
    colour = f"background:rgba({ABOVE if value > 0 else BELOW},{strength:.2f})"
    sign = "−" if value < 0 and strength > 0.05 else "" if np.isfinite(value) else "!"
    return f'<td style="{CELL};{colour}" title="{value:.6g}" aria-label="{value:.6g}">{sign}</td>'


def _largest(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _more(count: int, noun: str, shown: int = MOST) -> str:
    return f", {count - shown:,} more {noun}" if count > shown else ""


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Return a curve of errors over updates as a small drawing."""
    if len(points) < 2:
        return ""
    x, y = np.array(points, np.float64).T
    across = WIDE * (x - x[0]) / max(x[-1] - x[0], 1)
    down = HIGH * (1 - y / max(y.max(), 1e-300))
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down, strict=True))
    label = f"the error of a sample falls from {y[0]:.3g} to {y[-1]:.3g}"
    return (
        f'<svg role="img" aria-label="{label}" width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}" '
        f'style="display:block;overflow:visible;margin:6px 0"><title>{label}</title>'
        f'<polyline points="{path}" fill="none" stroke="#c9a227" stroke-width="2"/></svg>'
    )
