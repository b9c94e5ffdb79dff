"""The walk in the terminal: keys go forwards through time, back again, and anywhere in between."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from carrybit.errors import UsageError
from carrybit.tracing import Trace
from carrybit.walk import checking
from carrybit.walk.page import page
from carrybit.walk.script import Scene, script
from carrybit.walk.view import View

KEYS = "→ next  ← undo  ↑↓ unit  b back  c check  g gradient  ? help  q quit"
FEW_KEYS = "→ ← ↑↓ b c g ? help q quit"
HELP = """\
A walk through what the network thought: forwards through
time, then all the way back, and only then the weights change.

  → space n      the next stop
  ← p u          undo: back one stop
  PgDn PgUp      a whole step on, or back
  Home End       the first stop, the last
  b              where the way back begins
  ↑ ↓            another unit; 0 the one with the most going on
  c              check the derivative in view: nudge the number,
                 and see what the loss does
  g              check any: synapse_h 3 7, or layer_1 STEP UNIT
  ?              this help; Esc closes it
  q              quit

In a bar, height is size; what hangs is below zero. Blue is
memory, yellow an error, mustard a derivative.

The code is the tutorial's; d_… is the derivative itself, and
the tutorial's deltas are its negative."""


class Walk(App[None]):
    """The app: a trace, a stop, and the units that a person has chosen.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    learning_rate : float or None
        With it the walk ends with the weights as one step of gradient descent changes them.
    """

    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None  # the entry takes the keys only when it is asked for
    CSS = """
    Screen { background: ansi_default; color: ansi_default; overflow: hidden; }
    #page { height: 1fr; width: 100%; background: ansi_default; color: ansi_default; }
    #keys { height: 1; width: 100%; background: ansi_default; color: ansi_default; }
    #entry { height: 1; border: none; padding: 0; display: none; background: ansi_default; color: ansi_default; }
    #entry:focus { border: none; }
    Help { align: center middle; background: ansi_default; }
    Help VerticalScroll { width: 66; max-width: 100%; height: auto; max-height: 100%; background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("right,space,n", "go(1)", "next"),
        ("left,p,u", "go(-1)", "undo"),
        ("pagedown", "step(1)", "a step on"),
        ("pageup", "step(-1)", "a step back"),
        ("home", "jump(0)", "first"),
        ("end", "jump(-1)", "last"),
        ("b", "turn", "the way back"),
        ("up", "unit(-1)", "unit before"),
        ("down", "unit(1)", "unit after"),
        ("0", "unit(0)", "the busiest unit"),
        ("c", "check", "check"),
        ("g", "ask", "gradient"),
        ("escape", "close", "close"),
        ("question_mark", "help", "help"),
        ("q", "quit", "quit"),
        Binding("ctrl+c", "quit", "quit", priority=True),
    ]

    def __init__(self, trace: Trace, learning_rate: float | None = None) -> None:
        super().__init__(ansi_color=True)
        self.script = script(trace, learning_rate)
        self.place = 0
        self.chosen: dict[bool, int] = {}  # a hidden unit (False), an output (True); none where nobody has chosen
        self.said: dict[tuple[int, int], tuple[str, ...]] = {}  # what was said at a stop about a unit

    def compose(self) -> ComposeResult:
        """Make the page, the line of keys, and the entry that takes its place."""
        yield Static(id="page")
        yield Static(id="keys")
        yield Input(id="entry", placeholder="synapse_h 3 7, or layer_1 STEP UNIT", compact=True)

    def on_mount(self) -> None:
        """Begin at the first stop."""
        self.show()

    def on_resize(self, event: Resize) -> None:
        """Lay the page out anew, once the terminal's new size is known everywhere."""
        self.call_after_refresh(self.show)

    @property
    def scene(self) -> Scene:
        """The present stop."""
        return self.script[self.place]

    @property
    def unit(self) -> int:
        """The unit that is looked at: the chosen one, else the one with the most going on."""
        scene = self.scene
        return self.chosen[scene.is_of_outputs] if scene.is_of_outputs in self.chosen else scene.unit

    @property
    def drawn(self) -> Text:
        """The page as it is to be seen."""
        said = self.said.get((self.place, self.unit), ())
        view = View(scene=self.scene, stops=len(self.script), unit=self.unit, said=said)
        return page(view, max(10, self.size.width), max(3, self.size.height - 1))

    def show(self) -> None:
        """Draw where we are."""
        if not self.is_mounted_whole:
            return
        base = self.screen_stack[0]
        base.query_one("#page", Static).update(self.drawn)
        keys = KEYS if self.size.width >= len(KEYS) else FEW_KEYS
        base.query_one("#keys", Static).update(Text(keys, "dim", no_wrap=True))

    @property
    def is_mounted_whole(self) -> bool:
        """Whether there is something to draw on yet."""
        return bool(self.screen_stack) and bool(self.screen_stack[0].query("#keys"))

    def go_to(self, place: int) -> None:
        """Go to a stop, or as far towards it as there are any."""
        self.place = max(0, min(place, len(self.script) - 1))
        self.show()

    def action_go(self, stops: int) -> None:
        """Go on, or undo."""
        self.go_to(self.place + stops)

    def action_step(self, steps: int) -> None:
        """Go a whole step on, or back: to its first stop."""
        self.go_to((self.place // 3 + steps) * 3 if steps > 0 else -(-self.place // 3 + steps * -1) * 3)

    def action_jump(self, place: int) -> None:
        """Go to the first stop, or the last."""
        self.go_to(place % len(self.script))

    def action_turn(self) -> None:
        """Go to where the way back begins."""
        self.go_to(3 * self.script.trace.time)

    def action_unit(self, by: int) -> None:
        """Look at another unit."""
        scene = self.scene
        if by:
            self.chosen[scene.is_of_outputs] = (self.unit + by) % scene.units
        else:
            self.chosen.pop(scene.is_of_outputs, None)
        self.show()

    def action_check(self) -> None:
        """Check the derivatives in view."""
        self.check(self.place, self.unit, checking.in_view(self.scene, self.unit))

    def action_ask(self) -> None:
        """Ask which derivative to check."""
        self.query_one("#keys").display = False
        entry = self.query_one("#entry", Input)
        entry.display = True
        entry.focus()

    def action_close(self) -> None:
        """Put the entry away, and what was said here."""
        entry = self.query_one("#entry", Input)
        if entry.display:
            self.set_focus(None)
            entry.clear()
            entry.display = False
            self.query_one("#keys").display = True
        else:
            self.said.pop((self.place, self.unit), None)
        self.show()

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Help())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check what was asked for, or say what is wrong with it."""
        self.action_close()
        if not event.value.strip():
            return
        try:
            meant = checking.read(self.script.trace, event.value)
        except UsageError as error:
            self.say(self.place, self.unit, (f"✗ {error.received}; allowed: {error.allowed}; such as {error.fix}",))
            return
        self.check(self.place, self.unit, [meant])

    @work(thread=True, exclusive=True)
    def check(self, place: int, unit: int, meant: list[tuple[str, checking.Place]]) -> None:
        """Measure derivatives beside the app, since of a long trace each takes a while."""
        made = tuple(str(checking.check(self.script.trace, name, where)) for name, where in meant)
        self.call_from_thread(self.say, place, unit, made)

    def say(self, place: int, unit: int, lines: tuple[str, ...]) -> None:
        """Write something below a stop, for as long as it is looked at with this unit."""
        self.said[place, unit] = lines
        self.show()


class Help(ModalScreen[None]):
    """The keys."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,question_mark,space,enter", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        """Show the text, which can be scrolled where it is longer than the terminal."""
        with VerticalScroll():
            yield Static(Text(HELP))


def run(trace: Trace, learning_rate: float | None = None) -> None:
    """Walk through a trace in the terminal until a person has seen enough.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    learning_rate : float or None
        With it the walk ends with the weights as one step of gradient descent changes them.
    """
    Walk(trace, learning_rate).run()
