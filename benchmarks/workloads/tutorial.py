"""The tutorial's update, again and again: 2-16-1, sigmoid, no biases, 8 steps, one sum an update, rate 0.1."""

from __future__ import annotations

from collections.abc import Iterator

import contest
from contest import Entry
from measurement import Case
from peers import installed
from peers.ours import OURS
from peers.tutorial import TUTORIAL
from work import addition

ALL, SCANNED, CALLED, COMPILED, FEW = 100_000, 20_000, 2_000, 1_000, 300  # updates: 50 to 150 ms of each peer


def measure(runs: int) -> Iterator[Case]:
    """Time it in both precisions."""
    jax, torch = installed("jax_"), installed("pytorch")
    compiles = torch is not None and torch.can_compile()
    for precision in ("float64", "float32"):
        work = addition(precision, networks=1, updates=ALL)
        entries = [Entry(OURS, work)]
        if jax:
            for derivatives, peer, many in (
                ("by hand", jax.in_one_scan, SCANNED),
                ("grad", jax.in_one_scan, SCANNED),
                ("grad", jax.update_by_update, CALLED),
            ):
                some = work.beginning(many)
                entries.append(contest.best(Entry(peer(form), some) for form in jax.forms(some, derivatives)))
        if torch and compiles:
            entries.append(Entry(torch.COMPILED, work.beginning(COMPILED)))
        if torch:
            entries.append(Entry(torch.EAGER, work.beginning(FEW)))
        if precision == "float64":  # which is all that the tutorial's program can do
            entries.append(Entry(TUTORIAL, work.beginning(FEW)))
        title = f"The tutorial's update: 2-16-1, sigmoid, 8 steps, one sum an update, {precision}"
        yield contest.hold(Case("tutorial", title, "µs per update", precision=precision), entries, runs)
