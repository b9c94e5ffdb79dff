"""Data: a person's own file as a task. It gives samples alone, and nothing can be proved of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np

from carrybit import checks
from carrybit.cells.lessons import Sequences
from carrybit.data import reading
from carrybit.data.corpus import Corpus, Heard, Passage, gather, hear
from carrybit.data.encoding import Encoding
from carrybit.data.features import Category
from carrybit.data.question import Question, ask
from carrybit.errors import UsageError
from carrybit.params import Array

LONGEST = 100_000
WINDOWS = {"character": 64, "word": 32, "series": 32}  # steps of a sample of something long
HEARD = 24  # characters of a text that a preview shows
BEGUN = 6  # characters or words of a text, to go on from
DEFAULTS: dict[str, Any] = {
    "hidden_dim": 32,
    "activation": "tanh",
    "bias": True,
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 16,
    "start": 0.1,
    "clip": 1.0,
    "updates": 20_000,
    "until": "settled",
    "every": 250,
}
OF_TEXT = {"hidden_dim": 64, "learning_rate": 0.003}


@dataclass(frozen=True, eq=False)
class DataTask:
    """A file, what is asked of it, and what was learned from its training part to show it to a network.

    Parameters
    ----------
    file : str
        Where it was; it is read when samples are wanted, and must still be the same.
    question : Question
    unit : {"character", "word"}, or None
        The steps of a text.
    length : int, 1 to 100,000
        Steps of a training sample.
    encoding : Encoding
    digest : str
        The SHA-256 of the file.
    """

    file: str
    question: Question
    unit: str | None
    length: int
    encoding: Encoding
    digest: str

    name = "data"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataTask) and self.settings == other.settings

    def __hash__(self) -> int:
        return hash(json.dumps(self.settings, sort_keys=True))

    def __reduce__(self) -> tuple[Any, ...]:  # without the data, which are read again where they are needed
        return partial(data_task, **self.settings), ()

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it was made from, as JSON has it: ``data_task(**task.settings)`` is the same task."""
        question = self.question
        return {
            "file": self.file,
            "goal": question.goal,
            "inputs": list(question.inputs),
            "targets": list(question.targets),
            "sequence": question.sequence,
            "unit": self.unit,
            "length": self.length,
            "categories": None if question.categories is None else list(question.categories),
            "encoding": self.encoding.about(),
            "digest": self.digest,
        }

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        said = ", ".join(each.name for each in self.encoding.targets)
        asked = {"next": "the next {}", "tag": "{} at every step", "label": "{} at the end", "forecast": "the next {}"}
        return f"{Path(self.file).name}: {asked[self.question.goal].format(said)}"

    @property
    def noun(self) -> str:
        """What a sample is called, in the plural."""
        return "passages" if self.unit else "sequences"

    @property
    def steps(self) -> str:
        """What a step is called, in the plural."""
        return f"{self.unit}s" if self.unit else "steps"

    @property
    def defaults(self) -> dict[str, Any]:
        """What is usual for training on such data, by the names of `TrainConfig`."""
        return DEFAULTS | {"loss": self.losses[0]} | (OF_TEXT if self.unit else {})

    @property
    def input_dim(self) -> int:
        """Size of layer_0."""
        return sum(each.width for each in self.encoding.inputs)

    @property
    def losses(self) -> tuple[str, ...]:
        """The losses that make sense, the usual one first."""
        return ("linear_squared_error",) if self.encoding.classes is None else ("softmax_cross_entropy",)

    def output_dim(self, loss: str) -> int:
        """Size of layer_2: a place for each class, or for each number."""
        return sum(each.width for each in self.encoding.targets)

    @cached_property
    def corpus(self) -> Corpus:
        """All that the file holds; UsageError if it is gone or another."""
        if reading.digest(self.file) != self.digest:
            raise UsageError(
                f"{self.file!r} is not the file that it was",
                f"the one whose SHA-256 begins with {self.digest[:12]}",
                "bring it back, or begin again with the new one",
            )
        return gather(self.question, reading.read(self.file, self.unit or "character"), self.encoding)

    @property
    def beginning(self) -> str:
        """How a text begins, up to the end of a line or the first symbol without a name: something to go on from."""
        (symbols,) = self.encoding.inputs
        assert isinstance(symbols, Category)
        places = takewhile(lambda place: place < len(symbols.known), self.corpus.inputs.places[:BEGUN].tolist())
        said = takewhile(str.isprintable, (symbols.known[place] for place in places))
        return (" " if self.unit == "word" else "").join(said).strip() or symbols.known[-1]

    def part(self, name: str) -> list[Passage]:
        """Return the sequences of a part: "train", "validation" or "test"."""
        return self.corpus.part(name)

    def hear(self, file: str | os.PathLike[str]) -> list[Heard]:
        """Return the sequences of another file of the same kind, which needs no targets."""
        return hear(self.question, reading.read(file, self.unit or "character"), self.encoding)

    def lessons(self, seeds: Sequence[int], first: int, count: int) -> Sequences:
        """Return samples ``first`` to ``first + count`` of the endless stream of each seed, from the training part."""
        return self.corpus.lessons(list(seeds), first, count, self.length)

    def preview(self, samples: Sequences, layer_2: Array) -> tuple[str, bool | None]:
        """Return a line about the first sample and the answer to it, and whether that is right, if one can say so."""
        mask = np.ones(layer_2.shape[1], bool) if samples.mask is None else samples.mask[0, 0]
        said, right = layer_2[0][mask], samples.targets[0, 0][mask]  # (T, O)
        classes = self.encoding.classes
        if classes is None:
            values = zip(self.encoding.targets, *map(self.encoding.decode, (said[-1], right[-1])), strict=True)
            line = ", ".join(f"{target.name} {given:.4g} (is {true:.4g})" for target, given, true in values)
            return _short(line), None
        answers, truth = ([classes[k] for k in each.argmax(axis=-1)] for each in (said, right))
        if self.unit:
            gap = " " if self.unit == "word" else ""
            return f"{gap.join(truth)[-HEARD:]!r} for which it said {gap.join(answers)[-HEARD:]!r}"[:60], None
        return _short(f"{' '.join(truth)} answered {' '.join(answers)}"), answers == truth


