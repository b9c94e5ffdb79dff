"""Reading a person's own file: the same data in every kind of file, and an error that helps for what is none."""

import builtins
import importlib
import json
import os

import numpy as np
import pytest

from carrybit.data import frames, reading
from carrybit.errors import UsageError

pandas = pytest.importorskip("pandas")

COLUMNS = {"who": ["b", "b", "a", "a", "a"], "x": [1.5, 2.0, -3.0, 4.0, 1e9], "kind": ["u", "v", "u", "u", "w"]}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return name


def refused(file, *words):
    """Read a file and return what is wrong, which is said in three lines."""
    with pytest.raises(UsageError) as caught:
        reading.read(file)
    text = str(caught.value)
    assert len(text.splitlines()) == 3
    for word in words:
        assert word in text
    return text


def columns(table):
    return {name: list(values) for name, values in table.columns.items()}


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "jsonl", "CSV"])
def test_every_kind_of_table_says_the_same(ending):
    frame = pandas.DataFrame(COLUMNS)
    file = f"table.{ending}"
    if ending == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(file)
    elif ending == "jsonl":
        frame.to_json(file, orient="records", lines=True)
    else:
        frame.to_csv(file, index=False, sep="\t" if ending == "tsv" else ",")
    table = reading.read(file)
    assert columns(table) == COLUMNS
    assert table.columns["x"].dtype == np.float64
    assert table.lengths.tolist() == [5]


def test_rows_are_put_together_by_the_name_of_their_sequence():
    write("mixed.csv", "id,x\nb,1\na,2\nb,3\na,4\nb,5\n")
    table = reading.read("mixed.csv").grouped("id")
    assert list(table.names) == ["b", "a"]
    assert table.lengths.tolist() == [3, 2]
    assert table.columns["x"].tolist() == [1, 3, 5, 2, 4]


def test_an_object_of_lists_is_a_sequence():
    lines = [{"x": [1, 2, 3], "tag": ["n", "v", "n"], "label": "up"}, {"x": [4], "tag": ["v"], "label": "down"}]
    table = reading.read(write("lists.jsonl", "\n".join(map(json.dumps, lines))))
    assert table.lengths.tolist() == [3, 1]
    assert columns(table) == {
        "x": [1, 2, 3, 4],
        "tag": ["n", "v", "n", "v"],
        "label": ["up", "up", "up", "down"],
    }


def test_arrays_are_cut_to_their_lengths():
    inputs = np.arange(12.0).reshape(2, 3, 2)
    np.savez("a.npz", inputs=inputs, targets=np.array([[0, 1, 0], [1, 1, 9]]), lengths=np.array([3, 2]))
    table = reading.read("a.npz")
    assert table.lengths.tolist() == [3, 2]
    assert columns(table) == {"input_0": [0, 2, 4, 6, 8], "input_1": [1, 3, 5, 7, 9], "target": [0, 1, 0, 1, 1]}
    assert table.targets == ("target",)


@pytest.mark.parametrize(
    ("shape", "lengths", "names"),
    [
        ((7,), [7], ["input"]),
        ((7, 2), [7], ["input_0", "input_1"]),
        ((3, 7, 2), [7, 7, 7], ["input_0", "input_1"]),
    ],
)
def test_one_array_is_a_series_or_sequences(shape, lengths, names):
    np.save("a.npy", np.ones(shape, np.float32))
    table = reading.read("a.npy")
    assert table.lengths.tolist() == lengths
    assert list(table.columns) == names


def test_a_label_for_each_sequence_is_repeated_at_its_steps():
    np.savez("a.npz", inputs=np.zeros((2, 3)), targets=np.array(["up", "down"]))
    assert columns(reading.read("a.npz"))["target"] == ["up"] * 3 + ["down"] * 3


def test_text_is_read_by_characters_or_words():
    write("a.txt", "\ufeffDon't stop,\r\nAlice!")
    assert "".join(reading.read("a.txt").columns["character"]) == "Don't stop,\nAlice!"
    assert list(reading.read("a.txt", "word").columns["word"]) == ["Don't", "stop", ",", "Alice", "!"]


def test_a_column_without_a_name_is_left_out():
    assert list(reading.read(write("a.csv", ",x,y\n0,1,2\n1,3,4\n")).columns) == ["x", "y"]


def test_whole_numbers_that_are_too_large_to_be_told_apart_stay_text():
    table = reading.read(write("a.csv", "id,x\n9007199254740993,1\n9007199254740992,2\n"))
    assert list(table.grouped("id").names) == ["9007199254740993", "9007199254740992"]


def test_what_is_no_file_is_refused():
    refused("not there.csv", "is not there")
    os.mkdir("folder.csv")
    refused("folder.csv", "is a folder")
    refused("a\0b.csv", "is not there")
    for ending in ("csv", "txt", "npz", "npy", "parquet", "jsonl"):
        refused(write(f"empty.{ending}", ""), "empty")


