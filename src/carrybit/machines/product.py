"""The product of two machines: both read the same word side by side, and give both answers."""

from __future__ import annotations

import numpy as np

from carrybit.machines.alphabet import same_alphabet
from carrybit.machines.machine import Machine
from carrybit.machines.naming import distinct


def product(one: Machine, other: Machine) -> Machine:
    """Return the machine whose states are the pairs of states that some word leads to.

    A state is called "a, b", an answer "x / y". Pairs are numbered as words reach them, the shortest first; answers
    are those that are given, in the order of the answers of ``one``.

    Raises
    ------
    UsageError
        The machines have not the same symbols.
    """
    other = same_alphabet(other, one.symbols)
    number = {(one.start, other.start): 0}
    moves = []
    for p, q in (pairs := [(one.start, other.start)]):  # which grows meanwhile
        row = list(zip(one.moves[p].tolist(), other.moves[q].tolist(), strict=True))
        for after in row:
            if after not in number:
                number[after] = len(pairs)
                pairs.append(after)
        moves.append([number[after] for after in row])
    first, second = (list(states) for states in zip(*pairs, strict=True))
    codes = one.outputs[first] * len(other.answers) + other.outputs[second]  # (S, A)
    given, outputs = np.unique(codes, return_inverse=True)
    both = (divmod(code, len(other.answers)) for code in given.tolist())
    return Machine(
        states=distinct([f"{one.states[p]}, {other.states[q]}" for p, q in pairs]),
        symbols=one.symbols,
        answers=distinct([f"{one.answers[x]} / {other.answers[y]}" for x, y in both]),
        moves=np.array(moves),
        outputs=outputs.reshape(codes.shape),
    )
