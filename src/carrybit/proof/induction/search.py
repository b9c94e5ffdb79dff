"""Search: cells that lead into cells, whatever is read; for a network as it is stored.

From each cell, words are followed symbol by symbol, a whole set of hidden layers at once. Every answer must be right
all over the set. A word is done with when its set lies inside a cell of the right label. If it lies in none but has
shrunk well below the size of a cell, a cell is opened around it, at the exact image of the centre it came from.
Otherwise another symbol is read. A cell from which some word goes wrong, or goes on for too long, is halved, and
whatever leaned on it is followed once more. When nothing is left to follow, the cells are an invariant: a proof by
induction.

The memory before any word has a cell of its own that nothing leads to: no other state comes near it.

Each block of words is followed depth first, so that memory is bounded; a block is one call for hundreds of sets.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.params import Array
from carrybit.proof.induction.axes import Axes
from carrybit.proof.induction.cells import WITHIN, Cells, Store
from carrybit.proof.induction.zonotopes import Step, Zonotopes, gamma, reaches, zonotopes

START = -1  # the number of the start's own cell
DEPTH = 40  # symbols of a word before it must have come to a cell
BRANCHES = 6_000  # steps from a cell before all its words must have come to cells
SHRUNK = 0.6  # of a cell: how small a set must be for a cell to be opened around it
FINEST = 3  # how often a cell may be halved
LEAST_MARGIN = 1e-6  # beyond what the output layer rounds: by so much every answer must be right
AT_ONCE = 32  # cells that are followed side by side
NUMBERS = 2**17  # in the sets of a block: 1 MiB, which a core keeps near
MOST_LOOKS = 3  # words that are tried on the network itself, where several centres are answered wrongly
SECONDS_BETWEEN_EVENTS = 0.1
LATE = "the time ran out"
LONG = "a word goes on for too long before it comes to a cell"
BRANCHING = "words branch for too long before they come to cells"


@dataclass(frozen=True)
class Searching:
    """A search has come this far: cells from which all is well, cells to be followed, and steps of sets so far."""

    proved: int
    waiting: int
    steps: int


@dataclass(frozen=True, eq=False)
class Found:
    """An invariant: its cells, the least margin over all their steps, how many these are, and the longest word."""

    cells: Cells
    margin: float
    steps: int
    longest: int
    largest: float


@dataclass(frozen=True, eq=False)
class Wrong:
    """A word that the network itself answers wrongly, at its last step."""

    word: Ints


@dataclass(frozen=True)
class Stuck:
    """No invariant: why, and how many cells were proved, were waiting, and how many steps were made."""

    why: str
    proved: int
    waiting: int
    steps: int


class _Block(NamedTuple):
    """Words of one length that are followed from cells.

    sets     : what is remembered after each word
    points   : (N, M) the image of the very centre
    states   : (N,) the machine's
    contexts : (N,)
    origins  : (N,) the cells they come from
    words    : (N, length)
    """

    sets: Zonotopes
    points: Array
    states: Ints
    contexts: Ints
    origins: Ints
    words: Ints

    def rows(self, which: Array | slice) -> _Block:
        return _Block(self.sets.rows(which), *(part[which] for part in self[1:]))


class Search:
    """One search with one set of axes; `run` yields events and ends with Found, Wrong or Stuck."""

    def __init__(self, step: Step, axes: Axes, deadline: float) -> None:
        self.step, self.axes, self.deadline = step, axes, deadline
        self.claim, self.contexts = step.claim, axes.contexts
        self.store = Store(axes.faces, axes.spans)
        self.known = np.argsort(
            np.where(self.contexts.places < 0, np.iinfo(int).max, self.contexts.places), kind="stable"
        )
        self.came: dict[int, tuple[int, Ints]] = {}  # a cell: the one it was opened from, and the word between
        self.leaned: dict[int, set[int]] = {}  # a cell: those from which a word leads into it
        self.waiting = deque([START])
        self.proved: set[int] = set()
        self.failed: dict[int, str] = {}  # of the cells that are followed now: why it went wrong
        self.spent: Counter[int] = Counter()  # and how many steps were made from each
        self.steps, self.longest, self.margin, self.largest = 0, 0, np.inf, 0.0
        self.wrong: Ints | None = None

    def run(self) -> Generator[Searching | Found | Wrong | Stuck]:
        """Search until nothing is left to follow, or until it cannot go on; the last item says which."""
        why = yield from self._close()
        if self.wrong is not None:
            yield Wrong(self.wrong)
        elif why:
            yield Stuck(why, len(self.proved), len(self.waiting), self.steps)
        else:
            yield from self._audit()

    def _close(self) -> Generator[Searching, None, str]:
        """Follow cells until none is left; return why that cannot be, or nothing."""
        told = time.monotonic()
        while self.waiting:
            some = [self.waiting.popleft() for _ in range(min(AT_ONCE, len(self.waiting)))]
            self.failed, self.spent = {}, Counter()
            is_done = self._follow(some, opens=True)
            if self.wrong is not None:
                return ""
            if not is_done:
                return LATE
            self.proved |= {cell for cell in some if cell not in self.failed}
            for cell, why in self.failed.items():
                if cell == START or self.store.levels[cell] == FINEST:
                    return why
                self._halve(cell)
            if time.monotonic() > told + SECONDS_BETWEEN_EVENTS:
                told = time.monotonic()
                yield Searching(len(self.proved), len(self.waiting), self.steps)
        return ""

    def _halve(self, cell: int) -> None:
        """Halve a cell; it, and all that lead into it, must be followed again."""
        self.store.levels[cell] += 1
        again = ({cell} | self.leaned.pop(cell, set())) - set(self.waiting)
        self.proved -= again
        self.waiting.extend(sorted(again))

    def _audit(self) -> Generator[Searching | Found | Stuck]:
        """Follow every cell that can be come to once more, opening none; what is reported is what this pass sees."""
        self.steps, self.longest, self.margin, self.largest = 0, 0, np.inf, 0.0
        self.leaned, self.failed, self.spent = {}, {}, Counter()
        kept, waiting = {START}, [START]
        while waiting:
            some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
            is_done = self._follow(some, opens=False)
            if self.failed or not is_done:
                yield Stuck(next(iter(self.failed.values()), LATE), len(self.proved), len(waiting), self.steps)
                return
            fresh = sorted(cell for cell, origins in self.leaned.items() if cell not in kept and origins)
            kept.update(fresh)
            waiting += fresh
            yield Searching(len(kept) - len(waiting), len(waiting), self.steps)
        yield Found(self._cells(sorted(kept - {START})), self.margin, self.steps, self.longest, self.largest)

    def _cells(self, kept: list[int]) -> Cells:
        store = self.store
        return Cells(
            faces=store.faces,
            contexts=self.known[: len(store.faces)],
            depth=self.contexts.depth,
            centres=store.centres[kept],
            groups=store.groups[kept],
            scales=store.scales[kept],
        )

    @np.errstate(all="ignore")  # what overflows is never right
    def _follow(self, cells: list[int], *, opens: bool) -> bool:
        """Follow all words from some cells, until each has come to a cell; what fails is in ``failed``.

        Returns whether that is done; or else the time ran out, or a word is wrong.
        """
        blocks = [self._begin(cells)]
        while blocks and self.wrong is None and time.monotonic() < self.deadline:
            block = blocks.pop()
            if self.failed:
                block = block.rows(~np.isin(block.origins, list(self.failed)))
            _, extent, units = block.sets.generators.shape
            most = max(1, NUMBERS // (extent * units * self.claim.symbols))
            if len(block.origins) > most:
                blocks.append(block.rows(slice(most, None)))
                block = block.rows(slice(most))
            if len(block.origins):
                block = self._arrive(self._read(block), opens=opens)
            if block.words.shape[1] < DEPTH:
                blocks.append(block)
            else:
                self._fail(block.origins, LONG)
            blocks = [block for block in blocks if len(block.origins)]
        return not blocks and self.wrong is None

    def _begin(self, cells: list[int]) -> _Block:
        """Return the empty words from some cells, the start among them."""
        numbers, store = np.array(cells), self.store
        memory_dim = store.faces.shape[1]
        centres, generators = np.zeros((len(cells), memory_dim)), np.zeros((len(cells), memory_dim, memory_dim))
        contexts = np.full(len(cells), self.contexts.start)
        inner = numbers != START
        centres[inner], generators[inner] = store.centres[numbers[inner]], store.sets(numbers[inner])
        contexts[inner] = self.known[store.groups[numbers[inner]]]
        states = self.contexts.state(contexts)
        return _Block(
            zonotopes(centres, generators), centres, states, contexts, numbers, np.empty((len(cells), 0), int)
        )

    def _read(self, block: _Block) -> _Block:
        """Return all words that are one symbol longer and answered rightly, with whatever fails left out."""
        step, machine = self.step, self.claim.machine
        rows, symbols = np.nonzero(self.claim.may_come[block.states])
        states, answers = block.states[rows], machine.outputs[block.states[rows], symbols]
        points = step.point(block.points, rows, symbols)
        layer_1 = step.image(block.sets, rows, symbols)
        margins, sure = step.margins(layer_1, answers)
        words, origins = np.column_stack([block.words[rows], symbols]), block.origins[rows]
        self.steps += len(rows)
        self.spent.update(origins.tolist())
        self._fail(np.array([cell for cell, steps in self.spent.items() if steps > BRANCHES], int), BRANCHING)
        self.longest = max(self.longest, words.shape[1])
        is_right = sure > LEAST_MARGIN
        if not is_right.all():
            self._look(points, answers, origins, words)
            self._fail(origins[~is_right], "somewhere in a cell the answer is too near the border")
        self.margin = min(self.margin, margins.min(initial=np.inf))
        after = machine.moves[states, symbols]
        contexts = self.contexts.after(block.contexts[rows], after, symbols)
        sets, seen = step.memory(layer_1, symbols), step.remembered(points, symbols)
        self.largest = max(self.largest, float(sets.sizes.max(initial=0)))
        read = _Block(sets, seen, after, contexts, origins, words)
        return read if is_right.all() else read.rows(is_right & ~np.isin(origins, list(self.failed)))

    def _look(self, points: Array, answers: Ints, origins: Ints, words: Ints) -> None:
        """If the very centre of a set is answered wrongly, ask the network itself: centres are real."""
        for row in np.flatnonzero(self.step.lead(points, answers) <= 0)[:MOST_LOOKS]:
            word = np.concatenate([self._word(int(origins[row])), words[row]])
            first = self.claim.first_wrong(word)
            if first is not None:
                self.wrong = word[: first + 1]
                return

    def _word(self, cell: int) -> Ints:
        """Return the word that leads from the start to a cell's centre."""
        parts: list[Ints] = []
        while cell != START:
            cell, part = self.came[cell]
            parts.append(part)
        return np.concatenate([*parts[::-1], np.empty(0, int)]).astype(int)

    def _fail(self, origins: Ints, why: str) -> None:
        self.failed |= {origin: why for origin in origins.tolist() if origin not in self.failed}

    def _arrive(self, block: _Block, *, opens: bool) -> _Block:
        """Return the words that have not come to a cell; where it is time for that, cells are opened."""
        if not len(block.origins):
            return block
        groups = self.contexts.places[block.contexts]
        faces = self.store.faces[groups]
        generators = block.sets.generators
        off = gamma(sum(generators.shape[1:]) + 8) * block.sets.sizes.max() * np.abs(self.store.faces).sum(axis=1).max()
        places = np.einsum("nm,nmk->nk", block.sets.centres, faces)
        halves = reaches(generators @ faces) + 3 * off
        found = self.store.around(places, halves, groups)
        self._lean(found, block.origins)
        out = found < 0
        if opens and out.any():
            out[out] = self._open(block.rows(out), places[out], halves[out], groups[out])
        return block.rows(out)

    def _open(self, block: _Block, places: Array, halves: Array, groups: Ints) -> Array:
        """Open cells around sets that have shrunk enough; return which sets lie in none all the same."""
        points = np.einsum("nm,nmk->nk", block.points, self.store.faces[groups])
        levels = self.store.level(points, groups)
        small = (np.abs(places - points) + halves).max(axis=1) <= SHRUNK * 0.5**levels
        out = np.ones(len(places), bool)
        for row in np.flatnonzero(small):
            if out[row]:
                number = self.store.open(block.points[row], points[row], int(groups[row]), int(levels[row]))
                self.came[number] = int(block.origins[row]), block.words[row]
                self.waiting.append(number)
                same = np.flatnonzero(out & (groups == groups[row]))
                far = (np.abs(places[same] - points[row]) + halves[same]).max(axis=1)
                inside = same[far <= WITHIN * 0.5 ** levels[row]]
                self._lean(np.full(len(inside), number), block.origins[inside])
                out[inside] = False
        return out

    def _lean(self, cells: Ints, origins: Ints) -> None:
        for cell, origin in set(zip(cells.tolist(), origins.tolist(), strict=True)):
            if cell >= 0:
                self.leaned.setdefault(cell, set()).add(origin)
