"""The experiment on capacity: bits are counted right, the law is fitted right, and the verdict can say not so."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.labs import capacity
from carrybit.labs.echo import Echo
from carrybit.labs.lab import Finding

TASK = Echo(lags=4, length=12)


class Told:
    """Stands for a network: says some of the last bits rightly, and throws a coin for the others."""

    def __init__(self, known):
        self.known = known

    def answer(self, layer_0):
        truth = TASK.sequences(layer_0[None, ..., 0]).targets[0]
        coin = np.random.RandomState(0).rand(*truth.shape)
        return np.where(np.arange(TASK.lags) < self.known, truth, coin)


def test_the_task_asks_for_what_was_heard_and_counts_only_where_it_was():
    heard = TASK.heard(0, "samples", 0, 5)
    samples = TASK.lessons([0], 0, 5)
    np.testing.assert_array_equal(samples.layer_0[0, ..., 0], heard)
    for t in range(3, 12):
        for k in range(4):
            np.testing.assert_array_equal(samples.targets[0, :, t, k], heard[:, t - k])
    assert samples.mask[0, 0].tolist() == [False] * 3 + [True] * 9
    TrainConfig(task=TASK, loss="cross_entropy", hidden_dim=2)


@pytest.mark.parametrize("known", range(5))
def test_as_many_bits_are_counted_as_are_known(known):
    bits = capacity.recalled(Told(known), TASK, 0, 400)
    np.testing.assert_allclose(bits, [1.0] * known + [0.0] * (4 - known), atol=0.01)


def test_the_entropy_of_a_fair_coin_is_a_bit_and_of_a_sure_one_none():
    np.testing.assert_allclose(capacity.entropy(np.array([0, 0.5, 1, 0.11])), [0, 1, 0, 0.4999], atol=1e-4)


def test_the_law_is_found_again():
    sizes = (1, 2, 4, 8)
    totals = np.array([1.5, 1.6, 1.4]) * np.array(sizes)[:, None] ** np.array([0.7, 0.9, 0.6])  # (sizes, seeds)
    a, b = capacity.power_law(sizes, totals)
    assert a == pytest.approx((1.5, 1.4, 1.6))
    assert b == pytest.approx((0.7, 0.6, 0.9))


def held(low, median, high):
    return SimpleNamespace(low=low, median=median, high=high)


@pytest.mark.parametrize(
    ("smaller", "ages", "holds", "words"),
    [
        (held(1, 1, 1.1), [1, 2], True, "hold 1.0 to 2.0 bits"),
        (held(1, 1, 1.95), [1, 2], False, "2 units hold"),
        (held(1, 1, 1.1), [2, 2], False, "not longer"),
    ],
)
def test_the_verdict_follows_the_numbers(smaller, ages, holds, words):
    decided, verdict = capacity._verdict((1, 2), [smaller, held(1.9, 2, 2.1)], ages)
    assert decided is holds
    assert words in verdict


def test_larger_layers_hold_more_and_with_input_recurrence_do_not(tmp_path):
    from matplotlib.figure import Figure

    for recurrence, holds in (("hidden", True), ("input", False)):
        events = capacity.experiment(sizes=(1, 4, 8), recurrence=recurrence)
        (finding,) = [event for event in events if isinstance(event, Finding)]
        assert finding.holds is holds, finding.verdict
        data = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]
        drawn = capacity.draw(Finding(finding.listings, finding.holds, finding.verdict, data), Figure())
        drawn.savefig(tmp_path / "drawn.png")
        ages, law, _ = drawn.axes
        np.testing.assert_array_equal(ages.images[0].get_array(), data["by_age"])
        assert [label.get_text() for label in ages.get_yticklabels()] == ["1", "4", "8"]
        assert law.lines[1].get_ydata().tolist() == [median for median, _, _ in data["held"]]
        assert "the exponent between" in law.get_legend().get_texts()[0].get_text()
    assert max(median for median, _, _ in data["held"]) < 2.1  # no more than the two inputs that are seen
