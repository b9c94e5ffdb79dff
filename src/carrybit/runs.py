"""Run: a folder with a network, how it came to be, and what it takes to go on.

    RUN/model.safetensors    weights, optimiser state, and one JSON object: spec, config, update, tally, checksum
    RUN/metrics.jsonl        one line for every report and for the end, by update

The weights and what describes them are one file, replaced in one step, so they never disagree. Metrics are appended;
on going on from a checkpoint, the lines that it has not reached yet are dropped and written again.
"""

from __future__ import annotations

import itertools
import math
import os
import secrets
import shutil
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import carrybit
from carrybit import checks, exhibits
from carrybit.config import UPDATES_UNTIL_EXACT, TrainConfig
from carrybit.errors import CarrybitError, DivergedError, RunError, SaveError, SettingError, UsageError
from carrybit.files import jsonl, safetensors
from carrybit.files.lock import locked
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Array, Params
from carrybit.shell import quoted
from carrybit.spec import Spec
from carrybit.tasks.task import has_machine
from carrybit.training import (
    Best,
    Event,
    Finished,
    Report,
    State,
    Tally,
    first_state,
    train,
)

MODEL, METRICS = "model.safetensors", "metrics.jsonl"
SECONDS_BETWEEN_SAVES = 1.0
SHARE_OF_SAVING = 0.05  # of the time, at most, where a save takes long
QUICK_SAVE = 0.2  # seconds; a network that takes longer (thousands of units) is not saved again on the way out


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
        The verb that made it: "train", "reproduce" or "quantize".
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
        """The network as it was last saved; of own data, the one that was best on the validation part so far."""
        return self.state.network if self.state.best is None else self.state.best.network

    def _repr_html_(self) -> str:
        training = exhibits.of_training(
            self.config.task.title, f"{self.config.optimizer}, seed {self.config.seed}", self.metrics, self.state.update
        )
        return training + self.network._repr_html_()

    @property
    def is_finished(self) -> bool:
        """Whether training came to its own end, with this network."""
        last = self.metrics[-1] if self.metrics else {}
        return last.get("event") == "finished" and last["update"] == self.state.update


def create(config: TrainConfig, folder: Path | None = None, state: State | None = None, made_by: str = "train") -> Path:
    """Make a run folder that holds a state (None: the one before any update), and return its path.

    The folder appears whole or not at all. Without a name it becomes ``runs/TASK-1``, or the next number.

    Raises
    ------
    UsageError
        The folder is there already and is not empty, or cannot be made.
    """
    try:
        if folder is not None:
            refuse_taken(folder)
        return _create(config, folder, state or first_state(config), made_by)
    except (OSError, SaveError) as error:
        why = error.strerror if isinstance(error, OSError) else error.received
        raise UsageError(
            f"no run folder can be made as {_short(folder or Path('runs'))} ({why})",
            "a folder that may be written to, on a disk with room",
            "another --out",
        ) from error


