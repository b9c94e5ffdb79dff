"""carrybit check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli.console import Console
from carrybit.cli.options import Debug, Json, Quiet, count

if TYPE_CHECKING:
    from carrybit.network import Network
    from carrybit.proof.checking.certificate import Certificate
    from carrybit.proof.checking.outcome import Checked, Rejected
    from carrybit.tasks.task import Task


def check(
    certificate: Annotated[Path, typer.Argument(help="A file of prove --certificate.", show_default=False)],
    run: Annotated[Path, typer.Argument(help="The run folder of the network.", show_default=False)],
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Check a certificate: derive every step of a proof once more, by other code and in other arithmetic.

    Says CHECKED (exit code 0) and what is thereby proved, or REJECTED and why (1).
    """
    from carrybit.files.certificates import read_certificate
    from carrybit.proof.checking.outcome import Checked
    from carrybit.runs import load_run

    console = Console(json=json, quiet=quiet)
    read, loaded = read_certificate(certificate), load_run(run)
    task = loaded.config.task
    outcome = _alphabet(read, task) or _follow(console, read, loaded.network)
    about: dict[str, Any] = {"certificate": str(certificate), "run": str(run)}
    if isinstance(outcome, Checked):
        console.result(about | _say_checked(console, outcome, task))
        return 0
    if quiet:
        console.exactly("REJECTED")
    console.say(Text.assemble(("REJECTED", "bold red"), f"   {outcome.why}"))
    console.result(about | {"verdict": "REJECTED", "why": outcome.why})
    return 1


def _alphabet(certificate: Certificate, task: Task) -> Rejected | None:
    """Reject a certificate that is about other symbols or answers than the run's task."""
    import numpy as np

    from carrybit.proof.checking.outcome import Rejected
    from carrybit.tasks.task import has_machine

    if not has_machine(task):
        return Rejected(f"another network: the run's was trained on {task.title}, which no machine answers")
    same = certificate.machine.symbols == task.machine.symbols and certificate.machine.answers == task.machine.answers
    if not same or not np.array_equal(certificate.vectors, task.vectors):
        return Rejected("the certificate is about other symbols or answers than those of the run's task")
    return None


def _follow(console: Console, certificate: Certificate, network: Network) -> Checked | Rejected:
    """Check a certificate while a bar shows how far it has come."""
    from carrybit.proof.checking.check import check_certificate
    from carrybit.proof.checking.outcome import Checking

    noun = "pairs" if network.spec.is_whole else "cells"
    with console.bar() as bar:
        for event in check_certificate(certificate, network):
            if not isinstance(event, Checking):
                return event
            note = f"{event.done:,} of {event.total:,} {noun}, {event.steps:,} steps"
            bar("check", event.done, event.total, note)
    raise AssertionError("a check ends with an outcome")


def _say_checked(console: Console, checked: Checked, task: Task) -> dict[str, Any]:
    """Say what is proved, and return it as JSON has it."""
    from dataclasses import replace

    from carrybit.machines.listing import listing
    from carrybit.proof.theorem import theorem
    from carrybit.tasks.task import has_machine

    assert has_machine(task)
    claim = checked.claim
    is_tasks = _is_same(claim.machine, task.machine) and (claim.may_come == _asked(task)).all()
    if is_tasks:
        claim = replace(claim, machine=task.machine, task=task)
    proved = theorem(claim, checked.margin)
    if console.quiet:
        console.exactly("CHECKED")
    console.say(Text.assemble(("CHECKED", "bold green"), f"   {proved}"))
    if not is_tasks:
        console.say("\nthe machine, which is not the task's:")
        for line in listing(claim.machine, asked=claim.asked):
            console.say(line)
    is_whole = claim.network.spec.is_whole
    what, arithmetic = ("pair", "whole numbers") if is_whole else ("cell", "balls of Arb")
    console.say(f"\n{count(checked.done, what)}, {count(checked.steps, 'step')}, in {arithmetic}", style="dim")
    return {
        "verdict": "CHECKED",
        "theorem": proved,
        "weights": claim.digest,
        "eps": claim.eps,
        "margin": checked.margin,
        "is_the_tasks_machine": bool(is_tasks),
        f"{what}s": checked.done,
        "steps": checked.steps,
    }


def _is_same(one: Any, other: Any) -> bool:
    """Whether two machines are the same, state by state."""
    import numpy as np

    tables = ((one.moves, other.moves), (one.outputs, other.outputs))
    return one.start == other.start and all(np.array_equal(mine, theirs) for mine, theirs in tables)


def _asked(task: Any) -> Any:
    """Return which symbols may come in which state."""
    import numpy as np

    return np.ones(task.machine.moves.shape, bool) if task.asked is None else task.asked
