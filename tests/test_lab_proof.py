"""The lab of the proof: its verdict either way, what a network is tried by, a small run, its picture."""

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from carrybit.config import TrainConfig  # noqa: E402
from carrybit.labs import proof  # noqa: E402
from carrybit.labs.liars import make_liar  # noqa: E402
from carrybit.labs.proof import Tried  # noqa: E402
from carrybit.network import Network  # noqa: E402
from carrybit.runs import load_run  # noqa: E402

PROVED = Tried(True, False, "PROVED", 0.2, 90, 0.7)
SLOW = Tried(True, False, "OPEN", 3.0, None, 1.4)
FOOLED = Tried(False, True, "REFUTED", 0.1, None, 1.9)
UNTAUGHT = Tried(False, False, "REFUTED", 0.01, None, 0.3)


def found(plain, noisy):
    return {0.0: plain, 0.2: noisy, 0.4: [UNTAUGHT] * len(plain)}


@pytest.mark.parametrize(
    ("plain", "noisy", "holds"),
    [
        ([PROVED, SLOW, FOOLED], [PROVED] * 3, True),
        ([PROVED, PROVED, PROVED], [PROVED] * 3, False),  # no better than without
        ([SLOW, SLOW, FOOLED], [PROVED, PROVED, SLOW], False),  # not every one
        ([SLOW, SLOW, FOOLED], [PROVED, PROVED, FOOLED], False),
    ],
)
def test_it_holds_where_noise_alone_makes_every_network_provable(plain, noisy, holds):
    assert proof.judge(found(plain, noisy))[0] is holds


def test_the_verdict_has_the_numbers_that_decide_it():
    _, said = proof.judge(found([PROVED, SLOW, FOOLED], [PROVED] * 3))
    assert said.startswith("with a noise of 0.2, 3 of 3 adders are proved, without noise 1 of 3; 0 and 1 are fooled")
    assert "to 0.7 of itself with noise, to 1.4 without" in said and "of 3 seeds, 2 forget it sooner" in said
    assert said.endswith("1 of 3 at 0, 3 of 3 at 0.2, 0 of 3 at 0.4.")


def test_the_table_counts_what_came_of_the_networks():
    rows = proof.finding(found([PROVED, SLOW, FOOLED], [PROVED] * 3), 3.0).listings[0].rows
    assert rows[0][:6] == ("0", "2 of 3", 1, 1, 1, 1)
    assert rows[1][:6] == ("0.2", "3 of 3", 0, 3, 0, 0) and rows[1][7:] == (0.2, 90, 0.7)
    assert rows[2][:6] == ("0.4", "0 of 3", 0, 0, 3, 0) and rows[2][8] is None


def test_a_liar_is_fooled_by_chains_and_a_beginner_by_nothing():
    lie = proof.tried(make_liar(170).network, 10.0)
    assert (lie.exact, lie.fooled, lie.verdict, lie.cells) == (False, True, "REFUTED", None)
    beginner = proof.tried(Network.first(TrainConfig().make_spec(), 0), 10.0)
    assert (beginner.exact, beginner.fooled, beginner.verdict) == (False, False, "REFUTED")


def test_growth_is_of_the_memory_alone(trained):
    network = load_run(trained).network
    plain = proof.tried(network, 0.5)
    assert plain.exact and not plain.fooled and 0 < plain.growth < 100
    forgetful = replace(network.params, synapse_h=np.zeros_like(network.params.synapse_h))
    assert proof.tried(replace(network, params=forgetful), 0.5).growth < 1e-9


def test_a_small_run_ends_with_a_finding():
    *steps, finding = proof.experiment(noises=(0.0, 0.2), count=2, updates=400, seconds=0.5)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert 0 <= steps[0].done and steps[-1].done < 1
    assert [row[0] for row in finding.listings[0].rows] == ["0", "0.2"]
    assert not finding.holds  # 400 updates teach nothing
    proof.draw(finding, Figure(layout="constrained")).draw_without_rendering()


def test_noise_makes_an_adder_that_is_proved():
    *_, finding = proof.experiment(noises=(0.0, 0.2), count=1, seconds=5.0)
    assert finding.data["networks"][1][0]["verdict"] == "PROVED" and finding.data["networks"][1][0]["exact"]


def test_the_picture_has_a_mark_for_every_network_by_its_verdict():
    finding = proof.finding(found([PROVED, SLOW, FOOLED], [PROVED] * 3), 3.0)
    plain = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]
    (ax,) = proof.draw(finding, Figure(layout="constrained")).axes
    shapes = {mark["marker"]: name for name, mark in proof.MARKS.items()}
    assert len(shapes) == 3  # told apart by shape
    marks = [line for line in ax.get_lines() if line.get_marker() in shapes and len(line.get_xdata())]
    drawn = {(round(line.get_xdata()[0]), shapes[line.get_marker()], line.get_ydata()[0]) for line in marks}
    told = {(k, each["verdict"], each["growth"]) for k, some in enumerate(plain["networks"]) for each in some}
    assert drawn == told and len(marks) == 9
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "0.2", "0.4"]
    assert any(set(line.get_ydata()) == {1} for line in ax.get_lines())  # the border
    assert [text.get_text().split("\n")[0] for text in ax.texts[:3]] == ["1 of 3", "3 of 3", "0 of 3"]
