"""Shortening: a word that is answered wrongly, made shorter while it still is.

Source: Zeller and Hildebrandt 2002, "Simplifying and isolating failure-inducing input" (delta debugging).
"""

from __future__ import annotations

import time

import numpy as np

from carrybit.machines.machine import Ints
from carrybit.proof.claim import Claim
from carrybit.proof.hunting.slips import first_slips

STEPS, STEPS_IN_ALL = 2**20, 2**23  # of all words that are tried together, and one after the other
MOST = 256  # words


def shortened(claim: Claim, word: Ints, deadline: float = float("inf")) -> Ints:
    """Return a word (T,) that ends with its first wrong answer, no longer than the one given, which is such a word.

    Pieces are left out, of half the word, a quarter, and so on down to single symbols, where that makes it shorter.
    Before that and after it, a beginning of the word is kept and one symbol held from there on.

    Parameters
    ----------
    deadline : float
        By time.monotonic(), when to be content with what was reached.
    """
    word = _best(claim, word, _held(claim, word))
    size = len(word) // 2
    tried = 0
    while size >= 1 and tried < STEPS_IN_ALL and time.monotonic() < deadline:
        others = _without_a_piece(word, size)
        tried += others.size
        shorter = _best(claim, word, others)
        size = min(size, len(shorter) // 2) if len(shorter) < len(word) else size // 2
        word = shorter
    return _best(claim, word, _held(claim, word))


def _best(claim: Claim, word: Ints, tried: Ints) -> Ints:
    """Return the word, or the shortest of others (B, T) up to their first wrong answers, if that is shorter."""
    slips = first_slips(claim, tried)
    best = int(slips.argmin())
    return tried[best, : slips[best] + 1] if slips[best] < min(tried.shape[1], len(word) - 1) else word


def _held(claim: Claim, word: Ints) -> Ints:
    """Return words of the same length that begin as this one does, for a while, and then hold each of the symbols."""
    most = max(1, min(MOST, STEPS // len(word)) // claim.symbols)
    begins = np.unique(np.linspace(0, min(len(word), most) - 1, most).astype(int))
    held = np.tile(word, (len(begins) * claim.symbols, 1))
    after = np.arange(len(word)) >= np.repeat(begins, claim.symbols)[:, None]
    return np.where(after, np.tile(np.arange(claim.symbols), len(begins))[:, None], held)


def _without_a_piece(word: Ints, size: int) -> Ints:
    """Return the word without each of its pieces of some size, (B, T - size); of some of them, where they are many."""
    most = max(2, min(MOST, STEPS // len(word)))
    begins = _unlike(word, np.arange(0, len(word) - size + 1, size), size)
    if len(begins) > most:  # its beginning and its end are the likeliest
        inner = np.linspace(0, len(begins) - 1, most // 2).astype(int)
        edges = np.arange(most // 4 + 1)
        begins = begins[np.unique(np.concatenate([edges, inner, len(begins) - 1 - edges]))]
    rest = np.arange(len(word) - size)
    return word[rest + size * (rest >= begins[:, None])]


def _unlike(word: Ints, begins: Ints, size: int) -> Ints:
    """Return where pieces begin that are worth leaving out: inside one run of a symbol they are all the same."""
    changes = np.flatnonzero(word[1:] != word[:-1]) + 1
    run, last = (np.searchsorted(changes, places, side="right") for places in (begins, begins + size - 1))
    repeats = (run[1:] == run[:-1]) & (run[1:] == last[1:]) & (run[:-1] == last[:-1])
    unlike: Ints = begins[np.append(True, ~repeats)]
    return unlike
