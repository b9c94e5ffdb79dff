"""A file as a task: what is guessed, what is drawn, and that nothing of validation and test is ever learned from."""

import json
import pickle

import numpy as np
import pytest

from carrybit.cells.engines import engine
from carrybit.cells.lessons import Rules, Sequences, Student
from carrybit.errors import SettingError, UsageError
from carrybit.network import Network
from carrybit.optimizers import OPTIMIZERS
from carrybit.spec import Spec
from carrybit.tasks.data import data_task


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_sequences(file="s.jsonl", count=30, seed=0, change=lambda k, rows: rows):
    """Sequences of unequal lengths: a number, a kind, whether the number is above 0, and a label."""
    draw = np.random.default_rng(seed)
    with open(file, "w") as opened:
        for k in range(count):
            steps = int(draw.integers(2, 9))
            x = draw.normal(size=steps).round(3).tolist()
            rows = {
                "who": f"s{k}",
                "x": x,
                "kind": draw.choice(["p", "q"], size=steps).tolist(),
                "above": [int(each > 0) for each in x],
                "label": "up" if x[-1] > 0 else "down",
            }
            opened.write(json.dumps(change(k, rows)) + "\n")
    return file


def write_series(rows=100):
    np.save("series.npy", np.sin(np.arange(rows) / 3))
    return "series.npy"


def write_text():
    with open("a.txt", "w") as opened:
        opened.write("the cat sat on the mat and the rat sat on the cat. " * 20)
    return "a.txt"


def every_task():
    return {
        "tag": data_task(write_sequences(), targets=["above"], inputs=["x", "kind"], goal="tag"),
        "label": data_task(write_sequences(), targets=["label"], inputs=["x", "kind"]),
        "windows": data_task(write_sequences(), targets=["above"], inputs=["x"], goal="tag", length=3),
        "forecast": data_task(write_series()),
        "characters": data_task(write_text()),
        "words": data_task(write_text(), unit="word"),
    }


KINDS = ["tag", "label", "windows", "forecast", "characters", "words"]


@pytest.mark.parametrize(
    ("settings", "goal"),
    [
        ({"targets": ["label"], "sequence": "who"}, "label"),
        ({"targets": ["above"], "sequence": "who"}, "tag"),
        ({"sequence": "who"}, "forecast"),
        ({"targets": ["x"], "goal": "forecast", "sequence": "who"}, "forecast"),
    ],
)
def test_the_goal_is_guessed_from_the_columns(settings, goal):
    assert data_task(write_sequences(), **settings).question.goal == goal


def test_what_is_left_open_is_all_other_columns():
    task = data_task(write_sequences(), targets=["label"], sequence="who")
    assert task.question.inputs == ("x", "kind", "above")
    task = data_task(write_sequences(), sequence="who", inputs=["x", "kind", "above"])
    assert task.question.targets == ("x", "above")
    task = data_task(write_sequences(), sequence="who", inputs=["x", "above"], categories=["above"])
    assert task.question.targets == ("x",)


@pytest.mark.parametrize("kind", KINDS)
def test_settings_make_the_same_task_without_the_file(kind, tmp_path):
    task = every_task()[kind]
    samples = task.lessons([3], 5, 7)
    again = data_task(**json.loads(json.dumps(task.settings)))
    assert again == task and hash(again) == hash(task)
    np.testing.assert_array_equal(again.lessons([3], 5, 7).layer_0, samples.layer_0)
    (tmp_path / task.file).unlink()
    gone = pickle.loads(pickle.dumps(task))
    assert gone == task and gone.input_dim == task.input_dim
    with pytest.raises(UsageError, match="is not there"):
        gone.lessons([0], 0, 1)


def test_a_file_that_changed_is_refused():
    task = data_task(**data_task(write_series()).settings)
    write_series(101)
    with pytest.raises(UsageError, match="not the file that it was"):
        task.part("test")


