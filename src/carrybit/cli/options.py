"""The options that every verb has."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, words on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No words, only the result.")]
Engine = Annotated[
    str | None,
    typer.Option(help="cpu: compiled code. reference: NumPy.", show_default="as it was trained"),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
