"""Extraction: the machines that networks have become, and never a machine that a network is not."""

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given

from carrybit.config import TrainConfig
from carrybit.errors import CarrybitError
from carrybit.integer import quantize
from carrybit.machines.comparison import difference
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.asking.answering import Answering, Places
from carrybit.proof.asking.extraction import Extracting, Extraction, extract
from carrybit.proof.asking.learning import LONGEST_COLUMN, Learning
from carrybit.proof.exact.pairs import Pairs
from carrybit.spec import Spec
from carrybit.tasks import make_task
from carrybit.tasks.addition import addition
from carrybit.tasks.task import decide
from carrybit.training import train
from machines_at_random import machines, random_machine, words
from wrong_networks import checkpoints

ALL_WORDS = 2**18  # of one length, that are all asked


@cache
def trained(name, **settings):
    """A task, and a network that has learned it so that it can be proved."""
    task = make_task(name, settings)
    *_, finished = train(TrainConfig(task=task, recipe="provable"))
    return task, finished.state.network


def extracted(network, task, **options):
    machine = task.machine
    *_, found = extract(network, task.vectors, machine.symbols, machine.answers, task=task, **options)
    assert isinstance(found, Extraction)
    return found


def assert_it_is_the_network(found, network, vectors, longest=12):
    """Ask all words, up to 12 symbols or as many as can be asked, of the network and of the machine it shows."""
    symbols = len(vectors)
    length = max(n for n in range(1, longest + 1) if symbols**n <= ALL_WORDS)
    asked = words(symbols, length)
    states, said = found.machine.run(asked)
    may = np.ones(said.shape, bool)
    if found.asked is not None:
        may = np.logical_and.accumulate(found.asked[states[:, :-1], asked], axis=1)
    given_by_network = decide(network.answer(vectors[asked]))
    assert (said == given_by_network)[may].all()
    assert may.any(axis=0).all()


def counter(most):
    """A network that says yes from the step on in which it has read a one more than ``most`` times."""
    spec = Spec(input_dim=1, hidden_dim=1, output_dim=1, activation="relu", loss="cross_entropy", bias=True)
    one = np.ones((1, 1))
    params = Params(synapse_0=one, synapse_h=one, synapse_1=one, bias_1=np.zeros(1), bias_2=np.array([-most - 0.5]))
    return Network(spec, params)


@pytest.mark.parametrize(
    ("name", "settings", "states"),
    [("addition", {}, 2), ("parity", {}, 2), ("counting", {"modulus": 3}, 3), ("tomita", {"language": 5}, 4)],
)
def test_the_machine_of_a_network_is_found_and_proved_without_being_told(name, settings, states):
    task, network = trained(name, **settings)
    found = extracted(network, task, seconds=30)
    assert (found.status, found.exit_code) == ("PROVED", 0)
    assert found.machine.states == tuple(f"q{state}" for state in range(states))
    assert len(found.machine.minimal().states) == states
    assert difference(task.machine, found.machine) is None
    assert found.verdict.claim.machine is found.machine and found.verdict.margin > 0
    assert_it_is_the_network(found, network, task.vectors)


def test_states_are_named_after_a_machine_that_is_known():
    task, network = trained("addition")
    found = extracted(network, task, known=task.machine, seconds=30)
    assert found.machine.states == ("carry 0", "carry 1")
    named = {state: found.machine.outputs[number, 0] for number, state in enumerate(found.machine.states)}
    assert named == {"carry 0": 0, "carry 1": 1}  # the sum of 0 + 0 is the carry


def test_what_is_known_gives_names_and_nothing_else():
    task, network = trained("addition")
    other = make_task("subtraction", {}).machine
    found = extracted(network, task, known=other, seconds=30)
    assert found.status == "PROVED"
    assert difference(task.machine, found.machine) is None


def test_only_what_may_come_is_asked():
    task, network = trained("song")
    found = extracted(network, task, known=task.machine, asked=task.asked, seconds=30)
    assert found.status == "PROVED"
    assert found.machine.states == task.machine.states
    assert found.asked.sum() == len(found.machine.states)  # a song goes on in one way alone
    assert difference(task.machine, found.machine, task.asked) is None
    word = task.sample(0, "samples", 0, 1)
    assert (found.machine.run(word)[1] == decide(network.answer(task.vectors[word]))).all()


def test_a_machine_that_counts_to_forty_is_found_whole():
    vectors = np.array([[0.0], [1.0]])
    *_, found = extract(counter(40), vectors, ("0", "1"), ("no", "yes"), seconds=3)
    assert len(found.machine.states) == 42  # from none to forty, and more
    ones = np.ones((1, 60), int)
    assert found.machine.run(ones)[1].tolist() == [[0] * 40 + [1] * 20]
    assert_it_is_the_network(found, counter(40), vectors)


def test_no_machine_is_shown_where_the_network_is_none_of_so_few_states():
    vectors = np.array([[0.0], [1.0]])
    *events, found = extract(counter(40), vectors, ("0", "1"), ("no", "yes"), most=30, seconds=5)
    assert found.machine is None and found.verdict is None
    assert (found.status, found.exit_code) == ("OPEN", 4)
    assert "30 states" in found.why
    assert found.word.sum() == 41 and len(found.word) == 41  # the shortest that the last machine is wrong about
    assert found.tried == [event for event in events if isinstance(event, Extracting)][-1].states <= 30


