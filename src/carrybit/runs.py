"""Run: a folder with a network, how it came to be, and what it takes to go on.

    RUN/model.safetensors    weights, optimiser state, and one JSON object: spec, config, update, tally, checksum
    RUN/metrics.jsonl        one line for every report and for the end, by update

The weights and what describes them are one file, replaced in one step, so they never disagree. Metrics are appended;
on going on from a checkpoint, the lines that it has not reached yet are dropped and written again.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

import carrybit
from carrybit.errors import CarrybitError, DivergedError, RunError, SaveError, SettingError, UsageError
from carrybit.files import safetensors
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Array, Params
from carrybit.spec import Spec
from carrybit.training import (
    UPDATES_UNTIL_EXACT,
    Event,
    Finished,
    Report,
    State,
    Tally,
    TrainConfig,
    first_state,
    train,
)

MODEL, METRICS, LOCK = "model.safetensors", "metrics.jsonl", ".lock"
SECONDS_BETWEEN_SAVES = 1.0


@dataclass(frozen=True, eq=False)
class Run:
    """A run as it is on disk.

    Parameters
    ----------
    folder : Path
    config : TrainConfig
    state : State
        Where training stopped; ``state.network`` is the network.
    made_by : str
        The verb that made it: "train" or "reproduce".
    metrics : tuple of dict
        The lines of metrics.jsonl.
    """

    folder: Path
    config: TrainConfig
    state: State
    made_by: str
    metrics: tuple[dict[str, Any], ...]

    @property
    def network(self) -> Network:
        """The network as it was last saved."""
        return self.state.network

    @property
    def is_finished(self) -> bool:
        """Whether training came to its own end."""
        return bool(self.metrics) and self.metrics[-1]["event"] == "finished"


def create(config: TrainConfig, folder: Path | None = None, state: State | None = None, made_by: str = "train") -> Path:
    """Make a run folder that holds a state (None: the one before any update), and return its path.

    The folder appears whole or not at all. Without a name it becomes ``runs/TASK-1``, or the next number.

    Raises
    ------
    UsageError
        The folder is there already and is not empty, or cannot be made.
    """
    if folder is not None:
        refuse_taken(folder)
    parent = Path("runs") if folder is None else folder.parent
    made = [place for place in (parent, *parent.parents) if not place.exists()]
    unfinished = parent / f".new-run-{os.getpid()}"
    try:
        unfinished.mkdir(parents=True)
        (unfinished / METRICS).touch()
        _save(unfinished, config, state or first_state(config), made_by)
        return _rename(unfinished, config.task, folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        for place in made:
            with suppress(OSError):
                place.rmdir()
        if isinstance(error, OSError | SaveError):
            why = error.strerror if isinstance(error, OSError) else error.received
            raise UsageError(
                f"no run folder can be made in {parent} ({why})",
                "a folder that may be written to, on a disk with room",
                "carrybit train --out ANOTHER_FOLDER",
            ) from error
        raise


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run folder.

    Raises
    ------
    RunError
        It is missing, no run folder, or its file is truncated, damaged, foreign, too large or too new.
    """
    folder = Path(folder)
    if not (folder / MODEL).exists():
        runs = sorted(path.parent for path in Path("runs").glob(f"*/{MODEL}")) if Path("runs").is_dir() else []
        raise RunError(
            f"{folder} is no run folder" + ("" if folder.exists() else ": there is nothing of that name"),
            f"a folder with a {MODEL}, as carrybit train makes it",
            f"name one of {', '.join(map(str, runs[:4]))}" if runs else "carrybit train makes one",
        )
    arrays, about = safetensors.read(folder / MODEL, _shapes)
    config, spec = TrainConfig(**about["config"]), Spec(**about["spec"])
    grouped: dict[str, dict[str, Array]] = {}
    for name, array in arrays.items():
        group, _, parameter = name.rpartition(".")
        grouped.setdefault(group.removeprefix("optimizer."), {})[parameter] = array
    params = {group: Params.of(spec, members) for group, members in grouped.items()}
    network = Network(spec, params.pop(""))
    state = State(about["update"], network, params, Tally(**about["tally"]))
    return Run(folder, config, state, about["made_by"], tuple(_read_metrics(folder / METRICS)))


def load(folder: str | os.PathLike[str]) -> Network:
    """Return the network of a run folder; raises as `load_run`."""
    return load_run(folder).network


def reopen(folder: str | os.PathLike[str], *, updates: int | None = None, until: str | None = None) -> Run:
    """Read a run to go on with it, to its end or a new one; parameters and errors as in `resume`."""
    run = load_run(folder)
    reached = run.state.update
    if run.made_by != "train":
        raise RunError(
            f"{run.folder} was made by carrybit {run.made_by}, whose numbers come from another random stream",
            "a run made by carrybit train",
            f"carrybit {run.made_by} --updates {2 * reached} --out ANOTHER_FOLDER",
        )
    if updates is None and until is None:
        if run.is_finished:
            raise RunError(
                f"{run.folder} is finished, after {reached:,} updates",
                "a run that was stopped before its end, or a new end",
                f"carrybit train --resume {run.folder} --until exact, or --updates {2 * reached}",
            )
        return run
    if updates is None:
        updates = max(UPDATES_UNTIL_EXACT, run.config.updates, 2 * reached if run.is_finished else 0)
    if updates < reached:
        raise SettingError("updates", updates, f"{reached} or more, since {run.folder} has made so many", 2 * reached)
    return replace(run, config=replace(run.config, updates=updates, until=until or run.config.until))


