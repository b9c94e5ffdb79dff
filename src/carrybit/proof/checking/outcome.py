"""Outcome: what comes of checking a certificate: it holds, or it has a flaw."""

from __future__ import annotations

from dataclasses import dataclass

from carrybit.proof.claim import Claim


@dataclass(frozen=True)
class Checking:
    """A check has come this far: so many of the cells or pairs, in so many steps of the network."""

    done: int
    total: int
    steps: int


@dataclass(frozen=True, eq=False)
class Checked:
    """Every step was derived again, and the claim holds.

    Parameters
    ----------
    claim : Claim
    margin : float
        As in `Proved`, derived anew, and not above what it is.
    done, steps : int
        How many cells or pairs there were, and how many steps of the network.
    """

    claim: Claim
    margin: float
    done: int
    steps: int


@dataclass(frozen=True)
class Rejected:
    """The certificate proves nothing, and why: which cell, which word."""

    why: str


class FlawError(Exception):
    """What a certificate says does not hold; a check ends with it, as Rejected."""
