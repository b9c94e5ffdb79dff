"""Twenty shapes: other sizes, lengths, batches, activations, losses and optimisers, in float64, against JAX alone."""

from __future__ import annotations

from collections.abc import Iterator

import contest
from contest import Entry
from measurement import Case
from peers import installed
from peers.ours import OURS
from work import SHAPES

CHECKED = 5  # updates after which weights are compared


def measure(runs: int) -> Iterator[Case]:
    """Time them one by one; JAX with derivatives by hand and, last, with jax.grad."""
    jax = installed("jax_")
    for shape in SHAPES:
        work = shape.work()
        entries = [Entry(OURS, work)]
        for derivatives in ("by hand", "grad") if jax else ():
            forms = jax.forms(work, derivatives)
            entries.append(contest.best(Entry(jax.in_one_scan(form), work) for form in forms))
        yield contest.hold(Case("shapes", str(shape), "µs per update"), entries, runs, CHECKED)
