"""Answers to a file: rows with names, in units of the columns, without targets and with the encoding that was kept."""

import json

import numpy as np
import pytest

from carrybit.answers import answer
from carrybit.errors import UsageError
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import Spec
from carrybit.tasks.data import data_task


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def network(task, seed=0):
    (loss,) = task.losses
    sizes = {"input_dim": task.input_dim, "hidden_dim": 6, "output_dim": task.output_dim(loss)}
    return Network.first(Spec(**sizes, loss=loss, activation="tanh", bias=True), seed)


def lines(file, objects):
    with open(file, "w") as opened:
        opened.writelines(json.dumps(each) + "\n" for each in objects)
    return file


def learned(goal):
    draw = np.random.default_rng(0)
    objects = []
    for k in range(30):
        x = draw.normal(5, 2, size=4 + k % 3).tolist()
        kinds = draw.choice(["p", "q"], size=len(x)).tolist()
        objects.append({"who": f"s{k}", "x": x, "kind": kinds, "high": [str(v > 5) for v in x], "label": str(x[0] > 5)})
    targets = {"tag": ["high"], "label": ["label"], "forecast": None}[goal]
    return data_task(lines("train.jsonl", objects), goal, ["x", "kind"], targets, "who")


NEW = [
    {"who": "new", "x": [1.0, 2.0, 3.0], "kind": ["p", "q", "q"]},
    {"who": "other", "x": [7.0], "kind": ["p"]},
]


def alone(task, net, each):
    (x,), (kind,) = ([f] for f in task.encoding.inputs)
    rows = [
        [(v - x.mean) / x.deviation, *(k == c for c in kind.categories)]
        for v, k in zip(each["x"], each["kind"], strict=True)
    ]
    return net.run(np.array(rows, float)[None]).layer_2[0]


def test_every_step_is_tagged():
    task = learned("tag")
    net = network(task)
    columns = answer(net, task, lines("new.jsonl", NEW))
    assert list(columns) == ["sequence", "step", "high", "probability"]
    assert columns["sequence"] == ["new", "new", "new", "other"]
    assert columns["step"] == [1, 2, 3, 1]
    layer_2 = np.concatenate([alone(task, net, each) for each in NEW])
    assert columns["high"] == [task.encoding.classes[k] for k in layer_2.argmax(axis=1)]
    np.testing.assert_allclose(columns["probability"], layer_2.max(axis=1), rtol=1e-12)


def test_every_sequence_is_labelled_at_its_end():
    task = learned("label")
    net = network(task)
    columns = answer(net, task, lines("new.jsonl", NEW))
    assert list(columns) == ["sequence", "label", "probability"]
    layer_2 = np.stack([alone(task, net, each)[-1] for each in NEW])
    assert columns["label"] == [task.encoding.classes[k] for k in layer_2.argmax(axis=1)]


def test_a_forecast_goes_one_step_beyond_the_file():
    task = learned("forecast")
    net = network(task)
    columns = answer(net, task, lines("new.jsonl", NEW))
    assert columns["step"] == [2, 3, 4, 2]
    (x, _) = task.encoding.inputs
    layer_2 = np.concatenate([alone(task, net, each) for each in NEW])
    np.testing.assert_allclose(columns["x"], layer_2[:, 0] * x.deviation + x.mean, rtol=1e-12)


def test_a_perfect_echo_answers_in_units_of_the_file():
    np.save("a.npy", 100 + 10 * np.sin(np.arange(100)))
    task = data_task("a.npy")
    spec = Spec(input_dim=1, hidden_dim=2, output_dim=1, activation="relu", loss="linear_squared_error")
    echo = Params(synapse_0=np.array([[1.0, -1.0]]), synapse_h=np.zeros((2, 2)), synapse_1=np.array([[1.0], [-1.0]]))
    np.save("b.npy", np.array([90.0, 123.0]))
    columns = answer(Network(spec, echo), task, "b.npy")
    np.testing.assert_allclose(columns["input"], [90, 123])


def test_the_next_symbols_of_a_text_are_said():
    with open("a.txt", "w") as opened:
        opened.write("abc" * 50)
    task = data_task("a.txt")
    columns = answer(network(task), task, "a.txt")
    assert list(columns) == ["sequence", "step", "character", "probability"]
    assert columns["step"][0] == 2 and len(columns["step"]) == 150


def test_arrays_without_targets_are_answered():
    draw = np.random.default_rng(0)
    np.savez("a.npz", inputs=draw.normal(size=(20, 5)), targets=draw.integers(0, 2, 20))
    np.savez("b.npz", inputs=np.zeros((3, 5)), lengths=np.array([5, 2, 4]))
    task = data_task("a.npz")
    assert len(answer(network(task), task, "b.npz")["target"]) == 3


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": ["p", "r", "q"]}, "'r' in column 'kind'"),
        ({"x": [1.0, None, 3.0]}, "no value"),
        ({"x": ["1", "two", "3"]}, "'two'"),
        ({"x": [], "kind": []}, "0 of 1 rows"),
    ],
)
def test_what_the_network_cannot_hear_is_refused(change, word):
    task = learned("tag")
    with pytest.raises(UsageError) as caught:
        answer(network(task), task, lines("new.jsonl", [NEW[0] | change, NEW[1] | {"who": "b"}]))
    assert word in str(caught.value)


def test_a_file_of_another_kind_is_refused():
    task = learned("tag")
    np.save("a.npy", np.zeros(5))
    with pytest.raises(UsageError, match="no column 'x'"):
        answer(network(task), task, "a.npy")
