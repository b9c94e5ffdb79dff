"""Scoring: the network's figures beside the baselines', on the same part of the same file."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from carrybit import responses
from carrybit.errors import SettingError, UsageError
from carrybit.network import Network
from carrybit.params import Params
from carrybit.responses import respond
from carrybit.scoring import score
from carrybit.spec import Spec
from carrybit.tasks.data import data_task


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def network(task, seed=0, hidden_dim=6):
    (loss,) = task.losses
    sizes = {"input_dim": task.input_dim, "hidden_dim": hidden_dim, "output_dim": task.output_dim(loss)}
    return Network.first(Spec(**sizes, loss=loss, activation="tanh", bias=True), seed)


def always(task, answer):
    """A network that does not listen: layer_2 is the same at every step, from biases alone."""
    net = network(task, hidden_dim=1)
    zeros = net.params.map(np.zeros_like).arrays()
    return Network(net.spec, Params(**zeros | {"bias_2": np.asarray(answer, float)}))


def sequences(file="s.jsonl", count=60):
    draw = np.random.default_rng(0)
    with open(file, "w") as opened:
        for _ in range(count):
            x = draw.normal(size=draw.integers(2, 12)).tolist()
            rows = {"x": x, "above": [int(v > 0.4) for v in x], "label": "up" if x[-1] > 0.4 else "down"}
            opened.write(json.dumps(rows) + "\n")
    return file


def figures(scored):
    return {(row.figure, row.baseline): row for row in scored.rows}


@pytest.mark.parametrize("settings", [{"targets": ["above"], "goal": "tag"}, {"targets": ["label"]}])
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_a_network_that_always_says_the_same_is_the_majority(settings, part):
    task = data_task(sequences(), inputs=["x"], **settings)
    commonest = {"above": [1, 0], "label": [1, 0]}[settings["targets"][0]]
    for row in score(always(task, commonest), task, part).rows:
        assert row.network == row.value and not row.is_better, row


def test_a_text_network_without_ears_scores_its_own_chances():
    with open("a.txt", "w") as opened:
        opened.write("abacabad" * 100)
    task = data_task("a.txt")
    chances = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
    scored = figures(score(always(task, np.log(chances)), task))
    assert scored["bits per character", "unigram"].network == pytest.approx(1.75, abs=0.02)
    assert scored["bits per character", "unigram"].value == pytest.approx(1.75, abs=0.05)
    bits = [scored["bits per character", each].value for each in ("unigram", "bigram", "trigram")]
    assert bits == sorted(bits, reverse=True) and bits[2] < 0.7
    assert scored["perplexity", "trigram"].network == pytest.approx(
        2 ** scored["bits per character", "unigram"].network
    )
    assert (
        scored["accuracy", "majority"].network == scored["accuracy", "majority"].value == pytest.approx(0.5, abs=0.01)
    )


def test_a_symbol_that_training_never_showed_does_not_count():
    with open("a.txt", "w") as opened:
        opened.write("ab" * 100 + "ab" * 5 + "z" + "ab" * 10)
    task = data_task("a.txt")
    assert task.encoding.classes == ("a", "b")
    assert sum(score(network(task), task, part).answers for part in ("train", "validation", "test")) == 231 - 3 - 1


def test_a_forecast_is_scored_in_units_of_its_own():
    np.save("a.npy", 1000 + np.arange(200.0) * 3)
    task = data_task("a.npy")
    scored = score(always(task, [0]), task)  # which always says the mean of the training part
    rows = figures(scored)
    mean = 1000 + 3 * 79.5
    (test,) = task.part("test")
    assert rows["RMSE", "mean"].network == pytest.approx(np.sqrt(((test.right - mean) ** 2).mean()))
    assert rows["RMSE", "last value"].value == pytest.approx(3)
    assert rows["MAE", "last value"].value == pytest.approx(3)
    assert rows["MASE", "last value"].value == pytest.approx(1)
    assert rows["MASE", "last value"].network == pytest.approx(rows["MAE", "mean"].network / 3)
    assert not rows["RMSE", "last value"].is_better


def test_several_targets_have_figures_each():
    np.save("a.npy", np.random.default_rng(0).normal(size=(100, 2)))
    task = data_task("a.npy")
    assert {row.figure for row in score(network(task), task).rows} >= {"RMSE of input_0", "MASE of input_1"}


@pytest.mark.parametrize("goal", ["tag", "label"])
def test_numbers_at_every_step_or_at_the_end_are_scored_against_the_mean(goal):
    task = data_task(sequences(), inputs=["above"], targets=["x"], goal="tag")
    rows = figures(score(always(task, [0]), task))
    assert set(rows) == {("RMSE", "mean"), ("MAE", "mean")}
    assert rows["RMSE", "mean"].network > 0


def test_a_score_is_plain_json():
    task = data_task(sequences(), inputs=["x"], targets=["label"])
    scored = score(network(task), task)
    again = json.loads(json.dumps(scored.as_dict()))
    assert (again["part"], again["sequences"], again["answers"]) == ("test", 6, 6)
    assert again["rows"][0]["figure"] == "accuracy"


def test_bad_wishes_are_refused():
    task = data_task(sequences(), inputs=["x"], targets=["label"])
    with pytest.raises(SettingError, match="validation"):
        score(network(task), task, "exam")
    with open("a.txt", "w") as opened:
        opened.write("ab" * 100 + "z" * 50)
    with pytest.raises(UsageError, match="no answer that counts"):
        task = data_task("a.txt")
        score(network(task), task)


@pytest.mark.parametrize("recurrence", ["hidden", "input"])
def test_sequences_in_pieces_and_batches_are_answered_as_alone(monkeypatch, recurrence):
    draw = np.random.default_rng(0)
    spec = Spec(input_dim=3, hidden_dim=5, output_dim=2, recurrence=recurrence, loss="softmax_cross_entropy")
    net = Network.first(spec, 0)
    arrays = [draw.normal(size=(steps, 3)) for steps in (4, 1, 25, 10, 11, 3, 7)]
    heard = [SimpleNamespace(inputs=responses.Rows(np.arange(len(each)), each)) for each in arrays]
    for piece, numbers in ((4096, 2**22), (10, 100), (4, 1)):
        monkeypatch.setattr(responses, "PIECE", piece)
        monkeypatch.setattr(responses, "NUMBERS", numbers)
        layer_2 = [np.full((len(each), 2), np.nan) for each in arrays]
        for number, steps, _, answered in respond(net, heard):
            assert np.isnan(layer_2[number][steps]).all()
            layer_2[number][steps] = answered
        for given, each in zip(layer_2, arrays, strict=True):
            np.testing.assert_array_equal(given, net.run(each[None]).layer_2[0])
