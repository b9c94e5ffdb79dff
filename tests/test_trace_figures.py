"""The figures of a trace, by what they contain."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.collections import PatchCollection  # noqa: E402
from matplotlib.colors import to_rgb, to_rgba  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from carrybit import figures  # noqa: E402
from carrybit.attribution import attribute  # noqa: E402
from carrybit.config import TrainConfig  # noqa: E402
from carrybit.errors import ShapeError, UsageError  # noqa: E402
from carrybit.figures import (  # noqa: E402
    backward,
    columns,
    hues,
    layers,
    learning,
    provenance,
    scales,
    shrinking,
    space,
    synapses,
    unrolled,
)
from carrybit.network import Network  # noqa: E402
from carrybit.projection import project  # noqa: E402
from carrybit.spec import Spec  # noqa: E402
from carrybit.tasks.addition import addition  # noqa: E402
from carrybit.tasks.parity import parity  # noqa: E402
from carrybit.tasks.song import song  # noqa: E402
from carrybit.tracing import trace  # noqa: E402
from carrybit.watching import watch, watch_samples  # noqa: E402

SUMS, SONG = addition(bits=8), song()


def network(task=SUMS, **options):
    return Network.first(TrainConfig(task=task, **options).make_spec(), 3)


def plain(time=5, hidden_dim=4, batch=1, input_dim=2, output_dim=1, **options):
    """A trace of numbers alone."""
    spec = Spec(hidden_dim=hidden_dim, input_dim=input_dim, output_dim=output_dim, **options)
    draws = np.random.default_rng(5)
    layer_0 = draws.integers(0, 2, (batch, time, input_dim)).astype(float)
    return trace(Network.first(spec, 2), layer_0, np.ones((batch, time, output_dim)))


def overflown():
    """A trace of a network that has left the finite numbers, in all layers."""
    large = network(hidden_dim=4, activation="relu", loss="linear_squared_error")
    large = replace(large, params=large.params.map(lambda array: 1e200 * array))
    watched = watch(large, SUMS, "9 + 60")
    assert not any(np.isfinite(array).all() for array in (watched.layer_1, watched.layer_2, watched.d_pre_1))
    return watched


TRACES = {
    "a sum": lambda: watch(network(hidden_dim=6), SUMS, "9 + 60"),
    "a sum with input recurrence and tanh": lambda: watch(
        network(hidden_dim=5, activation="tanh", recurrence="input", bias=True), SUMS, "5 + 6"
    ),
    "a song": lambda: watch(
        network(SONG, hidden_dim=12, activation="tanh", loss="softmax_cross_entropy"), SONG, "I love you and I love"
    ),
    "relu and one step": lambda: watch(network(parity(), activation="relu"), parity(), "1"),
    "one unit and no words": lambda: plain(hidden_dim=1),
    "more symbols than circles": lambda: plain(input_dim=20, output_dim=18),
    "no finite numbers": overflown,
}


@cache
def made(name):
    return TRACES[name]()


@pytest.fixture
def added():
    return made("a sum")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def row(ax, head):
    """The cells right of a head, by where they stand."""
    (named,) = [text for text in ax.texts if text.get_text() == head]
    height = named.get_position()[1]
    cells = [text for text in ax.texts if text.get_position()[1] == height and text is not named]
    return [text.get_text() for text in sorted(cells, key=lambda text: text.get_position()[0])]


def on_axes(view, *given):
    _, ax = figures.blank(*view.size(given[0]))
    draw = getattr(view, f"draw_{view.__name__.split('.')[-1]}")
    trace, *attribution = given
    assert draw(*([trace, ax, *attribution] if view is unrolled else [*given, ax])) is ax
    return ax


def on_figure(view, *given):
    figure = Figure(figsize=view.size(given[0]), layout="constrained")
    draw = getattr(view, f"draw_{view.__name__.split('.')[-1]}")
    assert draw(*given, figure) is figure
    return figure


@pytest.mark.parametrize("name", TRACES)
def test_no_figure_of_any_trace_reaches_off_its_page(name):
    watched = made(name)
    drawn = {view: on_axes(view, watched).figure for view in (layers, shrinking)}
    drawn |= {provenance: on_axes(provenance, watched, attribute(watched)).figure}
    drawn |= {unrolled: on_axes(unrolled, watched, attribute(watched)).figure, backward: on_figure(backward, watched)}
    for view, figure in drawn.items():
        figure.draw_without_rendering()
        drawn_on = figure.get_tightbbox()
        width, height = figure.get_size_inches()
        left, bottom, right, top = drawn_on.extents
        assert left > -0.02 and bottom > -0.02 and right < width + 0.02 and top < height + 0.02, view.__name__


def test_unrolled_circles_are_shaded_by_what_each_layer_held(added):
    ax = on_axes(unrolled, added)
    hidden, inputs, answers = (c for c in ax.collections if isinstance(c, PatchCollection))
    np.testing.assert_array_equal(hidden.get_array(), added.layer_1[0].ravel())
    np.testing.assert_array_equal(inputs.get_array(), added.layer_0[0].ravel())
    np.testing.assert_array_equal(answers.get_array(), added.layer_2[0].ravel())
    assert hidden.get_clim() == (0, 1)
    centres = [path.vertices.mean(axis=0)[0] for path in hidden.get_paths()]
    assert centres[0] > centres[6] > centres[-1]  # the first step of a number stands on the right


def test_unrolled_says_what_was_read_answered_and_wanted(added):
    ax = on_axes(unrolled, added)
    assert row(ax, "9") == list("0001001")
    assert row(ax, "60") == list("0111100")
    assert row(ax, "target") == list("1000101")
    assert row(ax, "carry after") == list("01110000")
    verdicts = ["✓" if right else "✗" for right in added.caption.right[::-1]]
    assert [cell.split() for cell in row(ax, "answer")] == [
        [said, sign] for said, sign in zip(added.caption.answers[::-1], verdicts, strict=True)
    ]
    assert "left" in ax.get_xlabel()
    assert {"synapse_0", "synapse_h", "synapse_1"} <= set(texts(ax))


def arrows(ax):
    return [text.arrow_patch for text in ax.texts if getattr(text, "arrow_patch", None) is not None]


def test_unrolled_arrows_are_as_thick_as_what_they_carry(added):
    drawn = arrows(on_axes(unrolled, added))
    flows = np.stack(
        [
            np.abs(added.layer_0[0] @ added.params.synapse_0).mean(axis=1),
            np.abs(added.past[0] @ added.params.synapse_h).mean(axis=1),
            np.abs(added.layer_1[0, 1:] @ added.params.synapse_1).mean(axis=1),
        ],
        axis=1,
    ).ravel()
    widths = np.array([arrow.get_linewidth() for arrow in drawn])
    thinnest, thickest = unrolled.THINNEST, unrolled.THICKEST
    np.testing.assert_allclose((widths - thinnest) / (thickest - thinnest), flows / flows.max(), atol=1e-12)
    is_dotted = [arrow.get_linestyle() in (":", "dotted") for arrow in drawn]
    assert is_dotted == (flows == 0).tolist()
    assert any(is_dotted)


def test_unrolled_input_recurrence_leads_from_the_input_before():
    watched = made("a sum with input recurrence and tanh")
    ax = on_axes(unrolled, watched)
    slanted = [
        text
        for text in ax.texts
        if getattr(text, "arrow_patch", None) is not None and text.xy[0] != text.get_position()[0]
    ]
    assert len(slanted) == watched.time - 1  # there is no input before the first
    for text in slanted:
        assert text.get_position()[1] < unrolled.BLOCK - unrolled.HALF < text.xy[1] + 0.1
        assert text.get_position()[0] > text.xy[0]  # from the right, where the past of a number is


def test_unrolled_strips_are_the_shares_in_the_hue_of_each_step(added):
    attribution = attribute(added)
    ax = unrolled.draw_unrolled(added, figures.blank(9, 5)[1], attribution)
    shares = attribution.shares()[0]
    expected = [(shares[t, s], hues.hue(s)) for t in range(7) for s in range(t + 1) if shares[t, s] > 0]
    assert len(ax.patches) == len(expected)
    for patch, (share, colour) in zip(ax.patches, expected, strict=True):
        assert patch.get_width() / (2 * unrolled.HALF) == pytest.approx(share)
        assert to_rgb(patch.get_facecolor()) == pytest.approx(colour)


def stripes(ax):
    """What each input put into the memory, by step and sign: collections of rectangles."""
    return {c.get_label(): c for c in ax.collections if str(c.get_label()).startswith("step")}


def area(path):
    """Of a rectangle."""
    (left, bottom), (right, top) = path.vertices.min(axis=0), path.vertices.max(axis=0)
    return (right - left) * (top - bottom)


def test_the_area_of_a_hue_in_a_column_is_the_share_of_its_input(added):
    attribution = attribute(added)
    drawn = stripes(on_axes(provenance, added, attribution))
    areas = np.zeros((7, 7))
    for s in range(7):
        for name in (f"step {s}, pushes up", f"step {s}, pushes down"):
            for path in drawn[name].get_paths():
                column = round(path.vertices[:, 0].mean())  # time runs to the left
                areas[6 - column, s] += area(path)
    np.testing.assert_allclose(areas / areas.sum(axis=1, keepdims=True), attribution.shares()[0], atol=1e-9)


def test_what_pushes_down_is_hatched_and_what_pushes_up_is_not(added):
    attribution = attribute(added)
    ax = on_axes(provenance, added, attribution)
    drawn = stripes(ax)
    named = [text for text in ax.texts if text.get_text().startswith("unit")]
    units = {text.get_position()[1]: int(text.get_text().removeprefix("unit ")) for text in named}  # by height
    assert sorted(units.values()) == list(range(6))
    assert list(units.values()) != list(range(6))  # in another order, so that it can be wrong
    for s in range(7):
        up, down = drawn[f"step {s}, pushes up"], drawn[f"step {s}, pushes down"]
        assert (up.get_hatch(), down.get_hatch()) == (None, hues.PUSHES_DOWN)
        assert len(up.get_paths()) == (attribution.values[0, :, :, s] > 0).sum()
        assert len(down.get_paths()) == (attribution.values[0, :, :, s] < 0).sum()
        for path in down.get_paths():
            column, height = path.vertices.mean(axis=0)
            assert attribution.values[0, 6 - round(column), units[round(height)], s] < 0
        for each in (up, down):
            assert to_rgba(each.get_facecolor()[0]) == pytest.approx((*hues.hue(s), 1))
    assert sum(len(drawn[f"step {s}, pushes down"].get_paths()) for s in range(7)) > 10


def test_the_coloured_memory_says_every_share_and_what_was_read(added):
    attribution = attribute(added)
    ax = on_axes(provenance, added, attribution)
    shares = attribution.shares()[0]
    for s, (a, b) in enumerate(zip("1001000", "0011110", strict=True)):
        said = row(ax, f"step {s}: {a} {b}")
        assert said[0] == str(s)  # in its hue
        written = [provenance._percent(share) for share in shares[s:, s][::-1]]
        assert said[1:] == written
    assert provenance._percent(0.0) == "0"
    assert provenance._percent(0.001) == "<1"
    bold = [text for text in ax.texts if text.get_fontweight() == "bold"]
    assert len(bold) == 7  # the most in each column
    numbered = {text.get_text() for text in ax.texts if text.get_bbox_patch() is not None}
    assert {"0", "1", "6"} <= numbered  # in the stripes


def test_units_that_look_farthest_back_stand_on_top():
    values = np.zeros((3, 3, 3))  # (T, H, T)
    values[:, 1, 0] = 1.0  # unit 1 holds the first input
    for t in range(3):
        values[t, 2, t] = -1.0  # unit 2 only the last one
        values[t, 0, : t + 1] = 0.1
    assert provenance._by_age(values).tolist() == [1, 0, 2]


def test_errors_of_sampled_values_are_told_and_exact_ones_have_none(added):
    attribution = attribute(added)
    assert not any("standard error" in text for text in texts(on_axes(provenance, added, attribution)))
    sampled = replace(attribution, error=np.full(attribution.values.shape, 0.0125))
    (said,) = [text for text in texts(on_axes(provenance, added, sampled)) if "standard error" in text]
    assert "0.013" in said or "0.012" in said


def test_a_memory_without_any_input_in_it_has_no_shares():
    blind = plain(time=3, hidden_dim=2)
    zeros = replace(attribute(blind), values=np.zeros((1, 3, 2, 3)))
    ax = on_axes(provenance, blind, zeros)
    assert texts(ax).count("–") == 6
    assert not [path for each in stripes(ax).values() for path in each.get_paths()]


def test_a_long_memory_is_drawn_as_bars_of_shares():
    long = plain(time=20)
    attribution = attribute(long, "ablation")
    ax = on_axes(provenance, long, attribution)
    shares = np.nan_to_num(attribution.shares()[0])
    assert len(ax.containers) == 20
    for s, bars in enumerate(ax.containers):
        np.testing.assert_allclose([bar.get_height() for bar in bars], 100 * shares[:, s], atol=1e-12)
    assert any("whole of layer_1" in text for text in texts(ax))


def test_the_way_back_holds_answers_errors_derivatives_and_gradients(added):
    figure = on_figure(backward, added)
    answers, errors, derivatives, gradients = figure.axes[:4]
    target, answer = answers.containers
    np.testing.assert_allclose([bar.get_height() for bar in target], added.targets[0, :, 0])
    np.testing.assert_allclose([bar.get_height() for bar in answer], added.layer_2[0, :, 0])
    assert {bar.get_facecolor() for bar in answer} == {to_rgba("black")}
    np.testing.assert_allclose([bar.get_height() for bar in errors.containers[0]], added.layer_2_error[0, :, 0])
    assert {bar.get_facecolor() for bar in errors.containers[0]} == {to_rgba(hues.ERROR)}
    assert [float(text.replace("−", "-")) for text in texts(errors)] == pytest.approx(
        added.layer_2_error[0, :, 0], abs=6e-4
    )
    shown = derivatives.images[0].get_array()
    np.testing.assert_array_equal(shown, np.abs(added.d_pre_1[0, ::-1].T))  # the last step on the left
    assert "right" in gradients.get_xlabel()
    for line, name in zip(gradients.get_lines(), ("synapse_0", "synapse_h", "synapse_1"), strict=True):
        assert line.get_label() == f"d_{name}"
        norms = [np.linalg.norm(added.assembled(t).arrays()[name]) for t in range(7)][::-1]
        np.testing.assert_allclose(line.get_ydata(), norms)
        assert line.get_ydata()[-1] == pytest.approx(np.linalg.norm(added.gradient.arrays()[name]))
    assert len({(line.get_linestyle(), line.get_marker()) for line in gradients.get_lines()}) == 3


def test_the_signs_of_derivatives_are_written_in_their_cells(added):
    derivatives = on_figure(backward, added).axes[2]
    d_pre_1 = added.d_pre_1[0]
    written = {text.get_position(): text.get_text() for text in derivatives.texts}
    assert len(written) == (np.abs(d_pre_1) > backward.SMALL * np.abs(d_pre_1).max()).sum()
    for (place, unit), sign in written.items():
        assert sign == ("+" if d_pre_1[6 - place, unit] > 0 else "−")
    assert set(written.values()) == {"+", "−"}


def test_errors_of_several_outputs_are_cells():
    watched = made("a song")
    figure = on_figure(backward, watched)
    errors = figure.axes[1]
    np.testing.assert_array_equal(errors.images[0].get_array(), np.abs(watched.layer_2_error[0].T))
    assert [label.get_text() for label in errors.get_yticklabels()] == ["I", "love", "you", "and", "carrots"]
    answer = figure.axes[0].containers[1]
    right = watched.targets[0].argmax(axis=1)
    np.testing.assert_allclose([bar.get_height() for bar in answer], watched.layer_2[0, range(6), right])


def test_each_of_a_few_numbers_has_bars_of_its_own():
    watched = plain(output_dim=2, loss="linear_squared_error")
    containers = on_figure(backward, watched).axes[0].containers
    heights = [[bar.get_height() for bar in container] for container in containers]
    expected = [layer[0, :, output] for output in (0, 1) for layer in (watched.targets, watched.layer_2)]
    np.testing.assert_allclose(heights, expected)
    lefts = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for container in containers for bar in container)
    assert all(end <= start for (_, end), (start, _) in zip(lefts, lefts[1:], strict=False))  # none hides another


def test_a_step_that_does_not_count_has_no_target_and_no_error():
    mask = np.array([[True, False, True, False, True]])
    given = plain()
    masked = trace(Network(given.spec, given.params), given.layer_0, given.targets, mask)
    answers, errors = on_figure(backward, masked).axes[:2]
    target, answer = answers.containers
    assert (len(target), len(answer)) == (3, 5)
    assert len(errors.texts) == 3


def test_the_first_of_a_batch_is_drawn_with_gradients_of_its_own():
    batch = plain(batch=3)
    for line in on_figure(backward, batch).axes[3].get_lines():
        alone = batch.sequence(0).gradient.arrays()[line.get_label().removeprefix("d_")]
        assert line.get_ydata()[0] == pytest.approx(np.linalg.norm(alone))  # time runs to the right


@pytest.mark.parametrize("name", ["a sum", "a song"])
def test_the_layers_hold_every_state_and_what_was_to_remember(name):
    watched = made(name)
    ax = on_axes(layers, watched)
    is_backwards = watched.caption.is_read_backwards
    expected = watched.layer_1[0].T
    np.testing.assert_array_equal(ax.images[0].get_array(), expected[:, ::-1] if is_backwards else expected)
    states = [state.removeprefix("carry ") for state in watched.caption.states]
    assert row(ax, watched.caption.memory) == (states[::-1] if is_backwards else states)
    (boxes,) = (c for c in ax.collections if isinstance(c, PatchCollection))
    names = sorted(set(states))
    assert boxes.get_array().tolist() == [names.index(state) for state in states]
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert sorted(ticks) == ["0", "1", "2", "3", "4", "5", *(["6"] if is_backwards else []), "before"]
    xs = ax.get_xticks()
    assert (xs[0] > xs[1] > xs[2]) if is_backwards else (xs[0] < xs[1] < xs[2])


def test_the_layers_of_a_long_sequence_number_some_steps_and_write_no_cells():
    long = watch(network(hidden_dim=6), SUMS, f"{2**998 + 5} + 3")
    assert long.time == 1000
    ax = on_axes(layers, long)
    assert ax.images[0].get_array().shape == (6, 1001)
    assert len(ax.get_xticks()) <= columns.MOST_TICKS + 1
    assert "carry" in texts(ax)
    assert len(ax.texts) == 2
    (boxes,) = (c for c in ax.collections if isinstance(c, PatchCollection))
    assert boxes.get_array().sum() == sum(state == "carry 1" for state in long.caption.states) > 0


def test_the_synapses_share_a_scale_before_and_after():
    before, after = network(hidden_dim=5, bias=True), Network.first(TrainConfig(bias=True, hidden_dim=5).make_spec(), 9)
    after = replace(after, params=after.params.map(lambda array: 3 * array - 1))
    figure = on_figure(synapses, before, after)
    drawn = {ax.get_title(): ax for ax in figure.axes if ax.get_title()}
    names = ["synapse_0", "synapse_h", "bias_1", "synapse_1", "bias_2"]
    assert list(drawn) == [f"{name}, {side}" for name in names for side in ("before", "after")]
    for name in names:
        most = max(np.abs(each.params.arrays()[name]).max() for each in (before, after))
        for side, each in (("before", before), ("after", after)):
            image = drawn[f"{name}, {side}"].images[0]
            array = each.params.arrays()[name]
            np.testing.assert_array_equal(image.get_array(), array.T if name == "synapse_1" else np.atleast_2d(array))
            assert image.get_clim() == (-most, most)
    written = texts(drawn["synapse_h, after"])
    assert [float(text.replace("−", "-")) for text in written] == pytest.approx(
        after.params.synapse_h.ravel().tolist(), abs=0.051
    )
    assert not [text for text in written if text in ("−0.0", "-0.0")]


def test_the_shades_of_synapses_are_told_apart_in_grey():
    from matplotlib import colormaps

    lightness = colormaps[synapses.SHADES](np.linspace(0, 1, 11))[:, :3] @ [0.299, 0.587, 0.114]
    assert (np.diff(lightness) > 0.02).all()


def test_many_weights_are_not_written():
    large = network(hidden_dim=30)
    figure = on_figure(synapses, large, large.params)
    assert not any(ax.texts for ax in figure.axes)


def test_synapses_of_unlike_networks_are_refused():
    with pytest.raises(ShapeError, match="shapes of before"):
        synapses.draw_synapses(network(hidden_dim=3), network(hidden_dim=4), Figure())


def test_shrinking_is_the_length_of_the_derivative_from_the_last_step_back(added):
    ax = on_axes(shrinking, added)
    both, now, later = ax.get_lines()
    norms = np.linalg.norm(added.d_layer_1[0, 1:], axis=1)[::-1]
    np.testing.assert_allclose(both.get_ydata(), norms)
    from_answers = np.linalg.norm(added.d_pre_2[0] @ added.params.synapse_1.T, axis=1)[::-1]
    np.testing.assert_allclose(now.get_ydata(), from_answers)
    np.testing.assert_allclose(later.get_ydata()[1:], np.linalg.norm(added.d_past[0, 1:], axis=1)[::-1])
    assert np.isnan(later.get_ydata()[0])  # nothing comes after the last step
    assert ax.get_yscale() == "log"
    assert len({(line.get_linestyle(), line.get_marker()) for line in (both, now, later)}) == 3


def test_of_the_last_steps_loss_all_derivatives_come_by_the_memory(added):
    mask = np.zeros((1, 7), bool)
    mask[0, -1] = True
    last = trace(network(hidden_dim=6), added.layer_0, added.targets, mask, captions=added.captions)
    ax = on_axes(shrinking, last)
    both, now, later = (line.get_ydata() for line in ax.get_lines())
    assert now[0] == both[0] > 0
    assert np.isnan(now[1:]).all()
    np.testing.assert_allclose(later[1:], both[1:])
    assert "loss of the last step" in ax.get_title()


def test_with_input_recurrence_nothing_comes_by_the_hidden_memory():
    ax = on_axes(shrinking, made("a sum with input recurrence and tanh"))
    both, now, later = (line.get_ydata() for line in ax.get_lines())
    np.testing.assert_allclose(now, both)
    assert np.isnan(later).all()


def test_the_space_has_a_hue_and_a_marker_for_each_carry_and_a_star_at_the_start():
    projection = project(watch_samples(network(), SUMS, 12))
    ax = on_axes(space, projection)
    zero, one, start = ax.collections
    after, states = projection.points[:, 1:], projection.states[:, 1:]
    for kind, drawn in enumerate((zero, one)):
        assert drawn.get_label() == f"carry {kind}"
        np.testing.assert_array_equal(drawn.get_offsets(), after[states == kind])
    np.testing.assert_array_equal(start.get_offsets(), projection.points[:, 0])
    assert zero.get_facecolor()[0].tolist() != one.get_facecolor()[0].tolist()
    assert len({each.get_paths()[0].vertices.shape for each in (zero, one, start)}) == 3  # told apart without colour
    assert len(ax.get_lines()) == 12
    for line, way in zip(ax.get_lines(), projection.points, strict=True):
        np.testing.assert_array_equal(np.transpose(line.get_data()), way)
    first, second = 100 * projection.explained
    assert f"{first:.0f} %" in ax.get_xlabel()
    assert f"{second:.0f} %" in ax.get_ylabel()


def test_the_space_of_numbers_alone_has_points_too():
    ax = on_axes(space, project(plain(batch=3)))
    assert len(ax.collections) == 2
    assert len(ax.collections[0].get_offsets()) == 15


def test_the_learning_curve_marks_the_examination():
    metrics = [
        {"event": "report", "update": k, "error": 1.0, "right_steps": 0.9, "right_sequences": 0.5} for k in (1, 2)
    ]
    paper = {"questions": 1000, "asked": 1000, "right": 1000}
    papers = [
        paper | {"title": "easy"},
        paper | {"title": "hard $_", "right": 7},
        paper | {"title": "broken off", "asked": 5, "right": 5},
    ]
    _, ax = figures.blank(7, 4)
    learning.draw_learning(SUMS, [*metrics, {"event": "finished", "update": 2, "examination": papers}], ax)
    (said,) = [text for each in ax.figure.axes for text in each.texts]
    assert said.get_text().splitlines() == [
        "examination after 2 updates",
        "✓ 1,000 of 1,000 right: easy",
        "✗ 7 of 1,000 right: hard $_",
        "… 5 of 1,000 right: broken off",
    ]
    ((line,),) = [each.get_segments() for drawn in ax.figure.axes for each in drawn.collections]
    assert line[:, 0].tolist() == [2, 2]
    ax.figure.draw_without_rendering()
    assert said.get_window_extent().y1 < min(drawn.bbox.y0 for drawn in ax.figure.axes)  # covers no curve
    assert len(ax.get_lines()) == 2  # the curves, as before


def test_what_is_too_much_to_be_read_is_refused_with_the_limit():
    for draw, given, most in (
        (unrolled.draw_unrolled, plain(time=17), "16 steps"),
        (unrolled.draw_unrolled, plain(hidden_dim=145), "144 hidden units"),
        (layers.draw_layers, plain(time=1001), "1,000 steps"),
        (layers.draw_layers, plain(hidden_dim=513), "512 hidden units"),
        (backward.draw_backward, plain(time=41), "40 steps"),
        (backward.draw_backward, plain(hidden_dim=129), "128 hidden units"),
        (backward.draw_backward, plain(output_dim=33), "32 outputs"),
    ):
        with pytest.raises(UsageError, match=f"at most {most}"):
            draw(given, None)
    long = plain(time=61)
    with pytest.raises(UsageError, match="at most 60 steps"):
        provenance.draw_provenance(long, attribute(long, "gradient"), None)
    with pytest.raises(UsageError, match="at most 512 units"):
        synapses.draw_synapses(network(hidden_dim=513), network(hidden_dim=513), Figure())
    many = replace(project(plain()), names=tuple(map(str, range(41))))
    with pytest.raises(UsageError, match="at most 40 states"):
        space.draw_space(many, None)


def test_letters_that_have_no_picture_are_shown_all_the_same():
    shown = [columns.shown(cell) for cell in (" ", "\r", "\n", "\t", "a\x07b", "incomprehensibilities", "$x_")]
    assert shown == ["␣", "←", "⏎", "⇥", "a·b", "incomprehensibi…", "$x_"]


def test_a_sign_is_never_cut_from_a_long_answer(added):
    long = replace(added.caption, answers=("incomprehensibilities",) * 7, right=(True, False, None) * 2 + (True,))
    assert columns.answers(long)[:3] == ["incomprehensi… ✓", "incomprehensi… ✗", "incomprehensi…"]
    assert columns.answers(long, told="✗")[:2] == ["incomprehensi…", "incomprehensi… ✗"]


def test_scales_reach_to_finite_numbers_and_are_never_of_no_size():
    wild = np.array([np.inf, -np.inf, np.nan, 4.0, -8.0])
    assert scales.size(wild) == 8
    assert scales.ends(wild, np.array([np.nan])) == (-8, 4)
    assert scales.ends(np.full(2, np.nan)) == (0, 1)
    assert scales.relative(wild).tolist() == [1, -1, 0, 0.5, -1]
    assert scales.relative(np.zeros(2)).tolist() == [0, 0]
    assert [scales.shades(name, wild) for name in ("sigmoid", "tanh", "relu")] == [(0, 1), (-1, 1), (0, 4)]


def test_a_title_with_a_new_line_stands_on_one_line(added):
    named = replace(added, captions=(replace(added.caption, title="a $b\n\t\r\x07 … c"),))
    assert on_axes(shrinking, named).get_title().splitlines()[0] == "a $b⏎⇥←· … c"


def test_circles_of_a_layer_do_not_reach_the_words_below_it():
    ax = on_axes(unrolled, plain(input_dim=unrolled.MOST_CIRCLES, output_dim=unrolled.MOST_CIRCLES))
    _, inputs, answers = (c for c in ax.collections if isinstance(c, PatchCollection))
    lowest = min(path.vertices[:, 1].min() for path in inputs.get_paths())
    highest = max(path.vertices[:, 1].max() for path in answers.get_paths())
    ys = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert lowest > ys["input 0"] + 0.3
    assert highest < ys["answer"] - 0.3


def test_steps_next_to_each_other_have_hues_of_their_own():
    many = [hues.hue(step) for step in range(24)]
    assert len(set(many)) == 24
    assert {hues.ink_on((1, 1, 1)), hues.ink_on((0, 0, 0))} == {"black", "white"}
    kinds = {(hues.MARKERS[k % len(hues.MARKERS)], hues.HUES[k % len(hues.HUES)]) for k in range(space.MOST_STATES)}
    assert len(kinds) == space.MOST_STATES
