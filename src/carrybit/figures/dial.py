"""A dial: one setting turned through some values, and how soon networks are exact at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NETWORK, MEDIAN, TUTORIAL, NEVER = "#888888", "#000000", "#ffe14d", "#e4e4e4"
APART, WIDEST = 0.055, 0.85  # between two dots that would hide each other, and of a row; two values are 1 apart
TICKS = [digit * 10.0**power for power in range(-6, 9) for digit in (1, 2, 5)]
ROOM = 1.5  # the strip of those that never were exact begins so far above the longest time, and is as high


def draw_after(notches: Sequence[Mapping[str, Any]], ax: Axes, *, unit: str, never: str = "never") -> Axes:
    """Draw a dot for each network at the time it was exact after, and the median of all with its interval.

    Networks that were not exact in time are counted in a strip at the top; a median may lie there, or end there.

    Parameters
    ----------
    notches : what `Notch.about` tells, for each value of the setting
    ax : Axes
    unit : str
        Of the times: "updates", "ms", ...
    never : str
        What the strip is called.

    Returns
    -------
    ax : the same Axes
    """
    times = [time for notch in notches for time in notch["after"] if time is not None] or [1.0]
    strip = (max(times) * ROOM, max(times) * ROOM**2)
    amid = max(times) * ROOM**1.5
    ax.axhspan(*strip, color=NEVER, linewidth=0, zorder=0)
    for place, notch in enumerate(notches):
        for time, count in Counter(time for time in notch["after"] if time is not None).items():
            apart = min(APART, WIDEST / count)
            beside = [place + apart * (k - (count - 1) / 2) for k in range(count)]
            ax.plot(beside, [time] * count, ".", color=NETWORK, markersize=4.5, zorder=2)
        middle, low, high = (amid if end is None else end for end in notch["median"])
        ax.plot([place, place], [low, high], color=MEDIAN, linewidth=1.2, zorder=3)
        if middle < amid:
            ax.plot([place - 0.3, place + 0.3], [middle, middle], color=MEDIAN, linewidth=2, zorder=3)
        box = {"boxstyle": "round,pad=0.2", "facecolor": NEVER, "edgecolor": "none"}
        ax.text(place, amid, str(notch["never"]), ha="center", va="center", fontsize=9, bbox=box, zorder=4)
    ax.text(-0.75, amid, never, ha="right", va="center", fontsize=9)
    ax.set(yscale="log", ylim=(min(times) / ROOM, strip[1]), ylabel=f"exact after, {unit}")
    ax.minorticks_off()
    ticks = [tick for tick in TICKS if min(times) / ROOM < tick < strip[0]]
    ax.set_yticks(ticks, [f"{tick:,.10g}" for tick in ticks])
    return _places(notches, ax)


def draw_exact(notches: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Draw the share of networks that became exact, with its interval; parameters as in `draw_after`."""
    draw_bars(notches, [100 * notch["share"][0] for notch in notches], ax)
    for place, notch in enumerate(notches):
        ax.plot([place, place], [100 * end for end in notch["share"][1:]], color=MEDIAN, linewidth=1.2, zorder=3)
    ax.set(ylim=(0, 102), yticks=[0, 50, 100], ylabel="exact, %")
    return ax


def draw_bars(notches: Sequence[Mapping[str, Any]], heights: Sequence[float], ax: Axes) -> Axes:
    """Draw a bar for each value of the setting."""
    ax.bar(range(len(heights)), heights, width=0.6, color=NEVER, edgecolor=MEDIAN, linewidth=0.8, zorder=2)
    return _places(notches, ax)


def mark(notches: Sequence[Mapping[str, Any]], value: float, axes: Sequence[Axes]) -> None:
    """Mark the tutorial's value, if it is there, by a column of yellow on all axes, and name it above the first."""
    for place in (place for place, notch in enumerate(notches) if notch["value"] == value):
        for ax in axes:
            ax.axvspan(place - 0.45, place + 0.45, color=TUTORIAL, alpha=0.6, linewidth=0, zorder=-1)
        above = axes[0].get_xaxis_transform()
        axes[0].text(place, 1.02, "the tutorial's", ha="center", fontsize=8, transform=above)


def _places(notches: Sequence[Mapping[str, Any]], ax: Axes) -> Axes:
    """Give every value of the setting the same room, whatever it is."""
    ax.set(xlim=(-0.6, len(notches) - 0.4), xticks=range(len(notches)))
    ax.set_xticklabels([f"{notch['value']:g}" for notch in notches])
    ax.spines[["top", "right"]].set_visible(False)
    return ax
