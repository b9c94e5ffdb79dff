"""carrybit train."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli import sweep
from carrybit.cli.console import INTERRUPTED, Console, number, one_interrupt, tick
from carrybit.cli.options import Debug, Json, Quiet, count, flag, settings_of

if TYPE_CHECKING:
    from carrybit.config import TrainConfig
    from carrybit.runs import Run
    from carrybit.training import Finished, Report, State

TASK, NETWORK, LEARNING, RUN = "The task", "The network", "The learning", "The run"
OPEN = 4  # the exit code of a training whose updates ran out before --until was met


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
    precision: Annotated[str | None, _option(NETWORK, "float64 or float32.", "float64")] = None,
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
    replicas: Annotated[
        int | None, _option(RUN, "Train so many networks side by side, with one seed each, and count.")
    ] = None,
    threads: Annotated[int | None, _option(RUN, "With --replicas.", "one for each core")] = None,
    engine: Annotated[str | None, _option(RUN, "cpu: compiled code. reference: NumPy.", "cpu")] = None,
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

    With --replicas, many networks of adjacent seeds are trained, each to the same bits as alone, and counted.
    """
    from carrybit import figures, runs
    from carrybit.config import TrainConfig
    from carrybit.errors import UsageError
    from carrybit.plan import Plan
    from carrybit.shell import quoted

    settings = {
        "task": task,
        "bits": bits,
        "operands": operands,
        "hidden_dim": hidden_dim,
        "recurrence": recurrence,
        "activation": activation,
        "bias": bias,
        "precision": precision,
        "loss": loss,
        "learning_rate": learning_rate,
        "optimizer": optimizer,
        "batch_size": batch_size,
        "clip": clip,
        "updates": updates,
        "until": until,
        "seed": seed,
        "every": every,
        "engine": engine,
    }
    given: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
    console = Console(json=json, quiet=quiet)
    if figure is not None:
        figures.check(figure)
    if replicas is not None or threads is not None:
        if replicas is None or resume is not None:
            wrong = "--threads without --replicas" if replicas is None else "--replicas together with --resume"
            fix = "carrybit train --replicas 64" if replicas is None else "the command that began it, which goes on"
            raise UsageError(wrong, "--replicas, with or without --threads, for new networks", fix)
        plan = Plan({}, TrainConfig(**given), replicas)
        return sweep.follow(console, plan, out, threads=threads, figure=figure)
    if resume is None:
        return _follow(console, runs.reopen(runs.create(TrainConfig(**given), out)), figure)
    fixed = [flag(name) for name in given if name not in ("updates", "until")] + ["--out"] * (out is not None)
    if fixed:
        raise UsageError(
            f"{', '.join(fixed)} together with --resume",
            "--updates and --until; everything else stays as the run has it",
            f"carrybit train --resume {quoted(resume)}",
        )
    if figure is not None and updates is None and until is None and runs.load_run(resume).is_finished:
        return _draw(console, resume, figure)
    return _follow(console, runs.reopen(resume, updates=updates, until=until), figure)


def _follow(console: Console, run: Run, figure: Path | None) -> int:
    """Show a training as it goes, then its examination, then what to type next."""
    from carrybit.runs import follow, load_run
    from carrybit.training import Examining, Finished, Progress, Report

    _say_beginning(console, run)
    began = time.monotonic()
    unsaid: Report | None = None
    try:
        with one_interrupt(), closing(follow(run)) as events, console.bar() as bar:
            for event in events:
                if isinstance(event, Progress):
                    speed = (event.state.update - run.state.update) / max(time.monotonic() - began, 1e-9)
                    bar("training", event.state.update, run.config.updates, _note(event.state, speed))
                elif isinstance(event, Report) and _is_worth_a_row(event, run.config):
                    _say_report(console, event)
                    unsaid = None
                elif isinstance(event, Report):
                    unsaid = event
                elif isinstance(event, Examining):
                    if unsaid is not None:
                        _say_report(console, unsaid)  # the last row is always shown
                        unsaid = None
                    marks = event.marks
                    note = f"examination: {marks.title}, {marks.right:,} right of {marks.asked:,}"
                    bar(marks.title, marks.asked, marks.questions, note)
    except KeyboardInterrupt:
        reached = load_run(run.folder).state.update
        console.say(f"\nstopped after {count(reached, 'update')}, and saved. To go on:")
        console.command("carrybit", "train", "--resume", run.folder)
        console.result({"run": str(run.folder), "update": reached, "reason": "interrupted"})
        return INTERRUPTED
    assert isinstance(event, Finished)
    _say_examination(console, run, event)
    console.result(
        {
            "run": str(run.folder),
            "update": event.state.update,
            "reason": event.reason,
            "is_exact": all(marks.is_passed for marks in event.examination),
            "examination": [asdict(marks) for marks in event.examination],
        }
    )
    if figure is not None:
        _draw(console, run.folder, figure)
    return OPEN if run.config.until and event.reason != run.config.until else 0


