"""The hunt: what it says is wrong is wrong, shortest where it says so; and a right network has nothing to fear."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest

from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.hunting.hunt import Hunting, hunt
from carrybit.proof.hunting.lassos import follow, throw, ways_in
from carrybit.proof.hunting.shortening import shortened
from carrybit.proof.hunting.slips import first_slips, walked
from carrybit.proof.verdict import Refuted
from carrybit.spec import Spec
from carrybit.tasks.addition import addition
from carrybit.tasks.alphabet import alphabet
from carrybit.tasks.counting import counting
from carrybit.tasks.song import song
from wrong_networks import checkpoints, claim_of, wrong_networks


def found(claim, **settings):
    """The refutation, checked against the machine and the network; None if there is none."""
    *_, last = hunt(claim, **settings)
    if isinstance(last, Hunting):
        return None
    assert isinstance(last, Refuted) and last.claim is claim
    states, truth = claim.machine.run(last.word[None])
    assert claim.may_come[states[0, :-1], last.word].all()
    given, _ = claim.answers(last.word[None])
    assert np.flatnonzero(given[0] != truth[0]).tolist() == [len(last.word) - 1]
    assert (last.answers == given[0]).all()
    return last


@pytest.fixture(scope="module")
def adder():
    return checkpoints(addition(), 0, 60_000)[0]


def lost(memory_of_carry):
    """A relu adder whose memory of the carry is multiplied at every held column: below 1, chains go wrong late."""
    spec = Spec(input_dim=2, hidden_dim=3, output_dim=1, activation="relu", loss="linear_squared_error", bias=True)
    # units: total - 0, total - 1, total - 2 (relu), where total = a + b + carry, carry = unit 1 - unit 2
    up = np.ones((2, 3))
    carry = memory_of_carry * np.array([[0.0], [1.0], [-1.0]]) @ np.ones((1, 3))
    params = Params(
        synapse_0=up,
        synapse_h=carry,
        synapse_1=np.array([[1.0], [-2.0], [2.0]]),
        bias_1=np.array([0.0, -1.0, -2.0]),
        bias_2=np.array([0.0]),
    )
    return Network(spec, params)


def test_ninety_five_of_a_hundred_wrong_networks_are_refuted():
    wrong = wrong_networks()
    assert len(wrong) == 100
    for each in wrong:
        assert each.claim.first_wrong(each.word) == len(each.word) - 1, each.name
    missed = [each.name for each in wrong if found(each.claim, seconds=60) is None]
    assert len(missed) <= 5, missed


def test_no_word_is_longer_than_plain_force_finds():
    for each in wrong_networks():
        if len(each.word) <= 6:
            refuted = found(each.claim)
            assert refuted.is_shortest and len(refuted.word) == len(each.word), each.name


def test_what_is_called_shortest_is(adder):
    claims = [each.claim for each in wrong_networks() if 6 < len(each.word) < 40]
    told = [refuted for refuted in map(found, claims) if refuted.is_shortest]
    assert told
    for refuted in told:
        claim, length = refuted.claim, len(refuted.word) - 1
        words = np.array(list(itertools.product(range(claim.symbols), repeat=length)))
        assert (first_slips(claim, words) == length).all()


def test_a_right_network_is_left_alone_soon(adder):
    claim = claim_of(adder, addition())
    list(hunt(claim))  # compiles what it needs
    began = time.perf_counter()
    events = list(hunt(claim))
    assert time.perf_counter() - began < 2  # 0.15 s on an idle core
    assert [event.note for event in events] == ["short words", "walks", "lassos", "lassos again", "beams"]


def test_a_hunt_finds_the_same_every_time():
    claim = next(each.claim for each in wrong_networks() if len(each.word) > 20)
    one, other = found(claim), found(claim)
    assert one.word.tolist() == other.word.tolist() and one.how == other.how


@pytest.mark.parametrize("factor", [0.9, 0.99, 1.02])
def test_a_carry_that_fades_or_grows_is_lost_in_a_chain(factor):
    assert found(claim_of(lost(1.0), addition()), seconds=5) is None
    refuted = found(claim_of(lost(factor), addition()))
    assert refuted is not None


def test_no_answer_is_a_wrong_answer(adder):
    arrays = adder.params.arrays()
    arrays["synapse_1"] = np.full_like(arrays["synapse_1"], np.nan)
    refuted = found(claim_of(Network(adder.spec, Params(**arrays)), addition()))
    assert len(refuted.word) == 1 and refuted.is_shortest and refuted.answers.tolist() == [-1]


def test_a_network_that_grows_without_bound_warns_of_nothing():
    spec = Spec(input_dim=2, hidden_dim=2, output_dim=1, activation="relu", loss="linear_squared_error", bias=True)
    params = Params(
        synapse_0=np.zeros((2, 2)),
        synapse_h=2 * np.eye(2),
        synapse_1=np.array([[1.0], [-1.0]]),
        bias_1=np.ones(2),
        bias_2=np.zeros(1),
    )
    always_zero = replace(addition().machine, outputs=np.zeros((2, 4), int))
    refuted = found(claim_of(Network(spec, params), addition(), always_zero))
    assert refuted.answers[-1] == -1 and 1000 < len(refuted.word) < 1100  # inf - inf


def test_only_symbols_that_may_come_are_read():
    for task in (song(), alphabet()):
        assert not task.asked.all()
        (network,) = checkpoints(task, 0, 1)
        assert found(claim_of(network, task)) is not None  # which looks at that
    (network,) = checkpoints(song(), 0, 100)
    machine = song().machine
    other = np.where(song().asked, machine.outputs, (machine.outputs + 1) % len(machine.answers))
    assert (
        found(claim_of(network, song(), replace(machine, outputs=other))) is None
    )  # it differs where nothing may come


def test_time_is_kept_and_a_chain_ends_where_asked():
    spec = Spec(input_dim=2, hidden_dim=4, output_dim=3, activation="tanh", loss="softmax_cross_entropy")
    began = time.monotonic()
    events = list(hunt(claim_of(Network.first(spec, 0), counting()), seconds=0.0))
    assert time.monotonic() - began < 5
    assert events


def test_a_lasso_that_rests_goes_on_as_it_did(adder):
    claim = claim_of(adder, addition())
    lassos = throw(claim, ways_in(claim), [(), (3,)], [(1,), (1, 2), (0, 3, 1)])
    assert len(lassos) == len(ways_in(claim)) * 6
    rested = []
    while len(lassos) and lassos.steps < 20_000:
        lassos, more, slip = follow(lassos, 20_000)
        assert slip is None
        rested += [(more, number) for number in range(len(more))]
    assert not len(lassos)
    for lasso, number in rested:
        steps = lasso.steps + 20 * int(lasso.rounds[number])
        word = lasso.word(number, steps)
        _, memory = claim.answers(word[None])
        np.testing.assert_allclose(memory[0], lasso.memory[number], rtol=0, atol=1e-12)
        assert lasso.state(number) == claim.machine.run(lasso.word(number, lasso.steps)[None])[0][0, -1]


def test_lassos_read_what_they_say_and_are_graded_by_the_machine(adder):
    claim = claim_of(adder, addition())
    lassos = throw(claim, ways_in(claim), [(3, 0)], [(1, 2, 2), (1, 3)])
    for number in range(len(lassos)):
        places = lassos.places(0, 50)[number]
        word = lassos.word(number, 50)
        assert (word[-50:] == lassos.symbols[number, places]).all()
        assert (claim.machine.run(word[None])[1][0, -50:] == lassos.truth[number, places]).all()


def test_a_shortened_word_is_still_wrong_and_no_longer():
    noise = np.random.default_rng(0).integers(4, size=(200, 2_000))
    wrong = (each.claim for each in wrong_networks() if 6 < len(each.word) < 20 and each.claim.symbols == 4)
    claim, slips = next((claim, slips) for claim in wrong if (slips := first_slips(claim, noise)).min() < 2_000)
    (wrong,) = np.flatnonzero(slips < 2_000)[:1]
    word = noise[wrong, : slips[wrong] + 1]
    short = shortened(claim, word)
    assert len(short) < len(word) and claim.first_wrong(short) == len(short) - 1


def test_slips_are_those_of_the_whole_word_whatever_the_pieces(adder):
    claim = next(each.claim for each in wrong_networks() if 5_000 < len(each.word))
    slips = first_slips(claim, np.stack([np.resize(each, 40_000) for each in ([3, 1], [3, 2, 2], [0], [1, 1, 2])]))
    chain = next(each.word for each in wrong_networks() if each.claim is claim)
    assert first_slips(claim, chain[None]).tolist() == [len(chain) - 1]
    assert first_slips(claim, np.append(chain, [1] * 300_000)[None]).tolist() == [len(chain) - 1]
    assert len(slips) == 4
    words = np.random.default_rng(1).integers(4, size=(3, 50))
    assert (walked(claim.machine, words) == claim.machine.run(words)[0]).all()
