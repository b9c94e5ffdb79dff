"""A film: a figure, how long each frame stays, and the function that shows a frame on it; saved as .gif or .mp4.

``for done, total in save_film(film, path): ...`` saves it. A GIF needs Pillow, which matplotlib brings along; an MP4
needs ffmpeg, a program.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from carrybit.errors import SaveError, UsageError
from carrybit.files import whole
from carrybit.params import Array

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".gif", ".mp4")
LONGEST = 3_000  # frames; a GIF's are all held in memory
COLOURS = 255  # of a GIF, for all frames; one more stands for "as before"
BLENDED = 176  # of them: what rare colours are blended to
SAMPLED = 12  # frames that the colours are taken from
RATE = 20  # frames of an MP4 in a second; longer ones are shown several times
AGAIN = "save the film again"


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
    if find_spec("matplotlib") is None:
        raise UsageError("a film, without matplotlib", 'the extra "figures"', 'pip install "carrybit[figures]"')
    whole.check(path, "a film", FORMATS)
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
    return (_gif if path.suffix.lower() == ".gif" else _mp4)(film, path)


def _gif(film: Film, path: Path) -> Iterator[tuple[int, int]]:
    from PIL.Image import Image, fromarray

    palette = _palette(film)
    places = np.full(1 << 24, -1, np.int16)  # of every colour in the palette, where it has been looked up
    images: list[Image] = []
    for k in range(film.frames):
        images.append(fromarray(_looked_up(film.picture(k), palette, places)))
        images[-1].putpalette(palette.ravel().tolist())
        if k < film.frames - 1:
            yield k + 1, film.frames
    stay = [round(1000 * seconds) for seconds in film.seconds]
    octets = BytesIO()
    rest = {"save_all": True, "append_images": images[1:], "duration": stay, "loop": 0, "optimize": True}
    images[0].save(octets, "GIF", palette=palette.tobytes(), **rest)
    whole.write(path, octets.getvalue(), then=AGAIN)
    yield film.frames, film.frames


def _palette(film: Film) -> Array:
    """Return the colours of all frames, so that none flickers: the commonest as they are, the rarest blended."""
    from PIL.Image import Quantize, fromarray

    chosen = sorted({round(k) for k in np.linspace(0, film.frames - 1, SAMPLED)})
    colours, counts = np.unique(np.concatenate([_packed(film.picture(k)[::2]) for k in chosen]), return_counts=True)
    colours = _unpacked(colours[np.argsort(-counts, kind="stable")])
    if len(colours) <= COLOURS:
        return colours
    kept, rare = colours[: COLOURS - BLENDED], colours[COLOURS - BLENDED :]
    blended = fromarray(rare[None]).quantize(BLENDED, Quantize.MEDIANCUT).convert("RGB")
    return np.concatenate([kept, np.unique(np.asarray(blended)[0], axis=0)])


def _looked_up(picture: Array, palette: Array, places: Array) -> Array:
    """Return the place in the palette of the colour nearest to each dot: Pillow's own search would make white grey."""
    dots = _packed(picture)
    unknown = np.unique(dots[places[dots] < 0])
    apart = _unpacked(unknown).astype(int)[:, None] - palette.astype(int)  # (unknown, palette, 3)
    places[unknown] = (apart**2).sum(axis=2).argmin(axis=1)
    return places[dots].reshape(picture.shape[:2]).astype(np.uint8)


def _packed(picture: Array) -> Array:
    """Return each dot's colour as one number."""
    return picture.reshape(-1, 3).astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)


def _unpacked(colours: Array) -> Array:
    return np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)


def _mp4(film: Film, path: Path) -> Iterator[tuple[int, int]]:
    """Hand the frames to ffmpeg, as they are."""
    with tempfile.TemporaryDirectory() as folder:
        unfinished, said = Path(folder, "film.mp4"), Path(folder, "said")
        height, width, _ = film.picture(0).shape
        taken = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(RATE), "-i", "-"]
        even = "pad=ceil(iw/2)*2:ceil(ih/2)*2"  # its colours are stored for squares of four pixels
        given = ["-vf", even, "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(unfinished)]
        with open(said, "wb") as errors:
            ffmpeg = subprocess.Popen(
                ["ffmpeg", "-loglevel", "error", *taken, *given], stdin=subprocess.PIPE, stderr=errors
            )
            try:
                yield from _feed(film, ffmpeg)
            finally:
                ffmpeg.kill()  # who stops before the end wants no film; otherwise it has ended
                with suppress(BrokenPipeError):
                    _pipe(ffmpeg).close()
                ffmpeg.wait()
        if ffmpeg.returncode or not unfinished.exists():
            why = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or ["it says nothing"]
            raise SaveError(f"ffmpeg failed: {why[0]}", "an ffmpeg that writes .mp4", f"{path.with_suffix('.gif')}")
        whole.write(path, unfinished.read_bytes(), then=AGAIN)
    yield film.frames, film.frames


def _feed(film: Film, ffmpeg: subprocess.Popen[bytes]) -> Iterator[tuple[int, int]]:
    pipe = _pipe(ffmpeg)
    try:
        for k, seconds in enumerate(film.seconds):
            picture = film.picture(k).tobytes()
            for _ in range(max(1, round(RATE * seconds))):
                pipe.write(picture)
            if k < film.frames - 1:
                yield k + 1, film.frames
        pipe.close()
    except BrokenPipeError:
        pass  # it has given up; its exit code and its words say so
    ffmpeg.wait()


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin
