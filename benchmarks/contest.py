"""A contest: peers on a piece of work, checked to come to the same weights, then timed in turn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import clock
from measurement import Case, Time
from peers import Peer, Training, apart
from peers.ours import OURS, REFERENCE
from work import Work

CHECKED = 300  # updates after which weights are compared
TRIALS = 2


class Entry(NamedTuple):
    """Who does which work; peers differ in how many updates they make of it, and no more."""

    peer: Peer
    work: Work


def best(entries: Iterable[Entry]) -> Entry:
    """Return the one that needs the least time for an update, by a short trial; what it compiled is kept."""
    least, chosen = float("inf"), None
    for entry in entries:
        training = entry.peer.ready(entry.work)
        training.go()  # compiles
        seconds = min(clock.once(training.go) for _ in range(TRIALS)) / entry.work.amount
        if chosen is None or seconds < least:
            least, chosen = seconds, _kept(entry, training)
    if chosen is None:
        raise ValueError("nobody to choose from")
    return chosen


def hold(case: Case, entries: Sequence[Entry], runs: int, checked: int = CHECKED) -> Case:
    """Check and time everybody; return the case with the microseconds that an update takes."""
    differences = check(entries, checked)
    seconds = clock.in_turn([peer.ready(work).go for peer, work in entries], runs)
    return replace(case, times=times(entries, seconds, differences))


def check(entries: Sequence[Entry], updates: int = CHECKED) -> list[float]:
    """Return how far everybody's weights are from ours after the same updates; ours from plain NumPy's."""
    differences = []
    for peer, work in entries:
        work, other = work.beginning(updates), REFERENCE if peer.is_ours else OURS
        mine, theirs = (each.params(each.go()) for each in (peer.ready(work), other.ready(work)))
        differences.append(apart(mine, theirs))
    return differences


def times(entries: Sequence[Entry], seconds: Sequence[Sequence[float]], differences: Sequence[float]) -> list[Time]:
    """Return the microseconds that an update takes, from the seconds that everybody's work took."""
    return [
        Time(peer.name, [1e6 * run / work.amount for run in each], difference, peer.note, peer.is_ours)
        for (peer, work), each, difference in zip(entries, seconds, differences, strict=True)
    ]


def _kept(entry: Entry, training: Training) -> Entry:
    """Return an entry that is ready already for its own work."""
    peer, work = entry
    return Entry(peer._replace(ready=lambda asked: training if asked is work else peer.ready(asked)), work)
