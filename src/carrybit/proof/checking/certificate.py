"""Certificate: what it takes to check a proof, and nothing of how it was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Array
from carrybit.proof.claim import Claim
from carrybit.spec import Spec

if TYPE_CHECKING:
    from carrybit.proof.exact.pairs import Pairs
    from carrybit.proof.induction.cells import Cells
    from carrybit.proof.verdict import Proved


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    """A proof without its network, which is named by a hash.

    Parameters
    ----------
    weights : str
        SHA-256 of the network's numbers, in 64 hexadecimal digits, as `Claim.digest` has it.
    spec : Spec
        Of the network.
    machine : Machine
    vectors : float array (A, I)
        layer_0 for each symbol.
    asked : bool array (S, A), or None for all
        Which symbols may come in which state.
    eps : float
        So much any unit of layer_1 may be off at any step.
    margin : float
        What the prover found: no answer is nearer to the border.
    longest : int
        Symbols of the longest word from a cell to a cell, or of the longest way to a pair.
    steps : int
        Of the network, in all of the proof.
    invariant : Cells or Pairs
        Of a network as it is stored, or of one in whole numbers.
    """

    weights: str
    spec: Spec
    machine: Machine
    vectors: Array
    asked: Array | None
    eps: float
    margin: float
    longest: int
    steps: int
    invariant: Cells | Pairs

    @staticmethod
    def of(proved: Proved) -> Certificate:
        """Return what is needed to check what was proved."""
        claim = proved.claim
        invariant: Any = proved.invariant
        if not claim.network.spec.is_whole:  # faces that no cell has are left out
            used, groups = np.unique(invariant.groups, return_inverse=True)
            faces, contexts = invariant.faces[used], invariant.contexts[used]
            invariant = replace(invariant, faces=faces, contexts=contexts, groups=groups)
        return Certificate(
            weights=claim.digest,
            spec=claim.network.spec,
            machine=claim.machine,
            vectors=claim.vectors,
            asked=claim.asked,
            eps=claim.eps,
            margin=proved.margin,
            longest=int(getattr(invariant, "longest", proved.numbers.get("longest", 0))),
            steps=int(proved.numbers["steps"]),
            invariant=invariant,
        )

    def claim(self, network: Network) -> Claim:
        """Return what is certified, of a network; UsageError if it does not fit."""
        return Claim(network=network, machine=self.machine, vectors=self.vectors, asked=self.asked, eps=self.eps)
