"""Errors: three lines, an exit code, and they come back whole from another process."""

import pickle

import pytest

from carrybit import errors

EXAMPLES = [
    errors.CarrybitError("this", "that", "so"),
    errors.UsageError("this", "that", "so"),
    errors.SettingError("hidden_dim", 0, "a whole number", 16),
    errors.ShapeError("this", "that", "so"),
    errors.RunError("this", "that", "so"),
    errors.DivergedError("this", "that", "so", state=[1]),
    errors.SaveError("this", "that", "so"),
]


def test_every_error_has_an_example_here():
    family = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert {type(error) for error in EXAMPLES} == family


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_says_three_things_and_survives_a_pickle(error):
    assert [line.split(":")[0] for line in str(error).splitlines()[1:]] == ["allowed", "fix"]
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_wrong_usage_and_failure_have_exit_codes_of_their_own():
    assert {type(error).__name__: error.exit_code for error in EXAMPLES} == {
        "CarrybitError": 1,
        "UsageError": 2,
        "SettingError": 2,
        "ShapeError": 2,
        "RunError": 2,
        "DivergedError": 1,
        "SaveError": 1,
    }
