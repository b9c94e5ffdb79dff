"""One table, all twins: compiled code says the same as the reference, forward, back, and after learning."""

import itertools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from carrybit.cells.engines import engine
from carrybit.cells.lessons import Rules, Sequences, Student, Words
from carrybit.config import TrainConfig
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Params
from carrybit.reproduction import first_state
from carrybit.spec import ACTIVATION_NAMES, LOSS_NAMES, PRECISIONS, RECURRENCES, Spec
from carrybit.tasks.addition import addition
from carrybit.training import train

GOLDEN = Path(__file__).parent / "golden" / "tutorial_log.txt"
AGREE = {"float64": 1e-10, "float32": 1e-4}  # of the largest number of an array
CPU, REFERENCE = engine("cpu"), engine("reference")


@dataclass(frozen=True)
class Case:
    """A network and a batch; what is random about it comes from the words of its name."""

    spec: Spec = field(default_factory=Spec)
    batch: int = 1
    time: int = 8
    is_masked: bool = False
    remembers: bool = False
    scale: float = 1.4

    def __str__(self):
        s = self.spec
        flags = [("bias", s.bias), ("mask", self.is_masked), ("memory", self.remembers)]
        words = [s.activation, s.recurrence, s.loss, *(word for word, is_true in flags if is_true)]
        sizes = f"{s.input_dim}x{s.hidden_dim}x{s.output_dim}"
        return "-".join([*words, sizes, f"B{self.batch}", f"T{self.time}"])

    def numbers(self):
        """Params, layer_0, targets, mask and memory."""
        spec, random = self.spec, np.random.default_rng(list(str(self).encode()))
        largest = self.scale / spec.hidden_dim**0.5
        params = Params(**{name: random.uniform(-largest, largest, shape) for name, shape in spec.shapes().items()})
        sequences = (self.batch, self.time)
        targets = some_targets(random, spec, sequences)
        mask = np.arange(self.time) < random.integers(1, self.time + 1, size=self.batch)[:, None]
        memory = random.uniform(size=(self.batch, spec.memory_dim))
        return (
            params.map(lambda w: w.astype(spec.precision)),
            random.normal(size=(*sequences, spec.input_dim)).astype(spec.precision),
            targets.astype(spec.precision),
            mask if self.is_masked else None,
            memory.astype(spec.precision) if self.remembers else None,
        )


def some_targets(random, spec, sequences):
    if spec.loss == "softmax_cross_entropy":
        return np.eye(spec.output_dim)[random.integers(spec.output_dim, size=sequences)]
    return random.uniform(size=(*sequences, spec.output_dim))


def drawn_cases(count, seed=0):
    """Every loss, recurrence and activation with and without a bias, a mask and a memory, as evenly as it goes."""
    random = np.random.default_rng(seed)

    def evenly(values):
        return random.permutation(np.resize(np.array(values), count)).tolist()

    kinds = [evenly(values) for values in (ACTIVATION_NAMES, RECURRENCES, LOSS_NAMES, *[[False, True]] * 3)]
    hidden = evenly([1, 2, 3, 4, 5, 5, 7, 8, 9, 12, 16, 17, 33])
    sizes = [evenly(range(1, 6)), hidden, evenly(range(1, 10)), evenly([1, 1, 2, 3, 4, 5, 8]), evenly([1, 2, 3, 9, 17])]
    for activation, recurrence, loss, bias, mask, memory, i, h, o, batch, time in zip(*kinds, *sizes, strict=True):
        names = {"activation": activation, "recurrence": recurrence, "loss": loss, "bias": bias}
        yield Case(Spec(input_dim=i, hidden_dim=h, output_dim=o, **names), batch, time, mask, memory)


CORNERS = [
    Case(),
    Case(time=1),
    Case(time=1, is_masked=True, remembers=True),
    Case(Spec(recurrence="input"), time=1),
    Case(Spec(input_dim=1, hidden_dim=1, output_dim=1, bias=True), time=1),
    Case(Spec(hidden_dim=1, recurrence="input"), batch=4, remembers=True),
    Case(Spec(hidden_dim=5, output_dim=9), batch=3, time=40),
    Case(Spec(hidden_dim=16), batch=6, is_masked=True),
    Case(Spec(hidden_dim=17, loss="softmax_cross_entropy", output_dim=1), batch=2),
    Case(Spec(hidden_dim=64, activation="tanh", bias=True), remembers=True),
    Case(Spec(input_dim=40, hidden_dim=3, recurrence="input", activation="relu"), batch=5, time=3),
]
CASES = [*CORNERS, *drawn_cases(44)]


def assert_agree(found, wanted, precision):
    for name, numbers in wanted.items():
        mine = found[name]
        assert mine.shape == numbers.shape, name
        assert mine.dtype == precision, name
        allowed = AGREE[precision] * np.abs(numbers).max() + np.finfo(precision).tiny
        np.testing.assert_allclose(mine, numbers, rtol=0, atol=allowed, err_msg=name)


