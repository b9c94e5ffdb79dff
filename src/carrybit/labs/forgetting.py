"""Forgetting: how long a mark that matters and noise that does not stay in the hidden layer.

Two words that differ in one symbol leave two hidden states; how far these are apart so many steps later is what is
left of that symbol (`imprint`). The first age at which half of it is gone is its half-life.

Source: the tutorial, part 2; the latching problem of Bengio, Simard and Frasconi 1994, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit import randomness
from carrybit.config import TrainConfig
from carrybit.labs.imprint import imprint
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.middle import Middle
from carrybit.labs.subjects import SURE, Share, replicas
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.tasks.latch import latch

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "What does a network forget, and what does it keep?"
CLAIM = "Training teaches a network to keep what is important and to forget what is not; before it, all is forgotten."

SETTINGS: dict[str, Any] = SURE | {
    "hidden_dim": 16,
    "activation": "sigmoid",
    "loss": "softmax_cross_entropy",
    "start": 1.0,
    "learning_rate": 0.01,
    "until": None,
}
LENGTH = 24  # steps of a word of training
LEAD, AGES = 8, 2 * LENGTH  # steps before the symbol that is followed, and how long it is followed
SYMBOLS = {"mark": 0, "noise": 2}  # A or B, x or y: the other of each pair is the next number
NAMES = {"mark": "the mark", "noise": "noise"}
TIMES = ("before", "after")
KEPT, FORGOTTEN = LENGTH, LENGTH / 10  # half-lives: a word of training and more; a tenth of it and less
SHOWN = (0, 1, 4, 16, AGES)
STYLES = {"mark": {"color": "#000000"}, "noise": {"color": "#d55e00", "linestyle": "--"}}
FAINTEST = 1e-6  # of what is drawn


def experiment(*, thorough: bool = False, seed: int = 0, updates: int | None = None) -> Generator[Step | Finding]:
    """Train networks to hold the last mark, and follow a mark and a noise symbol through them, before and after.

    Parameters
    ----------
    updates : int, or None for what is enough
    """
    seeds, enough, count = (32, 10_000, 2_048) if thorough else (8, 1_500, 256)
    config = TrainConfig(task=latch(LENGTH), updates=updates or enough, seed=seed, **SETTINGS)
    made = yield from replicas(config, seeds, Share(), "networks that hold a mark")
    first = [Network.first(config.make_spec(), each.seed, start=config.start) for each in made]
    networks = {"before": first, "after": [each.state.network for each in made]}
    traces = {
        time: {kind: [trace(network, kind, seed, count) for network in networks[time]] for kind in SYMBOLS}
        for time in TIMES
    }
    yield _finding(traces)


def trace(network: Network, kind: str, seed: int, count: int) -> list[float]:
    """Return what is left of a symbol of some kind, by its age from 0 to AGES, averaged over words of noise."""
    words = _noise(seed, count)  # (B, T)
    words[:, LEAD] = SYMBOLS[kind] + np.arange(count) % 2
    left = imprint(network, latch().vectors, words, LEAD, words[:, LEAD] ^ 1)  # (B, T)
    return left[:, LEAD:].mean(axis=0).tolist()


def _noise(seed: int, count: int) -> Ints:
    """Return words that begin with a mark, and are noise from there on."""
    steps = LEAD + AGES + 1
    drawn = randomness.bits(randomness.words(seed, "evaluation", 0, count, -(-steps // 64)), steps).astype(int)
    words = SYMBOLS["noise"] + drawn
    words[:, 0] = SYMBOLS["mark"] + drawn[:, 0]
    return words


def half_life(trace: list[float]) -> float:
    """Return the age at which half of a trace is gone, between two steps as if it faded evenly; inf if it never is."""
    for age, (before, now) in enumerate(pairwise(trace)):
        if now <= trace[0] / 2:
            return age + math.log(2 * before / trace[0]) / math.log(before / max(now, 1e-300))
    return math.inf


def _finding(traces: dict[str, dict[str, list[list[float]]]]) -> Finding:
    lives = {(t, kind): Middle.of([half_life(trace) for trace in traces[t][kind]]) for t in TIMES for kind in SYMBOLS}
    left = {
        t: {kind: [Middle.of(age) for age in zip(*traces[t][kind], strict=True)] for kind in SYMBOLS} for t in TIMES
    }
    holds, verdict = _verdict(lives)
    return Finding(listings=(_listing(left, lives),), holds=holds, verdict=verdict, data={"left": left})


def _verdict(lives: dict[tuple[str, str], Middle]) -> tuple[bool, str]:
    told = {which: f"{_steps(life.median)} steps {_interval(life)}" for which, life in lives.items()}
    claims = (
        ("after", "mark", lives["after", "mark"].low >= KEPT, f"{KEPT} or more"),
        ("after", "noise", lives["after", "noise"].high <= FORGOTTEN, f"{FORGOTTEN:g} or less"),
        ("before", "mark", lives["before", "mark"].high <= FORGOTTEN, f"{FORGOTTEN:g} or less"),
        ("before", "noise", lives["before", "noise"].high <= FORGOTTEN, f"{FORGOTTEN:g} or less"),
    )
    for time, kind, is_right, claimed in claims:
        if not is_right:
            return False, f"The half-life of {NAMES[kind]} {time} training is {told[time, kind]}, not {claimed}."
    return True, (
        f"A trained network keeps the mark (half-life {told['after', 'mark']}) and forgets noise "
        f"({told['after', 'noise']}); an untrained one forgets both ({told['before', 'mark']} and "
        f"{told['before', 'noise']})."
    )


def _steps(age: float) -> str:
    return f"{age:.1f}" if math.isfinite(age) else f"> {AGES}"


def _interval(life: Middle) -> str:
    return f"[{_steps(life.low)}, {_steps(life.high)}]"


def _listing(left: dict[str, dict[str, list[Middle]]], lives: dict[tuple[str, str], Middle]) -> Listing:
    rows = []
    for (time, kind), life in lives.items():
        first, *later = [left[time][kind][age].median for age in SHOWN]
        remains = (f"{100 * each / first:.2f}" for each in later)
        rows.append((f"{kind}, {time}", f"{first:.2f}", *remains, _steps(life.median), _interval(life)))
    heads = ("symbol", "at once", *(f"after {age}, %" for age in SHOWN[1:]), "half-life", "95 %")
    title = "How far a symbol moves the hidden state, what is left of that, and the half-life in steps"
    return Listing(title, heads, tuple(rows))


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw what is left of a mark and of noise by age, before training and after."""
    figure.set_size_inches(10, 4)
    for ax, (time, curves) in zip(figure.subplots(1, 2, sharey=True), finding.data["left"].items(), strict=True):
        for kind, curve in curves.items():
            median, low, high = np.array(curve).T
            ax.fill_between(range(len(curve)), low, high, color=STYLES[kind]["color"], alpha=0.15, linewidth=0)
            ax.plot(median, **STYLES[kind], linewidth=2, label=kind)
        ax.axvline(LENGTH, color="#777777", linestyle=":", zorder=0)
        ax.set(yscale="log", xlabel="steps since it was read", title=f"{time} training", xlim=(0, AGES))
        ax.set_ylim(bottom=FAINTEST)
        ax.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("distance it makes in layer_1")
    figure.axes[0].legend(frameon=False, title="median, 95 %")
    figure.axes[1].text(LENGTH + 0.7, 2 * FAINTEST, "words of training end here")
    return figure
