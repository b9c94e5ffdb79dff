"""What the parser of the command line complains about, said in three lines."""

from __future__ import annotations

import difflib
from typing import Any

from carrybit.errors import UsageError

KINDS = {"integer": "a whole number", "int": "a whole number", "float": "a number", "path": "a path"}


def usage_error(error: Any) -> UsageError:
    """Return a UsageError for one of typer's: an unknown verb or option, a missing or malformed value.

    Typer's classes have moved between its versions, so they are told by what they carry.
    """
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    message = " ".join(error.format_message().split()).rstrip(".")
    command = context.command if context else None
    path = context.command_path if context else "carrybit"
    if getattr(error, "option_name", None) and command is not None:
        options = [option for option in _options(command) if option.startswith("--")]
        if error.option_name not in options:
            near = difflib.get_close_matches(error.option_name, options, n=1, cutoff=0.0)
            allowed = ", ".join(options)
            return UsageError(f"{error.option_name} is no option of {path}", allowed, f"{path} {near[0]}")
    if parameter is not None:
        name = max(parameter.opts, key=len) if parameter.opts[0].startswith("-") else str(parameter.name).upper()
        kind = KINDS.get(getattr(parameter.type, "name", ""), "a value")
        default = getattr(parameter, "show_default", None)
        instead = f"{path} {name} {default}" if isinstance(default, str) else f"{path} --help"
        return UsageError(message, f"{kind} for {name}", instead)
    verbs = ", ".join(getattr(command, "commands", {}))
    return UsageError(message, verbs or "what --help lists", f"{path} --help")


def _options(command: Any) -> list[str]:
    return [option for parameter in command.params for option in parameter.opts] + ["--help"]
