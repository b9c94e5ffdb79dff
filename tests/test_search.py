"""A proof is found only where it holds: by brute force, by walks of millions of steps, and inside the cells."""

import dataclasses
import time
from functools import cache

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.claim import claim_of
from carrybit.proof.induction.axes import axes_of
from carrybit.proof.induction.search import Found, Search
from carrybit.proof.induction.zonotopes import Step
from carrybit.proof.proving import verdict_on
from carrybit.proof.verdict import Open, Proved, Refuted
from carrybit.spec import Spec
from carrybit.tasks import make_task
from carrybit.training import train


@cache
def adder(seed=0, updates=30_000, noise=0.2):
    config = TrainConfig(seed=seed, updates=updates, noise=noise)
    *_, finished = train(config)
    return finished.state.network, config.task


@cache
def found(seed=0):
    claim = claim_of(*adder(seed))
    step = Step(claim)
    *_, last = Search(step, axes_of(step, 0.2), time.monotonic() + 60).run()
    assert isinstance(last, Found)
    return claim, last


def errs_on_a_short_word(claim, length=12):
    """Whether the network answers any word of this length, or any shorter one, wrongly: all of them are asked."""
    memory, states = np.zeros((1, claim.network.spec.memory_dim)), np.array([claim.machine.start])
    for _ in range(length):
        rows, symbols = np.nonzero(claim.may_come[states])
        given, memory = claim.answers(symbols[:, None], memory[rows])
        if (given[:, 0] != claim.machine.outputs[states[rows], symbols]).any():
            return True
        memory, first = np.unique(
            memory.round(12), axis=0, return_index=True
        )  # what is one and the same goes on as one
        states = claim.machine.moves[states[rows], symbols][first]
    return False


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_is_proved_answers_every_short_word_rightly(seed):
    assert not errs_on_a_short_word(found(seed)[0], 8)


@pytest.mark.parametrize("seed", range(3))
def test_from_anywhere_in_a_cell_words_lead_into_cells_again(seed):
    """The induction itself, at points from all over the cells, disturbed at every step."""
    claim, proof = found(seed)
    cells, step, rng = proof.cells, Step(claim), np.random.default_rng(seed)
    label = cells.contexts // claim.symbols**cells.depth
    count = 600
    which = rng.integers(0, len(cells), count)
    ends = rng.choice([-1.0, 1.0, 0.5], (count, 16)) * cells.scales[which, None]
    memory = cells.centres[which] + np.einsum("nk,nkm->nm", ends, np.linalg.inv(cells.faces)[cells.groups[which]])
    state, outside = label[cells.groups[which]], np.zeros(count, int)
    for _ in range(60):
        symbols = rng.integers(0, claim.symbols, count)
        memory = step.point(memory, np.arange(count), symbols)
        memory += claim.eps * rng.choice([-1.0, 1.0], memory.shape)
        assert (step.lead(memory, claim.machine.outputs[state, symbols]) >= proof.margin).all()
        state = claim.machine.moves[state, symbols]
        places = np.einsum("cnm,cmk->cnk", memory - cells.centres[:, None], cells.faces[cells.groups])
        inside = (np.abs(places).max(axis=2) <= cells.scales[:, None]) & (label[cells.groups][:, None] == state)
        outside = np.where(inside.any(axis=0), 0, outside + 1)
        assert outside.max() < proof.longest


def test_the_reported_margin_is_met_by_no_word():
    claim, proof = found()
    words = np.random.default_rng(1).integers(0, 4, (2_000, 200))
    pre_2 = claim.network.run(claim.vectors[words]).pre_2[..., 0]
    lead = np.where(claim.machine.run(words)[1] == 1, pre_2, -pre_2)
    assert proof.margin <= lead.min()
    assert lead.min() < 10 * proof.margin


def test_a_machine_with_one_answer_or_one_move_changed_is_refuted():
    network, task = adder()
    for table in ("outputs", "moves"):
        for place in np.ndindex(2, 4):
            changed = getattr(task.machine, table).copy()
            changed[place] = 1 - changed[place]
            claim = claim_of(network, task, dataclasses.replace(task.machine, **{table: changed}))
            verdict = verdict_on(claim, seconds=20)
            assert isinstance(verdict, Refuted)
            assert claim.first_wrong(verdict.word) == len(verdict.word) - 1
            assert errs_on_a_short_word(claim, len(verdict.word))
            if verdict.is_shortest and len(verdict.word) > 1:
                assert not errs_on_a_short_word(claim, len(verdict.word) - 1)


def test_the_search_alone_proves_no_wrong_machine():
    """Without the hunt before it: cells must not close around a wrong answer or a wrong move."""
    network, task = adder()
    for table in ("outputs", "moves"):
        for place in np.ndindex(2, 4):
            changed = getattr(task.machine, table).copy()
            changed[place] = 1 - changed[place]
            step = Step(claim_of(network, task, dataclasses.replace(task.machine, **{table: changed})))
            *_, last = Search(step, axes_of(step, 0.2), time.monotonic() + 1).run()
            assert not isinstance(last, Found)


def hand_made(activation, synapse_h, synapse_0, synapse_1, bias_1, bias_2, **more):
    spec = Spec(input_dim=2, hidden_dim=len(bias_1), activation=activation, bias=True, loss="cross_entropy", **more)
    arrays = {"synapse_0": synapse_0, "synapse_h": synapse_h, "bias_1": bias_1, "bias_2": bias_2}
    return Network(spec, Params(synapse_1=np.array(synapse_1), **{n: np.array(a, float) for n, a in arrays.items()}))


def test_a_network_whose_start_is_wrong_and_nothing_else_is_not_proved():
    """Said at once, 1 after nothing; a latch that begins at 0 is below the border only at the first step."""
    latch = hand_made("tanh", [[4.0]], [[0.5], [0.5]], [[1.0]], [0.0], [0.0])
    task = make_task("parity", {})
    machine = Machine(("low",), ("0", "1"), ("0", "1"), np.zeros((1, 2), int), np.zeros((1, 2), int))
    assert not isinstance(verdict_on(claim_of(latch, task, machine), seconds=5), Proved)
    ones = dataclasses.replace(machine, outputs=np.ones((1, 2), int))
    assert isinstance(verdict_on(claim_of(latch, task, ones), seconds=5), Proved)


def test_a_memory_that_fades_for_good_is_never_proved_to_last():
    """A carry that leaks by a hair a step: right for thousands of steps, wrong for ever after."""
    leaky = hand_made("relu", [[0.9999]], [[0.0], [1.0]], [[1.0]], [0.0], [-0.5])
    task = make_task("parity", {})
    machine = Machine(
        ("no", "yes"), ("0", "1"), ("0", "1"), np.array([[0, 1], [1, 1]]), np.array([[0, 1], [1, 1]])
    )  # whether there ever was a 1
    verdict = verdict_on(claim_of(leaky, task, machine), seconds=20)
    assert isinstance(verdict, Refuted)
    assert len(verdict.word) > 6_000


def test_a_disturbance_that_a_network_does_not_survive_is_not_proved():
    network, task = adder()
    assert isinstance(verdict_on(claim_of(network, task, eps=1e-3), seconds=20), Proved)
    assert isinstance(verdict_on(claim_of(network, task, eps=0.4), seconds=20), Open)
