"""The command line on own data: learned, scored, answered, gone on with; and refused where they make no sense."""

import csv
import json
import math
import shlex
from pathlib import Path

import numpy as np
import pytest

from carrybit import runs

TEXT = "the cat sat on the mat and the dog sat on the log " * 40
GOOD = "a,b\n" + "1,2\n3,4\n" * 30
QUICK = ("--updates", 60, "--every", 20, "--hidden-dim", 8)


def assert_three_lines(said, *words):
    assert said.code == 2, said.out
    lines = said.err.strip().splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "allowed", "fix"]
    for word in words:
        assert word in said.err


def write_tags(name, rows=40, steps=6, seed=0):
    """Sequences of numbers, each with a colour; the tag says whether the sum so far is above zero."""
    random = np.random.RandomState(seed)
    with open(name, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["who", "x", "colour", "above"])
        for number in range(rows):
            total = 0.0
            for _ in range(steps + number % 3):  # unequal lengths
                x = random.randn()
                total += x
                writer.writerow([f"s{number}", round(x, 3), "red" if x > 0.5 else "blue", "yes" if total > 0 else "no"])


@pytest.fixture
def tags():
    """The options that learn a file of tags."""

    def options(name="tags.csv"):
        write_tags(name)
        return ("train", "--data", name, "--sequence", "who", "--targets", "above", "--out", "run", *QUICK)

    return options


def test_tags_are_learned_scored_and_answered(carrybit, tags):
    pytest.importorskip("pandas")
    said = carrybit(*tags())
    assert said.code == 0, said.err
    assert "best on the validation part" in said.out and "majority" in said.out
    score = carrybit("evaluate", "run", "--json").json
    assert score["part"] == "test" and score["sequences"] == 4
    assert {row["figure"] for row in score["rows"]} == {"accuracy", "macro F1", "F1 of 'yes'", "F1 of 'no'"}
    write_tags("more.csv", rows=3, seed=1)
    assert carrybit("predict", "run", "--data", "more.csv", "--out", "answers.csv").code == 0
    answers = list(csv.DictReader(Path("answers.csv").read_text().splitlines()))
    assert [row["sequence"] for row in answers] == ["s0"] * 6 + ["s1"] * 7 + ["s2"] * 8
    assert {row["above"] for row in answers} <= {"yes", "no"}


def test_a_text_is_learned_and_gone_on_with(carrybit):
    Path("cats.txt").write_text(TEXT)
    said = carrybit("train", "--data", "cats.txt", "--out", "run", "--hidden-dim", 16, "--updates", 400, "--every", 100)
    assert said.code == 0, said.err
    assert "bits per character" in said.out and "trigram" in said.out
    told = next(line for line in said.out.splitlines() if "--continue" in line)
    assert carrybit(*shlex.split(told.split("   ")[0])[1:]).code == 0  # what it says to type next
    options = ("predict", "run", "--continue", "the cat", "--length", 30, "--temperature", 0.8)
    first = carrybit(*options)
    assert first.code == 0 and first.out.startswith("the cat") and len(first.out.strip("\n")) > 20
    assert carrybit(*options).out == first.out
    assert carrybit(*options, "--seed", 1).out != first.out
    assert carrybit(*options, "--json").json["text"] == first.out.removesuffix("\n")
    assert_three_lines(carrybit("predict", "run", "--continue", "THE CAT"), "'T'")


def test_a_series_is_forecast_beyond_its_end(carrybit):
    np.save("wave.npy", np.sin(np.arange(300) / 3))
    said = carrybit("train", "--data", "wave.npy", "--out", "run", *QUICK)
    assert said.code == 0, said.err
    assert "MASE" in said.out and "last value" in said.out
    answers = carrybit("predict", "run", "--data", "wave.npy", "--json").json["answers"]
    assert answers["step"][-1] == 301
    assert math.isfinite(answers["input"][-1])


def test_the_best_network_is_kept_and_a_stop_leaves_no_trace(carrybit, tags):
    pytest.importorskip("pandas")
    options = tags()
    carrybit(*options)
    whole = runs.load_run("run")
    assert whole.state.best.update in (20, 40, 60)
    assert whole.network is whole.state.best.network
    short = [*options[:-6], "--updates", 30, "--every", 20, "--hidden-dim", 8]
    short[short.index("run")] = "again"
    carrybit(*short)
    assert carrybit("train", "--resume", "again", "--updates", 60).code == 0
    again = runs.load_run("again")
    assert again.state.best.update == whole.state.best.update
    for name, array in whole.network.params.arrays().items():
        np.testing.assert_array_equal(array, again.network.params.arrays()[name])


def test_training_stops_where_the_validation_part_has_settled(carrybit):
    np.save("noise.npy", np.random.RandomState(0).randn(300))
    said = carrybit("train", "--data", "noise.npy", "--out", "run", "--every", 5, "--updates", 5000, "--json").json
    assert said["reason"] == "settled" and said["update"] == said["best_update"] + 50


