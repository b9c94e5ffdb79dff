"""Random words named by a counter, so that no generator ever needs to be saved.

``words(seed, purpose, first, count, width)`` are rows ``first`` to ``first + count`` of an endless table that the pair
(seed, purpose) stands for. Asking for the rows one by one, in blocks or twice gives the same words, which is why
a training that stops and goes on ends with the same bits as one that never stopped.

The table is Philox4x64-10 in counter mode (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), taken
raw from NumPy, which freezes the raw words of its bit generators (NEP 19).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

PURPOSES = {
    "weights": 0,
    "samples": 1,
    "examination": 2,
    "evaluation": 3,
    "generation": 4,
    "attribution": 5,
    "noise": 6,
    "proof": 9,
    "hunt": 10,
}
WORDS_A_BLOCK = 4  # one count of Philox4x64 gives four 64-bit words
LOW_HALVES = np.uint64(0x0000_FFFF_0000_FFFF)  # the lower 16 bits of each half of a word
BELL_MEAN, BELL_DEVIATION = 2 * 65535, math.sqrt((2**32 - 1) / 3)  # of a sum of four numbers from 0 to 65535


def words(seed: int, purpose: str, first: int, count: int, width: int) -> NDArray[np.uint64]:
    """Rows of random 64-bit words.

    Parameters
    ----------
    seed : int, 0 to 2**64 - 1
    purpose : a key of PURPOSES
        Streams with different purposes share nothing.
    first, count : int
        The rows wanted: ``first`` to ``first + count``.
    width : int
        Words in a row.

    Returns
    -------
    words : uint64 array (count, width)
    """
    blocks = -(-width // WORDS_A_BLOCK)
    counter = first * blocks
    key = np.array([seed, PURPOSES[purpose]], dtype=np.uint64)
    raw: NDArray[Any] = np.random.Philox(key=key, counter=counter).random_raw(count * blocks * WORDS_A_BLOCK)
    return raw.reshape(count, blocks * WORDS_A_BLOCK)[:, :width]


def uniform(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Numbers in [-1, 1), evenly spaced by 2**-52, one for each word (its upper 53 bits)."""
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0


def bell(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return whole numbers, bell-shaped around 0 with the deviation BELL_DEVIATION: one for each word.

    Each is the sum of the four 16-bit parts of a word, less its mean: whole numbers alone, so that no logarithm is
    asked for its last digits, which differ from machine to machine. Nothing is farther than 3.5 deviations from 0, and
    the kurtosis is 2.7, where the normal distribution's is 3.

    Source: Hall 1927 and Irwin 1927, on the distribution of the mean of numbers drawn uniformly.
    """
    pairs = words & LOW_HALVES
    pairs += words >> np.uint64(16) & LOW_HALVES  # two sums of two parts, which cannot meet
    sums = (pairs + (pairs >> np.uint64(32))) & np.uint64(0xFFFF_FFFF)
    numbers: NDArray[np.int64] = sums.view(np.int64)
    numbers -= BELL_MEAN
    return numbers


def bits(words: NDArray[np.uint64], count: int) -> NDArray[np.uint8]:
    """Return the first ``count`` bits of each row of words, lowest first: (..., W) words to (..., count) bits."""
    octets = np.ascontiguousarray(words.astype("<u8")).view(np.uint8)[..., : -(-count // 8)]  # no more than needed
    every = np.unpackbits(np.ascontiguousarray(octets), bitorder="little")
    return every.reshape(*octets.shape[:-1], -1)[..., :count]
