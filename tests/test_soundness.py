"""No verdict is ever wrong: tiny random networks, right and wrong machines, and every word of up to 12 symbols."""

import itertools
import time
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from carrybit.errors import UsageError
from carrybit.integer import Whole, quantize
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.checking.check import check_certificate
from carrybit.proof.checking.outcome import Checked, Rejected
from carrybit.proof.claim import Claim
from carrybit.proof.exact.pairs import visit
from carrybit.proof.induction import search
from carrybit.proof.induction.axes import axes_of
from carrybit.proof.induction.search import Found, Search, Stuck
from carrybit.proof.induction.zonotopes import Step
from carrybit.proof.proving import _cells, verdict_on
from carrybit.proof.verdict import Open, Proved, Refuted
from carrybit.spec import Spec
from carrybit.tasks.task import decide

LENGTH = 12
BIT = np.array([[0.0], [1.0]])


def random_network(rng, precision):
    """A network of one to three units, of any kind, and what it reads; some with a border amid what arrives there."""
    symbols, outputs = int(rng.choice([1, 2, 2, 2, 3])), int(rng.choice([1, 1, 2, 3]))
    vectors = (
        np.eye(symbols),
        np.arange(symbols)[:, None].astype(float),
        rng.normal(size=(symbols, 2)),
        rng.integers(-2, 3, (symbols, 2)).astype(float),
    )[rng.integers(4)]
    losses = ["squared_error", "cross_entropy", "linear_squared_error", "softmax_cross_entropy"]
    spec = Spec(
        input_dim=vectors.shape[1],
        hidden_dim=int(rng.integers(1, 4)),
        output_dim=outputs,
        activation=str(rng.choice(["sigmoid", "tanh", "relu"])),
        recurrence=str(rng.choice(["hidden", "hidden", "hidden", "input"])),
        loss=str(rng.choice(losses[: 3 + (outputs > 1)])),
        bias=bool(rng.integers(2)),
        precision=precision,
    )
    scale = 10 ** rng.uniform(-1, 1.3)
    arrays = {name: scale * rng.normal(size=shape) for name, shape in spec.shapes().items()}
    if spec.activation == "relu" and spec.recurrence == "hidden":
        arrays["synapse_h"] *= rng.uniform(0.2, 1) / np.abs(np.linalg.eigvals(arrays["synapse_h"])).max()
    network = made(spec, arrays)
    if spec.bias:
        arrives = network.run(vectors[rng.integers(symbols, size=(64, 20))]).pre_2.reshape(-1, outputs)
        ordered = np.sort(arrives[:, 0])
        gap = int(np.diff(ordered).argmax())
        half = 0.5 if spec.loss == "linear_squared_error" else 0.0
        arrays["bias_2"] -= arrives.mean(axis=0) if outputs > 1 else ordered[gap : gap + 2].mean() - half
    return made(spec, arrays), vectors


def made(spec, arrays):
    return Network(spec, Params(**{name: np.array(array, spec.precision) for name, array in arrays.items()}))


def network_of(synapse_0, synapse_h, synapse_1, bias_1=None, bias_2=None, **more):
    arrays = {"synapse_0": synapse_0, "synapse_h": synapse_h, "synapse_1": synapse_1}
    if bias_1 is not None:
        arrays |= {"bias_1": bias_1, "bias_2": bias_2}
    (inputs, units), outputs = np.shape(synapse_0), np.shape(synapse_1)[1]
    spec = Spec(input_dim=inputs, hidden_dim=units, output_dim=outputs, bias=bias_1 is not None, **more)
    return made(spec, arrays)


def always(answer, symbols=2, answers=2):
    """A machine that gives one answer for ever."""
    names, table = tuple(map(str, range(max(symbols, answers)))), np.zeros((1, symbols), int)
    return Machine(("",), names[:symbols], names[:answers], table, table + answer)


