"""Recurrence: hidden against input recurrence, where two inputs do not tell everything.

What a window of inputs can tell is counted, not measured (`window_ceiling`). For sums, a window of the current and m
earlier columns of bits has the carry if one of the m is 00 or 11, which is so in 1 - 2^-m of all places; elsewhere the
carry is a coin. So 1 - 2^-m + 2^-m / 2 = 1 - 2^-(m+1) of the bits can be right: three in four for the m = 1 of input
recurrence.

Source: the tutorial, part 1 and part 2 ("I love you", "I love carrots").
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from carrybit import intervals
from carrybit.config import TrainConfig
from carrybit.labs.lab import Cell, Finding, Listing, Step
from carrybit.labs.subjects import SURE, Share, replicas
from carrybit.machines.window import window_ceiling
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks import walks
from carrybit.tasks.addition import addition
from carrybit.tasks.recall import recall
from carrybit.tasks.song import song
from carrybit.tasks.task import MachineTask, decide

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "What does a network know that remembers its hidden layer, beside one that sees the previous input again?"
CLAIM = "Input recurrence knows what a window of two inputs tells, and no more; hidden recurrence knows more."

SETTINGS: dict[str, Any] = SURE | {
    "hidden_dim": 16,
    "activation": "tanh",
    "loss": "softmax_cross_entropy",
    "start": 0.5,
    "learning_rate": 0.02,
    "until": "exact",
    "every": 100,
}
SEEN = 1  # inputs before the current one, with input recurrence
WINDOWS = range(5)
STEPS = 56  # of a question; one of the later half is graded, when the beginning is long forgotten (28 is 4 songs of 7)
COUNTS = 0.01  # a difference that counts: one answer in a hundred
CEILING = "#ffe14d"
BARS: tuple[dict[str, Any], ...] = (
    {"side": -0.2, "style": {"facecolor": "#333333"}},
    {"side": 0.2, "style": {"facecolor": "white", "hatch": "///"}},
)
LINES = (
    ("#000000", "o-", 12),
    ("#777777", "s--", 9),
    ("#0072b2", "^:", 12),
    ("#d55e00", "v:", 9),
    ("#009e73", "D:", 5),
)


class Subject(NamedTuple):
    """A task, and how likely each symbol comes in each state: float array (S, A)."""

    name: str
    task: MachineTask
    chances: Array

    def ceiling(self, m: int) -> float:
        """Return the share of right answers that a window of so many earlier symbols allows."""
        return window_ceiling(self.task.machine, self.chances, m)


def subjects() -> tuple[Subject, ...]:
    """Return what is asked: sums, the song, and what was heard 1, 2 and 3 steps ago."""
    sums, love, heard = addition(bits=8), song("love"), [recall(lag, length=16) for lag in (1, 2, 3)]
    return (
        Subject("sums", sums, walks.even(sums.machine, sums.length)),
        Subject("song", love, love.chances),
        *(Subject(f"recall {lag}", task, task.chances) for lag, task in enumerate(heard, start=1)),
    )


def experiment(
    *, thorough: bool = False, seed: int = 0, recurrences: tuple[str, str] = ("hidden", "input")
) -> Generator[Step | Finding]:
    """Train both kinds on every task, and hold their answers against the ceiling.

    Parameters
    ----------
    recurrences : two names
        The one that is said to pass the ceiling, and the one that is said to stop at it.
    """
    seeds, updates, questions = (16, 5_000, 112_000) if thorough else (4, 1_000, 11_200)
    asked = subjects()
    pairs = [(subject, recurrence) for subject in asked for recurrence in recurrences]
    results: list[dict[str, Any]] = [{"task": subject.name, "ceiling": subject.ceiling(SEEN)} for subject in asked]
    for number, (subject, recurrence) in enumerate(pairs):
        config = TrainConfig(task=subject.task, recurrence=recurrence, updates=updates, seed=seed, **SETTINGS)
        share = Share(number / len(pairs), (number + 1) / len(pairs))
        made = yield from replicas(config, seeds, share, f"{subject.name}, {recurrence} recurrence")
        best = min(made, key=lambda replica: (not replica.is_exact, replica.error))  # by its training alone
        hits = grade(best.state.network, subject, seed, questions)
        low, high = intervals.share(hits, questions)
        results[number // 2][recurrence] = {"share": hits / questions, "low": low, "high": high}
    windows = {subject.name: [subject.ceiling(m) for m in WINDOWS] for subject in asked}
    yield _finding(recurrences, results, windows)


def grade(network: Network, subject: Subject, seed: int, questions: int) -> int:
    """Return how many of so many long questions are answered rightly, each at one step: trials that are independent."""
    words = walks.draw(subject.task.machine, subject.chances, STEPS, seed, "evaluation", 0, questions)
    given = decide(network.answer(subject.task.vectors[words]))  # (B, T)
    truth = subject.task.machine.run(words)[1]  # (B, T)
    word = np.arange(questions)
    step = STEPS // 2 + word % (STEPS // 2)  # places of a song take their turn
    return int((given == truth)[word, step].sum())


def _finding(recurrences: tuple[str, str], results: list[dict[str, Any]], windows: dict[str, list[float]]) -> Finding:
    holds, verdict = _verdict(*recurrences, results)
    return Finding(
        listings=(_ceilings(windows), _answers(recurrences, results)),
        holds=holds,
        verdict=verdict,
        data={"recurrences": list(recurrences), "results": results, "windows": windows},
    )


def _verdict(more: str, less: str, results: list[dict[str, Any]]) -> tuple[bool, str]:
    hard = [each for each in results if each["ceiling"] < 1]
    wrong = (
        (f"{more} recurrence does not pass", more, [each for each in hard if not _passes(each, more)]),
        (f"{less} recurrence passes", less, [each for each in hard if _passes(each, less)]),
        (f"{less} recurrence does not reach", less, [each for each in results if not _reaches(each, less)]),
    )
    for said, recurrence, where in wrong:
        if where:
            return False, f"{said.capitalize()} the ceiling: {_told(where, recurrence)}."
    return True, (
        f"Where two inputs do not tell everything, {more} recurrence passes their ceiling: {_told(hard, more)}. "
        f"{less.capitalize()} recurrence comes up to it everywhere, and passes it nowhere: they differ by "
        f"{100 * max(abs(each[less]['share'] - each['ceiling']) for each in results):.2f} % of the answers at most."
    )


def _passes(result: dict[str, Any], recurrence: str) -> bool:
    return bool(result[recurrence]["low"] > result["ceiling"] + COUNTS)


def _reaches(result: dict[str, Any], recurrence: str) -> bool:
    return bool(result[recurrence]["high"] >= result["ceiling"] - COUNTS)


def _told(results: list[dict[str, Any]], recurrence: str) -> str:
    pairs = [(each["task"], each[recurrence]["share"], each["ceiling"]) for each in results]
    return ", ".join(f"{task} {100 * share:.1f} % against {100 * ceiling:.1f} %" for task, share, ceiling in pairs)


def _ceilings(windows: dict[str, list[float]]) -> Listing:
    rows: list[tuple[Cell, ...]] = []
    for m in WINDOWS:
        formula = 1 - 2.0 ** -(m + 1)
        rows.append((m, f"{100 * formula:.3f}", *(f"{100 * ceilings[m]:.3f}" for ceilings in windows.values())))
    title = "The best share of right answers, %, for who sees the current input and m before it"
    return Listing(title, ("m", "1 - 2^-(m+1)", *windows), tuple(rows))


def _answers(recurrences: tuple[str, str], results: list[dict[str, Any]]) -> Listing:
    rows = []
    for result in results:
        cells = (f"{100 * s:.2f} [{100 * low:.2f}, {100 * high:.2f}]" for s, low, high in _shares(recurrences, result))
        rows.append((result["task"], f"{100 * result['ceiling']:.2f}", *cells))
    title = f"Right answers, % [95 %], beside the ceiling for m = {SEEN}"
    return Listing(title, ("task", "ceiling", *recurrences), tuple(rows))


def _shares(recurrences: Sequence[str], result: dict[str, Any]) -> list[tuple[float, float, float]]:
    """Return the share of right answers of each kind, and its interval."""
    return [(result[each]["share"], result[each]["low"], result[each]["high"]) for each in recurrences]


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw right answers beside the ceiling of two inputs, and the ceilings of wider windows."""
    figure.set_size_inches(10, 4)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2), sharey=True)
    _draw_shares(finding.data["recurrences"], finding.data["results"], left)
    _draw_ceilings(finding.data["windows"], right)
    return figure