def wide(case, *arrays):
    """The same case and numbers in float64."""
    given = [a.map(np.float64) if isinstance(a, Params) else None if a is None else np.float64(a) for a in arrays]
    return replace(case.spec, precision="float64"), given


@pytest.mark.parametrize("case", CASES, ids=str)
def test_forward_and_every_gradient_agree(case):
    params, layer_0, targets, mask, memory = case.numbers()
    layers = CPU.run(case.spec, params, layer_0, memory)
    wanted = REFERENCE.run(case.spec, params, layer_0, memory)
    assert_agree(layers._asdict(), wanted._asdict(), case.spec.precision)
    gradient = CPU.gradient(case.spec, params, layer_0, targets, mask, memory)
    wanted = REFERENCE.gradient(case.spec, params, layer_0, targets, mask, memory)
    assert_agree(gradient.arrays(), wanted.arrays(), case.spec.precision)


@pytest.mark.parametrize("case", [replace(c, spec=replace(c.spec, precision="float32")) for c in CASES[::8]], ids=str)
def test_float32_is_float64_with_fewer_digits(case):
    params, layer_0, targets, mask, memory = case.numbers()
    spec, (params_64, layer_0_64, targets_64, memory_64) = wide(case, params, layer_0, targets, memory)
    layers = CPU.run(case.spec, params, layer_0, memory)
    assert_agree(layers._asdict(), REFERENCE.run(spec, params_64, layer_0_64, memory_64)._asdict(), "float32")
    gradient = CPU.gradient(case.spec, params, layer_0, targets, mask, memory)
    wanted = REFERENCE.gradient(spec, params_64, layer_0_64, targets_64, mask, memory_64)
    assert_agree(gradient.arrays(), wanted.arrays(), "float32")


@pytest.mark.parametrize("case", CASES[:8], ids=str)
def test_the_answer_alone_is_layer_2_to_the_bit(case):
    params, layer_0, _, _, memory = case.numbers()
    alone = CPU.answer(case.spec, params, layer_0, memory)
    assert alone.tobytes() == CPU.run(case.spec, params, layer_0, memory).layer_2.tobytes()


@pytest.mark.parametrize("activation", ACTIVATION_NAMES)
@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_saturated_networks_agree(loss, activation):
    case = Case(Spec(hidden_dim=5, output_dim=3, activation=activation, loss=loss), scale=1e4, time=2)
    params, layer_0, _, _, _ = case.numbers()
    layers = CPU.run(case.spec, params, layer_0)
    assert_agree(layers._asdict(), REFERENCE.run(case.spec, params, layer_0)._asdict(), "float64")


def assert_learned_the_same(spec, rules, student, samples, first_update=0):
    (found,) = CPU.learn(spec, rules, [student], samples, first_update)
    (wanted,) = REFERENCE.learn(spec, rules, [student], samples, first_update)
    assert_agree(found.student.params.arrays(), wanted.student.params.arrays(), spec.precision)
    assert found.student.optimizer.keys() == wanted.student.optimizer.keys()
    for name, remembered in wanted.student.optimizer.items():
        assert_agree(found.student.optimizer[name].arrays(), remembered.arrays(), spec.precision)
    np.testing.assert_allclose(found.errors, wanted.errors, rtol=AGREE[spec.precision])
    if spec.precision == "float64":
        np.testing.assert_array_equal(found.right_steps, wanted.right_steps)
    return found, wanted


def a_student(spec, optimizer, seed=1):
    """A student in the middle of its lessons, who remembers something already."""
    params = Network.first(spec, seed).params.map(lambda w: (0.7 * w).astype(spec.precision))
    return Student(params, {name: params.map(lambda w: abs(w) / 10) for name in OPTIMIZERS[optimizer].remembers})


def some_words(task, spec, count, seed=0):
    targets = np.array([[0.0], [1.0]]) if spec.output_dim == 1 else np.eye(spec.output_dim)
    return Words(task.sample(seed, "samples", 0, count)[None], task.vectors, task.machine, targets)


