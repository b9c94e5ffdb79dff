"""carrybit quantize: a run in whole numbers, that every other verb takes."""

import json
import re

import numpy as np
import pytest

from carrybit import runs
from carrybit.config import TrainConfig
from carrybit.errors import RunError
from carrybit.fidelity import Original
from carrybit.integer import Whole
from carrybit.nudges import finite_difference
from carrybit.walk import checking
from carrybit.watching import watch


def assert_three_lines(said, *words):
    assert said.code == 2 and said.out == ""
    assert [line.split(":")[0] for line in said.err.splitlines()] == ["error", "allowed", "fix"], said.err
    for word in words:
        assert word in said.err


@pytest.fixture
def whole(carrybit, trained):
    """The run of an exact network in whole numbers."""
    assert carrybit("quantize", trained, "--state-bits", 6, "--weight-bits", 10, "--out", "whole").code == 0
    return "whole"


def test_it_makes_a_run_of_its_own_and_says_what_it_costs(carrybit, trained):
    said = carrybit("quantize", trained, "--state-bits", 5, "--weight-bits", 8)
    out = trained.parent / "trained-5-8"
    assert said.code == 0 and str(out.name) in said.out
    for words in ("5-bit states, 8-bit weights", "answers that stay the same", "worst margin", "sums are at most"):
        assert words in said.out
    run = runs.load_run(out)
    assert run.made_by == "quantize" and run.config.task == runs.load_run(trained).config.task
    layer_1, layer_2 = Whole.of(run.network).bounds()
    assert f"{layer_1:,}" in said.out and f"{layer_2:,}" in said.out and "2^24" in said.out
    assert not run.state.optimizer and runs.load_run(trained).network.spec.state_bits is None


def test_json_says_the_same_as_one_object(carrybit, trained):
    said = carrybit("quantize", trained, "--state-bits", 6, "--weight-bits", 10, "--json", "--out", "q").json
    original = Original(runs.load_run(trained).network, runs.load_run(trained).config.task)
    found = original.fidelity(runs.load_run("q").network)
    assert (said["state_bits"], said["weight_bits"], said["run"]) == (6, 10, "q")
    assert said["same"] == found.same > 0.999 and said["same_held"] == found.same_held
    assert said["worst_margin"] == found.worst_margin and said["worst_margin_as_trained"] == original.worst_margin > 0
    assert said["is_exact"] is True and said["bounds"] == list(found.bounds)


def test_fewer_bits_cost_answers(carrybit, trained):
    said = [
        carrybit("quantize", trained, "--weight-bits", bits, "--out", f"q{bits}", "--json").json for bits in (2, 12)
    ]
    assert said[0]["same"] < 0.95 < said[1]["same"] and not said[0]["is_exact"] and said[1]["is_exact"]
    assert said[0]["worst_margin"] <= 0 < said[1]["worst_margin"]


def test_the_shares_are_those_of_the_answers_themselves(carrybit, trained):
    carrybit("quantize", trained, "--state-bits", 3, "--weight-bits", 4, "--out", "coarse")
    run = runs.load_run(trained)
    task, coarse = run.config.task, runs.load_run("coarse").network
    words = task.at_length(80).sample(0, "evaluation", 0, 1000)
    mine, theirs = (net.run(task.vectors[words]).layer_2[..., 0] > 0.5 for net in (run.network, coarse))
    found = Original(run.network, task).fidelity(coarse)
    assert found.same == (mine == theirs).mean() < 1


def test_a_grid_shows_every_width(carrybit, short, monkeypatch):
    from carrybit.cli import quantize

    monkeypatch.setattr(quantize, "GRID", (range(2, 5), range(3, 6)))
    said = carrybit("quantize", short, "--grid")
    rows = [line for line in said.out.splitlines() if re.match(r" +[234]  ", line)]
    assert len(rows) == 3 and all(len(re.findall(r"%", row)) == 3 for row in rows)
    table = carrybit("quantize", short, "--grid", "--json", "--out", "again").json["grid"]
    assert [(each["state_bits"], each["weight_bits"]) for each in table] == [
        (s, w) for s in (2, 3, 4) for w in (3, 4, 5)
    ]
    assert all(0 <= each["same"] <= 1 and not each["is_exact"] for each in table)


