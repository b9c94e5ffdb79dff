"""JSON that any reader takes, one object a line: numbers that are not finite become null."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from carrybit.files import whole


def line(value: Any) -> str:
    """Return a value as one line of strict JSON."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def append(path: Path, value: Any) -> None:
    """Add a line; SaveError if the disk would not take it."""
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line(value) + "\n")
    except OSError as error:
        raise whole.save_error(path.parent, error) from error


def rewrite(path: Path, values: Iterable[Any]) -> None:
    """Replace all lines in one step; SaveError if the disk would not take them."""
    whole.write(path, "".join(line(value) + "\n" for value in values).encode())


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of the lines that are whole; a crash may have torn one, and a lost file has none."""
    if not path.is_file():
        return
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for text in lines:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(member) for member in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
