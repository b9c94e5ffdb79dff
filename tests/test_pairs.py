"""All pairs of a memory and a machine's state: every verdict is held against words that are asked one by one."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import UsageError
from carrybit.integer import Whole, quantize
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.claim import Claim
from carrybit.proof.exact.known import Known
from carrybit.proof.exact.pairs import BESIDE, Halted, Pairing, digest, reachable_machine, visit
from carrybit.proof.exact.strides import Packing, Strides
from carrybit.proof.verdict import Open, Proved, Refuted
from carrybit.reproduction import reproduce
from carrybit.spec import Spec
from carrybit.tasks import make_task

LONGEST = 12  # symbols, of words that are asked one by one


@pytest.fixture(scope="module")
def tutorial():
    """The tutorial's own network, after its 10,000 updates."""
    *_, last = reproduce(TrainConfig())
    return replace(last.state.network, engine="cpu")


def claim_of(network, task, **rest):
    return Claim(network=network, machine=task.machine, vectors=task.vectors, asked=task.asked, task=task, **rest)


def verdict(claim, **limits):
    *events, last = visit(claim, **limits)
    assert all(isinstance(event, Pairing) for event in events) and events
    return last


def by_hand(claim, longest=10**9):
    """The pairs that can be reached, and the length of a shortest word that goes wrong, from Python's whole numbers."""
    whole, machine = Whole.of(claim.network), claim.machine
    start = (tuple([0] * whole.spec.memory_dim), machine.start)
    seen, level, length = {start}, [start], 0
    while level and length < longest:
        length, further = length + 1, []
        for memory, state in level:
            for symbol in np.flatnonzero(claim.may_come[state]).tolist():
                sums, after = whole.step([int(x) for x in claim.vectors[symbol]], memory)
                if whole.answer(sums) != machine.outputs[state, symbol]:
                    return seen, length
                pair = (tuple(after), int(machine.moves[state, symbol]))
                if pair not in seen:
                    seen.add(pair)
                    further.append(pair)
        level = further
    return seen, None


def asked_one_by_one(claim, longest):
    """The length of a shortest word that the network answers wrongly, as it is run, of all up to some length."""
    for length in range(1, longest + 1):
        words = np.array(list(product(range(claim.symbols), repeat=length)))
        states, truth = claim.machine.run(words)
        may = np.logical_and.accumulate(claim.may_come[states[:, :-1], words], axis=1).all(axis=1)
        given, _ = claim.answers(words)
        if (given[may] != truth[may]).any():
            return length
    return None


def own_digest(seen, lowest):
    """The digest as its docstring says, in Python's whole numbers."""
    total, whole_word = 0, 2**64 - 1
    for memory, state in seen:
        mixed = 0
        for number in (state, *(number - lowest for number in memory)):
            mixed = ((mixed ^ number) + 0x9E3779B97F4A7C15) & whole_word
            mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & whole_word
            mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & whole_word
            mixed ^= mixed >> 31
        total += mixed
    return f"{total & whole_word:016x}"


# the tutorial's own network


@pytest.mark.parametrize(("state_bits", "weight_bits", "pairs"), [(5, 10, 32_428), (5, 16, 34_511), (6, 8, 99_747)])
def test_the_tutorials_network_adds_numbers_of_every_length(tutorial, state_bits, weight_bits, pairs):
    claim = claim_of(quantize(tutorial, state_bits, weight_bits), make_task("addition", {}))
    proved = verdict(claim)
    assert isinstance(proved, Proved)
    assert (proved.invariant.count, proved.invariant.states) == (pairs, (0, 1))
    assert proved.margin > 1.5 and proved.claim.eps == 0 and proved.seconds < 5
    assert asked_one_by_one(claim, 8) is None


