"""The figures are the field's: those of scikit-learn, and of the formulas on paper."""

import math

import numpy as np
import pytest

from carrybit.data import measures
from carrybit.data.baselines import Grams

metrics = pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("seed", range(5))
def test_accuracy_and_f1_are_scikit_learns(seed):
    draw = np.random.default_rng(seed)
    right, said = draw.integers(0, 6, 200), draw.integers(0, 5, 200)
    f1 = measures.f1(said, right, 7)
    np.testing.assert_allclose(f1[:6], metrics.f1_score(right, said, average=None, labels=range(6), zero_division=0))
    assert np.isnan(f1[6])
    assert measures.macro(f1) == pytest.approx(metrics.f1_score(right, said, average="macro", zero_division=0))
    assert measures.accuracy(said, right) == metrics.accuracy_score(right, said)


def test_an_unknown_class_counts_against_the_classes_that_were_said():
    assert measures.f1(np.array([0, 0, 1]), np.array([0, -1, 1]), 2).tolist() == [2 / 3, 1]
    assert measures.accuracy(np.array([0, 0]), np.array([0, -1])) == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_errors_are_scikit_learns(seed):
    right, said = np.random.default_rng(seed).normal(size=(2, 50, 3))
    each = {"multioutput": "raw_values"}
    np.testing.assert_allclose(measures.rmse(said, right), metrics.root_mean_squared_error(right, said, **each))
    np.testing.assert_allclose(measures.mae(said, right), metrics.mean_absolute_error(right, said, **each))


def test_mase_is_1_for_an_error_like_that_of_the_last_value():
    right = np.array([[1.0], [3.0], [2.0]])
    assert measures.mase(right + 1.5, right, np.array([1.5])).tolist() == [1]


def test_bits_are_the_logarithm_of_perplexity():
    nats = -np.log(np.array([0.5, 0.25, 0.125]))
    assert measures.bits(nats) == pytest.approx(2)


def by_hand(train, text, symbols, longest):
    """Witten-Bell as it is written down: a dictionary of what followed what, looked up symbol by symbol."""
    found = {}
    for t in range(len(train)):
        for k in range(min(longest, t + 1)):
            after = found.setdefault(tuple(train[t - k : t]), {})
            after[train[t]] = after.get(train[t], 0) + 1

    def probability(context, symbol):
        shorter = probability(context[1:], symbol) if context else 1 / symbols
        after = found.get(tuple(context), {})
        c, d = sum(after.values()), len(after)
        return (after.get(symbol, 0) + d * shorter) / (c + d) if c else shorter

    return [-math.log(probability(text[max(0, t - longest + 1) : t], text[t])) for t in range(1, len(text))]


def test_grams_are_those_of_the_paper():
    draw = np.random.default_rng(0)
    train, text = draw.integers(0, 5, 60), draw.integers(0, 6, 40)
    told = Grams.of(train, 6, 3).nats(text)
    for longest, nats in enumerate(told, 1):
        np.testing.assert_allclose(nats, by_hand(train.tolist(), text.tolist(), 6, longest))


@pytest.mark.parametrize("longest", [1, 2, 3])
def test_the_chances_of_all_symbols_sum_to_1(longest):
    grams = Grams.of(np.random.default_rng(1).integers(0, 4, 50), 5, longest)
    for context in ([0, 1], [3, 3], [4, 4], [-1, 2]):
        chances = [math.exp(-grams.nats(np.array([*context, symbol]))[longest - 1][-1]) for symbol in range(5)]
        assert sum(chances) == pytest.approx(1)
