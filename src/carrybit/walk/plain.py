"""A walk as lines of text: all the way there, all the way back, and how far the gradient can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from rich.cells import cell_len, set_cell_size

from carrybit.activations import ACTIVATIONS
from carrybit.caption import sign
from carrybit.params import Array, Params
from carrybit.shell import visible
from carrybit.tracing import Trace
from carrybit.walk.cells import bars, heights, rising, scaled, table
from carrybit.walk.checking import check
from carrybit.walk.numbers import exact, long, short
from carrybit.walk.script import script
from carrybit.walk.words import convention

ROW = 32  # cells on a line; a wider layer goes on below
MOST = 128  # cells of a layer; a wider one is shown by its blocks
TEXT = 12  # characters of what is read that are shown
READ = 40  # columns for all that is read


def listing(trace: Trace, learning_rate: float | None = None) -> Iterator[str]:
    """Yield a whole walk, line by line.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    learning_rate : float or None
        With it the walk ends with the weights as one step of gradient descent changes them.
    """
    walk = script(trace, learning_rate)
    yield from _title(trace)
    yield from _forwards(trace)
    yield from _backwards(trace)
    yield ""
    yield walk[-1].title
    yield from _gradient(trace)
    yield ""
    yield from (f"  {line}" for line in walk[-1].numbers())


def _title(trace: Trace) -> Iterator[str]:
    spec, caption = trace.spec, trace.caption
    words = {True: " right", False: " wrong", None: ""}[caption.is_right]
    yield f"{visible(caption.title)}  {sign(caption.is_right)}{words}".rstrip()
    remembered = "its last hidden layer" if spec.recurrence == "hidden" else "its last input"
    whole = f" in whole numbers ({spec.state_bits}-bit states, {spec.weight_bits}-bit weights)" if spec.is_whole else ""
    yield (
        f"{spec.input_dim} → {spec.hidden_dim} {spec.activation} → {spec.output_dim}{whole}, remembers {remembered}; "
        f"loss {short(trace.loss.sum())} ({spec.loss})"
    )


def _forwards(trace: Trace) -> Iterator[str]:
    """Yield what each step reads, holds and answers."""
    caption, spec = trace.caption, trace.spec
    read, is_cut = _fitting(table(caption))
    words = [("answer", tuple(map(visible, caption.answers))), ("target", tuple(map(visible, caption.truth)))]
    groups = [_Column(head, cells) for head, cells in read], [_Column(head, cells) for head, cells in words]
    cells = min(ROW, spec.hidden_dim, MOST)
    wide = max(cells, len("hidden layer"))
    largest = float(np.nanmax(np.abs(trace.layer_1), initial=0))
    value = "layer_2" if spec.output_dim == 1 else "highest"
    yield ""
    low, high = ACTIVATIONS[spec.activation].low, ACTIVATIONS[spec.activation].high
    top = f"{high:g}" if np.isfinite(high) else "the largest"
    levels = f"▁ {low:g} to █ {top}{_blocks(spec.hidden_dim, 'mean')}"
    yield f"→ FORWARD, {visible(caption.counted(trace.time))}: the hidden layer is {levels}"
    read_head = "  ".join(column.head for column in groups[0]) + ("  …" if is_cut else "")
    said_head = "  ".join(column.head for column in groups[1])
    told = f"{value:>8}  {'error':>9}  {'loss':>9}"
    yield f"{'step':>6}  {read_head}  {'hidden layer':<{wide}}  {said_head}  {told}"
    for t in range(trace.time):
        shown = bars(_summary(heights(trace.layer_1[0, t + 1], spec.activation, largest), np.mean))
        lines = _folded(shown, cells)
        before = f"{t:>6}  " + "  ".join(column.at(t) for column in groups[0]) + ("   " if is_cut else "")
        after = "  ".join(column.at(t) for column in groups[1])
        mark = sign(caption.right[t]) or " "
        answer = exact(trace.layer_2[0, t].max())[:8]
        error = trace.layer_2_error[0, t]
        told = short(error[0]) if len(error) == 1 else short(np.linalg.norm(error))
        missed = told if trace.mask[0, t] else "not asked"
        yield f"{before}  {lines[0]:<{wide}}  {after}{mark} {answer:>8}  {missed:>9}  {short(trace.loss[0, t]):>9}"
        yield from (f"{' ' * cell_len(before)}  {line}" for line in lines[1:])


def _backwards(trace: Trace) -> Iterator[str]:
    """Yield the derivatives of each step, what it adds to the gradient and what that is so far, last step first."""
    hidden = trace.spec.hidden_dim
    cells = min(ROW, hidden, MOST)
    wide = max(cells, len("d_pre_1, of its largest"))
    names = [name for name in trace.params.arrays() if name != "thresholds"]  # which nothing is learned of
    yield ""
    yield "← BACKWARD: derivatives of the loss; above zero they stand, below they hang; each row by its own largest"
    yield f"   {convention(trace.spec)}{_blocks(hidden, 'largest')}"
    heads = "  ".join(f"{name:>9}" for name in names)
    yield f"{'step':>6}  {'d_pre_1':<{wide}}  {'largest':>9}  ‖added to the gradient of …, and so far‖"
    yield f"{'':6}  {'':<{wide}}  {'':9}  {'':7}  {heads}"
    so_far = trace.gradient.map(np.zeros_like)
    for t in reversed(range(trace.time)):
        with np.errstate(all="ignore"):
            added = trace.contributions(t, t + 1).map(lambda rows: rows[0])
            so_far = so_far.map(np.add, added)
        derivative = trace.d_pre_1[0, t]
        above, below = rising(scaled(_summary(derivative, _farthest)))
        lines = [line for pair in zip(_folded(above, cells), _folded(below, cells), strict=True) for line in pair]
        largest = short(np.abs(derivative).max())
        yield f"{t:>6}  {lines[0]:<{wide}}  {largest:>9}  {'adds':<7}  {_norms(added)}"
        yield f"{'':6}  {lines[1]:<{wide}}  {'':9}  {'so far':<7}  {_norms(so_far)}"
        yield from (f"{'':6}  {line}".rstrip() for line in lines[2:])


def _gradient(trace: Trace) -> Iterator[str]:
    """Yield the size of the gradient, and its largest numbers beside what a nudge of each weight does to the loss."""
    gradient = {name: array for name, array in trace.gradient.arrays().items() if name != "thresholds"}
    both = f"{'backpropagated':>15}  {'by a nudge':>15}"
    yield f"  {'gradient':<10}  {'shape':>9}  {'norm':>10}  {'the largest':<18}  {both}"
    for name, array in gradient.items():
        place = tuple(int(k) for k in np.unravel_index(np.argmax(np.abs(array)), array.shape))
        made = check(trace, name, place)
        shape, where = "×".join(map(str, array.shape)), f"{name}[{','.join(map(str, place))}]"
        verdict = "✓" if made.agrees else "✗ DIFFERS"
        chain, nudged = long(made.derivative), long(made.measured)
        norm = short(np.linalg.norm(array))
        yield f"  {name:<10}  {shape:>9}  {norm:>10}  {where:<18}  {chain:>15}  {nudged:>15}  {verdict}"


class _Column:
    """A column of texts as wide as the widest of them, up to a limit; numbers of any script keep it straight."""

    def __init__(self, head: str, cells: Sequence[str]) -> None:
        self.cells = cells
        self.width = min(TEXT, max(1, cell_len(head), *map(cell_len, cells)))
        self.head = _set(head, self.width)

    def at(self, t: int) -> str:
        return _set(self.cells[t], self.width)


def _set(text: str, width: int) -> str:
    """Return a text on the right of so many columns, cut if it is longer."""
    size = cell_len(text)
    return " " * (width - size) + text if size <= width else set_cell_size(text, width - 1) + "…"


def _fitting(rows: list[tuple[str, tuple[str, ...]]]) -> tuple[list[tuple[str, tuple[str, ...]]], bool]:
    """Return the rows that fit beside one another, and whether there are more."""
    room, fitting = READ, rows[:0]
    for head, cells in rows:
        room -= _Column(head, cells).width + 2
        if room < 0 and fitting:
            return fitting, True
        fitting.append((head, cells))
    return fitting, False


def _folded(cells: str, width: int) -> list[str]:
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def _summary(row: Array, of: Callable[[Array], float]) -> Array:
    """Return a row (H,) as it is, or one number for each of so many blocks of it."""
    if len(row) <= MOST:
        return row
    return np.array([of(block) for block in np.array_split(row, MOST)])


def _farthest(block: Array) -> float:
    return float(block[np.argmax(np.abs(block))])


def _blocks(units: int, of: str) -> str:
    return f"; each cell is the {of} of {units / MOST:.3g} units" if units > MOST else ""


def _norms(params: Params) -> str:
    with np.errstate(all="ignore"):
        return "  ".join(f"{short(np.linalg.norm(array)):>9}" for array in params.arrays().values())
