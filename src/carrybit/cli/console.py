"""The console: all that is printed goes through here.

Words go to standard output, or to standard error where --json keeps standard output for one object. A bar moves where
words go to a terminal; elsewhere a plain line now and then takes its place. Colour obeys NO_COLOR.
"""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console as RichConsole
from rich.text import Text

from carrybit.errors import CarrybitError, SettingError
from carrybit.files import jsonl
from carrybit.shell import quoted, visible

if TYPE_CHECKING:
    from rich.progress import Progress

INTERRUPTED = 130  # the exit code of what Ctrl-C stopped
SECONDS_BETWEEN_LINES = 10.0
WIDE = 105  # columns; a narrower terminal has room for the words beside a bar, but not for the bar


class _Stream(RichConsole):
    """Rich's console, which would end the program itself when a reader has left."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


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
        self.words = _Stream(stderr=json or on_error_stream, quiet=quiet, highlight=False, soft_wrap=True)

    def say(self, text: str | Text = "", style: str = "") -> None:
        """Print a line of words."""
        self.words.print(text if isinstance(text, Text) else Text(_printable(text)), style=style, soft_wrap=True)

    def command(self, *parts: str | Path, why: str = "") -> None:
        """Print a command worth typing, its parts quoted where the shell needs it."""
        line = " ".join(map(_quoted, parts))
        self.say(Text.assemble("  ", (_printable(line), "bold cyan"), f"   {why}" if why else ""))

    def result(self, value: Any) -> None:
        """Print the one object of --json."""
        if self.json:
            print(jsonl.line(value), flush=True)

    def exactly(self, text: str) -> None:
        """Print a line on standard output to the letter, whatever --quiet says; not with --json."""
        if not self.json:
            print(text, flush=True)

    def piece(self, text: str) -> None:
        """Print a piece of a text on standard output as soon as it is there; not with --json."""
        if not self.json:
            print(_printable(text), end="", flush=True)

    @contextmanager
    def bar(self) -> Iterator[Bar]:
        """Show how far long work has come, and the time left: a moving bar on a terminal, else a line now and then."""
        if self.quiet or not self.words.is_terminal:
            yield _Lines(self)
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        wide = self.words.width >= WIDE
        progress = Progress(
            *([BarColumn(bar_width=20), TextColumn("{task.percentage:.0f}%")] if wide else []),
            TimeRemainingColumn(compact=True, table_column=Column(min_width=5, no_wrap=True)),
            TextColumn("left", table_column=Column(min_width=5, no_wrap=True)),
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            console=self.words,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with progress:
            yield _Moving(progress)


class Bar(Protocol):
    """Something that shows how far work has come."""

    def __call__(self, title: str, done: float, total: float, note: str) -> None:
        """Say that ``done`` of the ``total`` is done; a new title begins new work, with a time left of its own."""
        ...


class _Moving:
    """A bar that moves, on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self.progress, self.title = progress, ""
        self.task = progress.add_task("", total=None)

    def __call__(self, title: str, done: float, total: float, note: str) -> None:
        if title != self.title:
            self.progress.reset(self.task, total=total, completed=int(done))  # what a resumed run brings took no time
            self.title = title
        self.progress.update(self.task, completed=done, total=total, description=note)


class _Lines:
    """A bar for where there is no terminal: a plain line every ten seconds."""

    def __init__(self, console: Console) -> None:
        self.console, self.title, self.brought = console, "", 0.0
        self.began = self.last = time.monotonic()

    def __call__(self, title: str, done: float, total: float, note: str) -> None:
        now = time.monotonic()
        if title != self.title:
            self.title, self.began, self.brought = title, now, done
        if now - self.last > SECONDS_BETWEEN_LINES and done > self.brought:
            left = (now - self.began) * (total - done) / (done - self.brought)
            self.last = now
            self.console.say(f"{title}: {done / total:.0%}, about {left:.0f} s left  {note}".rstrip())


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Let the first Ctrl-C through and ignore all after it, so that saving and saying so are not interrupted."""
    before = signal.getsignal(signal.SIGINT)

    def first(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    if before is not signal.default_int_handler:  # ignored, or somebody else's business
        yield
        return
    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is first:
            signal.signal(signal.SIGINT, before)


def print_error(error: CarrybitError) -> int:
    """Print an error on standard error, in three lines at most, and return its exit code."""
    received, allowed, fix = error.received, error.allowed, error.fix
    if isinstance(error, SettingError):
        option = "--" + error.name.replace("_", "-")
        received, fix = f"{option} {error.value}".rstrip(), f"use {option} {error.instead}"
    stream = _Stream(stderr=True, highlight=False, soft_wrap=True)
    with suppress(OSError, AttributeError):  # nowhere to print to: the exit code says it all the same
        for head, style, text in (("error", "bold red", received), ("allowed", "bold", allowed), ("fix", "bold", fix)):
            stream.print(Text.assemble((f"{head}: ", style), _printable(" ".join(text.split()))))
        sys.stderr.flush()
    return error.exit_code


def _printable(text: str) -> str:
    """Return text that moves no cursor and changes no colour, whatever a file or a person put into it."""
    return "\n".join(map(visible, text.split("\n")))


def number(value: float) -> str:
    """Return a number in three decimals, or in powers of ten where it is large."""
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.1e}"


def tick(is_right: bool) -> Text:
    """Return a mark for right or wrong."""
    return Text("✓", "green") if is_right else Text("✗", "red")


def _quoted(part: str | Path) -> str:
    """Return a part of a command as a person would type it: a sum in double quotes, a path so that it stays one."""
    if isinstance(part, Path):
        return quoted(part)
    return f'"{part}"' if " + " in part else shlex.quote(part)


def prints_to_terminal() -> bool:
    """Whether standard output is there, and a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()