def _create(config: TrainConfig, folder: Path | None, state: State, made_by: str) -> Path:
    if folder is not None and folder.exists():  # and is empty
        save(folder, config, state, made_by)
        return folder
    parent = Path("runs") if folder is None else folder.parent
    missing = [place for place in (parent, *parent.parents) if not place.exists()]
    unfinished = parent / f".new-run-{secrets.token_hex(4)}"
    try:
        unfinished.mkdir(parents=True)
        save(unfinished, config, state, made_by)
        return unfinished.rename(folder) if folder is not None else _number(unfinished, config.task.name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        for place in missing:
            with suppress(OSError):
                place.rmdir()
        raise


def save(folder: Path, config: TrainConfig, state: State, made_by: str = "train") -> None:
    """Put a state into a run folder, in place of the one that is there; SaveError if the disk would not take it."""
    arrays = dict(state.network.params.arrays())
    for group, params in state.optimizer.items():
        arrays |= {f"optimizer.{group}.{name}": array for name, array in params.arrays().items()}
    if state.best is not None:
        arrays |= {f"best.{name}": array for name, array in state.best.network.params.arrays().items()}
    about = {
        "library": carrybit.__version__,
        "made_by": made_by,
        "update": state.update,
        "spec": asdict(state.network.spec),
        "config": config.about(),
        "tally": state.tally._asdict(),
        "best": None if state.best is None else {"update": state.best.update, "loss": state.best.loss},
    }
    safetensors.write(folder / MODEL, arrays, about)


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run folder.

    Raises
    ------
    RunError
        It is missing, no run folder, or its file is truncated, damaged, foreign, too large or too new.
    """
    folder = Path(folder)
    if not os.path.lexists(folder / MODEL):
        there = os.path.lexists(folder)
        runs = sorted(str(path.parent) for path in Path("runs").glob(f"*/{MODEL}"))
        raise RunError(
            f"{_short(folder)} is no run folder" + ("" if there else ": there is nothing of that name"),
            f"a folder with a {MODEL}, such as {', '.join(runs[:4])}" if runs else f"a folder with a {MODEL}",
            "name one of those" if runs else "carrybit train",
        )
    arrays, about = safetensors.read(folder / MODEL, _shapes)
    config, spec = _config(about), Spec(**about["spec"])
    grouped: dict[str, dict[str, Array]] = {}
    for name, array in arrays.items():
        group, _, parameter = name.rpartition(".")
        grouped.setdefault(group.removeprefix("optimizer."), {})[parameter] = array
    params = {group: Params.of(spec, members) for group, members in grouped.items()}
    network = Network(spec, params.pop(""), config.engine)
    best = Best(**about["best"], network=replace(network, params=params.pop("best"))) if about.get("best") else None
    state = State(about["update"], network, params, Tally(**about["tally"]), best)
    return Run(folder, config, state, about["made_by"], tuple(_metrics(folder / METRICS)))


def load(folder: str | os.PathLike[str]) -> Network:
    """Return the network of a run folder; raises as `load_run`."""
    return load_run(folder).network


def reopen(folder: str | os.PathLike[str], *, updates: int | None = None, until: str | None = None) -> Run:
    """Read a run to go on with it, to its end or a new one; parameters and errors as in `resume`."""
    run = load_run(folder)
    reached = run.state.update
    if run.network.spec.is_whole:
        raise RunError(
            f"{run.folder} is in whole numbers, which are not trained",
            "a run made by carrybit train",
            "train the run that it was made from, and carrybit quantize that again",
        )
    if run.made_by != "train":
        raise RunError(
            f"{run.folder} was made by carrybit {run.made_by}, whose numbers come from another random stream",
            "a run made by carrybit train",
            f"carrybit {run.made_by} with more --updates, its other options as they were, and another --out",
        )
    if updates is None and until is None:
        if run.is_finished:
            raise RunError(
                f"{run.folder} is finished, after {reached:,} updates",
                "a run that was stopped before its end, or a new end",
                f"carrybit train --resume {quoted(run.folder)} "
                + ("--until exact" if has_machine(run.config.task) else f"--updates {2 * reached}"),
            )
        return run
    if updates is not None:
        checks.whole("updates", updates, 1, 10**12, UPDATES_UNTIL_EXACT)
    else:
        updates = max(UPDATES_UNTIL_EXACT, run.config.updates, 2 * reached if run.is_finished else 0)
    if updates < reached:
        raise SettingError("updates", updates, f"{reached} or more, since {run.folder} has made so many", 2 * reached)
    return replace(run, config=replace(run.config, updates=updates, until=until or run.config.until))


def follow(run: Run) -> Generator[Event]:
    """Train on from a run, yielding events and saving into its folder; see `resume`."""
    state, config, folder = run.state, run.config, run.folder
    with locked(folder):
        if load_run(folder).state.update != state.update:
            raise RunError(
                f"{folder} has changed since it was read: another process has trained there",
                "one training in a folder at a time",
                f"carrybit train --resume {quoted(folder)}",
            )
        for left_by_a_kill in folder.glob(".*.tmp"):
            left_by_a_kill.unlink(missing_ok=True)
        jsonl.rewrite(folder / METRICS, [line for line in run.metrics if _is_before(line, state.update)])
        began = time.monotonic()
        next_save, quickest = 0.0, math.inf
        try:
            for event in train(config, state):
                state = event.state
                if time.monotonic() > next_save or isinstance(event, Finished):
                    saving = time.monotonic()
                    save(folder, config, state, run.made_by)
                    took = time.monotonic() - saving
                    quickest = min(quickest, took)
                    next_save = time.monotonic() + max(SECONDS_BETWEEN_SAVES, took / SHARE_OF_SAVING)
                line = _line(event, time.monotonic() - began)
                if line is not None:
                    jsonl.append(folder / METRICS, line)
                yield event
        except SaveError:
            raise  # the disk is full: saving once more would only say so twice
        except DivergedError as error:
            save(folder, config, error.state, run.made_by)
            raise
        except BaseException:
            if quickest < QUICK_SAVE:  # else a person waits, for bits that the last save leads to as well
                save(folder, config, state, run.made_by)
            raise


def resume(folder: str | os.PathLike[str], *, updates: int | None = None, until: str | None = None) -> Generator[Event]:
    """Train on in a run folder, yielding events as `train` does, and saving.

    However often a training is stopped and resumed, and wherever, the weights end as if it had never stopped. It is
    saved every second or so, when it diverges, and when the caller closes the iterator or lets an exception through;
    a network so large that saving takes long is saved less often, and not again on the way out.

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
        spec, config = Spec(**about["spec"]), _config(about)
        asked = config.make_spec()
        if spec.is_whole:  # whose bits the config knows nothing of
            asked = replace(asked, precision="float64", state_bits=spec.state_bits, weight_bits=spec.weight_bits)
        if spec != asked:
            raise ValueError("the spec is not the one of the config")
    except CarrybitError as error:
        raise ValueError(error.received) from error
    Tally(**about["tally"])
    best = about.get("best")
    if best is not None and not (isinstance(best["update"], int) and isinstance(best["loss"], float)):
        raise ValueError("best")
    if not isinstance(about["made_by"], str) or not isinstance(about["update"], int) or about["update"] < 0:
        raise ValueError("made_by or update")
    wanted = dict(spec.shapes())
    remembers = () if spec.is_whole else OPTIMIZERS[config.optimizer].remembers
    groups = [f"optimizer.{group}" for group in remembers]
    for group in [*groups, "best"] if best is not None else groups:
        wanted |= {f"{group}.{name}": shape for name, shape in spec.shapes().items()}
    return wanted


def _config(about: safetensors.Json) -> TrainConfig:
    """Return the configuration that a file tells of; before there were several tasks, bits and operands stood in it."""
    told = dict(about["config"])
    if isinstance(told.get("task"), str):
        told["task"] = {"name": told["task"], "bits": told.pop("bits"), "operands": told.pop("operands")}
    return TrainConfig(**{"start": 1.0, **told})


def _line(event: Event, seconds: float) -> dict[str, Any] | None:
    """Return what metrics.jsonl keeps of an event."""
    head = {"event": type(event).__name__.lower(), "update": event.state.update}
    tail = {"seconds": round(seconds, 3)}
    if isinstance(event, Report):
        shares = {"right_steps": event.right_steps, "right_sequences": event.right_sequences}
        validation = {} if event.validation is None else {"validation": event.validation}
        return head | {"error": event.error} | shares | validation | tail
    if isinstance(event, Finished):
        return head | {"reason": event.reason, "examination": [asdict(marks) for marks in event.examination]} | tail
    return None


def _metrics(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a file of metrics that make sense."""
    for line in jsonl.read(path):
        numbers = ["update", "right_steps", "right_sequences"] if line.get("event") == "report" else ["update"]
        if line.get("event") in ("report", "finished") and all(_is_number(line.get(name)) for name in numbers):
            yield line


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_before(line: dict[str, Any], update: int) -> bool:
    """Whether a line of metrics stands when training goes on from an update, which writes all later ones again."""
    return line["event"] == "report" and line["update"] < update


def refuse_taken(folder: Path) -> None:
    """Raise a UsageError if a new run may not be put there: it exists and is not an empty folder."""
    if not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir())):
        return
    if (folder / MODEL).exists():
        raise UsageError(
            f"{folder} is there already and holds a run",
            "a new name, or an empty folder",
            f"--out {quoted(f'{folder}-2')}, or to go on with it: carrybit train --resume {quoted(folder)}",
        )
    raise UsageError(
        f"{folder} is there already, and is not an empty folder",
        "a new name, or an empty folder",
        f"--out {quoted(f'{folder}-2')}",
    )


def _number(unfinished: Path, task: str) -> Path:
    """Give a finished folder the first numbered name that is free, and return it."""
    for number in itertools.count(1):
        free = unfinished.parent / f"{task}-{number}"
        if not free.exists():
            try:
                return unfinished.rename(free)
            except OSError:
                if not free.exists():  # somebody else was quicker: try the next; else it is a true failure
                    raise
    raise AssertionError("unreachable: there is always another number")


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 100 else f"{text[:80]}…{text[-10:]}"
