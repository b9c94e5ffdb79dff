"""What the parser of the command line complains about, said in three lines."""

from __future__ import annotations

import difflib
from typing import Any

from carrybit.errors import UsageError


def usage_error(error: Any, arguments: list[str]) -> UsageError:
    """Return a UsageError for one of typer's: an unknown verb or option, a missing or malformed value.

    Typer's classes have moved between its versions, so they are told by what they carry.
    """
    message = " ".join(error.format_message().split()).rstrip(".")
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    path = context.command_path if context else f"carrybit {arguments[0]}"
    known = _options(context.command) if context else []
    if hasattr(error, "possibilities") and known:
        unknown = error.option_name
        near = difflib.get_close_matches(unknown, known, n=1, cutoff=0.5)
        fix = f"use {near[0]}" if near else f"{path} --help"
        return UsageError(f"{unknown} is no option of {path}", ", ".join(known), fix)
    if parameter is not None and parameter.opts[0].startswith("-"):
        name = max(parameter.opts, key=len)
        kind = "a whole number" if "integer" in message else "a number"
        default = str(parameter.show_default if isinstance(parameter.show_default, str) else parameter.default)
        fix = f"use {name} {default.split(',')[0]}" if default[:1].isdigit() else f"{path} --help"
        return UsageError(" ".join([name, *_values(name, arguments)]), f"{kind} for {name}", fix)
    if getattr(error, "option_name", None) and "argument" in message:
        return UsageError(message, f"a value after {error.option_name}", f"{error.option_name} VALUE")
    verbs = list(getattr(context.command, "commands", {})) if context else []
    if verbs:
        unknown = next((each for each in arguments if each not in path.split()), arguments[0])
        near = difflib.get_close_matches(unknown, verbs, n=1, cutoff=0.0)[0]
        return UsageError(message, ", ".join(verbs), f"{path} {near}")
    return UsageError(message, "what --help lists", f"{path} --help")


def _values(option: str, arguments: list[str]) -> list[str]:
    """Return what was given for an option: one value, or none."""
    for place, argument in enumerate(arguments):
        if argument == option:
            return arguments[place + 1 : place + 2]
        if argument.startswith(f"{option}="):
            return [argument.removeprefix(f"{option}=")]
    return []


def _options(command: Any) -> list[str]:
    """Return the long options of a verb."""
    names = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
    return [*names, "--help"]
