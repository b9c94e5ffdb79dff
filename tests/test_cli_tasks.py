"""The command line on tasks: listed, shown, drawn, learned, asked; and refused where they make no sense."""

import json
from pathlib import Path

import pytest

from carrybit import runs
from carrybit.tasks import TASKS

TOGGLE = {
    "moves": {"off": {"a": "on", "b": "off"}, "on": {"a": "off", "b": "on"}},
    "outputs": {"off": {"a": "lit", "b": "dark"}, "on": {"a": "dark", "b": "lit"}},
}


def assert_three_lines(said, received):
    assert said.code == 2
    lines = said.err.strip().splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "allowed", "fix"]
    assert received in lines[0]


def test_every_task_is_listed_with_its_settings(carrybit):
    said = carrybit("tasks")
    assert said.code == 0
    for name in TASKS:
        assert f"\n{name} " in said.out
    assert "--modulus" in said.out
    listed = carrybit("tasks", "--json").json["tasks"]
    assert [entry["name"] for entry in listed] == list(TASKS)
    assert {entry["name"]: entry["states"] for entry in listed}["recall"] == 4
    assert carrybit("tasks", "--quiet").out.split() == list(TASKS)


@pytest.mark.parametrize("name", [name for name in TASKS if name not in ("machine", "regex", "data")])
def test_every_machine_is_shown_and_drawn(carrybit, name):
    said = carrybit("tasks", "show", name, "--figure", "machine.svg")
    assert said.code == 0, said.err
    assert "for example" in said.out
    assert f"carrybit train{'' if name == 'addition' else f' --task {name}'}" in said.out
    assert max(map(len, said.out.split("→  ")[0].splitlines())) < 500
    assert Path("machine.svg").stat().st_size > 5_000


def test_a_machine_is_written_as_a_program_and_as_a_graph(carrybit):
    said = carrybit("tasks", "show", "addition", "--python", "adder.py", "--dot", "adder.gv")
    assert said.code == 0, said.err
    assert "written: adder.py" in said.out and "written: adder.gv" in said.out
    here = {}
    exec(Path("adder.py").read_text(encoding="utf-8"), here)
    assert list(here["addition"](["11", "10", "00"])) == ["0", "0", "1"]
    assert Path("adder.gv").read_text(encoding="utf-8").startswith("digraph")
    assert_three_lines(carrybit("tasks", "show", "addition", "--dot", "adder.png"), "a graph named adder.png")
    assert_three_lines(carrybit("tasks", "show", "addition", "--python", "no/adder.py"), "which is no folder")


def test_a_task_is_shown_with_its_settings(carrybit):
    shown = carrybit("tasks", "show", "counting", "--modulus", 5, "--json").json
    assert shown["settings"] == {"modulus": 5, "length": 24}
    assert len(shown["machine"]["moves"]) == 5
    assert "--modulus 5" in carrybit("tasks", "show", "counting", "--modulus", 5).out


def test_a_machine_of_ones_own_is_learned_and_kept_with_the_run(carrybit):
    Path("toggle.json").write_text(json.dumps(TOGGLE))
    assert "lit" in carrybit("tasks", "show", "--machine", "toggle.json").out
    assert carrybit("train", "--machine", "toggle.json", "--out", "run").code == 0
    Path("toggle.json").unlink()
    said = carrybit("predict", "run", "abba", "-v")
    assert said.code == 0
    assert "lit lit lit dark" in said.out
    assert carrybit("evaluate", "run", "--length", 50, "--count", 20).code == 0
    assert runs.load_run("run").config.task.title == "the machine of toggle.json"


def test_a_pattern_is_learned(carrybit):
    assert carrybit("train", "--regex", "(ab)*", "--out", "run").code == 0
    assert "no yes" in carrybit("predict", "run", "ab").out
    assert_three_lines(carrybit("predict", "run", "abc"), "'c'")


@pytest.mark.parametrize(
    ("options", "received"),
    [
        (["--task", "parti"], "--task parti"),
        (["--task", "parity", "--bits", 8], "--bits for parity"),
        (["--length", 8], "--length for addition"),
        (["--task", "parity", "--regex", "a*"], "--task together with --regex"),
        (["--regex", "(ab"], "(ab"),
        (["--regex", ""], "empty"),
        (["--machine", "nowhere.json"], "nowhere.json"),
        (["--task", "tomita", "--language", 8], "--language 8"),
        (["--task", "dyck", "--depth", 0], "--depth 0"),
        (["--task", "song", "--title", "yesterday"], "--title yesterday"),
        (["--task", "machine"], "machine"),
        (["--task", "regex"], "regex"),
        (["--task", "parity", "--length", 0], "--length 0"),
        (["--task", "recall", "--lag", 13], "--lag 13"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_nothing_is_left(carrybit, options, received):
    assert_three_lines(carrybit("train", *options), received)
    assert not list(Path.cwd().iterdir())


def test_a_machine_with_an_undefined_move_is_refused_with_the_spot(carrybit):
    broken = {**TOGGLE, "moves": {**TOGGLE["moves"], "on": {"a": "off"}}}
    Path("broken.json").write_text(json.dumps(broken))
    said = carrybit("train", "--machine", "broken.json")
    assert_three_lines(said, "broken.json")
    assert '"on"' in said.err and '"b"' in said.err


def test_tasks_stand_in_the_grid_of_a_sweep(carrybit):
    said = carrybit(
        "sweep", "--grid", "task=parity,latch", "--grid", "updates=20", "--replicas", 2, "--out", "s", "--json"
    )
    assert said.code == 0, said.err
    assert [row["task"] for row in said.json["summary"]] == ["parity", "latch"]
    table = Path("s/table.csv").read_text().splitlines()
    assert len(table) == 5 and "length" in table[0]


def test_a_setting_of_a_task_stands_in_the_grid(carrybit):
    said = carrybit("sweep", "--grid", "task=counting", "--grid", "modulus=2,3", "--grid", "updates=10", "--json")
    assert [row["modulus"] for row in said.json["summary"]] == [2, 3]


def test_the_command_for_a_row_trains_the_same_task(carrybit):
    said = carrybit("sweep", "--grid", "task=recall", "--grid", "lag=1", "--grid", "updates=10", "--replicas", 1)
    command = next(line for line in said.out.splitlines() if line.strip().startswith("carrybit train"))
    options = command.split()[2:]
    assert options[:4] == ["--task", "recall", "--lag", "1"]
    assert carrybit("train", *options, "--out", "run").code in (0, 4)
    assert runs.load_run("run").config.value("lag") == 1


def test_evaluate_asks_words_of_four_lengths_and_names_the_best_without_memory(carrybit):
    carrybit("train", "--task", "parity", "--updates", 20, "--every", 20, "--out", "run")
    marks = carrybit("evaluate", "run", "--count", 30, "--json").json["marks"]
    assert [mark["steps"] for mark in marks] == [30 * 16 * times for times in (1, 2, 10, 100)]
    assert all(0.5 < mark["without_memory"] < 0.6 for mark in marks)


def test_long_titles_keep_the_columns_under_each_other(carrybit):
    carrybit("train", "--task", "latch", "--updates", 10, "--every", 10, "--out", "run")
    rows = [line for line in carrybit("evaluate", "run", "--count", 20).out.splitlines() if line.startswith("random")]
    assert len({line.index("%") for line in rows}) == 1
