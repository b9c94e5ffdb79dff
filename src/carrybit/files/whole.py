"""Files that are replaced whole or not at all: after a crash or a full disk, there is either the old one or the new."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from carrybit.errors import SaveError, UsageError
from carrybit.shell import quoted


def write(path: Path, octets: bytes, *, then: str | None = None) -> None:
    """Write a file under another name, make it last, and give it its name in one step.

    Parameters
    ----------
    then : str, or None for going on with the run in its folder
        What a person does after making room, where the disk would not take it.

    Raises
    ------
    SaveError
        The disk would not take it; what was there before is untouched.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            with open(unfinished, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        with suppress(OSError):  # some file systems cannot; the file itself is whole all the same
            _sync_folder(path.parent)
    except OSError as error:
        raise save_error(path.parent, error, then) from error


def check(path: Path, noun: str, endings: Sequence[str]) -> None:
    """Raise a UsageError now if a file, ``noun`` in words, could not be saved at ``path`` later."""
    check_ending(path, noun, endings)
    if not path.parent.is_dir():
        raise UsageError(f"{noun} in {path.parent}, which is no folder", "a folder that is there", path.name)
    if path.is_dir():
        raise UsageError(f"{noun} named {path}, which is a folder", "a file", f"{path.stem}-1{path.suffix}")


def check_ending(path: Path, noun: str, endings: Sequence[str]) -> None:
    """Raise a UsageError if the name of a file does not say in one of these ways what is in it."""
    if path.suffix.lower() not in endings:
        stem = path.stem.lstrip(".") or noun.split()[-1]
        raise UsageError(f"{noun} named {path}", f"a name that ends in {', '.join(endings)}", f"{stem}{endings[0]}")


def save_error(folder: Path, error: OSError, then: str | None = None) -> SaveError:
    """Return the SaveError that tells a person about an OSError."""
    return SaveError(
        f"could not save into {folder}: {error.strerror or error}",
        "a folder on a disk with room that may be written to; what was saved there before is untouched",
        f"make room or change the permissions, then: {then or f'carrybit train --resume {quoted(folder)}'}",
    )


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
