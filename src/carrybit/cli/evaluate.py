"""carrybit evaluate."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from carrybit.cli.console import Console, tick
from carrybit.cli.options import Debug, Json, Quiet

Option = typer.Option


def evaluate(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    bits: Annotated[int, Option(help="Width of the sums, up to 100000.")] = 64,
    count: Annotated[int, Option(help="How many sums.")] = 10_000,
    seed: Annotated[int, Option(help="Of the random sums.")] = 0,
    examination: Annotated[
        bool, Option("--examination", help="Sit the whole examination that training ends with instead.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Ask a network many random sums, and count.

    How many are right, how sure it was, and the first that is wrong.
    """
    from carrybit import checks
    from carrybit.examination import sit
    from carrybit.runs import load_run
    from carrybit.tasks.addition import Addition

    checks.whole("count", count, 1, 10**9, 10_000)
    checks.whole("seed", seed, 0, 2**64 - 1, 0)
    asked = Addition(bits)  # looks at bits before a run is read
    loaded = load_run(run)
    task = Addition(asked.bits, loaded.config.operands)
    console = Console(json=json, quiet=quiet)
    papers = list(task.examination()) if examination else [task.random_sums(seed, "evaluation", count)]
    results = []
    for paper in papers:
        with console.bar(paper.title, paper.questions) as bar:
            for marks in sit(loaded.network, task, paper):
                bar(marks.asked, f"{marks.right:,} right")
        results.append(marks)
        console.say(f"{marks.title}: {marks.questions:,}" + ("" if examination else f", seed {seed}"), style="bold")
        console.say(f"  sums right     {marks.right:>14,} of {marks.questions:,}  {tick(marks.is_passed)}")
        console.say(f"  bits right     {marks.right_steps:>14,} of {marks.steps:,}")
        console.say(f"  worst margin   {marks.worst_margin:>14.3f}  (the least sure answer's distance from one half)")
        console.say(f"  first wrong    {marks.first_wrong or 'none':>14}")
    console.result({"run": str(run), "seed": None if examination else seed, "marks": [asdict(m) for m in results]})
