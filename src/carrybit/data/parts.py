"""Parts: which sequences, or which piece of the only one, are for training, for validation and for the test.

Several sequences are dealt out whole, 80 : 10 : 10, by a draw that is always the same; a single one is cut in the order
of time and never shuffled, so that the test lies in the future of everything that was learned.
"""

from __future__ import annotations

import numpy as np

from carrybit import randomness
from carrybit.data.table import Table
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

PARTS = ("train", "validation", "test")
HELD = 10  # one in so many for validation, and one for the test
SEED = 0  # every network has the same parts


def parts(table: Table, shortest: int, labels: Array | None = None) -> dict[str, Ints]:
    """Deal out the rows of a table.

    Parameters
    ----------
    shortest : int
        Rows that a sequence must have.
    labels : array (N,), or None
        One for each sequence, which then are as frequent in every part, as well as that goes.

    Returns
    -------
    spans : int arrays (P, 3) by the names of PARTS
        The number of each sequence, its first row, and the row behind its last.
    """
    first = table.ends - table.lengths
    require(table, shortest)
    spans = np.stack([np.arange(len(first)), first, table.ends], axis=1)  # (N, 3)
    if len(spans) == 1:
        return _cut(table, shortest)
    if len(spans) < len(PARTS):
        raise UsageError(
            f"{table.file} has {len(spans)} sequences",
            "3 or more, so that each part has one; or one long one, which is cut",
            "add some, or put them together as one",
        )
    in_order = _shuffled(len(spans), labels)
    held = max(1, round(len(spans) / HELD))
    picked = (2 * np.arange(2 * held) + 1) * len(spans) // (4 * held)  # evenly spaced, so every label has its turn
    dealt = np.zeros(len(spans), np.int64)
    dealt[in_order[picked[0::2]]] = 1
    dealt[in_order[picked[1::2]]] = 2
    return {name: spans[dealt == number] for number, name in enumerate(PARTS)}


def require(table: Table, shortest: int) -> None:
    """Refuse a table with a sequence of fewer rows."""
    short = np.flatnonzero(table.lengths < shortest)
    if len(short):
        name, rows = table.names[short[0]], table.lengths[short[0]]
        raise UsageError(
            f"sequence {name} of {table.file} has {rows} of {shortest} rows that it needs",
            f"{shortest} or more: one to hear" + (", and the next one to say" if shortest > 1 else ""),
            "leave it out of the file",
        )


def _shuffled(count: int, labels: Array | None) -> Ints:
    """Return the sequences in random order, those of a label together."""
    drawn = randomness.words(SEED, "evaluation", 0, 1, count)[0]
    if labels is None:
        return np.argsort(drawn, kind="stable")
    return np.lexsort((drawn, np.unique(labels.astype(str), return_inverse=True)[1]))


def _cut(table: Table, shortest: int) -> dict[str, Ints]:
    """Cut the only sequence in the order of time."""
    rows = int(table.lengths[0])
    held = rows // HELD
    if held < shortest:
        raise UsageError(
            f"{table.file} has {rows:,} steps",
            f"{shortest * HELD} or more, so that a tenth of them is enough to check with",
            "take a longer one",
        )
    marks = [0, rows - 2 * held, rows - held, rows]
    return {name: np.array([[0, marks[k], marks[k + 1]]]) for k, name in enumerate(PARTS)}
