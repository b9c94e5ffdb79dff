"""carrybit evaluate."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from carrybit.cli.console import Console, number, tick
from carrybit.cli.options import Debug, Engine, Json, Quiet

if TYPE_CHECKING:
    from carrybit.examination import Marks

Option = typer.Option


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    bits: Annotated[int | None, Option(help="Width of the sums, up to 100000.", show_default="64")] = None,
    count: Annotated[int | None, Option(help="How many sums.", show_default="10000")] = None,
    seed: Annotated[int | None, Option(help="Of the random sums.", show_default="0")] = None,
    examination: Annotated[
        bool, Option("--examination", help="Hold the examination that training ends with instead.")
    ] = False,
    engine: Engine = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Ask a network many random sums, and count.

    How many are right, how sure it was, and the first that is wrong.
    """
    from carrybit import checks
    from carrybit.errors import UsageError
    from carrybit.examination import sit
    from carrybit.runs import load_run
    from carrybit.shell import quoted
    from carrybit.tasks.addition import WIDEST

    if examination and (bits, count, seed) != (None, None, None):
        raise UsageError(
            "--examination together with --bits, --count or --seed",
            "either: the examination asks every network the same",
            f"carrybit evaluate {quoted(run)} --examination",
        )
    bits, count, seed = 64 if bits is None else bits, 10_000 if count is None else count, seed or 0
    checks.whole("count", count, 1, 10**9, 10_000)
    checks.whole("seed", seed, 0, 2**64 - 1, 0)
    checks.whole("bits", bits, 1, WIDEST, 64)
    loaded = load_run(run)
    network = replace(loaded.network, engine=engine or loaded.config.engine)
    task = replace(loaded.config, bits=bits, batch_size=1).make_task()
    console = Console(json=json, quiet=quiet)
    results = []
    with console.bar() as bar:
        for paper in task.examination() if examination else [task.random_paper(seed, "evaluation", count)]:
            for marks in sit(network, task, paper):
                note = f"{marks.title}: {marks.right:,} right of {marks.asked:,}"
                bar(marks.title, marks.asked, marks.questions, note)
            results.append(marks)
    for marks in results:
        _say(console, marks, "" if examination else f", seed {seed}")
    console.result({"run": str(run), "seed": None if examination else seed, "marks": [asdict(m) for m in results]})


def _say(console: Console, marks: Marks, seed: str) -> None:
    if console.quiet:
        console.exactly(f"{marks.right} of {marks.questions}")
        return
    console.say(f"{marks.title}: {marks.questions:,}{seed}", style="bold")
    console.say(Text.assemble(f"  sums right     {marks.right:>14,} of {marks.questions:,}  ", tick(marks.is_passed)))
    console.say(f"  bits right     {marks.right_steps:>14,} of {marks.steps:,}")
    console.say(f"  worst margin   {number(marks.worst_margin):>14}  (the least sure answer's distance from one half)")
    console.say(f"  first wrong    {marks.first_wrong or 'none':>14}")
