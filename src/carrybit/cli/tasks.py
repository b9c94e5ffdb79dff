"""carrybit tasks, and carrybit tasks show."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrybit.cli.console import Console
from carrybit.cli.options import (
    OWN,
    SETTINGS,
    Beginning,
    Bits,
    Debug,
    Depth,
    Direction,
    Json,
    Lag,
    Language,
    Length,
    MachineFile,
    Modulus,
    Operands,
    Quiet,
    Regex,
    Symbols,
    Title,
    Unit,
    count,
    flag,
    options_of,
    singular,
    task_of,
)

if TYPE_CHECKING:
    from carrybit.tasks.task import MachineTask

Option = typer.Option
app = typer.Typer(invoke_without_command=True, add_completion=False)
SHOWN_STEPS, SAMPLES = 12, 8  # of the sample that is shown, and how many it is chosen from


@app.callback(invoke_without_command=True)
def tasks(context: typer.Context, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """List the tasks: what a network can be asked to learn.

    carrybit tasks show NAME says more of one, and draws its machine.
    """
    if context.invoked_subcommand is not None:
        return
    from carrybit.tasks import TASKS, make_task, usual_settings
    from carrybit.tasks.task import has_machine

    console = Console(json=json, quiet=quiet)
    entries: list[dict[str, Any]] = []
    for name in TASKS:
        settings = [flag(each) for each in usual_settings(name) if each in SETTINGS]
        task = None if name in OWN else make_task(name, {})
        states = len(task.machine.states) if task is not None and has_machine(task) else None
        entries.append({"name": name, "about": _about(name)[0], "states": states, "settings": settings})
    console.say(f"{'task':<13}{'states':>6}  what a network learns", style="bold")
    for entry in entries:
        console.say(f"{entry['name']:<13}{entry['states'] or '':>6}  {entry['about']}")
        console.say(f"{'':<21}{' '.join(entry['settings'])}", style="dim")
    console.say()
    console.command("carrybit", "tasks", "show", "counting", "--modulus", "5", why="its machine")
    console.command("carrybit", "train", "--task", "counting", "--modulus", "5", why="learn it")
    for way, value in (("machine", "FILE"), ("regex", "(ab)*"), ("data", "FILE")):
        console.command("carrybit", "train", flag(way), value, why=_about(way)[0] if way in TASKS else "")
    if quiet:
        for entry in entries:
            console.exactly(str(entry["name"]))
    console.result({"tasks": entries})


@app.command("show")
def show(
    name: Annotated[str | None, typer.Argument(help="A task.", show_default=False)] = None,
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
    figure: Annotated[Path | None, Option(help="Draw its machine: .png, .svg or .pdf.", show_default=False)] = None,
    dot: Annotated[Path | None, Option(help="Write its machine for Graphviz: .dot or .gv.", show_default=False)] = None,
    python: Annotated[Path | None, Option(help="Write its machine as a function: .py.", show_default=False)] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Say what a task is: its machine, a sample, the right answers."""
    asked = dict(locals())
    from carrybit import figures
    from carrybit.errors import UsageError
    from carrybit.files import whole
    from carrybit.machines.dot import dot as graph
    from carrybit.machines.notation import machine_to_json
    from carrybit.machines.program import program
    from carrybit.tasks.task import has_machine

    if figure is not None:
        figures.check(figure)
    if dot is not None:
        whole.check(dot, "a graph", (".dot", ".gv"))
    if python is not None:
        whole.check(python, "a program", (".py",))
    console = Console(json=json, quiet=quiet)
    task = task_of(name, asked)
    if not has_machine(task):
        raise UsageError(f"{task.name}, which has no machine", "a task with a machine", "carrybit tasks")
    if figure is not None:
        _draw(task, figure)  # before anything is said, since a machine may be too large for it
    _say(console, task)
    if figure is not None:
        console.say(f"drawn: {figure}")
    if dot is not None:
        whole.write(dot, graph(task.machine, task.asked).encode(), then="the same command")
        console.say(f"written: {dot}")
    if python is not None:
        whole.write(python, program(task.machine, task.name).encode(), then="the same command")
        console.say(f"written: {python}")
    console.result(
        {
            "name": task.name,
            "title": task.title,
            "settings": dict(task.settings),
            "machine": machine_to_json(task.machine),
            "example": task.example,
        }
    )


def _say(console: Console, task: MachineTask) -> None:
    from carrybit.machines.listing import listing

    console.say(f"{task.title}, {count(task.length, singular(task.steps))}", style="bold")
    console.say()
    for paragraph in _about(task.name):
        console.say(paragraph)
        console.say()
    for line in listing(task.machine, console.words.width, task.asked):
        console.say(line)
    console.say()
    word = task.read(task.example)
    console.say(f"for example  {task.show(word, task.machine.run(word[None])[1][0])}")
    samples = task.at_length(min(task.length, SHOWN_STEPS)).sample(0, "samples", 0, SAMPLES)
    pairs = zip(samples, task.machine.run(samples)[1], strict=True)
    sample, answers = max(pairs, key=lambda pair: len(set(pair[1].tolist())))  # the one with most to see
    console.say(f"a sample     {task.show(sample, answers)}")
    console.say()
    console.command("carrybit", "train", *options_of(task), why="learn it")
    for recipe in task.recipes:
        console.command("carrybit", "train", *options_of(task), flag("recipe"), recipe, why=f"learn it, to be {recipe}")


def _about(name: str) -> list[str]:
    """Return the paragraphs that say what a task is, each on one line."""
    from carrybit.tasks import TASKS

    words: Any = inspect.getdoc(TASKS[name])
    paragraphs = words.split("\n\nParameters\n")[0].split("\n\n")
    return [" ".join(paragraph.split()).replace("``", "") for paragraph in paragraphs]


def _draw(task: MachineTask, path: Path) -> None:
    from carrybit import figures
    from carrybit.figures.states import draw_machine, size

    width, height = size(task.machine, task.asked)
    drawing, ax = figures.blank(width=width, height=height)
    draw_machine(task.machine, ax, task.asked)
    figures.save(drawing, path)