def test_changed_columns_are_learned_anew():
    task = data_task(write_sequences(), targets=["above"], inputs=["x", "kind"], goal="tag")
    assert data_task(**{**task.settings, "inputs": ["x"]}).input_dim == 1
    assert data_task(**{**task.settings, "length": 4}).lessons([0], 0, 1).layer_0.shape[2] == 4


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_give_the_samples_that_one_call_gives(kind):
    task = every_task()[kind]
    whole = task.lessons([0, 9], 0, 90)
    for name in ("layer_0", "targets", "mask"):
        blocks = [getattr(task.lessons([0, 9], k, 18), name) for k in range(0, 90, 18)]
        np.testing.assert_array_equal(np.concatenate(blocks, axis=1), getattr(whole, name))
    assert (task.lessons([9], 0, 90).layer_0[0] == whole.layer_0[1]).all()
    assert (whole.layer_0[0] != whole.layer_0[1]).any()


@pytest.mark.parametrize("kind", KINDS)
def test_samples_have_the_shapes_that_the_task_says(kind):
    task = every_task()[kind]
    samples = task.lessons([0, 1], 0, 5)
    (loss,) = task.losses
    assert samples.layer_0.shape == (2, 5, task.length, task.input_dim)
    assert samples.targets.shape == (2, 5, task.length, task.output_dim(loss))
    assert samples.mask.shape == (2, 5, task.length) and samples.mask.any(axis=2).all()
    if task.encoding.classes is not None:
        assert (samples.targets.sum(axis=3)[samples.mask] == 1).all()
    Spec(input_dim=task.input_dim, output_dim=task.output_dim(loss), loss=loss)


def test_an_epoch_has_every_training_sequence_once():
    task = data_task(write_sequences(), targets=["above"], inputs=["x", "kind"], goal="tag")
    heard = sorted(tuple(each.layer_0[:, 0]) for each in task.part("train"))
    for epoch in range(3):
        samples = task.lessons([7], epoch * len(heard), len(heard))
        drawn = zip(samples.layer_0[0], samples.mask[0], strict=True)
        assert sorted(tuple(layer_0[mask, 0]) for layer_0, mask in drawn) == heard


def test_samples_are_of_the_training_part_alone():
    task = data_task(write_series(200))
    windows = task.lessons([0], 0, 5000).layer_0[0, :, :, 0]
    (train,) = task.part("train")
    heard = np.lib.stride_tricks.sliding_window_view(train.layer_0[:, 0], task.length)
    assert {window.tobytes() for window in windows} == {window.tobytes() for window in heard}


@pytest.mark.parametrize("part", ["validation", "test"])
def test_what_is_held_back_leaves_no_trace_in_the_encoding(part):
    settings = {"targets": ["label"], "inputs": ["x", "kind"]}
    task = data_task(write_sequences(), **settings)
    held = {int(each.name) - 1 for each in task.part(part)}

    def spoil(k, rows):
        return rows | {"x": [1e6] * len(rows["x"]), "kind": ["unheard of"] * len(rows["x"])} if k in held else rows

    spoiled = data_task(write_sequences("spoiled.jsonl", change=spoil), **settings)
    assert spoiled.encoding == task.encoding
    (one, other) = (each.lessons([0], 0, 100).layer_0 for each in (task, spoiled))
    np.testing.assert_array_equal(one, other)
    assert any((each.layer_0[:, 1:] == 0).all() for each in spoiled.part(part))


def test_no_row_of_the_file_is_in_two_parts():
    np.save("series.npy", np.arange(100.0))
    task = data_task("series.npy")
    used = [
        set(np.append(each.before, each.right[-1]))
        for name in ("train", "validation", "test")
        for each in task.part(name)
    ]
    assert len(set.union(*used)) == sum(map(len, used)) == 100


def test_a_forecast_is_the_next_value():
    np.save("series.npy", np.arange(100.0))
    (test,) = data_task("series.npy").part("test")
    assert test.before[:, 0].tolist() == list(range(90, 99))
    assert test.right[:, 0].tolist() == list(range(91, 100))
    np.testing.assert_allclose(test.targets[:-1], test.layer_0[1:])


