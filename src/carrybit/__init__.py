"""carrybit: small recurrent neural networks you can see through.

    import carrybit

    *_, finished = carrybit.train(carrybit.TrainConfig(optimizer="adam", until="exact"))
    network = finished.state.network
    print(carrybit.predict(network, carrybit.addition(), "9 + 60").is_right)

    for event in carrybit.record(carrybit.TrainConfig(updates=2000), "runs/short"):  # the same, saved
        print(type(event).__name__, event.state.update)
    print(carrybit.load("runs/short").spec)

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carrybit.answers import answer
    from carrybit.attribution import Attribution, attribute
    from carrybit.caption import Caption
    from carrybit.cells.elman import Layers
    from carrybit.config import TrainConfig
    from carrybit.errors import CarrybitError, DivergedError, RunError, SaveError, SettingError, ShapeError, UsageError
    from carrybit.examination import Marks, examine, is_exact, sit
    from carrybit.figures.states import draw_machine
    from carrybit.files.certificates import read_certificate, write_certificate
    from carrybit.files.traces import load_trace, save_trace
    from carrybit.generation import continue_text
    from carrybit.integer import Whole, quantize
    from carrybit.labs import LABS
    from carrybit.labs.lab import Finding
    from carrybit.machines.comparison import difference
    from carrybit.machines.machine import Machine
    from carrybit.machines.notation import read_machine
    from carrybit.machines.product import product
    from carrybit.machines.regular import machine_from_regex
    from carrybit.network import Network
    from carrybit.nudges import finite_difference
    from carrybit.params import Params
    from carrybit.plan import Plan
    from carrybit.prediction import Prediction, predict
    from carrybit.proof.asking.extraction import Extraction, extract
    from carrybit.proof.checking.check import check_certificate
    from carrybit.proof.claim import Claim, claim_of
    from carrybit.proof.proving import prove, verdict_on
    from carrybit.proof.verdict import Open, Proved, Refuted
    from carrybit.replicas import Replica, train_replicas
    from carrybit.reproduction import Lesson, reproduce
    from carrybit.runs import Run, load, load_run, record, resume
    from carrybit.scoring import score
    from carrybit.spec import Spec
    from carrybit.sweeping import Standing, sweep
    from carrybit.table import Table
    from carrybit.tasks import TASKS, make_task
    from carrybit.tasks.addition import addition
    from carrybit.tasks.data import data_task
    from carrybit.tasks.paper import Paper
    from carrybit.tasks.task import MachineTask, Task
    from carrybit.tracing import Trace, trace
    from carrybit.training import Examining, Finished, Progress, Report, State, Tally, train
    from carrybit.watching import watch, watch_samples

__version__ = "0.1.0"

_HOMES = {
    "answers": ["answer"],
    "attribution": ["Attribution", "attribute"],
    "caption": ["Caption"],
    "cells.elman": ["Layers"],
    "config": ["TrainConfig"],
    "errors": [
        "CarrybitError",
        "DivergedError",
        "RunError",
        "SaveError",
        "SettingError",
        "ShapeError",
        "UsageError",
    ],
    "examination": ["Marks", "examine", "is_exact", "sit"],
    "figures.states": ["draw_machine"],
    "files.certificates": ["read_certificate", "write_certificate"],
    "files.traces": ["load_trace", "save_trace"],
    "generation": ["continue_text"],
    "integer": ["Whole", "quantize"],
    "labs": ["LABS"],
    "labs.lab": ["Finding"],
    "machines.comparison": ["difference"],
    "machines.machine": ["Machine"],
    "machines.notation": ["read_machine"],
    "machines.product": ["product"],
    "machines.regular": ["machine_from_regex"],
    "network": ["Network"],
    "nudges": ["finite_difference"],
    "params": ["Params"],
    "plan": ["Plan"],
    "prediction": ["Prediction", "predict"],
    "proof.checking.check": ["check_certificate"],
    "proof.claim": ["Claim", "claim_of"],
    "proof.asking.extraction": ["Extraction", "extract"],
    "proof.proving": ["prove", "verdict_on"],
    "proof.verdict": ["Open", "Proved", "Refuted"],
    "reproduction": ["Lesson", "reproduce"],
    "replicas": ["Replica", "train_replicas"],
    "runs": ["Run", "load", "load_run", "record", "resume"],
    "scoring": ["score"],
    "spec": ["Spec"],
    "sweeping": ["Standing", "sweep"],
    "table": ["Table"],
    "tasks": ["TASKS", "make_task"],
    "tasks.addition": ["addition"],
    "tasks.data": ["data_task"],
    "tasks.paper": ["Paper"],
    "tasks.task": ["MachineTask", "Task"],
    "tracing": ["Trace", "trace"],
    "training": ["Examining", "Finished", "Progress", "Report", "State", "Tally", "train"],
    "watching": ["watch", "watch_samples"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'carrybit' has no attribute {name!r}")
    value = getattr(import_module(f"carrybit.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
