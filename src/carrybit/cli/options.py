"""Options that several verbs have, and options as a person types them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from carrybit.config import TrainConfig

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, words on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No words, only the result.")]
Engine = Annotated[
    str | None,
    typer.Option(help="cpu: compiled code. reference: NumPy.", show_default="as it was trained"),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def settings_of(config: TrainConfig) -> list[str]:
    """Return the options that ask for a configuration; what is usual is left out."""
    from carrybit.config import TrainConfig

    plain, usual = TrainConfig(), TrainConfig(optimizer=config.optimizer, until=config.until)
    options = []
    for name, value in sorted(vars(config).items(), key=lambda item: item[0] != "until"):  # that comes first
        if value != getattr(plain if name in ("until", "optimizer") else usual, name):
            options += [flag(name)] if value is True else [flag(name), str(value)]
    return options


def flag(name: str) -> str:
    """Return the option for a setting: --hidden-dim for hidden_dim."""
    return f"--{name.replace('_', '-')}"


def count(number: int, noun: str) -> str:
    """Return a number of things: 1 network, 2 networks."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
