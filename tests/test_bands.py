"""An activation stays between its two lines, all over the range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrybit.activations import ACTIVATIONS
from carrybit.proof.induction.bands import band

ENDS = st.floats(-60, 60, allow_nan=False)
WIDTHS = st.one_of(st.floats(0, 60), st.floats(0, 1e-6), st.just(0.0))


@pytest.mark.parametrize("name", ACTIVATIONS)
@settings(max_examples=300, deadline=None)
@given(low=ENDS, width=WIDTHS)
def test_an_activation_lies_between_its_lines(name, low, width):
    high = low + width
    slope, below, above = band(name, np.array([low]), np.array([high]))
    z = np.concatenate([np.linspace(low, high, 1001), np.clip([0.0, low, high], low, high)]).astype(np.longdouble)
    exact = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}[name](z)
    line = slope.astype(np.longdouble) * z
    assert (line + below <= exact).all()
    assert (exact <= line + above).all()


@pytest.mark.parametrize(("name", "slope_at_0"), [("sigmoid", 0.25), ("tanh", 1.0)])
def test_a_narrow_range_has_a_narrow_band(name, slope_at_0):
    slope, below, above = band(name, np.array([-1e-3]), np.array([1e-3]))
    assert slope[0] == pytest.approx(slope_at_0, rel=1e-5)
    assert above[0] - below[0] < 1e-9


def test_a_wide_range_has_the_tightest_band_of_its_slope():
    for name in ACTIVATIONS:
        low, high = np.array([-2.0, 0.5, -7.0]), np.array([3.0, 1.5, -1.0])
        slope, below, above = band(name, low, high)
        for i in range(3):
            z = np.linspace(low[i], high[i], 200_001)
            gap = ACTIVATIONS[name].value(z) - slope[i] * z
            assert below[i] == pytest.approx(gap.min(), abs=1e-8)
            assert above[i] == pytest.approx(gap.max(), abs=1e-8)
