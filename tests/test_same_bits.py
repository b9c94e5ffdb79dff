"""One meaning: whatever networks are trained with, in what pieces and on what CPU, each ends with the same bits."""

import platform
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from carrybit.cells import kernels_cpu
from carrybit.cells.engines import engine
from carrybit.cells.kernels_cpu import Learn, Run
from carrybit.cells.lessons import Rules, Sequences, Student, Words
from carrybit.kernels import machine_code
from carrybit.kernels.code import VECTOR
from carrybit.kernels.machine_code import Cpu
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.spec import PRECISIONS, Spec
from carrybit.tasks.addition import addition

NETWORKS, UPDATES = 51, 30  # a number of networks that fills no vector
CPU = engine("cpu")
OTHER_CPUS = {  # and what a machine needs to run code for them
    Cpu("haswell", "+fma"): ("avx2", "fma", "bmi2"),
    Cpu("x86-64-v4", "+avx512f,+fma"): ("avx512f", "avx512bw", "avx512dq", "avx512vl"),
    Cpu("x86-64-v4", ""): ("avx512f", "avx512bw", "avx512dq", "avx512vl"),
}
NOT_STRICT = r"\b(fast|nnan|ninf|nsz|arcp|contract|afn|reassoc|fmuladd)\b"  # what would let LLVM change a bit


@dataclass(frozen=True)
class Lesson:
    """Networks of one kind, each with its own first weights and its own words."""

    spec: Spec
    rules: Rules
    bits: int = 5
    masked: bool = False

    def __str__(self):
        s, (optimizer, _, clip, batch_size) = self.spec, self.rules
        flags = [("clip", clip), ("mask", self.masked), (s.recurrence, s.recurrence != "hidden"), ("bias", s.bias)]
        words = [optimizer, s.precision, *(word for word, is_true in flags if is_true)]
        return "-".join([*words, s.activation, s.loss, f"H{s.hidden_dim}", f"B{batch_size}"])

    def students(self):
        first = [Network.first(self.spec, seed).params for seed in range(NETWORKS)]
        return [Student(params, OPTIMIZERS[self.rules.optimizer].first(params)) for params in first]

    def samples(self):
        task, count = addition(self.bits), UPDATES * self.rules.batch_size
        symbols = np.stack([task.sample(seed, "samples", 0, count) for seed in range(NETWORKS)])
        targets = np.eye(2)[:, -self.spec.output_dim :]
        if not self.masked:
            return Words(symbols, task.vectors, task.machine, targets)
        answers = np.stack([task.machine.run(word)[1] for word in symbols])
        lengths = np.random.default_rng(0).integers(1, self.bits + 1, size=symbols.shape[:2])
        return Sequences(task.vectors[symbols], targets[answers], np.arange(self.bits) < lengths[..., None])

    def learn(self, students, samples, first_update=0):
        return CPU.learn(self.spec, self.rules, students, samples, first_update)


def sgd(batch_size=1, clip=None, rate=0.5):
    return Rules("sgd", rate, clip, batch_size)


TUTORIALS = Lesson(Spec(), sgd())
LESSONS = [
    TUTORIALS,
    Lesson(Spec(hidden_dim=1), sgd(), bits=1),
    Lesson(Spec(hidden_dim=5, bias=True), sgd(3)),
    Lesson(Spec(hidden_dim=17, activation="tanh", loss="softmax_cross_entropy", output_dim=2), sgd(clip=0.1)),
    Lesson(Spec(hidden_dim=3, recurrence="input", activation="relu", bias=True), sgd(), masked=True),
    Lesson(Spec(hidden_dim=5), Rules("momentum", 0.1, None, 1)),
    Lesson(Spec(hidden_dim=4, loss="cross_entropy"), Rules("momentum", 0.1, 1.0, 3)),
    Lesson(Spec(hidden_dim=9, loss="softmax_cross_entropy", output_dim=2, bias=True), Rules("adam", 0.03, None, 1)),
    Lesson(Spec(hidden_dim=5), Rules("adam", 0.03, 0.5, 3), masked=True),
    Lesson(Spec(precision="float32"), sgd()),
    Lesson(Spec(hidden_dim=5, precision="float32", bias=True), Rules("adam", 0.03, 0.5, 3)),
    Lesson(Spec(hidden_dim=20, precision="float32", recurrence="input"), Rules("momentum", 0.1, None, 3), masked=True),
]
every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=str)
some_lessons = pytest.mark.parametrize("lesson", LESSONS[::5], ids=str)


