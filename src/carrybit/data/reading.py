"""Reading: a file of a person's own, by its ending, as a table.

.csv .tsv .parquet           columns by name, a row for each step; with pandas
.jsonl .ndjson               the same with an object for each row, or an object of lists for each sequence
.npz .npy                    NumPy arrays
.txt .md and every other     text, whose characters or words are the steps
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import numpy as np

from carrybit.data.arrays import read_npy, read_npz
from carrybit.data.frames import read_frame
from carrybit.data.json_lines import read_json_lines
from carrybit.data.table import Table
from carrybit.errors import UsageError
from carrybit.params import Array

READERS = {
    ".csv": read_frame,
    ".tsv": read_frame,
    ".parquet": read_frame,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".npz": read_npz,
    ".npy": read_npy,
}
KINDS = ".csv .tsv .parquet .jsonl .npz .npy, or text in UTF-8"
UNITS = ("character", "word")
LARGEST_TEXT = 2**26  # bytes: 64 MiB
LARGEST_TABLE = 2**29  # bytes: 512 MiB
WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")  # a sign is a word of its own


def read(file: str | os.PathLike[str], unit: str = "character") -> Table:
    """Return what is in a file; of a text, one column that is called by its unit.

    Raises
    ------
    UsageError
        There is no such file, it is too large, or it cannot be read as what its ending says.
    """
    path = Path(file)
    size = _size(path)
    largest = LARGEST_TEXT if is_text(path) else LARGEST_TABLE
    if size > largest:
        raise UsageError(
            f"{path} has {size:,} bytes",
            f"up to {largest:,} for {'a text' if is_text(path) else 'a table'}, which is held in memory",
            "take a part of it",
        )
    if size == 0:
        raise UsageError(f"{path} is empty", "a file with something in it", "look whether it is the right file")
    if not is_text(path):
        return READERS[path.suffix.lower()](path)
    return Table.of(str(path), {unit: units(_text(path), unit)})


def is_text(file: str | os.PathLike[str]) -> bool:
    """Whether a file is read as text."""
    return Path(file).suffix.lower() not in READERS


def units(text: str, unit: str) -> Array:
    """Return the characters or the words of a text."""
    if unit == "word":
        return np.array(WORD.findall(text), dtype=object)
    return np.frombuffer(text.encode("utf-32-le"), "<U1")


def digest(file: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file."""
    _size(Path(file))
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _size(path: Path) -> int:
    """Return the size of a file on disk; UsageError if it is none."""
    try:
        if path.is_file():
            with open(path, "rb"):  # may it be read?
                return path.stat().st_size
        what = "is a folder" if path.is_dir() else "is no file" if path.exists() else "is not there"
    except (OSError, ValueError) as error:
        what = f"cannot be opened: {getattr(error, 'strerror', None) or error}"
    raise UsageError(f"{str(path)!r} {what}", f"a file: {KINDS}", "give the name of a file that is there")


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(path, f"byte {error.start:,} is no UTF-8") from None
    if path.suffix.lower() == ".json" or "\0" in text:
        raise _no_text(path, "it ends in .json" if "\0" not in text else "it has a character 0")
    if not text.strip():
        raise UsageError(f"{path} has nothing but blanks", "a text", "look whether it is the right file")
    return text.replace("\r\n", "\n")


def _no_text(path: Path, why: str) -> UsageError:
    return UsageError(f"{path} cannot be read as text: {why}", KINDS, "save it as one of these, by its ending")
