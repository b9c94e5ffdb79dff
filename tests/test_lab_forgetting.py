"""The experiment on forgetting: half-lives are measured right, and the verdict can say not so."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from carrybit.labs import forgetting
from carrybit.labs.lab import Finding
from carrybit.tasks.latch import latch


@pytest.mark.parametrize("life", [0.5, 1.0, 3.0, 7.7])
def test_the_half_life_of_what_fades_evenly_is_found_again(life):
    trace = [5 * 0.5 ** (age / life) for age in range(49)]
    assert forgetting.half_life(trace) == pytest.approx(life)


def test_what_never_halves_lives_for_ever():
    assert forgetting.half_life([1.0, 0.9, 0.8, 0.7]) == math.inf
    assert forgetting.half_life([1.0, 0.0]) < 1


def test_the_words_are_a_mark_and_then_noise():
    words = forgetting._noise(0, 200)
    machine = latch().machine
    assert {machine.symbols[k] for k in np.unique(words[:, 0])} == {"A", "B"}
    assert {machine.symbols[k] for k in np.unique(words[:, 1:])} == {"x", "y"}
    assert machine.symbols[forgetting.SYMBOLS["mark"]] == "A" and machine.symbols[forgetting.SYMBOLS["noise"]] == "x"


def lives(**changes):
    told = {("before", "mark"): 0.7, ("before", "noise"): 0.7, ("after", "mark"): 100.0, ("after", "noise"): 0.5}
    told |= {tuple(name.split("_")): value for name, value in changes.items()}
    return {key: SimpleNamespace(low=value, median=value, high=value) for key, value in told.items()}


@pytest.mark.parametrize(
    ("changes", "holds", "words"),
    [
        ({}, True, "keeps the mark"),
        ({"after_mark": 3.0}, False, "After training the half-life of mark"),
        ({"after_noise": 30.0}, False, "After training the half-life of noise"),
        ({"before_mark": 30.0}, False, "Before training the half-life of mark"),
        ({"before_noise": 30.0}, False, "Before training the half-life of noise"),
    ],
)
def test_the_verdict_follows_the_numbers(changes, holds, words):
    decided, verdict = forgetting._verdict(lives(**changes))
    assert decided is holds
    assert words in verdict


def test_trained_networks_keep_the_mark_and_hardly_trained_ones_do_not(tmp_path):
    from matplotlib.figure import Figure

    for updates, holds in ((5, False), (None, True)):
        (finding,) = [e for e in forgetting.experiment(updates=updates) if isinstance(e, Finding)]
        assert finding.holds is holds, finding.verdict
    drawn = forgetting.draw(finding, Figure())
    drawn.savefig(tmp_path / "drawn.png")
    assert [ax.get_title() for ax in drawn.axes] == ["before training", "after training"]
    for ax in drawn.axes:  # told apart without colour
        assert [line.get_linestyle() for line in ax.get_lines()[:2]] == ["-", "--"]
    assert set(json.loads(json.dumps(finding.about(), allow_nan=False))["data"]["left"]) == {"before", "after"}
