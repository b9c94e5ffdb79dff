"""Ink: how much of the lines of a figure is where, counted in small cells. Nothing here draws."""

from __future__ import annotations

import numpy as np

from carrybit.params import Array

CELL = 0.05  # inches


class Ink:
    """Points of lines on a page with these corners (2,), in inches; what is off the page counts as on its edge."""

    def __init__(self, low: Array, high: Array) -> None:
        self.low = low
        self.cells = np.zeros(np.ceil((high - low) / CELL).astype(int) + 1, dtype=int)

    def add(self, points: Array, times: int = 1) -> None:
        """Count points (N, 2) in, or out again with times = -1."""
        np.add.at(self.cells, tuple(self._cell(points).T), times)

    def within(self, centre: Array, half: Array | float) -> int:
        """How many points lie in a box, or in a cell that it touches."""
        left, bottom = self._cell(centre - half)
        right, top = self._cell(centre + half)
        return int(self.cells[left : right + 1, bottom : top + 1].sum())

    def _cell(self, points: Array) -> Array:
        return np.clip(((points - self.low) / CELL).astype(int), 0, np.array(self.cells.shape) - 1)
