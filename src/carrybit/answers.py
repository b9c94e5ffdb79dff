"""Answers: what a network says to a file of the kind that it was trained on, as columns of a table."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from carrybit.network import Network
from carrybit.params import Array
from carrybit.responses import respond
from carrybit.tasks.data import DataTask


def answer(network: Network, task: DataTask, file: str | os.PathLike[str]) -> dict[str, list[Any]]:
    """Answer a file, which needs no targets.

    Returns
    -------
    columns : dict of lists
        "sequence" and, but for labels, "step", which counts from 1, in a forecast and in a text that of the next step:
        the last row of each sequence tells what is not in the file. Then a column for each target, in units of its
        own; with "probability" where it is a class.

    Raises
    ------
    UsageError
        The file cannot be read, lacks a column, or has a category or a symbol that the network never saw.
    """
    heard = task.hear(file)
    answered: list[list[Array]] = [[] for _ in heard]
    for number, _, _, layer_2 in respond(network, heard):
        answered[number].append(layer_2)
    only_last = task.question.goal == "label"
    layers = [each[-1][-1:] if only_last else np.concatenate(each) for each in answered]
    names = np.repeat(np.array([each.name for each in heard], dtype=object), [len(each) for each in layers])
    columns: dict[str, list[Any]] = {"sequence": names.tolist()}
    if not only_last:
        begin = 1 + task.question.ahead
        columns["step"] = np.concatenate([np.arange(begin, begin + len(each)) for each in layers]).tolist()
    return columns | _said(task, np.concatenate(layers))


def _said(task: DataTask, layer_2: Array) -> dict[str, list[Any]]:
    """Return answers (rows, O) as columns."""
    targets, classes = task.encoding.targets, task.encoding.classes
    if classes is None:
        return {
            each.name: values.tolist() for each, values in zip(targets, task.encoding.decode(layer_2).T, strict=True)
        }
    said = layer_2.argmax(axis=-1)
    return {targets[0].name: [classes[k] for k in said], "probability": layer_2.max(axis=-1).tolist()}
