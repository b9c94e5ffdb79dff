"""Song: given each word of a song, say the next."""

from __future__ import annotations

import numpy as np

from carrybit import checks
from carrybit.machines.machine import Machine
from carrybit.tasks.symbols import DEFAULTS, SymbolTask

UNITS = ("word", "letter")
SINGING = {"hidden_dim": 64, "start": 0.12, "learning_rate": 0.003, "batch_size": 1}  # every sample is the same
SONGS = {
    # after the tutorial, part 2: the same two words go on in two ways
    "love": "I love you and I love carrots",
    # English nursery rhyme, printed in 1852
    "boat": "row row row your boat gently down the stream merrily merrily merrily merrily life is but a dream",
    # "The Star", Jane Taylor 1806, first and second verse
    "star": """
        twinkle twinkle little star how I wonder what you are up above the world so high like a diamond in the sky
        twinkle twinkle little star how I wonder what you are
        when the blazing sun is gone when he nothing shines upon then you show your little light twinkle twinkle all
        the night twinkle twinkle little star how I wonder what you are""",
}


def song(title: str = "love", unit: str = "word", length: int | None = None) -> SymbolTask:
    """Sing: hear one word (or letter) of a song, say the next, over and over.

    The same words may go on in two ways ("I love you", "I love carrots"), so one has to know where in the song one is.
    As a machine: a ring of places, as long as the song; a word that is not the next one skips ahead to where it comes
    next. The network only ever hears the song as it is, from its beginning.

    Parameters
    ----------
    title : {"love", "boat", "star"}
    unit : {"word", "letter"}
        What comes at a step; letters are small, with _ between words.
    length : int, or None for the song twice and its first words again
    """
    checks.one_of("title", title, SONGS)
    checks.one_of("unit", unit, UNITS)
    words = SONGS[title].split()
    sung = words if unit == "word" else list("_".join([*words, ""]).lower())
    symbols = tuple(dict.fromkeys(sung))
    numbers = np.array([symbols.index(each) for each in sung])  # (S,)
    places = np.arange(len(sung))
    ahead = (places[None, :] - places[:, None]) % len(sung)  # how far from a place to another, (S, S)
    skips = np.stack([np.where(numbers == a, ahead, len(sung)).argmin(axis=1) for a in range(len(symbols))], axis=1)
    moves = (skips + 1) % len(sung)  # (S, A): the place behind the word
    likely = np.zeros(moves.shape)
    likely[places, numbers] = 1
    length = 2 * len(sung) + 2 if length is None else length
    return SymbolTask(
        name="song",
        machine=Machine(
            states=tuple(f"{place} before {each}" for place, each in enumerate(sung)),
            symbols=symbols,
            answers=symbols,
            moves=moves,
            outputs=numbers[moves],
        ),
        length=length,
        example=("" if unit == "letter" else " ").join(sung[:8]),
        title=f"the song {title!r} by {unit}s",
        settings={"title": title, "unit": unit, "length": length},
        likely=likely,
        defaults=DEFAULTS | SINGING,
    )