@pytest.mark.parametrize(
    ("state_bits", "weight_bits", "question"), [(4, 16, "75 + 8003"), (5, 6, None), (3, 8, None), (2, 16, "0 + 3")]
)
def test_with_fewer_bits_it_does_not_and_the_word_is_a_shortest_one(tutorial, state_bits, weight_bits, question):
    task = make_task("addition", {})
    claim = claim_of(quantize(tutorial, state_bits, weight_bits), task)
    refuted = verdict(claim)
    assert isinstance(refuted, Refuted) and refuted.is_shortest and refuted.seconds < 5
    assert claim.first_wrong(refuted.word) == len(refuted.word) - 1
    assert (refuted.answers[:-1] == task.machine.run(refuted.word[None])[1][0, :-1]).all()
    assert refuted.answers[-1] != task.machine.run(refuted.word[None])[1][0, -1]
    if question is not None:
        assert task.question(refuted.word) == question
    found = asked_one_by_one(claim, min(9, len(refuted.word)))
    assert found == (len(refuted.word) if len(refuted.word) <= 9 else None)


def test_the_machine_it_has_become_is_the_full_adder(tutorial):
    task = make_task("addition", {})
    *_, machine = reachable_machine(quantize(tutorial, 5, 10), task.vectors, task.machine.symbols, task.machine.answers)
    smallest = machine.minimal()
    assert len(machine.states) > 30_000 and len(smallest.states) == 2
    assert (smallest.moves == task.machine.moves).all() and (smallest.outputs == task.machine.outputs).all()


def test_the_machine_of_a_small_network_answers_as_the_network_does():
    whole_network = quantize(Network.first(Spec(hidden_dim=3, bias=True), 4, start=3.0), 3, 5)
    vectors = np.array([[0, 0], [0, 1], [1, 1]])
    *_, machine = reachable_machine(whole_network, vectors, ("a", "b", "c"), ("no", "yes"))
    words = np.random.default_rng(0).integers(0, 3, (200, 30))
    given = whole_network.run(vectors[words]).layer_2[..., 0] > 0.5
    assert (machine.run(words)[1] == given).all() and given.any() and not given.all()
    assert (machine.minimal().run(words)[1] == given).all()


# many small networks: right ones and wrong ones, of every kind

SHAPES = [
    {"activation": "sigmoid", "hidden_dim": 3},
    {"activation": "tanh", "hidden_dim": 4, "bias": True},
    {"activation": "relu", "hidden_dim": 2, "bias": True},
    {"activation": "sigmoid", "hidden_dim": 5, "recurrence": "input"},
    {"activation": "tanh", "hidden_dim": 2, "output_dim": 3, "loss": "softmax_cross_entropy"},
    {"activation": "sigmoid", "hidden_dim": 2, "output_dim": 3, "bias": True},
    {"activation": "sigmoid", "hidden_dim": 3, "loss": "linear_squared_error", "bias": True},
]


def machine_of_its_own(network, vectors, answers):
    """The smallest machine that a network in whole numbers is."""
    names = tuple(map(str, range(len(vectors))))
    *_, machine = reachable_machine(network, vectors, names, tuple(map(str, range(answers))))
    return machine.minimal()


def spoilt(machine, k):
    """The same machine with one answer changed, in its k-th place."""
    outputs = machine.outputs.copy()
    place = np.unravel_index(k % outputs.size, outputs.shape)
    outputs[place] = (outputs[place] + 1) % len(machine.answers)
    return replace(machine, outputs=outputs)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape['activation']}-{len(shape)}")
@pytest.mark.parametrize("seed", range(4))
def test_verdicts_on_small_networks_are_those_of_all_short_words(shape, seed):
    spec = Spec(input_dim=2, **shape)
    network = quantize(Network.first(spec, seed, start=3.0), 2 + seed % 3, 4 + seed, highest=2.0)
    vectors = np.array([[0.0, 1.0], [1.0, 1.0]])
    own = machine_of_its_own(network, vectors, max(2, spec.output_dim))
    lowest = Whole.of(network).lowest if spec.recurrence == "hidden" else 0
    for machine in (own, *(spoilt(own, 3 * k + seed) for k in range(4))):
        claim = Claim(network=network, machine=machine, vectors=vectors)
        found = verdict(claim)
        seen, wrong = by_hand(claim)
        assert asked_one_by_one(claim, LONGEST) == (wrong if wrong is not None and wrong <= LONGEST else None)
        if wrong is None:
            assert isinstance(found, Proved) and machine is own or machine.minimal() is not own
            assert isinstance(found, Proved)
            if spec.recurrence == "hidden":
                assert found.invariant.count == len(seen)
                assert found.invariant.digest == own_digest(seen, lowest)
            assert found.invariant.states == tuple(sorted({state for _, state in seen}))
        else:
            assert isinstance(found, Refuted) and len(found.word) == wrong
            assert claim.first_wrong(found.word) == wrong - 1


