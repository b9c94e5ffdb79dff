"""The lab of the hidden size: both its answers either way, a small run, its picture."""

import math

import pytest

pytest.importorskip("matplotlib")

from matplotlib.figure import Figure  # noqa: E402

from carrybit.labs import size  # noqa: E402
from carrybit.labs.dial import Notch  # noqa: E402

LATE, EARLY, NEVER = (9000,) * 11 + (math.inf,), (2000,) * 12, (math.inf,) * 12
ALIKE, SLOWER = {8: 1e-6, 64: 1e-6}, {8: 1e-6, 64: 1e-5}


@pytest.mark.parametrize(
    ("small", "large", "pace", "updates", "time"),
    [
        (LATE, EARLY, ALIKE, "yes", "yes"),
        (LATE, EARLY, SLOWER, "yes", "no"),  # in fewer updates, each of which takes ten times as long
        (EARLY, LATE, SLOWER, "no", "no"),
        (EARLY, EARLY, ALIKE, "no", "no"),  # as soon is not sooner
        (NEVER, EARLY, SLOWER, "yes", "yes"),
        (NEVER, NEVER, ALIKE, "no", "no"),
    ],
)
def test_updates_and_time_have_an_answer_each(small, large, pace, updates, time):
    finding = size.finding([Notch(8, small), Notch(64, large)], pace, 10_000)
    assert f"In updates, {updates}: " in finding.verdict
    assert f"In time, {time}: " in finding.verdict
    assert finding.holds is (updates == time == "yes")


def test_the_time_is_told_with_what_an_update_takes():
    finding = size.finding([Notch(8, LATE), Notch(64, EARLY)], SLOWER, 10_000)
    assert finding.listings[1].rows == (("8", 1.0, "9"), ("64", 10.0, "20"))
    assert "at 8 units, half of the networks are exact after 9 ms, at 64 after 20;" in finding.verdict


def test_the_picture_has_both_answers():
    figure = size.draw(size.finding([Notch(16, EARLY), Notch(64, LATE)], {16: 1e-6, 64: 2e-6}, 10_000), Figure())
    figure.draw_without_rendering()
    updates, time, exact, clock = figure.axes
    assert updates.get_ylabel() == "exact after, updates"
    assert time.get_ylabel() == "exact after, ms of one core"
    assert [bar.get_height() for bar in clock.containers[0]] == pytest.approx([1.0, 2.0])
    assert [text.get_text() for text in time.texts] == ["0", "1", "never", "the tutorial's"]


def test_a_small_run_ends_with_a_finding():
    *steps, finding = size.experiment(sizes=[2, 16], count=3, updates=500, every=250)
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert [row[0] for row in finding.listings[0].rows] == ["2", "16"]
    assert all(0.01 < row[1] < 1000 for row in finding.listings[1].rows)  # microseconds, on any machine
    size.draw(finding, Figure(layout="constrained")).draw_without_rendering()
