"""The log of 2015: from the program, from the example, and the two held together."""

import contextlib
import io
import itertools
from pathlib import Path

import numpy as np
import pytest

from carrybit.config import TrainConfig
from carrybit.errors import SettingError
from carrybit.reproduction import first_state, layout, reproduce
from carrybit.tasks.addition import addition

ROOT = Path(__file__).parent.parent
GOLDEN = (Path(__file__).parent / "golden" / "tutorial_log.txt").read_text()
EXAMPLE = (ROOT / "examples" / "01_tutorial.py").read_text()


def example(**changes):
    """Run the example with some of its numbers changed; return what it prints and the weights it ends with."""
    source = EXAMPLE
    written = {
        "seed": "np.random.seed(0)",
        "bits": "binary_dim = 8",
        "alpha": "alpha = 0.1",
        "hidden": "input_dim, hidden_dim, output_dim = 2, 16, 1",
        "updates": "updates = 10000",
        "every": "j % 1000 == 0",
    }
    for name, value in changes.items():
        assert source.count(written[name]) == 1
        new = {"hidden": f"input_dim, hidden_dim, output_dim = 2, {value}, 1", "seed": f"np.random.seed({value})"}
        source = source.replace(written[name], new.get(name, f"{written[name].split(' = ')[0]} = {value}"))
    printed, names = io.StringIO(), {}
    options = np.get_printoptions()
    state = np.random.get_state()
    try:
        with contextlib.redirect_stdout(printed):
            exec(source, names)
    finally:
        np.set_printoptions(**{**options, "legacy": False})
        np.random.set_state(state)
    return printed.getvalue(), {name: names[name] for name in ("synapse_0", "synapse_h", "synapse_1")}


def program(config, every=1000):
    lessons = list(reproduce(config))
    log = "".join(layout(lesson) + "\n" for lesson in lessons if lesson.update % every == 0)
    return log, lessons[-1].state.network.params.arrays()


def test_the_example_prints_the_log_of_2015():
    assert example()[0] == GOLDEN


def test_the_program_prints_the_log_of_2015():
    assert program(TrainConfig())[0] == GOLDEN


@pytest.mark.parametrize(
    ("seed", "hidden", "alpha", "bits"),
    [(1, 16, 0.1, 8), (0, 1, 0.1, 8), (7, 5, 1.0, 8), (2, 32, 0.5, 8), (3, 16, 0.1, 4), (4, 16, 0.1, 12)]
    + [(5, 8, 0.01, 1), (6, 3, 5.0, 2), (8, 16, 0.1, 33), (9, 4, 0.1, 40), (10, 4, 0.1, 64)],
)
def test_the_program_and_the_example_agree_for_other_numbers(seed, hidden, alpha, bits):
    updates = 2500 if bits <= 12 else 1001
    log, weights = example(seed=seed, hidden=hidden, alpha=alpha, bits=bits, updates=updates)
    config = TrainConfig(seed=seed, hidden_dim=hidden, learning_rate=alpha, task=addition(bits), updates=updates)
    our_log, our_weights = program(config)
    assert our_log == log
    for name, array in weights.items():
        np.testing.assert_array_equal(our_weights[name], array, err_msg=name)


def test_the_first_state_is_the_one_that_the_first_lesson_begins_from():
    config = TrainConfig(seed=6, updates=1)
    _, drawn = example(seed=6, updates=0)
    for name, array in first_state(config).network.params.arrays().items():
        np.testing.assert_array_equal(array, drawn[name])


def test_every_width_adds_rightly():
    for bits in (1, 3, 7, 8, 9, 31, 32, 33, 63, 64):
        for lesson in itertools.islice(reproduce(TrainConfig(task=addition(bits))), 20):
            a, b = lesson.operands
            assert max(a, b) < 2 ** (bits - 1)
            assert sum(int(bit) << t for t, bit in enumerate(lesson.target)) == a + b


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": addition(65)},
        {"seed": 2**32},
        {"task": addition(8, 3)},
        {"task": "parity"},
        {"bias": True},
        {"optimizer": "adam"},
    ],
    ids=str,
)
def test_what_the_tutorial_could_not_do_is_refused(wrong):
    with pytest.raises(SettingError):
        next(reproduce(TrainConfig(**wrong)))


def test_the_global_random_state_is_left_alone():
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    list(reproduce(TrainConfig(updates=5)))
    np.testing.assert_array_equal(np.random.get_state()[1], before)
