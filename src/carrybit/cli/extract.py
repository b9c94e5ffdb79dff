"""carrybit extract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli.console import Console, tick
from carrybit.cli.options import Debug, Json, Quiet, count

if TYPE_CHECKING:
    from carrybit.network import Network
    from carrybit.proof.asking.extraction import Extraction
    from carrybit.tasks.task import MachineTask

Option = typer.Option
MOST_TOLD = 300  # states of a machine whose function is printed
MOST_LINES = 40  # of a program that is printed; --python writes any
MOST_SHOWN = 100  # symbols of a word; --json has all


def extract(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    seconds: Annotated[float, Option(help="When to give up.")] = 60.0,
    figure: Annotated[Path | None, Option(help="Draw the proof: .png, .svg or .pdf.", show_default=False)] = None,
    save: Annotated[
        Path | None, Option(help="Write the machine, for --machine elsewhere: .json.", show_default=False)
    ] = None,
    python: Annotated[Path | None, Option(help="Write the machine as a function: .py.", show_default=False)] = None,
    dot: Annotated[Path | None, Option(help="Write the machine for Graphviz: .dot or .gv.", show_default=False)] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Find the machine that a network has become, and prove that it is this machine.

    The network is asked, and nobody else. Says PROVED (exit code 0), or OPEN (4): no proof within the time, or no
    machine of few states.
    """
    from carrybit import checks, figures
    from carrybit.files import whole
    from carrybit.runs import load_run

    seconds = checks.positive("seconds", seconds, 60.0)
    for path, what, endings in (
        (save, "a machine", (".json",)),
        (python, "a program", (".py",)),
        (dot, "a graph", (".dot", ".gv")),
    ):
        if path is not None:
            whole.check(path, what, endings)
    if figure is not None:
        figures.check(figure)
    console = Console(json=json, quiet=quiet)
    loaded = load_run(run)
    task = _with_machine(loaded.config.task)
    found = _follow(console, loaded.network, task, seconds)
    about = _say(console, task, found)
    _write(console, found, save, python, dot)
    if figure is not None:
        _draw(console, found, figure)
    console.result({"run": str(run), **about})
    return found.exit_code


def _with_machine(task: Any) -> MachineTask:
    """Return a task that has symbols to ask with, or refuse it."""
    from carrybit.errors import UsageError
    from carrybit.tasks.task import has_machine

    if has_machine(task):
        return task
    raise UsageError(
        f"a network trained on {task.title}",
        "a network trained on a task with a machine, whose symbols are few enough to ask them all (carrybit tasks)",
        "carrybit train --task addition, say, and extract that",
    )


def _follow(console: Console, network: Network, task: MachineTask, seconds: float) -> Extraction:
    """Find the machine while a bar shows how far that has come."""
    from carrybit.cli import verdicts
    from carrybit.proof.asking.extraction import Extracting, Extraction, extract

    machine = task.machine
    with console.bar() as bar:
        for event in extract(
            network,
            task.vectors,
            machine.symbols,
            machine.answers,
            known=machine,
            asked=task.asked,
            task=task,
            seconds=seconds,
        ):
            if isinstance(event, Extraction):
                return event
            if isinstance(event, Extracting):
                bar("machine", 0, 1, f"a machine of {count(event.states, 'state')}, {event.steps:,} steps asked")
            else:
                bar(*verdicts.progress(event))
    raise AssertionError("an extraction ends with what was found")


def _say(console: Console, task: MachineTask, found: Extraction) -> dict[str, Any]:
    """Print what was found, and return it as JSON has it."""
    from carrybit.cli import verdicts
    from carrybit.machines.notation import machine_to_json

    if found.machine is None or found.verdict is None:
        return _say_nothing(console, task, found)
    machine = found.machine
    console.say(f"{count(len(machine.states), 'state')}, found by asking {found.steps:,} steps", style="bold")
    console.say()
    _say_machine(console, found)
    console.say()
    verdicts.say(console, found.verdict)
    console.say()
    differs = _compare(console, task, found)
    return {
        "states": len(machine.states),
        "machine": machine_to_json(machine),
        "asked": None if found.asked is None else found.asked.tolist(),
        "is_the_tasks": differs is None,
        "difference": differs,
        "steps_asked": found.steps,
        **verdicts.about(found.verdict),
    }


