"""Arrays: .npz and .npy files. Nothing in them is ever run, so pickled objects are refused.

.npz    inputs (N, T, I), or (N, T) for one column, with targets (N,), (N, T) or (N, T, O) and lengths (N,) where
        wanted; or one long series: inputs (T,), targets (T,)
.npy    one long series (T,) or (T, I), or sequences (N, T, I)
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from carrybit.data.table import Table
from carrybit.errors import UsageError
from carrybit.machines.machine import Ints
from carrybit.params import Array

LARGEST = 2**30  # bytes when unpacked
ALLOWED = "arrays inputs, targets, lengths; (sequences, steps, columns)"


def read_npy(path: Path) -> Table:
    """Return the series or the sequences of one array."""
    try:
        with open(path, "rb") as opened:
            array = np.load(opened, allow_pickle=False)
        if not isinstance(array, np.ndarray):
            raise ValueError("it is an archive: its ending should be .npz")
    except (ValueError, OSError, EOFError) as error:
        raise _unreadable(path, error) from None
    return _table(path, {"inputs": array[None] if array.ndim == 2 else array})


def read_npz(path: Path) -> Table:
    """Return the sequences of the arrays inputs, targets and lengths."""
    try:
        with zipfile.ZipFile(path) as zipped:
            size = sum(info.file_size for info in zipped.infolist())
        if size > LARGEST:
            raise ValueError(f"it unpacks to {size:,} bytes, of {LARGEST:,}")
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _unreadable(path, error) from None
    foreign = sorted(set(arrays) - {"inputs", "targets", "lengths"})
    if "inputs" not in arrays or foreign:
        raise UsageError(f"{path} has the arrays {', '.join(arrays) or 'none'}", ALLOWED, "rename or leave out others")
    return _table(path, arrays)


def _table(path: Path, arrays: Mapping[str, Array]) -> Table:
    inputs = arrays["inputs"]
    if inputs.ndim == 1:
        arrays = {name: array[None] for name, array in arrays.items()}
    if inputs.ndim not in (1, 2, 3):
        raise UsageError(f"{path}: inputs of shape {inputs.shape}", ALLOWED, "reshape it")
    inputs = arrays["inputs"] if inputs.ndim == 3 else arrays["inputs"][..., None]  # (N, T, I)
    lengths = _lengths(path, arrays.get("lengths"), *inputs.shape[:2])
    counts = np.arange(inputs.shape[1]) < lengths[:, None]  # (N, T)
    columns = _columns(path, "input", inputs[counts])
    named = {}
    if "targets" in arrays:
        named = _columns(path, "target", _targets(path, arrays["targets"], *inputs.shape[:2])[counts])
    return Table.of(str(path), columns | named, lengths, tuple(named))


def _lengths(path: Path, lengths: Array | None, count: int, time: int) -> Ints:
    if lengths is None:
        return np.full(count, time)
    if lengths.shape != (count,) or lengths.dtype.kind not in "iu" or (lengths < 0).any() or (lengths > time).any():
        told = f"lengths of shape {lengths.shape} and type {lengths.dtype}"
        raise UsageError(
            f"{path}: {told}", f"({count},) whole numbers from 0 to {time}", "one length for each sequence"
        )
    return lengths.astype(np.int64)


def _targets(path: Path, targets: Array, count: int, time: int) -> Array:
    """Return targets as (N, T, O)."""
    if targets.shape == (count,):
        return np.repeat(targets[:, None, None], time, axis=1)
    if targets.shape[:2] == (count, time) and targets.ndim in (2, 3):
        return targets.reshape(count, time, -1)
    allowed = f"({count},) for whole sequences, ({count}, {time}) or ({count}, {time}, outputs) for steps"
    raise UsageError(
        f"{path}: targets of shape {targets.shape}", allowed, "give every sequence, or every step, its own"
    )


def _columns(path: Path, name: str, rows: Array) -> dict[str, Array]:
    """Return an array (rows, columns) as columns by name."""
    if rows.dtype.kind not in "biufU":
        raise UsageError(f"{path} holds {rows.dtype}", "real numbers, or text", "turn it into one of these")
    rows = rows.astype(object) if rows.dtype.kind == "U" else rows.astype(np.float64)
    if rows.shape[1] == 1:
        return {name: rows[:, 0]}
    return {f"{name}_{k}": rows[:, k] for k in range(rows.shape[1])}


def _unreadable(path: Path, error: Exception) -> UsageError:
    why = " ".join(str(error).split())[:200]
    if "pickle" in why:
        why = "it holds Python objects, which are never loaded"
    return UsageError(
        f"{path} cannot be read: {why}", f"a {path.suffix} file of numbers", "save the array of numbers anew"
    )
