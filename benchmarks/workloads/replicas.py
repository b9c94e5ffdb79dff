"""Many networks at once: the tutorial's update, for networks that have nothing to do with each other."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import clock
import contest
import numpy as np
from contest import Entry
from measurement import Case
from peers import Peer, installed
from peers.ours import ON_TWO_CORES, OURS
from work import addition

UNIT = "µs per update of one network"
NETWORKS, AMOUNT = 64, 64 * 8_000  # updates of all networks together: 100 to 200 ms
JAX_NETWORKS, JAX_AMOUNT = (8, 64, 512), 20_000
TORCH_NETWORKS, TORCH_AMOUNT = (512, 4096), 16_384
COMPILED_NETWORKS = 512  # 64 and 4,096 are slower


def measure(runs: int) -> Iterator[Case]:
    """Time it in both precisions, every peer at the number of networks where it is best."""
    for precision in ("float64", "float32"):
        yield _two_cores(precision, runs)
    jax, torch = installed("jax_"), installed("pytorch")
    compiles = torch is not None and torch.can_compile()
    for precision in ("float64", "float32"):
        entries = [_entry(OURS, precision, NETWORKS, AMOUNT)]
        if jax:
            entries += [_best_of_jax(jax, precision, derivatives) for derivatives in ("by hand", "grad")]
        if torch and compiles:
            entries.append(_entry(torch.COMPILED, precision, COMPILED_NETWORKS, TORCH_AMOUNT))
        if torch:
            sizes = [_entry(torch.EAGER, precision, many, TORCH_AMOUNT) for many in TORCH_NETWORKS]
            entries.append(contest.best(sizes))
        title = f"Replicas: the tutorial's update for many networks at once, {precision}"
        case = Case("replicas", title, UNIT, precision=precision)
        yield contest.hold(case, entries, runs)


def _entry(peer: Peer, precision: str, networks: int, amount: int) -> Entry:
    note = f"{networks} networks" + (f", {peer.note}" if peer.note else "")
    return Entry(peer._replace(note=note), addition(precision, networks, amount // networks))


def _best_of_jax(jax: ModuleType, precision: str, derivatives: str) -> Entry:
    """Return JAX at its best number of networks: the best with steps scanned, or the same with steps unrolled."""

    def ways(steps: str) -> list[Entry]:
        forms = [jax.Form(products, derivatives, steps) for products in ("matrix", "sum")]
        return [_entry(jax.in_one_scan(form), precision, many, JAX_AMOUNT) for many in JAX_NETWORKS for form in forms]

    scanned = ways("scanned")
    chosen = contest.best(scanned)
    same = [each.peer.note for each in scanned].index(chosen.peer.note)
    return contest.best([chosen, ways("unrolled")[same]])


def _two_cores(precision: str, runs: int) -> Case:
    """Time ours on one and on two threads, and beside it what a second core is worth to sums that share nothing.

    That is the most that anybody could gain: less than 2 where somebody else is at work on this machine or its host.
    """
    entries = [_entry(peer, precision, NETWORKS, AMOUNT) for peer in (OURS, ON_TWO_CORES)]
    long, short = np.ones(100_000), np.ones(2_000)
    threads = ThreadPoolExecutor(2)

    def sums(_: int) -> None:
        np.correlate(long, short)

    goes = [peer.ready(work).go for peer, work in entries]
    goes += [lambda: list(map(sums, range(2))), lambda: list(threads.map(sums, range(2)))]
    *seconds, sums_one, sums_two = clock.in_turn(goes, runs)
    one, two = timed = contest.times(entries, seconds, contest.check(entries))
    gains = (one.least / two.least, one.median / two.median)
    most = (min(sums_one) / min(sums_two), statistics.median(sums_one) / statistics.median(sums_two))
    remark = "two threads over one: {:.2f}x (medians {:.2f}x); sums that share nothing: {:.2f}x ({:.2f}x)"
    title = f"Two cores: the tutorial's update for many networks at once, {precision}"
    return Case("replicas", title, UNIT, timed, precision, [remark.format(*gains, *most)])
