"""carrybit sweep, and carrybit train --replicas, as a person types them."""

import json
import re
import signal
import time
from pathlib import Path

import pytest

from carrybit import runs
from carrybit.sweeping import Replica
from test_cli import assert_three_lines


def test_sweep_counts_what_is_exact_and_says_how_to_have_one_again(carrybit):
    said = carrybit("sweep", "--grid", "hidden_dim=2,8", "--grid", "optimizer=adam", "--replicas", 9, "--out", "swept")
    assert said.code == 0
    assert "18 networks: 2 points of the grid, 9 seeds each" in said.out
    assert re.search(r"^ +2 +adam +0 of 9 +0.0% \(0.0% to 29.9%\)", said.out, flags=re.MULTILINE)
    assert re.search(r"^ +8 +adam +[5-9] of 9 ", said.out, flags=re.MULTILINE)
    rows = json.loads(Path("swept/table.json").read_text())
    (command,) = re.findall(r"^  carrybit (train .*)$", said.out, flags=re.MULTILINE)
    assert carrybit(*command.split(), "--out", "alone").code == 4  # two units never learn it
    run = runs.load_run("alone")
    assert Replica(0, run.state).digest == rows[0]["digest"]


def test_the_same_command_again_finds_all_of_it(carrybit):
    command = ("sweep", "--grid", "updates=300", "--replicas", 3, "--json")
    first, second = carrybit(*command), carrybit(*command)
    assert first.json["folder"] == second.json["folder"]
    assert first.json["summary"] == second.json["summary"]
    assert "0 replica-updates/s" not in first.err


def test_train_takes_replicas(carrybit):
    said = carrybit("train", "--replicas", 10, "--updates", 200, "--threads", 2, "--seed", 5, "--out", "ten")
    assert said.code == 0
    assert said.out.count("10 networks: 1 point of the grid, 10 seeds each") == 1
    assert "0 of 10" in said.out
    rows = json.loads(Path("ten/table.json").read_text())
    assert [row["seed"] for row in rows] == list(range(5, 15))
    assert carrybit("train", "--updates", 200, "--seed", 9, "--out", "alone").code == 0
    assert Replica(9, runs.load_run("alone").state).digest == rows[4]["digest"]


def test_a_picture_of_a_sweep(carrybit):
    said = carrybit("sweep", "--grid", "updates=300", "--replicas", 3, "--figure", "shares.png", "--quiet")
    assert (said.code, said.out, said.err) == (0, "0 of 3\n", "")
    assert Path("shares.png").read_bytes()[:4] == b"\x89PNG"


def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(start, tmp_path):
    command = ("sweep", "--grid", "hidden_dim=3,4,5,6,7,8,9,10,11,12", "--grid", "updates=3000", "--replicas", 64)
    process = start(*command, "--out", "swept")
    shards = tmp_path / "swept" / "shards"
    while not any(shards.glob("*.json")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "The same command goes on" in out
    assert "Traceback" not in err
    kept = {path.name: path.stat().st_mtime_ns for path in shards.glob("*.json")}
    assert 0 < len(kept) < 10
    process = start(*command, "--out", "swept", "--json")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert len(json.loads(out)["summary"]) == 10
    assert all((shards / name).stat().st_mtime_ns == then for name, then in kept.items())


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["sweep", "--grid", "hidden"], ["hidden_dim=2,4,8"]),
        (["sweep", "--grid", "hiden_dim=2"], ["hiden_dim", "hidden_dim"]),
        (["sweep", "--grid", "hidden_dim=2", "--grid", "hidden-dim=3"], ["stands in the grid already"]),
        (["sweep", "--grid", "hidden_dim=two"], ["two", "a whole number"]),
        (["sweep", "--grid", "hidden_dim=2,2"], ["that differ"]),
        (["sweep", "--grid", "hidden_dim=2,,3"], ["an empty value"]),
        (["sweep", "--grid", "seed=1,2"], ["--seed 0 --replicas 8"]),
        (["sweep", "--grid", "hidden_dim=0"], ["error: --grid hidden_dim=0", "fix: --grid hidden_dim=16"]),
        (["sweep", "--replicas", "0"], ["--replicas 0"]),
        (["sweep", "--threads", "0"], ["--threads 0"]),
        (["sweep", "--figure", "shares.doc"], [".png"]),
        (["sweep", "--out", "/dev/null"], ["holds no sweep"]),
        (["train", "--threads", "2"], ["--replicas"]),
        (["train", "--replicas", "2", "--resume", "somewhere"], ["--resume"]),
        (["train", "--engine", "gpu"], ["cpu, reference"]),
        (["train", "--precision", "float16"], ["float64, float32"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_what_makes_no_sense_is_refused_in_three_lines(carrybit, command, words):
    assert_three_lines(carrybit(*command), *words)


def test_what_is_wrong_is_said_before_anything_else(carrybit):
    said = carrybit("sweep", "--threads", 0)
    assert (said.code, said.out) == (2, "")


def test_nobody_at_the_address_of_a_cluster_is_said(carrybit):
    pytest.importorskip("distributed")
    said = carrybit("sweep", "--cluster", "127.0.0.1:1")
    assert said.code == 2
    assert said.err.splitlines()[-3:] == [
        "error: --cluster 127.0.0.1:1: nobody answers there",
        "allowed: the address of a running Dask scheduler",
        "fix: dask scheduler, and then the address that it prints, such as tcp://127.0.0.1:8786",
    ]


def test_the_engines_print_the_same(carrybit):
    said = [carrybit("train", "--updates", 2000, "--engine", e, "--out", e).out for e in ("cpu", "reference")]
    cpu, reference = (text.replace("runs/", "").splitlines() for text in said)
    assert [line for line in cpu if "run folder" not in line and "carrybit" not in line] == [
        line for line in reference if "run folder" not in line and "carrybit" not in line
    ]
