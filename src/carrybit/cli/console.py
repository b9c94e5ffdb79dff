"""The console: all that is printed goes through here.

Words go to standard output, or to standard error where --json keeps standard output for one object. A bar moves where
words go to a terminal; elsewhere a plain line now and then takes its place. Colour obeys NO_COLOR.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console as RichConsole
from rich.text import Text

from carrybit.errors import CarrybitError, SettingError

SECONDS_BETWEEN_LINES = 10.0


class Bar(Protocol):
    """How far a long piece of work has come: ``bar(done, note)``."""

    def __call__(self, done: float, note: str = "") -> None:
        """Say that ``done`` of the total is done."""
        ...


class Console:
    """Where a verb prints.

    Parameters
    ----------
    json, quiet : bool
        The options of that name.
    on_error_stream : bool
        Keep standard output free of words and bars, as with json, because a verb prints something exact there.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False, on_error_stream: bool = False) -> None:
        self.json, self.quiet = json, quiet
        self.words = RichConsole(stderr=json or on_error_stream, quiet=quiet, highlight=False, soft_wrap=True)

    def say(self, text: str | Text = "", style: str = "") -> None:
        """Print a line of words."""
        self.words.print(text if isinstance(text, Text) else Text(text), style=style, soft_wrap=True)

    def command(self, line: str, why: str = "") -> None:
        """Print a command worth typing."""
        self.say(Text.assemble("  ", (line, "bold cyan"), f"   {why}" if why else ""))

    def result(self, value: Any) -> None:
        """Print the one object of --json."""
        if self.json:
            print(json.dumps(value, ensure_ascii=False), flush=True)

    def exactly(self, text: str) -> None:
        """Print a line on standard output to the letter, whatever --quiet says; not with --json."""
        if not self.json:
            print(text, flush=True)

    @contextmanager
    def bar(self, title: str, total: float) -> Iterator[Bar]:
        """Show how far a piece of work has come, and the time left."""
        if self.quiet or not self.words.is_terminal:
            yield _Lines(self, title, total)
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.percentage:3.0f} %")
        bar = Progress(
            *columns,
            TimeRemainingColumn(compact=True),
            TextColumn("left  {task.fields[note]}"),
            console=self.words,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with bar:
            task = bar.add_task(title, total=total, note="")
            yield lambda done, note="": bar.update(task, completed=done, note=note)


class _Lines:
    """A bar for where there is no terminal: a plain line every ten seconds."""

    def __init__(self, console: Console, title: str, total: float) -> None:
        self.console, self.title, self.total = console, title, total
        self.began = self.last = time.monotonic()

    def __call__(self, done: float, note: str = "") -> None:
        now = time.monotonic()
        if now - self.last > SECONDS_BETWEEN_LINES and done:
            left = (now - self.began) * (self.total - done) / done
            self.last = now
            self.console.say(f"{self.title}: {done / self.total:.0%}, about {left:.0f} s left  {note}".rstrip())


def print_error(error: CarrybitError) -> int:
    """Print an error on standard error, in three lines at most, and return its exit code."""
    received, allowed, fix = error.received, error.allowed, error.fix
    if isinstance(error, SettingError):
        option = "--" + error.name.replace("_", "-")
        received, fix = f"{option} {error.value}", f"{option} {error.instead}"
    stream = RichConsole(stderr=True, highlight=False, soft_wrap=True)
    stream.print(Text.assemble(("error: ", "bold red"), _line(received)))
    stream.print(Text.assemble(("allowed: ", "bold"), _line(allowed)))
    stream.print(Text.assemble(("fix: ", "bold"), _line(fix)))
    sys.stderr.flush()
    return error.exit_code


def _line(text: str) -> str:
    return " ".join(text.split())


def tick(is_right: bool) -> Text:
    """Return a mark for right or wrong."""
    return Text("✓", "green") if is_right else Text("✗", "red")
