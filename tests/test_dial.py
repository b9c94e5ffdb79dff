"""The dial: who is sooner, by made-up networks."""

import json
import math

import pytest

from carrybit.config import TrainConfig
from carrybit.labs import dial
from carrybit.labs.dial import Notch
from carrybit.sweeping import sweep

NEVER = math.inf
SLOW = Notch(0.1, (8000,) * 10 + (NEVER,) * 2)
QUICK = Notch(1.0, (2000,) * 12)
LIKE = Notch(2.0, (1000,) * 7 + (3000,) * 5)
HOPELESS = Notch(10.0, (NEVER,) * 12, diverged=5)


def test_a_network_that_is_never_exact_counts_in_the_median():
    assert Notch(1.0, (1000, 2000, NEVER)).median == (2000, 1000, NEVER)
    assert Notch(1.0, (1000, NEVER, NEVER)).median[0] == NEVER
    assert Notch(1.0, (1000, NEVER)).median[0] == NEVER


def test_seeds_that_tell_nothing_apart_are_left_out():
    assert dial.wins(QUICK, HOPELESS) == (12, 12)
    assert dial.wins(SLOW, HOPELESS) == (10, 10)
    assert dial.wins(HOPELESS, HOPELESS) == (0, 0)
    assert not dial.is_sooner(HOPELESS, HOPELESS)


def test_one_is_clearly_sooner_only_where_seeds_agree():
    assert dial.is_sooner(QUICK, SLOW)
    assert not dial.is_sooner(SLOW, QUICK)
    assert not dial.is_sooner(LIKE, QUICK)  # 7 of 12
    assert not dial.is_sooner(QUICK, LIKE)


def test_the_best_is_first_at_half_of_all():
    found = [SLOW, QUICK, LIKE, HOPELESS]
    assert dial.best(found) is LIKE
    assert dial.equals(found) == [QUICK]


@pytest.mark.parametrize(
    ("value", "holds", "said"),
    [
        (0.1, False, "at 2, half of the networks are exact after 1,000 (1,000 to 3,000) updates, at 0.1 after"),
        (1.0, True, "as far as 12 seeds can tell, at 2,"),
        (
            2.0,
            True,
            "at 2, half of the networks are exact after 1,000 (1,000 to 3,000) updates, before all others.",
        ),
        (10.0, False, "at 10 never; of 12 seeds that tell them apart, 12 are sooner at 2; in the end, 12 and 0 of 12"),
    ],
)
def test_the_numbers_decide_whether_a_value_is_as_good_as_any(value, holds, said):
    judged, verdict = dial.judge([SLOW, QUICK, LIKE, HOPELESS], value)
    assert judged is holds
    assert said in verdict
    assert verdict.endswith("Not clearly later than 2: 1.")


def test_where_nothing_is_learned_no_value_is_good():
    assert dial.judge([HOPELESS], 10.0) == (False, "no network was exact in time, whatever the value.")


def test_the_table_has_a_row_for_each_value():
    listing = dial.listing("updates", "rate", [SLOW, QUICK, HOPELESS], 9000)
    assert listing.title == "updates (never: not in 9,000)"
    assert listing.heads == ("rate", *dial.HEADS)
    assert listing.rows == (
        ("0.1", "10 of 12", "83% (55% to 95%)", "8,000", "12 of 12", 0),
        ("1", "12 of 12", "100% (76% to 100%)", "2,000", None, 0),
        ("10", "0 of 12", "0% (0% to 24%)", "never", "12 of 12", 5),
    )


def test_seconds_are_updates_times_the_seconds_of_one():
    seconds = SLOW.scaled(1e-6)
    assert seconds.after[0] == pytest.approx(0.008)
    assert seconds.after[-1] == NEVER
    assert dial.half(seconds) == "0.008"


def test_what_is_drawn_is_json_without_infinities():
    about = SLOW.about()
    assert json.loads(json.dumps(about, allow_nan=False)) == about
    assert about["never"] == 2
    assert about["after"].count(None) == 2


def test_a_sweep_becomes_notches_value_by_value():
    config = TrainConfig(optimizer="adam", until="exact", updates=2000, every=500)
    table = sweep({"hidden_dim": [2, 16]}, config=config, replicas=4)
    small, large = dial.notches(table)
    assert (small.value, large.value) == (2, 16)
    assert small.after == (NEVER,) * 4
    assert large.exact == table.summary()[1]["exact"] > 0
    assert large.after == tuple(row["exact_after"] or NEVER for row in table.rows[4:])