def _draw_shares(recurrences: list[str], results: list[dict[str, Any]], ax: Axes) -> None:
    places = np.arange(len(results))
    ceilings = 100 * np.array([each["ceiling"] for each in results])
    shares, lows, highs = 100 * np.array([_shares(recurrences, each) for each in results]).T  # (2, tasks) each
    for k, recurrence in enumerate(recurrences):
        at, share = places + BARS[k]["side"], shares[k]
        ax.bar(at, share, 0.36, edgecolor="black", label=f"{recurrence} recurrence", **BARS[k]["style"])
        ax.errorbar(at, share, (share - lows[k], highs[k] - share), fmt="none", ecolor="#888888", capsize=3)
    ax.barh(ceilings, 0.9, 1.2, places - 0.45, facecolor=CEILING, edgecolor="black", label="ceiling of two inputs")
    ax.set_xticks(places, [each["task"] for each in results])
    ax.set(xlim=(-0.6, len(places) - 0.4), ylim=(0, 104), ylabel="right answers, %")
    ax.set_title("networks, and what two inputs can tell")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, frameon=False)


def _draw_ceilings(windows: dict[str, list[float]], ax: Axes) -> None:
    for (name, ceilings), (colour, style, size) in zip(windows.items(), LINES, strict=True):
        shares = [100 * each for each in ceilings]
        ax.plot(WINDOWS, shares, style, color=colour, label=name, markersize=size, markerfacecolor="none")
    ax.axvline(SEEN, color=CEILING, linewidth=6, zorder=0)
    ax.text(SEEN - 0.1, 2, "input recurrence", rotation=90, ha="right", va="bottom")
    ax.set(xlabel="inputs seen before the current one", title="ceilings of wider windows", xticks=WINDOWS)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower right")
