"""Question: what is asked of a file: which columns are heard, which are to be said, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carrybit import checks
from carrybit.data.parts import require
from carrybit.data.table import Table, listed
from carrybit.errors import SettingError, UsageError
from carrybit.params import Array

GOALS = ("next", "tag", "label", "forecast")


@dataclass(frozen=True)
class Question:
    """What is asked of a file.

    Parameters
    ----------
    goal : {"next", "tag", "label", "forecast"}
        Say the next character or word of a text; a target at every step; one target at the end of a sequence; the
        targets of the next step.
    inputs, targets : tuple of str
        Columns.
    sequence : str or None
        The column that says which sequence a row is of.
    categories : tuple of str, or None
        Columns of numbers that are categories all the same. None leaves it open for targets: few whole numbers are.
    """

    goal: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    sequence: str | None = None
    categories: tuple[str, ...] | None = None

    @property
    def ahead(self) -> int:
        """How many steps ahead of what is heard the right answer stands."""
        return 1 if self.goal in ("next", "forecast") else 0

    def table(self, table: Table, needs_targets: bool = True) -> Table:
        """Return the columns that are needed of a table, by sequences."""
        names = [*self.inputs, *(self.targets if needs_targets else ())]
        kept = table.only(list(dict.fromkeys(names + ([self.sequence] if self.sequence else []))))
        if not self.sequence:
            return kept
        require(kept, 1)  # an empty one has no row that could say its name
        return kept.grouped(self.sequence)


def ask(
    table: Table,
    is_text: bool,
    goal: str | None,
    inputs: Sequence[str] | None,
    targets: Sequence[str] | None,
    sequence: str | None,
    categories: Sequence[str] | None,
) -> Question:
    """Return what is asked of a table, with what was left open guessed from it; UsageError if it makes no sense."""
    if goal is not None:
        checks.one_of("goal", goal, GOALS)
    if is_text:
        return _of_text(table, goal, inputs, targets, sequence)
    if goal == "next":
        raise SettingError("goal", goal, "forecast, tag, label for a table; next is for text", "forecast")
    for name in [*(inputs or ()), *(targets or ()), *(categories or ()), *([sequence] if sequence else [])]:
        table.only([name])
    if inputs is not None and not inputs:
        raise SettingError("inputs", list(inputs), "one column or more", [next(iter(table.columns))])
    chosen = list(targets or table.targets)
    if goal is None:
        goal = _guess(table, chosen, sequence)
    if inputs is None:
        left_out = {sequence, *(chosen if goal != "forecast" else ())}
        inputs = [name for name in table.columns if name not in left_out]
    if goal == "forecast" and not chosen:
        chosen = [name for name in inputs if table.columns[name].dtype.kind == "f" and name not in (categories or ())]
    _check(table, goal, inputs, chosen, sequence)
    return Question(goal, tuple(inputs), tuple(chosen), sequence, None if categories is None else tuple(categories))


def labels(table: Table, name: str) -> Array:
    """Return the last value of a column in each sequence: (N,); UsageError if it has another before."""
    values, ends = table.columns[name], table.ends
    last = values[ends - 1]  # (N,)
    is_other = values != np.repeat(last, table.lengths)
    if is_other.any():
        row = int(np.argmax(is_other))
        raise UsageError(
            f"target {name!r} changes within a sequence: {values[row]!r} in {table.where(row)}",
            "one value for all rows of a sequence, to label it",
            "goal tag says a target at every step",
        )
    return last


def _of_text(
    table: Table,
    goal: str | None,
    inputs: Sequence[str] | None,
    targets: Sequence[str] | None,
    sequence: str | None,
) -> Question:
    named = {"inputs": inputs, "targets": targets, "sequence": sequence}
    for name, value in named.items():
        if value:
            raise SettingError(name, value, f"nothing: {table.file} is read as text, which has no columns", None)
    if goal not in (None, "next"):
        raise SettingError("goal", goal, f"next, since {table.file} is read as text", "next")
    (unit,) = table.columns
    return Question("next", (unit,), (unit,))


def _guess(table: Table, targets: Sequence[str], sequence: str | None) -> str:
    if not targets:
        return "forecast"
    used = table.only([*targets, *([sequence] if sequence else [])])
    used = used.grouped(sequence) if sequence else used
    if len(used.lengths) == 1:
        return "tag"
    try:
        for name in targets:
            labels(used, name)
    except UsageError:
        return "tag"
    return "label"


def _check(table: Table, goal: str, inputs: Sequence[str], targets: Sequence[str], sequence: str | None) -> None:
    if not inputs:
        raise UsageError(
            f"{table.file} has no column left to be heard", listed(table.columns), "add inputs to the file"
        )
    if not targets:
        what = "a column of numbers to forecast" if goal == "forecast" else "a target"
        raise UsageError(f"goal {goal}, without {what}", listed(table.columns), "name the targets")
    if goal != "forecast":
        both = [name for name in inputs if name in targets]
        if both:
            raise UsageError(f"{both[0]!r} is heard and to be said", "a column once", "leave it out of the inputs")
    if sequence in (*inputs, *targets):
        raise UsageError(f"{sequence!r} names the sequences", "another column", "leave it out of inputs and targets")
    for name, columns in {"inputs": inputs, "targets": targets}.items():
        twice = [each for each in columns if list(columns).count(each) > 1]
        if twice:
            raise UsageError(f"{twice[0]!r} is twice in {name}", "a column once", f"{name} without the second")
