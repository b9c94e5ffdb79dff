"""The command line on extraction: what is said, written and drawn, and what is refused."""

import json
from pathlib import Path

import pytest

from carrybit import runs
from carrybit.config import TrainConfig
from carrybit.machines.comparison import difference
from carrybit.machines.notation import read_machine
from carrybit.tasks import make_task


@pytest.fixture(scope="module")
def provable(tmp_path_factory):
    """A run that adds, and can be proved to."""
    folder = tmp_path_factory.mktemp("provable") / "run"
    for _ in runs.record(TrainConfig(recipe="provable"), folder):
        pass
    return folder


def assert_three_lines(said, received):
    assert said.code == 2
    lines = said.err.strip().splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "allowed", "fix"]
    assert received in lines[0]


def test_the_machine_is_said_as_a_table_and_a_function_and_proved(carrybit, provable):
    said = carrybit("extract", provable)
    assert said.code == 0, said.err
    assert said.out.startswith("2 states")
    assert "→  carry 0  0 → carry 0  1 → carry 0  0 → carry 1" in said.out
    assert "PROVED" in said.out and "For every input word of every length over 00 01 10 11" in said.out
    assert "✓ this machine is the one of the task, addition of 2 numbers: the same answers to every word" in said.out
    lines = said.out.splitlines()
    first, end = lines.index("def machine(symbols):"), lines.index("        yield answer")
    here = {}
    exec("\n".join(lines[first : end + 1]), here)
    assert list(here["machine"](["11", "10", "00"])) == ["0", "0", "1"]


def test_json_says_it_as_one_object(carrybit, provable):
    said = carrybit("extract", provable, "--json")
    about = said.json
    assert (about["verdict"], about["states"], about["is_the_tasks"]) == ("PROVED", 2, True)
    assert (about["difference"], about["asked"]) == (None, None)
    assert about["machine"]["moves"]["carry 0"]["11"] == "carry 1"
    assert about["margin"] > 0 and about["cells"] > 2 and about["steps_asked"] > 4
    assert "PROVED" in said.err


def test_quiet_says_one_word(carrybit, provable):
    assert carrybit("extract", provable, "--quiet").out == "PROVED\n"


def test_the_machine_is_written_and_read_again(carrybit, provable):
    said = carrybit(
        "extract", provable, "--save", "m.json", "--python", "m.py", "--dot", "m.dot", "--figure", "proof.svg"
    )
    assert said.code == 0, said.err
    for name in ("m.json", "m.py", "m.dot"):
        assert f"written: {name}" in said.out
    assert "drawn: proof.svg" in said.out
    assert difference(make_task("addition", {}).machine, read_machine("m.json")) is None
    assert Path("m.dot").read_text(encoding="utf-8").startswith("digraph")
    assert Path("proof.svg").stat().st_size > 20_000
    assert carrybit("prove", provable, "--machine", "m.json").code == 0


def test_another_machine_than_the_tasks_is_told_from_it_by_a_word(carrybit, tmp_path):
    """Trained so little that it always says the same."""
    for _ in runs.record(TrainConfig(task="parity", updates=1, start=0.01), tmp_path / "run"):
        pass
    said = carrybit("extract", tmp_path / "run")
    assert said.code == 0, said.err
    assert "1 state," in said.out and "PROVED" in said.out
    assert "✗ this machine is not the one of the task, parity" in said.out
    about = carrybit("extract", tmp_path / "run", "--json").json
    assert about["is_the_tasks"] is False
    assert len(about["difference"]) == 1


def test_no_machine_is_shown_of_a_network_that_is_none(carrybit, tmp_path):
    for _ in runs.record(TrainConfig(updates=1_000, every=1_000, seed=3), tmp_path / "run"):
        pass
    said = carrybit("extract", tmp_path / "run", "--seconds", 2, "--figure", "no.png", "--save", "no.json")
    assert said.code == 4, said.out
    assert "OPEN" in said.out and "no machine was found: " in said.out
    assert "the network answers otherwise to" in said.out
    assert "def machine" not in said.out and "PROVED" not in said.out
    assert "not drawn: no.png" in said.out and "not written: no.json" in said.out
    assert not Path("no.png").exists() and not Path("no.json").exists()
    about = json.loads(carrybit("extract", tmp_path / "run", "--seconds", 2, "--json").out)
    assert (about["verdict"], about["machine"], about["states"]) == ("OPEN", None, None)
    assert set(about["word"]) <= {"00", "01", "10", "11"}
    assert carrybit("extract", tmp_path / "run", "--seconds", 2, "--quiet").out == "OPEN\n"


def test_a_right_network_without_a_proof_is_open(carrybit, tmp_path):
    for _ in runs.record(TrainConfig(updates=60_000, every=60_000), tmp_path / "run"):
        pass
    said = carrybit("extract", tmp_path / "run", "--seconds", 1, "--figure", "open.png")
    assert said.code == 4, said.out
    assert said.out.startswith("2 states")
    assert "OPEN" in said.out and "PROVED" not in said.out
    assert Path("open.png").exists()


def test_an_examination_that_was_passed_does_not_make_a_network_a_machine_of_two_states(carrybit, trained):
    """It adds ten thousand sums rightly, and loses a carry after some steps."""
    said = carrybit("extract", trained, "--seconds", 1)
    assert said.code == 4
    assert "no machine was found" in said.out


def test_a_network_in_whole_numbers_is_known_exactly(carrybit, provable):
    assert carrybit("quantize", provable, "--state-bits", 5, "--weight-bits", 6, "--out", "whole").code == 0
    said = carrybit("extract", "whole", "--figure", "whole.png")
    assert said.code == 0, said.err
    assert said.out.startswith("2 states") and "PROVED" in said.out and "pairs" in said.out
    assert Path("whole.png").stat().st_size > 20_000


def test_a_song_shows_only_what_may_come(carrybit, tmp_path):
    for _ in runs.record(TrainConfig(task="song", recipe="provable"), tmp_path / "run"):
        pass
    said = carrybit("extract", tmp_path / "run")
    assert said.code == 0, said.out
    assert '"3 before and": {"and": ("I", "4 before I")},' in said.out


def test_own_data_has_no_machine_to_look_for(carrybit):
    Path("text.txt").write_text("to be or not to be, that is the question\n" * 40, encoding="utf-8")
    assert carrybit("train", "--data", "text.txt", "--updates", 5, "--hidden-dim", 4, "--out", "run").code == 0
    assert_three_lines(carrybit("extract", "run"), "text")


@pytest.mark.parametrize(
    ("options", "received"),
    [
        (["--seconds", 0], "--seconds 0"),
        (["--save", "m.txt"], "a machine named m.txt"),
        (["--python", "m.txt"], "a program named m.txt"),
        (["--dot", "m.png"], "a graph named m.png"),
        (["--figure", "proof.gif"], "a figure named proof.gif"),
        (["--save", "no/m.json"], "which is no folder"),
        (["--nothing"], "--nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(carrybit, provable, options, received):
    assert_three_lines(carrybit("extract", provable, *options), received)
