"""Verdict: what comes of a claim: Proved, Refuted or Open; never anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from carrybit.machines.machine import Ints
from carrybit.proof.claim import Claim

if TYPE_CHECKING:
    from carrybit.proof.exact.pairs import Pairs
    from carrybit.proof.induction.cells import Cells


@dataclass(frozen=True, eq=False, kw_only=True)
class Proved:
    """The claim holds for words of every length.

    Parameters
    ----------
    claim : Claim
    margin : float
        What arrives at the output layer is at least so far on the right side of the decision, at every step of every
        word: from the border for one output, else from the runner-up.
    rounding : float
        No unit of layer_1 is off by more in one step of an implementation in the network's own precision, whatever the
        order of its sums; eps is above it.
    invariant : Cells or Pairs
        What was found: what a certificate holds.
    numbers : mapping
        How large the proof is, by name: cells, steps, longest path; or pairs.
    seconds : float
    """

    claim: Claim
    margin: float
    rounding: float
    invariant: Cells | Pairs
    numbers: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    status: ClassVar[str] = "PROVED"
    exit_code: ClassVar[int] = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Refuted:
    """A word is answered wrongly, at its last step and nowhere before.

    Parameters
    ----------
    claim : Claim
    word : int array (T,)
    answers : int array (T,)
        What the network says.
    is_shortest : bool
        Whether no shorter word is answered wrongly; else none was found.
    how : str
        How the word was found, in a few words.
    seconds : float
    """

    claim: Claim
    word: Ints
    answers: Ints
    is_shortest: bool
    how: str
    seconds: float = 0.0

    status: ClassVar[str] = "REFUTED"
    exit_code: ClassVar[int] = 3


@dataclass(frozen=True, eq=False, kw_only=True)
class Open:
    """Neither proved nor refuted, as far as was looked.

    Parameters
    ----------
    claim : Claim
    why : str
        What stood in the way, in a sentence.
    advice : str
        What would help.
    numbers : mapping
        How far it came, by name.
    seconds : float
    """

    claim: Claim
    why: str
    advice: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    status: ClassVar[str] = "OPEN"
    exit_code: ClassVar[int] = 4


Verdict = Proved | Refuted | Open
