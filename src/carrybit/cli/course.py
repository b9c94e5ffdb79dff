"""The course of a training: its reports as they come, its examination, and what to type next."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from carrybit.cli import own
from carrybit.cli.console import INTERRUPTED, Console, number, one_interrupt, tick
from carrybit.cli.options import count, settings_of, singular

if TYPE_CHECKING:
    from carrybit.config import TrainConfig
    from carrybit.runs import Run
    from carrybit.tasks.data import DataTask
    from carrybit.tasks.task import Task
    from carrybit.training import Finished, Report, State

COLUMN = 7  # letters that fit above a share
OPEN = 4  # the exit code of a training whose updates ran out before --until was met


def follow(console: Console, run: Run, figure: Path | None) -> int:
    """Show a training as it goes, then its examination, then what to type next."""
    from carrybit.runs import follow as events_of
    from carrybit.runs import load_run
    from carrybit.tasks.data import DataTask
    from carrybit.training import Examining, Finished, Progress, Report

    _say_beginning(console, run)
    began = time.monotonic()
    unsaid: Report | None = None
    try:
        with one_interrupt(), closing(events_of(run)) as events, console.bar() as bar:
            for event in events:
                if isinstance(event, Progress):
                    speed = (event.state.update - run.state.update) / max(time.monotonic() - began, 1e-9)
                    bar("training", event.state.update, run.config.updates, _note(run.config.task, event.state, speed))
                elif isinstance(event, Report) and _is_worth_a_row(event, run.config):
                    _say_report(console, run.config.task, event)
                    unsaid = None
                elif isinstance(event, Report):
                    unsaid = event
                elif isinstance(event, Examining):
                    if unsaid is not None:
                        _say_report(console, run.config.task, unsaid)  # the last row is always shown
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
    head = {"run": str(run.folder), "update": event.state.update, "reason": event.reason}
    if isinstance(run.config.task, DataTask):
        if unsaid is not None:
            _say_report(console, run.config.task, unsaid)
        console.result({**head, **_say_score(console, run.folder, run.config.task, event)})
    else:
        _say_examination(console, run, event)
        marks_of = [asdict(marks) for marks in event.examination]
        is_exact = all(marks.is_passed for marks in event.examination)
        console.result({**head, "is_exact": is_exact, "examination": marks_of})
    if figure is not None:
        draw(console, run.folder, figure)
    return OPEN if run.config.until == "exact" and event.reason != "exact" else 0


def _say_beginning(console: Console, run: Run) -> None:
    from carrybit.tasks.task import has_machine

    config = run.config
    task = config.task
    console.say(f"{task.title}, {count(task.length, singular(task.steps))}")
    units = f"{count(config.hidden_dim, 'hidden unit')} ({config.activation}, {config.recurrence} recurrence)"
    noise = f"noise {config.noise:g}, " if config.noise else ""
    console.say(f"{units}, {config.optimizer} at rate {config.learning_rate:g}, {noise}seed {config.seed}")
    console.say(f"run folder: {run.folder}" + f", going on after update {run.state.update:,}" * bool(run.state.update))
    console.say()
    shares = f"{_head(task.steps):>6}  {_head(task.noun) if has_machine(task) else 'validated':>6}"
    console.say(f"{'update':>9}  {'error':>7}  {shares}  the next {singular(task.noun)}", style="bold")


def _head(noun: str) -> str:
    """Return what is counted as the head of a narrow column."""
    return noun if len(noun) <= COLUMN else "whole" if noun.endswith("ons") else "steps"


def _is_worth_a_row(report: Report, config: TrainConfig) -> bool:
    """Whether a report is among the first ten, or then every tenth, then every hundredth."""
    nth = report.state.update // config.every
    return nth == 0 or nth % 10 ** (len(str(nth)) - 1) == 0


def _say_report(console: Console, task: Task, report: Report) -> None:
    from carrybit.tasks.task import has_data

    numbers = f"{report.state.update:>9,}  {number(report.error):>7}"
    shares = f"{report.right_steps:>6.1%}  {report.right_sequences:>6.1%}"
    if has_data(task):
        steps = "-" if task.losses[0] == "linear_squared_error" else f"{report.right_steps:.1%}"
        shares = f"{steps:>6}  {number(report.validation or 0.0):>9}"
    mark = "" if report.sample_is_right is None else tick(report.sample_is_right)
    console.say(Text.assemble(f"{numbers}  {shares}  {report.sample} ", mark))


def _note(task: Task, state: State, speed: float) -> str:
    """Say beside the bar how it goes right now."""
    tally = state.tally
    error = number(tally.error / tally.sequences)
    shares = f"{task.steps} {tally.right_steps / tally.steps:.0%}"
    shares += f"  {task.noun} {tally.right_sequences / tally.sequences:.0%}"
    return f"update {state.update:,}  error {error}  {shares}  {speed:,.0f} updates/s"


def _say_score(console: Console, folder: Path, task: DataTask, finished: Finished) -> dict[str, Any]:
    """Say how the best network does on the validation part, and what to type next; return that as JSON has it."""
    from carrybit.scoring import score

    best = finished.state.best
    assert best is not None  # there was a report
    console.say(f"\nbest on the validation part after {count(best.update, 'update')}, and kept\n")
    found = score(best.network, task, "validation")
    own.say_score(console, task, found)
    console.say("\nNext:")
    console.command("carrybit", "evaluate", folder, why="score it on the test part, which nothing was learned from")
    if task.unit is not None:
        console.command("carrybit", "predict", folder, "--continue", task.beginning, why="let it write")
    else:
        console.command("carrybit", "predict", folder, "--data", Path(task.file), why="let it answer a file")
    return {"best_update": best.update, **found.as_dict()}


def _say_examination(console: Console, run: Run, finished: Finished) -> None:
    from carrybit.tasks.task import has_machine

    console.say(f"\nexamination after {count(finished.state.update, 'update')}", style="bold")
    wide = max(35, *(len(marks.title) for marks in finished.examination))
    for marks in finished.examination:
        line = f" {marks.title:<{wide}} {marks.right:>6,} of {marks.questions:,} right"
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
    task = run.config.task
    assert has_machine(task)
    console.command("carrybit", "predict", run.folder, task.example, "-v", why="see it step by step")
    console.command("carrybit", "watch", run.folder, task.example, why="watch it think, there and all the way back")
    console.command("carrybit", "evaluate", run.folder, why=f"ask it longer {task.noun}")
    console.command("carrybit", "prove", run.folder, why=f"prove it for {task.noun} of every length, or refute it")


def _say_advice(console: Console, run: Run) -> None:
    """Say what to type for a network that is not exact: train on, or else begin anew with one thing changed."""
    config = run.config
    if config.recurrence == "input":
        why = "input recurrence sees one step back, and what counts can be older"
        console.command(*_anew(config, recurrence="hidden"), why=why)
    elif config.until is None:
        console.command("carrybit", "train", "--resume", run.folder, "--until", "exact", why="train on until it passes")
    else:
        console.command(*_anew(config, seed=(config.seed + 1) % 2**64), why="begin from other weights")
        if config.hidden_dim < 16:
            console.command(*_anew(config, hidden_dim=16), why="more units")
        if config.optimizer != "adam":
            console.command(*_anew(config, optimizer="adam"), why="surer steps")


def _anew(config: TrainConfig, **changes: Any) -> list[str]:
    """Return the command that trains as ``config`` says but for some changes, until it is exact."""
    from carrybit.config import UPDATES_UNTIL_EXACT

    wanted = {"until": "exact", "updates": max(UPDATES_UNTIL_EXACT, config.updates), **changes}
    return ["carrybit", "train", *settings_of(config.changed(**wanted))]


def draw(console: Console, folder: Path, figure: Path) -> int:
    """Draw the learning curve of a run."""
    from carrybit import figures
    from carrybit.figures.learning import draw_learning
    from carrybit.runs import load_run

    drawing, ax = figures.blank(width=7, height=4)
    run = load_run(folder)
    draw_learning(run.config.task, run.metrics, ax)
    figures.save(drawing, figure)
    console.say(f"drawn: {figure}")
    return 0
