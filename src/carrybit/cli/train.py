"""carrybit train."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli.console import Console, tick
from carrybit.cli.options import Debug, Json, Quiet

if TYPE_CHECKING:
    from carrybit.runs import Run
    from carrybit.training import Examining, Finished, Progress, Report, TrainConfig

TASK, NETWORK, LEARNING, RUN = "The task", "The network", "The learning", "The run"
OPEN, INTERRUPTED = 4, 130  # exit codes: the updates ran out before --until was met; Ctrl-C


def _option(panel: str, text: str, default: str = "") -> Any:
    return typer.Option(help=text, show_default=default or False, rich_help_panel=panel)


def train(
    task: Annotated[str | None, _option(TASK, "What to learn.", "addition")] = None,
    bits: Annotated[int | None, _option(TASK, "Width of the training sums.", "8")] = None,
    operands: Annotated[int | None, _option(TASK, "How many numbers are added.", "2")] = None,
    hidden_dim: Annotated[int | None, _option(NETWORK, "Units of the hidden layer.", "16")] = None,
    recurrence: Annotated[str | None, _option(NETWORK, "What a step remembers: hidden or input.", "hidden")] = None,
    activation: Annotated[str | None, _option(NETWORK, "sigmoid, tanh or relu.", "sigmoid")] = None,
    bias: Annotated[bool | None, typer.Option("--bias", help="Add biases.", rich_help_panel=NETWORK)] = None,
    loss: Annotated[
        str | None,
        _option(
            NETWORK, "squared_error, cross_entropy, softmax_cross_entropy or linear_squared_error.", "squared_error"
        ),
    ] = None,
    optimizer: Annotated[str | None, _option(LEARNING, "sgd, momentum or adam.", "sgd")] = None,
    learning_rate: Annotated[float | None, _option(LEARNING, "How far an update goes.", "0.1, with adam 0.03")] = None,
    clip: Annotated[float | None, _option(LEARNING, "The longest gradient that is followed.", "any length")] = None,
    batch_size: Annotated[int | None, _option(LEARNING, "Sequences in an update.", "1")] = None,
    updates: Annotated[
        int | None, _option(LEARNING, "How often the weights change.", "10000, with --until 300000")
    ] = None,
    until: Annotated[str | None, _option(LEARNING, "exact: stop when the examination is passed.")] = None,
    seed: Annotated[int | None, _option(LEARNING, "Of the first weights and the samples.", "0")] = None,
    every: Annotated[int | None, _option(RUN, "Updates from report to report.", "1000")] = None,
    out: Annotated[Path | None, _option(RUN, "The run folder.", "runs/TASK-N")] = None,
    resume: Annotated[Path | None, _option(RUN, "Go on with a run, to its end or to a new one.")] = None,
    figure: Annotated[Path | None, _option(RUN, "Draw the learning curve: .png, .svg or .pdf.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Train a network to add, examine it, and save it as a run.

    Without options this is the tutorial's network, rate and number of updates.

    Ctrl-C stops and saves it; --resume ends with the same bits as if it had never stopped.
    """
    from carrybit import figures, runs
    from carrybit.errors import UsageError
    from carrybit.training import TrainConfig

    settings = {
        "task": task,
        "bits": bits,
        "operands": operands,
        "hidden_dim": hidden_dim,
        "recurrence": recurrence,
        "activation": activation,
        "bias": bias,
        "loss": loss,
        "learning_rate": learning_rate,
        "optimizer": optimizer,
        "batch_size": batch_size,
        "clip": clip,
        "updates": updates,
        "until": until,
        "seed": seed,
        "every": every,
    }
    given: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
    console = Console(json=json, quiet=quiet)
    if figure is not None:
        figures.check(figure)
    if resume is None:
        run = runs.reopen(runs.create(TrainConfig(**given), out))
    else:
        fixed = [f"--{name.replace('_', '-')}" for name in given if name not in ("updates", "until")]
        if out is not None:
            fixed.append("--out")
        if fixed:
            raise UsageError(
                f"{', '.join(fixed)} together with --resume",
                "--updates and --until; everything else stays as the run has it",
                f"carrybit train --resume {resume}",
            )
        run = runs.reopen(resume, updates=updates, until=until)
    return _follow(console, run, figure)


