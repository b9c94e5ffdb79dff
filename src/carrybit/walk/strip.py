"""The strip: all steps side by side, with what is read, what is to be remembered, what was answered and how wrong."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from carrybit.caption import sign
from carrybit.params import Array
from carrybit.shell import visible
from carrybit.walk import ink
from carrybit.walk.cells import scaled, table
from carrybit.walk.view import View

HEAD = 12  # columns of what stands before a line
WIDEST = 8  # columns of a step
MORE = {"step": 0, "answer": 1, "error": 3, "derivative": 4, "target": 6}  # what is left out last comes first


def tallest(view: View) -> int:
    """Return how many lines there are, if there is room for all of them."""
    caption = view.trace.caption
    return len(caption.rows) + bool(caption.states) + 5


def strip(view: View, width: int, height: int) -> list[Text]:
    """Return so many lines at most, with the steps around the present one that there is room for."""
    caption, trace, now = view.trace.caption, view.trace, view.scene.step
    near = slice(max(0, now - width), min(trace.time, now + width))  # more cannot be seen: 10,000 steps take a while
    read = table(caption, near)
    texts = [*(cells for _, cells in read), caption.answers[near], caption.truth[near]]
    steps, column = _steps(view, width, max((cell_len(visible(cell)) for cells in texts for cell in cells), default=1))
    lines = [(MORE["step"], _line("step", [f"[{t}]" if t == now else f"{t} " for t in steps], column))]
    for k, (head, cells) in enumerate(read):
        lines.append((5 + k if k else 2, _line(head, [f"{cells[t - near.start]} " for t in steps], column)))
    lines += [(MORE["answer"], _answers(view, steps, column)), (MORE["target"], _targets(view, steps, column))]
    sizes = np.abs(trace.layer_2_error[0]).max(axis=1), np.abs(trace.d_pre_1[0]).max(axis=1)
    stops = ("error", "layer_2_error", ink.ERROR_BAR), ("derivative", "d_layer_1", ink.DERIVATIVE_BAR)
    for (head, stop, style), size in zip(stops, sizes, strict=True):
        lines.append((MORE[head], _bars(view, head, stop, style, scaled(size), steps, column)))
    kept = sorted(sorted(range(len(lines)), key=lambda k: lines[k][0])[: max(1, height)])
    return [lines[k][1] for k in kept]


def _steps(view: View, width: int, widest: int) -> tuple[list[int], int]:
    """Return the steps that there is room for, in the order in which a person reads them, and the columns of each."""
    time, now = view.trace.time, view.scene.step
    wanted = min(widest + 3 if widest > 1 else 3, max(WIDEST, (width - HEAD) // time))
    column = max(3, wanted, len(str(time)) + 2)
    room = max(1, (width - HEAD) // column)
    first = max(0, min(now - room // 2, time - room))
    steps = list(range(first, min(time, first + room)))
    return steps[::-1] if view.trace.caption.is_read_backwards else steps, column


def _line(head: str, cells: list[str], column: int) -> Text:
    line = ink.head(head, HEAD)
    for cell in cells:
        line.append(_right(cell, column), ink.STRONG if cell.startswith("[") and head == "step" else "")
    return line


def _answers(view: View, steps: list[int], column: int) -> Text:
    caption = view.trace.caption
    line = ink.head("answer", HEAD)
    for t in steps:
        if not view.is_made("layer_2", t):
            line.append(_right("· ", column), ink.QUIET)
            continue
        mark = sign(caption.right[t] if view.is_made("layer_2_error", t) else None) or " "
        answer = _right(f"{visible(caption.answers[t])}{mark}", column)
        start = len(answer) - len(answer.lstrip())
        line.append(answer[:start]).append(answer[start:].rstrip(), ink.ANSWER)
        line.append(" " * (len(answer) - len(answer.rstrip())))
    return line


def _targets(view: View, steps: list[int], column: int) -> Text:
    truth = view.trace.caption.truth
    return _line(
        "target", [f"{visible(truth[t])} " if view.is_made("layer_2_error", t) else " " for t in steps], column
    )


def _bars(view: View, head: str, stop: str, style: str, sizes: Array, steps: list[int], column: int) -> Text:
    line = ink.head(head, HEAD)
    for t in steps:
        line.append(" " * (column - 2))
        line.append_text(ink.bar(float(sizes[t]), style) if view.is_made(stop, t) else Text("·", ink.QUIET))
        line.append(" ")
    return line


def _right(text: str, width: int) -> str:
    """Return a text on the right of so many columns, of which one stays free on its left."""
    if cell_len(text) > width - (width > 3):
        mark = text[-1]
        cut = Text(text[:-1])
        cut.truncate(max(1, width - 1 - (width > 3)), overflow="ellipsis")
        text = f"{cut.plain}{mark}"
    return " " * (width - cell_len(text)) + text
