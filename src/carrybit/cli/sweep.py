"""carrybit sweep, and what carrybit train does with replicas."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli.console import INTERRUPTED, Bar, Console, number, one_interrupt
from carrybit.cli.options import Debug, Json, Quiet, count, settings_of

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from carrybit.plan import Plan
    from carrybit.sweeping import Standing
    from carrybit.table import Table

Option = typer.Option
EXAMPLE = "hidden_dim=2,4,8"


def sweep(
    grid: Annotated[
        list[str] | None,
        Option(help=f"A setting of train and its values: {EXAMPLE}. May be given again.", show_default=False),
    ] = None,
    replicas: Annotated[int, Option(help="Networks at each point, with one seed each.")] = 8,
    seed: Annotated[int, Option(help="Of the first of them.")] = 0,
    threads: Annotated[int | None, Option(help="On this machine.", show_default="one for each core")] = None,
    cluster: Annotated[
        str | None, Option(help="Address of a Dask scheduler that trains instead of this machine.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, Option(help="The folder, to begin or to go on with.", show_default="runs/sweep-HASH")
    ] = None,
    figure: Annotated[
        Path | None, Option(help="Draw the share of exact networks: .png, .svg or .pdf.", show_default=False)
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Train networks over a grid of settings, many seeds each, and count how many become exact.

    Each is the tutorial's training, but for the grid (or another task's), and over when the examination is passed.

    The same command again goes on where it stopped.
    """
    from dataclasses import replace

    from carrybit import figures
    from carrybit.errors import SettingError, UsageError
    from carrybit.plan import Plan
    from carrybit.sweeping import TUTORIAL

    if figure is not None:
        figures.check(figure)
    console = Console(json=json, quiet=quiet)
    values = _grid(grid or [])
    try:
        plan = Plan(values, replace(TUTORIAL, seed=seed), replicas)
    except SettingError as error:
        if error.name not in values:
            raise
        fix = f"--grid {error.name}={error.instead}"
        raise UsageError(f"--grid {error.name}={error.value}", error.allowed, fix) from error
    if cluster is not None:
        console.say(f"connecting to {cluster}")
    with _executor(cluster) as executor:
        return follow(console, plan, out, executor=executor, threads=threads, figure=figure)


def follow(
    console: Console,
    plan: Plan,
    out: Path | None,
    *,
    executor: Executor | None = None,
    threads: int | None = None,
    figure: Path | None = None,
) -> int:
    """Show a sweep as it goes, then its summary."""
    from carrybit.sweeping import TABLE
    from carrybit.sweeping import follow as events_of
    from carrybit.table import Table

    folder = Path("runs") / f"sweep-{plan.name}" if out is None else out
    points, networks = len(plan.points), plan.replicas * len(plan.points)
    began = time.monotonic()
    table: Table | None = None
    try:
        with one_interrupt(), closing(events_of(plan, folder, executor=executor, threads=threads)) as events:
            first = next(events)  # what is wrong is said before anything else
            sizes = count(networks, "network"), count(points, "point"), count(plan.replicas, "seed")
            console.say("{}: {} of the grid, {} each".format(*sizes))
            console.say(f"folder: {folder}")
            console.say()
            with console.bar() as bar:
                for event in itertools.chain([first], events):
                    if isinstance(event, Table):
                        table = event
                    else:
                        _show(bar, event, time.monotonic() - began)
    except KeyboardInterrupt:
        console.say("\nstopped; finished shards are kept. The same command goes on.")
        console.result({"folder": str(folder), "reason": "interrupted"})
        return INTERRUPTED
    assert table is not None
    summary = table.summary()
    _say_summary(console, plan, summary)
    took = time.monotonic() - began
    console.say(f"\n{count(networks, 'network')} in {took:.1f} s; every one of them: {folder / TABLE}.csv and .json")
    console.say("Any row is a network that can be trained again by itself, to the same bits. The first one:")
    console.command(*_alone(plan))
    console.result({"folder": str(folder), "seconds": round(took, 3), "summary": summary})
    if figure is not None:
        _draw(console, table, figure)
    return 0


