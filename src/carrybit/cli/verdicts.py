"""Verdicts: how they are followed, said, and told as JSON; by every verb that comes to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from carrybit.cli.console import Console
from carrybit.cli.options import count
from carrybit.proof.exact.pairs import Pairing
from carrybit.proof.induction.search import Searching
from carrybit.proof.proving import Event
from carrybit.proof.theorem import theorem
from carrybit.proof.verdict import Proved, Refuted, Verdict

STYLES = {"PROVED": "bold green", "REFUTED": "bold red", "OPEN": "bold yellow"}
PRECISIONS = {"float64": "double", "float32": "single"}
MOST_SHOWN = 100  # parts of a word that are printed; --json has all
LONGEST_LOOP, WORTH_TELLING = 4, 6  # symbols: of what is told once, and in all of its turns
LONGEST_TOLD = 20_000  # symbols of a word that is also told as the task tells it


def follow(console: Console, events: Iterable[Event | Pairing | Verdict]) -> Verdict:
    """Follow a proof to its verdict while a bar shows how far it has come."""
    has_told = False
    with console.bar() as bar:
        for event in events:
            if isinstance(event, Verdict):
                return event
            if isinstance(event, Pairing) and not has_told:
                has_told = True
                console.say(_room(event), style="dim")
            bar(*progress(event))
    raise AssertionError("a proof ends with a verdict")


def _room(event: Pairing) -> str:
    """Return what an exact search may need, which is said before it begins."""
    return (
        f"exact search: at most {event.memory / 2**20:,.0f} MiB, for {event.most:,} pairs; "
        f"sums in whole numbers up to {max(event.bounds):,}, which nothing rounds"
    )


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
    console.say(verdict.status, style=STYLES[verdict.status])
    if isinstance(verdict, Proved):
        _say_proved(console, verdict)
    elif isinstance(verdict, Refuted):
        _say_refuted(console, verdict)
    else:
        console.say(f"neither proved nor refuted: {verdict.why}")
        console.say(f"what would help: {verdict.advice}")
    console.say(f"{verdict.seconds:.2f} s", style="dim")


def _say_proved(console: Console, verdict: Proved) -> None:
    console.say(theorem(verdict.claim, verdict.margin))
    console.say(f"\n{_size(verdict)}", style="dim")
    if verdict.rounding:
        precision = PRECISIONS[verdict.claim.network.spec.precision]
        console.say(
            f"rounding in IEEE {precision} precision: at most {verdict.rounding:.1e} a unit and step, "
            f"in any order of sums: below {verdict.claim.eps:g}",
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
    return (
        f"{count(int(numbers['pairs']), 'pair')} of a memory and a machine's state, every one of them visited, none "
        f"farther than {count(int(numbers['longest path']), 'symbol')} away; {count(int(numbers['steps']), 'step')}"
    )


def _say_refuted(console: Console, verdict: Refuted) -> None:
    claim, word, answers = verdict.claim, verdict.word, verdict.answers
    step = len(word) - 1
    length = count(len(word), "symbol")
    found = "and no shorter one" if verdict.is_shortest else f"found by: {verdict.how}"
    console.say(f"a word of {length} is answered wrongly, {found}:")
    console.say(f"  {brief([claim.machine.symbols[symbol] for symbol in word])}", style="bold")
    truth = claim.machine.run(word[None])[1][0]
    if claim.task is not None and claim.machine is claim.task.machine and len(word) <= LONGEST_TOLD:
        console.say(f"  {claim.task.correct(word, answers)}")
    said = "nothing that makes sense" if answers[step] < 0 else claim.machine.answers[answers[step]]
    console.say(
        f"at its last step, {step:,}, the network says {said}, the machine {claim.machine.answers[truth[step]]}"
    )


def brief(word: Sequence[str]) -> str:
    """Return a word in few letters: what comes several times in a row is told once, and how often it comes."""
    parts, place = [], 0
    while place < len(word):
        loops = [(_repeats(word, place, size), size) for size in range(1, LONGEST_LOOP + 1)]
        times, size = max(loops, key=lambda loop: ((loop[0] - 1) * loop[1], -loop[1]))
        loop = " ".join(word[place : place + size])
        if times * size < WORTH_TELLING:
            parts.append(word[place])
            place += 1
        else:
            parts.append(f"{loop if size == 1 else f'({loop})'}×{times:,}")
            place += times * size
    return " ".join(parts if len(parts) <= MOST_SHOWN else [*parts[:MOST_SHOWN], "…"])


def _repeats(word: Sequence[str], place: int, size: int) -> int:
    """Return how often the ``size`` symbols at a place come in a row."""
    end = place + size
    while end < len(word) and word[end] == word[end - size]:
        end += 1
    return (end - place) // size


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
