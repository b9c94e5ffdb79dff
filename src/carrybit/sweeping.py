"""Sweeping: many trainings over a grid of settings, in shards, on this machine or on any executor.

    FOLDER/sweep.json           what was asked for
    FOLDER/shards/NAME.json     the results of some replicas of one point of the grid, written whole or not at all
    FOLDER/table.csv, .json     one row for every network: its settings, its seed, and what became of it

A shard is named by a hash of what it stands for: settings, seeds, and the version of what computes them. So a sweep
that is asked for again finds what is finished, wherever it stopped, and trains the rest; the table is the same, but for
how long it took.
Every row is a network that can be had again by itself, with its settings and its seed.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
import time
from array import array
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from carrybit import checks
from carrybit.config import TrainConfig
from carrybit.errors import UsageError
from carrybit.files import whole
from carrybit.plan import Plan, Shard
from carrybit.plan import version as plan_version
from carrybit.replicas import SEEDS, Replica, train_replicas
from carrybit.shell import quoted
from carrybit.table import Row, Table

PLAN, SHARDS, TABLE = "sweep.json", "shards", "table"
AGAIN = "the same command again, which goes on"
LOOK = 0.1  # seconds between two looks at the workers
TUTORIAL = TrainConfig(until="exact", updates=10_000)


class Standing(NamedTuple):
    """How far a sweep has come.

    replicas, ended, exact, diverged : networks in all, and so many of them
    updates      : made by all networks, in this call
    share        : of the work, from 0 to 1
    median_error : of all networks that have an error yet, or None
    """

    replicas: int
    ended: int
    exact: int
    diverged: int
    updates: int
    share: float
    median_error: float | None


def sweep(
    grid: Mapping[str, Sequence[Any]],
    *,
    config: TrainConfig | None = None,
    replicas: int = 1,
    folder: str | os.PathLike[str] | None = None,
    executor: Executor | None = None,
    threads: int | None = None,
) -> Table:
    """Train every point of a grid, so many replicas of each, and return the table.

    Parameters
    ----------
    grid, config, replicas : as in `Plan`
        Without ``config``, the tutorial's training, examined at every report and over when it passes.
    folder : path, or None
        Where to keep the shards, to find them again, and the table.
    executor : Executor, or None for threads on this machine
        Anything that runs functions elsewhere, or a client of a Dask cluster.
    threads : int, or None for one for each core
        On this machine.

    Raises
    ------
    SettingError
        A setting is not allowed.
    UsageError
        The folder holds something else, or cannot be made.
    """
    plan = Plan(grid, TUTORIAL if config is None else config, replicas)
    *_, table = follow(plan, None if folder is None else Path(folder), executor=executor, threads=threads)
    assert isinstance(table, Table)
    return table


def run_shard(shard: Shard, version: str) -> list[Row]:
    """Train the replicas of a shard and return their rows: what a worker does, if it computes as the caller would."""
    if version != plan_version():
        raise UsageError(
            f"a worker with other sources of carrybit ({plan_version()}, not {version})",
            "the same carrybit for all, since bits are compared",
            "install the same version on every worker",
        )
    return _train(shard, {}, threading.Event())


def follow(
    plan: Plan, folder: Path | None = None, *, executor: Executor | None = None, threads: int | None = None
) -> Generator[Standing | Table]:
    """Sweep, yielding how far it has come, and the table at the end; parameters and errors as in `sweep`."""
    executor = _executor(executor)
    if threads is not None:
        checks.whole("threads", threads, 1, 1024, 2)
        if executor is not None:
            fix = "leave out --threads, or --cluster"
            raise UsageError("threads together with a cluster or an executor", "threads of this machine", fix)
    if folder is not None:
        _open(plan, folder)
    ledger = _Ledger(plan)
    for shard in plan.shards:
        rows = _read(folder, shard)
        if rows is not None:
            ledger.enter(shard, rows, is_new=False)
    stop = threading.Event()
    here = None if executor is not None else ThreadPoolExecutor(threads or cores(), "sweep")
    waiting: dict[Future[list[Row]], Shard] = {}
    try:
        for shard in sorted(plan.shards, key=lambda shard: -shard.cost):  # the longest first, so that all end together
            if shard.name not in ledger.done:
                if executor is not None:
                    waiting[executor.submit(run_shard, shard, plan_version())] = shard
                elif here is not None:
                    waiting[here.submit(_train, shard, ledger.live, stop)] = shard
        looked = 0.0
        while waiting:
            if time.monotonic() - looked > LOOK:
                yield ledger.standing()
                looked = time.monotonic()
            finished, _ = wait(waiting, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in finished:
                shard = waiting.pop(future)
                rows = _result(future)
                _write(folder, shard, rows)
                ledger.enter(shard, rows, is_new=True)
        yield ledger.standing()
    finally:
        stop.set()
        for future in waiting:
            future.cancel()
        if here:
            here.shutdown(wait=True, cancel_futures=True)
    table = Table(plan, tuple(row for shard in plan.shards for row in ledger.done[shard.name]))
    if folder is not None:
        whole.write(folder / f"{TABLE}.csv", table.csv().encode(), then=AGAIN)
        whole.write(folder / f"{TABLE}.json", (json.dumps(list(table.rows), indent=0) + "\n").encode(), then=AGAIN)
    yield table


def _executor(given: Any) -> Executor | None:
    """Return an executor, also that of a Dask client; UsageError for something else."""
    if given is not None and not isinstance(given, Executor) and hasattr(given, "get_executor"):
        given = given.get_executor(pure=False)
    if given is not None and not isinstance(given, Executor):
        raise UsageError(
            f"an executor that is a {type(given).__name__}",
            "a concurrent.futures.Executor, or a Dask client",
            "executor=client.get_executor()",
        )
    return given


def _result(future: Future[list[Row]]) -> list[Row]:
    """Return what a worker made; UsageError if nobody is there any more who could make it."""
    try:
        return future.result()
    except CancelledError as error:
        raise UsageError(
            "the workers are gone, and what they were asked for with them",
            "workers, and a scheduler, that stay to the end; finished shards are kept",
            AGAIN,
        ) from error


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _train(shard: Shard, live: dict[str, tuple[Replica, ...]], stop: threading.Event) -> list[Row]:
    """Train a shard, showing its replicas in ``live`` meanwhile, until it is over or to stop."""
    began = time.perf_counter()
    replicas: tuple[Replica, ...] = ()
    for replicas in train_replicas(shard.config, shard.replicas):
        if stop.is_set():
            raise CancelledError
        live[shard.name] = replicas
    seconds = (time.perf_counter() - began) / shard.replicas
    return [_row(shard.config, replica, seconds) for replica in replicas]


def _row(config: TrainConfig, replica: Replica, seconds: float) -> Row:
    update = replica.state.update
    return {
        **config.row(),
        "seed": replica.seed,
        "fate": replica.fate,
        "updates_made": update,
        "exact_after": update if replica.fate == "exact" else None,
        "is_exact": replica.is_exact,
        "error": replica.error if math.isfinite(replica.error) else None,  # JSON has no NaN and no infinity
        "seconds": round(seconds, 6),
        "digest": replica.digest,
    }


class _Ledger:
    """What is known of a sweep while it goes on.

    done : the rows of every shard that is finished, by its name
    live : the replicas of every shard that is trained on this machine, as far as they have come
    """

    def __init__(self, plan: Plan) -> None:
        self.shards = {shard.name: shard for shard in plan.shards}
        self.replicas = plan.replicas * len(plan.points)
        self.whole_cost, self.cost = sum(shard.cost for shard in plan.shards), 0.0
        self.done: dict[str, list[Row]] = {}
        self.live: dict[str, tuple[Replica, ...]] = {}
        self.ended = self.exact = self.diverged = self.updates = 0
        self.errors = array("d")

    def enter(self, shard: Shard, rows: list[Row], *, is_new: bool) -> None:
        """Enter a shard that is finished, in this call or before."""
        self.live.pop(shard.name, None)
        self.done[shard.name] = rows
        self.cost += shard.cost
        self.ended += len(rows)
        self.exact += sum(row["is_exact"] for row in rows)
        self.diverged += sum(row["fate"] == "diverged" for row in rows)
        self.updates += sum(row["updates_made"] for row in rows) if is_new else 0
        self.errors.extend(row["error"] for row in rows if row["error"] is not None)

    def standing(self) -> Standing:
        """Return how far it has come."""
        live = list(self.live.items())
        training = [replica for _, replicas in live for replica in replicas]
        cost = self.cost
        for name, replicas in live:
            shard = self.shards[name]
            cost += shard.cost * sum(_share(each, shard.config.updates) for each in replicas) / len(replicas)
        errors = np.append(self.errors, [each.error for each in training if math.isfinite(each.error)])
        return Standing(
            replicas=self.replicas,
            ended=self.ended + sum(each.fate != "training" for each in training),
            exact=self.exact + sum(each.is_exact for each in training),
            diverged=self.diverged + sum(each.fate == "diverged" for each in training),
            updates=self.updates + sum(each.state.update for each in training),
            share=min(1.0, cost / self.whole_cost),
            median_error=float(np.median(errors)) if errors.size else None,
        )


def _share(replica: Replica, updates: int) -> float:
    return replica.state.update / updates if replica.fate == "training" else 1.0


def _open(plan: Plan, folder: Path) -> None:
    """Make the folder of a sweep, or find it; UsageError if something else is there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not (folder / SHARDS).is_dir():
        raise UsageError(
            f"{folder} is there already, and holds no sweep",
            "a new name, an empty folder, or the folder of a sweep, which is gone on with",
            f"--out {quoted(f'{folder}-2')}",
        )
    about = {"grid": dict(plan.grid), "config": plan.config.about()}
    kept = _plan_of(folder)
    if kept is not None and {name: kept.get(name) for name in about} != about:
        raise UsageError(
            f"{folder} holds another sweep, of the grid {json.dumps(kept.get('grid'))}",
            "the same grid and settings, which are gone on with, or another folder",
            f"--out {quoted(f'{folder}-2')}",
        )
    try:
        (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"no folder can be made as {folder} ({error.strerror})",
            "a folder that may be written to, on a disk with room",
            "another --out",
        ) from error
    text = json.dumps({**about, "replicas": plan.replicas}, indent=2) + "\n"
    whole.write(folder / PLAN, text.encode(), then=AGAIN)


def _plan_of(folder: Path) -> dict[str, Any] | None:
    """Return what a folder says that it is of; None if it says nothing that makes sense."""
    try:
        about = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) else None


def _read(folder: Path | None, shard: Shard) -> list[Row] | None:
    """Return the rows of a finished shard; None if there are none, or if the file makes no sense."""
    if folder is None:
        return None
    try:
        kept = json.loads((folder / SHARDS / f"{shard.name}.json").read_text(encoding="utf-8"))
        rows = kept["rows"]
        seeds = [(shard.config.seed + r) % SEEDS for r in range(shard.replicas)]
        is_whole = [row["seed"] for row in rows] == seeds and kept["checksum"] == _checksum(rows)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return rows if is_whole else None


def _write(folder: Path | None, shard: Shard, rows: list[Row]) -> None:
    if folder is not None:
        text = json.dumps({"checksum": _checksum(rows), "rows": rows}, indent=0)
        whole.write(folder / SHARDS / f"{shard.name}.json", text.encode(), then=AGAIN)


def _checksum(rows: list[Row]) -> str:
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
