"""carrybit watch: what is asked for; the pictures and films that it can draw stand in views.py."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from carrybit.cli import views
from carrybit.cli.console import Console, prints_to_terminal, tick
from carrybit.cli.options import Debug, Engine, Json, Quiet, refuse_unknown
from carrybit.cli.provenance import say_shares

if TYPE_CHECKING:
    from carrybit.attribution import Attribution
    from carrybit.caption import Caption
    from carrybit.network import Network
    from carrybit.runs import Run
    from carrybit.tasks.task import Task
    from carrybit.tracing import Trace

Option = typer.Option
ALLOWED = "--plain, --html, --figure, --view, --provenance, --method, --at, --out, --engine, --json, --quiet"
EXACT = 16  # steps up to which every view has the colours of the inputs, since they are exact and at once


def watch(
    run: Annotated[Path, typer.Argument(help="A run folder.", show_default=False)],
    question: Annotated[
        str | None, typer.Argument(help='Such as "9 + 60".', show_default="an example of the task")
    ] = None,
    plain: Annotated[bool, Option("--plain", help="Print the walk instead of walking it.")] = False,
    html: Annotated[Path | None, Option(help="Write it as a page for any browser: .html.")] = None,
    figure: Annotated[Path | None, Option(help="Draw it: .png, .svg or .pdf; as a film: .gif or .mp4.")] = None,
    view: Annotated[
        str | None, Option(help=f"Of the picture: {', '.join(views.PICTURES)}; of the film: {', '.join(views.FILMS)}.")
    ] = None,
    provenance: Annotated[bool, Option("--provenance", help="Print how much of the memory is of which input.")] = False,
    method: Annotated[str, Option(help="Of that: shapley, gradient or ablation.")] = "shapley",
    at: Annotated[
        int | None, Option(help="The network as it was after so many updates.", show_default="as it is saved")
    ] = None,
    out: Annotated[Path | None, Option(help="Save every number: .safetensors or .json.")] = None,
    engine: Engine = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Watch a network think: forwards, and all the way back, number by number.

    In a terminal it is a walk, by the keys; elsewhere, and with --plain, it is printed.
    """
    from carrybit.attribution import METHODS
    from carrybit.checks import one_of
    from carrybit.runs import load_run
    from carrybit.watching import watch as watched

    refuse_unknown("watch", [str(run), question or ""], ALLOWED)
    chosen = views.choose(figure, view)  # and all that can be wrong with places and names, before anything is computed
    _check(html, out)
    loaded = load_run(run)
    if chosen is not None:
        views.refuse(chosen, loaded)
    network = replace(_network(loaded, at), engine=engine or loaded.config.engine)
    task = loaded.config.task
    question = _example(task) if question is None else question
    trace = watched(network, task, question)
    one_of("method", method, METHODS)
    subject = views.Subject(loaded, network, question, trace, method)
    is_attributed = provenance or (html is not None and trace.time <= EXACT)
    attributed = subject.attribution if is_attributed else None
    console = Console(json=json, quiet=quiet)

    if plain or not (html or figure or out or provenance or json or quiet):
        _walk(console, trace, _learning_rate(loaded), plain)
    else:
        _say(console, trace.caption)
    if provenance and attributed is not None:
        say_shares(console, trace, attributed)
    if html is not None:
        from carrybit.view.html import save_page

        save_page(trace, attributed, html)
        console.say(f"written: {html}")
    if chosen is not None and figure is not None:
        views.draw(console, chosen, subject, figure)
        console.say(f"drawn: {figure}")
    if out is not None:
        from carrybit.files.traces import save_trace

        save_trace(trace, out)
        console.say(f"saved: {out}")
    if json:
        console.result(_entry(run, trace, attributed))


def _check(html: Path | None, out: Path | None) -> None:
    if html is not None:
        from carrybit.view.html import check_page

        check_page(html)
    if out is not None:
        from carrybit.files.traces import check_trace

        check_trace(out)


def _network(run: Run, at: int | None) -> Network:
    """Return the network of a run, or what it was after some updates."""
    if at is None:
        return run.network
    from carrybit.errors import SettingError

    reached = run.state.update
    if isinstance(at, int) and 0 <= at <= reached:
        if at == reached:
            return run.state.network
        views.refuse_other_streams(run)
        from carrybit.watching import moments

        return next(moments(run.config, [at]))
    raise SettingError("at", at, f"an update of this run: 0 to {reached:,}", reached)


def _example(task: Task) -> str:
    """Return something to ask, where nothing is said."""
    from carrybit.tasks.data import DataTask
    from carrybit.tasks.task import has_machine

    if has_machine(task):
        return task.example
    assert isinstance(task, DataTask)
    return task.beginning if task.unit else ""


def _learning_rate(run: Run) -> float | None:
    """Return the rate where an update is that times the gradient that is shown, and nothing else."""
    config = run.config
    is_plain = config.optimizer == "sgd" and config.clip is None and not config.noise
    return config.learning_rate if is_plain else None


def _walk(console: Console, trace: Trace, learning_rate: float | None, plain: bool) -> None:
    is_screen = prints_to_terminal() and sys.stdin is not None and sys.stdin.isatty()
    if plain or not is_screen or os.environ.get("TERM") == "dumb":
        from carrybit.walk.plain import listing

        for line in listing(trace, learning_rate):
            console.exactly(line)
        return
    from carrybit.walk.screen import run

    run(trace, learning_rate)


def _say(console: Console, caption: Caption) -> None:
    right = caption.is_right
    verdict = Text() if right is None else Text.assemble("  ", tick(right), " right" if right else " wrong")
    if console.quiet:
        console.exactly(caption.title)
    else:
        console.say(Text.assemble(caption.title, verdict))


def _entry(run: Path, trace: Trace, attributed: Attribution | None) -> dict[str, Any]:
    """Return what --json says; every number of every step is in --out."""
    caption = trace.caption
    steps = [
        {
            "step": t,
            "read": [cells[t] for _, cells in caption.rows],
            "remembered": caption.states[t] if caption.states else None,
            "answer": caption.answers[t],
            "truth": caption.truth[t] or None,
            "is_right": caption.right[t],
            "loss": float(trace.loss[0, t]),
            "layer_1": trace.layer_1[0, t + 1].tolist(),
            "layer_2": trace.layer_2[0, t].tolist(),
            "d_pre_2": trace.d_pre_2[0, t].tolist(),
            "d_pre_1": trace.d_pre_1[0, t].tolist(),
        }
        for t in range(trace.time)
    ]
    gradient = {name: array.tolist() for name, array in trace.gradient.arrays().items()}
    entry = {"run": str(run), "question": caption.title, "steps": steps, "gradient": gradient}
    if attributed is not None:
        entry["provenance"] = {"method": attributed.method, "shares": attributed.shares()[0].tolist()}
    return entry
