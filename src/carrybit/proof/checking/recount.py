"""Recount: all pairs of a memory and a machine's state that words lead to, found once more; in whole numbers.

From the start, level by level: every symbol that may come is read in every pair, the answer is judged, and pairs that
were not seen before are kept in a set of Python's, as bytes. When a level brings nothing new, every pair is known, and
the claim holds for words of every length. Everything is done in whole numbers of 64 bits, whose sums cannot overflow:
`Whole.bounds` says how large they become. It knows nothing of how pairs.py does the same.
"""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from carrybit.errors import UsageError
from carrybit.integer import Whole, whole_inputs
from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.checking.outcome import Checked, Checking, FlawError
from carrybit.proof.claim import Claim

if TYPE_CHECKING:
    from carrybit.proof.exact.pairs import Pairs

AT_ONCE = 2**14  # pairs
LARGEST_SUM = 2**62


def recount(claim: Claim, certificate: Certificate) -> Generator[Checking | Checked]:
    """Visit all pairs of a network in whole numbers, yielding events; a FlawError if anything is not as certified."""
    pairs: Pairs = certificate.invariant  # type: ignore[assignment]
    count = _Count(claim)
    level = np.array([count.start])
    while len(level):
        fresh = []
        for first in range(0, len(level), AT_ONCE):
            fresh.append(count.after(level[first : first + AT_ONCE]))
            yield Checking(len(count.seen), max(pairs.count, len(count.seen)), count.steps)
        level = np.concatenate(fresh)
    found, margin = len(count.seen), float(count.margin * Fraction(2) ** (count.whole.units[1] - count.whole.point))
    if (found, f"{count.digest:016x}") != (pairs.count, pairs.digest):
        raise FlawError(f"{pairs.count:,} pairs are certified, but words lead to {found:,}, or to other ones")
    if count.steps != certificate.steps:
        raise FlawError(f"{certificate.steps:,} steps are certified, but {count.steps:,} are made")
    if margin != certificate.margin:
        raise FlawError(f"a margin of {certificate.margin:g} is claimed, but it is {margin:g}")
    yield Checked(claim, margin, found, count.steps)


class _Count:
    """All pairs so far, as rows: a machine's state, and a memory: states less the lowest, or the last symbol + 1."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        try:
            self.whole = whole = Whole.of(claim.network)
            inputs = whole_inputs(claim.vectors)
        except UsageError as error:
            raise FlawError(f"no network in whole numbers: {error.received}") from error
        if max(whole.bounds(int(np.abs(inputs).max()))) > LARGEST_SUM:
            raise FlawError("sums that are too large for whole numbers of 64 bits")
        self.is_hidden = whole.spec.recurrence == "hidden"
        self.heard = (inputs @ whole.synapse_0 + whole.bias_1) << whole.point  # (A, H)
        read = np.concatenate([np.zeros_like(inputs[:1]), inputs])
        self.remembered = (read @ whole.synapse_h) << whole.point if not self.is_hidden else self.heard[:0]
        start = [-whole.lowest] * whole.spec.hidden_dim if self.is_hidden else [0]
        self.start = np.array([claim.machine.start, *start])
        self.seen = {self.start.tobytes()}
        self.digest = int(_mixed(self.start[None])[0])
        self.steps, self.margin = 0, Fraction(LARGEST_SUM)
        is_linear = whole.spec.loss == "linear_squared_error"  # then the border of one half need not be a whole number
        self.border = Fraction(2) ** (whole.point - whole.units[1] - 1) if is_linear else Fraction(0)

    def after(self, rows: Ints) -> Ints:
        """Read every symbol that may come in some pairs, and return the pairs that were not seen before."""
        machine, whole = self.claim.machine, self.whole
        states, memory = rows[:, 0], rows[:, 1:]
        brought = (memory + whole.lowest) @ whole.synapse_h if self.is_hidden else self.remembered[memory[:, 0]]
        fresh = [rows[:0]]
        for symbol in range(len(machine.symbols)):
            may = self.claim.may_come[states, symbol]
            stairs = np.searchsorted(whole.thresholds, brought[may] + self.heard[symbol], side="right")
            self._judge(stairs + whole.lowest, machine.outputs[states[may], symbol], states[may], symbol)
            memories = stairs if self.is_hidden else np.full((len(stairs), 1), symbol + 1)
            fresh.append(self._unseen(np.column_stack([machine.moves[states[may], symbol], memories])))
        return np.concatenate(fresh)

    def _judge(self, layer_1: Ints, truth: Ints, states: Ints, symbol: int) -> None:
        """Demand the right answers."""
        self.steps += len(layer_1)
        if not len(layer_1):
            return
        sums = layer_1 @ self.whole.synapse_1 + (self.whole.bias_2 << self.whole.point)  # (N, O)
        if sums.shape[1] == 1:
            given = (sums[:, 0] > self.whole.border).astype(int)
            nearest = [sums[given == 1, 0].min(initial=LARGEST_SUM), sums[given == 0, 0].max(initial=-LARGEST_SUM)]
            margin = min(abs(Fraction(int(each)) - self.border) for each in nearest)
        else:
            given, ordered = sums.argmax(axis=1), np.sort(sums, axis=1)
            margin = Fraction(int((ordered[:, -1] - ordered[:, -2]).min()))
        wrong = np.flatnonzero(given != truth)
        if wrong.size:
            row, machine = wrong[0], self.claim.machine
            raise FlawError(
                f"in state {machine.states[states[row]]!r}, {machine.symbols[symbol]} is answered by "
                f"{machine.answers[given[row]]!r}, and not by {machine.answers[truth[row]]!r}"
            )
        self.margin = min(self.margin, margin)

    def _unseen(self, rows: Ints) -> Ints:
        """Return the rows that were not seen before, each once; now they have been."""
        fresh = []
        for row, octets in enumerate(map(bytes, np.ascontiguousarray(rows))):
            if octets not in self.seen:
                self.seen.add(octets)
                fresh.append(row)
        unseen = rows[fresh]
        self.digest = (self.digest + int(_mixed(unseen).sum(dtype=np.uint64))) % 2**64
        return unseen


def _mixed(rows: Ints) -> Array:
    """Return a number of 64 bits for each row: splitmix64 over its numbers, begun with 0."""
    mixed = np.zeros(len(rows), np.uint64)
    for column in rows.T.astype(np.uint64):
        mixed = (mixed ^ column) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return mixed
