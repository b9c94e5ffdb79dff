"""carrybit evaluate."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli import own
from carrybit.cli.console import Console, number, tick
from carrybit.cli.options import Debug, Engine, Json, Quiet

if TYPE_CHECKING:
    from carrybit.examination import Marks
    from carrybit.network import Network
    from carrybit.tasks.paper import Paper
    from carrybit.tasks.task import MachineTask

Option = typer.Option
LONGEST = 100_000
TITLE = 34  # letters, or more where a title is longer
FARTHER = (1, 2, 10, 100)  # times the length of training
COUNT, STEPS = 10_000, 2_000_000  # words of a length, and steps in all of them, unless so many are asked for


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    length: Annotated[
        int | None,
        Option(
            "--length",
            "--bits",
            help="Steps of a word, up to 100000.",
            show_default="1, 2, 10, 100 times the training's",
        ),
    ] = None,
    count: Annotated[
        int | None, Option(help="How many words of each length.", show_default="10000, of long ones fewer")
    ] = None,
    seed: Annotated[int | None, Option(help="Of the random words.", show_default="0")] = None,
    part: Annotated[str | None, Option(help="Of own data: train, validation or test.", show_default="test")] = None,
    examination: Annotated[
        bool, Option("--examination", help="Hold the examination that training ends with instead.")
    ] = False,
    engine: Engine = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Ask a network many random words, short and long, and count.

    How many steps and words are right, how sure it was, the first that is wrong, and the best without memory.

    Of own data: the usual figures of a part that it has not learned from, each beside a simple baseline.
    """
    from carrybit import checks
    from carrybit.errors import UsageError
    from carrybit.runs import load_run
    from carrybit.shell import quoted
    from carrybit.tasks.data import DataTask
    from carrybit.tasks.task import has_machine

    if examination and (length, count, seed) != (None, None, None):
        raise UsageError(
            "--examination together with --length, --bits, --count or --seed",
            "either: the examination asks every network the same",
            f"carrybit evaluate {quoted(run)} --examination",
        )
    loaded = load_run(run)
    task = loaded.config.task
    console = Console(json=json, quiet=quiet)
    network = replace(loaded.network, engine=engine or loaded.config.engine)
    if isinstance(task, DataTask):
        if examination or (length, count, seed) != (None, None, None):
            raise UsageError("random words of a file", "--part", f"carrybit evaluate {quoted(run)} --part test")
        own.evaluate(console, run, network, task, part or "test")
        return
    assert has_machine(task)
    if part is not None:
        raise UsageError(f"--part for {task.title}", "--part for own data", "leave it out")
    if count is not None:
        checks.whole("count", count, 1, 10**9, COUNT)
    seed = checks.whole("seed", seed or 0, 0, 2**64 - 1, 0)
    if length is not None:
        checks.whole(task.length_name, length, 1, LONGEST, 64)
    lengths = [length] if length is not None else [min(times * task.length, LONGEST) for times in FARTHER]
    papers = (
        list(task.examination())
        if examination
        else [
            task.at_length(each).random_paper(seed, "evaluation", count or max(1, min(COUNT, STEPS // each)))
            for each in dict.fromkeys(lengths)
        ]
    )
    _ask(console, network, task, papers, {"run": str(run), "seed": None if examination else seed})


def _ask(console: Console, network: Network, task: MachineTask, papers: list[Paper], head: dict[str, Any]) -> None:
    """Sit papers, and say how each went."""
    from carrybit.examination import sit, without_memory

    seed = "" if head["seed"] is None else f"seed {head['seed']}"
    heads = f"{task.noun + ' right':>19}  {task.steps + ' right':>12}  {'without memory':>14}  {'worst margin':>12}"
    wide = max(TITLE, *(len(paper.title) for paper in papers))
    console.say(f"{seed:<{wide}}{heads}", style="bold")
    results = []
    for paper in papers:
        with console.bar() as bar:
            for marks in sit(network, task, paper):
                note = f"{marks.title}: {marks.right:,} right of {marks.asked:,}"
                bar(marks.title, marks.asked, marks.questions, note)
        blind = without_memory(task, paper)
        _say(console, marks, blind, wide)
        results.append({**asdict(marks), "without_memory": blind})
    console.say(
        f"\nwithout memory: {task.steps} right at best, from the input alone, whatever came before", style="dim"
    )
    console.say("worst margin: how far the least sure answer was from one half", style="dim")
    console.result({**head, "marks": results})


def _say(console: Console, marks: Marks, blind: float, wide: int) -> None:
    if console.quiet:
        console.exactly(f"{marks.right} of {marks.questions}")
        return
    words = f"{marks.right:,} of {marks.questions:,}"
    numbers = f"{_share(marks.right_steps, marks.steps):>10}  {blind:>14.2%}  {number(marks.worst_margin):>12}"
    console.say(Text.assemble(f"{marks.title:<{wide}}{words:>17} ", tick(marks.is_passed), f"  {numbers}"))
    if marks.first_wrong is not None:
        console.say(f"  first wrong: {marks.first_wrong}")


def _share(right: int, asked: int) -> str:
    """Return a share in percent; 100 % are all of them."""
    shown = f"{right / asked:.2%}"
    return shown if right == asked or not shown.startswith("100") else "99.99%"
