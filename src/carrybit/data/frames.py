"""Frames: CSV, TSV and Parquet files, read by pandas, which is loaded here and nowhere else."""

from __future__ import annotations

import warnings
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from carrybit.data.table import Table, listed
from carrybit.errors import UsageError
from carrybit.params import Array

EXACT = 2**53  # whole numbers up to this are told apart as float64
SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_frame(path: Path) -> Table:
    """Return the columns of a table; one without a name, such as the row numbers that pandas writes, is left out."""
    try:
        pandas = import_module("pandas")
        if path.suffix.lower() == ".parquet":
            import_module("pyarrow")
    except ImportError as error:
        raise UsageError(
            f"{path.suffix} files need {error.name}, which is not installed",
            "text, .jsonl, .npz and .npy without it",
            'pip install "carrybit[data]"',
        ) from None
    try:
        frame = _parquet(pandas, path) if path.suffix.lower() == ".parquet" else _separated(pandas, path)
    except UsageError:
        raise
    except (ValueError, OSError) as error:  # those of pandas and pyarrow are among these
        why = " ".join(str(error).split())[:200]
        raise UsageError(f"{path} cannot be read: {why}", f"a {path.suffix} file", "save it anew") from None
    return Table.of(str(path), {str(name): _column(pandas, frame[name]) for name in frame.columns})


def _separated(pandas: Any, path: Path) -> Any:
    separator = SEPARATORS[path.suffix.lower()]
    options = {"sep": separator, "encoding": "utf-8-sig", "skipinitialspace": True}
    head = pandas.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False, **options).iloc[0].tolist()
    _check_names(path, [name for name in head if name])
    if all(_is_number(name) for name in head):
        raise UsageError(
            f"the first row of {path} is numbers", "names of columns in the first row", "write names above the numbers"
        )
    if len(head) == 1 and ";" in head[0]:
        raise UsageError(f"{path} has its columns between ;", f"columns between {separator!r}", "save it with commas")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)  # of rows that would lose a field
            frame = pandas.read_csv(path, low_memory=False, index_col=False, **options)
    except pandas.errors.ParserWarning:
        raise UsageError(
            f"{path} has a row with more fields than there are names", f"{len(head)} fields in every row", "look for it"
        ) from None
    return frame[[name for name, given in zip(frame.columns, head, strict=True) if given]]


def _parquet(pandas: Any, path: Path) -> Any:
    frame = pandas.read_parquet(path, engine="pyarrow")
    if frame.index.names != [None]:
        frame = frame.reset_index()
    _check_names(path, [str(name) for name in frame.columns])
    return frame


def _check_names(path: Path, names: list[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError(f"{path} has two columns {twice[0]!r}", "every name once", f"rename one of {listed(names)}")


def _column(pandas: Any, series: Any) -> Array:
    if pandas.api.types.is_numeric_dtype(series) and not pandas.api.types.is_complex_dtype(series):
        is_large = pandas.api.types.is_integer_dtype(series) and len(series) and series.abs().max() > EXACT
        if not is_large:
            return np.asarray(series.to_numpy(np.float64, na_value=np.nan))
    is_missing = series.isna().tolist()
    each = series.astype(object).tolist()
    texts = [None if no else str(value) for no, value in zip(is_missing, each, strict=True)]
    return np.array(texts, dtype=object)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
