"""The size of the hidden layer: whether a larger one trains faster or slower, in more updates or fewer.

An update of a large layer takes longer, so there are two answers: one in updates, one in time. The time is that of one
network alone on one core: its updates, times what one update takes, measured in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from carrybit.config import TrainConfig
from carrybit.figures import dial as plate
from carrybit.labs import dial
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.subjects import Share, swept
from carrybit.training import advance, first_state

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "Do larger hidden layers train faster or slower? In more updates or fewer?"
CLAIM = (
    "The larger the hidden layer, the faster it trains: the largest is exact in the fewest updates and the least time."
)
TUTORIAL = 16
SIZES = (4, 8, 16, 32, 64)
MORE_SIZES = (128, 256)
TRIES, UPDATES_A_TRY = 5, 2_000  # the quickest try counts: whatever else the machine does only slows it down


def experiment(
    *,
    thorough: bool = False,
    seed: int = 0,
    sizes: Sequence[int] | None = None,
    count: int | None = None,
    updates: int = 15_000,
    every: int = 500,
    learning_rate: float = 0.1,
) -> Generator[Step | Finding]:
    """Train networks of every size, and time them; ``thorough`` goes to 256 units.

    Parameters
    ----------
    sizes : sequence of int
    count : int
        Networks of each size, 32 or thoroughly 128.
    updates, every : int
        When to stop, and how often they are examined, which is how finely the time is known.
    learning_rate : float
        The same for all sizes.
    """
    grid = {"hidden_dim": sizes or (SIZES + MORE_SIZES if thorough else SIZES)}
    config = TrainConfig(until="exact", updates=updates, every=every, seed=seed, learning_rate=learning_rate)
    pace = yield from timed([replace(config, hidden_dim=size) for size in grid["hidden_dim"]], Share(0.0, 0.1))
    table = yield from swept(grid, config, count or (128 if thorough else 32), Share(0.1), "networks of all sizes")
    yield finding(dial.notches(table), pace, updates)


def timed(configs: Sequence[TrainConfig], share: Share) -> Generator[Step, None, dict[int, float]]:
    """Return the seconds that an update of one network takes, alone on one core, samples and all, by its size."""
    pace = {config.hidden_dim: float("inf") for config in configs}
    for attempt in range(TRIES):
        for config in configs:
            state = first_state(config)
            began = time.perf_counter()
            advance(config, config.task, [config.seed], [state], UPDATES_A_TRY)
            seconds = (time.perf_counter() - began) / UPDATES_A_TRY
            pace[config.hidden_dim] = min(pace[config.hidden_dim], seconds)
        yield Step(share.at((attempt + 1) / TRIES), "the time of an update")
    return pace


def finding(found: Sequence[dial.Notch], pace: Mapping[int, float], limit: int) -> Finding:
    """Return what the networks amount to, in so many updates at most, with the seconds an update takes, by size."""
    in_time = [notch.scaled(1e3 * pace[int(notch.value)]) for notch in found]
    answers = [_answer(found, "updates", "updates"), _answer(in_time, "time", "ms")]
    clock = Listing(
        "time of one network alone on one core, without examinations",
        ("units", "an update, µs", "half of all after (95 %), ms"),
        tuple((f"{each.value:g}", round(1e6 * pace[int(each.value)], 1), dial.half(each)) for each in in_time),
    )
    return Finding(
        listings=(dial.listing("updates until exact, by hidden units", "units", found, limit), clock),
        holds=all(holds for holds, _ in answers),
        verdict=" ".join(said for _, said in answers),
        data={
            "limit": limit,
            "updates": [notch.about() for notch in found],
            "time": [notch.about() for notch in in_time],
            "pace": [1e6 * pace[int(notch.value)] for notch in found],
        },
    )


def _answer(found: Sequence[dial.Notch], measure: str, unit: str) -> tuple[bool, str]:
    """Return whether the largest is as soon as any and clearly sooner than the smallest, and why."""
    first, smallest, largest = dial.best(found), found[0], found[-1]
    if first.exact == 0:
        return False, f"In {measure}, no: no network was exact in time, whatever its size."
    holds = dial.is_sooner(largest, smallest) and not dial.is_sooner(first, largest)
    other = smallest if first is largest else largest
    said = dial.compared(first, other, unit, " units")
    return holds, f"In {measure}, {'yes' if holds else 'no'}: {said} {dial.like(found)}"


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw updates and time until exact against the hidden units; below, who gets there and what an update takes."""
    updates, times, pace = (finding.data[name] for name in ("updates", "time", "pace"))
    (in_updates, in_time), (exact, clock) = axes = figure.subplots(2, 2, sharex=True, height_ratios=[3, 1])
    plate.draw_after(updates, in_updates, unit="updates", never=f"not in\n{finding.data['limit']:,}")
    plate.draw_after(times, in_time, unit="ms of one core")
    plate.draw_exact(updates, exact).set(xlabel="hidden units")
    plate.draw_bars(times, pace, clock).set(xlabel="hidden units", ylabel="an update, µs")
    plate.mark(updates, TUTORIAL, axes[:, 0])
    plate.mark(times, TUTORIAL, axes[:, 1])
    figure.suptitle(QUESTION)
    return figure
