"""Named arrays and one JSON object in a safetensors file, written whole or not at all, and distrusted when read.

The JSON object is the metadata entry "carrybit". Its checksum is a SHA-256 over everything else in the object and over
every array by name, so that a change of one bit anywhere is found.
"""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save

from carrybit.errors import RunError, SaveError
from carrybit.files import whole
from carrybit.params import Array

FORMAT = 1
LARGEST_FILE = 2**32  # bytes; the largest network with Adam's moments needs a tenth of it
KEY = "carrybit"
Json = dict[str, Any]


def write(path: Path, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    SaveError
        The disk would not take it.
    """
    # C order, always: safetensors 0.8 stores the numbers of a transposed array in the wrong places and says nothing
    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    described = {"format": FORMAT, **about}
    described["checksum"] = checksum(arrays, described)
    octets = save(dict(arrays), {KEY: json.dumps(described)})
    stored = load(octets)
    if not all(np.array_equal(stored[name], array, equal_nan=True) for name, array in arrays.items()):
        raise SaveError(
            f"what safetensors made of {path.name} does not read back as it was",
            "the same numbers",
            "pip install --upgrade safetensors",
        )
    whole.write(path, octets)


def read(path: Path, shapes: Callable[[Json], Mapping[str, tuple[int, ...]]]) -> tuple[dict[str, Array], Json]:
    """Read a file that `write` wrote, having checked all that can be checked before any array is made.

    Parameters
    ----------
    shapes : the JSON object -> the names and shapes that the arrays must have
        May raise a RunError of its own, or ValueError, TypeError or KeyError for an object that makes no sense.

    Raises
    ------
    RunError
        The file is missing, too large, truncated, damaged, foreign, or from a newer carrybit.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _refused(path, "no ordinary file")
        if found.st_size > LARGEST_FILE:
            raise _refused(path, f"{found.st_size:,} bytes: more than the {LARGEST_FILE:,} that any network needs")
        with safe_open(path, framework="numpy") as file:
            about = _about(path, file.metadata())
            try:
                wanted = dict(shapes(about))
            except (ValueError, TypeError, KeyError) as error:
                raise _refused(path, f"damaged: its description makes no sense ({error!r})") from error
            shapes_found = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
            if shapes_found != wanted:
                off = min(name for name in shapes_found | wanted if shapes_found.get(name) != wanted.get(name))
                raise _refused(path, f"damaged: {off} is {shapes_found.get(off)}, and should be {wanted.get(off)}")
            arrays = {name: file.get_tensor(name) for name in wanted}
    except FileNotFoundError as error:
        raise _refused(path, "missing") from error
    except OSError as error:
        raise _refused(path, f"not readable ({error.strerror or error})") from error
    except SafetensorError as error:
        raise _refused(path, f"truncated, damaged, or no safetensors file ({error})") from error
    if about.get("checksum") != checksum(arrays, about):
        raise _refused(path, "damaged: its numbers do not match its checksum")
    return arrays, about


def checksum(arrays: Mapping[str, Array], about: Mapping[str, Any]) -> str:
    """SHA-256 over arrays by name, with their types and shapes, and over a JSON object without its own checksum."""
    digest = hashlib.sha256()
    described = {key: value for key, value in about.items() if key != "checksum"}
    digest.update(json.dumps(described, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return f"sha256:{digest.hexdigest()}"


def _about(path: Path, metadata: Mapping[str, str] | None) -> Json:
    if not metadata or KEY not in metadata:
        raise _refused(path, "foreign: a safetensors file that carrybit did not write")
    try:
        about = json.loads(metadata[KEY])
    except (ValueError, RecursionError) as error:
        raise _refused(path, f"damaged: its description is no JSON ({error})") from error
    if not isinstance(about, dict) or not isinstance(about.get("format"), int):
        raise _refused(path, "damaged: its description has no format number")
    if about["format"] > FORMAT:
        raise RunError(
            f"{path} has format {about['format']}, written by carrybit {about.get('library', '(unknown)')}",
            f"formats up to {FORMAT}",
            "pip install --upgrade carrybit",
        )
    return about


def _refused(path: Path, why: str) -> RunError:
    return RunError(
        f"{path} is {why}",
        "the file as carrybit wrote it",
        "copy it again from where it came from, or train anew: carrybit train",
    )
