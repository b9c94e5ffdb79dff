"""Hues: the colours of the tutorial's drawings, each told apart by something beside its colour.

Answers are black, errors bright yellow, derivatives mustard, and each input step has a hue of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from carrybit.params import Array

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

ANSWER, ERROR, DERIVATIVE = "#000000", "#ffe14d", "#c9a227"
QUIET, FAINT = "#666666", "#d8d8d8"  # what is said beside; what only divides
# Okabe and Ito 2008, for the colour-blind, in an order in which neighbours differ in lightness too
HUES = ("#e69f00", "#0072b2", "#56b4e9", "#d55e00", "#f0e442", "#009e73", "#cc79a7", "#bbbbbb")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "<", ">", "h", "p")  # eleven, so that with 8 hues 88 pairs differ
PUSHES_DOWN = "////"  # the hatch of what is negative
LIGHT = 0.45  # lightness from which on black is read better than white


def hue(step: int) -> tuple[float, float, float]:
    """Return the colour of an input step; after eight steps the hues come again, darker, then lighter."""
    from matplotlib.colors import to_rgb

    colour, turn = np.array(to_rgb(HUES[step % len(HUES)])), step // len(HUES) % 3
    red, green, blue = (colour, 0.62 * colour, 1 - 0.5 * (1 - colour))[turn]
    return float(red), float(green), float(blue)


def ink_on(colour: Sequence[float] | Array) -> str:
    """Return black or white, whichever can be read on a colour."""
    red, green, blue = colour[:3]
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > LIGHT else "white"


def mustard() -> Colormap:
    """Return a map from white, nothing, to the darkest mustard: derivatives by their size."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("mustard", ["#ffffff", "#ecd88e", DERIVATIVE, "#5c4700"])


def yellow() -> Colormap:
    """Return a map from white, nothing, to the error's bright yellow and beyond: errors by their size."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("yellow", ["#ffffff", "#fff3b8", ERROR, "#e0b800"])


def opposites(minus: str, plus: str) -> Colormap:
    """Return a map from minus over white, nothing, to plus."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("opposites", [minus, "#ffffff", plus])
