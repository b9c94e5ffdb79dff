"""The lab of the width: its verdict either way, what it asks, a small run, its picture."""

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from carrybit.config import TrainConfig  # noqa: E402
from carrybit.labs import width  # noqa: E402
from carrybit.labs.width import Grades  # noqa: E402
from carrybit.network import Network  # noqa: E402
from carrybit.runs import load_run  # noqa: E402

ALL = Grades((1.0,) * 20, (1.0,) * 20)
MOST = Grades((1.0,) * 20, (1.0,) * 17 + (0.5,) * 3)
NONE = Grades((0.1,) * 20, (0.0,) * 20)


def found(wide):
    return {4: {4: ALL, 8: NONE, 1024: NONE}, 8: {4: ALL, 8: ALL, 1024: wide}}


def test_it_holds_where_nearly_all_are_right_at_any_width():
    holds, verdict = width.judge(found(ALL), 1024)
    assert holds
    assert verdict.startswith("of 20 networks that learned to add 8 bits, 20 have all random sums and all carry")
    assert verdict.endswith("Of those trained on 8, more than half do; of those trained on 4, none.")


def test_a_few_lost_carries_refute_it():
    holds, verdict = width.judge(found(MOST), 1024)
    assert not holds
    assert verdict.startswith("of 20 networks that learned to add 8 bits, 17 have")
    assert "85% (64% to 95%)" in verdict


def test_networks_that_learned_nothing_decide_nothing():
    holds, verdict = width.judge({8: {8: NONE, 1024: NONE}}, 1024)
    assert not holds
    assert "of 0 networks" in verdict


def test_only_what_was_learned_can_be_kept():
    learned = Grades((1.0, 1.0, 0.9), (1.0, 1.0, 1.0))
    assert width.kept(learned, Grades((1.0,) * 3, (1.0, 0.5, 1.0))) == (2, 1)


def test_an_adder_is_right_at_every_width_and_a_beginner_is_not(trained):
    config = TrainConfig()
    networks = [load_run(trained).network, Network.first(config.make_spec(), 0)]
    for bits in (2, 8, 300):
        asked = width.grades(networks, bits)
        assert asked.perfect == (True, False)
        assert asked.chains[1] < 1


def test_the_picture_holds_the_shares():
    finding = width.finding(found(MOST), (4, 1024))
    figure = width.draw(finding, Figure(layout="constrained"))
    figure.draw_without_rendering()
    sums, chains = figure.axes
    assert [text.get_text() for text in sums.texts] == ["100%", "10%", "100%", "100%"]
    assert [text.get_text() for text in chains.texts] == ["100%", "0%", "100%", "85%"]
    assert [tick.get_text() for tick in chains.get_xticklabels()] == ["4", "1,024"]
    assert chains.images[0].get_array().tolist() == [[1.0, 0.0], [1.0, 0.85]]


def test_a_small_run_ends_with_a_finding():
    *steps, finding = width.experiment(trained=(2, 8), asked=(4, 64), count=2, seen=800)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == 1.0
    assert [row[0] for row in finding.listings[0].rows] == ["2 bits", "8 bits"]
    width.draw(finding, Figure(layout="constrained")).draw_without_rendering()
