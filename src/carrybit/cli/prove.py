"""carrybit prove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carrybit.cli.console import Console
from carrybit.cli.options import Debug, Json, Quiet, count

if TYPE_CHECKING:
    from carrybit.machines.machine import Machine
    from carrybit.proof.claim import Claim
    from carrybit.tasks.task import Task

Option = typer.Option


def prove(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    machine: Annotated[
        Path | None, Option(help="Hold it against this machine, a JSON file.", show_default="the task's")
    ] = None,
    regex: Annotated[
        str | None, Option(help="Hold it against a pattern: whether what was read so far fits.", show_default=False)
    ] = None,
    endless: Annotated[
        str | None,
        Option(help="brackets or majority: without a bound, which can only be refuted.", show_default=False),
    ] = None,
    eps: Annotated[
        float | None,
        Option(help="How much any unit may be off at any step.", show_default="1e-9, of float32 1e-4"),
    ] = None,
    seconds: Annotated[float, Option(help="When to give up.")] = 60.0,
    certificate: Annotated[
        Path | None, Option(help="Write what carrybit check needs to check the proof.", show_default=False)
    ] = None,
    figure: Annotated[Path | None, Option(help="Draw the proof: PNG, SVG or PDF.", show_default=False)] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Prove what a network answers to words of every length, or find a word that it answers wrongly.

    Says PROVED (exit code 0), REFUTED with a counterexample (3), or OPEN: neither within the time (4).
    """
    from carrybit import checks, figures
    from carrybit.cli import verdicts
    from carrybit.errors import UsageError
    from carrybit.proof.claim import claim_of
    from carrybit.proof.endless import refute_endless
    from carrybit.proof.proving import prove as prove_claim
    from carrybit.proof.verdict import Proved
    from carrybit.runs import load_run

    seconds = checks.positive("seconds", seconds, 60.0)
    ways = {"machine": machine, "regex": regex, "endless": endless}
    against = [name for name, value in ways.items() if value is not None]
    if len(against) > 1:
        raise UsageError(f"--{against[0]} together with --{against[1]}", "one of them", f"leave out --{against[1]}")
    if figure is not None:
        figures.check(figure)
    if certificate is not None:
        from carrybit.files.certificates import check_certificate_path

        check_certificate_path(certificate)
    console = Console(json=json, quiet=quiet)
    loaded = load_run(run)
    task = loaded.config.task
    events: Iterator[Any]
    if endless is not None:
        events = refute_endless(loaded.network, task, endless, seconds=seconds)
    else:
        claim = claim_of(loaded.network, task, _machine(task, machine, regex), eps)
        console.say(_told(claim), style="dim")
        events = prove_claim(claim, seconds=seconds)
    verdict = verdicts.follow(console, events)
    verdicts.say(console, verdict)
    if isinstance(verdict, Proved) and certificate is not None:
        from carrybit.files.certificates import write_certificate

        write_certificate(certificate, verdict)
        console.say(f"\ncertificate: {certificate}, to be checked by other code")
        console.command("carrybit", "check", certificate, run)
    elif certificate is not None:
        console.say(f"\nno certificate was written: {certificate} is as it was before", style="dim")
    if figure is not None:
        from carrybit.figures.cells import draw_proof

        drawing = draw_proof(verdict)
        figures.save(drawing, figure)
        console.say(f"drawn: {figure}")
    console.result({"run": str(run), **verdicts.about(verdict)})
    return verdict.exit_code


def _machine(task: Task, machine: Path | None, regex: str | None) -> Machine | None:
    """Return the machine that a person asks for, None for the task's own."""
    if machine is not None:
        from carrybit.machines.notation import read_machine

        return read_machine(machine)
    from carrybit.tasks.task import has_machine

    if regex is not None and has_machine(task):
        from carrybit.machines.regular import machine_from_regex

        return machine_from_regex(regex, "".join(task.machine.symbols))
    return None


def _told(claim: Claim) -> str:
    """Return what is to be proved, in a line."""
    machine, spec = claim.machine, claim.network.spec
    sizes = f"{spec.input_dim}-{spec.hidden_dim}-{spec.output_dim} {spec.activation}"
    return f"network: {sizes}; machine: {count(claim.states, 'state')}, {count(len(machine.symbols), 'symbol')}"
