"""The page: everything that a person sees of a stop, laid out for a terminal of any size."""

from __future__ import annotations

import re
import textwrap

from rich.text import Text

from carrybit.caption import sign
from carrybit.shell import visible
from carrybit.walk import ink
from carrybit.walk.layers import layers, least
from carrybit.walk.panel import panel
from carrybit.walk.script import TERMS
from carrybit.walk.strip import strip, tallest
from carrybit.walk.view import View

TIED = "\u00a0"  # a space where no line ends
NARROW = 76  # columns from which on there is a panel beside the strip
PANEL = 34
LAYERS = 6  # lines that the layers have before the strip has more than three
ARROWS = {"forward": "→ forward", "backward": "← backward", "update": "⟳ update"}
NAMES = {
    "layer_1": "hidden layer",
    "layer_2": "answer",
    "layer_2_error": "error",
    "d_pre_2": "derivative",
    "d_layer_1": "derivative",
    "gradient": "gradient",
    "update": "the weights",
}
COLOURS = {"layer_2": ink.ANSWER, "layer_2_error": ink.ERROR, "layer_1": "#000000 on #9ec9e6"}


def page(view: View, width: int, height: int) -> Text:
    """Return all lines of a stop, at most ``height`` of them, each at most ``width`` columns."""
    head = [_header(view, width)] + ([_progress(view, width)] if height >= 16 else [])
    said = _said(view, width, max(2, height - len(head) - 3))
    room = height - len(head) - len(said)
    top = _top(view, width, room - (1 if room >= 8 else 0))
    gap = [Text("─" * width, ink.QUIET)] if room >= 8 else []
    lines = [*head, *top, *gap, *said][:height]
    return Text("\n").join(ink.fit(line, width) for line in lines)


def _header(view: View, width: int) -> Text:
    caption, scene, last = view.trace.caption, view.scene, view.trace.time - 1
    verdict = f"  {sign(caption.is_right)}".rstrip()
    step = "" if scene.way == "update" else f"  step {scene.step} of 0-{last}"
    place = f"{ARROWS[scene.way]}{step}  {scene.number + 1}/{view.stops}"
    if width < 60:
        place = f"{ARROWS[scene.way][0]} step {scene.step}/{last}"
    left = ink.fit(Text(f"{visible(caption.title)}", ink.STRONG), max(0, width - len(place) - 2 - len(verdict)))
    title = left.plain.rstrip()
    line = Text().append(title, ink.STRONG).append(verdict)
    return ink.fit(line, width - len(place) - 1).append(" ").append(place, ink.QUIET)


def _progress(view: View, width: int) -> Text:
    """Return how far the walk has come: there in blue, and back in mustard."""
    number, time = view.scene.number + 1, view.trace.time
    there, back = 3 * time, 3 * time + 1
    half = width // 2
    done = min(half, round(half * number / there)), max(0, round((width - half) * (number - there) / back))
    line = Text().append("━" * done[0], ink.WEIGHT).append("─" * (half - done[0]), ink.QUIET)
    return line.append("━" * done[1], "#c9a227").append("─" * (width - half - done[1]), ink.QUIET)


def _top(view: View, width: int, room: int) -> list[Text]:
    """Return the strip, the layers, and the panel beside them or beside the strip alone."""
    if room <= 0:
        return []
    if room < 5:
        return strip(view, width, room)
    above = min(tallest(view), max(3, room - LAYERS))
    if width < NARROW:
        return [*strip(view, width, above), *layers(view, width, room - above)]
    roomy = next((columns for columns in (least(view, 2), least(view)) if columns + 2 + PANEL <= width), width)
    beside = max(PANEL, min(width - roomy - 2, width // 2))
    left = width - beside - 2
    if least(view) <= left:
        both = [*strip(view, left, above), *([Text()] if above + LAYERS < room else [])]
        both += layers(view, left, room - len(both))
        return ink.beside(both, panel(view, beside, room), left)
    below = layers(view, width, min(room - above, LAYERS + 2))
    above = room - len(below)
    return [*ink.beside(strip(view, left, above), panel(view, beside, above), left), *below]


def _said(view: View, width: int, room: int) -> list[Text]:
    """Return what happens here in words, code, formula and numbers; of little room, the numbers are the last to go."""
    scene = view.scene
    badge = NAMES[scene.stop]
    title = Text().append(f" {badge} ", COLOURS.get(scene.stop, ink.DERIVATIVE)).append(f" {scene.title}", ink.STRONG)
    terms = TERMS if width < 110 else 2 * TERMS
    numbers = [line for each in scene.numbers(view.unit, terms) for line in _sum(each, width)]
    said = [line for each in view.said for line in _wrapped(each, width)]
    code, formula = _statements(scene.code, width), _wrapped(scene.formula, width)
    note = _wrapped(scene.note, width) if scene.note else []
    parts = {
        "title": [title],
        "note": [Text(line, "italic") for line in note],
        "code": [Text(line, "") for line in code],
        "formula": [Text(line, "italic") for line in formula],
        "numbers": [Text(line, ink.STRONG) for line in numbers],
        "said": [_verdict(line) for line in said],
    }
    kept, left = set(), room
    for name in ("said", "title", "numbers", "code", "formula", "note"):
        if len(parts[name]) <= left or name in ("said", "title", "numbers"):
            kept.add(name)
            left -= len(parts[name])
    lines = [line for name, part in parts.items() if name in kept for line in part]
    return lines if len(lines) <= room else [*lines[: max(0, room - len(parts["said"]))], *parts["said"]][:room]


def _verdict(line: str) -> Text:
    return Text(line, "bold reverse" if "✗" in line else "bold")


def _wrapped(line: str, width: int, indent: int = 4) -> list[str]:
    blank = " " * min(indent, width // 2 - 2)
    lines = textwrap.wrap(line, max(8, width), subsequent_indent=blank, break_on_hyphens=False) or [""]
    return [each.replace(TIED, " ") for each in lines]


def _sum(line: str, width: int) -> list[str]:
    """Return an equation whose sum goes on below itself, a term with its sign."""
    begins = re.match(r".*?= (answer now +|[a-z]+\()?| +\+ memory later +", line)
    tied = line.replace(" + ", f" +{TIED}").replace("… (", f"…{TIED}(").replace(" more: ", f"{TIED}more:{TIED}")
    return _wrapped(tied, width, begins.end() if begins and width >= 60 else 4)


def _statements(line: str, width: int) -> list[str]:
    """Return statements, which go on a new line whole, as far as they fit on one."""
    statements = line.split("; ")
    tied = (each.replace(" ", TIED) if len(each) < width - 4 else each for each in statements)
    return _wrapped("; ".join(tied), width)
