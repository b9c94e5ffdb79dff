"""Proof: noise on the memory while training, and what can be proved of the networks that it makes.

Noise that comes at every step must be forgotten at every step, or the answers would suffer from it. So a network that
learns in spite of it has a memory in which disturbances shrink, and that is what a proof for every length leans on.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from carrybit import intervals
from carrybit.config import TrainConfig
from carrybit.examination import sit
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.subjects import Share, replicas
from carrybit.network import Network
from carrybit.proof.claim import claim_of
from carrybit.proof.induction.axes import axes_of
from carrybit.proof.induction.zonotopes import Step as Way
from carrybit.proof.proving import SIZES, verdict_on
from carrybit.proof.verdict import Proved
from carrybit.tasks.addition import addition

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

QUESTION = "Does noise on the memory while training make networks that can be proved?"
CLAIM = "With a noise of 0.2 every adder that is trained is proved for sums of every length; without noise, fewer are."

NOISES = (0.0, 0.05, 0.1, 0.2, 0.4)
RECOMMENDED = 0.2
UPDATES = 100_000
COUNT, COUNT_THOROUGH = 5, 20
SECONDS, SECONDS_THOROUGH = 3.0, 60.0  # for each verdict
TRAINING = 0.8  # of the time; the rest is for the verdicts
MARKS: dict[str, dict[str, Any]] = {  # a shape and a colour for each verdict
    "PROVED": {"marker": "o", "color": "#0072b2", "markersize": 7},
    "OPEN": {"marker": "s", "color": "#666666", "markersize": 7, "fillstyle": "none", "markeredgewidth": 1.6},
    "REFUTED": {"marker": "X", "color": "#d55e00", "markersize": 9},
}
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
APART = 0.09  # between two networks of the same noise; two values of the noise are 1 apart


class Tried(NamedTuple):
    """What came of a network.

    exact    : whether it passes the whole examination
    fooled   : whether it has all random sums right, and errs in a carry chain
    verdict  : "PROVED", "REFUTED" or "OPEN"
    seconds  : that the verdict took
    cells    : of the proof; None without one
    growth   : of a disturbance over two steps, at worst
    """

    exact: bool
    fooled: bool
    verdict: str
    seconds: float
    cells: int | None
    growth: float


def experiment(
    *,
    thorough: bool = False,
    seed: int = 0,
    noises: Sequence[float] = NOISES,
    count: int | None = None,
    updates: int = UPDATES,
    seconds: float | None = None,
) -> Generator[Step | Finding]:
    """Train the tutorial's adder with noise of each size, examine every network, and try to prove it.

    Parameters
    ----------
    noises : sequence of float
        Standard deviations, 0 and 0.2 among them.
    count : int
        Networks with each noise, 5 or thoroughly 20; one seed has the same first weights and sums with all of them.
    updates : int
    seconds : float
        When a verdict is open: after 3, or thoroughly 60.
    """
    limit = seconds or (SECONDS_THOROUGH if thorough else SECONDS)
    found: dict[float, list[Tried]] = {}
    for k, noise in enumerate(noises):
        begin, end = k / len(noises), (k + 1) / len(noises)
        taught = begin + TRAINING * (end - begin)
        config = TrainConfig(noise=noise, updates=updates, every=updates, seed=seed)
        number = count or (COUNT_THOROUGH if thorough else COUNT)
        pupils = yield from replicas(config, number, Share(begin, taught), f"adders with a noise of {noise:g}")
        found[noise] = []
        for r, pupil in enumerate(pupils):
            yield Step(taught + (end - taught) * r / number, f"proving adder {r} with a noise of {noise:g}")
            found[noise].append(tried(pupil.state.network, limit))
    yield finding(found, limit)


def tried(network: Network, seconds: float) -> Tried:
    """Examine an adder, and try to prove it."""
    task = addition()
    *sums, chains = (list(sit(network, task, paper))[-1].is_passed for paper in task.examination())
    claim = claim_of(network, task)
    verdict = verdict_on(claim, seconds=seconds)
    return Tried(
        exact=all(sums) and chains,
        fooled=sums[-1] and not chains,
        verdict=verdict.status,
        seconds=verdict.seconds,
        cells=int(verdict.numbers["cells"]) if isinstance(verdict, Proved) else None,
        growth=axes_of(Way(claim), SIZES[0]).growth,
    )


def finding(found: Mapping[float, Sequence[Tried]], limit: float) -> Finding:
    """Return what the networks amount to, by the noise of their training; a verdict took ``limit`` seconds at most."""
    listing = Listing(
        title=f"the tutorial's adder, trained with noise on its memory (open: not decided in {limit:g} s)",
        heads=("noise", "exact", "fooled by chains", "proved", "refuted", "open", "share proved (95 %)")
        + ("median s", "median cells", "median growth"),
        rows=tuple(_row(noise, networks) for noise, networks in found.items()),
    )
    holds, verdict = judge(found)
    data = {"noises": list(found), "networks": [[each._asdict() for each in networks] for networks in found.values()]}
    return Finding((listing,), holds, verdict, data)


def _row(noise: float, networks: Sequence[Tried]) -> tuple[Any, ...]:
    verdicts, of = Counter(each.verdict for each in networks), len(networks)
    cells = [each.cells for each in networks if each.cells is not None]
    return (
        f"{noise:g}",
        f"{sum(each.exact for each in networks)} of {of}",
        sum(each.fooled for each in networks),
        *(verdicts[name] for name in ("PROVED", "REFUTED", "OPEN")),
        "{:.0%} to {:.0%}".format(*intervals.share(verdicts["PROVED"], of)),
        statistics.median(each.seconds for each in networks),
        int(statistics.median(cells)) if cells else None,
        statistics.median(each.growth for each in networks),
    )


def judge(found: Mapping[float, Sequence[Tried]]) -> tuple[bool, str]:
    """Return whether noise makes all networks provable, and not having it fewer; and why, in sentences."""
    plain, noisy = found[0.0], found[RECOMMENDED]
    without, proved = _proved(plain), _proved(noisy)
    less = sum(with_it.growth < bare.growth for bare, with_it in zip(plain, noisy, strict=True))
    said = (
        f"with a noise of {RECOMMENDED:g}, {proved} of {len(noisy)} adders are proved, without noise {without} of "
        f"{len(plain)}; {_fooled(noisy)} and {_fooled(plain)} are fooled by carry chains. In two steps a disturbance "
        f"comes at worst to {_growth(noisy)} of itself with noise, to {_growth(plain)} without (medians); of "
        f"{len(plain)} seeds, {less} forget it sooner with noise. Proved in all: {_by_noise(found)}."
    )
    return proved == len(noisy) and without < proved, said


def _proved(networks: Sequence[Tried]) -> int:
    return sum(each.verdict == "PROVED" for each in networks)


def _fooled(networks: Sequence[Tried]) -> int:
    return sum(each.fooled for each in networks)


def _growth(networks: Sequence[Tried]) -> str:
    return f"{statistics.median(each.growth for each in networks):.2g}"


def _by_noise(found: Mapping[float, Sequence[Tried]]) -> str:
    return ", ".join(f"{_proved(networks)} of {len(networks)} at {noise:g}" for noise, networks in found.items())


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw how a disturbance grows in every network, by the noise of its training and by the verdict on it."""
    ax = figure.subplots()
    noises, networks = finding.data["noises"], finding.data["networks"]
    growths = [each["growth"] for some in networks for each in some]
    low, high = min(growths) / 1.6, max(*growths, 1.0) * 1.6
    ax.axhspan(low, 1, color="#56b4e9", alpha=0.13, linewidth=0)
    ax.axhline(1, color="#000000", linewidth=1)
    for place, some in enumerate(networks):
        _draw_column(ax, place, sorted(some, key=lambda each: each["growth"]))
        proved = sum(each["verdict"] == "PROVED" for each in some)
        ax.text(
            place, 1.01, f"{proved} of {len(some)}\nproved", ha="center", fontsize=9, transform=ax.get_xaxis_transform()
        )
    for name, mark in MARKS.items():
        ax.plot([], [], linestyle="none", label=name, **mark)
    ax.set(yscale="log", ylim=(low, high), xlim=(-0.6, len(noises) - 0.4))
    ax.set_xticks(range(len(noises)), [f"{noise:g}" for noise in noises])
    ax.set(xlabel="noise on the hidden layer while training", ylabel="a disturbance, two steps later")
    ax.text(len(noises) - 0.45, 1.03, "it grew", ha="right", va="bottom", fontsize=9)
    ax.text(len(noises) - 0.45, 0.97, "it shrank", ha="right", va="top", fontsize=9)
    ticks = [tick for tick in TICKS if low < tick < high]
    ax.set_yticks(ticks, [f"× {tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=len(MARKS))
    figure.suptitle(QUESTION)
    return figure


def _draw_column(ax: Axes, place: int, networks: Sequence[Mapping[str, Any]]) -> None:
    """Draw the networks of one noise side by side, from the one that forgets soonest on."""
    apart = min(APART, 0.8 / len(networks))
    for k, each in enumerate(networks):
        beside = place + apart * (k - (len(networks) - 1) / 2)
        ax.plot([beside], [each["growth"]], linestyle="none", **MARKS[each["verdict"]])
