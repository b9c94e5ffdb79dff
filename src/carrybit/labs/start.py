"""The first weights: how large they should be, so that a network has something to tell apart and room to learn."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from carrybit.config import TrainConfig
from carrybit.figures import dial as plate
from carrybit.labs import dial
from carrybit.labs.lab import Finding, Step
from carrybit.labs.subjects import Share, swept

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "How large should the first weights be?"
CLAIM = (
    "The tutorial's first weights, from -1 to 1, are as good as any: with no others are networks clearly sooner exact."
)
TUTORIAL = 1.0
SCALES = (0.01, 0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 10.0)


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, updates: int | None = None, every: int = 500
) -> Generator[Step | Finding]:
    """Train the tutorial's network from first weights of every scale; ``thorough`` waits longer for small ones.

    Parameters
    ----------
    count : int
        Networks at each scale, 64 or thoroughly 256; one seed has the same sums at all of them, and the same first
        weights but for their scale.
    updates : int
        When to stop: after 20,000, or thoroughly 100,000.
    every : int
        How often they are examined, which is how finely the time is known.
    """
    limit = updates or (100_000 if thorough else 20_000)
    config = TrainConfig(until="exact", updates=limit, every=every, seed=seed)
    networks = count or (256 if thorough else 64)  # fewer do not tell 1 from 2
    table = yield from swept({"start": SCALES}, config, networks, Share(), "first weights of all scales")
    yield finding(dial.notches(table), limit)


def finding(found: Sequence[dial.Notch], limit: int) -> Finding:
    """Return what the networks amount to, in so many updates at most."""
    holds, verdict = dial.judge(found, TUTORIAL)
    listing = dial.listing("updates until exact, by the scale of the first weights", "scale", found, limit)
    return Finding((listing,), holds, verdict, {"limit": limit, "notches": [notch.about() for notch in found]})


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw the updates until exact, and the share that gets there, against the scale of the first weights."""
    limit, notches = finding.data["limit"], finding.data["notches"]
    after, exact = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    plate.draw_after(notches, after, unit="updates", never=f"not in\n{limit:,}")
    plate.draw_exact(notches, exact).set(xlabel="scale s of the first weights: uniform in [-s, s)")
    plate.mark(notches, TUTORIAL, (after, exact))
    figure.suptitle(QUESTION)
    return figure
