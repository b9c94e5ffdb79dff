"""The lab of the rate: its verdict either way, a small run, its picture."""

import math

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from carrybit.labs import rate  # noqa: E402
from carrybit.labs.dial import Notch  # noqa: E402

SLOW, QUICK, HOPELESS = (9000,) * 12, (2000,) * 11 + (math.inf,), (math.inf,) * 12


def found(tutorials, other):
    return {"sgd": [Notch(0.02, HOPELESS), Notch(0.1, tutorials), Notch(1.0, other)], "adam": [Notch(0.03, QUICK)]}


def test_a_quicker_rate_refutes_the_tutorials():
    finding = rate.finding(found(SLOW, QUICK), 10_000)
    assert not finding.holds
    assert finding.verdict.startswith("at 1, half of the networks are exact after 2,000 updates, at 0.1")


def test_without_a_quicker_rate_the_tutorials_holds():
    finding = rate.finding(found(QUICK, SLOW), 10_000)
    assert finding.holds
    assert finding.verdict.startswith("at 0.1,")


def test_each_optimiser_has_a_table_and_a_column_of_the_picture():
    finding = rate.finding(found(SLOW, QUICK), 10_000)
    assert [listing.title for listing in finding.listings] == [
        "updates until exact, by sgd (never: not in 10,000)",
        "updates until exact, by adam (never: not in 10,000)",
    ]
    figure = rate.draw(finding, Figure(layout="constrained"))
    figure.draw_without_rendering()
    assert len(figure.axes) == 4
    after = figure.axes[0]
    written = [text.get_text() for text in after.texts]
    assert written == ["12", "0", "1", "not in\n10,000", "the tutorial's"]  # networks that were not exact, rate by rate
    dots = [line for line in after.get_lines() if line.get_marker() == "."]
    assert sorted((len(line.get_xdata()), line.get_ydata()[0]) for line in dots) == [(11, 2000), (12, 9000)]
    assert [tick.get_text() for tick in figure.axes[2].get_xticklabels()] == ["0.02", "0.1", "1"]


def test_a_small_run_ends_with_a_finding():
    *steps, finding = rate.experiment(count=3, updates=500, every=250)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == 1.0
    assert [row[0] for row in finding.listings[0].rows] == ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10"]
    rate.draw(finding, Figure(layout="constrained")).draw_without_rendering()