def _show(bar: Bar, standing: Standing, seconds: float) -> None:
    speed = standing.updates / max(seconds, 1e-9)
    error = "" if standing.median_error is None else f"  median error {number(standing.median_error)}"
    note = f"{standing.exact:,} exact of {standing.replicas:,}{error}  {speed:,.0f} replica-updates/s"
    if standing.diverged:
        note += f"  {standing.diverged:,} diverged"
    bar("sweep", standing.share, 1.0, note)


def _say_summary(console: Console, plan: Plan, summary: list[dict[str, Any]]) -> None:
    if console.quiet:
        for row in summary:
            console.exactly(f"{row['exact']} of {row['replicas']}")
        return
    names = list(plan.grid)
    widths = [max(len(name), *(len(_shown(row[name])) for row in summary)) for name in names]
    heads = "".join(f"{name:>{width}}  " for name, width in zip(names, widths, strict=True))
    until = plan.config.until is not None
    after = "  half of those after (95 %)" if until else ""
    console.say(f"{heads}{'exact':>15}  {'share (95 %)':<23}{after}  diverged", style="bold")
    for row in summary:
        cells = "".join(f"{_shown(row[name]):>{width}}  " for name, width in zip(names, widths, strict=True))
        exact = f"{row['exact']:,} of {row['replicas']:,}"
        share = f"{row['exact_share']:>6.1%} ({row['exact_share_low']:.1%} to {row['exact_share_high']:.1%})"
        line = Text.assemble(cells, (f"{exact:>15}", "green" if row["exact"] else ""), f"  {share:<23}")
        if until:
            line.append(f"  {_median(row):<26}")
        console.say(line.append(f"  {row['diverged']:>8,}"))


def _median(row: dict[str, Any]) -> str:
    if row["updates_median"] is None:
        return "-"
    return f"{row['updates_median']:,.0f} ({row['updates_median_low']:,} to {row['updates_median_high']:,})"


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _alone(plan: Plan) -> list[str]:
    """Return the command that trains the first network of a sweep by itself."""
    return ["carrybit", "train", *settings_of(plan.points[0])]


def _draw(console: Console, table: Table, figure: Path) -> None:
    from carrybit import figures
    from carrybit.figures.shares import draw_shares

    drawing, ax = figures.blank(width=7.5, height=4.5)
    draw_shares(table, ax)
    figures.save(drawing, figure)
    console.say(f"drawn: {figure}")


def _grid(texts: list[str]) -> dict[str, list[Any]]:
    """Return what "hidden_dim=2,4,8" says: a setting and its values, as the setting has them."""
    from carrybit.errors import UsageError

    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().removeprefix("--").replace("-", "_")
        if not equals or not values.strip() or name in grid:
            raise UsageError(
                f"--grid {text}" + (", a setting that stands in the grid already" if name in grid else ""),
                "a setting of carrybit train and its values, each setting once",
                f"--grid {EXAMPLE}",
            )
        if name == "seed" or not all(value.strip() for value in values.split(",")):
            wrong = ": an empty value" if name != "seed" else ": seeds are counted from one on"
            fix = f"--grid {EXAMPLE}" if name != "seed" else "--seed 0 --replicas 8"
            raise UsageError(f"--grid {text}{wrong}", "a setting of carrybit train and its values", fix)
        grid[name] = [_value(value.strip()) for value in values.split(",")]
    return grid


def _value(text: str) -> Any:
    """Return a number, a truth or nothing where the text is one; else the text."""
    constants = {"true": True, "false": False, "none": None}
    if text.lower() in constants:
        return constants[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@contextmanager
def _executor(cluster: str | None) -> Iterator[Executor | None]:
    """Connect to a cluster, where one is named."""
    if cluster is None:
        yield None
        return
    from carrybit.errors import UsageError

    try:
        from distributed import Client
    except ImportError as error:
        fix = 'pip install "carrybit[cluster]"'
        raise UsageError("--cluster, without Dask", 'the extra "cluster"', fix) from error
    try:
        client = Client(cluster, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"--cluster {cluster}: nobody answers there",
            "the address of a running Dask scheduler",
            "dask scheduler, and then the address that it prints, such as tcp://127.0.0.1:8786",
        ) from error
    with client:
        yield client.get_executor(pure=False)
