"""Machines in Graphviz's notation, read by a small parser of their own, and by Graphviz where it is there."""

import html
import re
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrybit.machines.arrows import arrows
from carrybit.machines.dot import dot
from carrybit.machines.machine import Machine
from carrybit.tasks import TASKS
from machines_at_random import machines

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(->|[][{}=,])|([A-Za-z_][A-Za-z_0-9]*|[0-9.]+))')
HOSTILE = ['"', "\\", '\\"', "a\nb", "<b>&lt;</b>", "\\N", "é → 好", "//", "};", "\x00\ud800", "", "#"]


def tokens(text):
    """The words of a graph: quoted, signs, names and numbers; nothing else may stand there."""
    place, found = 0, []
    while text[place:].strip():
        match = TOKEN.match(text, place)
        assert match, f"no DOT: {text[place : place + 40]!r}"
        found.append(match[0].strip())
        place = match.end()
    return found


def parsed(text):
    """The nodes, as id: attributes, and the edges, as (source, target, attributes)."""
    words = tokens(text)
    assert words[:3] == ["digraph", "machine", "{"] and words[-1] == "}"
    nodes, edges, words = {}, [], words[3:-1]
    while words:
        subject = [words.pop(0)]
        if words[:1] == ["->"]:
            subject.append(words[1])
            del words[:2]
        if words[:1] == ["="]:  # an attribute of the graph
            del words[:2]
            continue
        about = {}
        if words[:1] == ["["]:
            end = words.index("]")
            inside = words[1:end]
            assert [*inside[1::4], *inside[3::4]] == ["="] * len(inside[1::4]) + [","] * len(inside[3::4])
            about = dict(zip(inside[::4], inside[2::4], strict=True))
            del words[: end + 1]
        if len(subject) == 2:
            edges.append((*subject, about))
        elif subject[0] not in ("node", "edge"):
            nodes[subject[0]] = about
    return nodes, edges


def shown(quoted):
    """What Graphviz would show of a label: its lines."""
    inside = re.sub(r"\\(.)", lambda sign: {"n": "\n"}.get(sign[1], sign[1]), quoted[1:-1])
    return html.unescape(inside).split("\n")


def test_the_adder_is_a_graph_of_two_circles_and_four_arrows():
    nodes, edges = parsed(dot(TASKS["addition"]().machine))
    assert {name: shown(about["label"]) for name, about in nodes.items() if name != "start"} == {
        "s0": ["carry 0"],
        "s1": ["carry 1"],
    }
    assert [(source, target) for source, target, _ in edges] == [
        ("start", "s0"), ("s0", "s0"), ("s0", "s1"), ("s1", "s0"), ("s1", "s1"),
    ]  # fmt: skip
    assert shown(edges[-1][2]["label"]) == ["01, 10 / 0", "11 / 1"]


@given(machines(6), st.permutations(HOSTILE))
def test_every_move_is_an_arrow_and_any_name_is_shown_as_it_stands(machine, names):
    machine = Machine(
        tuple(names[: len(machine.states)]), tuple(names[6:8]), tuple(names[8:10]),
        machine.moves, machine.outputs, machine.start,
    )  # fmt: skip
    nodes, edges = parsed(dot(machine))
    assert len(nodes) == len(machine.states) + 1
    for state, name in enumerate(machine.states):
        visible = name.replace("\n", "\\n").replace("\x00\ud800", "\\x00\\ud800")
        assert shown(nodes[f"s{state}"]["label"]) == [visible]
    assert edges[0][:2] == ("start", f"s{machine.start}")
    wanted = [(f"s{source}", f"s{target}", len(labels)) for source, target, labels in arrows(machine)]
    assert [(source, target, len(shown(about["label"]))) for source, target, about in edges[1:]] == wanted


def test_moves_that_may_not_come_are_no_arrows_and_a_trap_is_dashed():
    task = TASKS["dyck"]()
    nodes, edges = parsed(dot(task.machine))
    assert [name for name, about in nodes.items() if about.get("style") == "dashed"] == ["s7"]
    asked = np.zeros(task.machine.moves.shape, dtype=bool)
    asked[0, 0] = True
    assert [edge[:2] for edge in parsed(dot(task.machine, asked))[1]] == [("start", "s0"), ("s0", "s1")]
    assert len(edges) > 10


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not here")
def test_graphviz_draws_it():
    machine = TASKS["addition"]().machine
    hostile = Machine(tuple(HOSTILE[:2]), machine.symbols, tuple(HOSTILE[4:6]), machine.moves, machine.outputs)
    done = subprocess.run(["dot", "-Tsvg"], input=dot(hostile), text=True, capture_output=True)
    assert done.returncode == 0 and not done.stderr
    assert "&lt;b&gt;&amp;lt;&lt;/b&gt;" in done.stdout
