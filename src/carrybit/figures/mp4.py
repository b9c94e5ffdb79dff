"""A film as an MP4, which ffmpeg, a program, makes of the frames that are handed to it as they are."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from carrybit.errors import SaveError
from carrybit.files import whole

if TYPE_CHECKING:
    from carrybit.figures.film import Film

RATE = 20  # frames in a second; longer ones are shown several times


def write_mp4(film: Film, path: Path) -> Iterator[tuple[int, int]]:
    """Write a film, and yield how many of its frames are done, and of how many; SaveError if ffmpeg fails."""
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
        whole.write(path, unfinished.read_bytes(), then="save the film again")
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