@pytest.mark.parametrize("seed", range(3))
def test_symbols_that_may_not_come_are_not_asked(seed):
    vectors = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    network = quantize(Network.first(Spec(hidden_dim=3), seed, start=4.0), 3, 5)
    own = machine_of_its_own(network, vectors[:2], 2)
    moves = np.column_stack([own.moves, own.moves[:, 0]])
    outputs = np.column_stack([own.outputs, 1 - own.outputs[:, 0]])  # of a symbol that never comes: mostly wrong
    machine = Machine(own.states, ("0", "1", "2"), own.answers, moves, outputs)
    asked = np.ones(moves.shape, bool)
    everything = Claim(network=network, machine=machine, vectors=vectors, asked=asked)
    asked = asked.copy()
    asked[:, 2] = False
    claim = Claim(network=network, machine=machine, vectors=vectors, asked=asked)
    found = verdict(claim)
    assert isinstance(found, Proved) and found.invariant.count == len(by_hand(claim)[0])
    wrong = by_hand(everything)[1]
    assert isinstance(verdict(everything), Refuted if wrong else Proved)
    only_there = asked.copy()
    only_there[machine.start, 2] = True
    there = Claim(network=network, machine=machine, vectors=vectors, asked=only_there)
    assert isinstance(verdict(there), Refuted if by_hand(there)[1] else Proved)


def test_the_margin_is_the_least_distance_met():
    vectors = np.array([[0.0, 1.0], [1.0, 1.0]])
    network = quantize(Network.first(Spec(hidden_dim=4), 1, start=3.0), 3, 6)
    own = machine_of_its_own(network, vectors, 2)
    found = verdict(Claim(network=network, machine=own, vectors=vectors))
    words = np.array(list(product(range(2), repeat=LONGEST)))
    assert found.invariant.longest < LONGEST
    assert found.margin == np.abs(network.run(vectors[words]).pre_2).min()


# budgets


def endless(state_bits=8):
    """A claim that takes long: a network that mixes everything, whose answer is always no."""
    task = make_task("addition", {})
    first = Network.first(Spec(), 0, start=10.0)
    params = Params(**{**first.params.arrays(), "synapse_1": np.full((16, 1), -1.0)})
    network = quantize(replace(first, params=params), state_bits, 8)
    machine = replace(task.machine, outputs=task.machine.outputs * 0)
    return Claim(network=network, machine=machine, vectors=task.vectors)


def test_a_budget_of_seconds_leaves_it_open():
    found = verdict(endless(), seconds=0.3)
    assert isinstance(found, Open) and "time" in found.why and 0.3 <= found.seconds < 3
    assert found.numbers["pairs"] > found.numbers["waiting"] > 0


def test_a_budget_of_memory_is_stated_first_and_kept():
    memory = BESIDE + 2**23
    first, *_, last = visit(endless(), memory=memory)
    assert first.pairs == 1 and first.memory <= memory
    assert isinstance(last, Open) and "memory" in last.why
    assert first.most / 2 < last.numbers["pairs"] <= first.most
    known = Known(2, first.most)
    assert known.keys.nbytes + 4 * first.most + 4 * 2 ** (2 * first.most - 1).bit_length() <= memory - BESIDE


def test_a_search_for_a_machine_halts_too():
    claim = endless()
    names = claim.machine.symbols, claim.machine.answers
    *_, last = reachable_machine(claim.network, claim.vectors, *names, seconds=0.2)
    assert isinstance(last, Halted) and last.pairs > 1000


