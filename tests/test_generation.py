"""Generation: a network goes on with a text; the same seed goes on in the same way."""

import itertools
import math

import numpy as np
import pytest

from carrybit.data.features import REST
from carrybit.errors import SettingError, UsageError
from carrybit.generation import continue_text, draw
from carrybit.network import Network
from carrybit.params import Params
from carrybit.spec import Spec
from carrybit.tasks.data import data_task


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def written(text, **settings):
    with open("a.txt", "w") as opened:
        opened.write(text)
    return data_task("a.txt", **settings)


def follower(task, after):
    """A network that knows what comes after each symbol: synapses by hand, no training."""
    size = task.input_dim
    spec = Spec(input_dim=size, hidden_dim=size, output_dim=size, activation="relu", loss="softmax_cross_entropy")
    synapse_1 = np.zeros((size, size))
    for symbol, following in after.items():
        synapse_1[task.encoding.classes.index(symbol), task.encoding.classes.index(following)] = 50
    return Network(spec, Params(synapse_0=np.eye(size), synapse_h=np.zeros((size, size)), synapse_1=synapse_1))


def random_network(task, seed=0):
    sizes = {"input_dim": task.input_dim, "hidden_dim": 8, "output_dim": task.input_dim}
    return Network.first(Spec(**sizes, loss="softmax_cross_entropy"), seed)


@pytest.mark.parametrize("temperature", [0, 1e-300, 1e-3, 1.0])
def test_a_network_that_knows_what_follows_says_it(temperature):
    task = written("abc" * 50)
    net = follower(task, {"a": "b", "b": "c", "c": "a"})
    assert "".join(continue_text(net, task, "ab", 7, temperature)) == "cabcabc"


def test_words_are_joined_as_they_are_written():
    task = written("the cat sat. the cat ran, " * 30, unit="word")
    net = follower(task, {"the": "cat", "cat": "ran", "ran": ",", ",": "the"})
    assert "".join(continue_text(net, task, "sat. the", 5, 0)) == " cat ran, the cat"


def test_rare_words_are_never_said():
    task = written("the cat " * 50 + "unheard", unit="word")
    with_rare = written("once " + "the cat " * 50, unit="word")
    assert with_rare.encoding.classes == ("cat", "the", REST)
    said = "".join(continue_text(random_network(with_rare), with_rare, "the", 200, 5.0))
    assert REST not in said and set(said.split()) == {"the", "cat"}
    with pytest.raises(UsageError, match="'once'"):
        continue_text(random_network(with_rare), with_rare, "once")
    assert task.encoding.classes == ("cat", "the")


def test_the_seed_names_what_is_drawn():
    task = written("abc" * 50)
    net = random_network(task)
    said = [list(continue_text(net, task, "a", 60, 1.0, seed)) for seed in (0, 0, 1)]
    assert said[0] == said[1] != said[2]
    assert list(itertools.islice(continue_text(net, task, "a", 10**9, 1.0, 0), 60)) == said[0]


def test_what_is_drawn_is_as_frequent_as_it_is_likely():
    probability = np.array([0.5, 0.0, 0.3, 0.2])
    thrown = (np.arange(1000) + 0.5) / 1000
    for temperature in (1.0, 0.5, 2.0):
        wanted = probability ** (1 / temperature) / (probability ** (1 / temperature)).sum()
        drawn = np.bincount([draw(probability, temperature, each) for each in thrown], minlength=4) / 1000
        np.testing.assert_allclose(drawn, wanted, atol=2e-3)
    assert draw(probability, 1.0, 0.0) == 0 and draw(probability, 1.0, math.nextafter(1, 0)) == 3


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"text": "aXb§"}, "'X', '§'"),
        ({"text": ""}, "without a character"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"length": 0}, "length"),
        ({"length": 1.5}, "length"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_wishes_are_refused_before_anything_is_said(settings, word):
    task = written("abc" * 50)
    with pytest.raises(UsageError) as caught:
        continue_text(random_network(task), task, **{"text": "a", **settings})
    assert word in str(caught.value)
    if "temperature" in settings:
        assert isinstance(caught.value, SettingError)


def test_a_network_of_numbers_cannot_go_on_with_text():
    np.save("a.npy", np.arange(100.0))
    task = data_task("a.npy")
    with pytest.raises(UsageError, match="trained on text"):
        continue_text(random_network(task), task, "a")


def test_an_overflown_network_is_refused():
    with pytest.raises(UsageError, match="finite"):
        draw(np.array([np.nan, 1.0]), 0, 0.0)
