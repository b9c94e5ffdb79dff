"""Caption: a sequence in the words of its task, to be written beside the numbers that a network makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


def sign(right: bool | None) -> str:
    """Return a sign for what is right or wrong, or nothing where nobody asks."""
    return {True: "✓", False: "✗", None: ""}[right]


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What stands beside the numbers of one sequence of T steps; everything in it is text to be shown.

    Parameters
    ----------
    title : str
        The sequence and what the network said to it: "9 + 60 = 69".
    rows : tuple of (head, T cells)
        What is read, a row for each of a few things.
    answers, truth : tuples of T str
        What the network says at each step and what it should say; "" where nothing is asked.
    right : tuple of T bool or None
        Whether it said so; None where nothing is asked, or where numbers are only nearer or farther.
    memory : str
        What there is to remember, in a word: "carry"; "" where nobody knows.
    states : tuple of T+1 str, or ()
        What there is to remember before each step, and at the end, by name.
    inputs, outputs : tuples of I and of O str
        What each unit of layer_0 and of layer_2 stands for.
    steps : str
        What a step is called, in the plural.
    is_read_backwards : bool
        Whether a person writes the last step first, as the digits of a number.
    """

    title: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    answers: tuple[str, ...]
    truth: tuple[str, ...]
    right: tuple[bool | None, ...]
    memory: str = ""
    states: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    steps: str = "steps"
    is_read_backwards: bool = False

    @property
    def is_right(self) -> bool | None:
        """Whether every answer that is asked for is right; None where none is."""
        asked = [right for right in self.right if right is not None]
        return all(asked) if asked else None

    @property
    def step(self) -> str:
        """What one step is called."""
        return self.steps.removesuffix("s")

    def counted(self, steps: int) -> str:
        """Return a number of steps in words: "1 bit", "7 bits"."""
        return f"{steps:,} {self.step if steps == 1 else self.steps}"

    @property
    def remembered(self) -> tuple[str, ...]:
        """The states without the word that heads them: "1" for "carry 1"."""
        return tuple(state.removeprefix(f"{self.memory} ") for state in self.states)

    def about(self) -> dict[str, Any]:
        """Return it as JSON has it: ``from_about`` takes it back."""
        return asdict(self)

    @staticmethod
    def from_about(about: Mapping[str, Any]) -> Caption:
        """Return the caption that ``about()`` told."""
        rows = tuple((head, tuple(cells)) for head, cells in about["rows"])
        tuples = {name: tuple(about[name]) for name in ("answers", "truth", "right", "states", "inputs", "outputs")}
        return Caption(**{**about, **tuples, "rows": rows})
