"""Verdicts: how they are followed, said, and told as JSON; by every verb that comes to one."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from carrybit.cli.console import Console
from carrybit.cli.options import count
from carrybit.proof.claim import Claim
from carrybit.proof.pairs import Pairing
from carrybit.proof.proving import Event, prove
from carrybit.proof.search import Searching
from carrybit.proof.theorem import theorem
from carrybit.proof.verdict import Proved, Refuted, Verdict

STYLES = {"PROVED": "bold green", "REFUTED": "bold red", "OPEN": "bold yellow"}
PRECISIONS = {"float64": "double", "float32": "single"}
MOST_SHOWN = 200  # symbols of a word that are printed; --json has all


def follow(console: Console, claim: Claim, seconds: float) -> Verdict:
    """Prove a claim while a bar shows how far it has come."""
    with console.bar() as bar:
        for event in prove(claim, seconds=seconds):
            if isinstance(event, Verdict):
                return event
            bar(*progress(event))
    raise AssertionError("a proof ends with a verdict")


def progress(event: Event | Pairing) -> tuple[str, float, float, str]:
    """Return what a bar shows of an event: a title, how much is done of how much, and a note."""
    if isinstance(event, Searching):
        total = event.proved + event.waiting
        return "cells", event.proved, total, f"{event.proved:,} cells proved, {event.waiting:,} waiting"
    if isinstance(event, Pairing):
        note = f"{event.pairs:,} pairs, {event.waiting:,} waiting, words of {count(event.length, 'symbol')}"
        return "pairs", event.pairs - event.waiting, event.pairs, note
    return "hunt", event.done, event.total, event.note


def say(console: Console, verdict: Verdict) -> None:
    """Print a verdict and why, with what is to be read first; with --quiet its name alone."""
    if console.quiet:
        console.exactly(verdict.status)
        return
    console.say(Text.assemble((verdict.status, STYLES[verdict.status]), f"   in {verdict.seconds:.2f} s"))
    if isinstance(verdict, Proved):
        _say_proved(console, verdict)
    elif isinstance(verdict, Refuted):
        _say_refuted(console, verdict)
    else:
        console.say(f"neither proved nor refuted: {verdict.why}")
        console.say(f"what would help: {verdict.advice}")


def _say_proved(console: Console, verdict: Proved) -> None:
    console.say(theorem(verdict.claim, verdict.margin))
    console.say(f"\n{_size(verdict)}", style="dim")
    if verdict.rounding:
        precision = PRECISIONS[verdict.claim.network.spec.precision]
        within = "below" if verdict.rounding <= verdict.claim.eps else "ABOVE"
        console.say(
            f"rounding in IEEE {precision} precision: at most {verdict.rounding:.1e} a unit and step, "
            f"in any order of sums: {within} {verdict.claim.eps:g}",
            style="dim",
        )


def _size(verdict: Proved) -> str:
    """Return how large a proof is."""
    numbers = verdict.numbers
    if "cells" in numbers:
        return (
            f"{count(int(numbers['cells']), 'cell')} that lead into each other, "
            f"{count(int(numbers['steps']), 'step')}, the longest word {count(int(numbers['longest']), 'symbol')}"
        )
    return ", ".join(f"{value:,} {name}" for name, value in numbers.items())


def _say_refuted(console: Console, verdict: Refuted) -> None:
    claim, word, answers = verdict.claim, verdict.word, verdict.answers
    step = len(word) - 1
    length = count(len(word), "symbol")
    shortest = (
        f"a word of {length}; no shorter one is answered wrongly" if verdict.is_shortest else f"a word of {length}"
    )
    console.say(f"{shortest}, found among: {verdict.how}")
    truth = claim.machine.run(word[None])[1][0]
    if claim.task is not None and claim.machine is claim.task.machine:
        console.say(Text.assemble("  ", claim.task.correct(word, answers)))
    elif len(word) <= MOST_SHOWN:
        console.say("  " + " ".join(claim.machine.symbols[symbol] for symbol in word))
    said = "nothing that makes sense" if answers[step] < 0 else claim.machine.answers[answers[step]]
    console.say(f"at step {step:,} the network says {said}, the machine {claim.machine.answers[truth[step]]}")


def about(verdict: Verdict) -> dict[str, Any]:
    """Return everything as JSON has it."""
    claim = verdict.claim
    head = {"verdict": verdict.status, "weights": claim.digest, "eps": claim.eps, "seconds": round(verdict.seconds, 3)}
    if isinstance(verdict, Proved):
        words = {"theorem": theorem(claim, verdict.margin), "margin": verdict.margin, "rounding": verdict.rounding}
        return head | words | dict(verdict.numbers)
    if isinstance(verdict, Refuted):
        word = [claim.machine.symbols[symbol] for symbol in verdict.word]
        answers = [(*claim.machine.answers, None)[answer] for answer in verdict.answers]
        return head | {"word": word, "answers": answers, "is_shortest": verdict.is_shortest, "how": verdict.how}
    return head | {"why": verdict.why, "advice": verdict.advice} | dict(verdict.numbers)
