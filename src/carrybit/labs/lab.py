"""Lab: what an experiment is: a question, numbers that are computed, and a verdict that the numbers decide."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cell = str | int | float | None


class Step(NamedTuple):
    """An experiment has come this far: ``done`` from 0 to 1, and a word on what it is doing."""

    done: float
    note: str


@dataclass(frozen=True)
class Listing:
    """A table: a title, the heads of its columns, and its rows; None is an empty cell."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def shown(cell: Cell) -> str:
    """Return a cell as it is read."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


@dataclass(frozen=True, eq=False)
class Finding:
    """What came of an experiment.

    Parameters
    ----------
    listings : tuple of Listing
        The numbers, to be read.
    holds : bool
        Whether the claim holds, by the numbers.
    verdict : str
        Why, in a sentence or two with the numbers that decided.
    data : mapping
        The numbers that the picture is drawn from: lists, numbers and texts only, as JSON has them.
    """

    listings: tuple[Listing, ...]
    holds: bool
    verdict: str
    data: Mapping[str, Any]

    def about(self) -> dict[str, Any]:
        """Return everything as JSON has it."""
        return {
            "holds": self.holds,
            "verdict": self.verdict,
            "listings": [asdict(listing) for listing in self.listings],
            "data": dict(self.data),
        }


class Lab(Protocol):
    """An experiment: a module with these names.

    QUESTION : what is asked, in a line
    CLAIM    : what the tutorial says, in a sentence that numbers can refute
    """

    QUESTION: str
    CLAIM: str

    def experiment(self, *, thorough: bool = False, seed: int = 0, **asked: Any) -> Generator[Step | Finding]:
        """Run it, yielding how far it has come, and the finding at the end. Without ``thorough``, in half a minute.

        What else can be asked is each experiment's own.
        """
        ...

    def draw(self, finding: Finding, figure: Figure) -> Figure:
        """Draw the finding on an empty figure, and return it; no mathematics of its own."""
        ...
