"""The lab of the first weights: its verdict either way, a small run, its picture."""

import math

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from carrybit.labs import start  # noqa: E402
from carrybit.labs.dial import Notch  # noqa: E402

SLOW, QUICK, HOPELESS = (9000,) * 12, (2000,) * 11 + (math.inf,), (math.inf,) * 12


def found(tutorials, larger):
    return [Notch(0.01, HOPELESS), Notch(1.0, tutorials), Notch(3.0, larger)]


@pytest.mark.parametrize(("tutorials", "larger", "holds"), [(QUICK, SLOW, True), (SLOW, QUICK, False)])
def test_the_numbers_decide(tutorials, larger, holds):
    finding = start.finding(found(tutorials, larger), 20_000)
    assert finding.holds is holds
    assert finding.verdict.startswith("at 1," if holds else "at 3,")


def test_the_picture_marks_the_tutorials_scale():
    figure = start.draw(start.finding(found(QUICK, SLOW), 20_000), Figure(layout="constrained"))
    figure.draw_without_rendering()
    after, exact = figure.axes
    (mark,) = (text for text in after.texts if text.get_text() == "the tutorial's")
    assert exact.get_xticklabels()[int(mark.get_position()[0])].get_text() == "1"
    assert [round(bar.get_height()) for bar in exact.containers[0]] == [0, 92, 100]


def test_a_small_run_ends_with_a_finding():
    *steps, finding = start.experiment(count=3, updates=500)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert [float(row[0]) for row in finding.listings[0].rows] == list(start.SCALES)
    start.draw(finding, Figure(layout="constrained")).draw_without_rendering()
