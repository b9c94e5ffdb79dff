"""The figures: functions that take data and a matplotlib ``ax``, draw on it, and return it.

Drawing needs the extra "figures". Nothing here does mathematics of its own, opens a window, or sets a global option.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from carrybit.errors import UsageError
from carrybit.files import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


def check(path: Path, noun: str = "a figure", formats: Sequence[str] = FORMATS) -> None:
    """Raise a UsageError now if a figure, or what else needs one, could not be saved at ``path`` later."""
    if find_spec("matplotlib") is None:
        raise UsageError(f"{noun}, without matplotlib", 'the extra "figures"', 'pip install "carrybit[figures]"')
    whole.check(path, noun, formats)


def empty(width: float, height: float) -> Figure:
    """Return a figure of so many inches, without axes."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=150, layout="constrained")


def blank(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of so many inches, with one pair of axes."""
    figure = empty(width, height)
    return figure, figure.add_subplot()


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Write a figure in the format that the name asks for."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "constrained_layout not applied")  # it is drawn all the same
            figure.savefig(path)
    except OSError as error:
        raise UsageError(
            f"{path} could not be written ({error.strerror or error})", "a file that may be written to", "another name"
        ) from error
