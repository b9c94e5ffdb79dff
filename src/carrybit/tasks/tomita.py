"""Tomita's seven languages: whether the word so far belongs to one."""

from __future__ import annotations

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import SymbolTask

# for each language: what it is, then its states as (name, whether a word that ends here belongs, after 0, after 1)
LANGUAGES = {
    1: ("only ones", [("only ones", True, 1, 0), ("a zero was there", False, 1, 1)]),
    2: ("10 again and again", [("between pairs", True, 2, 1), ("inside a pair", False, 0, 2), ("broken", False, 2, 2)]),
    3: (
        "no odd run of zeros right after an odd run of ones",
        [
            ("even ones", True, 0, 1),
            ("odd ones", True, 2, 0),
            ("odd zeros after odd ones", False, 3, 4),
            ("even zeros after odd ones", True, 2, 1),
            ("broken", False, 4, 4),
        ],
    ),
    4: (
        "no three zeros in a row",
        [("no zero", True, 1, 0), ("one zero", True, 2, 0), ("two zeros", True, 3, 0), ("three zeros", False, 3, 3)],
    ),
    5: (
        "an even number of zeros, and of ones",
        [
            ("both even", True, 1, 2),
            ("zeros odd", False, 0, 3),
            ("ones odd", False, 3, 0),
            ("both odd", False, 2, 1),
        ],
    ),
    6: (
        "zeros and ones differ by a multiple of three",
        [("no difference", True, 2, 1), ("one more 1", False, 0, 2), ("one more 0", False, 1, 0)],
    ),
    7: (
        "zeros, ones, zeros, ones, each run of any length",
        [
            ("first zeros", True, 0, 1),
            ("first ones", True, 2, 1),
            ("second zeros", True, 2, 3),
            ("second ones", True, 4, 3),
            ("broken", False, 4, 4),
        ],
    ),
}


def tomita(language: int = 5, length: int = 16) -> SymbolTask:
    """Say at every step whether the word so far belongs to one of Tomita's seven languages.

    The yardstick of learning machines from sequences since 1982: (1) only ones; (2) 10 again and again; (3) no odd run
    of zeros right after an odd run of ones; (4) no three zeros in a row; (5) an even number of zeros and of ones; (6)
    zeros and ones differ by a multiple of three; (7) zeros, ones, zeros, ones. As machines they have two to five
    states, some with a trap: once broken, broken for ever.

    Parameters
    ----------
    language : int, 1 to 7
    length : int, 1 to 100,000

    Source: Tomita 1982, "Dynamic construction of finite automata from examples using hill-climbing".
    """
    checks.whole("language", language, 1, len(LANGUAGES), 5)
    title, states = LANGUAGES[language]
    names, belongs, after_0, after_1 = zip(*states, strict=True)
    moves = np.stack([after_0, after_1], axis=1)
    return SymbolTask(
        name="tomita",
        machine=Machine(
            states=names,
            symbols=("0", "1"),
            answers=("no", "yes"),
            moves=moves,
            outputs=np.array(belongs).astype(int)[moves],
        ),
        length=length,
        example={1: "1110", 2: "101011"}.get(language, "10010"),
        title=f"Tomita {language}, {title}",
        settings={"language": language, "length": length},
    )
