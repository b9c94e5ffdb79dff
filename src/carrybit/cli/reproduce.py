"""carrybit reproduce."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from carrybit.cli.console import Console
from carrybit.cli.options import Debug, Json, Quiet

Option = typer.Option


def reproduce(
    seed: Annotated[int, Option(help="Of the tutorial's random stream.")] = 0,
    hidden_dim: Annotated[int, Option(help="Units of the hidden layer.")] = 16,
    learning_rate: Annotated[float, Option(help="The tutorial's alpha.")] = 0.1,
    updates: Annotated[int, Option(help="How often the weights change.")] = 10_000,
    bits: Annotated[int, Option(help="Width of the numbers, up to 64.")] = 8,
    every: Annotated[int, Option(help="Updates from entry to entry of the log.")] = 1000,
    out: Annotated[Path | None, Option(help="Save the network as a run folder.", show_default="not saved")] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Print the tutorial's own training log, byte for byte.

    The random numbers, the arithmetic and the layout are the same.

    With --out, the network is saved for the other verbs.
    """
    from carrybit.reproduction import check, layout
    from carrybit.reproduction import reproduce as lessons
    from carrybit.runs import create, refuse_taken
    from carrybit.training import TrainConfig

    config = TrainConfig(
        seed=seed, hidden_dim=hidden_dim, learning_rate=learning_rate, updates=updates, bits=bits, every=every
    )
    check(config)
    if out is not None:
        refuse_taken(out)
    console = Console(json=json, quiet=quiet or sys.stdout.isatty(), on_error_stream=True)
    entries = []
    with console.bar("training", config.updates) as bar:
        for lesson in lessons(config):
            if lesson.update % every == 0:
                console.exactly(layout(lesson))
                entry = {"update": lesson.update, "operands": lesson.operands, "error": lesson.error}
                bits_of = {"prediction": lesson.prediction.tolist(), "target": lesson.target.tolist()}
                entries.append(entry | bits_of)
                bar(lesson.update)
    if out is not None:
        create(config, out, lesson.state, made_by="reproduce")
        Console(json=json, quiet=quiet, on_error_stream=True).say(f"saved in {out}")
    console.result({"log": entries, "run": None if out is None else str(out)})
