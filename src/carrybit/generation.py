"""Generation: a network goes on with a text, one character or word after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from carrybit import checks, randomness
from carrybit.data import reading
from carrybit.data.features import Category
from carrybit.errors import SettingError, UsageError
from carrybit.network import Network
from carrybit.params import Array
from carrybit.tasks.data import DataTask

LONGEST = 10**9
CLINGS = set(".,;:!?)]}%’”…")  # signs that follow a word without a gap


def continue_text(
    network: Network, task: DataTask, text: str, length: int = 200, temperature: float = 1.0, seed: int = 0
) -> Iterator[str]:
    """Go on with a text, symbol by symbol; what is joined behind ``text`` is the whole.

    Parameters
    ----------
    text : str
        How it begins: one character or word, or more.
    length : int
        Characters or words to add.
    temperature : float
        0 takes the likeliest; 1 draws by the network's own probabilities; more is wilder.
    seed : int
        Of the draws: the same seed goes on in the same way.

    Raises
    ------
    UsageError
        The network was not trained on text, or the beginning has something that it never saw.
    """
    if task.unit is None:
        raise UsageError(f"a network for {task.title}", "one that was trained on text", "predict answers a file")
    checks.whole("length", length, 1, LONGEST, 200)
    checks.whole("seed", seed, 0, 2**64 - 1, 0)
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or not 0 <= temperature < math.inf:
        raise SettingError("temperature", temperature, "a finite number, 0 or above", 1.0)
    (symbols,) = task.encoding.inputs
    assert isinstance(symbols, Category)
    begun = reading.units(text, task.unit)
    if not len(begun):
        raise UsageError("a beginning without a " + task.unit, f"one {task.unit} or more", "give a few to begin with")
    places = symbols.places(begun, is_strict=True)
    return _go_on(network, task.unit, symbols, places.tolist(), length, float(temperature), seed)


def _go_on(
    network: Network, unit: str, symbols: Category, places: list[int], length: int, temperature: float, seed: int
) -> Iterator[str]:
    one_hot = np.eye(symbols.width)
    layer_2, memory = network.step(one_hot[places[0]], None)
    for place in places[1:]:
        layer_2, memory = network.step(one_hot[place], memory)
    for number in range(length):
        word = randomness.words(seed, "generation", number, 1, 1)[0]
        thrown = (float(randomness.uniform(word)[0]) + 1) / 2  # [0, 1)
        place = draw(layer_2[: len(symbols.known)], temperature, thrown)  # what is rare has no name to be said by
        said = symbols.categories[place]
        yield said if unit == "character" or said in CLINGS else f" {said}"
        layer_2, memory = network.step(one_hot[place], memory)


def draw(probability: Array, temperature: float, thrown: float) -> int:
    """Return one of some places (K,): the likeliest at temperature 0, else the one that a number in [0, 1) falls on.

    Their probabilities are taken to the power of 1 / temperature, and need not sum to 1.
    """
    if not np.isfinite(probability).all():
        raise UsageError("an answer that is no finite number", "a network whose answers are finite", "train it anew")
    if temperature == 0:
        return int(probability.argmax())
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        power = np.log(probability.astype(np.float64))
        power = np.exp((power - power.max()) / temperature)
    bounds = np.cumsum(np.nan_to_num(power))
    return int(np.searchsorted(bounds, thrown * bounds[-1], side="right"))