def follow(run: Run) -> Generator[Event]:
    """Train on from a run, yielding events and saving into its folder; see `resume`."""
    state, config = run.state, run.config
    with _locked(run.folder):
        _drop_metrics(run, state.update)
        began = saved = time.monotonic()
        try:
            for event in train(config, state):
                state = event.state
                line = _line(event, time.monotonic() - began)
                if line is not None:
                    _append(run.folder / METRICS, line)
                if time.monotonic() - saved > SECONDS_BETWEEN_SAVES:
                    _save(run.folder, config, state, run.made_by)
                    saved = time.monotonic()
                yield event
        except SaveError:
            raise  # the disk is full: saving once more would only say so twice
        except BaseException as error:
            _save(run.folder, config, error.state if isinstance(error, DivergedError) else state, run.made_by)
            raise
        else:
            _save(run.folder, config, state, run.made_by)


def resume(folder: str | os.PathLike[str], *, updates: int | None = None, until: str | None = None) -> Generator[Event]:
    """Train on in a run folder, yielding events as `train` does, and saving.

    However often a training is stopped and resumed, and wherever, the weights end as if it had never stopped. It is
    saved every second or so, when it diverges, and when the caller closes the iterator or lets an exception through.

    Parameters
    ----------
    updates, until : as in TrainConfig, or None
        A new end; None keeps the old one.

    Raises
    ------
    RunError
        As `load_run`; or another process is training there; or the run is finished and no new end was given.
    SaveError
        The disk would not take a checkpoint; the one before still loads.
    """
    return follow(reopen(folder, updates=updates, until=until))


def record(config: TrainConfig, folder: str | os.PathLike[str] | None = None) -> Generator[Event]:
    """Train into a new run folder: `create`, then `resume`."""
    return resume(create(config, None if folder is None else Path(folder)))


def _shapes(about: safetensors.Json) -> dict[str, tuple[int, ...]]:
    """Return what arrays the file of a run must hold, having checked what it says of itself."""
    try:
        spec, config = Spec(**about["spec"]), TrainConfig(**about["config"])
        if spec != config.make_spec():
            raise ValueError("the spec is not the one of the config")
    except CarrybitError as error:
        raise ValueError(error.received) from error
    Tally(**about["tally"])
    if not isinstance(about["made_by"], str) or not isinstance(about["update"], int) or about["update"] < 0:
        raise ValueError("made_by or update")
    wanted = dict(spec.shapes())
    for group in OPTIMIZERS[config.optimizer].remembers:
        wanted |= {f"optimizer.{group}.{name}": shape for name, shape in spec.shapes().items()}
    return wanted


def _save(folder: Path, config: TrainConfig, state: State, made_by: str) -> None:
    arrays = dict(state.network.params.arrays())
    for group, params in state.optimizer.items():
        arrays |= {f"optimizer.{group}.{name}": array for name, array in params.arrays().items()}
    about = {
        "library": carrybit.__version__,
        "made_by": made_by,
        "update": state.update,
        "spec": asdict(state.network.spec),
        "config": asdict(config),
        "tally": state.tally._asdict(),
    }
    safetensors.write(folder / MODEL, arrays, about)


def _line(event: Event, seconds: float) -> dict[str, Any] | None:
    """Return what metrics.jsonl keeps of an event."""
    head = {"event": type(event).__name__.lower(), "update": event.state.update}
    tail = {"seconds": round(seconds, 3)}
    if isinstance(event, Report):
        shares = {"right_steps": event.right_steps, "right_sequences": event.right_sequences}
        return head | {"error": event.error} | shares | tail
    if isinstance(event, Finished):
        return head | {"reason": event.reason, "examination": [asdict(marks) for marks in event.examination]} | tail
    return None


def _append(path: Path, line: dict[str, Any]) -> None:
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise safetensors.save_error(path.parent, error) from error


def _read_metrics(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that are whole; the last one may have been cut off by a crash."""
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and {"event", "update"} <= entry.keys():
                    yield entry


def _drop_metrics(run: Run, update: int) -> None:
    """Keep the lines before ``update``; going on writes the others again."""
    path, unfinished = run.folder / METRICS, run.folder / f".{METRICS}.tmp"
    kept = [entry for entry in run.metrics if entry["update"] < update and entry["event"] != "finished"]
    try:
        unfinished.write_text("".join(json.dumps(entry) + "\n" for entry in kept), encoding="utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        raise safetensors.save_error(run.folder, error) from error


def refuse_taken(folder: Path) -> None:
    """Raise a UsageError if a new run may not be put there: it exists and is not an empty folder."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        is_run = (folder / MODEL).exists()
        raise UsageError(
            f"{folder} is there already" + (" and holds a run" if is_run else ", and is not an empty folder"),
            "a new name, or an empty folder",
            f"carrybit train --resume {folder}, or --out {folder}-2" if is_run else f"--out {folder}-2",
        )


def _rename(unfinished: Path, task: str, folder: Path | None) -> Path:
    """Give a finished folder its name, and return it; with no name given, the first number that is free."""
    if folder is not None:
        if folder.exists():
            folder.rmdir()  # empty: refuse_taken has looked, and rmdir looks again
        return unfinished.rename(folder)
    for number in itertools.count(1):
        free = unfinished.parent / f"{task}-{number}"
        if not free.exists():
            try:
                return unfinished.rename(free)
            except OSError:
                if not free.exists():  # somebody else was quicker: try the next; else it is a true failure
                    raise
    raise AssertionError("unreachable: there is always another number")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RunError(
            f"{folder} is busy: another process is training there",
            "one training in a folder at a time",
            "wait for it, or stop it, or train into another folder with --out",
        ) from error
    except OSError as error:
        raise safetensors.save_error(folder, error) from error
    try:
        yield
    finally:
        lock.release()
