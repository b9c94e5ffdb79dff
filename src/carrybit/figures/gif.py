"""A film as a GIF, which Pillow writes, that matplotlib brings along; its colours are chosen once for all frames."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carrybit.files import whole
from carrybit.params import Array

if TYPE_CHECKING:
    from carrybit.figures.film import Film

COLOURS = 255  # for all frames; one more stands for "as before"
BLENDED = 176  # of them: what rare colours are blended to
SAMPLED = 12  # frames that the colours are taken from


def write_gif(film: Film, path: Path) -> Iterator[tuple[int, int]]:
    """Write a film, and yield how many of its frames are done, and of how many."""
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
    whole.write(path, octets.getvalue(), then="save the film again")
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