def guessed(network, vectors, most=5):
    """A machine of few states that tells apart what the network answers to four more symbols; None if there is none."""
    symbols, deep = len(vectors), 4 if len(vectors) < 3 else 3
    tails = np.array(list(itertools.product(range(symbols), repeat=deep)))
    heads = [head for length in range(deep + 1) for head in itertools.product(range(symbols), repeat=length)]
    answers = [
        decide(network.run(vectors[np.column_stack([np.tile(head, (len(tails), 1)), tails]).astype(int)]).layer_2)
        for head in heads
    ]
    seen = {}
    state = {
        head: seen.setdefault(given[:, len(head) :].tobytes(), (len(seen), head, given[:, len(head)]))
        for head, given in zip(heads, answers, strict=True)
    }
    if len(seen) > most or any(len(head) == deep for _, head, _ in seen.values()) or min(map(np.min, answers)) < 0:
        return None
    each = range(symbols)
    moves = np.array([[state[(*head, symbol)][0] for symbol in each] for _, head, _ in seen.values()])
    outputs = np.array([given[:: len(tails) // symbols] for _, _, given in seen.values()])
    names = tuple(map(str, range(max(len(seen), symbols, 3))))
    return Machine(names[: len(seen)], names[:symbols], names[: max(2, network.spec.output_dim)], moves, outputs)


def corrupted(machine, rng):
    """The same machine with one answer or one move changed; or wrong once only, where a symbol comes the nth time."""
    (states, symbols), answers = machine.moves.shape, len(machine.answers)
    place, kind = (rng.integers(states), rng.integers(symbols)), rng.integers(3)
    if kind < 2:
        name, end = ("moves", states) if kind and states > 1 else ("outputs", answers)
        table = getattr(machine, name).copy()
        table[place] = (table[place] + rng.integers(1, end)) % end
        return replace(machine, **{name: table})
    count = int(rng.integers(2, 30))
    moves, outputs = np.tile(machine.moves, (count + 1, 1)), np.tile(machine.outputs, (count + 1, 1))
    level = np.arange(len(moves)) // states
    moves += (level * states)[:, None]
    moves[level < count, place[1]] += states
    outputs[level == count - 1, place[1]] = (outputs[level == count - 1, place[1]] + 1) % answers
    return replace(machine, states=tuple(map(str, range(len(moves)))), moves=moves, outputs=outputs)


def claims(seed, precision="float64", whole=False):
    """What a random network has become, twice corrupted; some of it where only some symbols may come."""
    rng = np.random.default_rng(seed)
    network, vectors = random_network(rng, precision)
    if whole:
        network, vectors = quantize(network, int(rng.integers(2, 8)), int(rng.integers(2, 9))), np.rint(vectors)
    machine = guessed(network, vectors)
    for each in [] if machine is None else [machine, corrupted(machine, rng), corrupted(machine, rng)]:
        asked = rng.random(each.moves.shape) < 0.8
        asked[each.start, 0] = True
        eps = float(rng.choice([0, 1e-9, 1e-4, 1e-2]))
        yield Claim(
            network=network, machine=each, vectors=vectors, eps=eps, asked=asked if rng.random() < 0.25 else None
        )


def first_wrong(claim, longest=LENGTH):
    """The length of the shortest words that are answered wrongly; None if all of up to so many symbols are right."""
    states, memory = np.array([claim.machine.start]), np.zeros((1, claim.network.spec.memory_dim))
    for length in range(1, longest + 1):
        rows, symbols = np.nonzero(claim.may_come[states])
        if not rows.size:
            return None
        given, memory = claim.answers(symbols[:, None], memory[rows])
        if (given[:, 0] != claim.machine.outputs[states[rows], symbols]).any():
            return length
        states = claim.machine.moves[states[rows], symbols]
    return None


def least_margin(claim, rng, time=40):
    """The least margin of random words, with units that are off by eps: always to one side, in turns, at random."""
    spec, step, machine = claim.network.spec, Step(claim), claim.machine
    signs = [np.array(each) for each in itertools.product([-1.0, 1.0], repeat=spec.hidden_dim)]
    least = np.inf
    for kind in [*signs, None, None]:
        states, memory = np.full(48, machine.start), np.zeros((48, spec.memory_dim))
        symbols = np.zeros(48, int)
        for _ in range(time):
            may = claim.may_come[states]
            states, memory, symbols, may = (part[may.any(axis=1)] for part in (states, memory, symbols, may))
            if not len(states):
                break
            held = may[np.arange(len(states)), symbols] & (rng.random(len(states)) < 0.5)
            symbols = np.where(held, symbols, (rng.random(may.shape) * may).argmax(axis=1))
            layer_1 = step.point(memory, np.arange(len(states)), symbols)
            layer_1 = layer_1 + claim.eps * (rng.choice([-1.0, 1.0], layer_1.shape) if kind is None else kind)
            least = min(least, margins(claim, layer_1, machine.outputs[states, symbols]).min())
            states = machine.moves[states, symbols]
            memory = layer_1 if spec.recurrence == "hidden" else claim.vectors[symbols].astype(spec.precision)
    return least


def margins(claim, layer_1, answers):
    spec, arrays = claim.network.spec, claim.network.params.arrays()
    pre_2 = layer_1 @ arrays["synapse_1"].astype(float) + arrays.get("bias_2", np.zeros(spec.output_dim))
    if spec.output_dim == 1:
        border = 0.5 if spec.loss == "linear_squared_error" else 0.0
        return np.where(answers == 1, pre_2[:, 0] - border, border - pre_2[:, 0])
    right = np.arange(spec.output_dim) == answers[:, None]
    return pre_2[right] - np.where(right, -np.inf, pre_2).max(axis=1)


def assert_true(verdict, rng):
    """Cross-check a verdict by plain force."""
    claim = verdict.claim
    if isinstance(verdict, Proved):
        assert first_wrong(claim) is None
        if not claim.network.spec.is_whole:
            assert verdict.rounding <= claim.eps
            assert least_margin(claim, rng) >= verdict.margin * (1 - 1e-12) - 1e-12
    if isinstance(verdict, Refuted):
        states, truth = claim.machine.run(verdict.word[None])
        assert claim.may_come[states[0, :-1], verdict.word].all()
        given = claim.answers(verdict.word[None])[0][0]
        assert (given == verdict.answers).all()
        assert np.flatnonzero(given != truth[0]).tolist() == [len(verdict.word) - 1]
        if verdict.is_shortest:
            assert first_wrong(claim, min(LENGTH, len(verdict.word) - 1)) is None


def the_search_alone(claim, seconds=0.5):
    """What cells come to with no hunt before them: nothing keeps a wrong claim from them."""
    began = time.monotonic()
    *_, verdict = _cells(claim, began, began + seconds)
    return verdict


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_search_alone_proves_nothing_that_is_wrong(precision):
    counts = {Proved: 0, Refuted: 0, Open: 0}
    for seed in range(60):
        for claim in claims(seed, precision):
            verdict = the_search_alone(claim)
            counts[type(verdict)] += 1
            assert_true(verdict, np.random.default_rng(seed))
    assert min(counts[Proved], counts[Refuted]) > 30


def test_no_verdict_is_wrong():
    counts = {Proved: 0, Refuted: 0, Open: 0}
    for seed in range(100, 140):
        for claim in claims(seed):
            verdict = verdict_on(claim, seconds=0.5)
            counts[type(verdict)] += 1
            assert_true(verdict, np.random.default_rng(seed))
    assert min(counts[Proved], counts[Refuted]) > 15


def test_no_verdict_on_whole_numbers_is_wrong():
    counts = {Proved: 0, Refuted: 0, Open: 0}
    for seed in range(60):
        for claim in claims(seed, whole=True):
            *_, verdict = visit(claim, seconds=5)
            counts[type(verdict)] += 1
            assert_true(verdict, np.random.default_rng(seed))
            if isinstance(verdict, Proved):
                *_, outcome = check_certificate(Certificate.of(verdict), claim.network)
                assert isinstance(outcome, Checked)
    assert min(counts[Proved], counts[Refuted]) > 30
    assert not counts[Open]


def forged(certificate, rng):
    """A certificate with one thing changed; what is only counted is left right."""
    machine, cells = certificate.machine, certificate.invariant
    kind = rng.integers(5)
    if kind == 0:
        return replace(certificate, machine=corrupted(machine, rng))
    if kind == 1:
        return replace(certificate, machine=replace(machine, start=int(rng.integers(len(machine.states)))))
    if kind == 2:
        return replace(certificate, asked=None, eps=min(0.5, 2 * certificate.eps + 1e-3))
    changed = {3: "contexts", 4: "scales"}[kind]
    array = getattr(cells, changed).copy()
    array[rng.integers(len(array))] *= rng.choice([0, 2])
    return replace(certificate, invariant=replace(cells, **{changed: array}))


class Any(int):
    """A number that no other one differs from."""

    def __ne__(self, other):
        return False

    def __hash__(self):
        return 0


def test_whatever_a_check_accepts_is_true():
    """Even where the counts, which a forger could set right, are not looked at."""
    counts = {Checked: 0, Rejected: 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        for claim in itertools.islice(claims(seed), 1):
            verdict = the_search_alone(claim)
            if not isinstance(verdict, Proved) or verdict.numbers["steps"] > 500:
                continue
            certificate = Certificate.of(verdict)
            *_, outcome = check_certificate(certificate, claim.network)
            assert isinstance(outcome, Checked)
            for _ in range(3):
                forgery = replace(forged(certificate, rng), margin=0.0, steps=Any())
                *_, outcome = check_certificate(forgery, claim.network)
                counts[type(outcome)] += 1
                if isinstance(outcome, Checked):
                    assert first_wrong(outcome.claim) is None
                    assert least_margin(outcome.claim, rng) >= outcome.margin * (1 - 1e-12) - 1e-12
    assert min(counts.values()) > 20


@cache
def latch():
    """Whether there ever was a 1: right in both states, and one that says so a symbol too late."""
    network = network_of([[5.0]], [[3.0]], [[1.0]], [-1.0], [0.0], activation="tanh")
    moves = np.array([[0, 1], [1, 1]])
    return Claim(network=network, machine=Machine(("n", "y"), ("0", "1"), ("0", "1"), moves, moves), vectors=BIT)


class Clock:
    """A clock that goes on by one whenever it is looked at, up to ``last``; then it stands."""

    def __init__(self, last):
        self.now, self.last = 0, last

    def monotonic(self):
        self.now = min(self.now + 1, self.last)
        return self.now


@pytest.mark.parametrize("past", [0, 1], ids=["at the deadline", "past the deadline"])
def test_a_time_that_runs_out_at_any_moment_leaves_nothing_half_done(past, monkeypatch):
    step = Step(latch())
    axes = axes_of(step, 0.2)
    *_, whole = Search(step, axes, np.inf).run()
    assert isinstance(whole, Found)
    kinds = set()
    for deadline in range(60):
        monkeypatch.setattr(search, "time", Clock(deadline + past))
        *_, last = Search(step, axes, deadline).run()
        kinds.add(type(last))
        if isinstance(last, Found):
            assert (len(last.cells), last.steps, last.margin) == (len(whole.cells), whole.steps, whole.margin)
    assert kinds == {Found, Stuck}


def test_a_claim_that_is_wrong_is_not_proved_when_the_clock_stands(monkeypatch):
    monkeypatch.setattr(search, "time", Clock(0))
    step = Step(replace(latch(), machine=always(0)))
    *_, last = Search(step, axes_of(step, 0.2), 0).run()
    assert isinstance(last, Stuck)


def test_a_memory_that_only_just_does_not_hold_is_not_proved_to():
    """A tanh at its saddle-node: above the bias at which the upper state is born, the memory holds; below, it fades."""
    weight = 1.5
    born = np.arctanh(np.sqrt(1 - 1 / weight)) - weight * np.sqrt(
        1 - 1 / weight
    )  # where tanh(w h + b) - h has a double 0
    for off, holds in itertools.product((1e-2, 1e-4, 1e-6, 1e-8), (True, False)):
        network = network_of([[5.0]], [[weight]], [[1.0]], [born + (off if holds else -off)], [0.0], activation="tanh")
        verdict = the_search_alone(replace(latch(), network=network))
        assert holds or not isinstance(verdict, Proved)
        assert not (holds and isinstance(verdict, Refuted))
        if off == 1e-2:
            assert isinstance(verdict, Proved if holds else Open | Refuted)


def test_a_margin_is_of_the_inputs_as_the_network_is_given_them():
    """0.1 is another number in single precision; what is far below it shows the difference."""
    network = network_of([[3.0]], [[0.5]], [[1.0]], [0.0], [0.0], activation="tanh", precision="float32")
    claim = Claim(network=network, machine=always(1), vectors=np.array([[0.1], [0.3]]), eps=1e-5)
    step = Step(claim)
    exact = np.tanh(3 * float(np.float32(0.1)))
    assert abs(step.point(np.zeros((1, 1)), np.array([0]), np.array([0]))[0, 0] - exact) < 1e-12
    for recurrence in ("hidden", "input"):
        other = made(replace(network.spec, recurrence=recurrence), network.params.arrays())
        verdict = the_search_alone(replace(claim, network=other))
        assert isinstance(verdict, Proved)
        assert least_margin(verdict.claim, np.random.default_rng(0)) >= verdict.margin


@pytest.mark.parametrize(("precision", "low"), [("float64", -720.0), ("float32", -95.0)])
def test_of_sigmoids_that_are_all_nought_none_is_the_highest(precision, low):
    """Arrived at the output, one is far above the other; what the network says of both is the same."""
    still = dict(synapse_0=[[0.1]], synapse_h=[[0.1]], synapse_1=[[0.0, 0.0]], bias_1=[0.0], precision=precision)
    claim = Claim(network=network_of(bias_2=[low - 20, low], **still), machine=always(1), vectors=BIT, eps=1e-4)
    assert claim.first_wrong(np.array([0])) == 0
    assert isinstance(the_search_alone(claim), Open)
    fine = replace(claim, network=network_of(bias_2=[-60.0, -40.0], **still))
    proved = the_search_alone(fine)
    assert isinstance(proved, Proved)
    forgery = replace(Certificate.of(proved), weights=claim.digest, steps=Any(), margin=0.0)
    *_, outcome = check_certificate(forgery, claim.network)
    assert isinstance(outcome, Rejected)
    assert "not sure" in outcome.why


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "linear_squared_error"])
def test_what_overflows_in_single_precision_is_not_proved(loss):
    synapse_1 = [[-1e38, 3e38], [-1e38, 3e38]]
    network = network_of(
        np.zeros((1, 2)), np.zeros((2, 2)), synapse_1, [9.0, 9.0], [0.0, 0.0], loss=loss, precision="float32"
    )
    verdict = the_search_alone(Claim(network=network, machine=always(1), vectors=BIT, eps=1e-4))
    assert isinstance(verdict, Open)


def test_a_proof_covers_what_the_network_itself_rounds():
    """A disturbance that is smaller than that is made larger, so that the run is what was proved."""
    claim = replace(latch(), eps=0.0)
    verdict = verdict_on(claim, seconds=5)
    assert isinstance(verdict, Proved)
    assert 0 < verdict.rounding <= verdict.claim.eps < 1e-13
    single = made(replace(claim.network.spec, precision="float32"), claim.network.params.arrays())
    verdict = verdict_on(replace(claim, network=single), seconds=5)
    assert isinstance(verdict, Proved)
    assert 1e-7 < verdict.rounding <= verdict.claim.eps < 1e-4


def test_what_is_rounded_grows_with_the_memory():
    """With recurrence "input" that is what was read, however large."""

    def rounding(size):
        spec = dict(activation="tanh", recurrence="input")
        network = network_of([[1.0 / size]], [[1.0]], [[1.0]], [0.0], [9.0], **spec)
        verdict = the_search_alone(Claim(network=network, machine=always(1), vectors=size * BIT))
        assert isinstance(verdict, Proved)
        return verdict.rounding

    assert rounding(1e5) > 1000 * rounding(1.0)


@pytest.mark.parametrize("loss", ["squared_error", "linear_squared_error", "softmax_cross_entropy"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_numbers_that_overflow_or_are_none_come_to_a_verdict_that_is_true(activation, loss):
    strange = [1e200, -1e200, 1e308, np.inf, -np.inf, np.nan, 5e-324, 0.0, 1e20, 1.0]
    for seed in range(6):
        rng = np.random.default_rng(seed)
        spec = Spec(input_dim=1, hidden_dim=2, output_dim=2, activation=activation, loss=loss, bias=True)
        arrays = {
            name: np.where(rng.random(shape) < 0.3, rng.choice(strange, shape), rng.normal(size=shape))
            for name, shape in spec.shapes().items()
        }
        claim = Claim(network=made(spec, arrays), machine=always(seed % 2), vectors=BIT)
        for verdict in (the_search_alone(claim), verdict_on(claim, seconds=0.5)):
            with np.errstate(all="ignore"):
                assert_true(verdict, rng)


def test_thresholds_that_are_no_numbers_are_no_network_in_whole_numbers():
    network = quantize(Network.first(Spec(), 0), 3, 4)
    for place, value in itertools.product((0, 3, -1), (np.nan, np.inf)):
        thresholds = network.params.thresholds.copy()
        thresholds[place] = value
        with pytest.raises(UsageError, match="not whole"):
            Whole.of(Network(network.spec, replace(network.params, thresholds=thresholds)))


@pytest.mark.parametrize(
    "asked",
    [np.zeros((2, 2), bool), np.ones((2, 3), bool), np.ones((2, 2), int), np.array([[False, False], [True, True]])],
    ids=["nothing", "another shape", "no bools", "nothing at the start"],
)
def test_a_claim_about_no_words_is_refused(asked):
    with pytest.raises(UsageError, match="asked"):
        replace(latch(), asked=asked)
