"""Regular expressions as machines, held to Python's own."""

import itertools
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("greenery")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from carrybit.errors import UsageError  # noqa: E402
from carrybit.machines.machine import Machine  # noqa: E402
from carrybit.machines.regular import machine_from_regex  # noqa: E402

DOCS = Path(__file__).parent.parent / "docs" / "machines.md"
PATTERNS = [
    "(ab)*",
    "a*b?a+",
    "(a|b)*a(a|b){3}",
    "(b*ab*a)*b*",
    "a{2,3}(b|aa)*",
    "(a?b){2,}",
    "(a{0,2}b){1,3}a?",
    "((a|b)(a|b))*",
    "(a*)*b",
    "(|a)(b|)a",
    "a{0}b*a",
    "[^b]b+?.",
    "(?:a|(?P<rest>ba))+",
    r"\x61\w",
]


def words(symbols, longest):
    """All words of up to so many symbols, as numbers."""
    for length in range(1, longest + 1):
        yield np.array(list(itertools.product(range(symbols), repeat=length)))


def agrees(machine, pattern, longest):
    """Whether a machine says of each word whether the pattern matches it."""
    for batch in words(len(machine.symbols), longest):
        last = machine.run(batch)[1][:, -1]
        texts = ["".join(machine.symbols[symbol] for symbol in word) for word in batch]
        if [machine.answers[answer] for answer in last] != [
            "yes" if re.fullmatch(pattern, text) else "no" for text in texts
        ]:
            return False
    return True


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_machine_says_what_python_says_of_all_words_of_eight_symbols(pattern):
    machine = machine_from_regex(pattern, "ab")
    assert machine.symbols == ("a", "b")
    assert agrees(machine, pattern, 8)
    assert machine.minimal().states == machine.states


leaves = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", ""])
patterns = st.recursive(
    leaves,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map("({0[0]}|{0[1]})".format)
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}"])).map("({0[0]}){0[1]}".format)
    ),
    max_leaves=8,
)


@settings(deadline=None, derandomize=True)
@given(patterns)
def test_random_patterns_say_what_python_says(pattern):
    try:
        machine = machine_from_regex(pattern, "ab")
    except UsageError as error:
        assert "always answers" in error.received
        same = {
            bool(re.fullmatch(pattern, "".join(word)))
            for n in (1, 2, 3, 4)
            for word in itertools.product("ab", repeat=n)
        }
        assert len(same) == 1
    else:
        assert agrees(machine, pattern, 6)


def test_the_patterns_of_the_docs_are_read_as_python_reads_them():
    _, text = DOCS.read_text().split("## A regular expression")
    rows = re.findall(r"^\| `(.+)` \| (.+) \|$", text, re.MULTILINE)
    said = {pattern.replace(r"\|", "|"): meaning for pattern, meaning in rows}
    machines = {pattern: machine_from_regex(pattern) for pattern in said}
    assert len(said) == 5
    for pattern, machine in machines.items():
        assert agrees(machine, pattern, 7 if len(machine.symbols) == 2 else 4)
    assert said["(a|b)*a(a|b){3}"].endswith("eight states")
    assert len(machines["(a|b)*a(a|b){3}"].states) == 8


def test_states_are_named_by_the_shortest_word_that_leads_there():
    assert machine_from_regex("(ab)*").states == ("start", 'after "a"', "never again")
    assert machine_from_regex("b*ab.*").states == ("start", 'after "a"', "never again", "always")
    assert machine_from_regex("a{20}").states[-3:] == ("state 18", "state 19", "never again")


def test_symbols_are_those_that_the_pattern_names_or_those_that_are_given():
    assert machine_from_regex("ba|[c-e]").symbols == tuple("abcde")
    assert machine_from_regex(r"\d+[^.]").symbols == (".", *"0123456789")
    assert machine_from_regex("ba", "bca").symbols == tuple("bca")
    assert agrees(machine_from_regex(r"\d.", "12x"), r"\d.", 4)


def test_signs_that_are_escaped_stand_for_themselves():
    machine = machine_from_regex(r"\(\-\^\$[\-\]]\)")
    assert machine.symbols == tuple("$()-]^")
    assert agrees(machine, r"\(\-\^\$[\-\]]\)", 6)


@pytest.mark.parametrize(
    ("pattern", "alphabet", "said"),
    [
        ("(a", None, "unterminated subpattern at position 0"),
        ("a**", None, "multiple repeat at position 2"),
        ("[b-a]", None, "bad character range"),
        ("a(?=b)", None, "not read here"),
        (r"(a)\1", None, "not read here"),
        ("(" * 400 + "a" + ")" * 400, None, "not read here"),
        ("^ab", None, "^ in the pattern"),
        ("(ab$)", None, "$ in the pattern"),
        ("", None, "no symbols"),
        (".*", None, "no symbols"),
        ("a", "", "no symbols"),
        ("[^a]", None, "[^a] in the pattern"),
        ("abc", "ab", "c in the pattern"),
        ("a b", None, "the symbol ' '"),
        ("[a-\uffff]", None, "256 symbols"),
        ("[ab]*", None, "always answers 'yes'"),
        ("a*", None, "always answers 'yes'"),
        ("a{0}", None, "always answers 'no'"),
        ("a" * 1_001, None, "1,001 letters"),
    ],
)
def test_what_cannot_be_learned_is_refused(pattern, alphabet, said):
    with pytest.raises(UsageError) as error:
        machine_from_regex(pattern, alphabet)
    assert said in error.value.received
    assert all(part and "\n" not in part for part in error.value.args)


@pytest.mark.parametrize(
    "pattern",
    ["(a|b)*a(a|b){20}", "a{5000}", "(a{0,1000}){0,1000}b", "((a?){50}){50}b", "(.*a){40}.{0,900}b.{0,400}c"],
)
def test_a_pattern_that_explodes_is_refused_in_time(pattern):
    before = time.monotonic()
    with pytest.raises(UsageError, match="at most 4,096 states"):
        machine_from_regex(pattern)
    assert time.monotonic() - before < 20


def test_without_greenery_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "greenery.parse", None)
    with pytest.raises(UsageError, match=r"carrybit\[machines\]"):
        machine_from_regex("(ab)*")


def test_the_smallest_machine_gives_the_same_answers():
    twice = Machine(  # counting mod 4, of which only mod 2 is told; nothing leads to the last state
        tuple("pqrst"), tuple("01"), ("even", "odd"),
        np.array([[0, 1], [1, 2], [2, 3], [3, 0], [0, 0]]),
        np.array([[0, 1], [1, 0], [0, 1], [1, 0], [1, 1]]),
        start=1,
    )  # fmt: skip
    smallest = twice.minimal()
    assert twice.reachable().states == tuple("pqrs")
    assert (smallest.states, smallest.start) == (("p", "q"), 1)
    for batch in words(2, 6):
        np.testing.assert_array_equal(smallest.run(batch)[1], twice.run(batch)[1])
