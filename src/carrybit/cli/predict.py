"""carrybit predict."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli import own
from carrybit.cli.console import Console, tick
from carrybit.cli.options import Debug, Engine, Json, Quiet, flag, refuse_unknown, singular

if TYPE_CHECKING:
    from carrybit.network import Network
    from carrybit.prediction import Prediction
    from carrybit.tasks.task import MachineTask

Option = typer.Option
ALLOWED = "--verbose, --figure, --data, --out, --continue, --length, --temperature, --seed, --engine, --json, --quiet"
OF_DATA = ("data", "out", "beginning", "length", "temperature", "seed")  # options of networks trained on own data
NAMED = {"beginning": "continue"}
HEAD, COLUMN = 12, 6  # widths of the head and of the columns that -v prints


def predict(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    questions: Annotated[
        list[str] | None, typer.Argument(help='Such as "9 + 60"; without any, one a line is read.', show_default=False)
    ] = None,
    verbose: Annotated[bool, Option("--verbose", "-v", help="Show the steps in columns.")] = False,
    figure: Annotated[Path | None, Option(help="Draw what the last one leaves in memory: .png, .svg or .pdf.")] = None,
    data: Annotated[Path | None, Option(help="Of a network trained on own data: a file to answer.")] = None,
    out: Annotated[Path | None, Option(help="With --data: a CSV file for the answers.", show_default="printed")] = None,
    beginning: Annotated[str | None, Option("--continue", help="Of a network trained on text: how to begin.")] = None,
    length: Annotated[int | None, Option(help="With --continue: letters or words to add.", show_default="200")] = None,
    temperature: Annotated[
        float | None, Option(help="With --continue: 0 for the likeliest, more for more surprise.", show_default="1")
    ] = None,
    seed: Annotated[int | None, Option(help="With --continue: of the draws.", show_default="0")] = None,
    engine: Engine = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Ask a network something of any length, and say if it is right.

    A network trained on own data answers a file of the same kind; one trained on text goes on with it.
    """
    asked = dict(locals())
    from carrybit import figures
    from carrybit.errors import UsageError
    from carrybit.prediction import predict as ask
    from carrybit.runs import load_run
    from carrybit.shell import quoted
    from carrybit.tasks.data import DataTask
    from carrybit.tasks.task import has_machine

    refuse_unknown("predict", [str(run), *(questions or [])], ALLOWED)
    if figure is not None:
        figures.check(figure)
    loaded = load_run(run)
    network = replace(loaded.network, engine=engine or loaded.config.engine)
    task = loaded.config.task
    console = Console(json=json, quiet=quiet)
    if isinstance(task, DataTask):
        own.predict(console, run, network, task, asked)
        return
    assert has_machine(task)
    for name in OF_DATA:
        if asked[name] is not None:
            only = "a network trained on own data"
            raise UsageError(f"{flag(NAMED.get(name, name))} for {task.title}", only, "leave it out")
    prediction, entries = None, []
    for where, question in [("", text) for text in questions] if questions else _lines(task):
        try:
            prediction = ask(network, task, question)
        except UsageError as error:
            raise UsageError(where + error.received, error.allowed, error.fix) from error
        _say(console, task, prediction, verbose)
        if json:
            entries.append(_entry(task, prediction))
    if prediction is None:
        fix = f'carrybit predict {quoted(run)} "{task.example}"'
        what = f"{task.noun} as arguments, or one a line on standard input"
        raise UsageError(f"no {singular(task.noun)}", what, fix)
    if figure is not None:
        _draw(network, task, prediction, figure)
        console.say(f"drawn: {figure}")
    console.result({"run": str(run), "predictions": entries})


def _lines(task: MachineTask) -> Iterator[tuple[str, str]]:
    """Yield the lines of standard input, each after the words that say where it stood."""
    if sys.stdin is None:
        return
    if sys.stdin.isatty():
        print(f"one {singular(task.noun)} a line, such as {task.example}; Ctrl-D ends", file=sys.stderr)
    for number, line in enumerate(sys.stdin, start=1):
        yield f"line {number}: ", line.removeprefix("\ufeff").rstrip("\n")


def _say(console: Console, task: MachineTask, prediction: Prediction, verbose: bool) -> None:
    shown = task.show(prediction.word, prediction.answers, whole=True)
    if console.quiet:
        console.exactly(shown)
        return
    right = task.decode(prediction.truth, whole=True)
    verdict = Text(" right", "green") if prediction.is_right else Text(f" wrong, it is {right}", "red")
    console.say(Text.assemble(shown, "  ", tick(prediction.is_right), verdict))
    if verbose:
        _say_columns(console, task, prediction)


def _say_columns(console: Console, task: MachineTask, prediction: Prediction) -> None:
    """Print the steps beside each other, in as many blocks as the width needs; of numbers, the highest bit first."""
    a_block = max(1, (console.words.width - HEAD) // COLUMN)
    rows = list(_rows(task, prediction))
    order = range(len(prediction.word))
    order = order[::-1] if task.is_read_backwards else order
    for first in range(0, len(order), a_block):
        for head, cells, styles in rows:
            line = Text(f"  {head:<{HEAD - 2}}", style="dim")
            for t in order[first : first + a_block]:
                line.append(f"{cells[t]:>{COLUMN}}", styles[t])
            console.say(line)
        console.say()


def _rows(task: MachineTask, prediction: Prediction) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield head, cells and styles of the rows: a cell and a style for each step."""
    steps = len(prediction.word)
    states, wrong = prediction.states[:-1].tolist(), prediction.answers != prediction.truth
    yield singular(task.steps), [str(t) for t in range(steps)], ["dim"] * steps
    yield task.memory, [str(state) for state in states], ["bold yellow" if state else "dim" for state in states]
    for head, cells in task.rows(prediction.word):
        yield head, cells, ["not dim"] * steps
    said = [(*task.machine.answers, "?")[answer] for answer in prediction.answers]  # ? for none, which is -1
    answers = [f"{answer}{'!' if bad else ''}" for answer, bad in zip(said, wrong, strict=True)]
    yield "network", answers, ["bold red" if bad else "bold green" for bad in wrong]
    yield "confidence", [f"{sure:.0%}" for sure in prediction.confidence], ["dim"] * steps


def _entry(task: MachineTask, prediction: Prediction) -> dict[str, Any]:
    """Return what --json says of a prediction; numbers as text, since they may be longer than a reader's integers."""
    return {
        "question": task.question(prediction.word, whole=True),
        "answer": task.decode(prediction.answers, whole=True),
        "is_right": prediction.is_right,
        "truth": task.decode(prediction.truth, whole=True),
        "answers": prediction.answers.tolist(),
        "states": prediction.states.tolist(),
        "confidence": prediction.confidence.round(6).tolist(),
    }


def _draw(network: Network, task: MachineTask, prediction: Prediction, path: Path) -> None:
    from carrybit import figures
    from carrybit.errors import UsageError
    from carrybit.figures.memory import MOST_STEPS, draw_memory
    from carrybit.prediction import follow_state

    steps = len(prediction.word)
    if steps > MOST_STEPS:
        raise UsageError(f"a figure of {steps:,} {task.steps}", f"at most {MOST_STEPS} {task.steps}", "draw fewer")

    drawing, ax = figures.blank(width=max(5.0, 0.55 * steps + 2), height=6)
    draw_memory(task, prediction, follow_state(network, task), network.spec.activation, ax)
    figures.save(drawing, path)
