"""Text in a terminal: names as they have to be typed in a shell, and text that commands no terminal."""

from __future__ import annotations

import os
import shlex


def quoted(path: str | os.PathLike[str]) -> str:
    """Return a path quoted where the shell needs it, and told from an option where it begins with a dash."""
    text = os.fspath(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def visible(text: str) -> str:
    r"""Return text with whatever is not printed escaped, such as ``\x1b`` and ``\n``."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
