"""Options that several verbs have, and options as a person types them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from carrybit.config import TrainConfig
    from carrybit.tasks.task import Task

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output, words on standard error.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No words, only the result.")]
Engine = Annotated[
    str | None,
    typer.Option(help="cpu: compiled code. reference: NumPy.", show_default="as it was trained"),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def option(panel: str, text: str, default: str = "") -> Any:
    """Return an option in a panel of --help; ``default`` says what is usual without it."""
    return typer.Option(help=text, show_default=default or False, rich_help_panel=panel)


TASK, DATA = "The task", "Own data"
Bits = Annotated[int | None, option(TASK, "Width of the numbers.", "8")]
Operands = Annotated[int | None, option(TASK, "addition: how many numbers.", "2")]
Length = Annotated[int | None, option(TASK, "Steps of a sample, where it is not --bits.", "the task's")]
Modulus = Annotated[int | None, option(TASK, "counting: begin again at 0 before this number.", "3")]
Language = Annotated[int | None, option(TASK, "tomita: which of the seven languages.", "5")]
Lag = Annotated[int | None, option(TASK, "recall: say again what was heard so many steps ago.", "2")]
Depth = Annotated[int | None, option(TASK, "dyck: how many brackets may be open.", "2")]
Title = Annotated[str | None, option(TASK, "song: love, boat or star.", "love")]
Unit = Annotated[str | None, option(TASK, "song and texts: what comes at a step.", "word, of texts character")]
Direction = Annotated[str | None, option(TASK, "alphabet: forwards or backwards.", "forwards")]
Beginning = Annotated[str | None, option(TASK, "alphabet: from the first letter, or from the middle.", "middle")]
MachineFile = Annotated[
    Path | None, typer.Option("--machine", help="Learn a machine of your own, from a JSON file.", rich_help_panel=TASK)
]
Regex = Annotated[
    str | None,
    typer.Option("--regex", help="Learn to say whether what was read so far fits a pattern.", rich_help_panel=TASK),
]
Symbols = Annotated[str | None, option(TASK, "With --regex: the letters there are.", "those of the pattern")]


Data = Annotated[
    Path | None,
    typer.Option("--data", help="Learn from a file: text, CSV, Parquet, JSON lines, npz, npy.", rich_help_panel=DATA),
]
Goal = Annotated[str | None, option(DATA, "next, tag, label or forecast.", "what fits the file")]
Inputs = Annotated[str | None, option(DATA, "Columns to learn from, with commas between.", "all others")]
Targets = Annotated[str | None, option(DATA, "Columns to be answered.", "of a forecast: the inputs")]
Categories = Annotated[str | None, option(DATA, "Columns of numbers that are kinds, not amounts.", "targets of few")]
Sequence = Annotated[str | None, option(DATA, "Column that names the sequence of a row.", "the file is one sequence")]

UNLESS = {"clip": "inf", "until": "updates"}  # what asks for none of it
OWN = {"machine": "file", "regex": "pattern", "data": "file"}  # options for a task of one's own: what they are to it
SETTINGS = (
    *("bits", "operands", "length", "modulus", "language", "lag", "depth", "title", "unit", "direction", "beginning"),
    *("symbols", "goal", "inputs", "targets", "sequence", "categories"),
)


def task_of(name: str | None, asked: Mapping[str, Any]) -> Task:
    """Return the task that options ask for; ``asked`` holds all of a verb's options, None for what was not given.

    Raises
    ------
    UsageError
        More than one task is asked for, or an option that the task does not have.
    """
    from carrybit.errors import UsageError
    from carrybit.tasks import make_task, usual_settings

    ways = [("task", name)] * (name is not None) + [(way, asked[way]) for way in OWN if asked.get(way) is not None]
    if len(ways) > 1:
        both = " together with ".join(flag(way) for way, _ in ways)
        raise UsageError(both, "one of them: a network learns one task", f"leave out {flag(ways[1][0])}")
    way, value = ways[0] if ways else ("task", "addition")
    settings = {each: asked[each] for each in SETTINGS if asked.get(each) is not None}
    if way in OWN:
        name, settings[OWN[way]] = way, str(value)
    else:
        name = str(value)
    for list_of in {"inputs", "targets", "categories"} & settings.keys():
        settings[list_of] = [column.strip() for column in settings[list_of].split(",")]
    known = usual_settings(name)
    foreign = next((each for each in settings if known and each not in known), None)
    if foreign is not None:
        has = ", ".join(flag(each) for each in known if each in SETTINGS)
        raise UsageError(f"{flag(foreign)} for {name}", f"for {name}: {has}", f"leave out {flag(foreign)}")
    return make_task(name, settings)


def options_of(task: Task) -> list[str]:
    """Return the options that ask for a task; what is usual is left out."""
    from carrybit.tasks import make_task, usual_settings

    is_own = task.name in OWN
    usual = usual_settings(task.name) if is_own else make_task(task.name, {}).settings
    options = [] if is_own or task.name == "addition" else ["--task", task.name]
    for name, value in task.settings.items():
        if is_own and name == OWN[task.name]:
            options += [flag(task.name), str(value)]
        elif name in SETTINGS and value is not None and value != usual[name]:
            options += [flag(name), ",".join(value) if isinstance(value, list) else str(value)]
    return options


def settings_of(config: TrainConfig) -> list[str]:
    """Return the options that ask for a configuration; what is usual is left out."""
    from carrybit.config import TrainConfig

    task = config.task
    plain = TrainConfig(task=task, recipe=config.recipe)
    usual = TrainConfig(task=task, recipe=config.recipe, optimizer=config.optimizer, until=config.until)
    options = options_of(task)
    options += [] if config.recipe is None else [flag("recipe"), config.recipe]
    rest = {name: value for name, value in vars(config).items() if name != "task"}
    for name, value in sorted(rest.items(), key=lambda item: item[0] != "until"):  # that comes first
        if value != getattr(plain if name in ("until", "optimizer") else usual, name):
            if isinstance(value, bool):
                options.append(flag(name) if value else f"--no-{name}")
            else:
                options += [flag(name), str(UNLESS.get(name) if value is None else value)]
    return options


def refuse_unknown(verb: str, words: Iterable[str], allowed: str) -> None:
    """Raise a UsageError for what looks like an option, where a verb takes what begins with a dash as a question."""
    from carrybit.errors import UsageError

    unknown = next((word for word in words if word[:1] == "-" and word.lstrip("-")[:1].isalpha()), None)
    if unknown is not None:
        raise UsageError(f"{unknown} is no option of carrybit {verb}", allowed, f"carrybit {verb} --help")


def flag(name: str) -> str:
    """Return the option for a setting: --hidden-dim for hidden_dim."""
    return f"--{name.replace('_', '-')}"


def singular(noun: str) -> str:
    """Return one of several things: sum for sums."""
    return noun.removesuffix("s")


def count(number: int, noun: str) -> str:
    """Return a number of things: 1 network, 2 networks."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