def bits(learned):
    """Everything that came of a lesson, as octets by name."""
    student = learned.student
    of = {"errors": learned.errors.tobytes(), "right_steps": learned.right_steps.tobytes()}
    for part, params in {"params": student.params, **student.optimizer}.items():
        of |= {f"{part} {name}": array.tobytes() for name, array in params.arrays().items()}
    return of


def assert_same(found, wanted):
    assert len(found) == len(wanted) == NETWORKS
    for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
        mine, theirs = bits(one), bits(other)
        assert mine.keys() == theirs.keys()
        differ = [name for name in theirs if mine[name] != theirs[name]]
        assert not differ, f"network {number} differs in {', '.join(differ)}"


def alone(lesson, students, samples, first_update=0):
    return [
        lesson.learn([student], samples.only(slice(k, k + 1)), first_update)[0] for k, student in enumerate(students)
    ]


def pick(samples, networks):
    """The samples of networks in any order."""
    if isinstance(samples, Words):
        return replace(samples, symbols=samples.symbols[networks])
    mask = None if samples.mask is None else samples.mask[networks]
    return Sequences(samples.layer_0[networks], samples.targets[networks], mask)


def piece(samples, first, end):
    """Some of every network's samples, one after the other."""
    if isinstance(samples, Words):
        return replace(samples, symbols=samples.symbols[:, first:end])
    mask = None if samples.mask is None else samples.mask[:, first:end]
    return Sequences(samples.layer_0[:, first:end], samples.targets[:, first:end], mask)


def in_pieces(lesson, students, samples, pieces):
    learned, done, batch = [], 0, lesson.rules.batch_size
    for updates in pieces:
        some = piece(samples, done * batch, (done + updates) * batch)
        learned.append(lesson.learn(students, some, done))
        students, done = [one.student for one in learned[-1]], done + updates
    assert done == UPDATES

    def joined(name, k):
        return np.concatenate([getattr(one[k], name) for one in learned])

    return [
        last._replace(errors=joined("errors", k), right_steps=joined("right_steps", k))
        for k, last in enumerate(learned[-1])
    ]


@every_lesson
def test_networks_side_by_side_have_the_bits_of_each_alone(lesson):
    students, samples = lesson.students(), lesson.samples()
    together = lesson.learn(students, samples)
    assert_same(together, alone(lesson, students, samples))
    assert len({bits(one)["params synapse_0"] for one in together}) == NETWORKS  # and they are not all one


@every_lesson
@pytest.mark.parametrize("pieces", [(7, 1, 22), (1, 29), (10, 10, 10)], ids=lambda pieces: "+".join(map(str, pieces)))
def test_lessons_in_pieces_have_the_bits_of_one_lesson(lesson, pieces):
    students, samples = lesson.students(), lesson.samples()
    assert_same(in_pieces(lesson, students, samples, pieces), lesson.learn(students, samples))


@some_lessons
def test_lessons_update_by_update_have_the_bits_of_one_lesson(lesson):
    students, samples = lesson.students(), lesson.samples()
    assert_same(in_pieces(lesson, students, samples, [1] * UPDATES), lesson.learn(students, samples))


@every_lesson
@pytest.mark.parametrize("group", [2, 6, 13, 17])
def test_any_order_and_any_groups_give_the_same_bits(lesson, group):
    students, samples = lesson.students(), lesson.samples()
    order = np.random.default_rng(group).permutation(NETWORKS)
    found = [None] * NETWORKS
    for first in range(0, NETWORKS, group):
        networks = order[first : first + group]
        learned = lesson.learn([students[k] for k in networks], pick(samples, networks))
        for k, one in zip(networks, learned, strict=True):
            found[k] = one
    assert_same(found, lesson.learn(students, samples))


