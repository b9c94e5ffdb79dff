"""The walk as data and as text: every number that it says is the trace's, and so is every sum."""

import re
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from carrybit.caption import Caption
from carrybit.errors import UsageError
from carrybit.network import Network
from carrybit.spec import ACTIVATION_NAMES, LOSS_NAMES, RECURRENCES, Spec
from carrybit.tracing import trace
from carrybit.walk import checking
from carrybit.walk.cells import bars, blocks, rising, scaled, shades
from carrybit.walk.numbers import exact, short, written
from carrybit.walk.plain import listing
from carrybit.walk.script import script

NETWORKS = range(24)
NUMBER = r"-?(?:\d+\.?\d*(?:e[+-]\d+)?|inf|nan)"
ROUNDED = 6e-3  # relative: three digits


def drawn(number, steps=5, hidden=None, outputs=None):
    """The trace of a random network: both recurrences, biases on and off, all losses and activations, in turn."""
    random = np.random.default_rng(number)
    spec = Spec(
        input_dim=int(random.integers(1, 6)),
        hidden_dim=hidden or int(random.integers(1, 12)),
        output_dim=outputs or int(random.integers(1, 6)) + (number // 4 % 4 == 2),
        recurrence=RECURRENCES[number % 2],
        bias=number // 2 % 2 == 1,
        loss=LOSS_NAMES[number // 4 % 4],
        activation=ACTIVATION_NAMES[number % 3],
    )
    network = Network.first(spec, number, "reference", start=0.4)
    shaken = network.params.map(lambda array: array + 0.3 * random.normal(size=array.shape))
    layer_0 = random.normal(size=(1, steps, spec.input_dim))
    targets = random.dirichlet(np.ones(spec.output_dim), size=(1, steps)) * (0.7 if number % 6 == 5 else 1)
    mask = random.random((1, steps)) < 0.7 if number % 4 == 3 else None
    memory = random.normal(size=(1, spec.memory_dim)) if number % 5 == 4 else None
    return trace(Network(spec, shaken, "reference"), layer_0, targets, mask, memory)


def value(text):
    """What a sum says: products, numbers, and what is left out as one number."""
    text = re.sub(r"… \(\d+ more: (.+?)\)", r"\1", text).replace("·", "*").replace("½", "0.5").replace("²", "**2")
    assert re.fullmatch(r"[\d\s.e+\-*()]+", text), text
    return eval(text)


def near(number):
    return pytest.approx(number, rel=ROUNDED, abs=1e-9)


def sums(text):
    """The sizes of the terms of a sum: how far three digits of each can lead astray."""
    return sum(abs(value(term)) for term in re.sub(r"… \(\d+ more: (.+?)\)", r"\1", text).split(" + "))


def scenes(made, stop):
    return [scene for scene in script(made, 0.1) if scene.stop == stop]


def test_a_walk_goes_there_and_back_and_then_the_weights_change():
    walk = script(drawn(3, steps=2), 0.1)
    there = [(t, "forward", stop) for t in (0, 1) for stop in ("layer_1", "layer_2", "layer_2_error")]
    back = [(t, "backward", stop) for t in (1, 0) for stop in ("d_pre_2", "d_layer_1", "gradient")]
    assert [(s.step, s.way, s.stop) for s in walk] == [*there, *back, (0, "update", "update")]
    assert [s.number for s in walk] == list(range(len(walk)))
    assert walk[-1].stop == "update"
    with pytest.raises(IndexError):
        walk[13]


def test_a_trace_of_more_sequences_is_refused():
    made = drawn(0)
    twice = trace(Network(made.spec, made.params), np.repeat(made.layer_0, 2, 0), np.repeat(made.targets, 2, 0))
    with pytest.raises(UsageError, match="2 sequences"):
        script(twice)


@pytest.mark.parametrize("number", NETWORKS)
@pytest.mark.parametrize("terms", [1, 4])
def test_what_makes_the_hidden_layer_is_the_trace_s(number, terms):
    made = drawn(number)
    for scene in scenes(made, "layer_1"):
        for unit in range(scene.units):
            first, second = scene.numbers(unit, terms)
            name = made.spec.activation
            inside = re.fullmatch(rf"layer_1\[{unit}\] = {name}\((.*)\)", first)[1]
            arrives, held = re.fullmatch(rf" +(?== )= {name}\(({NUMBER})\) = ({NUMBER})", second).groups()
            assert float(arrives) == near(made.pre_1[0, scene.step, unit])
            assert float(held) == near(made.layer_1[0, scene.step + 1, unit])
            assert value(inside) == pytest.approx(made.pre_1[0, scene.step, unit], abs=2 * ROUNDED * sums(inside))


@pytest.mark.parametrize("number", NETWORKS)
def test_what_makes_the_answer_is_the_trace_s(number):
    made = drawn(number)
    for scene in scenes(made, "layer_2"):
        for output in range(scene.units):
            first, second = scene.numbers(output, 2)
            inside = re.fullmatch(r"layer_2\[\d+\] = (?:(?:sigmoid|exp)\((.*?)\)(?: / Σ exp)?|(.*))", first)
            inside = inside[1] or inside[2]
            pre_2 = made.pre_2[0, scene.step, output]
            assert value(inside) == pytest.approx(pre_2, abs=2 * ROUNDED * sums(inside))
            assert float(second.rsplit("= ", 1)[1]) == near(made.layer_2[0, scene.step, output])
            if share := re.search(rf"exp\(({NUMBER})\) / Σ exp = ({NUMBER}) / ({NUMBER}) =", second):
                assert made.spec.loss == "softmax_cross_entropy"
                assert float(share[1]) == near(pre_2)
                assert float(share[2]) / float(share[3]) == pytest.approx(made.layer_2[0, scene.step, output], rel=0.02)
            else:
                assert made.spec.loss != "softmax_cross_entropy"


@pytest.mark.parametrize("number", NETWORKS)
def test_errors_and_losses_are_the_trace_s(number):
    made = drawn(number)
    for scene in scenes(made, "layer_2_error"):
        t = scene.step
        for output in range(scene.units):
            first, second = scene.numbers(output)
            if not made.mask[0, t]:
                assert "does not count" in first and second == "loss = 0"
                continue
            goal, answer, error = re.fullmatch(
                rf"layer_2_error\[{output}\] = ({NUMBER}) - \(?({NUMBER})\)? = ({NUMBER})", first
            ).groups()
            assert float(goal) == near(made.targets[0, t, output])
            assert float(answer) == near(made.layer_2[0, t, output])
            assert float(error) == near(made.layer_2_error[0, t, output])
            assert float(second.rsplit("= ", 1)[1]) == near(made.loss[0, t])
            parts = re.findall(rf"({NUMBER})·ln ({NUMBER})", second)
            if parts:
                told = -sum(float(goal) * np.log(float(chance)) for goal, chance in parts)
                assert told == pytest.approx(made.loss[0, t], rel=0.02, abs=0.005)
            elif "½" in second:
                assert value(second.split(" = ")[1]) == pytest.approx(made.loss[0, t], rel=0.02)


@pytest.mark.parametrize("number", NETWORKS)
def test_the_derivative_at_the_answer_is_the_trace_s(number):
    made = drawn(number)
    for scene in scenes(made, "d_pre_2"):
        for output in range(scene.units):
            (line,) = scene.numbers(output)
            if not made.mask[0, scene.step]:
                assert "does not count" in line
                continue
            product, total = re.fullmatch(rf"d_pre_2\[{output}\] = (.*) = ({NUMBER})", line).groups()
            right = made.d_pre_2[0, scene.step, output]
            assert float(total) == near(right)
            assert value(product) == pytest.approx(right, rel=0.03, abs=0.01)
            if made.spec.loss == "squared_error":
                assert "· (1 - " in line


@pytest.mark.parametrize("number", NETWORKS)
def test_the_derivative_of_the_memory_is_the_answer_now_and_the_memory_later_through_the_slope(number):
    made = drawn(number)
    for scene in scenes(made, "d_layer_1"):
        t, is_last = scene.step, scene.step == made.time - 1
        for unit in range(scene.units):
            lines = scene.numbers(unit, 2)
            now = lines[0].split("answer now")[1]
            later = [
                line.split("memory later")[1].split(":")[0] for line in lines if "memory later" in line and is_last
            ]
            later = later or [line.split("memory later")[1] for line in lines if "memory later" in line]
            assert len(later) == (made.spec.recurrence == "hidden")
            for told in later:
                right = 0 if is_last else made.d_past[0, t + 1, unit]
                assert value(told) == pytest.approx(right, abs=2 * ROUNDED * sums(told) + 1e-12)
            whole, d_pre_1 = made.d_layer_1[0, t + 1, unit], made.d_pre_1[0, t, unit]
            reach = 2 * ROUNDED * (sums(now) + sum(map(sums, later))) + 1e-12
            assert value(now) + sum(map(value, later)) == pytest.approx(whole, abs=reach)
            assert float(lines[-2].split("= ")[1]) == near(whole)
            product, total = re.fullmatch(rf"d_pre_1\[{unit}\] *= (.*) = ({NUMBER})", lines[-1]).groups()
            assert float(total) == near(d_pre_1)
            assert value(product) == pytest.approx(d_pre_1, rel=0.03, abs=abs(whole) * 0.01 + 1e-12)


@pytest.mark.parametrize("number", NETWORKS)
def test_what_a_step_adds_and_what_is_assembled_so_far_are_the_trace_s(number):
    made = drawn(number)
    for scene in scenes(made, "gradient"):
        added = made.contributions(scene.step, scene.step + 1).arrays()
        so_far = made.assembled(scene.step).arrays()
        for unit in range(scene.units):
            lines = scene.numbers(unit)
            assert [line.split("[")[0] for line in lines] == [
                f"d_{name}" for name in ("synapse_0", "synapse_h", "synapse_1", "bias_1", "bias_2") if name in added
            ]
            for line in lines:
                name, place, middle, total = re.fullmatch(
                    rf"d_(\w+)\[([\d,]+)\] +\+= (.*?) +so far ({NUMBER})", line
                ).groups()
                place = tuple(map(int, place.split(",")))
                assert float(middle.split("= ")[-1]) == near(added[name][0][place])
                assert value(middle.split(" = ")[0]) == pytest.approx(added[name][0][place], rel=0.02, abs=1e-12)
                assert float(total) == near(so_far[name][place])


@pytest.mark.parametrize("number", NETWORKS)
def test_the_gradient_assembles_as_the_trace_s(number):
    made = drawn(number)
    for scene in scenes(made, "d_pre_2") + scenes(made, "gradient"):
        since = scene.step + (scene.stop != "gradient")
        steps = made.contributions(since)
        right = steps.map(lambda added: added.sum(axis=0)).arrays()
        for name, array in scene.so_far().arrays().items():
            np.testing.assert_allclose(array, right[name], rtol=1e-10, atol=1e-14)
    for name, array in made.assembled(0).arrays().items():
        np.testing.assert_allclose(array, made.gradient.arrays()[name], rtol=1e-10, atol=1e-14)


def test_the_update_is_gradient_descent_and_without_a_rate_the_gradient_is_ready():
    made = drawn(2)
    for line in script(made, 0.25)[-1].numbers():
        name, place, before, slope, after = re.fullmatch(
            rf"(\w+)\[([\d,]+)\] = ({NUMBER}) - 0.25 · \(?({NUMBER})\)? = ({NUMBER})", line
        ).groups()
        place = tuple(map(int, place.split(",")))
        weight, d_weight = made.params.arrays()[name][place], made.gradient.arrays()[name][place]
        assert float(before) == pytest.approx(weight, rel=1e-6)
        assert float(slope) == near(d_weight)
        assert float(after) == pytest.approx(weight - 0.25 * d_weight, rel=1e-6)
    ready = script(made)[-1]
    assert "ready" in ready.title and "learning_rate" not in ready.code
    assert all(line.startswith("d_") for line in ready.numbers())


def test_the_code_is_the_tutorial_s_and_follows_the_network():
    plain, biased = script(drawn(0)), script(drawn(3))
    assert plain[0].code == "layer_1 = sigmoid(np.dot(X, synapse_0) + np.dot(prev_layer_1, synapse_h))"
    assert biased[0].code == "layer_1 = sigmoid(np.dot(X, synapse_0) + np.dot(prev_X, synapse_h) + bias_1)"
    assert biased[0].formula == "h₀ = σ(a₀),  a₀ = x₀ W₀ + x₋₁ W_h + b₁"
    assert plain[2].code == "layer_2_error = y - layer_2"
    tanh, relu = script(drawn(4)), script(drawn(2))
    assert "np.tanh" in tanh[0].code and "1 - layer_1 ** 2" in tanh[16].code
    assert "relu" in relu[0].code and "layer_1 > 0" in relu[16].code
    for number in NETWORKS:
        for scene in script(drawn(number), 0.1):
            assert ("bias" in scene.code) <= scene.trace.spec.bias
            assert scene.title and scene.formula


def test_the_sign_convention_is_said_once():
    walk = script(drawn(1))
    assert [scene.number for scene in walk if scene.note] == [15]
    assert "negative" in walk[15].note


def test_the_unit_with_the_most_going_on_is_looked_at_first():
    made = drawn(9, hidden=7)
    walk = script(made)
    assert walk[6].unit == np.abs(made.layer_1[0, 3] - made.layer_1[0, 2]).argmax()
    assert walk[7].unit == made.layer_2[0, 2].argmax()
    assert walk[16].unit == np.abs(made.d_pre_1[0, 4]).argmax()


def test_a_sum_is_true_however_little_of_it_is_written():
    random = np.random.default_rng(0)
    factors, weights = random.normal(size=(2, 40))
    for most in range(42):
        text = written(factors, weights, most, always=1)
        assert value(text) == pytest.approx(factors @ weights, abs=ROUNDED * sums(text))
        assert text.startswith(short(factors[0]))
        assert text.count("·") == (40 if most >= 38 else most + 1)


def test_numbers_are_short_and_what_is_close_to_1_says_how_close():
    assert [short(x) for x in (0.12345, -0.0, 1730.4, 2.5e6, float("nan"))] == ["0.123", "0", "1730", "2.5e+06", "nan"]
    assert [exact(x) for x in (0.5, 1.0, 0.999264, -0.99954, 1 - 1e-15)][:4] == ["0.5", "1", "0.999264", "-0.999540"]
    assert exact(1 - 1e-15) == "1.000000000"


def test_bars_and_shades_are_as_high_and_as_dark_as_their_numbers():
    assert bars(np.array([0, 0.5, 1, 2, np.nan])) == "▁▄██?"
    assert rising(np.array([1, 0, -1, -0.5, np.nan])) == ("█·  ?", "  █▀ ")
    assert shades(np.array([0, 0.1, 0.3, 0.6, 1])) == "·░▒▓█"
    assert (blocks(np.arange(-6, 0).reshape(2, 3), 1, 2) == [[6, 5]]).all()
    assert scaled(np.array([2.0, -4.0])).tolist() == [0.5, -1]
    assert scaled(np.zeros(2)).tolist() == [0, 0]


@pytest.mark.parametrize("number", NETWORKS)
def test_a_check_agrees_with_every_derivative_and_with_none_that_is_wrong(number):
    made = drawn(number, steps=3)
    wrong = replace(made, gradient=made.gradient.map(lambda array: array + 0.01), d_pre_1=made.d_pre_1 + 0.01)
    for name in (*made.params.arrays(), "pre_1"):
        for place in np.ndindex(made.arrays()[name].shape):
            assert checking.check(made, name, place).agrees, (name, place)
            assert not checking.check(wrong, name, place).agrees, (name, place)
    assert str(checking.check(made, "synapse_0", (0, 0))).startswith("✓ d_synapse_0[0,0] = ")
    assert str(checking.check(wrong, "pre_1", (0, 1, 0))).startswith("✗ NOT THE SAME: d_pre_1[0] at step 1 = ")


def test_a_person_writes_a_place_in_many_ways():
    made = drawn(2, hidden=5)
    for entry in ("synapse_h 3 4", " d_synapse_h[3, 4] ", "synapse_h 3,4", "synapse_h(3)(4)"):
        assert checking.read(made, entry) == ("synapse_h", (3, 4))
    assert checking.read(made, "layer_1 -1 2") == ("layer_1", (0, 0, 2))
    assert checking.read(made, "layer_1 4 2") == ("layer_1", (0, 5, 2))
    assert checking.read(made, "pre_1 4 2") == ("pre_1", (0, 4, 2))
    assert checking.read(made, "bias_1 2") == ("bias_1", (2,))


@pytest.mark.parametrize(
    "entry",
    ["", "   ", "synapse_9 1 1", "synapse_h", "synapse_h 3", "synapse_h 3 4 5", "synapse_h 5 0", "synapse_h 0 -1",
     "synapse_h x y", "synapse_h 1.5 2", "layer_1 5 0", "layer_1 -2 0", "pre_1 -1 0", "[bold]", "\x1b[31m 1 1",
     "synapse_h 99999999999999999999 0", "bias_1 ٣", "synapse_h ² 1"],
)  # fmt: skip
def test_what_is_no_place_is_refused_with_what_is(entry):
    with pytest.raises(UsageError) as refused:
        checking.read(drawn(2, hidden=5), entry)
    assert checking.read(drawn(2, hidden=5), refused.value.fix)


@pytest.mark.parametrize("number", NETWORKS)
def test_a_listing_has_every_step_there_and_back_and_its_numbers(number):
    made = drawn(number, hidden=40 if number % 5 == 0 else None)
    lines = list(listing(made, 0.1))
    turn = next(k for k, line in enumerate(lines) if line.startswith("←"))
    end = next(k for k, line in enumerate(lines) if "gradient  " in line)
    there = [line for line in lines[:turn] if re.match(r" +\d+  ", line)]
    assert [int(line.split()[0]) for line in there] == list(range(5))
    for t, line in enumerate(there):
        assert float(line.split()[-1]) == near(made.loss[0, t])
        assert ("not asked" in line) == (not made.mask[0, t])
    back = [k for k in range(turn, end) if re.match(r" +\d+  ", lines[k])]
    assert [int(lines[k].split()[0]) for k in back] == [4, 3, 2, 1, 0]
    names = list(made.params.arrays())
    for k, t in zip(back, (4, 3, 2, 1, 0), strict=True):
        added, so_far = made.contributions(t, t + 1).arrays(), made.assembled(t).arrays()
        for line, word, arrays in ((lines[k], "adds", added), (lines[k + 1], "so far", so_far)):
            told = line.split(word)[1].split()
            assert [float(text) for text in told] == [near(np.linalg.norm(arrays[name])) for name in names]
    final = [line for line in lines[end:] if "✓" in line]
    assert [line.split()[0] for line in final] == names
    assert not any("✗" in line for line in lines[end:])


def test_the_listing_of_a_sum_is_aligned():
    made = drawn(0, hidden=16)
    lines = list(listing(made))
    rows = [line for line in lines if re.match(r" +\d  .*[▁▂▃▄▅▆▇█]", line)]
    head = next(line for line in lines if "hidden layer  " in line)
    assert len({len(row) for row in rows[:5]}) == 1
    assert all(re.search("[▁▂▃▄▅▆▇█]", row).start() == head.index("hidden layer") for row in rows[:5])


def test_a_wide_layer_is_folded_and_a_very_wide_one_is_shown_in_blocks():
    folded = list(listing(drawn(0, hidden=64)))
    assert max(len(re.findall("[▁▂▃▄▅▆▇█]", line)) for line in folded) == 32
    wide = list(listing(drawn(0, steps=2, hidden=300)))
    assert sum("cell is the" in line for line in wide) == 2
    assert max(len(re.findall("[▁▂▃▄▅▆▇█]", line)) for line in wide) == 32


def test_a_long_listing_streams():
    made = drawn(0, steps=2000)
    assert len(list(islice(listing(made), 12))) == 12
    assert sum(1 for _ in listing(made)) > 6000


def test_a_wrong_derivative_is_seen_in_the_listing():
    made = drawn(0)
    wrong = replace(made, gradient=made.gradient.map(lambda array: array + 0.01))
    assert sum("✗ DIFFERS" in line for line in listing(wrong)) == 3


def test_a_caption_commands_no_terminal():
    made = drawn(0)
    mean = "\x1b[31m\n[bold]\u202e漢\x00"
    caption = Caption(
        title=mean, rows=((mean, (mean,) * 5),), answers=(mean,) * 5, truth=(mean,) * 5, right=(True,) * 5,
        memory=mean, states=(mean,) * 6, inputs=(mean,), outputs=(mean,) * 9, steps=mean,
    )  # fmt: skip
    for line in listing(replace(made, captions=(caption,))):
        assert line.isprintable(), line


def test_numbers_that_left_the_finite_ones_are_shown_as_they_are():
    made = drawn(7)
    with np.errstate(all="ignore"):
        broken = Network(made.spec, made.params.map(lambda array: array * 1e200), "reference")
        lost = trace(broken, made.layer_0 * 1e200, made.targets)
    assert not np.isfinite(lost.pre_1).all()
    text = "\n".join(listing(lost, 0.1)) + "\n".join(line for scene in script(lost, 0.1) for line in scene.numbers())
    assert "inf" in text or "nan" in text