def test_other_networks_and_inputs_are_refused():
    task = make_task("addition", {})
    network = Network.first(Spec(), 0)
    with pytest.raises(UsageError, match="not whole"):
        verdict(claim_of(network, task))
    half = Claim(network=quantize(network, 4, 4), machine=task.machine, vectors=task.vectors / 2)
    with pytest.raises(UsageError, match="not whole"):
        verdict(half)


# parts


@pytest.mark.parametrize("words", [1, 2, 3])
def test_a_set_of_keys_is_what_a_set_of_python_is(words):
    drawn = np.random.default_rng(words)
    known, seen = Known(words, 300_000), {}
    for _ in range(12):
        keys = drawn.integers(0, 30 if words > 1 else 60_000, (20_000, words)).astype(np.uint64) << np.uint64(7)
        places, fresh = known.add(keys)
        new = [tuple(key) for key in keys[fresh].tolist()]
        assert len(set(new)) == len(new) and not set(new) & seen.keys()
        seen |= {key: len(seen) + k for k, key in enumerate(new)}
        assert [seen[tuple(key)] for key in keys.tolist()] == places.tolist()
    assert known.count == len(seen) and known.count > 2**5


def test_many_keys_make_the_table_grow():
    known = Known(1, 400_000)
    keys = np.arange(200_000, dtype=np.uint64)[:, None]
    places = np.concatenate([known.add(part)[0] for part in np.array_split(keys, 10)])
    assert len(known.table) >= 400_000
    again, fresh = known.add(keys[::-1])
    assert not len(fresh) and (again == places[::-1]).all() and (np.sort(places) == np.arange(200_000)).all()


@pytest.mark.parametrize(
    ("units", "bits", "states"), [(16, 5, 2), (3, 12, 40), (1, 1, 1), (16, 4, 1), (5, 8, 7), (16, 8, 300)]
)
def test_what_is_packed_can_be_unpacked(units, bits, states):
    whole = Whole.of(quantize(Network.first(Spec(hidden_dim=units), 0), bits, 6))
    packing = Packing(Strides(whole, np.eye(2)), states)
    drawn = np.random.default_rng(0)
    memory, state = drawn.integers(0, 2**bits, (units, 500)), drawn.integers(0, states, 500)
    keys = packing.pack(memory.astype(packing.dtype), state)
    again, states_again = packing.unpack(keys)
    assert (again == memory).all() and (states_again == state).all()
    assert len({tuple(key) for key in keys.tolist()}) == len(
        {(*column, s) for *column, s in [*zip(*memory.tolist(), state.tolist(), strict=True)]}
    )


@pytest.mark.parametrize(("state_bits", "weight_bits"), [(2, 4), (5, 6), (8, 8), (8, 14), (12, 4), (12, 16)])
def test_strides_are_the_steps_of_the_network(state_bits, weight_bits):
    """Small tables, bins and 64-bit floats: whatever is used, a step is the step of the engine."""
    network = quantize(
        Network.first(Spec(hidden_dim=6, output_dim=2, bias=True), 3, start=4.0), state_bits, weight_bits
    )
    vectors = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, -3.0]])
    whole = Whole.of(network)
    strides = Strides(whole, vectors)
    words = np.random.default_rng(0).integers(0, 3, (300, 9))
    layers = network.run(vectors[words])
    unit = 2.0**-whole.point
    memory = np.full((6, 300), strides.start)
    for t in range(9):
        begun = strides.begin(memory)
        for symbol in range(3):
            rows = words[:, t] == symbol
            after, sums = strides.end(begun[:, rows], symbol)
            assert (after.T * unit == layers.layer_1[rows, t + 1]).all()
            assert (sums.T * 2.0 ** (whole.units[1] - whole.point) == layers.pre_2[rows, t]).all()
        memory = (layers.layer_1[:, t + 1] / unit).T


def test_the_digest_tells_pairs_apart():
    memory = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    numbers = digest(memory, np.zeros(4, int)), digest(memory, np.ones(4, int))
    assert len({*numbers[0].tolist(), *numbers[1].tolist()}) == 8
