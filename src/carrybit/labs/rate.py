"""The rate of learning: how far to follow a gradient, and what it costs to go too far or not far enough."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING

from carrybit.config import TrainConfig
from carrybit.figures import dial as plate
from carrybit.labs import dial
from carrybit.labs.lab import Finding, Step
from carrybit.labs.subjects import Share, swept

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "Which rate makes the tutorial's network exact in the fewest updates?"
CLAIM = "The tutorial's rate of 0.1 is as good as any: at no other are networks clearly sooner exact."
TUTORIAL = 0.1
RATES = {
    "sgd": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    "momentum": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    "adam": (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
}


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, updates: int = 10_000, every: int = 250
) -> Generator[Step | Finding]:
    """Train the tutorial's network at every rate; with ``thorough``, also by other optimisers, whose rates are others.

    Parameters
    ----------
    count : int
        Networks at each rate, 32 or thoroughly 256; one seed has the same first weights and sums at all of them.
    updates, every : int
        When to stop, and how often they are examined, which is how finely the time is known.
    """
    found = {}
    optimizers = list(RATES) if thorough else ["sgd"]
    for k, optimizer in enumerate(optimizers):
        config = TrainConfig(optimizer=optimizer, until="exact", updates=updates, every=every, seed=seed)
        grid = {"learning_rate": RATES[optimizer]}
        share = Share(k / len(optimizers), (k + 1) / len(optimizers))
        table = yield from swept(grid, config, count or (256 if thorough else 32), share, f"{optimizer} at all rates")
        found[optimizer] = dial.notches(table)
    yield finding(found, updates)


def finding(found: Mapping[str, Sequence[dial.Notch]], limit: int) -> Finding:
    """Return what the networks of each optimiser amount to, in so many updates at most; the tutorial's sgd decides."""
    holds, verdict = dial.judge(found["sgd"], TUTORIAL)
    listings = [
        dial.listing(f"updates until exact, by {optimizer}", "rate", notches, limit)
        for optimizer, notches in found.items()
    ]
    optimizers = {optimizer: [notch.about() for notch in notches] for optimizer, notches in found.items()}
    return Finding(tuple(listings), holds, verdict, {"limit": limit, "optimizers": optimizers})


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw, for each optimiser, the updates until exact and the share that gets there, against the rate."""
    limit, optimizers = finding.data["limit"], finding.data["optimizers"]
    axes = figure.subplots(2, len(optimizers), squeeze=False, sharex="col", height_ratios=[3, 1])
    for (optimizer, notches), (after, exact) in zip(optimizers.items(), axes.T, strict=True):
        plate.draw_after(notches, after, unit="updates", never=f"not in\n{limit:,}")
        plate.draw_exact(notches, exact).set(xlabel=f"rate, {optimizer}")
        exact.tick_params("x", labelrotation=0 if len(optimizers) == 1 else 90)
        if optimizer == "sgd":
            plate.mark(notches, TUTORIAL, (after, exact))
    figure.suptitle(QUESTION)
    return figure
