"""Random machines, and all short words, for the laws that every machine keeps."""

import itertools

import numpy as np
from hypothesis import strategies as st

from carrybit.machines.machine import Machine

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)


@st.composite
def machines(draw, most_states=6, symbols=("a", "b"), answers=("no", "yes")):
    """Machines that begin anywhere, and may have states that are one or that nothing leads to."""
    states = draw(st.integers(1, most_states))
    shape = (states, len(symbols))

    def table(end):
        cells = st.lists(st.integers(0, end - 1), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        return np.array(draw(cells)).reshape(shape)

    start = draw(st.integers(0, states - 1))
    names = tuple(f"s{state}" for state in range(states))
    return Machine(names, tuple(symbols), tuple(answers), table(states), table(len(answers)), start)


def random_machine(states, symbols, answers, seed):
    """One large machine."""
    random = np.random.default_rng(seed)
    moves, outputs = (random.integers(end, size=(states, symbols)) for end in (states, answers))
    return Machine(*(tuple(map(str, range(end))) for end in (states, symbols, answers)), moves, outputs)


def words(symbols, length):
    """All words of a length, in order: int array (A^T, T)."""
    return np.array(list(itertools.product(range(symbols), repeat=length)), dtype=int).reshape(-1, length)
