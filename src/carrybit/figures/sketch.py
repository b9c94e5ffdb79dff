"""The sketch of a machine: where its circles, arrows and words go, in inches. Nothing here draws."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from carrybit.errors import UsageError
from carrybit.figures import curves
from carrybit.figures.ink import Ink
from carrybit.figures.places import Places, places
from carrybit.machines.arrows import Arrow, arrows
from carrybit.machines.machine import Machine
from carrybit.params import Array

MOST_NAMED = 150  # states; of more, neither names nor labels could be read
MOST_ARROWS = 1_000  # more of them are a black page
NAME, LABEL = 9, 8  # sizes of letters, in points
NAME_WIDTH, NAME_LINES = 11, 3  # letters and lines of a name; the rest of it is cut
GAP = 0.05  # around words
LEAST_RADIUS, DOT = 0.26, 0.08  # of a circle with a name, and of one without
LEAST_WAY, MOST_WAY, DOT_WAY = 0.9, 1.6, 0.3  # between two circles: room for a label
ALONG = (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8)  # where on its arrow a label may stand


@dataclass(frozen=True, eq=False)
class Sketch:
    """Circles with names (None: not drawn), curves, labels as (words, centre), and the (state, answer) left out."""

    centres: Array
    radius: float
    names: tuple[str | None, ...]
    quiet: tuple[tuple[int, int], ...]
    start: Array
    arrows: tuple[Array, ...]
    labels: tuple[tuple[str, Array], ...]

    def corners(self) -> tuple[Array, Array]:
        """Return the lower left and the upper right corner of all there is."""
        circles = self.centres[[name is not None for name in self.names]]
        parts = [circles - self.radius, circles + self.radius, *map(curves.points, (self.start, *self.arrows))]
        for text, centre in self.labels:
            parts += [centre[None] - half_size(text, LABEL), centre[None] + half_size(text, LABEL)]
        everything = np.concatenate(parts)
        return everything.min(axis=0) - GAP, everything.max(axis=0) + GAP


def sketch(machine: Machine, asked: Array | None = None) -> Sketch:
    """Lay a machine out: first its states, then the arrows between them, loops where there is room, and labels last.

    Raises
    ------
    UsageError
        There are too many arrows.
    """
    is_named = len(machine.states) <= MOST_NAMED
    names = [_wrapped(name) if is_named else "" for name in machine.states]
    radius = max(LEAST_RADIUS, *(math.hypot(*half_size(name, NAME)) for name in names)) if is_named else DOT
    where = places(machine, asked)
    shown = [arrow for arrow in arrows(machine, where.quiet, asked) if arrow.target not in where.hidden]
    if len(shown) > MOST_ARROWS:
        raise UsageError(f"a figure of {len(shown):,} arrows", f"at most {MOST_ARROWS:,}", "look at it as a table")
    texts = ["\n".join(arrow.labels) if is_named else "" for arrow in shown]
    widest = 2 * max((half_size(text, LABEL)[0] for text in texts), default=0.0)
    way = min(max(widest + 0.4, LEAST_WAY), MOST_WAY) if is_named else DOT_WAY
    where = replace(where, centres=where.centres * (2 * radius + way))
    circles = np.delete(where.centres, where.hidden, axis=0)
    start, lines = _lines(shown, where, radius, circles, machine.start)
    return Sketch(
        centres=where.centres,
        radius=radius,
        names=tuple(None if state in where.hidden else name for state, name in enumerate(names)),
        quiet=where.quiet,
        start=start,
        arrows=tuple(lines),
        labels=tuple(_labels(texts, start, lines, circles, radius)),
    )


@cache
def half_size(text: str, points: float) -> Array:
    """Return half the width and half the height of a text with a gap around it, in inches."""
    from matplotlib.textpath import TextPath

    lines = [line.replace("$", r"\$") for line in text.split("\n") if line.strip()]  # $ would begin mathematics
    width = max((TextPath((0, 0), line, size=points).get_extents().width for line in lines), default=0)
    return np.array([width, 1.25 * points * len(lines)]) / 72 / 2 + GAP


def _wrapped(name: str) -> str:
    return "\n".join(textwrap.wrap(name, NAME_WIDTH, max_lines=NAME_LINES, placeholder="…"))


def _lines(
    shown: Sequence[Arrow], where: Places, radius: float, circles: Array, first: int
) -> tuple[Array, list[Array]]:
    """Return the curves of the start and of each arrow; the start and the loops take the room that the others leave."""
    pairs = {(arrow.source, arrow.target) for arrow in shown}
    found: dict[tuple[int, int], Array] = {}
    ink = _page(circles, radius)
    for source, target in sorted(pairs, key=lambda pair: (math.dist(*where.centres[[*pair]]), pair)):
        if source != target:
            ends = where.centres[source], where.centres[target]
            found[source, target] = curves.bow(*ends, radius, circles, ink, (target, source) in pairs)
            ink.add(curves.points(found[source, target]))
    taken = np.concatenate([*(curves.rim(circle, radius) for circle in circles), *map(curves.points, found.values())])
    start = curves.roomiest(curves.stub, where.centres[first], radius, where.start, taken)
    taken = np.concatenate([taken, curves.points(start)])
    for state in sorted(source for source, target in pairs if source == target):
        found[state, state] = curves.roomiest(curves.loop, where.centres[state], radius, where.outward[state], taken)
        taken = np.concatenate([taken, curves.points(found[state, state])])
    return start, [found[arrow.source, arrow.target] for arrow in shown]


def _page(circles: Array, radius: float) -> Ink:
    """Return an empty page, with room for what goes around the outermost circles."""
    margin = radius + curves.LONGEST
    return Ink(circles.min(axis=0) - margin, circles.max(axis=0) + margin)


def _labels(
    texts: Sequence[str], start: Array, lines: Sequence[Array], circles: Array, radius: float
) -> Iterator[tuple[str, Array]]:
    """Yield each label with its place: on its arrow or beside it, off circles, other labels and other arrows."""
    boxes = [(circle, np.full(2, radius)) for circle in circles]
    ink = _page(circles, radius)
    for line in (start, *lines):
        ink.add(curves.points(line))
    for text, line in zip(texts, lines, strict=True):
        if text:
            half = half_size(text, LABEL)
            own = curves.points(line)
            ink.add(own, -1)
            spots = list(_spots(own, half))
            costs = [_cost(spot, half, boxes, ink) + 0.1 * rank for rank, spot in enumerate(spots)]
            ink.add(own)
            centre = spots[int(np.argmin(costs))]
            boxes.append((centre, half))
            yield text, centre


def _spots(line: Array, half: Array) -> Iterator[Array]:
    """Yield the places for a label of an arrow, the best first: on it where it is long, else at its left or right."""
    length = math.hypot(*(line[-1] - line[0]))  # short for a loop
    for share in ALONG:
        k = round(share * (len(line) - 1))
        along = line[k + 1] - line[k - 1]
        along = along / math.hypot(*along)
        across = np.array([-along[1], along[0]])
        is_long = length > 3 * float(np.abs(along) @ half)
        for side in (0,) if is_long else (1, -1):
            yield line[k] + side * float(np.abs(across) @ half) * across


def _cost(spot: Array, half: Array, boxes: Sequence[tuple[Array, Array]], ink: Ink) -> float:
    """How bad a place for a label is: it may not cover words, and had better cover no arrow."""
    centres, halves = (np.array(part) for part in zip(*boxes, strict=True))
    overlaps = np.clip(halves + half - np.abs(centres - spot), 0, None).prod(axis=1)
    return 1000 * float(overlaps.sum()) + ink.within(spot, half)
