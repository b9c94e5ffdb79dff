"""The experiment on forgetting: half-lives are measured right, and the verdict can say not so."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.labs import forgetting
from carrybit.labs.lab import Finding
from carrybit.network import Network
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


def test_a_trace_is_how_far_the_other_symbol_of_the_pair_leads():
    task = latch()
    network = Network.first(TrainConfig(task=task, **forgetting.SETTINGS).make_spec(), seed=0)
    words = forgetting._noise(0, 4)
    for kind, pair in (("mark", "AB"), ("noise", "xy")):
        far = []
        for number, word in enumerate(words):
            runs = []
            for symbol in pair if number % 2 == 0 else pair[::-1]:
                word[forgetting.LEAD] = task.machine.symbols.index(symbol)
                runs.append(network.run(task.vectors[word][None]).layer_1[0, 1 + forgetting.LEAD :])
            far.append([math.dist(one, other) for one, other in zip(*runs, strict=True)])
        found = forgetting.trace(network, kind, 0, 4)
        assert len(found) == 1 + forgetting.AGES
        assert found == pytest.approx(np.mean(far, axis=0).tolist(), abs=1e-14)


def lives(**changes):
    told = {("before", "mark"): 0.7, ("before", "noise"): 0.7, ("after", "mark"): 100.0, ("after", "noise"): 0.5}
    told |= {tuple(name.split("_")): value for name, value in changes.items()}
    return {key: SimpleNamespace(low=value, median=value, high=value) for key, value in told.items()}


@pytest.mark.parametrize(
    ("changes", "holds", "words"),
    [
        ({}, True, "keeps the mark"),
        ({"after_mark": 3.0}, False, "The half-life of the mark after training is 3.0 steps"),
        ({"after_noise": 30.0}, False, "The half-life of noise after training is"),
        ({"before_mark": 30.0}, False, "The half-life of the mark before training is"),
        ({"before_noise": 30.0}, False, "The half-life of noise before training is"),
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
    left = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]["left"]
    for ax, time in zip(drawn.axes, ("before", "after"), strict=True):
        mark, noise, _ = ax.get_lines()
        assert [line.get_linestyle() for line in (mark, noise)] == ["-", "--"]  # told apart without colour
        for line, kind in ((mark, "mark"), (noise, "noise")):
            assert line.get_ydata().tolist() == [median for median, _, _ in left[time][kind]]
