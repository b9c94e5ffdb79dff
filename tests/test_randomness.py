"""The counter-based random words: known answers, and the freedom to ask in any order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from carrybit.randomness import PURPOSES, bits, uniform, words


def test_words_are_philox_by_its_published_known_answers():
    # Random123's kat_vectors: philox4x64-10, counter and key all ones. NumPy counts up before it draws.
    ones = 2**64 - 1
    before = [ones - 1, ones, ones, ones]
    raw = np.random.Philox(key=[ones, ones], counter=before).random_raw(4)
    assert [f"{int(word):016x}" for word in raw] == [
        "87b092c3013fe90b",
        "438c3c67be8d0224",
        "9cc7d7c69cd777b6",
        "a09caebf594f0ba0",
    ]


def test_words_of_a_seed_stay_what_they_are():
    # Stored on 23 Nov 2026 from words(0, "samples", 0, 1, 4); a change here would change every trained network.
    assert [f"{int(word):016x}" for word in words(0, "samples", 0, 1, 4)[0]] == [
        "d037f8c3f9a1d176",
        "c057419b4c210765",
        "abf13115117b0065",
        "7bae035dea6ea5c0",
    ]


@given(
    first=st.integers(0, 2**40),
    count=st.integers(1, 9),
    width=st.integers(1, 11),
    seed=st.integers(0, 2**64 - 1),
    purpose=st.sampled_from(sorted(PURPOSES)),
)
def test_rows_are_the_same_in_a_block_and_one_by_one(first, count, width, seed, purpose):
    block = words(seed, purpose, first, count, width)
    rows = [words(seed, purpose, first + row, 1, width)[0] for row in range(count)]
    np.testing.assert_array_equal(block, rows)


def test_purposes_and_seeds_share_nothing():
    drawn = [words(seed, purpose, 0, 50, 4) for seed in range(3) for purpose in PURPOSES]
    assert len(set(np.concatenate(drawn).ravel().tolist())) == 3 * len(PURPOSES) * 200


def test_uniform_numbers_fill_the_interval_from_minus_one_to_one():
    numbers = uniform(words(0, "weights", 0, 1, 100_000)[0])
    assert -1 <= numbers.min() < -0.9999
    assert 0.9999 < numbers.max() < 1
    assert uniform(np.array([0, 2**64 - 1], dtype=np.uint64)).tolist() == [-1.0, 1 - 2.0**-52]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3), st.data())
def test_bits_are_lowest_first(row, data):
    count = data.draw(st.integers(1, 64 * len(row)))
    number = sum(word << (64 * k) for k, word in enumerate(row))
    found = bits(np.array([row], dtype=np.uint64), count)
    assert found.tolist() == [[number >> t & 1 for t in range(count)]]
