"""Liars: networks that add rightly for as long as anyone looks, and err first near a bit that can be chosen.

Two checkpoints of one training, of which the early one loses a carry that is held for long and the late one never
does, are mixed: every weight is (1 - share) * early + share * late. Somewhere between 0 and 1 the first error recedes
to infinity, as 1 / sqrt(distance): what holds a carry is a place of rest on the late side, and a place where the hidden
layer only lingers on the early side. The share is found by halves.

Source: the lingering is the ghost of a saddle-node, Strogatz, "Nonlinear Dynamics and Chaos", section 4.3.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

import numpy as np

from carrybit import checks
from carrybit.config import TrainConfig
from carrybit.labs.lab import Step
from carrybit.machines.machine import Ints
from carrybit.network import Network
from carrybit.params import Array, Params
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.lassos import follow, throw, ways_in
from carrybit.proof.hunting.slips import piece_of
from carrybit.tasks.addition import addition
from carrybit.tasks.task import MachineTask, margins
from carrybit.training import Finished, train

SEED = 5  # whose liars are not known to err any sooner than in a chain
EARLY, LATE = 10_000, 60_000  # updates
NOISE = 0.2  # while the late one is trained on: it makes a memory that can be proved
NEAR, SPARE = 0.02, 4  # of the bit asked for, and bits: how far the first error may be beyond it
HALVINGS = 64
LEAST_BIT, MOST_BIT = 16, 3_000_000
SURE = 20_000  # bits of a chain after which a checkpoint counts as one that never loses a carry


@dataclass(frozen=True, eq=False)
class Liar:
    """A network that lies, and what it was made of.

    Parameters
    ----------
    network : Network
    early, late : Network
        The checkpoints.
    share : float
        Of the late one in it, from 0 to 1.
    chain : int array (T,)
        The shortest carry chain with a wrong answer, which is its last one.
    seed : int
        Of the training.
    """

    network: Network
    early: Network
    late: Network
    share: float
    chain: Ints
    seed: int

    @property
    def bit(self) -> int:
        """The first bit of a carry chain that is wrong, counted from 0."""
        return len(self.chain) - 1


class Checkpoints(NamedTuple):
    """Two networks of one training: the early one loses a carry, the late one does not."""

    early: Network
    late: Network
    seed: int


def make_liar(bit: int, seed: int = SEED) -> Liar:
    """Return a liar whose first error on a carry chain is at a bit or a little beyond it; as `making`, in one go."""
    *_, liar = making(bit, seed)
    assert isinstance(liar, Liar)
    return liar


def making(bit: int, seed: int = SEED) -> Generator[Step | Liar]:
    """Make a liar, yielding how far that is; the last item is the Liar.

    Parameters
    ----------
    bit : int, 16 to 3,000,000
        Where it is to err first.
    seed : int
        Of the first training that is tried; the next ones are, where no mixture of its checkpoints errs there.

    Raises
    ------
    SettingError
        The bit is outside its range.
    """
    checks.whole("bit", bit, LEAST_BIT, MOST_BIT, 5_000)
    yield Step(0.0, "two checkpoints of one training")
    for early, late, each in checkpoints(seed):
        low, high = 0.0, 1.0
        for number in range(HALVINGS):
            share = (low + high) / 2
            network = mixed(early, late, share)
            chain = wrong_chain(network, bit + max(SPARE, int(NEAR * bit)))
            yield Step(number / HALVINGS, f"{share:.12f} of the late one: {_told(chain)}")
            if chain is not None and len(chain) > bit:
                yield Liar(network, early, late, share, chain, each)
                return
            low, high = (low, share) if chain is None else (share, high)
        # a memory that swings as it fades may lose the carry now or never, and at no time between


def _told(chain: Ints | None) -> str:
    return "no error as far" if chain is None else f"an error at bit {len(chain) - 1:,}"


def checkpoints(seed: int) -> Iterator[Checkpoints]:
    """Yield two checkpoints of the tutorial's network, for every seed from this one on where they differ."""
    for each in count(seed):
        plain = TrainConfig(task=addition(), updates=EARLY, every=EARLY, seed=each)
        *_, before = train(plain)
        assert isinstance(before, Finished)
        if wrong_chain(before.state.network, SURE) is not None:
            *_, after = train(replace(plain, updates=LATE, every=LATE, noise=NOISE), before.state)
            assert isinstance(after, Finished)
            if wrong_chain(after.state.network, SURE) is None:
                yield Checkpoints(before.state.network, after.state.network, each)


def mixed(early: Network, late: Network, share: float) -> Network:
    """Return a network whose every weight is between those of two others."""
    ends = zip(early.params.arrays().items(), late.params.arrays().values(), strict=True)
    return Network(early.spec, Params(**{name: (1 - share) * one + share * other for (name, one), other in ends}))


def claim_of(network: Network, task: MachineTask | None = None) -> Claim:
    """Return the claim that a network adds."""
    task = addition() if task is None else task
    return Claim(network=network, machine=task.machine, vectors=task.vectors, task=task)


def wrong_chain(network: Network, steps: int) -> Ints | None:
    """Return the shortest carry chain (T,) that ends with a wrong answer, None if none of so many steps does."""
    claim = claim_of(network)
    held = sorted({int(word[-1]) for word in claim.machine.holding_words(2)})
    lassos = throw(claim, ways_in(claim), [()], [(symbol,) for symbol in held])
    while len(lassos) and lassos.steps < steps:
        lassos, _, slip = follow(lassos, steps - lassos.steps)
        if slip is not None:
            return slip
    return None


def margins_along(network: Network, chain: Ints, bits: Ints) -> Array:
    """Return how far the answers to a chain, held on for as long as need be, are on the right side: (len(bits),).

    Parameters
    ----------
    bits : int array
        Where to look, in ascending order.
    """
    claim = claim_of(network)
    begin = chain[: 1 + int(np.flatnonzero(np.append(True, chain[1:] != chain[:-1]))[-1])]
    state = claim.machine.run(begin[None])[0][:, -1]
    piece = piece_of(claim, 1)
    found, memory = np.empty(len(bits)), None
    for first in range(0, int(bits[-1]) + 1, piece):
        word = np.resize(chain[-1], piece)[None]
        word[0, : max(0, len(begin) - first)] = begin[first:]
        truth = np.full(word.shape, claim.machine.outputs[state[0], chain[-1]])
        if first == 0:
            truth[0, : len(begin)] = claim.machine.run(begin[None])[1][0]
        layers = claim.network.run(claim.vectors[word], memory)
        memory = layers.past[:, -1]
        here = (bits >= first) & (bits < first + piece)
        found[here] = margins(layers.layer_2, truth)[0, bits[here] - first]
    return found