def data_task(
    file: str = "",
    goal: str | None = None,
    inputs: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    sequence: str | None = None,
    unit: str | None = None,
    length: int | None = None,
    categories: Sequence[str] | None = None,
    encoding: Mapping[str, Any] | None = None,
    digest: str | None = None,
) -> DataTask:
    """Learn from a file of your own: text, CSV, Parquet, JSON lines or NumPy arrays.

    The training part, 80 % of the sequences or the first 80 % of the only one, is learned from; the rest is for
    validation and the test. What is learned about the columns (means, deviations, categories) is of that part alone.

    Parameters
    ----------
    file : str
    goal : {"next", "tag", "label", "forecast"}, or None for what the columns suggest
        The next character or word of a text; a target at every step; one for a whole sequence; the next values.
    inputs, targets : names of columns, or None
        None are all other columns; in a forecast, the targets are all inputs that are numbers.
    sequence : name of a column, or None
        Says which sequence a row is of; None is one long sequence, or what the file itself says.
    unit : {"character", "word"}, or None for characters
        What comes at a step of a text.
    length : int, 1 to 100,000, or None
        Steps of a training sample. None is the longest sequence; of one long one, 32 steps, or 64 characters.
    categories : names of columns, or None
        Columns of numbers that are categories all the same. None takes targets of few whole numbers for classes.
    encoding, digest
        What was learned about the columns, and the SHA-256 of the file, both of an earlier task: the file is then not
        read before samples are wanted.

    Raises
    ------
    UsageError
        The file cannot be read, or what is asked of it makes no sense.
    """
    if not file:
        raise UsageError("the task data, without a file", "text, a table, arrays", "--data FILE")
    if length is not None:
        checks.whole("length", length, 1, LONGEST, 32)
    if encoding is not None and digest is not None and goal is not None and length is not None:
        kept, heard, said = Encoding.from_about(encoding), tuple(inputs or ()), tuple(targets or ())
        if kept.is_of(heard, said):  # else a setting was changed, and all is learned anew
            asked = Question(goal, heard, said, sequence, None if categories is None else tuple(categories))
            return DataTask(file, asked, unit, length, kept, digest)
    path = os.path.abspath(file)
    is_text = reading.is_text(path)
    unit = _unit(unit, is_text)
    found = reading.digest(path)
    table = reading.read(path, unit or "character")
    question = ask(table, is_text, goal, inputs, targets, sequence, categories)
    corpus = gather(question, table)
    if length is None:
        usual = WINDOWS[unit or "series"] if len(corpus.names) == 1 else corpus.longest
        length = min(usual, corpus.longest, LONGEST)
    task = DataTask(path, question, unit, length, corpus.encoding, found)
    task.__dict__["corpus"] = corpus  # which need not be read again
    return task


def _unit(unit: str | None, is_text: bool) -> str | None:
    if not is_text:
        return None
    return checks.one_of("unit", unit or reading.UNITS[0], reading.UNITS)


def _short(line: str) -> str:
    return line if len(line) <= 60 else line[:57] + "..."
