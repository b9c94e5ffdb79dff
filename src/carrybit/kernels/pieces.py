"""Pieces: some adjacent numbers of a row, in vectors, and the two layouts that say what a vector holds.

ROWS    a vector holds neighbours of one row: units of one network
LANES   a vector holds one number of several networks, which are trained side by side
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from carrybit.kernels.code import Code, Index, Value, Whole

CHAINS = 4  # in which a product of a row and a matrix is summed; see arrays.py

# Vectors of adjacent numbers, each for one sequence or for every one that is worked on at once. Where there is only
# one, it goes with all of the other's.
Piece = list[list[Value]]


@dataclass(frozen=True)
class Layout:
    """How numbers lie in memory.

    Parameters
    ----------
    code : Code
    lanes : int
        Networks side by side; 1 for ROWS.
    sequences : int
        Sequences that are worked on at once, so that the CPU need not wait for one; they share the weights.
    """

    code: Code
    lanes: int = 1
    sequences: int = 1

    def block(self, width: int) -> int:
        """How many numbers of a row of this width are summed side by side."""
        return min(self.code.vector, 1 << (width - 1).bit_length())

    def step(self, width: int) -> int:
        """How many neighbours of a row a vector holds."""
        return 1 if self.lanes > 1 else self.block(width)

    def vectors(self, width: int) -> int:
        """How many vectors hold a row."""
        return -(-width // self.step(width))

    def piece(self, width: int) -> int:
        """How many vectors of a row are worked on at once: as many as the registers allow for."""
        most = max(1, self.code.registers // (2 * CHAINS * self.sequences))
        return min(self.vectors(width), most)

    def pieces(self, width: int, compute: Callable[[Whole, int, bool], None]) -> None:
        """Write ``compute(first vector, how many, whether they are the last)`` for all pieces of a row."""
        piece = self.piece(width)
        whole, rest = divmod(self.vectors(width), piece)
        if not rest:  # the last piece stands alone: it may have to end with zeros
            whole, rest = whole - 1, piece
        if whole == 1:
            compute(0, piece, False)
        elif whole:
            with self.code.loop(whole) as turn:
                compute(turn * piece, piece, False)
        compute(whole * piece, rest, True)


def each(f: Callable[..., Value], *pieces: Piece) -> Piece:
    """Return f of pieces, vector by vector."""
    length = max(len(piece) for piece in pieces)
    whole = [piece * length if len(piece) == 1 else piece for piece in pieces]
    made = []
    for columns in zip(*whole, strict=True):
        sequences = max(len(column) for column in columns)
        wide = [column * sequences if len(column) == 1 else column for column in columns]
        made.append([f(*values) for values in zip(*wide, strict=True)])
    return made


def fold(
    code: Code,
    count: Whole,
    begin: Sequence[Piece],
    body: Callable[[Index, list[Piece]], Sequence[Piece]],
    *,
    backwards: bool = False,
) -> list[Piece]:
    """Write a loop that hands pieces from turn to turn, and return the last ones."""
    shapes = [[len(column) for column in piece] for piece in begin]

    def flat(pieces: Sequence[Piece]) -> list[Value]:
        return [value for piece in pieces for column in piece for value in column]

    def split(values: Sequence[Value]) -> list[Piece]:
        rest = iter(values)
        return [[[next(rest) for _ in range(length)] for length in shape] for shape in shapes]

    turned = code.fold(count, flat(begin), lambda i, values: flat(body(i, split(values))), backwards=backwards)
    return split(turned)