def _say_machine(console: Console, found: Extraction) -> None:
    """Print a machine as a table and as a function."""
    from carrybit.machines.listing import listing
    from carrybit.machines.program import program

    assert found.machine is not None
    for line in listing(found.machine, console.words.width, found.asked):
        console.say(line)
    if len(found.machine.states) > MOST_TOLD:
        console.say("\nas a function in Python: --python FILE writes it", style="dim")
        return
    lines = program(found.machine, asked=found.asked).splitlines()
    console.say()
    if len(lines) > MOST_LINES:
        console.say(f"as a function in Python it has {len(lines):,} lines: --python FILE writes them", style="dim")
        return
    for line in lines:
        console.say(line, style="cyan")


def _compare(console: Console, task: MachineTask, found: Extraction) -> list[str] | None:
    """Say whether what was found is the task's machine; return the shortest word that tells them apart."""
    import numpy as np

    from carrybit.machines.comparison import difference

    assert found.machine is not None and found.verdict is not None
    word = difference(task.machine, found.machine, task.asked)
    if word is None:
        told = f" this machine is the one of the task, {task.title}: the same answers to every word"
        console.say(Text.assemble(tick(True), told))
        return None
    console.say(
        Text.assemble(tick(False), f" this machine is not the one of the task, {task.title}; the shortest word:")
    )
    given, _ = found.verdict.claim.answers(np.array([word]))
    console.say(Text.assemble("  ", task.correct(np.array(word), given[0])))
    return [task.machine.symbols[symbol] for symbol in word]


def _say_nothing(console: Console, task: MachineTask, found: Extraction) -> dict[str, Any]:
    """Say that no machine was found, and how the last one was refuted; return it as JSON has it."""
    from carrybit.cli import verdicts

    if console.quiet:
        console.exactly(found.status)
    console.say(Text.assemble((found.status, verdicts.STYLES[found.status]), f"   in {found.seconds:.2f} s"))
    console.say(f"no machine was found: {found.why}")
    word = None
    if found.word is not None:
        word = [task.machine.symbols[symbol] for symbol in found.word]
        console.say(f"the last one that was tried had {count(found.tried, 'state')}; the network answers otherwise to")
        more = f" … ({count(len(word), 'symbol')})" if len(word) > MOST_SHOWN else ""
        console.say(f"  {' '.join(word[:MOST_SHOWN])}{more}")
    head = {"states": None, "machine": None, "verdict": found.status, "why": found.why, "tried": found.tried}
    return head | {"word": word, "steps_asked": found.steps, "seconds": round(found.seconds, 3)}


def _write(console: Console, found: Extraction, save: Path | None, python: Path | None, dot: Path | None) -> None:
    """Write the machine into files, where there is one."""
    import json

    from carrybit.files import whole
    from carrybit.machines.dot import dot as graph
    from carrybit.machines.notation import machine_to_json
    from carrybit.machines.program import program

    texts = {}
    if found.machine is not None:
        machine, asked = found.machine, found.asked
        texts = {
            save: lambda: json.dumps(machine_to_json(machine), ensure_ascii=False, indent=2) + "\n",
            python: lambda: program(machine, asked=asked),
            dot: lambda: graph(machine, asked),
        }
    for path in filter(None, (save, python, dot)):
        if found.machine is None:
            console.say(f"not written: {path}, for there is no machine", style="yellow")
        else:
            whole.write(path, texts[path]().encode(), then="the same command")
            console.say(f"written: {path}")


def _draw(console: Console, found: Extraction, figure: Path) -> None:
    from carrybit import figures
    from carrybit.figures.cells import draw_proof

    if found.verdict is None:
        console.say(f"not drawn: {figure}, for there is no machine", style="yellow")
        return
    figures.save(draw_proof(found.verdict), figure)
    console.say(f"drawn: {figure}")
