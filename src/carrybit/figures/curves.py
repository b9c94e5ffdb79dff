"""Curves: the arrows of a figure as the control points of a line (2, 2), a bow (3, 2) or a loop (4, 2), in inches.

Nothing here draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from carrybit.figures.ink import Ink
from carrybit.params import Array

TIP = 0.02  # before the circle that an arrow leads to
STUB, LOOP = 0.4, 0.62  # how far outside of a circle, unless it is very small
BENDS = (0.0, 0.16, -0.16, 0.3, -0.3, 0.45, -0.45, 0.65, -0.65)  # how far a bow is from straight, of its length
LONGEST = 3.0  # a longer one is bent no farther
CLEAR, CLOSE = 0.1, 0.04  # of circles; so near to other lines that it is hard to tell them apart
Build = Callable[[Array, float, float], Array]  # of a curve at a circle: centre, radius, angle
ANGLES = np.linspace(0, 2 * math.pi, 24, endpoint=False)


def points(curve: Array, count: int = 60) -> Array:
    """Return points on a curve, from its beginning to its tip: (count, 2)."""
    t = np.linspace(0, 1, count)[:, None]
    degree = len(curve) - 1
    return np.asarray(sum(math.comb(degree, k) * (1 - t) ** (degree - k) * t**k * p for k, p in enumerate(curve)))


def bow(source: Array, target: Array, radius: float, circles: Array, ink: Ink, is_pair: bool) -> Array:
    """Return an arrow from circle to circle: as straight as the other circles, and other lines along it, let it be.

    One of a pair, that go there and back, is bent to its left, so that they do not lie on each other.
    """
    way = target - source
    length = math.hypot(*way)
    left = np.array([-way[1], way[0]]) / length
    others = circles[(distances(circles, source) > TIP) & (distances(circles, target) > TIP)]
    others = others[distances(others, (source + target) / 2) < length / 2 + LONGEST]

    def bent(bend: float) -> Array:
        top = (source + target) / 2 + 2 * bend * min(length, LONGEST) * left
        return np.array([_toward(source, top, radius), top, _toward(target, top, radius + TIP)])

    def room(bend: float) -> float:
        curve = bent(bend)
        clear = min(_nearest(points(curve), others) - radius, CLEAR)
        beside = np.mean([ink.within(point, CLOSE) > 0 for point in points(curve, 20)])
        return clear / CLEAR - float(beside) - abs(bend) / 2

    return bent(max((bend for bend in BENDS if bend > 0 or not is_pair), key=room))


def stub(centre: Array, radius: float, angle: float) -> Array:
    """Return an arrow to a circle that comes from nowhere."""
    return centre + np.outer([radius + min(STUB, 2 * radius), radius + TIP], _unit(angle))


def loop(centre: Array, radius: float, angle: float) -> Array:
    """Return an arrow from a circle to itself."""
    outside = radius + min(LOOP, 2 * radius)
    reach = np.array([radius, outside, outside, radius + TIP])
    return centre + reach[:, None] * np.array([_unit(angle + turn) for turn in (0.4, 0.5, -0.5, -0.4)])


def rim(centre: Array, radius: float) -> Array:
    """Return points on the rim of a circle."""
    return centre + radius * np.array([_unit(angle) for angle in ANGLES])


def roomiest(build: Build, centre: Array, radius: float, wanted: float, taken: Array) -> Array:
    """Return a loop or a stub at the angle that has room among the points taken, near the angle that is wanted."""
    far = distances(taken, centre)
    near = taken[(far > radius + TIP / 2) & (far < 3 * radius + 3 * CLEAR)]

    def room(angle: float) -> float:
        outside = points(build(centre, radius, angle), 20)
        outside = outside[distances(outside, centre) > radius + CLEAR]
        return min(_nearest(outside, near), 3 * CLEAR) + CLEAR * math.cos(angle - wanted)

    return build(centre, radius, max(wanted + ANGLES, key=room))


def distances(some: Array, point: Array) -> Array:
    """How far points (N, 2) are from one: (N,)."""
    return np.asarray(np.hypot(*(some - point).T))


def _nearest(some: Array, others: Array) -> float:
    return float(np.hypot(*(some[:, None] - others).T).min(initial=math.inf))


def _toward(centre: Array, point: Array, radius: float) -> Array:
    return np.asarray(centre + radius * (point - centre) / math.hypot(*(point - centre)))


def _unit(angle: float) -> Array:
    return np.array([math.cos(angle), math.sin(angle)])
