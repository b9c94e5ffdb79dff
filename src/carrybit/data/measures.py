"""Measures: the figures by which answers are judged, as the field defines them; every one a plain function."""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array


def accuracy(said: Ints, right: Ints) -> float:
    """Share of answers that are right."""
    return float((said == right).mean())


def f1(said: Ints, right: Ints, classes: int) -> Array:
    """F1 of each class: the harmonic mean of precision and recall; NaN for one that is neither said nor right: (K,)."""
    hits = np.bincount(right[said == right], minlength=classes)
    all_said, all_right = (np.bincount(each[each >= 0], minlength=classes) for each in (said, right))
    return np.where(all_said + all_right == 0, np.nan, 2 * hits / np.maximum(all_said + all_right, 1))


def macro(each: Array) -> float:
    """Mean over the classes that occur."""
    return float(each[~np.isnan(each)].mean())


def bits(nats: Array) -> float:
    """Mean of -log2 of the probability that was given to what came, from its natural logarithm."""
    return float(nats.mean() / np.log(2))


def rmse(said: Array, right: Array) -> Array:
    """Root of the mean squared error of each column: (rows, O) to (O,)."""
    return np.sqrt(((said - right) ** 2).mean(axis=0))


def mae(said: Array, right: Array) -> Array:
    """Mean absolute error of each column: (rows, O) to (O,)."""
    return np.abs(said - right).mean(axis=0)


def mase(said: Array, right: Array, naive: Array) -> Array:
    """Mean absolute error over ``naive`` (O,), the error of the last value in the training part.

    Source: Hyndman and Koehler 2006, "Another look at measures of forecast accuracy".
    """
    return mae(said, right) / naive
