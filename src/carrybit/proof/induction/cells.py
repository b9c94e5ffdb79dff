"""Cells: sets of hidden layers, each labelled with the machine's state that it stands for.

Together with the start, the cells of a proof are an invariant: from each of them, whatever word is read, every answer
is right until the network is inside a cell again, with the right label. So no word of any length ever leads out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.induction.zonotopes import gamma

WITHIN = 1 - 1e-6  # a set counts as inside when it is in so much of a cell: the rest is for rounding
WORST_INVERSE = 1e-9  # spans are the inverse of faces, but for so much


@dataclass(frozen=True, eq=False)
class Cells:
    """The start state and n cells: cell i is {h : |(h - centres[i]) · faces[groups[i]]| <= scales[i]}.

    Parameters
    ----------
    faces : float array (G, M, M)
    contexts : int array (G,)
        What a group's cells stand for (`Contexts`): the machine's state, and the last symbols, which only help finding.
    depth : int
        How many last symbols a context has.
    centres : float array (n, M)
    groups : int array (n,)
    scales : float array (n,)
    """

    faces: Array
    contexts: Ints
    depth: int
    centres: Array
    groups: Ints
    scales: Array

    def __len__(self) -> int:
        return len(self.centres)


class Store:
    """Cells while a proof is sought: they are opened, halved, and asked which of them a set lies in."""

    def __init__(self, faces: Array, spans: Array) -> None:
        self.faces = faces
        rounding = gamma(faces.shape[1] + 2) * (np.abs(spans) @ np.abs(faces))
        residue = (np.abs(np.eye(faces.shape[1]) - spans @ faces) + rounding).sum(axis=1).max()
        if not residue < WORST_INVERSE:
            raise ArithmeticError("axes that cannot be inverted")
        # with d · faces = v and R the residue, d = v (I - R)⁻¹ · spans, and |v (I - R)⁻¹| <= 1 / (1 - residue)
        self.spans = spans * (1 + 2 * WORST_INVERSE)
        self.count = 0
        self.members: list[list[int]] = [[] for _ in range(len(faces))]
        memory_dim = faces.shape[1]
        axes = np.arange(memory_dim)[::-1, None]  # the longest sides first
        self.filters = [some for some in (axes[:1], axes[1:3], axes[3:7], axes[7:]) if some.size]
        self.centres = np.empty((64, memory_dim))
        self.places = np.empty((64, memory_dim))  # centres · faces
        self.groups = np.empty(64, int)
        self.levels = np.empty(64, int)

    @property
    def scales(self) -> Array:
        """How large each cell is: halved once for each level."""
        return 0.5 ** self.levels[: self.count]

    def open(self, centre: Array, place: Array, group: int, level: int) -> int:
        """Add a cell, and return its number."""
        if self.count == len(self.centres):
            for name in ("centres", "places", "groups", "levels"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate([array, np.empty_like(array)]))
        number = self.count
        self.centres[number], self.places[number], self.groups[number], self.levels[number] = (
            centre,
            place,
            group,
            level,
        )
        self.members[group].append(number)
        self.count += 1
        return number

    def sets(self, numbers: Ints) -> Array:
        """Return the generators (N, M, M) of cells."""
        return self.spans[self.groups[numbers]] * (0.5 ** self.levels[numbers])[:, None, None]

    def around(self, places: Array, halves: Array, groups: Ints) -> Ints:
        """Return the largest cell that each set lies in, -1 for none: places and half sides (N, M), by their groups."""
        order, first = self._by_group()
        counts = first[groups + 1] - first[groups]
        sets = np.repeat(np.arange(len(places)), counts)
        cells = order[np.arange(len(sets)) + np.repeat(first[groups] - np.append(0, counts.cumsum()[:-1]), counts)]
        room = WITHIN * self.scales
        for axes in self.filters:  # most pairs are told apart by a few axes
            far = np.abs(places[sets, axes] - self.places[cells, axes]) + halves[sets, axes]
            inside = (far <= room[cells]).all(axis=0)
            sets, cells = sets[inside], cells[inside]
        found = np.full(len(places), -1)
        largest = np.argsort(room[cells], kind="stable")
        found[sets[largest]] = cells[largest]
        return found

    def _by_group(self) -> tuple[Ints, Ints]:
        """Return the cells, those of each group together, and where each group begins (G + 1,)."""
        groups = self.groups[: self.count]
        return np.argsort(groups, kind="stable"), np.searchsorted(np.sort(groups), np.arange(len(self.faces) + 1))

    def level(self, places: Array, groups: Ints) -> Ints:
        """Return the level of the finest cell that each point (N, M) was in before that was halved; 0 for none."""
        levels = np.zeros(len(places), int)
        for group in np.unique(groups):
            members = np.array([k for k in self.members[group] if self.levels[k] > 0], int)
            if members.size:
                rows = np.flatnonzero(groups == group)
                near = np.abs(places[rows, None] - self.places[members]).max(axis=2)  # (N, cells)
                levels[rows] = np.where(near <= 2 * 0.5 ** self.levels[members], self.levels[members], 0).max(axis=1)
        return levels
