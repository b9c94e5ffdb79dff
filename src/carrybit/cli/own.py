"""What the verbs do for networks that were trained on a person's own data: scores, answers, texts that go on."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from carrybit.cli.console import Console, tick
from carrybit.cli.options import count, singular

if TYPE_CHECKING:
    from carrybit.network import Network
    from carrybit.scoring import Score
    from carrybit.tasks.data import DataTask

MOST_ROWS = 14  # of a score; F1 of more classes is in --json


def say_score(console: Console, task: DataTask, score: Score) -> None:
    """Print the figures of a part, each beside a baseline's."""
    if console.quiet:
        console.exactly(f"{score.rows[0].network:.6g}")
        return
    what = f"{count(score.sequences, singular(task.noun))}, {count(score.answers, 'answer')}"
    console.say(f"the {score.part} part: {what}", style="bold")
    wide = max(24, *(len(row.figure) + 4 for row in score.rows[:MOST_ROWS]))
    console.say(f"{'':<{wide}}{'network':>10}  {'baseline':>10}", style="bold")
    before = ""
    for row in score.rows[:MOST_ROWS]:
        figure = row.figure if row.figure != before else ""
        line = f"  {figure:<{wide - 4}}{tick(row.is_better)} {_figure(row.network):>10}  {_figure(row.value):>10}"
        console.say(Text.assemble(line, (f"  {row.baseline}", "dim")))
        before = row.figure
    if len(score.rows) > MOST_ROWS:
        console.say(f"  and {len(score.rows) - MOST_ROWS} more: --json has all of them", style="dim")


def _figure(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.3e}"


def evaluate(console: Console, run: Path, network: Network, task: DataTask, part: str) -> None:
    """Score a network on a part of the data that it comes from."""
    from carrybit.scoring import score

    found = score(network, task, part)
    say_score(console, task, found)
    console.result({"run": str(run), **found.as_dict()})


def predict(console: Console, run: Path, network: Network, task: DataTask, asked: Mapping[str, Any]) -> None:
    """Answer a file, or go on with a text, as the options of the verb ask for."""
    from carrybit.errors import UsageError
    from carrybit.shell import quoted

    is_text = task.unit is not None
    example = '--continue "the first words"' if is_text else f"--data {quoted(task.file)}"
    fix = f"carrybit predict {quoted(run)} {example}"
    if asked["questions"] or (asked["data"] is None) == (asked["beginning"] is None):
        raise UsageError(
            "a question as an argument" if asked["questions"] else "not one of --data and --continue",
            "--data FILE for a file to answer" + ", or --continue TEXT" * is_text,
            fix,
        )
    if asked["beginning"] is not None and not is_text:
        raise UsageError(f"--continue for {task.title}", "--data FILE for a file to answer", fix)
    for name, is_of_file in (("out", True), *((each, False) for each in ("length", "temperature", "seed"))):
        if asked[name] is not None and is_of_file != (asked["data"] is not None):
            raise UsageError(f"--{name}", f"--{name} with {'--data' if is_of_file else '--continue'}", fix)
    for name in ("figure", "verbose"):
        if asked[name]:
            raise UsageError(f"--{name} for {task.title}", f"--{name} for a task with a machine", "leave it out")
    if asked["out"] is not None and (asked["out"].is_dir() or not asked["out"].parent.is_dir()):
        raise UsageError(f"--out {asked['out']}", "a file in a folder that is there", "--out answers.csv")
    if asked["data"] is not None:
        _answer(console, run, network, task, asked["data"], asked["out"])
    else:
        _go_on(console, run, network, task, asked)


def _answer(console: Console, run: Path, network: Network, task: DataTask, file: Path, out: Path | None) -> None:
    from carrybit.answers import answer
    from carrybit.files import whole

    columns = answer(network, task, file)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    if out is None:
        console.exactly(text.getvalue().removesuffix("\n"))
    else:
        whole.write(out, text.getvalue().encode(), then="another --out")
        rows = len(next(iter(columns.values())))
        console.say(f"{count(rows, 'answer')}: {out}")
    console.result({"run": str(run), "out": None if out is None else str(out), "answers": columns})


def _go_on(console: Console, run: Path, network: Network, task: DataTask, asked: Mapping[str, Any]) -> None:
    from carrybit.generation import continue_text

    length, temperature, seed = (asked[name] for name in ("length", "temperature", "seed"))
    pieces = [asked["beginning"]]
    symbols = continue_text(
        network,
        task,
        asked["beginning"],
        200 if length is None else length,
        1.0 if temperature is None else temperature,
        seed or 0,
    )
    console.piece(asked["beginning"])
    for symbol in symbols:
        console.piece(symbol)
        pieces.append(symbol)
    console.piece("\n")
    console.result({"run": str(run), "text": "".join(pieces)})