def test_quiet_says_the_folder_alone(carrybit, short):
    assert carrybit("quantize", short, "--quiet", "--out", "q").out == "q\n"


def test_what_cannot_be_is_refused_in_three_lines(carrybit, short, whole):
    assert_three_lines(carrybit("quantize", short, "--state-bits", 13), "--state-bits 13", "1 to 12")
    assert_three_lines(carrybit("quantize", short, "--weight-bits", 1), "--weight-bits 1", "2 to 16")
    assert_three_lines(carrybit("quantize", whole), "in whole numbers already")
    assert_three_lines(carrybit("quantize", "nowhere"), "nowhere")
    assert_three_lines(carrybit("quantize", short, "--out", whole), "is there already")


def test_whole_numbers_are_not_trained(carrybit, whole):
    assert_three_lines(carrybit("train", "--resume", whole), "whole numbers, which are not trained")
    assert_three_lines(carrybit("watch", whole, "--at", 5), "carrybit quantize")
    with pytest.raises(RunError, match="not trained"):
        next(runs.resume(whole, updates=10**6))


def test_other_verbs_take_the_run(carrybit, whole, tmp_path):
    assert carrybit("predict", whole, "9 + 60", "123456789 + 987654321").out.count("✓") == 2
    (marks,) = carrybit("evaluate", whole, "--count", 200, "--bits", 64, "--json").json["marks"]
    assert marks["right"] == 200
    assert carrybit("watch", whole, "9 + 60", "--html", "page.html").code == 0
    for view in ("provenance", "unrolled", "layers", "backward", "shrinking", "space"):
        assert carrybit("watch", whole, "9 + 60", "--view", view, "--figure", f"{view}.svg").code == 0


def test_engines_print_the_same_of_it(carrybit, whole):
    said = [carrybit("predict", whole, "9 + 60", "-v", "--engine", engine).out for engine in ("cpu", "reference")]
    assert said[0] == said[1]


def test_watching_it_says_stairs_and_checks_along_the_curve(carrybit, whole):
    said = carrybit("watch", whole, "9 + 60", "--plain")
    assert "in whole numbers (6-bit states, 10-bit weights)" in said.out and "Stairs have the slope" in said.out
    assert "DIFFERS" not in said.out and said.out.count("✓") > 3 and "thresholds" not in said.out
    run = runs.load_run(whole)
    trace = watch(run.network, run.config.task, "9 + 60")
    for entry in ("synapse_h 3 7", "synapse_0 1 2", "synapse_1 4 0", "layer_1 2 4", "pre_1 0 3", "layer_0 1 1"):
        check = checking.check(trace, *checking.read(trace, entry))
        assert check.agrees and check.derivative != 0 and "curve that the stairs follow" in str(check)
    measured = finite_difference(trace, "synapse_h", (3, 7))
    assert measured == pytest.approx(trace.gradient.synapse_h[3, 7], rel=1e-6)


def test_a_damaged_run_in_whole_numbers_is_refused(whole):
    file = runs.Path(whole) / runs.MODEL
    octets = file.read_bytes()
    (length,) = np.frombuffer(octets[:8], "<u8")
    head = json.loads(octets[8 : 8 + int(length)])
    assert any("thresholds" in name for name in head)
    file.write_bytes(octets[:-8])
    with pytest.raises(RunError):
        runs.load_run(whole)


def test_relu_and_tanh_tasks_and_others_work_too(carrybit, tmp_path):
    for k, options in enumerate(({"activation": "relu", "bias": True}, {"activation": "tanh"})):
        for _ in runs.record(TrainConfig(task="counting", updates=300, **options), tmp_path / f"r{k}"):
            pass
        said = carrybit(
            "quantize", tmp_path / f"r{k}", "--state-bits", 10, "--weight-bits", 12, "--json", "--out", f"q{k}"
        )
        assert said.code == 0 and said.json["same"] > 0.9, said.err
