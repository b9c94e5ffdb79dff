"""A hundred claims that are known to be wrong, each with a word that shows it: what must never be proved.

The words are found here by plain force, and not by what is tested with them.
"""

import itertools
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from carrybit.config import TrainConfig
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.claim import Claim
from carrybit.tasks.addition import addition
from carrybit.tasks.counting import counting
from carrybit.tasks.parity import parity
from carrybit.tasks.tomita import tomita
from carrybit.training import Report, train

ALL_WORDS = 2**12  # of one length, that are all tried
CHAIN, PIECE = 20_000, 1_000  # steps
KINDS = {"scaled": 25, "mixed": 25, "mis-trained": 25, "wrong machine": 25}
RIGHT = (  # what is trained for so many updates answers rightly
    (addition(), 5_000, {"optimizer": "adam"}),
    (parity(), 20_000, {}),
    (counting(), 5_000, {}),
    (tomita(4), 5_000, {}),
)


class Wrong(NamedTuple):
    """A claim that is wrong, as word (T,) shows: its last answer is wrong, and no other."""

    name: str
    kind: str
    claim: Claim
    word: np.ndarray


@cache
def wrong_networks():
    """The hundred of them, made in some seconds."""
    makers = {"scaled": _scaled, "mixed": _mixed, "mis-trained": _mistrained, "wrong machine": _wrong_machines}
    return [wrong for kind, count in KINDS.items() for wrong in itertools.islice(_known(kind, makers[kind]()), count)]


def _known(kind, claims):
    """Those that a word is found against."""
    for name, claim in claims:
        word = evidence(claim)
        if word is not None:
            yield Wrong(name, kind, claim, word)


@cache
def evidence(claim):
    """A word that is answered wrongly: of all short words, a shortest; else a chain."""
    machine, length = claim.machine, 1
    while claim.symbols ** (length + 1) <= ALL_WORDS:
        length += 1
    words = np.array(list(itertools.product(range(claim.symbols), repeat=length)))
    states, truth = machine.run(words)
    wrong = (claim.answers(words)[0] != truth) & np.logical_and.accumulate(
        claim.may_come[states[:, :-1], words], axis=1
    )
    if wrong.any():
        step = int(wrong.any(axis=0).argmax())
        return words[wrong[:, step].argmax(), : step + 1]
    return _chain(claim)


def _chain(claim):
    """The first wrong answer to a symbol, then another one again and again."""
    machine = claim.machine
    pairs = np.array(list(itertools.product(range(claim.symbols), repeat=2)))
    state = machine.moves[machine.start, pairs[:, 0]]
    stays = machine.moves[state, pairs[:, 1]] == state
    may = claim.may_come[machine.start, pairs[:, 0]] & claim.may_come[state, pairs[:, 1]]
    pairs, state = pairs[stays & may], state[stays & may]
    right = machine.outputs[state, pairs[:, 1]][:, None]
    memory = claim.answers(pairs[:, :1])[1]
    for done in range(0, CHAIN if len(pairs) else 0, PIECE):
        given, memory = claim.answers(np.repeat(pairs[:, 1:], PIECE, axis=1), memory)
        wrong = given != right
        if wrong.any():
            step = int(wrong.any(axis=0).argmax())
            first, held = pairs[wrong[:, step].argmax()]
            return np.array([first] + [held] * (done + step + 1))
    return None


def claim_of(network, task, machine=None):
    return Claim(network=network, machine=machine or task.machine, vectors=task.vectors, asked=task.asked, task=task)


@cache
def checkpoints(task, seed, *updates, **settings):
    """Networks of one training, after so many updates each."""
    config = TrainConfig(task=task, seed=seed, updates=updates[-1], every=updates[0], until=None, **settings)
    reports = {}
    for event in train(config):
        if isinstance(event, Report):
            reports[event.state.update] = event.state.network
        if updates[-1] in reports:  # whatever comes then is an examination
            return [reports[update] for update in updates]


def changed(network, **scales):
    """A network with some of its arrays multiplied."""
    arrays = network.params.arrays()
    return Network(network.spec, Params(**{name: array * scales.get(name, 1.0) for name, array in arrays.items()}))


def mixed(one, other, share):
    ends = zip(one.params.arrays().items(), other.params.arrays().values(), strict=True)
    return Network(one.spec, Params(**{name: (1 - share) * a + share * b for (name, a), b in ends}))


def _scaled():
    """Right networks whose weights are made smaller or larger; not too much, so that they look like the right ones."""
    for scale in (0.95, 1.05, 0.9, 1.1, 0.8, 1.2, 0.7, 0.6, 0.5):
        for seed in (0, 1, 2, 3):
            (network,) = checkpoints(addition(), seed, 60_000)
            for name in ("synapse_h", "synapse_0", "synapse_1"):
                yield f"adder {seed}, {name} x {scale}", claim_of(changed(network, **{name: scale}), addition())


def _mixed():
    """Early checkpoints, which lose a carry, with ever more of late ones, which do not."""
    for seed in (0, 5, 6):
        early, late = checkpoints(addition(), seed, 10_000, 50_000)
        low, high = 0.0, 1.0
        for _ in range(22):  # towards the share at which the error goes away
            share = (low + high) / 2
            claim = claim_of(mixed(early, late, share), addition())
            yield f"adder {seed}, {share:.6f} of the late one", claim
            low, high = (low, share) if evidence(claim) is None else (share, high)


def _mistrained():
    """Training that was too short."""
    for updates in (8_000, 6_000, 4_000, 2_000, 1_000):
        for seed in range(8):
            (network,) = checkpoints(addition(), seed, updates)
            yield f"adder {seed} after {updates} updates", claim_of(network, addition())


def _wrong_machines():
    """Right networks held against machines that differ from theirs in one move or one answer."""
    for task, updates, settings in RIGHT:
        (network,) = checkpoints(task, 0, updates, **settings)
        for number, other in enumerate(_neighbours(task.machine)):
            yield f"{task.name} against another machine, {number}", claim_of(network, task, other)


def _neighbours(machine):
    """Some machines with one entry changed."""
    states, symbols = machine.moves.shape
    for number in range(0, 2 * states * symbols, max(1, states * symbols // 4)):
        which, entry = divmod(number, states * symbols)
        tables = {"outputs": machine.outputs.copy(), "moves": machine.moves.copy()}
        name, most = ("outputs", len(machine.answers)) if which == 0 else ("moves", states)
        tables[name].flat[entry] = (tables[name].flat[entry] + 1) % most
        yield replace(machine, **tables)
