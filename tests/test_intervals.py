"""Intervals hold what they promise."""

import math

import numpy as np
import pytest

from carrybit import intervals


def test_a_share_of_half_a_thousand_is_known_to_three_percent():
    low, high = intervals.share(500, 1000)
    assert (low, high) == pytest.approx((0.4691, 0.5309), abs=1e-4)  # R: prop.test(500, 1000, correct = FALSE)


def test_nothing_of_ten_may_still_be_a_quarter():
    assert intervals.share(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert intervals.share(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert intervals.share(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("n", "rank"), [(1, 0), (5, 0), (6, 0), (9, 1), (20, 5), (100, 39)])
def test_the_interval_of_a_median_is_made_of_the_numbers_of_the_table(n, rank):
    # order statistics of the binomial distribution, as in Conover's table A3
    assert intervals.median([float(k) for k in range(n)]) == (rank, n - 1 - rank)


def test_a_median_of_nothing_is_unknown():
    assert all(math.isnan(end) for end in intervals.median([]))


@pytest.mark.parametrize("chance", [0.03, 0.5, 0.9])
def test_intervals_cover_the_truth_as_often_as_they_say(chance):
    random = np.random.default_rng(0)
    bounds = [intervals.share(int(hits), 200) for hits in random.binomial(200, chance, size=2000)]
    assert 0.93 < np.mean([low <= chance <= high for low, high in bounds]) < 0.975


def test_intervals_of_a_median_cover_it():
    random = np.random.default_rng(0)
    samples = random.exponential(size=(2000, 51))
    covered = [low <= math.log(2) <= high for low, high in (intervals.median(list(sample)) for sample in samples)]
    assert 0.94 < np.mean(covered) < 0.99
