"""carrybit lab."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from carrybit.cli.console import INTERRUPTED, Console, one_interrupt, tick
from carrybit.cli.options import Debug, Json, Quiet

if TYPE_CHECKING:
    from carrybit.labs.lab import Finding, Lab, Listing

Option = typer.Option


def lab(
    name: Annotated[
        str | None, typer.Argument(help="An experiment, or all; without one, they are listed.", show_default=False)
    ] = None,
    thorough: Annotated[bool, Option("--thorough", help="The long form: more networks, wider ranges.")] = False,
    seed: Annotated[int, Option(help="Of the first network.")] = 0,
    figure: Annotated[Path | None, Option(help="Draw what was found: .png, .svg or .pdf.", show_default=False)] = None,
    bit: Annotated[
        int | None, Option(help="With liar: where it is to err first, 16 to 3000000.", show_default="5000")
    ] = None,
    out: Annotated[Path | None, Option(help="With all: the folder of the report.", show_default="lab")] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Put the tutorial's claims to the test, each in half a minute.

    An experiment prints its question, its numbers, and a verdict that they decide; it can say "not so".

    With all, every experiment is run, and a report with all tables and pictures is written into a folder.
    """
    from carrybit import checks, figures
    from carrybit.errors import UsageError
    from carrybit.labs import find

    console = Console(json=json, quiet=quiet)
    checks.whole("seed", seed, 0, 2**64 - 1, 0)
    if (figure is not None) and name in (None, "all"):
        raise UsageError("--figure without an experiment", "--figure with one experiment", "carrybit lab all --out lab")
    if out is not None and name != "all":
        raise UsageError("--out without all", "--out with all experiments", "carrybit lab all --out lab")
    if bit is not None and name != "liar":
        raise UsageError("--bit without liar", "--bit with the experiment liar", f"carrybit lab liar --bit {bit}")
    if figure is not None:
        figures.check(figure)
    if name is None:
        if thorough or seed:
            raise UsageError("--thorough or --seed without an experiment", "with one, or with all", "carrybit lab all")
        return _list(console)
    if name == "all":
        figures.check(Path("report.svg"))
        return _all(console, Path("lab") if out is None else out, thorough, seed)
    experiment = find(name)
    try:
        with one_interrupt():
            asked = {} if bit is None else {"bit": bit}
            finding, seconds = _run(console, name, experiment, thorough, seed, **asked)
    except KeyboardInterrupt:
        console.say("\nstopped; nothing is kept of an experiment that is not over")
        return INTERRUPTED
    if figure is not None:
        _draw(experiment, finding, figure)
        console.say(f"drawn: {figure}")
    console.result({"lab": name, "seconds": round(seconds, 3), **finding.about()})
    return 0


def _list(console: Console) -> int:
    """List the experiments and what they ask."""
    from carrybit.labs import LABS, find

    asked = {name: find(name).QUESTION for name in LABS}
    for name, question in asked.items():
        console.say(Text.assemble((f"{name:<13}", "bold"), question))
    console.say()
    console.command("carrybit", "lab", "recurrence", why="run one")
    console.command("carrybit", "lab", "all", "--out", "lab", why="run all of them, and write a report")
    if console.quiet:
        for name in LABS:
            console.exactly(name)
    console.result({"labs": [{"name": name, "question": question} for name, question in asked.items()]})
    return 0


def _run(
    console: Console, name: str, experiment: Lab, thorough: bool, seed: int, **asked: int
) -> tuple[Finding, float]:
    """Run an experiment, saying what it asks, how far it has come and what it found; return that, and its seconds."""
    from carrybit.labs.lab import Finding

    console.say(Text.assemble((name, "bold"), f": {experiment.QUESTION}"))
    console.say(f"claim: {experiment.CLAIM}")
    began = time.monotonic()
    found: Finding | None = None
    with console.bar() as bar, closing(experiment.experiment(thorough=thorough, seed=seed, **asked)) as events:
        for event in events:
            if isinstance(event, Finding):
                found = event
            else:
                bar(name, event.done, 1.0, event.note)
    assert found is not None
    seconds = time.monotonic() - began
    for listing in found.listings:
        _say_listing(console, listing)
    console.say()
    head = " so: " if found.holds else " not so: "
    console.say(Text.assemble(tick(found.holds), (head, "bold"), found.verdict))
    console.say(f"{seconds:.1f} s", style="dim")
    if console.quiet:
        console.exactly(f"{name}: {head.strip(' :')}")
    return found, seconds


def _say_listing(console: Console, listing: Listing) -> None:
    """Print a table: the first column on the left, numbers on the right."""
    from carrybit.labs.lab import shown

    rows = [[shown(cell) for cell in row] for row in (listing.heads, *listing.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    console.say(f"\n{listing.title}")
    for k, row in enumerate(rows):
        cells = [
            f"{row[0]:<{widths[0]}}",
            *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        console.say("  " + "  ".join(cells).rstrip(), style="bold" if k == 0 else "")


def _draw(experiment: Lab, finding: Finding, path: Path) -> None:
    from matplotlib.figure import Figure

    from carrybit import figures

    figures.save(experiment.draw(finding, Figure(figsize=(8, 5), dpi=150, layout="constrained")), path)


def _all(console: Console, folder: Path, thorough: bool, seed: int) -> int:
    """Run every experiment, and write what came of it: a report for a browser, and a picture and numbers for each."""
    from carrybit.errors import UsageError
    from carrybit.files import whole
    from carrybit.labs import LABS, find
    from carrybit.labs.report import Chapter, report

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = "another --out"
        raise UsageError(
            f"no folder can be made as {folder} ({error.strerror})", "a folder to write to", fix
        ) from error
    chapters = []
    try:
        with one_interrupt():
            for name in LABS:
                experiment = find(name)
                finding, seconds = _run(console, name, experiment, thorough, seed)
                console.say()
                _draw(experiment, finding, folder / f"{name}.svg")
                picture = (folder / f"{name}.svg").read_text(encoding="utf-8")
                chapters.append(Chapter(name, experiment.QUESTION, experiment.CLAIM, finding, picture, seconds))
    except KeyboardInterrupt:
        console.say(f"\nstopped; the report has the {len(chapters)} experiments that are over")
    page = folder / "report.html"
    whole.write(page, report(chapters).encode(), then="another --out")
    console.say(f"{sum(chapter.finding.holds for chapter in chapters)} of {len(chapters)} claims hold; report: {page}")
    about = [{"lab": each.name, "seconds": round(each.seconds, 3), **each.finding.about()} for each in chapters]
    console.result({"report": str(page), "labs": about})
    return 0 if len(chapters) == len(LABS) else INTERRUPTED
