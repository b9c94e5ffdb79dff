"""carrybit quantize."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from carrybit.cli.console import Console, number, tick
from carrybit.cli.options import Debug, Json, Quiet

if TYPE_CHECKING:
    from carrybit.fidelity import Fidelity, Original

Option = typer.Option
STATE_BITS, WEIGHT_BITS = 6, 8
GRID = range(2, 9), range(3, 11)  # bits of a state and of a weight


def quantize(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    state_bits: Annotated[int, Option(help="Bits of a hidden unit, 1 to 12; with tanh 2 to 12.")] = STATE_BITS,
    weight_bits: Annotated[int, Option(help="Bits of a weight, 2 to 16.")] = WEIGHT_BITS,
    out: Annotated[Path | None, Option(help="The new run folder.", show_default="RUN-STATES-WEIGHTS")] = None,
    grid: Annotated[
        bool, Option("--grid", help="Also try 2 to 8 and 3 to 10 bits, and print what each costs.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Put a network into whole numbers, as a chip would run it, as a run of its own.

    Whole weights, whole states and whole sums: every engine gives the very same numbers, and all that it can ever
    remember can be visited by carrybit prove.

    Says what it costs: how many answers are still the same, and how sure they are.
    """
    from carrybit import runs
    from carrybit.errors import UsageError
    from carrybit.fidelity import Original
    from carrybit.shell import quoted
    from carrybit.tasks.task import has_machine
    from carrybit.training import State

    loaded = runs.load_run(run)
    task = loaded.config.task
    if not has_machine(task):
        raise UsageError(f"whole numbers for {task.title}", "a task with a machine", "a run of another task")
    if loaded.network.spec.is_whole:
        raise UsageError(
            f"{run}, which is in whole numbers already",
            "a run made by carrybit train",
            "carrybit quantize the run it is from",
        )
    out = run.resolve().parent / f"{run.resolve().name}-{state_bits}-{weight_bits}" if out is None else out
    out = _near(out)
    runs.refuse_taken(out)
    original = Original(replace(loaded.network, engine="cpu"), task)
    network = original.in_whole_numbers(state_bits, weight_bits)
    fidelity = original.fidelity(network)
    engine = replace(network, engine=loaded.config.engine)
    runs.create(loaded.config, out, State(loaded.state.update, engine, {}), made_by="quantize")
    console = Console(json=json, quiet=quiet)
    _say(console, original, fidelity)
    table = _table(console, original) if grid else []
    if quiet:
        console.exactly(str(out))
    console.say(f"\nsaved in {quoted(out)}")
    console.command("carrybit", "prove", out, why="for words of every length")
    console.result(
        {"run": str(out), "from": str(run), "worst_margin_as_trained": original.worst_margin}
        | asdict(fidelity)
        | ({"grid": [asdict(each) for each in table]} if grid else {})
    )


def _near(path: Path) -> Path:
    """Return a path as it is seen from here, where that is shorter."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def _say(console: Console, original: Original, found: Fidelity) -> None:
    """Print what one network in whole numbers costs."""
    longest, outer = found.bounds
    console.say(f"{found.state_bits}-bit states, {found.weight_bits}-bit weights", style="bold")
    console.say(f"  answers that stay the same    {_share(found.same):>9}  of random words")
    if found.same_held is not None:
        console.say(
            f"                                {_share(found.same_held):>9}  of words that only memory can answer"
        )
    was, now = number(original.worst_margin), number(found.worst_margin)
    console.say(f"  worst margin                  {now:>9}  as trained {was}")
    console.say(Text.assemble(f"  examination                   {'':>8}", tick(found.is_exact)))
    fits = "so that even float32 is exact" if max(found.bounds) < 2**24 else "so that float64 is exact"
    power = 24 if max(found.bounds) < 2**24 else 53
    console.say(
        f"  sums are at most              {longest:>9,}  at layer 1, {outer:,} at layer 2: below 2^{power}, {fits}"
    )


def _table(console: Console, original: Original) -> list[Fidelity]:
    """Try all widths of a grid, and print what each costs."""
    widths = [(states, weights) for states in GRID[0] for weights in GRID[1]]
    found = []
    with console.bar() as bar:
        for done, (states, weights) in enumerate(widths):
            bar("grid", done, len(widths), f"{states}-bit states, {weights}-bit weights")
            found.append(original.fidelity(original.in_whole_numbers(states, weights)))
    console.say("\nanswers that stay the same, of random words; ✓ passes the examination", style="bold")
    console.say("states \\ weights" + "".join(f"{weights:>10}" for weights in GRID[1]), style="dim")
    for states in GRID[0]:
        row = [each for each in found if each.state_bits == states]
        cells = [Text.assemble(f"{_share(each.same):>8} ", tick(each.is_exact)) for each in row]
        console.say(Text.assemble(f"{states:>15} ", *cells))
    return found


def _share(share: float) -> str:
    """Return a share in percent; 100 % are all."""
    shown = f"{share:.2%}"
    return shown if share == 1 or not shown.startswith("100") else "99.99%"
