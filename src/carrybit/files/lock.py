"""Lock: a folder that one process at a time trains in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from carrybit.errors import RunError
from carrybit.files import whole

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run folder; RunError if another process does."""
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"{folder} is busy: another process is training there",
            "one training in a folder at a time",
            "wait for it, or stop it, or train into another folder with --out",
        ) from error
    except OSError as error:
        raise whole.save_error(folder, error) from error
    try:
        yield
    finally:
        lock.release()
