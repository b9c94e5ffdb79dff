"""How the verb watch prints how much of the memory is of which input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from carrybit.cli.console import Console
from carrybit.shell import visible

if TYPE_CHECKING:
    from carrybit.attribution import Attribution
    from carrybit.params import Array
    from carrybit.tracing import Trace

MOST_COLUMNS = 16  # inputs that have a column each; of a longer question, the largest shares are told
LARGEST = 4
COLUMN = 8  # width of one
READ = 12  # letters of what is read


def say_shares(console: Console, trace: Trace, attributed: Attribution) -> None:
    """Print the share of each input in the hidden layer after each step, and where an older input has the most."""
    caption, shares = trace.caption, attributed.shares()[0]
    one = caption.step
    wide = len(f"{one} {trace.time - 1}") + 3
    console.say()
    console.say(f"how much of the hidden layer is of which input, % ({attributed.method})", style="bold")
    heads = (
        "".join(f"{f'of {s}':>{COLUMN}}" for s in range(trace.time)) if trace.time <= MOST_COLUMNS else "   the most"
    )
    console.say(Text(f"{'after':<{wide}}{'read':<{READ}}{heads}", "dim"))
    for t, row in enumerate(shares):
        console.say(f"{f'{one} {t}':<{wide}}{_read(trace, t):<{READ}}{_cells(row, t, trace.time, one)}")
    error = attributed.error
    if error is not None and (error > 0).any():
        off = error[error > 0].mean()
        console.say(f"sampled: what a unit has of an input is off by about {off:.1g}", style="dim")
    console.say()
    for sentence in told(trace, shares):
        console.say(sentence)


def told(trace: Trace, shares: Array) -> Iterator[str]:
    """Yield why there is more of one colour: the steps after which an older input has most of the hidden layer."""
    one, time = trace.caption.step, trace.time
    if time == 1 or shares[1:].min() != shares[1:].min():  # NaN, where nothing is left to share
        return
    older = [t for t in range(1, time) if shares[t, t] < shares[t].max()]
    for t in older[:LARGEST]:
        s = int(shares[t].argmax())
        yield (
            f"After {one} {t} there is more of {one} {s} than of any other: {100 * shares[t, s]:.1f} %, and "
            f"{100 * shares[t, t]:.1f} % of what has just been read.{_change(trace, s)}"
        )
    if not older:
        yield f"After every {one} there is no less of what has just been read than of any other input."
    elif len(older) > LARGEST:
        yield f"So it is after {trace.caption.counted(len(older) - LARGEST)} more, of {time:,}."


def _cells(row: Array, t: int, time: int, one: str) -> str:
    if time <= MOST_COLUMNS:
        return "".join(f"{_percent(share):>{COLUMN}}" for share in row[: t + 1])
    largest = sorted(range(t + 1), key=lambda s: -float(row[s]))[:LARGEST]
    return "   " + ", ".join(f"{one} {s}: {_percent(row[s])}" for s in largest)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if share == share else "-"  # NaN: there is nothing to share


def _change(trace: Trace, t: int) -> str:
    """Return what a step changed of what there is to remember, if it did."""
    caption = trace.caption
    if not caption.states or caption.states[t] == caption.states[t + 1]:
        return ""
    return f" At {caption.step} {t} it went from {visible(caption.states[t])} to {visible(caption.states[t + 1])}."


def _read(trace: Trace, t: int) -> str:
    """Return what is read at a step, in few letters."""
    read = visible(" ".join(cells[t] for _, cells in trace.caption.rows))
    return read if len(read) < READ else f"{read[: READ - 2]}…"
