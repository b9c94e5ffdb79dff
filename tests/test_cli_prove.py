"""carrybit prove, as a person meets it: three verdicts, three exit codes, the counterexample, the theorem."""

import json
import re

import numpy as np
import pytest

from carrybit import runs
from carrybit.cli.verdicts import brief
from carrybit.config import TrainConfig
from carrybit.machines.notation import machine_to_json
from carrybit.tasks import make_task
from test_cli import assert_three_lines


@pytest.fixture(scope="module")
def adder(tmp_path_factory):
    """A network that can be proved."""
    folder = tmp_path_factory.mktemp("proved") / "adder"
    for _ in runs.record(TrainConfig(recipe="provable", updates=30_000), folder):
        pass
    return folder


@pytest.fixture(scope="module")
def beginner(tmp_path_factory):
    """A network that has hardly begun to learn."""
    folder = tmp_path_factory.mktemp("refuted") / "beginner"
    for _ in runs.record(TrainConfig(updates=200), folder):
        pass
    return folder


def test_a_proof_is_told_in_words(carrybit, adder):
    said = carrybit("prove", adder)
    assert said.code == 0, said.out + said.err
    assert re.search(r"^PROVED$", said.out, re.M)
    assert re.search(r"^\d+\.\d\d s$", said.out, re.M)
    digest = said.out.split("SHA-256 ")[1][:16]
    assert re.fullmatch("[0-9a-f]{16}", digest)
    for words in (
        "every length over 00 01 10 11",
        "empty memory",
        "2 states",
        "at most 1e-09 per unit per step",
        "below",
    ):
        assert words in said.out


def test_a_refutation_shows_the_sum_and_its_first_wrong_bit(carrybit, beginner):
    said = carrybit("prove", beginner)
    assert said.code == 3
    assert "REFUTED" in said.out
    assert "is answered wrongly, and no shorter one" in said.out
    assert re.search(r"\d+ \+ \d+ = \d+, should be \d+ \(bit \d+ is the first wrong one\)", said.out)


def test_open_says_why_and_what_would_help(carrybit, adder):
    said = carrybit("prove", adder, "--eps", "0.4", "--seconds", "5")
    assert said.code == 4
    assert "neither proved nor refuted: " in said.out
    assert "what would help: " in said.out


def test_json_has_the_verdict_and_the_word(carrybit, adder, beginner):
    proved = json.loads(carrybit("prove", adder, "--json").out)
    assert proved["verdict"] == "PROVED"
    assert proved["margin"] > 0.1
    assert proved["rounding"] < 1e-12
    assert proved["cells"] > 10
    assert len(proved["weights"]) == 64
    refuted = json.loads(carrybit("prove", beginner, "--json").out)
    assert refuted["verdict"] == "REFUTED"
    assert refuted["is_shortest"] is True
    run, task = runs.load_run(beginner), make_task("addition", {})
    word = np.array([task.machine.symbols.index(symbol) for symbol in refuted["word"]])
    given = run.network.run(task.vectors[word[None]]).layer_2[0, :, 0] > 0.5
    assert (given == (np.array(refuted["answers"]) == "1")).all()
    truth = task.machine.run(word[None])[1][0]
    assert (given[:-1] == truth[:-1]).all()
    assert given[-1] != truth[-1]


def test_quiet_says_the_verdict_alone(carrybit, adder):
    assert carrybit("prove", adder, "--quiet").out == "PROVED\n"


def test_another_machine_may_be_held_against_a_network(carrybit, adder, tmp_path):
    machine = make_task("addition", {}).machine
    same = tmp_path / "same.json"
    same.write_text(json.dumps(machine_to_json(machine)))
    assert carrybit("prove", adder, "--machine", same).code == 0
    about = machine_to_json(make_task("subtraction", {}).machine)
    about["answers"] = ["0", "1"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(about))
    said = carrybit("prove", adder, "--machine", other)
    assert said.code == 3
    assert "should be" not in said.out  # the task's own words are about another machine


def test_a_machine_of_other_symbols_is_refused(carrybit, adder, tmp_path):
    other = tmp_path / "parity.json"
    other.write_text(json.dumps(machine_to_json(make_task("parity", {}).machine)))
    assert_three_lines(carrybit("prove", adder, "--machine", other), "00")


def test_ways_to_ask_exclude_each_other(carrybit, adder):
    assert_three_lines(carrybit("prove", adder, "--machine", "x.json", "--regex", "a*"), "--machine", "--regex")
    assert_three_lines(carrybit("prove", adder, "--endless", "chess"), "brackets", "majority")
    assert_three_lines(carrybit("prove", adder, "--eps", "-1"), "eps")
    assert_three_lines(carrybit("prove", adder, "--seconds", "0"), "seconds")
    assert_three_lines(carrybit("prove", "nowhere"), "nowhere")
    assert_three_lines(carrybit("prove", adder, "--figure", "proof.xyz"), ".png")


def test_of_own_data_nothing_can_be_proved(carrybit, tmp_path):
    (tmp_path / "text.txt").write_text("the carry is remembered. " * 60)
    assert carrybit("train", "--data", tmp_path / "text.txt", "--updates", 20, "--out", tmp_path / "run").code == 0
    assert_three_lines(carrybit("prove", tmp_path / "run"), "machine")


def test_what_needs_memory_without_end_is_never_proved(carrybit, tmp_path):
    run = tmp_path / "brackets"
    assert carrybit("train", "--task", "dyck", "--updates", 200, "--until", "updates", "--out", run).code == 0
    said = carrybit("prove", run, "--endless", "brackets")
    assert said.code == 3
    counts = tmp_path / "majority.json"
    states = [str(k) for k in range(-2, 3)]
    moves = {s: {"0": states[max(k - 1, 0)], "1": states[min(k + 1, 4)]} for k, s in enumerate(states)}
    outputs = {s: {x: "yes" if int(moves[s][x]) > 0 else "no" for x in "01"} for s in states}
    about = {"start": "0", "symbols": ["0", "1"], "answers": ["no", "yes"], "moves": moves, "outputs": outputs}
    counts.write_text(json.dumps(about))
    run = tmp_path / "majority"
    assert carrybit("train", "--machine", counts, "--recipe", "provable", "--updates", 3000, "--out", run).code == 0
    assert carrybit("prove", run).code == 0  # as far as 2
    said = carrybit("prove", run, "--endless", "majority")
    assert said.code == 3
    assert "1×" in said.out or "0×" in said.out or "1 1 1" in said.out or "0 0 0" in said.out


def test_a_word_is_told_in_few_letters():
    assert brief("a b c".split()) == "a b c"
    assert brief(["11", *["01"] * 803_848]) == "11 01×803,848"
    assert brief(["0", *"1 0".split() * 50, "1"]) == "(0 1)×51"
    assert brief(list("aaaaab")) == "a a a a a b"
    assert len(brief([str(k) for k in range(1000)])) < 1000