def test_a_thousand_updates_of_the_tutorials_network_agree_to_twelve_digits():
    spec, rules = Spec(), Rules("sgd", 0.1, None, 1)
    student = Student(Network.first(spec, seed=0).params, {})
    found, wanted = assert_learned_the_same(spec, rules, student, some_words(addition(8), spec, 1000))
    for name, numbers in wanted.student.params.arrays().items():
        np.testing.assert_allclose(found.student.params.arrays()[name], numbers, rtol=0, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(found.errors, wanted.errors, rtol=1e-12)


@pytest.mark.parametrize("kind", ["words", "sequences"])
def test_compiled_code_learns_the_tutorials_lessons_with_the_tutorials_errors(kind):
    stream, task, config = np.random.RandomState(0), addition(8), TrainConfig()
    for shape in config.make_spec().shapes().values():
        stream.random_sample(shape)  # the weights come first; see reproduction.py
    operands = np.array([[stream.randint(128) for _ in "ab"] for _ in range(config.updates)])  # (N, 2)
    symbols = task.word(operands[:, :, None] >> np.arange(8) & 1)[None]
    samples = Words(symbols, task.vectors, task.machine, np.array([[0.0], [1.0]]))
    if kind == "sequences":
        answers = task.machine.run(symbols[0])[1]
        samples = Sequences(task.vectors[symbols], answers[None, :, :, None].astype(float))
    student = Student(first_state(config).network.params, {})
    (learned,) = CPU.learn(config.make_spec(), config.make_rules(), [student], samples, 0)
    printed = [float(number) for number in re.findall(r"Error:\[ (.*)\]", GOLDEN.read_text())]
    assert f"{learned.errors[9000]:.8f}" == "0.21595037"
    assert [float(f"{error:.8f}") for error in learned.errors[::1000]] == printed


@pytest.mark.parametrize("batch_size", [1, 2, 5, 6, 8])
@pytest.mark.parametrize("clip", [None, 0.5], ids=["unclipped", "clipped"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_agrees(optimizer, clip, batch_size):
    spec = Spec(hidden_dim=5, bias=True)
    rules = Rules(optimizer, 0.05, clip, batch_size)
    samples = some_words(addition(5), spec, 30 * batch_size)
    assert_learned_the_same(spec, rules, a_student(spec, optimizer), samples, first_update=700)


def lessons():
    """Kinds of networks and of samples, each loss with every kind of samples."""
    random = np.random.default_rng(0)
    for loss, kind in itertools.product(LOSS_NAMES, ["words", "sequences", "masked"]):
        activation, recurrence = str(random.choice(ACTIVATION_NAMES)), str(random.choice(RECURRENCES))
        hidden_dim, time = int(random.choice([1, 3, 4, 7, 9])), int(random.choice([1, 3, 11]))
        output_dim = 2 if loss == "softmax_cross_entropy" else 1
        names = {"activation": activation, "recurrence": recurrence, "loss": loss, "bias": bool(random.integers(2))}
        yield Spec(hidden_dim=hidden_dim, output_dim=output_dim, **names), kind, time


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    ("spec", "kind", "time"), list(lessons()), ids=lambda value: getattr(value, "loss", str(value))
)
def test_every_kind_of_lesson_agrees(spec, kind, time, precision):
    spec, random = replace(spec, precision=precision), np.random.default_rng(2)
    count = 20
    if kind == "words":
        samples = some_words(addition(time), spec, count)
    else:
        mask = np.arange(time) < random.integers(1, time + 1, size=(1, count, 1)) if kind == "masked" else None
        layer_0 = random.normal(size=(1, count, time, spec.input_dim))
        samples = Sequences(layer_0, some_targets(random, spec, (1, count, time)), mask)
    assert_learned_the_same(spec, Rules("sgd", 0.01, None, 1), a_student(spec, "sgd"), samples)


@pytest.mark.parametrize("who", ["cpu", "reference"])
@pytest.mark.parametrize("wholes", [{"learning_rate": 1}, {"learning_rate": 1, "clip": 2}], ids=str)
def test_a_whole_number_as_a_setting_means_that_number(wholes, who):
    numbers = {name: float(value) for name, value in wholes.items()}
    ends = []
    for settings in (wholes, numbers):
        *_, last = train(TrainConfig(hidden_dim=3, updates=20, every=20, engine=who, **settings))
        ends.append({name: array.tolist() for name, array in last.state.network.params.arrays().items()})
    assert ends[0] == ends[1]


def test_a_machine_with_more_symbols_than_a_byte_has_is_learned_too():
    symbols = 300
    machine = Machine(
        states=("a", "b"),
        symbols=tuple(map(str, range(symbols))),
        answers=("0", "1"),
        moves=np.stack([np.arange(symbols) % 2, np.arange(symbols) % 3 % 2]),
        outputs=np.stack([np.arange(symbols) % 5 % 2, np.arange(symbols) % 7 % 2]),
    )
    random = np.random.default_rng(0)
    words = Words(
        random.integers(symbols, size=(1, 40, 6)), random.normal(size=(symbols, 3)), machine, np.array([[0.0], [1.0]])
    )
    spec, rules = Spec(input_dim=3, hidden_dim=5), Rules("sgd", 0.1, None, 2)
    student = Student(Network.first(spec, 0).params, {})
    found, wanted = (engine(name).learn(spec, rules, [student], words, 0)[0] for name in ("cpu", "reference"))
    for name, array in wanted.student.params.arrays().items():
        np.testing.assert_allclose(found.student.params.arrays()[name], array, rtol=1e-11, atol=1e-13)
    np.testing.assert_array_equal(found.right_steps, wanted.right_steps)
