"""Responses: what a network answers to whole sequences, piece by piece, so that long ones fit into memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from carrybit.data.corpus import Passage
from carrybit.data.encoding import Rows
from carrybit.losses import LOSSES
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.data import DataTask

PIECE = 4096  # steps of a sequence that are run at once
NUMBERS = 2**22  # of a batch, in any of its layers
MOST = 256  # sequences of a batch


class Sounding(Protocol):
    """A sequence that can be heard."""

    @property
    def inputs(self) -> Rows:
        """What layer_0 is made of."""
        ...


class Response(NamedTuple):
    """What was answered to some steps of a sequence.

    number  : of the sequence
    steps   : where in it
    pre_2   : (T, O)
    layer_2 : (T, O)
    """

    number: int
    steps: slice
    pre_2: Array
    layer_2: Array


def respond(network: Network, sequences: Sequence[Sounding]) -> Iterator[Response]:
    """Run every sequence from its beginning; a long one goes on in pieces with what it remembers.

    Short ones are put together with others of about their length, and padded, which changes nothing.
    """
    lengths = np.array([len(each.inputs.places) for each in sequences], np.int64)
    order = np.argsort(lengths, kind="stable")
    short = order[lengths[order] <= PIECE]
    first = 0
    while first < len(short):
        count = _fits(network, lengths[short[first : first + MOST]])
        yield from _batch(network, sequences, short[first : first + count].tolist())
        first += count
    for number in order[len(short) :].tolist():
        yield from _pieces(network, sequences[number].inputs, number)


def validate(network: Network, task: DataTask) -> float:
    """Return the loss of a step of the validation part: in nats of classes, half a square of normalised numbers."""
    passages = task.part("validation")
    total, steps = 0.0, 0
    for response in respond(network, passages):
        losses = losses_of(network, passages[response.number], response)
        total, steps = total + float(losses.sum()), steps + len(losses)
    return total / max(steps, 1)


def losses_of(network: Network, passage: Passage, response: Response) -> Array:
    """Return the loss of each step of a response that counts."""
    every = LOSSES[network.spec.loss].value(response.pre_2, passage.goals.at(response.steps))
    return every[passage.mask[response.steps]]


def _fits(network: Network, lengths: Array) -> int:
    """Return how many of some sequences, shortest first, are run at once."""
    spec = network.spec
    numbers = np.arange(1, len(lengths) + 1) * lengths * max(spec.input_dim, spec.hidden_dim, spec.output_dim)
    return max(1, int((numbers <= NUMBERS).sum()))


def _batch(network: Network, sequences: Sequence[Sounding], numbers: list[int]) -> Iterator[Response]:
    rows = [sequences[number].inputs for number in numbers]
    layer_0 = np.zeros((len(rows), max(len(each.places) for each in rows), network.spec.input_dim))
    for k, each in enumerate(rows):
        layer_0[k, : len(each.places)] = each.at(slice(None))
    layers = network.run(layer_0)
    for k, number in enumerate(numbers):
        steps = slice(0, len(rows[k].places))
        yield Response(number, steps, layers.pre_2[k, steps], layers.layer_2[k, steps])


def _pieces(network: Network, rows: Rows, number: int) -> Iterator[Response]:
    memory = None
    for begin in range(0, len(rows.places), PIECE):
        steps = slice(begin, min(begin + PIECE, len(rows.places)))
        layers = network.run(rows.at(steps)[None], memory)
        memory = layers.past[:, -1]
        yield Response(number, steps, layers.pre_2[0], layers.layer_2[0])
