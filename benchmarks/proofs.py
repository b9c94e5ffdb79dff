"""What is proved, what is refuted, and what stays open: the tables of docs/prove.md, on one core.

    python benchmarks/proofs.py            all of them, as Markdown; about an hour
    python benchmarks/proofs.py tutorial   one: tutorial recipe whole tasks machines wrong liars process

Seeds are fixed. Seconds are of the proof alone, the hunt for a counterexample included and the import left out: the
best of three where that takes less than ten seconds each, else of one.
"""

from __future__ import annotations

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carrybit.config import TrainConfig
from carrybit.examination import is_exact
from carrybit.integer import quantize
from carrybit.proof.claim import Claim, claim_of
from carrybit.proof.proving import verdict_on
from carrybit.proof.verdict import Proved, Refuted, Verdict
from carrybit.reproduction import reproduce
from carrybit.tasks import make_task
from carrybit.tasks.task import MachineTask
from carrybit.training import train

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))  # where the machines and the wrong networks are

SECONDS = 60.0
SOON, TIMES = 10.0, 3
WEIGHT_BITS = 10
HEAD = (
    "| case | seeds | learned | PROVED | REFUTED | OPEN | seconds: median | worst |\n|---|---|---|---|---|---|---|---|"
)
TASKS = {
    "parity": ("parity", {}),
    "counting modulo 3": ("counting", {"modulus": 3}),
    "counting modulo 5": ("counting", {"modulus": 5}),
    "counting modulo 8": ("counting", {"modulus": 8}),
    **{f"Tomita {k}": ("tomita", {"language": k}) for k in (1, 2, 3, 4, 5, 6, 7)},
    "subtraction": ("subtraction", {}),
    "comparison": ("comparison", {}),
    **{f"recall {k}": ("recall", {"lag": k}) for k in (1, 2, 3)},
    "latch": ("latch", {}),
    "song": ("song", {}),
    "alphabet": ("alphabet", {}),
    "addition of 3 numbers": ("addition", {"operands": 3}),
    "brackets to depth 2": ("dyck", {}),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one claim: a verdict, the seconds of its best time, and whether the examination was passed."""

    verdict: Verdict
    seconds: float
    learned: bool | None = None


def prove(claim: Claim, learned: bool | None = None) -> Outcome:
    """Prove a claim, three times if that is quick."""
    times: list[float] = []
    while len(times) < TIMES and (not times or times[-1] < SOON):
        began = time.perf_counter()
        verdict = verdict_on(claim, seconds=SECONDS)
        times.append(time.perf_counter() - began)
    return Outcome(verdict, min(times), learned)


def trained(config: TrainConfig) -> Outcome:
    """Train a network, and prove that it does what it was trained for."""
    *_, finished = train(config)
    network = finished.state.network
    return prove(claim_of(network, config.task), is_exact(network, config.task))


def row(name: str, outcomes: list[Outcome], seeds: str) -> str:
    """Write the outcomes of a case as a row of the table."""
    verdicts = [outcome.verdict for outcome in outcomes]
    proved = sum(isinstance(verdict, Proved) for verdict in verdicts)
    refuted = sum(isinstance(verdict, Refuted) for verdict in verdicts)
    seconds = [outcome.seconds for outcome in outcomes]
    learned = [outcome.learned for outcome in outcomes if outcome.learned is not None]
    told = f"{sum(learned)} of {len(learned)}" if learned else ""
    left = len(outcomes) - proved - refuted
    return (
        f"| {name} | {seeds} | {told} | {proved} | {refuted} | {left} | "
        f"{statistics.median(seconds):.2f} | {max(seconds):.2f} |"
    )


def tutorial() -> Iterator[str]:
    """Prove the adder by the tutorial's own rules, trained for ten times as long."""
    outcomes = [trained(TrainConfig(updates=100_000, seed=seed)) for seed in range(20)]
    yield row("adder, the tutorial's training, 100,000 updates", outcomes, "0..19")


def recipe() -> Iterator[str]:
    """Prove the adder by the recipe, also under a disturbance that nobody would call rounding."""
    networks = []
    for seed in range(20):
        config = TrainConfig(recipe="provable", seed=seed)
        *_, finished = train(config)
        networks.append(finished.state.network)
    task = make_task("addition", {})
    for name, eps in (("adder, `--recipe provable`", None), ("... with `--eps 1e-3`", 1e-3)):
        outcomes = [prove(claim_of(network, task, eps=eps), is_exact(network, task)) for network in networks]
        yield row(name, outcomes, "0..19")


def whole() -> Iterator[str]:
    """Prove the tutorial's own network in whole numbers."""
    *_, lesson = reproduce()
    network, task = lesson.state.network, make_task("addition", {})
    for bits in range(3, 9):
        outcome = prove(claim_of(quantize(network, bits, WEIGHT_BITS), task))
        verdict = outcome.verdict
        told = f"{verdict.numbers['pairs']:,} pairs" if isinstance(verdict, Proved) else _sum(task, verdict)
        yield row(f"the tutorial's network, {bits}-bit states, {WEIGHT_BITS}-bit weights: {told}", [outcome], "0")


def _sum(task: MachineTask, verdict: Verdict) -> str:
    """Write the shortest sum that is wrong."""
    return task.correct(verdict.word, verdict.answers) if isinstance(verdict, Refuted) else "open"


def tasks() -> Iterator[str]:
    """Prove every task with a machine, trained by its recipe."""
    for name, (task, settings) in TASKS.items():
        made = make_task(task, settings)
        outcomes = [trained(TrainConfig(task=made, recipe="provable", seed=seed)) for seed in range(5)]
        yield row(name, outcomes, "0..4")


def machines() -> Iterator[str]:
    """Prove machines from files, trained by the recipe."""
    for path in sorted((TESTS / "machines").glob("*.json")):
        made = make_task("machine", {"file": str(path)})
        outcomes = [trained(TrainConfig(task=made, recipe="provable", seed=seed)) for seed in range(5)]
        yield row(f"`--machine {path.name}`", outcomes, "0..4")


def wrong() -> Iterator[str]:
    """Try to prove networks that are known to be wrong."""
    from wrong_networks import wrong_networks

    known = list(wrong_networks())
    yield row(f"{len(known)} networks known to be wrong", [prove(each.claim) for each in known], "")


def liars() -> Iterator[str]:
    """Try to prove networks that err first at a bit that nobody tries."""
    from carrybit.labs.liars import claim_of as claim_about
    from carrybit.labs.liars import make_liar

    for bit in (20, 170, 5_000, 60_000, 800_000):
        liar = make_liar(bit)
        outcome = prove(claim_about(liar.network))
        length = f", by a word of {len(outcome.verdict.word):,} bits" * isinstance(outcome.verdict, Refuted)
        yield row(f"a liar that errs first near bit {bit:,}{length}", [outcome], "")


def process() -> Iterator[str]:
    """Train, extract, prove and draw the adder: whole processes, the second time."""
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(2):
            run = Path(folder, f"adder-{turn}")
            began = time.perf_counter()
            for verb in (
                ["train", "--recipe", "provable", "--quiet", "--out", str(run)],
                ["extract", str(run), "--quiet"],
                ["prove", str(run), "--quiet", "--figure", f"{run}.png"],
            ):
                subprocess.run([sys.executable, "-m", "carrybit", *verb], check=True, stdout=subprocess.DEVNULL)
            seconds = time.perf_counter() - began
    yield f"| train, extract, prove and draw the adder, three processes | 0 | | | | | | {seconds:.2f} |"


CASES = {each.__name__: each for each in (tutorial, recipe, whole, tasks, machines, wrong, liars, process)}


def main(names: list[str]) -> None:
    """Print the rows of some cases, or of all."""
    print(HEAD)
    for name in names or CASES:
        for line in CASES[name]():
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
