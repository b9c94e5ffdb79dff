"""Check: a certificate derived anew, for a sceptic to read; it knows nothing of how proofs are found.

What is to be shown: for every word, begun with an empty memory, every answer is the machine's. The certificate has
cells: sets of memories, each with the machine's state that it stands for. From the empty memory and from each cell, all
words are followed here, symbol by symbol, until what is remembered lies inside a cell of the machine's state; on the
way every answer is judged. If none is wrong and no word goes on for too long, the claim holds: whatever word is read,
the network is at every moment on one of the ways that were followed.

Nothing that the certificate says is believed. The machine's states are told from its moves; a cell that is not a cell,
or lies where it should not, only makes the check fail. The last symbols in a cell's context say where to look, and no
more.

Arithmetic: balls of Arb (python-flint), which hold the true number for certain, each of 80 bits; every float is the
rational number that it stands for. A set is {centre + Σ matrix · u : every |u| <= 1}, columns, in balls. An activation
is put between two lines (balls.py) over the range that its unit has in the set: the distance between these, and what a
unit may be off by, is one more u for each unit. Floats choose the slopes and guess which cell a set lies in: neither
can make a wrong thing pass.

Source: de Figueiredo and Stolfi 2004, "Affine arithmetic: concepts and applications".
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from carrybit.errors import UsageError
from carrybit.network import Network
from carrybit.params import Array
from carrybit.proof.checking.balls import Balls, below, between_lines, library, matrix_of, row_sums
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.checking.outcome import Checked, Checking, FlawError, Rejected
from carrybit.proof.claim import Claim

if TYPE_CHECKING:
    from carrybit.proof.induction.cells import Cells

BITS = 80
WITHIN = 1 - 1e-6  # a set counts as inside when it is in so much of a cell, as for the prover: so both count the same
LEAST = 1e-6  # margins are above this: an output layer that rounds does not turn the answer round
UNITS = {"float64": 2.0**-53, "float32": 2.0**-24}  # by how much a rounded number is off, at most, as a share
LOWEST = {"float64": -690.0, "float32": -80.0}  # where a computed sigmoid is still above 0, and no constant
SHORT_OF = 1e-3  # of the margin that the prover found, so much may be lost by deriving it another way


def check_certificate(certificate: Certificate, network: Network) -> Generator[Checking | Checked | Rejected]:
    """Check a certificate against a network, yielding events; the last one is Checked or Rejected.

    Parameters
    ----------
    certificate : Certificate
        What `read_certificate` returned.
    network : Network

    Raises
    ------
    UsageError
        python-flint is not installed.

    Guarantee: after Checked, the network answers as ``certificate.machine`` to every word of every length of symbols
    that may come, whatever each unit of layer_1 is off by at each step, up to eps; in exact arithmetic, or in any that
    is not off by more. For a network in whole numbers: in whole numbers.
    """
    try:
        claim = _claim(certificate, network)
        if network.spec.is_whole:
            from carrybit.proof.checking.recount import recount

            yield from recount(claim, certificate)
        else:
            yield from _follow_all(claim, certificate)
    except FlawError as flaw:
        yield Rejected(str(flaw))


def _claim(certificate: Certificate, network: Network) -> Claim:
    """Return what is certified; a flaw if it is about another network."""
    if certificate.spec != network.spec:
        raise FlawError("another network: the certificate is for one of another shape or other rules")
    try:
        claim = certificate.claim(network)
    except UsageError as error:
        raise FlawError(f"it makes no sense: {error.received}") from error
    if claim.digest != certificate.weights:
        raise FlawError(
            f"another network, or a weight was changed: the certificate is for SHA-256 {certificate.weights[:16]}…, "
            f"the run has {claim.digest[:16]}…"
        )
    return claim


def _follow_all(claim: Claim, certificate: Certificate) -> Generator[Checking | Checked]:
    """Follow every cell, the start first."""
    ctx = library().ctx
    with ctx.workprec(BITS):
        check = _Check(claim, certificate)
    total = len(certificate.invariant.centres) + 1  # type: ignore[union-attr]
    yield Checking(0, total, 0)
    for number in range(total):
        with ctx.workprec(BITS):
            check.follow(number)
        yield Checking(number + 1, total, check.steps)
    if check.steps != certificate.steps:
        raise FlawError(f"{certificate.steps:,} steps are certified, but {check.steps:,} are made: a cell was changed")
    if not check.margin >= certificate.margin * (1 - SHORT_OF):
        raise FlawError(f"a margin of {certificate.margin:g} is claimed, but only {check.margin:g} can be derived")
    yield Checked(claim, check.margin, total, check.steps)


class _Layer(NamedTuple):
    """A set of layers: {centre + slopes · Σ spread · u + own · v : every |u|, |v| <= 1}; and how large they can be."""

    centre: Balls
    slopes: Balls
    spread: list[Balls]
    own: Balls
    sizes: Balls

    def generators(self) -> list[Balls]:
        return [*(self.slopes * part for part in self.spread), self.own]

    def through(self, matrix: Balls) -> tuple[list[Balls], list[Balls]]:
        """Return the centre of matrix · layer, and how far it reaches from there, row by row."""
        scaled = matrix * self.slopes
        parts = [*(scaled * part for part in self.spread), matrix * self.own]
        return (matrix * self.centre).entries(), row_sums(parts, matrix.nrows())


class _Way(NamedTuple):
    """Where a word leads from a cell: a set of memories, the machine's state, and the last symbols, as digits."""

    centre: Balls
    generators: list[Balls]
    state: int
    recent: int
    word: tuple[int, ...]