def _say_beginning(console: Console, run: Run) -> None:
    config = run.config
    console.say(f"{config.task} of {config.operands} numbers, {count(config.bits, 'bit')}")
    units = f"{count(config.hidden_dim, 'hidden unit')} ({config.activation}, {config.recurrence} recurrence)"
    console.say(f"{units}, {config.optimizer} at rate {config.learning_rate:g}, seed {config.seed}")
    console.say(f"run folder: {run.folder}" + f", going on after update {run.state.update:,}" * bool(run.state.update))
    console.say()
    console.say(f"{'update':>9}  {'error':>7}  {'bits':>6}  {'sums':>6}  the next sum", style="bold")


def _is_worth_a_row(report: Report, config: TrainConfig) -> bool:
    """Whether a report is among the first ten, or then every tenth, then every hundredth."""
    nth = report.state.update // config.every
    return nth == 0 or nth % 10 ** (len(str(nth)) - 1) == 0


def _say_report(console: Console, report: Report) -> None:
    numbers = f"{report.state.update:>9,}  {number(report.error):>7}"
    shares = f"{report.right_steps:>6.1%}  {report.right_sequences:>6.1%}"
    console.say(Text.assemble(f"{numbers}  {shares}  {report.sample} ", tick(report.sample_is_right)))


def _note(state: State, speed: float) -> str:
    """Say beside the bar how it goes right now."""
    tally = state.tally
    error = number(tally.error / tally.sequences)
    shares = f"bits {tally.right_steps / tally.steps:.0%}  sums {tally.right_sequences / tally.sequences:.0%}"
    return f"update {state.update:,}  error {error}  {shares}  {speed:,.0f} updates/s"


def _say_examination(console: Console, run: Run, finished: Finished) -> None:
    console.say(f"\nexamination after {count(finished.state.update, 'update')}", style="bold")
    for marks in finished.examination:
        line = f" {marks.title:<35} {marks.right:>6,} of {marks.questions:,} right"
        console.say(Text.assemble("  ", tick(marks.is_passed), line))
        if marks.first_wrong is not None:
            console.say(f"      first wrong: {marks.first_wrong}")
    console.say()
    if all(marks.is_passed for marks in finished.examination):
        console.say("Right on all of it. (Which is no proof: an examination asks only so much.)")
    else:
        console.say("Not exact yet. To do better:")
        _say_advice(console, run)
    console.say("Next:")
    console.command("carrybit", "predict", run.folder, run.config.make_task().example, "-v", why="watch it carry")
    console.command("carrybit", "evaluate", run.folder, "--bits", "1000", "--count", "1000", why="ask it longer sums")


def _say_advice(console: Console, run: Run) -> None:
    """Say what to type for a network that is not exact: train on, or else begin anew with one thing changed."""
    config = run.config
    if config.recurrence == "input":
        why = "input recurrence sees one step back, and a carry can be older"
        console.command(*_anew(config, recurrence="hidden"), why=why)
    elif config.until is None:
        console.command("carrybit", "train", "--resume", run.folder, "--until", "exact", why="train on until it passes")
    else:
        console.command(*_anew(config, seed=(config.seed + 1) % 2**64), why="begin from other weights")
        if config.hidden_dim < 16:
            console.command(*_anew(config, hidden_dim=16), why="more units")
        if config.optimizer != "adam":
            console.command(*_anew(config, optimizer="adam", learning_rate=0.03), why="surer steps")


def _anew(config: TrainConfig, **changes: Any) -> list[str]:
    """Return the command that trains as ``config`` says but for some changes, until it is exact."""
    from carrybit.config import UPDATES_UNTIL_EXACT

    wanted = replace(config, **{"until": "exact", "updates": UPDATES_UNTIL_EXACT, **changes})
    return ["carrybit", "train", *settings_of(wanted)]


def _draw(console: Console, folder: Path, figure: Path) -> int:
    from carrybit import figures
    from carrybit.figures.learning import draw_learning
    from carrybit.runs import load_run

    drawing, ax = figures.blank(width=7, height=4)
    draw_learning(load_run(folder).metrics, ax)
    figures.save(drawing, figure)
    console.say(f"drawn: {figure}")
    return 0
