"""Vanishing: how much of a derivative is left when it has travelled back to the first step.

A step back multiplies ∂loss/∂layer_1 by synapse_h and by the slope of the activation; what is multiplied again and
again shrinks or grows. Here it is measured by which factor a step, in random sums, which forget and carry anew every
now and then, and in sums that hold one carry from the first column to the last.

Source: the tutorial, part 3; Bengio, Simard and Frasconi 1994, "Learning long-term dependencies with gradient descent
is difficult": where a memory is held safely, its derivative vanishes.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit import randomness
from carrybit.cells.elman import derive
from carrybit.config import TrainConfig
from carrybit.labs.lab import Finding, Listing, Step
from carrybit.labs.middle import Middle
from carrybit.labs.subjects import Share, replicas
from carrybit.losses import d_batch_loss
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.addition import addition
from carrybit.tasks.task import MachineTask, targets

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION = "How much of a derivative is left when it has travelled from the last step back to the first?"
CLAIM = "It shrinks on its way, before training and after; where a carry is held, training makes it shrink less."
STEPS, SUMS = 32, 400
RANDOM, HELD = "random", "carry held"
TUTORIAL, ADAM = "sgd", "adam"
RULES: dict[str, dict[str, Any]] = {
    TUTORIAL: {"learning_rate": 0.1, "updates": 60_000},
    ADAM: {"learning_rate": 0.03, "updates": 20_000},
}
UNTRAINED = "untrained"
LINES = {
    UNTRAINED: ("untrained", "#888888", "--"),
    TUTORIAL: ("exact, by sgd", "#000000", "-"),
    ADAM: ("exact, by adam", "#000000", ":"),
}


def experiment(
    *, thorough: bool = False, seed: int = 0, count: int | None = None, rule: str = TUTORIAL
) -> Generator[Step | Finding]:
    """Measure it in networks before they are trained, and when they are exact.

    Parameters
    ----------
    count : int
        Networks of each kind, 16 or thoroughly 200; they differ in their seeds.
    rule : {"sgd", "adam"}
        Whose networks decide about the claim.
    """
    count = count or (200 if thorough else 16)
    task, taught = addition(), []
    for k, (optimizer, settings) in enumerate(RULES.items()):
        config = TrainConfig(task=task, optimizer=optimizer, until="exact", seed=seed, **settings)
        made = yield from replicas(config, count, Share(0.4 * k, 0.4 * (k + 1)), f"adders by {optimizer}")
        taught.append(made)
    alike = [made for made in zip(*taught, strict=True) if all(replica.is_exact for replica in made)]
    words = sums(seed)
    found: dict[str, dict[str, list[Array]]] = {kind: {RANDOM: [], HELD: []} for kind in (UNTRAINED, *RULES)}
    for number, made in enumerate(alike):
        networks = [Network.first(config.make_spec(), made[0].seed), *(replica.state.network for replica in made)]
        for network, ways in zip(networks, found.values(), strict=True):
            for which, way in ways.items():
                way.append(way_back(network, task, words[which]))
        yield Step(0.8 + 0.2 * (number + 1) / len(alike), "the way back")
    yield finding({kind: {w: np.array(way) for w, way in ways.items()} for kind, ways in found.items()}, rule)


def sums(seed: int) -> dict[str, Ints]:
    """Return sums as words (SUMS, STEPS): random columns; and 00 or 11, and then nothing but 01 and 10."""
    drawn = randomness.words(seed, "evaluation", 0, SUMS, STEPS)
    random, held = (drawn >> np.uint64(62)).astype(int), 1 + (drawn >> np.uint64(63)).astype(int)
    held[:, 0] = np.where(held[:, 0] == 1, 0, 3)
    return {RANDOM: random, HELD: held}


def way_back(network: Network, task: MachineTask, words: Ints) -> Array:
    """Return how much of ∂loss/∂layer_1 is left after 0, 1, ... steps back from the last, (T,).

    The loss is that of the last step alone. Of each sum it is the length of the derivative by that at the last step;
    of all sums, the geometric mean.
    """
    layers = network.run(task.vectors[words])
    truth = task.machine.run(words)[1]
    last = np.zeros(words.shape, bool)
    last[:, -1] = True
    d_pre_2 = d_batch_loss(network.spec.loss, layers.layer_2, targets(network.spec, truth), last)
    d_layer_1, _ = derive(network.spec, network.params, layers, d_pre_2)
    length = np.linalg.norm(d_layer_1[:, 1:], axis=2)[:, ::-1]  # (B, T), from the last step back
    return np.exp(np.log(length / length[:, :1]).mean(axis=0))


def finding(found: Mapping[str, Mapping[str, Array]], rule: str) -> Finding:
    """Return what it amounts to: what is left in each kind of networks and of sums, (networks, STEPS), seed by seed."""
    rows = [
        (networks, which, *(f"{number:.2f}" for number in middle(factors(left))), f"{np.median(left[:, -1]):.1e}")
        for networks, ways in found.items()
        for which, left in ways.items()
        if len(left)
    ]
    listing = Listing(
        "what a step back leaves of the derivative (median of the networks)",
        ("networks", "sums", "left", "from", "to", f"left after {STEPS - 1} steps"),
        tuple(rows),
    )
    data = {
        networks: {which: [list(middle(column)) for column in left.T] for which, left in ways.items()}
        for networks, ways in found.items()
        if len(ways[HELD])
    }
    return Finding((listing,), *judge(found, rule), data)


def judge(found: Mapping[str, Mapping[str, Array]], rule: str) -> tuple[bool, str]:
    """Return whether the claim holds for the networks that were taught by this rule, and why."""
    before, after = found[UNTRAINED], found[rule]
    if not len(after[HELD]):
        return False, "No network became exact, so nothing can be said of training."
    shrinks = all(middle(factors(left)).high < 1 for ways in (before, after) for left in ways.values())
    shrinks_less = middle(gain(found, rule)).low > 1
    untrained, random, held = (middle(factors(left)) for left in (before[HELD], after[RANDOM], after[HELD]))
    others = "".join(
        f" By {other}, {middle(factors(found[other][HELD]))}, {middle(gain(found, other))} times as much as before."
        for other in RULES
        if other != rule
    )
    return shrinks and shrinks_less, (
        f"Untrained, a step back leaves {untrained} of the derivative. In adders taught by {rule} it leaves {random} "
        f"in random sums; where a carry is held, {held}, which is {middle(gain(found, rule))} times as much as before: "
        f"it {'shrinks' if shrinks else 'may grow'}, and {'less' if shrinks_less else 'not clearly less'} than before."
        f"{others} After {STEPS - 1} held steps {rule}'s adders have {np.median(after[HELD][:, -1]):.0e} left, though "
        "their last answer hangs on the first column."
    )


def gain(found: Mapping[str, Mapping[str, Array]], rule: str) -> Array:
    """Return how many times as much a step leaves after training as before, where a carry is held: (networks,)."""
    return factors(found[rule][HELD]) / factors(found[UNTRAINED][HELD])


def factors(left: Array) -> Array:
    """Return by how much each network (networks, STEPS) multiplies a step, if all steps did the same: (networks,)."""
    return left[:, -1] ** (1 / (left.shape[1] - 1))


def middle(numbers: Array) -> Middle:
    """Return the median of some numbers, and its interval."""
    return Middle.of(numbers.tolist())


def draw(finding: Finding, figure: Figure) -> Figure:
    """Draw what is left after each step back, in random sums and where a carry is held."""
    axes = figure.subplots(1, 2, sharey=True)
    for ax, which in zip(axes, (RANDOM, HELD), strict=True):
        for networks, ways in finding.data.items():
            median, low, high = zip(*ways[which], strict=True)
            label, colour, style = LINES[networks]
            ax.fill_between(range(STEPS), low, high, color=colour, alpha=0.2, linewidth=0)
            ax.semilogy(median, style, color=colour, label=label)
        ax.set(title=f"sums: {which}", xlabel="steps back from the last")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("derivative left (at the last step: 1)")
    axes[0].legend(handles=axes[0].get_lines(), frameon=False, loc="lower left")
    return figure
