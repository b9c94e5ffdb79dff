"""Parts: no sequence is in two of them, and none is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.data.parts import PARTS, parts
from carrybit.data.table import Table
from carrybit.errors import UsageError


def table(lengths):
    return Table.of("a file", {"x": np.zeros(sum(lengths))}, np.array(lengths))


@given(st.lists(st.integers(2, 6), min_size=3, max_size=60))
def test_every_sequence_is_whole_and_in_one_part(lengths):
    dealt = np.concatenate(list(parts(table(lengths), 2).values()))
    assert sorted(dealt[:, 0]) == list(range(len(lengths)))
    in_order = dealt[np.argsort(dealt[:, 0])]
    assert in_order[:, 2].tolist() == np.cumsum(lengths).tolist()
    assert (in_order[:, 2] - in_order[:, 1]).tolist() == lengths


@pytest.mark.parametrize(("count", "held"), [(3, 1), (10, 1), (25, 2), (1000, 100)])
def test_a_tenth_is_held_back_twice(count, held):
    dealt = parts(table([1] * count), 1)
    assert [len(dealt[name]) for name in PARTS] == [count - 2 * held, held, held]


def test_it_is_not_the_order_of_the_file():
    assert parts(table([1] * 100), 1)["test"][:, 0].tolist() != list(range(90, 100))


def test_every_label_is_as_frequent_in_every_part():
    labels = np.array(["a"] * 100 + ["b"] * 50 + ["c"] * 50)
    dealt = parts(table([1] * 200), 1, labels)
    for name in ("validation", "test"):
        assert [(labels[dealt[name][:, 0]] == label).sum() for label in "abc"] == [10, 5, 5]


@given(st.integers(20, 300))
def test_one_sequence_is_cut_in_the_order_of_time(rows):
    dealt = parts(table([rows]), 2)
    (train,), (validation,), (test,) = (dealt[name][:, 1:].tolist() for name in PARTS)
    assert train == [0, validation[0]]
    assert validation[1] == test[0] and test[1] == rows
    assert test[1] - test[0] == validation[1] - validation[0] == rows // 10


def test_what_is_too_little_is_refused():
    with pytest.raises(UsageError, match="2 sequences"):
        parts(table([5, 5]), 1)
    with pytest.raises(UsageError, match="19 steps"):
        parts(table([19]), 2)
    with pytest.raises(UsageError, match="sequence 2 of a file has 1 of 2 rows"):
        parts(table([5, 1, 5, 5]), 2)
    with pytest.raises(UsageError, match="sequence 3 of a file has 0 of 1 rows"):
        parts(table([5, 1, 0, 5]), 1)
