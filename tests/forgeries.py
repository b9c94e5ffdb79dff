"""Proofs of networks, and what a forger could make of their certificates."""

import time
from dataclasses import replace

import numpy as np

from carrybit.config import TrainConfig
from carrybit.proof.claim import Claim
from carrybit.proof.induction.axes import axes_of
from carrybit.proof.induction.search import Found, Search
from carrybit.proof.induction.zonotopes import Step
from carrybit.proof.verdict import Proved
from carrybit.tasks.addition import addition
from carrybit.training import train


def proved(claim, size=0.2):
    step = Step(claim)
    *_, found = Search(step, axes_of(step, size), time.monotonic() + 60).run()
    assert isinstance(found, Found), found
    numbers = {"longest": found.longest, "steps": found.steps}
    return Proved(claim=claim, margin=found.margin, rounding=0.0, invariant=found.cells, numbers=numbers)


def provable(seed):
    *_, finished = train(TrainConfig(recipe="provable", seed=seed, updates=100_000))
    return finished.state.network


def claim_about(network):
    task = addition()
    return Claim(network=network, machine=task.machine, vectors=task.vectors, task=task)


def cells(certificate, **changes):
    return replace(certificate, invariant=replace(certificate.invariant, **changes))


def exchanged(array, one, other):
    array = array.copy()
    array[[one, other]] = array[[other, one]]
    return array


def drop_a_cell(certificate):
    kept = np.ones(len(certificate.invariant), bool)
    kept[0] = False
    parts = {name: getattr(certificate.invariant, name)[kept] for name in ("centres", "groups", "scales")}
    return cells(certificate, **parts)


def shorten_a_side(certificate):
    faces = certificate.invariant.faces.copy()
    faces[:, :, 0] *= 4
    return cells(certificate, faces=faces)


def move_a_centre(certificate):
    centres = certificate.invariant.centres.copy()
    centres[0] += 0.05
    return cells(certificate, centres=centres)


def exchange_labels(certificate):
    """Of two groups that stand for different states."""
    contexts = certificate.invariant.contexts
    states = contexts // 4**certificate.invariant.depth
    one, other = int(np.argmin(states)), int(np.argmax(states))
    assert states[one] != states[other]
    return cells(certificate, contexts=exchanged(contexts, one, other))


def exchange_contexts(certificate):
    """Of two groups that stand for the same state after different symbols."""
    return cells(certificate, contexts=exchanged(certificate.invariant.contexts, 0, 1))


def double_the_scales(certificate):
    return cells(certificate, scales=2 * certificate.invariant.scales)


def flatten_a_cell(certificate):
    faces = certificate.invariant.faces.copy()
    faces[:, :, 1] = faces[:, :, 0]
    return cells(certificate, faces=faces)


def raise_eps(certificate):
    return replace(certificate, eps=1e6 * certificate.eps)


def raise_the_margin(certificate):
    return replace(certificate, margin=1.01 * certificate.margin)


def change_an_answer(certificate):
    outputs = certificate.machine.outputs.copy()
    outputs[1, 2] = 1 - outputs[1, 2]
    return replace(certificate, machine=replace(certificate.machine, outputs=outputs))


def change_a_move(certificate):
    moves = certificate.machine.moves.copy()
    moves[1, 0] = 1
    return replace(certificate, machine=replace(certificate.machine, moves=moves))


def change_the_start(certificate):
    return replace(certificate, machine=replace(certificate.machine, start=1))


def exchange_vectors(certificate):
    return replace(certificate, vectors=exchanged(certificate.vectors, 0, 3))


def allow_no_long_words(certificate):
    return replace(certificate, longest=1)


FORGERIES = [
    drop_a_cell,
    shorten_a_side,
    move_a_centre,
    exchange_labels,
    exchange_contexts,
    double_the_scales,
    flatten_a_cell,
    raise_eps,
    raise_the_margin,
    change_an_answer,
    change_a_move,
    change_the_start,
    exchange_vectors,
    allow_no_long_words,
]
