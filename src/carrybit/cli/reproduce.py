"""carrybit reproduce."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from carrybit.cli.console import INTERRUPTED, Console, one_interrupt, prints_to_terminal
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
) -> int:
    """Print the tutorial's own training log, byte for byte.

    The random numbers, the arithmetic and the layout are the same.

    With --out, the network is saved for the other verbs.
    """
    from carrybit import runs
    from carrybit.config import TrainConfig
    from carrybit.reproduction import check, first_state, layout
    from carrybit.reproduction import reproduce as lessons
    from carrybit.tasks.addition import addition

    check(bits=bits, seed=seed)
    config = TrainConfig(
        seed=seed, hidden_dim=hidden_dim, learning_rate=learning_rate, updates=updates, every=every, task=addition(bits)
    )
    state, entries, is_stopped = first_state(config), [], False
    if out is not None:
        out = runs.create(config, out, state, made_by="reproduce")  # now, so that an hour's work is not for nothing
    console = Console(json=json, quiet=quiet, on_error_stream=not prints_to_terminal())
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(newline="\n")  # byte for byte, on every system
    try:
        with one_interrupt(), console.bar() as bar:
            for lesson in lessons(config):
                state = lesson.state
                if lesson.update % every == 0:
                    # above the bar where both are on the terminal, to the byte where the log goes elsewhere
                    (console.say if prints_to_terminal() and not (json or quiet) else console.exactly)(layout(lesson))
                    entries.append(
                        {
                            "update": lesson.update,
                            "operands": lesson.operands,
                            "error": lesson.error,
                            "prediction": lesson.prediction.tolist(),
                            "target": lesson.target.tolist(),
                        }
                    )
                if lesson.update % 100 == 0:
                    bar("training", lesson.update, updates, f"update {lesson.update:,}  error {lesson.error:.3f}")
    except KeyboardInterrupt:
        is_stopped = True
    finally:
        if out is not None:
            runs.save(out, config, state, made_by="reproduce")
    words = Console(json=json, quiet=quiet, on_error_stream=True)
    if is_stopped:
        words.say(f"\nstopped after {state.update:,} updates")
    if out is not None:
        words.say(f"saved in {out}")
    console.result({"log": entries, "run": None if out is None else str(out)})
    return INTERRUPTED if is_stopped else 0
