"""Encoding: columns become what a network sees, and it is learned from the training part alone."""

import json

import numpy as np
import pytest

from carrybit.data.encoding import Encoding, encode, learn
from carrybit.data.features import REST, category, number, vocabulary
from carrybit.data.question import Question
from carrybit.data.table import Table
from carrybit.errors import UsageError

ROWS = np.arange(4)


def table(**columns):
    arrays = {
        name: np.array(values, dtype=object if isinstance(values[0], str) else float)
        for name, values in columns.items()
    }
    return Table.of("a file", arrays)


def test_numbers_get_mean_0_and_deviation_1_of_the_training_part():
    found = table(x=[1, 2, 3, 4, 1000], y=[0, 0, 0, 1, 1])
    encoding = learn(Question("tag", ("x",), ("y",)), found, ROWS)
    seen = encode(encoding.inputs, found).at(ROWS)
    assert seen.mean() == pytest.approx(0) and seen.std() == pytest.approx(1)
    other = table(x=[1, 2, 3, 4, -7], y=[0, 0, 0, 1, 0])
    assert learn(Question("tag", ("x",), ("y",)), other, ROWS) == encoding


def test_decode_takes_encode_back():
    found = table(x=[1, 2, 3, 4], y=[3.0, -1.0, 2.5, 7.0], z=[1, 1, 1, 1])
    encoding = learn(Question("forecast", ("x",), ("y", "z")), found, ROWS)
    back = encoding.decode(encode(encoding.targets, found).at(ROWS))
    np.testing.assert_allclose(back, np.stack([found.columns["y"], found.columns["z"]], axis=1), rtol=1e-14)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e300])
def test_a_constant_column_is_shown_as_0(value):
    assert number("x", np.full(7, value)).encode(np.full(7, value)).tolist() == [0] * 7


def test_numbers_too_far_apart_are_refused():
    with pytest.raises(UsageError, match="too far apart"):
        number("x", np.array([1e308, -1e308, 1e308]))


def test_categories_are_one_hot_beside_numbers():
    found = table(x=[1, 2, 3, 4], kind=["b", "a", "b", "c"], y=[0, 0, 0, 1])
    encoding = learn(Question("tag", ("x", "kind"), ("y",)), found, ROWS)
    assert encode(encoding.inputs, found).at(ROWS)[:, 1:].tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_an_unknown_category_is_no_place_in_other_parts_and_an_error_at_prediction():
    found = table(kind=["a", "b", "a", "b", "new"], x=[1, 2, 3, 4, 5], y=[0, 1, 0, 1, 1])
    for inputs in (("kind",), ("kind", "x")):
        encoding = learn(Question("tag", inputs, ("y",)), found, ROWS)
        assert encode(encoding.inputs, found).at(4)[:2].tolist() == [0, 0]
        with pytest.raises(UsageError, match="(?s)'new' in column 'kind'.*'a', 'b'"):
            encode(encoding.inputs, found, is_strict=True)


def test_numbers_sort_as_numbers_among_categories():
    assert category("x", np.array([10.0, 9.0, 2.0])).categories == ("2", "9", "10")


def test_categories_of_numbers_are_the_same_from_any_kind_of_file():
    feature = category("x", np.array([0.0, 1.0, -0.0]))
    assert feature.categories == ("0", "1")
    assert feature.places(np.array(["1", "0"], dtype=object)).tolist() == [1, 0]


def test_too_many_categories_are_refused_with_the_row_that_made_text_of_numbers():
    values = [str(k / 7) for k in range(300)]
    with pytest.raises(UsageError, match="(?s)300 different values.*256"):
        category("x", np.array(values, dtype=object))
    values[41] = "abc"
    with pytest.raises(UsageError, match="'abc' is no number"):
        category("x", np.array(values, dtype=object))


def test_rare_words_share_a_place():
    words = np.array("the cat saw the dog and the cat ran".split(), dtype=object)
    found = vocabulary("word", words, at_least=2, most=10)
    assert found.categories == ("cat", "the", REST)
    assert found.places(words).tolist() == [1, 0, 2, 1, 2, 2, 1, 0, 2]
    assert vocabulary("word", words, at_least=1, most=3).width == 4


def test_common_characters_need_no_place_for_the_rest():
    found = vocabulary("character", np.array(list("abca")), at_least=1, most=10)
    assert found.categories == ("a", "b", "c")
    assert found.places(np.array(list("cz"))).tolist() == [2, -1]


def test_an_encoding_survives_json():
    found = table(x=[1, 2, 3, 4.5], kind=["b", "a", "b", "ö"], y=[0, 0, 0, 1])
    encoding = learn(Question("tag", ("x", "kind"), ("y",)), found, ROWS)
    assert Encoding.from_about(json.loads(json.dumps(encoding.about()))) == encoding


def test_targets_of_few_whole_numbers_are_classes_unless_it_is_said_otherwise():
    found = table(x=[1, 2, 3, 4], y=[0, 2, 0, 1], z=[0.5, 2, 0, 1])
    assert learn(Question("tag", ("x",), ("y",)), found, ROWS).classes == ("0", "1", "2")
    assert learn(Question("tag", ("x",), ("z",)), found, ROWS).classes is None
    assert learn(Question("tag", ("x",), ("y",), categories=()), found, ROWS).classes is None
    assert learn(Question("tag", ("x",), ("z",), categories=("z",)), found, ROWS).classes == ("0", "0.5", "1", "2")


def test_what_cannot_be_learned_is_refused():
    found = table(x=[1, 2, 3, 4], kind=["a", "b", "a", "b"], y=[3, 3, 3, 3])
    with pytest.raises(UsageError, match="'y' is '3' everywhere"):
        learn(Question("tag", ("x",), ("y",)), found, ROWS)
    with pytest.raises(UsageError, match="2 targets"):
        learn(Question("tag", ("x",), ("kind", "x")), found, ROWS)
    with pytest.raises(UsageError, match="column 'kind' has 'a' in it"):
        learn(Question("forecast", ("x",), ("kind",)), found, ROWS)
