"""Machines in JSON: what is read, and what is refused with its spot."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from carrybit.errors import UsageError
from carrybit.machines import limits, notation
from carrybit.machines.notation import machine_from_json, machine_to_json, read_machine
from carrybit.tasks.addition import addition

DOCS = Path(__file__).parent.parent / "docs" / "machines.md"
MOVES = {"even": {"0": "even", "1": "odd"}, "odd": {"0": "odd", "1": "even"}}
OUTPUTS = {"even": {"0": "no", "1": "yes"}, "odd": {"0": "yes", "1": "no"}}
WORD = np.array([[1, 1, 0, 1]])


def parity(**changes):
    return {"moves": MOVES, "outputs": OUTPUTS} | changes


def test_a_machine_is_read_in_the_order_in_which_it_is_written():
    machine = machine_from_json(parity())
    assert (machine.states, machine.symbols, machine.answers) == (("even", "odd"), ("0", "1"), ("no", "yes"))
    states, answers = machine.run(WORD)
    assert states.tolist() == [[0, 1, 0, 0, 1]]
    assert answers.tolist() == [[1, 0, 0, 1]]


def test_one_answer_for_each_state_is_given_on_the_way_into_it():
    machine = machine_from_json(parity(outputs={"even": "no", "odd": "yes"}))
    assert machine.outputs.tolist() == machine_from_json(parity()).outputs.tolist()


def test_lists_of_names_say_the_order():
    machine = machine_from_json(parity(states=["odd", "even"], symbols=["1", "0"], answers=["yes", "no"], start="even"))
    assert (machine.states, machine.symbols, machine.answers) == (("odd", "even"), ("1", "0"), ("yes", "no"))
    assert machine.start == 1
    assert machine.run(1 - WORD)[1].tolist() == [[0, 1, 1, 0]]


def test_a_machine_comes_back_from_json_as_it_was():
    for machine in (addition(operands=3).machine, machine_from_json(parity(start="odd"))):
        about = machine_to_json(machine)
        back = machine_from_json(json.loads(json.dumps(about)))
        assert machine_to_json(back) == about
        assert list(about["moves"]) == list(machine.states)
        np.testing.assert_array_equal(back.moves, machine.moves)
        np.testing.assert_array_equal(back.outputs, machine.outputs)
        assert back.start == machine.start


def test_states_that_nothing_leads_to_are_left_out():
    moves = {"nowhere": {"0": "odd", "1": "even"}} | MOVES
    outputs = {"nowhere": {"0": "maybe", "1": "no"}} | OUTPUTS
    machine = machine_from_json(parity(moves=moves, outputs=outputs, start="even"))
    assert machine.states == ("even", "odd")
    assert machine.run(WORD)[0].tolist() == [[0, 1, 0, 0, 1]]


def test_the_machines_of_the_docs_are_machines(tmp_path):
    examples = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        path = tmp_path / "machine.json"
        path.write_text(example)
        assert machine_to_json(read_machine(path)) == machine_to_json(machine_from_json(parity()))


@pytest.mark.parametrize(
    ("about", "spot"),
    [
        ([], "the machine: []"),
        ({}, "the machine: {}"),
        ({"moves": MOVES}, 'no "outputs"'),
        (parity(output={}), 'a key "output"'),
        (parity(moves={}), "moves: {}"),
        (parity(moves=MOVES | {"odd": {"0": "odd"}}), 'moves of "odd": nothing for "1"'),
        (parity(moves=MOVES | {"odd": "even"}), 'moves of "odd": "even"'),
        (parity(moves=MOVES | {"odd": {"0": "od", "1": "even"}}), 'moves of "odd" on "0": "od"'),
        (parity(moves=MOVES | {"odd": {"0": 1, "1": "even"}}), 'moves of "odd" on "0": 1'),
        (parity(outputs={"even": OUTPUTS["even"]}), 'outputs: nothing for "odd"'),
        (parity(outputs=OUTPUTS | {"old": OUTPUTS["odd"]}), 'outputs: an entry for "old"'),
        (parity(outputs=OUTPUTS | {"odd": {"0": "no"}}), 'outputs of "odd": nothing for "1"'),
        (parity(outputs={"even": "no"}), 'outputs: nothing for "odd"'),
        (parity(outputs={"even": "no", "odd": 1}), 'outputs on "odd": 1'),
        (parity(outputs={"even": "no", "odd": "no"}), "always answers 'no'"),
        (parity(answers=["no"]), 'outputs of "even" on "1": "yes"'),
        (parity(answers="no"), 'answers: "no"'),
        (parity(symbols=["0", "1", "1"]), "symbols: "),
        (parity(symbols=["0"]), 'moves of "even": an entry for "1"'),
        (parity(symbols=["0", "1", "2"]), 'moves of "even": nothing for "2"'),
        (parity(states=["even"]), 'moves: an entry for "odd"'),
        (parity(start="eve"), 'start: "eve"'),
        (parity(start=["even"]), 'start: ["even"]'),
        (parity(start="\ud800\u202e"), r'start: "\ud800\u202e"'),
        ({"moves": {"a": {"x y": "a"}}, "outputs": {"a": {"x y": "b"}}}, "the symbol 'x y'"),
        ({"moves": {"a\n": {"0": "a\n", "1": "a\n"}}, "outputs": {"a\n": {"0": "b", "1": "c"}}}, "the name 'a\\n'"),
    ],
)
def test_what_is_no_machine_is_refused_with_its_spot(about, spot):
    with pytest.raises(UsageError) as error:
        machine_from_json(about)
    assert spot in error.value.received
    assert all(part and "\n" not in part for part in error.value.args)


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        (b'{\n  "moves": {,}\n}', "line 2, column 13"),
        (b'{"moves": {"a": {}, "a": {}}}', '"a" twice'),
        (b"[" * 100_000, "JSON that no machine needs"),
        (b"1" * 10_000, "JSON that no machine needs"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"null", "the machine: null"),
    ],
)
def test_a_file_that_is_no_machine_is_refused_by_name(tmp_path, text, spot):
    path = tmp_path / "machine.json"
    path.write_bytes(text)
    with pytest.raises(UsageError) as error:
        read_machine(path)
    assert error.value.received.startswith(f"{path}: ")
    assert spot in error.value.received


def test_a_file_that_is_not_there_a_folder_and_a_huge_one_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="No such file"):
        read_machine(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot be read"):
        read_machine(tmp_path)
    monkeypatch.setattr(notation, "MOST_BYTES", 10)
    (tmp_path / "machine.json").write_text(json.dumps(parity()))
    with pytest.raises(UsageError, match="too large"):
        read_machine(tmp_path / "machine.json")


def line(states):
    names = [f"s{state}" for state in range(states)]
    outputs = {name: "end" if name == names[-1] else "on" for name in names}
    return {
        "moves": {name: {"go": after} for name, after in zip(names, names[1:] + names[-1:], strict=True)},
        "outputs": outputs,
    }


def test_too_many_states_or_symbols_are_refused_and_as_many_as_allowed_are_not():
    assert len(machine_from_json(line(limits.MOST_STATES)).states) == limits.MOST_STATES
    with pytest.raises(UsageError, match="4,097 states"):
        machine_from_json(line(limits.MOST_STATES + 1))
    for count, is_allowed in ((limits.MOST_SYMBOLS, True), (limits.MOST_SYMBOLS + 1, False)):
        row = {f"x{symbol}": "a" for symbol in range(count)}
        about = {"moves": {"a": row}, "outputs": {"a": row | {"x0": "b"}}}
        if is_allowed:
            assert len(machine_from_json(about).symbols) == count
        else:
            with pytest.raises(UsageError, match="256 symbols"):
                machine_from_json(about)
