"""Ink: the tutorial's colours on a terminal, light or dark, and pieces of lines that are cut and put side by side.

What a colour says is also said by a word or by the height of a bar, so that it reads without any.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from carrybit.params import Array
from carrybit.walk.cells import BARS, NO_NUMBER, NOTHING

ANSWER = "bold reverse"  # black on a white page, and the other way round on a black one
ERROR = "#000000 on #ffe14d"
DERIVATIVE = "#000000 on #c9a227"
MEMORY = "#0072b2 on #dcebf5"
ERROR_BAR = "#6b5900 on #ffe14d"
DERIVATIVE_BAR = "#7a5c00 on #f1dfa6"
WEIGHT, QUIET, STRONG = "#0072b2", "dim", "bold"


def bar(height: float, style: str, width: int = 1) -> Text:
    """Return a bar from 0 up to 1, or hanging down to -1; a dot for exactly 0."""
    if math.isnan(height):
        return Text(NO_NUMBER * width, style)
    if height == 0:
        return Text(NOTHING * width, style)
    eighths = math.ceil(8 * max(0.01, min(1.0, abs(height))))
    if height > 0 or eighths == 8:
        return Text(BARS[eighths - 1] * width, style if height > 0 else f"{style} underline")
    return Text(BARS[7 - eighths] * width, f"{style} reverse")  # what is left of a full one, turned inside out


def row(heights: Array, style: str, width: int) -> Text:
    """Return bars (N,) side by side, each so wide with what is free beside it."""
    line = Text()
    for height in heights:
        line.append_text(bar(float(height), style, max(1, width - 1)))
        if width > 1:
            line.append(" ")
    return line


def head(text: str, width: int, style: str = QUIET) -> Text:
    """Return what stands before a line, in so many columns; what is appended has styles of its own."""
    return fit(Text().append(text, style), width)


def fit(line: Text, width: int) -> Text:
    """Return a line of exactly so many columns, cut or filled up."""
    made = line.copy()
    made.truncate(max(0, width), overflow="ellipsis", pad=True)
    return made


def beside(left: Sequence[Text], right: Sequence[Text], width: int, gap: int = 2) -> list[Text]:
    """Return lines with others on their right, where the left ones take so many columns."""
    count = max(len(left), len(right))
    blank = Text()
    lines = []
    for k in range(count):
        line = fit(left[k] if k < len(left) else blank, width)
        lines.append(Text.assemble(line, " " * gap, right[k] if k < len(right) else blank))
    return lines
