"""The figure of a machine, by what it contains."""

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.patches import Circle, FancyArrowPatch  # noqa: E402

from carrybit import figures  # noqa: E402
from carrybit.errors import UsageError  # noqa: E402
from carrybit.figures import curves  # noqa: E402
from carrybit.figures.sketch import MOST_ARROWS, MOST_NAMED, sketch  # noqa: E402
from carrybit.figures.states import draw_machine, size  # noqa: E402
from carrybit.machines.machine import Machine  # noqa: E402
from carrybit.tasks.addition import addition  # noqa: E402


def machine(states, symbols, answers, step):
    """A machine from a function of a state's and a symbol's number to the next state's and the answer's."""
    states = tuple(states)
    table = np.array([[step(s, a) for a in range(len(symbols))] for s in range(len(states))], dtype=int)
    return Machine(states, tuple(symbols), tuple(answers), table[..., 0], table[..., 1])


def counting(modulus):
    return machine(map(str, range(modulus)), "01", "ny", lambda s, a: ((s + a) % modulus, (s + a) % modulus == 0))


def recall(bits):
    names = [format(s, f"0{bits}b") for s in range(2**bits)]
    return machine(names, "01", "01", lambda s, a: ((2 * s + a) % 2**bits, s >> (bits - 1)))


def brackets(depth):
    def step(s, a):
        after = s + 1 - 2 * a
        return (after, after == 0) if s <= depth and 0 <= after <= depth else (depth + 1, 0)

    return machine([*(f"depth {d}" for d in range(depth + 1)), "broken"], "()", ("no", "yes"), step)


def skipping(length):
    """A ring with some moves that skip a state, and a state that is never left."""

    def step(s, a):
        if s == length or a == 2:
            return length, 2
        return ((s + 1) % length, 0) if a == 0 else ((s + 2) % length if s % 5 == 0 else length, 1)

    return machine([*(f"step {s}" for s in range(length)), "lost"], "abc", "xyz", step)


def reset(states):
    """A ring in which b goes back to the first state."""
    return machine(map(str, range(states)), "ab", "ny", lambda s, a: (0 if a else (s + 1) % states, a))


def tree(depth):
    """Words of up to so many symbols; c takes the last symbol away."""
    words = [format(s + 1, "b")[1:] for s in range(2 ** (depth + 1) - 1)]

    def step(s, a):
        after = (s - 1) // 2 if a == 2 else 2 * s + 1 + a
        return (after, a) if 0 <= after < len(words) else (s, a)

    return machine(words, "abc", "xyz", step)


MACHINES = {
    "the adder": addition().machine,
    "four operands": addition(operands=4).machine,
    "counting to 5": counting(5),
    "four bits": recall(4),
    "brackets": brackets(3),
    "a ring with skips": skipping(30),
    "a ring of 31": counting(31),
    "a wheel": reset(12),
    "a tree": tree(2),
}


def drawn(machine, scale=1.0):
    width, height = size(machine)
    figure, ax = figures.blank(scale * width, scale * height)
    assert draw_machine(machine, ax) is ax
    return figure, ax


def texts(ax):
    return [text.get_text() for text in ax.texts]


def count(ax, kind):
    return sum(isinstance(patch, kind) for patch in ax.patches)


def test_the_adder_has_two_circles_and_five_arrows_that_say_what_is_read_and_answered():
    _, ax = drawn(addition().machine)
    assert sorted(texts(ax)) == sorted(
        ["carry 0", "carry 1", "00 / 0\n01, 10 / 1", "11 / 0", "00 / 1", "01, 10 / 0\n11 / 1"]
    )
    assert (count(ax, Circle), count(ax, FancyArrowPatch)) == (2, 4 + 1)  # the start has an arrow, too


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_no_two_words_meet(name, scale):
    figure, ax = drawn(MACHINES[name], scale)
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in ax.texts]
    assert len(boxes) > 5
    assert not [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


@pytest.mark.parametrize("name", MACHINES)
def test_every_word_is_on_the_page(name):
    figure, ax = drawn(MACHINES[name])
    figure.draw_without_rendering()
    for text in ax.texts:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text


@pytest.mark.parametrize("name", MACHINES)
def test_no_arrow_passes_through_a_circle(name):
    plan = sketch(MACHINES[name])
    seen = plan.centres[[name is not None for name in plan.names]]
    for curve in plan.arrows:
        far = np.hypot(*(curves.points(curve)[:, None] - seen).T)
        assert far.min() > plan.radius - 1e-6


def test_a_state_that_all_others_lead_to_is_the_hub_of_a_wheel():
    centres = sketch(reset(12)).centres
    assert np.ptp(np.hypot(*(centres[1:] - centres[0]).T)) < 1e-6


def test_the_states_of_a_tree_stand_above_those_that_they_lead_to():
    across, up = sketch(tree(2)).centres.T
    assert (np.diff(up)[[0, 2]] < 0).all() and len(set(up.round(6))) == 3
    np.testing.assert_allclose(across[[0, 1, 2]], (across[[1, 3, 5]] + across[[2, 4, 6]]) / 2)


def test_every_state_and_every_move_is_drawn_once():
    _, ax = drawn(recall(4))
    assert (count(ax, Circle), count(ax, FancyArrowPatch)) == (16, 32 + 1)
    assert len(set(texts(ax))) == 16 + 4  # names, and the four labels there are
    assert len(texts(ax)) == 16 + 32


def test_a_state_that_is_never_left_is_dashed():
    _, ax = drawn(brackets(3))
    assert [patch.get_linestyle() for patch in ax.patches if isinstance(patch, Circle)] == ["-"] * 4 + ["--"]


def test_moves_that_very_many_states_share_are_told_once():
    _, ax = drawn(skipping(30))
    assert "lost" not in texts(ax)
    assert "moves that are not drawn lead to lost / y or lost / z" in ax.get_title()
    assert count(ax, FancyArrowPatch) == 30 + 6 + 1


def test_the_one_move_that_is_unlike_the_others_is_still_drawn():
    corridor = machine(
        [*map(str, range(9)), "out"], "ab", ("no", "yes"), lambda s, a: (s + 1, s == 8) if a == 0 and s < 9 else (9, 0)
    )
    _, ax = drawn(corridor)
    assert "moves that are not drawn lead to out / no" in ax.get_title()
    assert "out" in texts(ax) and "a / yes" in texts(ax)
    assert count(ax, FancyArrowPatch) == 9 + 1


def test_dollars_are_drawn_as_they_stand():
    prices = machine(["$0", "$1", "sold $$"], ["$", "$$"], ["$x^2$", "no"], lambda s, a: (min(s + 1, 2), a))
    figure, ax = drawn(prices)
    figure.draw_without_rendering()  # as mathematics they would be no words, or an error
    assert {"$0", "sold $$", "$ / $x^2$\n$$ / no"} <= set(texts(ax))
    assert not any(text.get_parse_math() for text in [*ax.texts, ax.title])


def test_a_large_machine_is_drawn_without_words_and_says_so():
    _, ax = drawn(counting(MOST_NAMED + 1))
    assert not texts(ax)
    assert count(ax, Circle) == MOST_NAMED + 1
    assert ax.get_title() == "151 states, too many for names and labels"


def test_a_machine_that_would_blacken_the_page_is_refused():
    with pytest.raises(UsageError, match="at most 1,000"):
        size(counting(MOST_ARROWS // 2 + 1))