def test_what_errs_first_after_thousands_of_steps_is_not_shown_as_a_small_machine():
    vectors = np.array([[0.0], [1.0]])
    *_, found = extract(counter(30_000), vectors, ("0", "1"), ("no", "yes"), seconds=30)
    assert found.machine is None
    assert len(found.word) > LONGEST_COLUMN


@pytest.mark.parametrize("seed", range(3))
def test_half_trained_networks_give_no_false_machine(seed):
    task = addition()
    for network in checkpoints(task, seed, 1_000, 4_000):
        found = extracted(network, task, known=task.machine, seconds=2)
        if found.machine is not None:
            assert_it_is_the_network(found, network, task.vectors)
        else:
            assert found.exit_code == 4 and found.why


def test_a_right_network_that_is_not_proved_is_open_and_its_machine_is_shown():
    task = addition()
    (network,) = checkpoints(task, 0, 60_000)
    found = extracted(network, task, known=task.machine, seconds=1)
    assert (found.status, found.exit_code) == ("OPEN", 4)
    assert difference(task.machine, found.machine) is None
    assert found.word is None


@pytest.mark.parametrize("bits", [(3, 3), (4, 4), (5, 6)])
def test_a_network_in_whole_numbers_is_known_exactly(bits):
    task = addition()
    (network,) = checkpoints(task, 0, 60_000)
    whole = quantize(network, *bits)
    found = extracted(whole, task, seconds=30)
    assert found.status == "PROVED"
    assert isinstance(found.verdict.invariant, Pairs)
    assert len(found.machine.minimal().states) == len(found.machine.states)
    assert_it_is_the_network(found, whole, task.vectors)


def test_a_network_in_whole_numbers_is_learned_where_its_memories_are_too_many():
    task, network = trained("parity")
    whole = quantize(network, 6, 6)
    *events, found = extract(whole, task.vectors, task.machine.symbols, task.machine.answers, asked=None, seconds=1e-6)
    assert any(isinstance(event, Extracting) for event in events)
    assert found.machine is None or difference(task.machine, found.machine) is None


def test_a_network_that_overflows_is_no_machine():
    spec = Spec(input_dim=1, hidden_dim=2, output_dim=1, activation="relu", loss="cross_entropy")
    huge = Params(
        synapse_0=np.ones((1, 2)), synapse_h=np.diag([1e200, 1e200]), synapse_1=np.array([[1.0], [-1.0]])
    )  # infinity less infinity, at the third step
    *_, found = extract(Network(spec, huge), np.array([[0.0], [1.0]]), ("0", "1"), ("no", "yes"), seconds=5)
    assert found.machine is None
    assert "no numbers" in found.why


@pytest.mark.parametrize("most", [0, 20_000, 2.5])
def test_sizes_that_make_no_sense_are_refused(most):
    task, network = trained("parity")
    with pytest.raises(CarrybitError):
        extracted(network, task, most=most)


def test_what_may_come_is_told_by_the_states_of_a_machine():
    task, network = trained("parity")
    with pytest.raises(CarrybitError, match="without known"):
        extracted(network, task, asked=np.ones((2, 2), bool))


# the table


class Oracle(Answering):
    """A machine that is asked as if it were a network."""

    def __init__(self, machine, known=None, asked=None):
        super().__init__(None, np.zeros((len(machine.symbols), 1)), len(machine.answers), known, asked)
        self.machine = machine

    @property
    def start(self):
        return Places(np.array([[self.machine.start]]), np.array([0 if self.fence is None else self.fence.start]))

    def read(self, places, words):
        states, answers = self.machine.run(words, places.memory[:, 0])
        fence = places.fence
        if self.fence is not None:
            passed, may = self.fence.run(words, fence)
            fence, answers = passed[:, -1], np.where(may == 1, answers, self.not_asked)
        return answers, Places(states[:, -1:], fence)


def learned(machine, most=1_000):
    """Learn a machine from its answers, and from the shortest words that tell it from what was learned so far."""
    table = Learning(Oracle(machine))
    for _ in itertools.count():
        assert table.close(most)
        states = tuple(map(str, range(len(table.access))))
        guess = Machine(states, machine.symbols, machine.answers, table.moves(), table.outputs())
        word = table.doubt(guess)
        if word is None:
            word = difference(machine, guess)
        if word is None:
            return guess, table
        before = len(table.access)
        assert table.split(guess, np.array(word))
        assert table.close(most) and len(table.access) > before  # every word tells states apart


@given(machines())
def test_every_machine_is_learned_and_no_state_too_many(machine):
    guess, table = learned(machine)
    assert difference(machine, guess) is None
    assert len(guess.states) == len(machine.minimal().states)
    assert table.is_sound


@pytest.mark.parametrize("seed", range(3))
def test_large_machines_are_learned(seed):
    machine = random_machine(200, 5, 3, seed)
    guess, _ = learned(machine)
    assert difference(machine, guess) is None
    assert len(guess.states) == len(machine.minimal().states)


def test_a_table_stops_at_so_many_states():
    assert not Learning(Oracle(random_machine(200, 5, 3, 0))).close(20)


def test_a_word_that_is_answered_alike_teaches_nothing():
    machine = random_machine(20, 2, 3, 0)
    guess, table = learned(machine)
    before = len(table.columns)
    assert not table.split(guess, np.array([0, 1, 0]))
    assert len(table.columns) == before