def test_a_label_is_asked_for_at_the_last_step():
    task = data_task(write_sequences(), targets=["label"], inputs=["x"])
    for passage in task.part("train"):
        assert passage.mask.tolist() == [False] * (len(passage.mask) - 1) + [True]
    samples = task.lessons([0], 0, 20)
    assert (samples.mask.sum(axis=2) == 1).all()


@pytest.mark.parametrize("kind", ["tag", "label"])
def test_padding_changes_nothing(kind):
    """A network learns the same from a short sequence alone as from one that is padded, to the bit."""
    task = every_task()[kind]
    every = [task.lessons([0], k, 1) for k in range(10)]
    samples, steps = next((each, n) for each in every if (n := np.flatnonzero(each.mask)[-1] + 1) < task.length)
    cut = Sequences(samples.layer_0[:, :, :steps], samples.targets[:, :, :steps], samples.mask[:, :, :steps])
    spec = Spec(input_dim=task.input_dim, hidden_dim=4, output_dim=2, loss=task.losses[0], bias=True)
    params = Network.first(spec, 0).params
    student = Student(params, OPTIMIZERS["sgd"].first(params))
    learned = [engine("cpu").learn(spec, Rules("sgd", 0.1, None, 1), [student], each, 0)[0] for each in (samples, cut)]
    for one, other in zip(*(each.student.params.arrays().values() for each in learned), strict=True):
        np.testing.assert_array_equal(one, other)
    assert learned[0].errors == learned[1].errors


def test_an_unknown_class_in_the_test_part_is_never_right():
    task = data_task(write_sequences(), targets=["label"], inputs=["x"])
    (first, *_) = (int(each.name) - 1 for each in task.part("test"))

    def rename(k, rows):
        return rows | {"label": "sideways"} if k == first else rows

    try:
        task = data_task(write_sequences("b.jsonl", change=rename), targets=["label"], inputs=["x"])
    finally:
        held = [each for name in ("validation", "test") for each in task.part(name)]
    assert task.encoding.classes in (("down", "up"), ("down", "sideways", "up"))
    assert all(each.right[-1] in (-1, 0, 1, 2) for each in held)


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_is_a_short_line(kind):
    task = every_task()[kind]
    samples = task.lessons([0], 0, 1)
    line, is_right = task.preview(samples, samples.targets[0])
    assert 0 < len(line) <= 60 and "\n" not in line
    assert is_right is (True if kind in ("tag", "label", "windows") else None)
    _, is_right = task.preview(samples, 1 - samples.targets[0])
    assert is_right is (False if kind in ("tag", "label", "windows") else None)


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_settings_that_fit(kind):
    task = every_task()[kind]
    assert task.defaults["loss"] in task.losses
    assert task.title and task.noun and task.steps


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"goal": "next"}, "forecast"),
        ({"goal": "tags"}, "goal = 'tags'"),
        ({"goal": "label"}, "without a target"),
        ({"goal": "label", "targets": ["above"]}, "changes within a sequence"),
        ({"goal": "tag", "targets": ["above"], "inputs": ["above"]}, "heard and to be said"),
        ({"targets": ["nothing"]}, "no column 'nothing'"),
        ({"inputs": []}, "one column or more"),
        ({"inputs": ["x", "x"]}, "twice"),
        ({"inputs": ["kind"]}, "without a column of numbers"),
        ({"inputs": ["who", "x"], "sequence": "who"}, "names the sequences"),
        ({"sequence": "unheard of"}, "no column 'unheard of'"),
        ({"length": 0}, "length = 0"),
        ({"length": 10**9}, "100,000"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, word):
    with pytest.raises(UsageError) as caught:
        data_task(write_sequences(), **settings)
    assert word in str(caught.value)
    assert len(str(caught.value).splitlines()) == 3


def test_text_has_no_columns():
    for settings in ({"inputs": ["x"]}, {"targets": ["x"]}, {"sequence": "x"}, {"goal": "tag"}, {"unit": "line"}):
        with pytest.raises(SettingError):
            data_task(write_text(), **settings)