def test_what_is_too_large_is_refused_before_it_is_read(monkeypatch):
    with open("huge.txt", "wb") as file:
        file.truncate(2 * 2**30)  # 2 GiB of nothing, which the disk does not really hold
    monkeypatch.setattr(reading, "_text", lambda path: pytest.fail("it was read"))
    refused("huge.txt", "2,147,483,648 bytes", f"{reading.LARGEST_TEXT:,}")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.txt", b"caf\xe9", "byte 3 is no UTF-8"),
        ("a.txt", b"a\0b", "character 0"),
        ("a.txt", b" \n", "nothing but blanks"),
        ("a.json", b"[1, 2]", ".json"),
        ("a.xlsx", b"PK\x03\x04\xff", "cannot be read as text"),
        ("a.csv", b"x,x\n1,2\n", "two columns 'x'"),
        ("a.csv", b"x,y\n", "no rows"),
        ("a.csv", b"\n\n", "cannot be read"),
        ("a.csv", b"1.5,2\n3,4\n", "first row"),
        ("a.csv", b"-1,2\n3,4\n", "first row"),
        ("a.csv", b"x;y\n1;2\n", "between ;"),
        ("a.csv", b"x,y\n1,2,3,4\n5,6\n7\n1,2,3,4,5,6\n", "cannot be read"),
        ("a.csv", b"x\ncaf\xe9\n", "cannot be read"),
        ("a.parquet", b"no parquet at all", "cannot be read"),
        ("a.jsonl", b'{"x": 1}\nhello\n', "line 2"),
        ("a.jsonl", b'{"x": 1, "x": 2}\n', "twice"),
        ("a.jsonl", b"[1]\n", "no object"),
        ("a.jsonl", b"[" * 100_000, "line 1"),
        ("a.jsonl", b'{"x": [1, 2], "y": [1]}\n', "'x' 2, 'y' 1"),
        ("a.jsonl", b'{"x": [1, 2]}\n{"x": 3}\n', "no list"),
        ("a.jsonl", b'{"x": [[1], [2]]}\n', "inside of a step"),
        ("a.jsonl", b'{"x": "\xff"}\n', "UTF-8"),
        ("a.npz", b"PK\x03\x04 but no archive", "cannot be read"),
        ("a.npy", b"\x93NUMPY", "cannot be read"),
    ],
)
def test_bad_content_is_refused(name, content, word):
    refused(write(name, content), word)


@pytest.mark.parametrize(
    ("arrays", "word"),
    [
        ({"x": np.zeros(3)}, "the arrays x"),
        ({"inputs": np.zeros((2, 3)), "other": np.zeros(3)}, "other"),
        ({"inputs": np.zeros((2, 3, 4, 5))}, "inputs of shape (2, 3, 4, 5)"),
        ({"inputs": np.zeros((2, 3)), "targets": np.zeros((3, 2))}, "targets of shape (3, 2)"),
        ({"inputs": np.zeros((2, 3)), "lengths": np.array([3, 4])}, "whole numbers from 0 to 3"),
        ({"inputs": np.zeros((2, 3)), "lengths": np.array([1.0, 2.0])}, "float64"),
        ({"inputs": np.zeros((2, 3), complex)}, "complex128"),
        ({"inputs": np.zeros((0, 3, 1))}, "no rows"),
    ],
)
def test_bad_arrays_are_refused(arrays, word):
    np.savez("a.npz", **arrays)
    refused("a.npz", word)


def test_pickled_objects_are_never_loaded():
    trap = np.array([os.getcwd], dtype=object)
    np.savez("a.npz", inputs=trap)
    np.save("a.npy", trap)
    refused("a.npz", "never loaded")
    refused("a.npy", "never loaded")


@pytest.mark.parametrize("value", ["", "NA", "nan", "inf"])
def test_a_row_without_a_value_is_told(value):
    table = reading.read(write("a.csv", f"x,y\n1,a\n2,b\n{value},c\n"))
    with pytest.raises(UsageError, match="column 'x' of a.csv has (no value|an infinite number) in row 3"):
        table.only(["x"])
    assert list(table.only(["y"]).columns) == ["y"]  # what is not used may have gaps


def test_missing_text_is_told_too():
    write("a.jsonl", '{"x": "a"}\n{"y": 2}\n')
    with pytest.raises(UsageError, match="no value in row 2"):
        reading.read("a.jsonl").only(["x"])


def test_a_missing_column_says_which_there_are():
    table = reading.read(write("a.csv", "price,volume\n1,2\n"))
    with pytest.raises(UsageError, match="(?s)no column 'prise'.*'price', 'volume'.*'price'"):
        table.only(["prise"])


@pytest.mark.parametrize("absent", ["pandas", "pyarrow"])
def test_without_pandas_the_extra_is_named(monkeypatch, absent):
    def load(name):
        if name == absent:
            raise ImportError(name=name)
        return importlib.import_module(name)

    monkeypatch.setattr(frames, "import_module", load)
    refused(write("a.parquet", "x"), absent, 'pip install "carrybit[data]"')


def test_text_and_arrays_need_no_pandas(monkeypatch):
    real = builtins.__import__

    def load(name, *rest):
        assert name.split(".")[0] not in ("pandas", "pyarrow")
        return real(name, *rest)

    np.save("a.npy", np.zeros(5))
    monkeypatch.setattr(builtins, "__import__", load)
    monkeypatch.setattr(frames, "import_module", load)
    assert reading.read("a.npy").lengths.tolist() == [5]
    assert reading.read(write("a.txt", "abc")).lengths.tolist() == [3]
    assert reading.read(write("a.jsonl", '{"x": 1}')).lengths.tolist() == [1]
