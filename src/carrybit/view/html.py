"""HTML: a trace as one file that opens anywhere, without a server, and that no network is asked for.

What the page may do is written in its policy: it runs this one script and this one style, by their hashes, and loads
nothing. No name in the data can become markup: in the JSON there is neither < nor >, and the modules write text only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import carrybit
from carrybit.files import whole
from carrybit.tracing import Trace
from carrybit.view.bundle import bundle, source
from carrybit.view.payload import payload

if TYPE_CHECKING:
    from carrybit.attribution import Attribution

MARKUP = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}  # in JSON they occur in strings alone


def check_page(path: Path) -> None:
    """Raise a UsageError now if a page could not be saved at ``path`` later."""
    whole.check(path, "a page", (".html",))


def page(trace: Trace, attribution: Attribution | None = None) -> str:
    """Return a trace of one sequence as a page: HTML with its style, its script and all its numbers.

    Parameters
    ----------
    trace : Trace
        With B = 1; `Trace.sequence` gives one of several.
    attribution : Attribution, or None
        What `attribute` says of this trace; without it the colours of the inputs cannot be chosen.

    Raises
    ------
    ShapeError, UsageError
        As `payload` has it.
    """
    style, script = source("style.css"), bundle()
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    return Template(source("page.html")).substitute(
        policy=policy,
        version=carrybit.__version__,
        title=_text(trace.caption.title),
        style=style,
        payload=_json(payload(trace, attribution)),
        script=script,
    )


def save_page(trace: Trace, attribution: Attribution | None, path: str | os.PathLike[str]) -> None:
    """Write a trace as a page, whole or not at all.

    Raises
    ------
    UsageError
        The name does not end in .html, no file can be there, or the trace is none for a page.
    SaveError
        The disk would not take it.
    """
    path = Path(path)
    check_page(path)
    whole.write(path, page(trace, attribution).encode("utf-8"), then="save the page again")


def _text(text: str) -> str:
    """Return a text as HTML, in ASCII: half of a surrogate pair, which UTF-8 cannot write, among it."""
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _json(about: object) -> str:
    """Return JSON in ASCII that can stand in a script element, whatever its strings are."""
    text = json.dumps(about, allow_nan=False)
    return "".join(MARKUP.get(letter, letter) for letter in text) if set(text) & set(MARKUP) else text


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
