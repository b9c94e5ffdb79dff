"""Watching: any task's question becomes a trace in the words of the task, from any moment of the training."""

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import UsageError
from carrybit.network import Network
from carrybit.prediction import predict
from carrybit.tasks import make_task
from carrybit.tasks.addition import addition
from carrybit.tasks.data import data_task
from carrybit.training import train
from carrybit.watching import moments, watch, watch_samples

KINDS = {
    "addition": {"operands": 3},
    "subtraction": {},
    "comparison": {},
    "parity": {},
    "counting": {},
    "tomita": {},
    "recall": {},
    "latch": {},
    "dyck": {},
    "song": {},
    "alphabet": {},
}


def untrained(task, **settings):
    config = TrainConfig(task=task, **settings)
    return Network.first(config.make_spec(), 3, start=config.start)


@pytest.mark.parametrize("name", KINDS)
def test_every_task_s_example_can_be_watched_and_is_answered_as_predict_answers_it(name):
    task = make_task(name, KINDS[name])
    network = untrained(task)
    trace, prediction = watch(network, task, task.example), predict(network, task, task.example)
    caption = trace.caption
    np.testing.assert_array_equal(trace.layer_2, prediction.layers.layer_2)
    assert caption.answers == tuple(task.machine.answers[answer] for answer in prediction.answers)
    assert caption.truth == tuple(task.machine.answers[answer] for answer in prediction.truth)
    assert caption.states == tuple(task.machine.states[state] for state in prediction.states)
    assert caption.right == tuple((prediction.answers == prediction.truth).tolist())
    assert all(len(cells) == trace.time for _, cells in caption.rows)
    assert len(caption.inputs) == trace.spec.input_dim
    assert len(caption.outputs) == trace.spec.output_dim
    np.testing.assert_allclose(trace.unknown, task.vectors.mean(axis=0))


def test_the_targets_of_a_trace_are_the_right_answers():
    trace = watch(untrained(addition()), addition(), "9 + 60")
    assert trace.targets[0, :, 0].tolist() == [1, 0, 1, 0, 0, 0, 1]  # 69, lowest bit first
    assert trace.caption.title.startswith("9 + 60 = ")
    assert trace.caption.is_read_backwards


def test_samples_are_watched_as_a_batch_with_a_caption_each():
    task = addition(bits=5)
    trace = watch_samples(untrained(task), task, 6, seed=2)
    assert trace.batch == len(trace.captions) == 6
    assert trace.time == 5
    assert len({caption.title for caption in trace.captions}) > 1
    alone = trace.sequence(4)
    np.testing.assert_array_equal(alone.layer_1[0], trace.layer_1[4])
    assert alone.caption == trace.captions[4]


def test_moments_are_the_networks_that_training_had_then():
    config = TrainConfig(updates=300, seed=5)
    states = {0: Network.first(config.make_spec(), 5)}
    for updates in (100, 300):
        *_, finished = train(TrainConfig(updates=updates, seed=5))
        states[updates] = finished.state.network
    for update, network in zip(states, moments(config, list(states)), strict=True):
        for name, array in network.params.arrays().items():
            np.testing.assert_array_equal(array, states[update].params.arrays()[name], err_msg=f"{update} {name}")


def test_moments_do_not_run_backwards():
    with pytest.raises(UsageError, match="ascending"):
        next(moments(TrainConfig(), [5, 3]))


def test_a_text_of_one_s_own_is_watched_symbol_by_symbol(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("abcab cabca bcabc abcab " * 40)
    task = data_task(str(file))
    trace = watch(untrained(task), task, "abc a")
    caption = trace.caption
    assert caption.rows == (("character", tuple("abc a")),)
    assert caption.truth == (*"bc a", "")
    assert trace.mask.tolist() == [[True] * 4 + [False]]
    assert caption.right[-1] is None
    assert trace.targets[0].sum(axis=-1).tolist() == [1, 1, 1, 1, 0]
    said = np.array([passage.layer_0.sum(axis=0) for passage in task.part("train")]).sum(axis=0)
    np.testing.assert_allclose(trace.unknown, said / said.sum())
    assert trace.unknown.sum() == pytest.approx(1)
    with pytest.raises(UsageError):
        watch(untrained(task), task, "xyz")
    with pytest.raises(UsageError):
        watch(untrained(task), task, "")


def test_sequences_of_a_table_are_watched_by_name(tmp_path):
    file = tmp_path / "table.csv"
    rows = [f"s{k},{t},{'up' if (k + t) % 3 else 'down'},{k % 2}" for k in range(20) for t in range(5)]
    file.write_text("\n".join(["who,x,way,y", *rows]))
    task = data_task(str(file), goal="tag", sequence="who", targets=["y"])
    network = untrained(task)
    trace = watch(network, task, "s7")
    caption = trace.caption
    assert dict(caption.rows)["x"] == ("0", "1", "2", "3", "4")
    assert dict(caption.rows)["way"] == ("up", "up", "down", "up", "up")
    assert caption.truth == ("1",) * 5
    assert len(caption.inputs) == trace.spec.input_dim
    learned = np.concatenate([passage.layer_0 for passage in task.part("train")])
    np.testing.assert_allclose(trace.unknown, learned.mean(axis=0), atol=1e-15)
    assert watch(network, task, "").caption.title.split(":")[0] in {f"s{k}" for k in range(20)}
    with pytest.raises(UsageError, match="nobody"):
        watch(network, task, "nobody")


def test_numbers_that_are_foretold_are_told_in_units_of_their_own_and_are_neither_right_nor_wrong():
    task = data_task("examples/data/sunspots.csv", inputs=["sunspots"])
    trace = watch(untrained(task), task, "")
    caption = trace.caption
    assert set(caption.right) == {None}
    (feature,) = task.encoding.targets
    assert float(caption.answers[3]) == pytest.approx(trace.layer_2[0, 3, 0] * feature.deviation + feature.mean, 1e-3)


def test_a_question_that_is_too_long_is_refused():
    task = make_task("parity", {})
    with pytest.raises(UsageError, match="10,001"):
        watch(untrained(task), task, "1" * 10_001)


def test_a_category_that_training_never_saw_is_not_told_as_another(tmp_path):
    file = tmp_path / "table.csv"

    def written(new):
        rows = [f"s{k},{'new' if f's{k}' == new else 'ab'[k % 2]},{k % 2}" for k in range(100)]
        file.write_text("\n".join(["who,kind,y", *rows]))
        return data_task(str(file), goal="tag", sequence="who", targets=["y"])

    apart = written(None).part("test")[0].name
    task = written(apart)
    assert "new" not in str(task.encoding.about())
    assert dict(watch(untrained(task), task, apart).caption.rows)["kind"] == ("\N{WHITE SQUARE}",)
