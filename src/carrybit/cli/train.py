"""carrybit train: what is asked for; how it is shown stands in course.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from carrybit.cli import course, sweep
from carrybit.cli.console import Console
from carrybit.cli.options import (
    Beginning,
    Bits,
    Categories,
    Data,
    Debug,
    Depth,
    Direction,
    Goal,
    Inputs,
    Json,
    Lag,
    Language,
    Length,
    MachineFile,
    Modulus,
    Operands,
    Quiet,
    Regex,
    Sequence,
    Symbols,
    Targets,
    Title,
    Unit,
    flag,
    option,
    task_of,
)

TASK, NETWORK, LEARNING, RUN = "The task", "The network", "The learning", "The run"
SETTINGS = (  # of TrainConfig, that are options by the same name
    *("hidden_dim", "recurrence", "activation", "bias", "precision", "start", "loss", "optimizer", "learning_rate"),
    *("clip", "batch_size", "noise", "noise_ramp", "updates", "until", "seed", "engine", "every", "recipe"),
)


def train(
    task: Annotated[str | None, option(TASK, "What to learn: see carrybit tasks.", "addition")] = None,
    bits: Bits = None,
    operands: Operands = None,
    length: Length = None,
    modulus: Modulus = None,
    language: Language = None,
    lag: Lag = None,
    depth: Depth = None,
    title: Title = None,
    unit: Unit = None,
    direction: Direction = None,
    beginning: Beginning = None,
    machine: MachineFile = None,
    regex: Regex = None,
    symbols: Symbols = None,
    data: Data = None,
    goal: Goal = None,
    inputs: Inputs = None,
    targets: Targets = None,
    sequence: Sequence = None,
    categories: Categories = None,
    hidden_dim: Annotated[int | None, option(NETWORK, "Units of the hidden layer.", "16, or the task's")] = None,
    recurrence: Annotated[str | None, option(NETWORK, "What a step remembers: hidden or input.", "hidden")] = None,
    activation: Annotated[str | None, option(NETWORK, "sigmoid, tanh or relu.", "sigmoid, or the task's")] = None,
    bias: Annotated[
        bool | None, typer.Option("--bias/--no-bias", help="Biases or none.", rich_help_panel=NETWORK)
    ] = None,
    precision: Annotated[str | None, option(NETWORK, "float64 or float32.", "float64")] = None,
    start: Annotated[float | None, option(NETWORK, "First weights lie between this and its negative.", "1")] = None,
    loss: Annotated[
        str | None,
        option(
            NETWORK,
            "squared_error, cross_entropy, softmax_cross_entropy or linear_squared_error.",
            "squared_error, or the task's",
        ),
    ] = None,
    optimizer: Annotated[str | None, option(LEARNING, "sgd, momentum or adam.", "sgd, or the task's")] = None,
    learning_rate: Annotated[
        float | None, option(LEARNING, "How far an update goes.", "0.1, with adam 0.03, or the task's")
    ] = None,
    clip: Annotated[float | None, option(LEARNING, "The longest gradient that is followed.", "any length")] = None,
    batch_size: Annotated[int | None, option(LEARNING, "Sequences in an update.", "1, or the task's")] = None,
    noise: Annotated[
        float | None, option(LEARNING, "Deviation of the noise on the hidden layer, while training.", "0")
    ] = None,
    noise_ramp: Annotated[
        int | None, option(LEARNING, "Updates over which the noise grows to that.", "0: it is there at once")
    ] = None,
    updates: Annotated[
        int | None, option(LEARNING, "How often the weights change.", "10000, with --until 300000, or the task's")
    ] = None,
    until: Annotated[
        str | None,
        option(LEARNING, "exact: stop when the examination is passed. updates: do them all.", "updates, or the task's"),
    ] = None,
    recipe: Annotated[
        str | None, option(LEARNING, "provable: settings under which the task is learned and can be proved.")
    ] = None,
    seed: Annotated[int | None, option(LEARNING, "Of the first weights and the samples.", "0")] = None,
    replicas: Annotated[
        int | None, option(RUN, "Train so many networks side by side, with one seed each, and count.")
    ] = None,
    threads: Annotated[int | None, option(RUN, "With --replicas.", "one for each core")] = None,
    engine: Annotated[str | None, option(RUN, "cpu: compiled code. reference: NumPy.", "cpu")] = None,
    every: Annotated[int | None, option(RUN, "Updates from report to report.", "1000, or the task's")] = None,
    out: Annotated[Path | None, option(RUN, "The run folder.", "runs/TASK-N")] = None,
    resume: Annotated[Path | None, option(RUN, "Go on with a run, to its end or to a new one.")] = None,
    figure: Annotated[Path | None, option(RUN, "Draw the learning curve: .png, .svg or .pdf.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Train a network, examine it, and save it as a run.

    Without options this is the tutorial: its network, rate and number of updates, on sums of 8 bits.

    Ctrl-C stops and saves it; --resume ends with the same bits as if it had never stopped.

    With --replicas, many networks of adjacent seeds are trained, each to the same bits as alone, and counted.
    """
    asked = dict(locals())
    from carrybit import figures, runs
    from carrybit.config import TrainConfig
    from carrybit.errors import UsageError
    from carrybit.plan import Plan

    console = Console(json=json, quiet=quiet)
    if figure is not None:
        figures.check(figure)
    if resume is not None:
        return _resume(console, resume, asked)
    settings: dict[str, Any] = {name: asked[name] for name in SETTINGS if asked[name] is not None}
    if threads is not None and replicas is None:
        what, fix = "--replicas, with or without --threads, for new networks", "carrybit train --replicas 64"
        raise UsageError("--threads without --replicas", what, fix)
    if out is not None and replicas is None:
        runs.refuse_taken(out)  # before anything that takes time
    config = TrainConfig(task=task_of(task, asked), **settings)
    if replicas is not None:
        return sweep.follow(console, Plan({}, config, replicas), out, threads=threads, figure=figure)
    return course.follow(console, runs.reopen(runs.create(config, out)), figure)


def _resume(console: Console, run: Path, asked: dict[str, Any]) -> int:
    """Go on with a run; of all other options, only its end may be a new one."""
    from carrybit import runs
    from carrybit.errors import UsageError
    from carrybit.shell import quoted

    updates, until, figure = asked["updates"], asked["until"], asked["figure"]
    may_stand = ("resume", "updates", "until", "figure", "json", "quiet", "debug")
    fixed = [flag(name) for name, value in asked.items() if value is not None and name not in may_stand]
    if fixed:
        raise UsageError(
            f"{', '.join(fixed)} together with --resume",
            "--updates and --until; everything else stays as the run has it",
            f"carrybit train --resume {quoted(run)}",
        )
    if figure is not None and updates is None and until is None and runs.load_run(run).is_finished:
        return course.draw(console, run, figure)
    return course.follow(console, runs.reopen(run, updates=updates, until=until), figure)
