"""Known: a growing set of things that are told by whole numbers, each with a place, batch after batch as they came.

A table of open addressing holds the places; what is sought is looked for from where its hash says, one slot on after
the other. All keys of a batch look at once: those that meet an empty slot write their own number into it and read it
back, so that one of several equal keys wins and the others find it there. So no key waits for another in Python.

Source: Knuth, "The Art of Computer Programming", volume 3, section 6.4 (linear probing).
"""

from __future__ import annotations

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array

SMALLEST = 16  # the table's first size, as a power of two
SLOT_BYTES = 4
MOST = 2**32 - 2  # places that a slot can name
MIX, MIX_AGAIN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)  # odd, and of no pattern
AT_ONCE = 2**16  # keys that are put into a new table at once


class Known:
    """A set with room for ``most`` keys of W words; ``keys[:count]`` are in it, batch after batch."""

    def __init__(self, words: int, most: int) -> None:
        self.most, self.count = most, 0
        self.keys = np.empty((most, words), np.uint64)  # the system gives memory as it is written to
        self.table = np.zeros(2**SMALLEST, np.uint32)  # a place and 1; 0 where there is none

    @staticmethod
    def room(words: int, memory: int, beside: int = 0) -> int:
        """Return for how many keys some bytes suffice, with ``beside`` bytes for each of the caller's own."""
        most = 0
        for power in range(SMALLEST, 34):  # the table is at most half full
            left = memory - SLOT_BYTES * 2**power
            if left > 0:
                most = max(most, min(2 ** (power - 1), left // (8 * words + beside)))
        return min(most, MOST)

    @staticmethod
    def bytes(words: int, most: int, beside: int = 0) -> int:
        """Return how many bytes so many keys take at most."""
        power = max(SMALLEST, (2 * most - 1).bit_length())
        return SLOT_BYTES * int(2**power) + most * (8 * words + beside)

    def add(self, keys: Array) -> tuple[Ints, Ints]:
        """Add keys, of which some may be there already, and some the same.

        Parameters
        ----------
        keys : uint64 array (N, W)

        Returns
        -------
        places : int array (N,)
            Where each is now.
        fresh : int array
            The rows that came first, in the order of their new places, which end at ``count``.
        """
        while 2 * (self.count + len(keys)) > len(self.table) and len(self.table) < 2 * self.most:
            self._grow()
        return self._add(keys)

    def _add(self, keys: Array) -> tuple[Ints, Ints]:
        slots, places = self._slots(keys), np.empty(len(keys), np.int64)
        fresh = []
        waiting = np.arange(len(keys))
        while waiting.size:
            at = slots[waiting]
            found = self.table[at]
            is_empty = found == 0
            if is_empty.any():
                claiming, there = waiting[is_empty], at[is_empty]
                self.table[there] = claiming + 1
                has_won = self.table[there] == claiming + 1
                winners = claiming[has_won]
                new = self.count + np.arange(len(winners))
                self.keys[self.count : self.count + len(winners)] = keys[winners]
                self.table[there[has_won]] = new + 1
                places[winners] = new
                self.count += len(winners)
                fresh.append(winners)
                lost, is_taken = claiming[~has_won], ~is_empty  # who lost looks there once more
                waiting, found = waiting[is_taken], found[is_taken]
            else:
                lost = waiting[:0]
            candidates = found.astype(np.int64) - 1
            same = self._equal(candidates, keys, waiting)
            places[waiting[same]] = candidates[same]
            waiting = waiting[~same]
            slots[waiting] = (slots[waiting] + 1) & (len(self.table) - 1)
            waiting = np.concatenate([waiting, lost]) if lost.size else waiting
        return places, np.concatenate(fresh) if fresh else waiting

    def _equal(self, candidates: Ints, keys: Array, rows: Ints) -> Array:
        known, sought = self.keys.take(candidates, axis=0), keys.take(rows, axis=0)
        same = known[:, 0] == sought[:, 0]
        for word in range(1, keys.shape[1]):
            same &= known[:, word] == sought[:, word]
        return same

    def _slots(self, keys: Array) -> Ints:
        mixed = keys[:, 0] * MIX
        for word in range(1, keys.shape[1]):
            mixed ^= mixed >> np.uint64(32)
            mixed += keys[:, word]
            mixed *= MIX_AGAIN
        mixed ^= mixed >> np.uint64(29)
        mixed *= MIX
        mixed >>= np.uint64(64 - (len(self.table).bit_length() - 1))
        return mixed.view(np.int64)

    def _grow(self) -> None:
        """Put all keys into a table of twice the size, or four times where that is small."""
        self.table = np.zeros(len(self.table) * 2, np.uint32)
        count = self.count
        for first in range(0, count, AT_ONCE):
            rows = np.arange(first, min(first + AT_ONCE, count))
            self._put(self.keys[rows], rows)

    def _put(self, keys: Array, places: Ints) -> None:
        """Put keys into the table that are known to differ from each other and from all in it."""
        slots = self._slots(keys)
        waiting = np.arange(len(keys))
        while waiting.size:
            at = slots[waiting]
            is_empty = self.table[at] == 0
            claiming, there = waiting[is_empty], at[is_empty]
            self.table[there] = places[claiming] + 1
            has_won = self.table[there] == places[claiming] + 1
            left = np.concatenate([waiting[~is_empty], claiming[~has_won]])
            slots[left] = (slots[left] + 1) & (len(self.table) - 1)
            waiting = left