class _Check:
    """The network, the machine and the cells; ``follow`` raises a FlawError unless what is claimed of a cell holds."""

    def __init__(self, claim: Claim, certificate: Certificate) -> None:
        self.flint = library()
        self.claim, self.spec, self.longest = claim, claim.network.spec, certificate.longest
        self.cells: Cells = certificate.invariant  # type: ignore[assignment]
        self.steps, self.margin = 0, float("inf")
        self._network()
        self._places()

    def _network(self) -> None:
        """Put the network's numbers into balls; matrices take columns to columns."""
        spec, arrays = self.spec, self.claim.network.params.arrays()
        if spec.output_dim == 1 and spec.loss == "softmax_cross_entropy":
            raise FlawError("one softmax output is always 1: it answers nothing")
        vectors = self.claim.vectors.astype(spec.precision)  # as the network is given them
        bias_1 = arrays.get("bias_1", np.zeros(spec.hidden_dim))
        bias_2 = arrays.get("bias_2", np.zeros(spec.output_dim))
        synapse_0, self.synapse_h, self.synapse_1 = (matrix_of(arrays[f"synapse_{k}"].T) for k in "0h1")
        self.vectors = [matrix_of(vector[:, None]) for vector in vectors]
        self.heard = [synapse_0 * vector + matrix_of(bias_1[:, None]) for vector in self.vectors]
        border = 0.5 if spec.output_dim == 1 and spec.loss == "linear_squared_error" else 0.0
        self.bias_2 = matrix_of(bias_2[:, None]) - matrix_of(np.full((spec.output_dim, 1), border))
        self.sizes_1 = matrix_of(np.abs(arrays["synapse_1"].T))  # what can be lost to rounding grows with these
        self.sizes_2 = matrix_of(np.abs(bias_2[:, None])) + matrix_of(np.full((spec.output_dim, 1), border))
        sides = [matrix_of(side) for side in _sides(spec.output_dim)]
        self.leads = [(side * self.synapse_1, side * self.bias_2) for side in sides]  # by the right answer: above 0

    def _places(self) -> None:
        """Sort the cells by what they stand for."""
        cells, recents = self.cells, len(self.claim.machine.symbols) ** self.cells.depth
        self.labels = [divmod(context, recents) for context in cells.contexts.tolist()]  # state and last symbols
        if not all(0 <= state < len(self.claim.machine.states) for state, _ in self.labels):
            raise FlawError("a cell stands for a state that the machine does not have")
        if not (cells.scales > 0).all():
            raise FlawError("a cell has no size")
        self.faces = [matrix_of(faces.T) for faces in cells.faces]
        self.homes: dict[tuple[int, int], list[int]] = {}
        for group, label in enumerate(self.labels):
            self.homes.setdefault(label, []).append(group)
        self.members = [np.flatnonzero(cells.groups == group) for group in range(len(self.faces))]
        self.near = [cells.centres[some] @ faces for some, faces in zip(self.members, cells.faces, strict=True)]
        self.spans: dict[int, Balls] = {}

    def _begin(self, number: int) -> _Way:
        """Return the empty word from a cell; number 0 is the start, a single memory."""
        if number == 0:
            nothing = matrix_of(np.zeros((self.spec.memory_dim, 1)))
            return _Way(nothing, [nothing], self.claim.machine.start, 0, ())
        cell = number - 1
        group = int(self.cells.groups[cell])
        if group not in self.spans:
            try:
                self.spans[group] = self.faces[group].inv()
            except ZeroDivisionError as error:
                raise FlawError(f"cell {number} has faces that are no faces of a parallelotope") from error
        spans = self.spans[group] * self.flint.arb(float(self.cells.scales[cell]))
        state, recent = self.labels[group]
        return _Way(matrix_of(self.cells.centres[cell][:, None]), [spans], state, recent, ())

    def follow(self, number: int) -> None:
        """Follow all words from a cell until they are home."""
        machine, recents = self.claim.machine, len(self.claim.machine.symbols) ** self.cells.depth
        waiting = [self._begin(number)]
        while waiting:
            way = waiting.pop()
            arrives, spread = self.synapse_h * way.centre, [self.synapse_h * part for part in way.generators]
            reach = row_sums(spread, self.spec.hidden_dim)
            for symbol in np.flatnonzero(self.claim.may_come[way.state]).tolist():
                word = (*way.word, symbol)
                self.steps += 1
                layer_1 = self._activate(arrives + self.heard[symbol], spread, reach)
                self._judge(layer_1, int(machine.outputs[way.state, symbol]), number, word)
                memory = self._remember(layer_1, symbol)
                state = int(machine.moves[way.state, symbol])
                recent = (way.recent * len(machine.symbols) + symbol) % recents
                if self._is_home(memory, state, recent):
                    continue
                if len(word) >= self.longest:
                    raise FlawError(f"{self._where(number, word)}, it is in no cell of {machine.states[state]!r}")
                waiting.append(_Way(memory.centre, memory.generators(), state, recent, word))

    def _activate(self, arrives: Balls, spread: list[Balls], reach: list[Balls]) -> _Layer:
        """Return layer_1, wherever it can be."""
        units = self.spec.hidden_dim
        centre, sizes = self.flint.arb_mat(units, 1), self.flint.arb_mat(units, 1)
        slopes, own = self.flint.arb_mat(units, units), self.flint.arb_mat(units, units)
        eps = self.flint.arb(self.claim.eps)
        for unit, z in enumerate(arrives.entries()):
            slope, beside, size = between_lines(
                self.spec.activation, (z - reach[unit]).lower(), (z + reach[unit]).upper()
            )
            slopes[unit, unit] = slope
            centre[unit, 0] = slope * z + beside.mid()
            own[unit, unit] = beside.rad() + eps
            sizes[unit, 0] = size + eps
        return _Layer(centre, slopes, spread, own, sizes)

    def _remember(self, layer_1: _Layer, symbol: int) -> _Layer:
        """Return what is remembered: layer_1, or with recurrence "input" what was just read."""
        if self.spec.recurrence == "hidden":
            return layer_1
        nothing = self.flint.arb_mat(self.spec.input_dim, self.spec.input_dim)
        return _Layer(self.vectors[symbol], nothing, [], nothing, nothing)

    def _judge(self, layer_1: _Layer, answer: int, number: int, word: tuple[int, ...]) -> None:
        """Demand the right answer all over a set, by so much that an output layer that rounds has it too."""
        matrix, offset = self.leads[answer]
        leads, reach = layer_1.through(matrix)
        least = [lead + more - far for lead, more, far in zip(leads, offset.entries(), reach, strict=True)]
        unit = self.flint.arb(UNITS[self.spec.precision])
        blurs = (self.sizes_1 * layer_1.sizes + self.sizes_2).entries()
        blur = 2 * (self.spec.hidden_dim + 4) * unit * sum(blurs)  # of two outputs, in any order of their sums
        sure = [lead - blur for lead in least]
        if not all(lead > LEAST for lead in sure) or not self._is_told_apart(layer_1, answer, sure, blur, unit):
            margin = min(float(lead.mid()) for lead in least)
            right = self.claim.machine.answers[answer]
            raise FlawError(f"{self._where(number, word)}, {right!r} is not sure to be answered: margin {margin:.3g}")
        self.margin = min(self.margin, *(below(lead) for lead in least))

    def _is_told_apart(self, layer_1: _Layer, answer: int, sure: list[Balls], blur: Balls, unit: Balls) -> bool:
        """Whether several sigmoids differ where they are flat: by more than an implementation is off, as a share.

        And whether sums are far below what overflows.
        """
        if not 4 * blur < float(np.finfo(self.spec.precision).max) * unit:
            return False
        if self.spec.output_dim == 1 or self.spec.loss not in ("squared_error", "cross_entropy"):
            return True
        pre_2, reach = layer_1.through(self.synapse_1)
        highest = [z + b + far + blur for z, b, far in zip(pre_2, self.bias_2.entries(), reach, strict=True)]
        if not highest[answer] - 2 * (reach[answer] + blur) > LOWEST[self.spec.precision]:
            return False
        del highest[answer]
        ratios = ((1 + (-z).exp()) / (1 + (-z - lead).exp()) for z, lead in zip(highest, sure, strict=True))
        return all(ratio > 1 + 32 * unit for ratio in ratios)  # as a share, they are nearest where they are highest

    def _is_home(self, memory: _Layer, state: int, recent: int) -> bool:
        """Whether a set lies inside a cell that stands for the machine's state."""
        return any(self._is_in_one(memory, group) for group in self.homes.get((state, recent), []))

    def _is_in_one(self, memory: _Layer, group: int) -> bool:
        """Whether a set lies inside a cell of a group. Floats say which one it could be, balls whether it does."""
        faces, some = self.faces[group], self.members[group]
        scales = self.cells.scales[some]
        place = np.array([float(x.mid()) for x in (faces * memory.centre).entries()])
        distances = np.abs(place - self.near[group])
        if not (distances.max(axis=1, initial=0) <= scales).any():
            return False
        _, halves = memory.through(faces)
        room = scales - (distances + np.array([float(half.mid()) for half in halves])).max(axis=1)
        best = int(room.argmax())
        centre, scale = matrix_of(self.cells.centres[some[best]][:, None]), self.flint.arb(float(WITHIN * scales[best]))
        off = (faces * (memory.centre - centre)).entries()
        return all(abs(distance) + half <= scale for distance, half in zip(off, halves, strict=True))

    def _where(self, number: int, word: tuple[int, ...]) -> str:
        read = " ".join(self.claim.machine.symbols[symbol] for symbol in word)
        return f"after {read} from {'the start' if number == 0 else f'cell {number}'}"


def _sides(outputs: int) -> list[Array]:
    """Return, for each answer, what has to be above 0: the output or its negative, else the lead over each other."""
    if outputs == 1:
        return [np.array([[-1.0]]), np.array([[1.0]])]
    eye = np.eye(outputs)
    return [np.delete(eye[answer] - eye, answer, axis=0) for answer in range(outputs)]
