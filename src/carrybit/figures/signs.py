"""Signs: text as it can be read in a picture, with something to be seen for every letter, and ✓ or ✗ for an answer."""

from __future__ import annotations

RIGHT, WRONG, STOPPED = "✓", "✗", "…"
PRINTED = {"\n": "⏎", "\t": "⇥", "\r": "←"}
SPACE, UNKNOWN = "␣", "·"


def seen(text: str) -> str:
    """Return a text on one line in which every letter can be seen, and spaces too if there is nothing else."""
    if not text.strip(" "):
        return SPACE * len(text)
    return "".join(letter if letter.isprintable() else PRINTED.get(letter, UNKNOWN) for letter in text)


def cut(text: str, letters: int) -> str:
    """Return a text with its end left out, if it is long."""
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1]}…" if letters > 2 else text[:letters]
