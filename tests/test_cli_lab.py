"""The command line on experiments: listed, run, drawn, reported, interrupted; and refused where they make no sense."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from carrybit import labs
from carrybit.labs.lab import Finding, Listing, Step

HOSTILE = "</script><img src=x onerror=alert(1)>"


def a_lab(holds, seen, stop_at=None):
    """An experiment that takes no time, and writes down how it was asked for."""

    def experiment(*, thorough=False, seed=0):
        seen.append((thorough, seed))
        for k in range(3):
            if k == stop_at:
                raise KeyboardInterrupt
            yield Step(k / 3, "going on")
        table = Listing("a table", ("what", "how many"), (("apples", 1234), (HOSTILE, 0.5), ("none", None)))
        yield Finding((table,), holds, f"the numbers say so {HOSTILE}", {"heights": [1, 2]})

    def draw(finding, figure):
        figure.add_subplot().bar([0, 1], finding.data["heights"])
        return figure

    return SimpleNamespace(QUESTION="Is it so?", CLAIM="It is so.", experiment=experiment, draw=draw)


@pytest.fixture
def two_labs(monkeypatch):
    """Two experiments in place of the true ones: the first claim holds, the second does not."""
    seen = []
    rooms = {"first": a_lab(True, seen), "second": a_lab(False, seen)}
    monkeypatch.setattr(labs, "LABS", tuple(rooms))
    monkeypatch.setattr(labs, "find", rooms.__getitem__)
    return SimpleNamespace(seen=seen, rooms=rooms)


def test_every_experiment_is_there_and_asks_something(carrybit):
    said = carrybit("lab")
    assert said.code == 0
    for name in labs.LABS:
        room = labs.find(name)
        assert room.QUESTION.strip().endswith("?"), name
        assert room.CLAIM.strip().endswith("."), name
        assert f"{name} " in said.out
    assert carrybit("lab", "--quiet").out.split() == list(labs.LABS)
    assert [entry["name"] for entry in carrybit("lab", "--json").json["labs"]] == list(labs.LABS)


def test_an_experiment_prints_question_table_and_verdict(carrybit, two_labs):
    said = carrybit("lab", "first", "--thorough", "--seed", 5, "--figure", "drawn.png")
    assert said.code == 0, said.err
    assert two_labs.seen == [(True, 5)]
    assert "Is it so?" in said.out and "1,234" in said.out and "✓ so: the numbers say so" in said.out
    assert Path("drawn.png").stat().st_size > 1000
    assert "✗ not so:" in carrybit("lab", "second").out
    assert carrybit("lab", "second", "--quiet").out == "second: not so\n"


def test_an_experiment_says_one_object_with_json(carrybit, two_labs):
    found = carrybit("lab", "second", "--json").json
    assert found["holds"] is False
    assert found["listings"][0]["rows"][0] == ["apples", 1234]
    assert found["data"] == {"heights": [1, 2]}


def test_all_experiments_make_one_page_that_loads_nothing(carrybit, two_labs):
    said = carrybit("lab", "all", "--out", "report")
    assert said.code == 0, said.err
    assert "1 of 2 claims hold" in said.out
    page = Path("report/report.html").read_text(encoding="utf-8")
    assert page.count("<section") == 2 and page.count("data:image/svg+xml;base64,") == 2
    assert HOSTILE not in page and "&lt;img src=x" in page
    assert "http" not in page.replace("data:image/svg+xml", "")
    assert Path("report/first.svg").exists()


def test_a_report_that_is_stopped_has_what_is_over(carrybit, two_labs):
    two_labs.rooms["second"] = a_lab(False, [], stop_at=1)
    said = carrybit("lab", "all", "--out", "report")
    assert said.code == 130
    assert Path("report/report.html").read_text(encoding="utf-8").count("<section") == 1


@pytest.mark.parametrize(
    ("arguments", "received"),
    [
        (["lab", "sizes"], "sizes"),
        (["lab", "--seed", 3], "--seed without"),
        (["lab", "--figure", "x.png"], "--figure without"),
        (["lab", "size", "--out", "x"], "--out without all"),
        (["lab", "size", "--figure", "x.gif"], "x.gif"),
        (["lab", "size", "--seed", "-1"], "--seed -1"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(carrybit, arguments, received):
    said = carrybit(*arguments)
    assert said.code == 2
    assert [line.split(":")[0] for line in said.err.strip().splitlines()] == ["error", "allowed", "fix"]
    assert received in said.err.splitlines()[0]


def test_findings_are_plain_json():
    finding = Finding((Listing("t", ("a",), ((1,),)),), True, "so", {"x": [1.5]})
    assert json.loads(json.dumps(finding.about()))["listings"][0]["heads"] == ["a"]
