"""The command line: one file per verb; what they have in common is here and in console.py."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import typer

import carrybit
from carrybit.cli import (
    check,
    doctor,
    evaluate,
    extract,
    lab,
    predict,
    prove,
    quantize,
    reproduce,
    sweep,
    tasks,
    train,
    watch,
)
from carrybit.cli.console import INTERRUPTED, print_error
from carrybit.errors import CarrybitError, UsageError

app = typer.Typer(
    name="carrybit",
    help="Small recurrent neural networks you can see through.",
    epilog="Start with: carrybit train",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("train")(train.train)
app.command("reproduce")(reproduce.reproduce)
app.command("predict", context_settings={"ignore_unknown_options": True})(predict.predict)
app.command("evaluate")(evaluate.evaluate)
app.command("quantize")(quantize.quantize)
app.command("watch", context_settings={"ignore_unknown_options": True})(watch.watch)
app.command("prove")(prove.prove)
app.command("extract")(extract.extract)
app.command("check")(check.check)
app.command("sweep")(sweep.sweep)
app.command("lab")(lab.lab)
app.add_typer(tasks.app, name="tasks")
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"carrybit {carrybit.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done or proved, 1 failed, 2 wrong usage, 3 refuted, 4 open, 130 interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ✓ shows ? instead of a traceback
    try:
        if "" in arguments and arguments[0] not in (
            "predict",
            "watch",
        ):  # they say themselves that an empty line is no sum
            raise UsageError(
                "an empty argument", "arguments with something in them", "look at what the shell puts there"
            )
        code = app(arguments or ["--help"], prog_name="carrybit", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code or 0
    except CarrybitError as error:
        _traceback_if_wanted(arguments)
        return print_error(error)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:
        with suppress(AttributeError, OSError):  # what is still unprinted would fail again when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader has left: carrybit reproduce | head
            return 1
        _traceback_if_wanted(arguments)
        return print_error(_system_error(error))
    except MemoryError:
        _traceback_if_wanted(arguments)
        return print_error(CarrybitError("not enough memory", "what fits", "a smaller network, batch or width"))
    except Exception as error:
        _traceback_if_wanted(arguments)
        return print_error(_as_ours(error, arguments))


def _traceback_if_wanted(arguments: list[str]) -> None:
    if "--debug" in arguments:
        import traceback

        traceback.print_exc()


def _system_error(error: OSError) -> CarrybitError:
    where = f": {error.filename}" if error.filename else ""
    return CarrybitError(
        f"the system says {error.strerror or error}{where}"[:200],
        "files and folders that can be read and written, and a place to print to",
        "look at what it names, and try again",
    )


def _as_ours(error: Exception, arguments: list[str]) -> CarrybitError:
    """Say in our three lines what the parser of the command line, or a bug, has to say."""
    if not hasattr(error, "format_message"):
        return CarrybitError(
            f"{type(error).__name__}: {error}".splitlines()[0] + " (a bug in carrybit, not a mistake of yours)",
            "no such thing should happen",
            "add --debug to see where, and report it",
        )
    from carrybit.cli.parsing import usage_error

    return usage_error(error, arguments)
