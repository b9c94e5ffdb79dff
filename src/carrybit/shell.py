"""Names as they have to be typed in a shell, for commands that can be pasted."""

from __future__ import annotations

import os
import shlex


def quoted(path: str | os.PathLike[str]) -> str:
    """Return a path quoted where the shell needs it, and told from an option where it begins with a dash."""
    text = os.fspath(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)
