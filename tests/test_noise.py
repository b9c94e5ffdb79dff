"""Noise on the hidden layer while training, and the recipes that ask for it."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carrybit import randomness, runs
from carrybit.cells import elman
from carrybit.cells.engines import engine
from carrybit.cells.lessons import Rules, Sequences, Student, Words
from carrybit.cli.options import settings_of
from carrybit.config import TrainConfig
from carrybit.errors import SettingError, UsageError
from carrybit.kernels.code import VECTOR
from carrybit.losses import batch_loss, d_batch_loss
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.params import Params
from carrybit.replicas import train_replicas
from carrybit.spec import ACTIVATION_NAMES, LOSS_NAMES, PRECISIONS, RECURRENCES, Spec
from carrybit.tasks import TASKS, make_task
from carrybit.tasks.addition import addition
from carrybit.training import Report, noise, numbers, train
from test_gradients import STEP, a_case, assert_close
from test_kernels_agree import Case, a_student, assert_agree, assert_learned_the_same, some_targets
from test_training import assert_same_bits, last_state, without_examination

CPU, REFERENCE = engine("cpu"), engine("reference")
NOISY = TrainConfig(noise=0.2, updates=260, every=100)


def params_of(state):
    return {name: array.tobytes() for name, array in state.network.params.arrays().items()}


# the numbers


def test_noise_is_centred_has_its_deviation_and_is_nearly_bell_shaped():
    drawn = noise(TrainConfig(noise=0.2), [0], 0, 10_000).ravel() / 0.2  # 1,280,000 numbers
    error = 5 / np.sqrt(drawn.size)
    assert abs(drawn.mean()) < error
    assert abs(drawn.var() - 1) < 1.3 * error  # the fourth moment is 2.7
    assert abs((drawn**3).mean()) < 4 * error
    assert (drawn**4).mean() == pytest.approx(2.7, abs=0.03)  # of Irwin-Hall of four: 3 - 6 / 5 / 4
    assert 3 < np.abs(drawn).max() <= 2 * np.sqrt(3) * (1 + 1e-4)


def test_neighbours_steps_units_and_seeds_know_nothing_of_each_other():
    drawn = noise(TrainConfig(noise=1.0), [0, 1], 0, 4_000)
    for one, other in [
        (drawn[0], drawn[1]),
        (drawn[:, 1:], drawn[:, :-1]),
        (drawn[:, :, 1:], drawn[:, :, :-1]),
        (drawn[..., 1:], drawn[..., :-1]),
    ]:
        assert abs((one * other).mean()) < 5 / np.sqrt(one.size)


def test_a_bell_number_is_the_sum_of_four_parts_of_a_word():
    drawn = randomness.words(3, "noise", 0, 50, 4)
    wanted = [[sum(int(word) >> 16 * k & 0xFFFF for k in range(4)) - 131_070 for word in row] for row in drawn]
    assert randomness.bell(drawn).tolist() == wanted
    assert randomness.bell(np.array([0, 2**64 - 1], np.uint64)).tolist() == [-131_070, 131_070]


def test_the_words_of_noise_stay_what_they_are():
    # Stored on 25 Nov 2026; a change here would change every network that is trained with noise.
    drawn = noise(TrainConfig(noise=0.2), [0], 7, 1)
    assert [number.hex() for number in drawn[0, 0, 0, :3].tolist()] == [
        "0x1.7338c73042029p-3",
        "0x1.567841458b393p-3",
        "0x1.5ac1aeaf17d35p-6",
    ]


def test_drawing_noise_takes_nothing_from_samples_or_weights():
    drawn = [randomness.words(0, purpose, 0, 50, 4) for purpose in ("noise", "samples", "weights", "examination")]
    assert len(set(np.concatenate(drawn).ravel().tolist())) == 4 * 200


def test_noise_is_the_same_in_any_block(monkeypatch):
    config = TrainConfig(noise=0.3, noise_ramp=9, batch_size=3, hidden_dim=5)
    whole = noise(config, [4], 0, 12)
    pieces = [noise(config, [4], first, count) for first, count in ((0, 1), (1, 7), (8, 4))]
    assert np.concatenate(pieces, axis=1).tobytes() == whole.tobytes()
    monkeypatch.setattr("carrybit.training.DRAWN_AT_ONCE", 1)
    assert noise(config, [4], 0, 12).tobytes() == whole.tobytes()


def test_the_ramp_grows_from_nothing_to_the_whole():
    full, ramped = (noise(TrainConfig(noise=0.2, noise_ramp=n, batch_size=2), [0], 0, 30) for n in (0, 20))
    share = np.minimum(1, np.arange(30) / 20).repeat(2)
    np.testing.assert_allclose(ramped, full * share[:, None, None], rtol=1e-14, atol=0)
    assert not ramped[0, :2].any()
    assert ramped[0, 40:].tobytes() == full[0, 40:].tobytes()


def test_blocks_of_noise_are_counted_so_that_memory_stays_bounded():
    config = TrainConfig(noise=0.2, batch_size=4)
    assert numbers(config) - numbers(replace(config, noise=0.0)) == noise(config, [0], 0, 1).size


# the cell


def noise_for(spec, sequences, scale=0.3, seed=5):
    return np.random.default_rng(seed).normal(scale=scale, size=(*sequences, spec.hidden_dim))


def test_the_tutorials_forward_with_noise_written_out():
    spec = Spec(hidden_dim=3)
    params, layer_0, _, _ = a_case(spec, 4, masked=False)
    added = noise_for(spec, layer_0.shape[:2])
    layers = elman.forward(spec, params, layer_0, noise=added)
    before = np.zeros((3, 3))
    for t in range(4):
        before = 1 / (1 + np.exp(-(layer_0[:, t] @ params.synapse_0 + before @ params.synapse_h))) + added[:, t]
        np.testing.assert_allclose(layers.layer_1[:, t + 1], before, rtol=1e-14)
        np.testing.assert_allclose(layers.layer_2[:, t], 1 / (1 + np.exp(-before @ params.synapse_1)), rtol=1e-14)


@pytest.mark.parametrize("length", [1, 2, 8, 33])
@pytest.mark.parametrize(("loss", "recurrence"), list(itertools.product(LOSS_NAMES, RECURRENCES)))
@pytest.mark.parametrize("masked", [False, True], ids=["full", "masked"])
def test_gradient_is_the_derivative_where_the_noise_is_held(loss, recurrence, masked, length):
    for activation, bias in itertools.product(ACTIVATION_NAMES, (False, True)):
        names = {"activation": activation, "recurrence": recurrence, "loss": loss, "bias": bias}
        spec = Spec(input_dim=2, hidden_dim=4, output_dim=3, **names)
        params, layer_0, targets, mask = a_case(spec, length, masked)
        added = noise_for(spec, layer_0.shape[:2])
        layers = elman.forward(spec, params, layer_0, noise=added)
        d_pre_2 = d_batch_loss(spec.loss, layers.layer_2, targets, mask)
        found = elman.backward(spec, params, layers, d_pre_2, added)
        wanted = {}
        for name, array in params.arrays().items():
            wanted[name] = np.empty(array.shape)
            for place in np.ndindex(array.shape):
                moved = array.astype(complex)
                moved[place] += 1j * STEP
                pre_2 = elman.forward(spec, Params(**{**params.arrays(), name: moved}), layer_0, noise=added).pre_2
                wanted[name][place] = batch_loss(spec.loss, pre_2, targets, mask).imag / STEP
        assert_close(found, Params(**wanted), 1e-9)


def test_with_input_recurrence_noise_reaches_the_answer_of_its_own_step_only():
    spec = Spec(hidden_dim=3, recurrence="input")
    params, layer_0, _, _ = a_case(spec, 5, masked=False)
    added = np.zeros((*layer_0.shape[:2], 3))
    added[:, 2] = 0.4
    quiet, noisy = (elman.forward(spec, params, layer_0, noise=each) for each in (None, added))
    differs = (quiet.layer_2 != noisy.layer_2).any(axis=(0, 2))
    assert differs.tolist() == [False, False, True, False, False]


# the compiled twin


def noisy_cases():
    sizes = [(1, 1, 8), (5, 3, 2), (16, 1, 8), (17, 4, 9), (33, 6, 3), (8, 5, 1)]
    kinds = itertools.product(ACTIVATION_NAMES, RECURRENCES, (False, True))
    for number, (activation, recurrence, bias) in enumerate(kinds):
        loss, (hidden, batch, time) = LOSS_NAMES[number % len(LOSS_NAMES)], sizes[number % len(sizes)]
        names = {"activation": activation, "recurrence": recurrence, "loss": loss, "bias": bias}
        flags = {"is_masked": number % 3 == 1, "remembers": number % 2 == 1}
        yield Case(
            Spec(hidden_dim=hidden, output_dim=2 + number % 2 if "softmax" in loss else 1 + number % 3, **names),
            batch,
            time,
            **flags,
        )


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("case", list(noisy_cases()), ids=str)
def test_every_gradient_with_noise_agrees(case, precision):
    params, layer_0, targets, mask, memory = case.numbers()
    added = noise_for(case.spec, layer_0.shape[:2])
    wanted = REFERENCE.gradient(case.spec, params, layer_0, targets, mask, memory, added)
    quiet = REFERENCE.gradient(case.spec, params, layer_0, targets, mask, memory)
    spec = replace(case.spec, precision=precision)
    given = [None if each is None else each.astype(precision) for each in (layer_0, targets, mask, memory, added)]
    found = CPU.gradient(spec, params.map(lambda w: w.astype(precision)), *given)
    assert_agree(found.arrays(), wanted.arrays(), precision)
    assert np.abs(quiet.synapse_1 - wanted.synapse_1).max() > 1e-3 * np.abs(quiet.synapse_1).max()  # noise is seen


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", ["words", "sequences", "masked"])
@pytest.mark.parametrize(
    ("optimizer", "clip", "batch_size"), [("sgd", None, 1), ("sgd", 0.5, 3), ("momentum", None, 4), ("adam", 1.0, 2)]
)
@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_every_kind_of_noisy_lesson_agrees(optimizer, clip, batch_size, kind, precision, recurrence):
    spec, random = Spec(hidden_dim=5, bias=True, recurrence=recurrence, precision=precision), np.random.default_rng(1)
    samples = some_samples(spec, kind, 20 * batch_size, random)
    rules = Rules(optimizer, 0.05, clip, batch_size)
    assert_learned_the_same(spec, rules, a_student(spec, optimizer), samples, first_update=40)


def some_samples(spec, kind, count, random, students=1):
    time, task = 6, addition(6)
    added = noise_for(spec, (students, count, time))
    if kind == "words":
        symbols = np.stack([task.sample(seed, "samples", 0, count) for seed in range(students)])
        return Words(symbols, task.vectors, task.machine, np.array([[0.0], [1.0]]), added)
    mask = np.arange(time) < random.integers(1, time + 1, size=(students, count, 1)) if kind == "masked" else None
    layer_0 = random.normal(size=(students, count, time, spec.input_dim))
    return Sequences(layer_0, some_targets(random, spec, (students, count, time)), mask, added)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind", ["words", "sequences", "masked"])
@pytest.mark.parametrize("rules", [Rules("sgd", 0.5, None, 1), Rules("adam", 0.03, 0.5, 3)], ids=["sgd", "adam"])
def test_noisy_students_side_by_side_have_the_bits_of_each_alone(rules, kind, precision):
    spec, count = Spec(hidden_dim=5, precision=precision), VECTOR[precision] + 7
    samples = some_samples(spec, kind, 12 * rules.batch_size, np.random.default_rng(2), count)
    first = [Network.first(spec, seed).params for seed in range(count)]
    students = [Student(params, OPTIMIZERS[rules.optimizer].first(params)) for params in first]
    together = CPU.learn(spec, rules, students, samples, 0)
    for k, one in enumerate(together):
        (alone,) = CPU.learn(spec, rules, [students[k]], samples.only(slice(k, k + 1)), 0)
        for name, array in alone.student.params.arrays().items():
            assert array.tobytes() == one.student.params.arrays()[name].tobytes()
        assert alone.errors.tobytes() == one.errors.tobytes()
    begun = CPU.learn(spec, rules, students, samples.first(6 * rules.batch_size), 0)
    assert begun[0].errors.tobytes() == together[0].errors[: 6 * rules.batch_size].tobytes()


def test_noise_of_size_zero_changes_no_bit():
    spec, rules = Spec(hidden_dim=7, bias=True), Rules("sgd", 0.1, None, 1)
    samples = some_samples(spec, "words", 30, np.random.default_rng(0))
    silent = replace(samples, noise=np.zeros_like(samples.noise))
    learned = [CPU.learn(spec, rules, [a_student(spec, "sgd")], each, 0)[0] for each in (silent, without(samples))]
    for name, array in learned[0].student.params.arrays().items():
        assert array.tobytes() == learned[1].student.params.arrays()[name].tobytes()


def without(samples):
    return replace(samples, noise=None)


# training


def test_stopping_and_going_on_gives_the_same_bits():
    config = replace(NOISY, noise_ramp=150, batch_size=2, optimizer="adam")
    events = list(without_examination(config))
    for somewhere in events[:: max(1, len(events) // 5)]:
        rest = list(without_examination(config, somewhere.state))
        assert_same_bits(rest[-1].state if rest else somewhere.state, events[-1].state)


def test_blocks_leave_no_trace_in_noisy_training(monkeypatch):
    config = replace(NOISY, noise_ramp=150)
    usual = last_state(config)
    monkeypatch.setattr("carrybit.training.BLOCK_SECONDS", 0.0)  # one update at a time
    assert_same_bits(last_state(config), usual)
    monkeypatch.setattr("carrybit.training.LARGEST_BLOCK", 1000)
    assert_same_bits(last_state(config), usual)


def test_noisy_replicas_have_the_bits_of_their_seeds_trained_alone():
    config = replace(NOISY, updates=120, noise_ramp=50)
    *_, replicas = train_replicas(config, 11)
    for r, replica in enumerate(replicas):
        assert_same_bits(replica.state, last_state(replace(config, seed=r)))
    assert len({replica.digest for replica in replicas}) == 11


def test_both_engines_train_alike_with_noise():
    config = replace(NOISY, updates=100, noise_ramp=60, bias=True, batch_size=2)
    found, wanted = (last_state(replace(config, engine=name)).network.params for name in ("cpu", "reference"))
    assert_agree(found.arrays(), wanted.arrays(), "float64")


def test_training_sees_the_noise_and_its_seed_decides_it():
    quiet, noisy = last_state(replace(NOISY, noise=0.0)), last_state(NOISY)
    assert params_of(quiet) != params_of(noisy)
    assert params_of(last_state(replace(NOISY, noise=0.1))) != params_of(noisy)
    assert params_of(last_state(NOISY)) == params_of(noisy)


def test_a_ramp_longer_than_the_training_begins_as_a_training_without_noise():
    config = replace(NOISY, updates=1, noise_ramp=10)
    assert params_of(last_state(config)) == params_of(last_state(replace(config, noise=0.0)))


def test_nothing_is_added_when_a_network_is_asked_or_examined():
    config = replace(NOISY, noise=100.0, learning_rate=1e-12, updates=100)  # so loud that answers would be chance
    quiet = replace(config, noise=0.0)
    *_, noisy, silent = (list(train(each)) for each in (config, quiet))
    reports = [next(e for e in events if isinstance(e, Report)) for events in (noisy, silent)]
    assert reports[0].sample == reports[1].sample
    assert reports[0].right_steps != reports[1].right_steps  # what was learned from, on the way, was noisy
    assert [m.right for m in noisy[-1].examination] == [m.right for m in silent[-1].examination]


def test_a_noisy_run_is_stored_and_gone_on_with_to_the_same_bits(tmp_path):
    for _ in runs.record(replace(NOISY, updates=120, noise_ramp=300), tmp_path / "short"):
        pass
    for _ in runs.follow(runs.reopen(tmp_path / "short", updates=260)):
        pass
    run = runs.load_run(tmp_path / "short")
    assert (run.config.noise, run.config.noise_ramp) == (0.2, 300)
    assert params_of(run.state) == params_of(last_state(replace(NOISY, noise_ramp=300)))


def test_own_data_are_learned_with_noise_too(tmp_path):
    (tmp_path / "text.txt").write_text("the cat sat on the mat, and the dog sat on the cat.\n" * 20)
    task = make_task("data", {"file": str(tmp_path / "text.txt"), "length": 12})
    ends = [last_state(TrainConfig(task=task, noise=size, updates=40, until="updates")) for size in (0.1, 0.0)]
    assert params_of(ends[0]) != params_of(ends[1])


# recipes


def test_the_recipe_for_addition_is_the_tutorials_network_with_noise():
    config = TrainConfig(recipe="provable")
    plain = TrainConfig(noise=0.2, updates=100_000)
    assert config == replace(plain, recipe="provable")
    assert (config.optimizer, config.learning_rate, config.until) == ("sgd", 0.1, None)


@pytest.mark.parametrize("name", sorted(set(TASKS) - {"data", "machine", "regex"}))
def test_every_task_has_a_recipe_that_is_a_configuration(name):
    task = make_task(name, {})
    config = TrainConfig(task=task, recipe="provable")
    assert config.recipe == "provable"
    for setting, value in task.recipes["provable"].items():
        assert getattr(config, setting) == (None if value == "updates" else value)
    kept = (set(task.defaults) - {"updates", "learning_rate"}) - set(task.recipes["provable"])
    assert all(getattr(config, setting) == task.defaults[setting] for setting in kept)


def test_what_is_asked_for_wins_over_the_recipe():
    config = TrainConfig(recipe="provable", noise=0.0, updates=7, optimizer="adam", hidden_dim=3)
    assert (config.noise, config.updates, config.optimizer, config.hidden_dim) == (0.0, 7, "adam", 3)
    assert config.learning_rate == 0.03  # its own: the recipe's is for another optimiser
    assert TrainConfig(task="latch", recipe="provable", learning_rate=0.5).learning_rate == 0.5


def test_a_recipe_of_a_task_takes_the_place_of_its_defaults():
    task = replace(make_task("latch", {}), recipes={"provable": {"noise": 0.3, "hidden_dim": 4, "learning_rate": 0.07}})
    config = TrainConfig(task=task, recipe="provable")
    assert (config.noise, config.hidden_dim, config.learning_rate) == (0.3, 4, 0.07)
    assert config.batch_size == task.defaults["batch_size"]
    assert TrainConfig(task=task).hidden_dim == 8


@pytest.mark.parametrize("settings", [{}, {"noise": 0.1, "seed": 3}, {"task": "parity"}, {"until": "exact"}], ids=str)
def test_a_recipe_goes_through_json_and_through_changes(settings):
    config = TrainConfig(recipe="provable", **settings)
    assert TrainConfig(**json.loads(json.dumps(config.about()))) == config
    assert config.changed() == config
    other = config.changed(seed=9)
    assert other == replace(config, seed=9)
    without_it = {**settings, "recipe": None}
    assert config.changed(recipe=None) == TrainConfig(**without_it)


def test_a_configuration_of_before_has_no_noise():
    about = TrainConfig().about()
    old = {name: value for name, value in about.items() if name not in ("noise", "noise_ramp", "recipe")}
    assert TrainConfig(**old) == TrainConfig()
    assert TrainConfig(**old).noise == 0


@pytest.mark.parametrize(
    "settings",
    [{"noise": 0.3, "noise_ramp": 10}, {"recipe": "provable"}, {"recipe": "provable", "noise": 0.1}],
    ids=str,
)
def test_the_command_that_asks_for_a_configuration_asks_for_its_noise(settings, carrybit):
    config = TrainConfig(updates=30, every=30, **settings)
    said = carrybit("train", *settings_of(config), "--out", "run", "--json")
    assert said.code == 0, said.err
    assert runs.load_run("run").config == config


# what is refused


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "much", True, None, 1e9])
def test_a_noise_that_makes_no_sense_is_refused(value):
    with pytest.raises(SettingError, match="noise") as refused:
        TrainConfig(noise=value)
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize("value", [-1, 1.5, "long", True, None])
def test_a_ramp_that_makes_no_sense_is_refused(value):
    with pytest.raises(SettingError, match="noise_ramp"):
        TrainConfig(noise=0.2, noise_ramp=value)


def test_a_recipe_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(SettingError) as refused:
        TrainConfig(recipe="provabel")
    assert str(refused.value).splitlines() == ["recipe = 'provabel'", "allowed: provable", "fix: recipe = 'provable'"]


def test_own_data_have_no_recipe(tmp_path):
    (tmp_path / "text.txt").write_text("abcd " * 50)
    with pytest.raises(UsageError, match="no machine") as refused:
        TrainConfig(task=make_task("data", {"file": str(tmp_path / "text.txt")}), recipe="provable")
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize(
    "options",
    [["--noise", "-1"], ["--noise-ramp", "-3"], ["--recipe", "secret"]],
    ids=" ".join,
)
def test_the_terminal_refuses_in_three_lines(options, carrybit):
    said = carrybit("train", *options)
    assert said.code == 2
    assert len(said.err.strip().splitlines()) == 3
    assert "Traceback" not in said.err


def test_a_sweep_has_noise_in_its_grid(carrybit):
    grid = ["--grid", "noise=0,0.2", "--grid", "updates=50"]
    said = carrybit("sweep", *grid, "--replicas", 2, "--out", "sweep", "--json")
    assert said.code == 0, said.err
    assert [row["noise"] for row in said.json["summary"]] == [0, 0.2]
    rows = json.loads(Path("sweep/table.json").read_text())
    assert len({row["digest"] for row in rows}) == 4
    *_, (alone,) = train_replicas(TrainConfig(noise=0.2, updates=50, seed=1), 1)
    assert (rows[-1]["noise"], rows[-1]["digest"]) == (0.2, alone.digest)


def test_a_task_names_its_recipe(carrybit):
    assert "--recipe provable" in carrybit("tasks", "show", "parity").out
