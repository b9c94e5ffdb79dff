"""The layers at a stop: rows of shaded cells, a unit each, with what is not made yet left open."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from carrybit.params import Array
from carrybit.shell import visible
from carrybit.walk import ink
from carrybit.walk.cells import heights, scaled
from carrybit.walk.numbers import below, exact, short
from carrybit.walk.strip import HEAD
from carrybit.walk.view import View

LOWEST = 1e-9  # a bar of a layer, where a derivative of exactly 0 is a dot
BROADEST = 4  # columns of a unit


def least(view: View, cell: int = 1) -> int:
    """Return how many columns the hidden layer takes, if each unit takes so many."""
    return HEAD + cell * view.trace.spec.hidden_dim


def layers(view: View, width: int, height: int) -> list[Text]:
    """Return so many lines at most; more of them show more of the steps around."""
    units, cell = _window(view, width - HEAD)
    room = max(1, height - 2)
    made = (_forward if view.scene.way == "forward" else _backward)(view, units, cell, room)
    return [*made, _mark(view, units, cell), _outputs(view, width)][: max(1, height)]


def _window(view: View, room: int) -> tuple[range, int]:
    """Return the units that there is room for, the chosen one among them, and the columns of each."""
    hidden = view.trace.spec.hidden_dim
    cell = max(1, min(BROADEST, room // hidden))
    count = min(hidden, max(1, room))
    centre = 0 if view.scene.is_of_outputs else view.unit
    first = max(0, min(centre - count // 2, hidden - count))
    return range(first, first + count), cell


def _forward(view: View, units: range, cell: int, room: int) -> list[Text]:
    """Return layer_1 of so many steps, the present one last."""
    trace, t = view.trace, view.scene.step
    largest = float(np.nanmax(np.abs(trace.layer_1), initial=0))
    shown = trace.layer_1[0, max(0, t + 2 - room) : t + 2, units.start : units.stop]
    tall = heights(shown, trace.spec.activation, largest)
    first = t + 2 - len(shown)
    rows = []
    for k, levels in enumerate(tall):
        step = first + k - 1
        head = _name(step)
        rows.append(_row(head, np.maximum(levels, LOWEST), ink.MEMORY, cell, step == t))
    return rows


def _backward(view: View, units: range, cell: int, room: int) -> list[Text]:
    """Return layer_1 and the derivatives of this step, then so many of what came back before, from the future."""
    trace, t, until = view.trace, view.scene.step, slice(units.start, units.stop)
    largest = float(np.nanmax(np.abs(trace.layer_1), initial=0))
    level = heights(trace.layer_1[0, t + 1, until], trace.spec.activation, largest)
    rows = [_row(_name(t), np.maximum(level, LOWEST), ink.MEMORY, cell, True)]
    if view.is_made("d_layer_1", t):
        for head, whole in (("d_layer_1", trace.d_layer_1[0, t + 1]), ("d_pre_1", trace.d_pre_1[0, t])):
            rows.append(_row(head, scaled(whole)[until], ink.DERIVATIVE_BAR, cell, True))
    else:
        rows += [_open(head, len(units) * cell) for head in ("d_layer_1", "d_pre_1")]
    for later in range(t + 1, min(trace.time, t + room - 2)):
        whole = trace.d_pre_1[0, later]
        rows.append(_row(f"later t={later}", scaled(whole)[until], ink.DERIVATIVE_BAR, cell, False))
    return rows[:room] if room >= 3 else rows[1 : 1 + room]


def _name(t: int) -> str:
    name = f"layer_1 h{below(t)}"
    return name if len(name) < HEAD else f"h{below(t)}"


def _row(head: str, levels: Array, style: str, cell: int, is_now: bool) -> Text:
    line = ink.head(head, HEAD, ink.STRONG if is_now else ink.QUIET)
    return line.append_text(ink.row(levels, style, cell))


def _open(head: str, columns: int) -> Text:
    return ink.head(head, HEAD).append("·" * columns, ink.QUIET)


def _mark(view: View, units: range, cell: int) -> Text:
    """Return the line below the cells that says which unit is looked at."""
    line = Text(" " * HEAD)
    if view.scene.is_of_outputs:
        return line
    at, name = (view.unit - units.start) * cell, f"unit {view.unit}"
    is_right = at + len(name) + 2 <= len(units) * cell or at < len(name) + 1
    text = f"▲ {name}" if is_right else f"{name} ▲"
    line.append(" " * (at if is_right else at - len(name) - 1))
    return line.append(text, ink.STRONG)


def _outputs(view: View, width: int) -> Text:
    """Return the line of layer 2: the answer, the error or the derivative at every output."""
    trace, t, scene = view.trace, view.scene.step, view.scene
    head, stop, array, style = "layer_2", "layer_2", trace.layer_2, ink.ANSWER
    if scene.stop == "layer_2_error":
        head, array, style = "error", trace.layer_2_error, ink.ERROR_BAR
    elif scene.way != "forward":
        head, array, style = "d_pre_2", trace.d_pre_2, ink.DERIVATIVE_BAR
    line = ink.head(head, HEAD, ink.STRONG)
    if not view.is_made(stop, t):
        return line.append("· not answered yet", ink.QUIET)
    numbers = array[0, t]
    chosen = view.unit if scene.is_of_outputs else int(np.argmax(np.abs(numbers)))
    names = trace.caption.outputs
    name = f" {visible(names[chosen])}" if chosen < len(names) else ""
    told = exact(numbers[chosen]) if head == "layer_2" else short(numbers[chosen])
    label = f" [{chosen}] = {told}{name}"
    room = max(1, width - HEAD - min(len(label), 30))
    first = max(0, min(chosen - room // 2, len(numbers) - room))
    is_share = head == "layer_2" and trace.spec.loss != "linear_squared_error"
    levels = (numbers if is_share else scaled(numbers))[first : first + room]
    if head == "layer_2":
        levels = np.where(levels == 0, LOWEST, levels)
    line.append_text(ink.row(levels, style if head != "layer_2" else "", 2 if 2 * len(levels) <= room else 1))
    words = {"layer_2": ink.ANSWER, "error": ink.ERROR, "d_pre_2": ink.DERIVATIVE}[head]
    return line.append(" ").append(label.strip(), words)
