"""Traces in files come back to the bit, and files that are none are refused."""

import json

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import RunError, UsageError
from carrybit.files.traces import load_trace, save_trace
from carrybit.network import Network
from carrybit.spec import Spec
from carrybit.tasks import make_task
from carrybit.tracing import trace
from carrybit.watching import watch, watch_samples


def made(precision="float64"):
    task = make_task("recall", {})
    spec = TrainConfig(task=task, hidden_dim=5, precision=precision).make_spec()
    return watch_samples(Network.first(spec, 1), task, 3)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("ending", ["safetensors", "json"])
def test_a_trace_comes_back_to_the_bit(ending, precision, tmp_path):
    path, before = tmp_path / f"trace.{ending}", made(precision)
    save_trace(before, path)
    after = load_trace(path)
    assert after.spec == before.spec and after.captions == before.captions
    for name, array in before.arrays().items():
        assert after.arrays()[name].dtype == array.dtype
        np.testing.assert_array_equal(after.arrays()[name], array, err_msg=name)


def test_json_is_strict_even_where_numbers_are_not_finite(tmp_path):
    spec = Spec(activation="relu", loss="linear_squared_error")
    wild = Network(spec, Network.first(spec, 0).params.map(lambda array: abs(array) * 1e80))
    before = trace(wild, np.ones((1, 8, 2)), np.ones((1, 8, 1)))
    save_trace(before, tmp_path / "wild.json")

    def refuse(text):
        raise AssertionError(text)

    json.loads((tmp_path / "wild.json").read_text(), parse_constant=refuse)
    np.testing.assert_array_equal(load_trace(tmp_path / "wild.json").layer_1, before.layer_1)


def test_a_batch_of_several_and_a_single_question_are_both_kept(tmp_path):
    task = make_task("addition", {})
    network = Network.first(TrainConfig(task=task).make_spec(), 0)
    save_trace(watch(network, task, "9 + 60"), tmp_path / "sum.json")
    assert load_trace(tmp_path / "sum.json").caption.is_read_backwards


def test_files_that_are_no_traces_are_refused(tmp_path):
    path = tmp_path / "trace.json"
    save_trace(made(), path)
    told = json.loads(path.read_text())
    for change in [
        {"format": 9},
        {"batch": 4},
        {"spec": {"hidden_dim": 0}},
        {"arrays": {}},
        {"arrays": told["arrays"] | {"layer_1": told["arrays"]["layer_0"]}},
        {"arrays": told["arrays"] | {"layer_1": told["arrays"]["layer_1"] | {"dtype": "object"}}},
        {
            "arrays": told["arrays"]
            | {"mask": told["arrays"]["mask"] | {"values": ["False"] * told["batch"] * told["time"]}}
        },
        {
            "arrays": told["arrays"]
            | {"loss": told["arrays"]["loss"] | {"values": ["0.5"] * told["batch"] * told["time"]}}
        },
        {"weight": None},
        {"captions": [{}] * 3},
        {"captions": told["captions"][:2]},
    ]:
        path.write_text(json.dumps(told | change))
        with pytest.raises(RunError):
            load_trace(path)
    for text in ["", "[]", "{", "null", "[" * 100_000]:
        path.write_text(text)
        with pytest.raises(RunError):
            load_trace(path)
    with pytest.raises(RunError):
        load_trace(tmp_path / "nothing.json")
    with pytest.raises(RunError):
        load_trace(tmp_path / "nothing.safetensors")
    cut = tmp_path / "cut.safetensors"
    save_trace(made(), cut)
    cut.write_bytes(cut.read_bytes()[:-9])
    with pytest.raises(RunError):
        load_trace(cut)


@pytest.mark.parametrize("name", ["machine.json", "weights.safetensors"])
def test_a_trace_replaces_a_trace_and_nothing_else(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b'{"states": []}')
    with pytest.raises(UsageError, match="another kind"):
        save_trace(made(), path)
    assert path.read_bytes() == b'{"states": []}'
    path.unlink()
    save_trace(made(), path)
    save_trace(made("float32"), path)
    assert load_trace(path).spec.precision == "float32"


def test_a_trace_needs_a_name_that_says_how_it_is_written(tmp_path):
    for name in ["trace", "trace.npz", "nowhere/trace.json"]:
        with pytest.raises(UsageError):
            save_trace(made(), tmp_path / name)
    with pytest.raises(UsageError):
        load_trace(tmp_path / "trace.npz")
