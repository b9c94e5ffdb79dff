"""A machine of one's own, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carrybit.errors import UsageError
from carrybit.machines.notation import machine_from_json, machine_to_json, read_machine
from carrybit.tasks import walks
from carrybit.tasks.symbols import DEFAULTS, SymbolTask, provable

LIKELY_LENGTH = 16


def machine(
    file: str | None = None, machine: Mapping[str, Any] | None = None, length: int = LIKELY_LENGTH
) -> SymbolTask:
    """Learn a machine of your own, from a JSON file that says its moves and outputs.

    In every state all symbols are equally likely, but for those that lead into a trap (a state that is never left),
    which come so seldom that half of all samples stay out of it.

    Parameters
    ----------
    file : str, or None if ``machine`` is given
        Read now; a run keeps the machine itself.
    machine : mapping, or None
        The same as JSON has it, instead of the file.
    length : int, 1 to 100,000

    Raises
    ------
    UsageError
        The file cannot be read, or is no machine.
    """
    if machine is None and file is None:
        raise UsageError("the task machine, without one", "a file, or a machine as JSON has it", "--machine FILE")
    own = read_machine(Path(str(file))) if machine is None else machine_from_json(machine)
    kept = machine_to_json(own)
    return SymbolTask(
        name="machine",
        machine=own,
        length=length,
        example=walks.example(own),
        title=f"the machine of {Path(file).name}" if file else "a machine",
        settings={"file": file, "machine": kept, "length": length},
        defaults=DEFAULTS,
        recipes={"provable": provable(own)},
    )
