"""A film: a figure, how long each frame stays, and the function that shows a frame on it; saved as .gif or .mp4.

``for done, total in save_film(film, path): ...`` saves it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit import figures
from carrybit.errors import UsageError
from carrybit.figures.gif import write_gif
from carrybit.figures.mp4 import write_mp4
from carrybit.params import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".gif", ".mp4")
LONGEST = 3_000  # frames; a GIF's are all held in memory


@dataclass(frozen=True, eq=False)
class Film:
    """A figure that can show any of its frames, in any order.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    seconds : tuple of float
        How long each frame stays.
    show : function of a frame's number
        Makes the figure show frame k, whatever it showed before.
    """

    figure: Figure
    seconds: tuple[float, ...]
    show: Callable[[int], None]

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.seconds)

    def picture(self, k: int) -> Array:
        """Return frame k as bytes (height, width, 3)."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        self.show(k)
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def check_film(path: str | PathLike[str]) -> None:
    """Raise a UsageError now if a film could not be saved at ``path`` later."""
    path = Path(path)
    figures.check(path, "a film", FORMATS)
    if path.suffix.lower() == ".mp4" and shutil.which("ffmpeg") is None:
        gif = path.with_suffix(".gif")
        raise UsageError(f"{path}, without ffmpeg", "a .gif; an .mp4 where ffmpeg is", f"{gif}, or install ffmpeg")


def save_film(film: Film, path: str | PathLike[str]) -> Iterator[tuple[int, int]]:
    """Save a film in the format that the name asks for, and yield how many of its frames are done, and of how many.

    The file is there, whole, when the last pair has come; who stops before leaves no file, or the one that was there.

    Raises
    ------
    UsageError
        It cannot be saved there.
    SaveError
        The disk would not take it, or ffmpeg failed.
    """
    path = Path(path)
    check_film(path)
    if not 0 < film.frames <= LONGEST:
        raise UsageError(f"a film of {film.frames:,} frames", f"1 to {LONGEST:,} frames", "a shorter question")
    return (write_gif if path.suffix.lower() == ".gif" else write_mp4)(film, path)