def _follow(console: Console, run: Run, figure: Path | None) -> int:
    """Show a training as it goes, then its examination, then what to type next."""
    from carrybit.runs import follow
    from carrybit.training import Examining, Finished, Report

    _say_beginning(console, run)
    state = run.state
    unsaid: Report | None = None
    began = time.monotonic()
    try:
        with closing(follow(run)) as events, console.bar("training", run.config.updates) as bar:
            for event in events:
                state = event.state
                if isinstance(event, Report) and _is_worth_a_row(event, run.config):
                    _say_report(console, event)
                elif isinstance(event, Report):
                    unsaid = event
                elif not isinstance(event, Finished):
                    if isinstance(event, Examining) and unsaid is not None:
                        _say_report(console, unsaid)  # the last row is always shown
                        unsaid = None
                    speed = (state.update - run.state.update) / (time.monotonic() - began)
                    bar(state.update, _note(event, speed))
    except KeyboardInterrupt:
        console.say(f"\nstopped after {state.update:,} updates, and saved. To go on:")
        console.command(f"carrybit train --resume {run.folder}")
        console.result({"run": str(run.folder), "update": state.update, "reason": "interrupted"})
        return INTERRUPTED
    assert isinstance(event, Finished)
    _say_examination(console, run, event)
    if figure is not None:
        _draw(run.folder, figure)
        console.say(f"drawn: {figure}")
    console.result(
        {
            "run": str(run.folder),
            "update": state.update,
            "reason": event.reason,
            "is_exact": all(marks.is_passed for marks in event.examination),
            "examination": [asdict(marks) for marks in event.examination],
        }
    )
    return OPEN if run.config.until and event.reason != run.config.until else 0


def _say_beginning(console: Console, run: Run) -> None:
    config = run.config
    what = f"{config.task} of {config.operands} numbers, {config.bits} bits"
    net = f"{config.hidden_dim} hidden units ({config.activation}, {config.recurrence} recurrence)"
    how = f"{config.optimizer} at rate {config.learning_rate:g}, seed {config.seed}"
    console.say(f"{what}; {net}; {how}")
    console.say(f"saved in {run.folder}" + (f", going on after update {run.state.update:,}" * bool(run.state.update)))
    console.say()
    console.say(f"{'update':>9}  {'error':>7}  {'bits':>6}  {'sums':>6}  the next sum", style="bold")


def _is_worth_a_row(report: Report, config: TrainConfig) -> bool:
    """Whether a report is among the first ten, or then every tenth, then every hundredth."""
    number = report.state.update // config.every
    return number == 0 or number % 10 ** (len(str(number)) - 1) == 0


def _say_report(console: Console, report: Report) -> None:
    row = (
        f"{report.state.update:>9,}  {report.error:>7.3f}  {report.right_steps:>6.1%}  {report.right_sequences:>6.1%}  "
    )
    console.say(Text.assemble(row, report.sample, " ", tick(report.sample_is_right)))


def _note(event: Progress | Examining, speed: float) -> str:
    """Say beside the bar how it goes right now."""
    from carrybit.training import Examining

    if isinstance(event, Examining):
        return f"examination: {event.marks.right:,} right of {event.marks.asked:,} {event.marks.title}"
    tally = event.state.tally
    shares = f"bits {tally.right_steps / tally.steps:.1%}  sums {tally.right_sequences / tally.sequences:.1%}"
    return f"update {event.state.update:,}  error {tally.error / tally.sequences:.3f}  {shares}  {speed:,.0f} updates/s"


def _say_examination(console: Console, run: Run, finished: Finished) -> None:
    console.say(f"\nexamination after {finished.state.update:,} updates", style="bold")
    for marks in finished.examination:
        console.say(
            Text.assemble(
                "  ", tick(marks.is_passed), f" {marks.title:<33} {marks.right:>6,} of {marks.questions:,} right"
            )
        )
        if marks.first_wrong is not None:
            console.say(f"      first wrong: {marks.first_wrong}")
    console.say()
    if all(marks.is_passed for marks in finished.examination):
        console.say("Right on all of it. (Which is no proof: an examination asks only so much.)")
    else:
        console.say("Not exact yet. To do better:")
        _say_advice(console, run, finished)
    console.say("Next:")
    example = " + ".join(["9", "60", "3", "14", "1", "5", "92", "6"][: run.config.operands])
    console.command(f'carrybit predict {run.folder} "{example}" -v', "watch it carry")
    console.command(f"carrybit evaluate {run.folder} --bits 1000 --count 1000", "ask it longer sums")


def _say_advice(console: Console, run: Run, finished: Finished) -> None:
    if run.config.recurrence == "input":
        console.command("carrybit train --until exact", "input recurrence sees one step back, and a carry can be older")
    elif finished.state.update < run.config.updates * 2 and run.config.until is None:
        console.command(f"carrybit train --resume {run.folder} --until exact", "train on until it passes")
    else:
        console.command(f"carrybit train --until exact --seed {run.config.seed + 1}", "begin from other weights")
        console.command("carrybit train --until exact --optimizer adam", "or take surer steps")


def _draw(folder: Path, figure: Path) -> None:
    from carrybit import figures
    from carrybit.figures.learning import draw_learning
    from carrybit.runs import load_run

    drawing, ax = figures.blank(width=7, height=4)
    draw_learning(load_run(folder).metrics, ax)
    figures.save(drawing, figure)