@some_lessons
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_any_number_of_threads_gives_the_same_bits(lesson, threads):
    students, samples = lesson.students(), lesson.samples()
    groups = np.array_split(np.arange(NETWORKS), 2 * threads + 1)
    kernels_cpu.load.cache_clear()  # so that the threads want the same kernels at once
    with ThreadPoolExecutor(threads) as pool:
        learned = pool.map(lambda some: lesson.learn([students[k] for k in some], pick(samples, some)), groups)
        found = [one for some in learned for one in some]
    assert_same(found, lesson.learn(students, samples))


def test_a_neighbour_that_overflows_changes_no_bit_of_the_others():
    lesson = Lesson(Spec(hidden_dim=4, activation="relu", loss="linear_squared_error"), sgd(rate=1e-3))
    students, samples = lesson.students(), lesson.samples()
    wanted = lesson.learn(students, samples)
    lost = students[5].params.map(lambda w: w * 1e200)
    found = lesson.learn([*students[:5], Student(lost, {}), *students[6:]], samples)
    assert not np.isfinite(found[5].student.params.synapse_h).all()
    assert_same([*found[:5], wanted[5], *found[6:]], wanted)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("recurrence", ["hidden", "input"])
def test_a_sequence_in_any_batch_has_the_bits_of_one_alone(recurrence, precision):
    spec, random = Spec(hidden_dim=5, recurrence=recurrence, bias=True, precision=precision), np.random.default_rng(0)
    network = Network.first(spec, seed=1)
    layer_0 = random.normal(size=(NETWORKS, 9, spec.input_dim))
    memory = random.normal(size=(NETWORKS, spec.memory_dim))
    for begin in (None, memory):
        together = network.run(layer_0, begin)
        for k in range(NETWORKS):
            one = slice(k, k + 1)
            apart = network.run(layer_0[one], None if begin is None else begin[one])
            for name, array in apart._asdict().items():
                assert array.tobytes() == getattr(together, name)[one].tobytes(), name


def runs_here(cpu):
    """Whether this machine has what code for that CPU needs."""
    found = machine_code.host().features.split(",")
    return platform.machine() in ("x86_64", "AMD64") and all(f"+{name}" in found for name in OTHER_CPUS[cpu])


@pytest.mark.parametrize("cpu", OTHER_CPUS, ids=lambda cpu: f"{cpu.name}{cpu.features}")
@some_lessons
def test_code_for_another_cpu_gives_the_same_bits(lesson, cpu, monkeypatch):
    if not runs_here(cpu):
        pytest.skip(f"this machine cannot run code for {cpu.name}")
    students, samples = lesson.students(), lesson.samples()
    inputs = addition(lesson.bits).vectors[addition(lesson.bits).sample(0, "samples", 0, NETWORKS)]

    def everything():
        layers = [Network(lesson.spec, student.params).run(inputs) for student in students[:2]]
        learned = lesson.learn(students, samples), alone(lesson, students, samples)
        return [array.tobytes() for of in layers for array in of], *learned

    wanted, compiled_for = everything(), []

    def load(kernel):
        compiled_for.append(kernel)
        return machine_code.load(repr(kernel), kernel.write, kernels_cpu.SOURCES, cpu)

    monkeypatch.setattr(kernels_cpu, "load", cache(load))
    found = everything()
    assert len(compiled_for) == 3  # to run, to learn side by side and to learn alone
    assert found[0] == wanted[0]
    assert_same(found[1], wanted[1])
    assert_same(found[2], wanted[2])


@every_lesson
def test_nothing_in_a_kernel_allows_llvm_to_change_a_bit(lesson):
    rules, cpu = lesson.rules, machine_code.host()
    names = {"clips": rules.clip is not None, "time": lesson.bits, "masked": lesson.masked}
    reads = "arrays" if lesson.masked else "symbols"
    for lanes in (1, VECTOR[lesson.spec.precision]):
        text = Learn(lesson.spec, rules.optimizer, reads=reads, lanes=lanes, **names).write(cpu)
        assert "fmul" in text
        assert not re.search(NOT_STRICT, text)
    assert not re.search(NOT_STRICT, Run(lesson.spec, sequences=4).write(cpu))
