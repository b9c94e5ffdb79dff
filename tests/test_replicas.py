"""Replicas: each is the network of its seed, whatever is trained beside it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import SettingError
from carrybit.replicas import train_replicas
from carrybit.training import Finished, Report, train
from test_training import assert_same_bits


def last(config, count):
    *_, replicas = train_replicas(config, count)
    return replicas


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "adam", "hidden_dim": 5, "batch_size": 2},
        {"precision": "float32", "optimizer": "momentum", "clip": 1.0, "bias": True, "hidden_dim": 20},
    ],
    ids=["tutorial", "adam", "float32"],
)
def test_fifty_replicas_have_the_bits_of_their_seeds_trained_alone(changes):
    config = TrainConfig(updates=150, every=100, seed=7, **changes)
    replicas = last(config, 50)
    for r, replica in enumerate(replicas):
        events = list(itertools.takewhile(lambda e: not hasattr(e, "marks"), train(replace(config, seed=7 + r))))
        assert replica.seed == 7 + r
        assert_same_bits(replica.state, events[-1].state)
        (*_, report) = [event for event in events if isinstance(event, Report)]
        assert replica.error == report.error


def test_replicas_stop_where_they_would_stop_alone():
    config = TrainConfig(until="exact", optimizer="adam", every=500, updates=4000)
    replicas = last(config, 10)
    for r, replica in enumerate(replicas):
        *_, finished = train(replace(config, seed=r))
        assert isinstance(finished, Finished)
        assert finished.reason == replica.fate
        assert replica.is_exact == all(marks.is_passed for marks in finished.examination)
        assert_same_bits(replica.state, finished.state)
    assert len({replica.state.update for replica in replicas}) > 1  # else nothing was seen


def test_a_replica_that_diverges_is_frozen_and_the_others_go_on():
    config = TrainConfig(activation="relu", loss="linear_squared_error", learning_rate=0.2, updates=400, every=100)
    replicas = last(config, 24)
    fates = {replica.fate for replica in replicas}
    assert fates == {"diverged", "updates"}
    for replica in replicas:
        assert all(np.isfinite(array).all() for array in replica.state.network.params.arrays().values())
        if replica.fate == "diverged":
            assert replica.state.update < 400
            with pytest.raises(Exception, match=f"diverged: update {replica.state.update + 1} "):
                list(train(replace(config, seed=replica.seed)))
        else:
            assert replica.state.update == 400


def test_seeds_go_round_at_their_end():
    assert [replica.seed for replica in last(TrainConfig(updates=1, seed=2**64 - 1), 3)] == [2**64 - 1, 0, 1]


def test_equal_bits_have_equal_digests():
    one, other = last(TrainConfig(updates=5), 3), last(TrainConfig(updates=5, seed=1), 3)
    assert [r.digest for r in one[1:]] == [r.digest for r in other[:2]]
    assert len({r.digest for r in (*one, *other)}) == 4


@pytest.mark.parametrize("count", [0, -1, 1.5, True, 10**7])
def test_a_number_of_replicas_that_makes_no_sense_is_refused(count):
    with pytest.raises(SettingError, match="replicas"):
        last(TrainConfig(updates=1), count)