def test_a_run_goes_on_only_with_the_file_that_it_began_with(carrybit):
    np.save("wave.npy", np.sin(np.arange(300) / 3))
    carrybit("train", "--data", "wave.npy", "--out", "run", *QUICK)
    np.save("wave.npy", np.sin(np.arange(300) / 4))
    assert_three_lines(carrybit("evaluate", "run"), "is not the file that it was")
    assert_three_lines(carrybit("train", "--resume", "run", "--updates", 100), "is not the file that it was")
    assert carrybit("predict", "run", "--data", "wave.npy").code == 0  # it may answer another


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("a,b\n1,2\n3,4\n", ["--targets", "c"], ["'c'", "'a', 'b'"]),
        ("a,b\n" + "1,x\n2,y\n3,\n" * 9, ["--targets", "b"], ["'b'"]),
        ("a,b\n" + "1,2\n,3\n" * 9, ["--targets", "b"], ["'a'"]),
        ("", [], ["empty"]),
        ("a,b\n1,2\n", ["--goal", "forecast"], ["data.csv"]),
        ("a,b\n1,2\n3,4\n", ["--goal", "next"], ["next"]),
        ("a,b\n1,2\n3,4\n", ["--goal", "guess"], ["guess"]),
        (GOOD, ["--until", "exact"], ["exact", "settled"]),
        (GOOD, ["--modulus", 3], ["--modulus"]),
        (GOOD, ["--loss", "squared_error"], ["linear_squared_error"]),
        (GOOD, ["--replicas", 2], ["settled", "updates"]),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_nothing_is_left(carrybit, text, options, words):
    pytest.importorskip("pandas")
    Path("data.csv").write_text(text)
    assert_three_lines(carrybit("train", "--data", "data.csv", *options), *words)
    assert [path.name for path in Path.cwd().iterdir()] == ["data.csv"]


def test_two_gigabytes_of_text_are_refused_at_once(carrybit):
    with open("huge.txt", "wb") as file:
        file.truncate(2 * 10**9)  # a hole, which takes no room
    assert_three_lines(carrybit("train", "--data", "huge.txt"), "2,000,000,000 bytes")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["9 + 60"], ["--data"]),
        ([], ["--data"]),
        (["--continue", "a"], ["--data"]),
        (["--data", "nowhere.npy"], ["nowhere.npy"]),
        (["--data", "wave.npy", "--length", 3], ["--length"]),
    ],
    ids=str,
)
def test_what_cannot_be_asked_of_a_series_is_refused(carrybit, options, words):
    np.save("wave.npy", np.sin(np.arange(300) / 3))
    carrybit("train", "--data", "wave.npy", "--out", "run", *QUICK)
    assert_three_lines(carrybit("predict", "run", *options), *words)


def test_options_of_data_are_none_of_an_adder(carrybit, short):
    for options in (["--data", "x.csv"], ["--continue", "x"], ["--temperature", 1]):
        assert_three_lines(carrybit("predict", short, *options), "own data")
    assert_three_lines(carrybit("evaluate", short, "--part", "test"), "--part")


def test_json_lines_of_lists_are_sequences(carrybit):
    with open("walks.jsonl", "w") as file:
        for k in range(20):
            steps = [(k + t) % 3 for t in range(4 + k % 4)]
            file.write(json.dumps({"x": [float(s) for s in steps], "last": ["low", "mid", "high"][steps[-1]]}) + "\n")
    said = carrybit("train", "--data", "walks.jsonl", "--targets", "last", "--out", "run", *QUICK, "--json")
    assert said.code == 0, said.err
    assert runs.load_run("run").config.task.settings["goal"] == "label"


def test_a_row_with_more_fields_than_names_is_refused(carrybit):
    pytest.importorskip("pandas")
    Path("data.csv").write_text("a,b\n" + "1,2\n" * 60 + "1,2,3\n" * 9)
    assert_three_lines(carrybit("train", "--data", "data.csv", "--targets", "b"), "line 62, saw 3")
    Path("data.csv").write_text("a,b\n" + "1,2,3\n3,4,5\n" * 60)
    assert_three_lines(carrybit("train", "--data", "data.csv", "--targets", "b"), "more fields")


def test_columns_stand_in_the_grid_of_a_sweep(carrybit):
    pytest.importorskip("pandas")
    Path("data.csv").write_text("a,b,c\n" + "1,2,0\n3,4,1\n" * 30)
    grid = ("task=data", "file=data.csv", "until=updates", "updates=5", "every=5")
    said = carrybit(
        "train", "--data", "data.csv", "--targets", "c", "--until", "updates", "--updates", 5, "--replicas", 2
    )
    assert said.code == 0, said.err
    options = [part for each in (*grid, "hidden_dim=2,3") for part in ("--grid", each)]
    said = carrybit("sweep", *options, "--replicas", 1, "--json")
    assert said.code == 0, said.err
    assert [row["hidden_dim"] for row in said.json["summary"]] == [2, 3]


def test_a_finished_run_on_data_is_told_how_to_go_on(carrybit):
    np.save("wave.npy", np.sin(np.arange(300) / 3))
    carrybit("train", "--data", "wave.npy", "--out", "run", "--until", "updates", *QUICK)
    said = carrybit("train", "--resume", "run")
    assert_three_lines(said, "--updates 120")
    assert carrybit("train", "--resume", "run", "--updates", 120).code == 0
