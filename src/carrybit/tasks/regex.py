"""A regular expression of one's own: whether what was read so far fits it."""

from __future__ import annotations

from carrybit.errors import UsageError
from carrybit.machines.regular import machine_from_regex
from carrybit.tasks import walks
from carrybit.tasks.symbols import SymbolTask, provable


def regex(pattern: str | None = None, symbols: str | None = None, length: int = 16) -> SymbolTask:
    """Say at every step whether all that was read so far fits a pattern: yes or no.

    As a machine: the smallest one that accepts the pattern. Samples are drawn as for a machine of one's own.

    Parameters
    ----------
    pattern : str
        As `machine_from_regex` reads it.
    symbols : str, or None for those of the pattern
        The letters there are.
    length : int, 1 to 100,000

    Raises
    ------
    UsageError
        The pattern is none, needs too many states, or fits everything or nothing.
    """
    if pattern is None:
        raise UsageError("the task regex, without a pattern", "a regular expression", '--regex "(ab)*"')
    own = machine_from_regex(pattern, symbols)
    return SymbolTask(
        name="regex",
        machine=own,
        length=length,
        example=walks.example(own),
        title=f"the pattern {pattern}",
        settings={"pattern": pattern, "symbols": symbols, "length": length},
        recipes={"provable": provable(own)},
    )
