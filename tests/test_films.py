"""The films, by what their frames hold, and by the files that are written."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.colors import to_rgb, to_rgba  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from PIL import Image  # noqa: E402

from carrybit import tracing  # noqa: E402
from carrybit.attribution import attribute  # noqa: E402
from carrybit.config import TrainConfig  # noqa: E402
from carrybit.errors import SaveError, UsageError  # noqa: E402
from carrybit.figures.backward_film import backward_film  # noqa: E402
from carrybit.figures.film import Film, check_film, save_film  # noqa: E402
from carrybit.figures.forward_film import forward_film  # noqa: E402
from carrybit.figures.heatmaps import SEEN, ordered  # noqa: E402
from carrybit.figures.hues import DERIVATIVE, ERROR, hue  # noqa: E402
from carrybit.figures.marks import fit  # noqa: E402
from carrybit.figures.signs import cut  # noqa: E402
from carrybit.figures.stage import MOST_STEPS, set_stage  # noqa: E402
from carrybit.figures.training_film import progress, training_film  # noqa: E402
from carrybit.network import Network  # noqa: E402
from carrybit.tasks import make_task  # noqa: E402
from carrybit.tasks.addition import addition  # noqa: E402
from carrybit.tasks.data import data_task  # noqa: E402
from carrybit.watching import moments, watch, watch_samples  # noqa: E402

CONFIG = TrainConfig(task=addition(bits=8), hidden_dim=6, updates=40)


def untrained(task, **settings):
    config = TrainConfig(task=task, **settings)
    return Network.first(config.make_spec(), 3, start=config.start)


def watched(question="9 + 60", **settings):
    return watch(untrained(addition(bits=8), hidden_dim=6, **settings), addition(bits=8), question)


def texts(film):
    return [text.get_text() for text in film.figure.axes[0].texts if text.get_visible()]


def looking_like(film, colour):
    """How many artists of this colour are to be seen."""
    artists = [*film.figure.axes[0].patches, *film.figure.axes[0].lines]
    return sum(artist.get_visible() and to_rgba(_colour(artist)) == to_rgba(colour) for artist in artists)


def _colour(artist):
    return artist.get_facecolor() if hasattr(artist, "get_facecolor") else artist.get_color()


def meshes(film):
    return [each for each in film.figure.axes[0].collections if type(each).__name__ == "QuadMesh"]


def frame_saying(film, words):
    """The last frame whose narration holds these words."""
    found = []
    for k in range(film.frames):
        film.show(k)
        if any(words in text for text in texts(film)):
            found.append(k)
    assert found, words
    film.show(found[-1])
    return found[-1]


def counted(frames=4, seconds=0.3):
    """A film that shows the number of each frame as a bar."""
    figure = Figure(figsize=(2, 1), dpi=50)
    ax = figure.add_axes((0, 0, 1, 1))
    (bar,) = ax.bar([0], [1])
    ax.set(ylim=(0, frames))
    return Film(figure, (seconds,) * (frames - 1) + (2.0,), lambda k: bar.set_height(k + 1))


# the forward pass


def test_cells_hold_the_hidden_layer_of_each_step_and_come_one_after_the_other():
    trace = watched()
    film = forward_film(trace)
    for t in range(trace.time):
        frame_saying(film, f"Step {t} reads")
        assert sum(mesh.get_visible() for mesh in meshes(film)) == t
    film.show(film.frames - 1)
    assert all(mesh.get_visible() for mesh in meshes(film))
    for t, mesh in enumerate(meshes(film)):
        np.testing.assert_array_equal(np.ravel(mesh.get_array()), trace.layer_1[0, t + 1])
        assert mesh.get_clim() == (0, max(1, trace.layer_1[0].max()))


def test_the_units_stand_in_the_order_that_is_asked_for():
    trace = watched()
    order = [3, 1, 5, 0, 2, 4]
    stage = set_stage(trace, (0, 0, 9, 6), order=order)
    np.testing.assert_array_equal(np.ravel(stage.cells[2].get_array()), trace.layer_1[0, 3, order])
    assert stage.order == tuple(order)


def test_a_title_with_a_new_line_stands_on_one_line():
    trace = watched()
    trace = replace(trace, captions=(replace(trace.caption, title="a\nb\r"),))
    for film in (forward_film(trace), backward_film(trace)):
        assert "a⏎b←" in texts(film)
    film = training_film([(0, trace)])
    film.show(0)
    assert "after 0 updates: a⏎b←" in texts(film)


def test_the_time_of_numbers_runs_from_right_to_left_and_that_of_texts_does_not():
    song = make_task("song", {})
    for trace, is_backwards in ((watched(), True), (watch(untrained(song), song, song.example), False)):
        stage = set_stage(trace, (0, 0, 9, 6))
        lefts = [left for left, *_ in stage.boxes]
        assert stage.is_backwards == is_backwards
        assert lefts == sorted(lefts, reverse=is_backwards)


def test_colours_flow_in_as_far_as_the_attribution_says():
    trace = watched()
    told = attribute(trace)
    film = forward_film(trace, told)
    film.show(film.frames - 1)
    images = film.figure.axes[0].images
    for t, image in enumerate(images):
        pixels = np.asarray(image.get_array())
        lines = pixels[:: len(pixels) // 6] / 255  # (H, dots, 3): the first of each unit
        for s in range(trace.time):
            shown = np.isclose(lines, hue(s), atol=0.01).all(axis=-1).mean(axis=1)
            size = np.abs(told.values[0, t])
            np.testing.assert_allclose(shown, size[:, s] / size.sum(axis=1), atol=0.01)


def test_what_was_read_first_flows_in_first_and_frames_can_be_shown_in_any_order():
    trace = watched()
    film = forward_film(trace, attribute(trace))
    last = frame_saying(film, "mixes it")
    film.show(last - 3)
    image = film.figure.axes[0].images[-1]
    begun = (np.asarray(image.get_array()) != 255).any(axis=-1).any(axis=0)
    film.show(last)
    done = (np.asarray(image.get_array()) != 255).any(axis=-1).any(axis=0)
    assert 0 < begun.sum() < done.sum()
    assert not begun[begun.sum() :].any()
    np.testing.assert_array_equal(film.picture(5), (film.show(film.frames - 1), film.picture(5))[1])


def test_only_what_is_to_be_remembered_beside_the_beginning_is_boxed():
    film = forward_film(watched())
    film.show(film.frames - 1)
    boxed = [text for text in film.figure.axes[0].texts if text.get_bbox_patch() and text.get_visible()]
    edges = [text.get_text() for text in boxed if text.get_bbox_patch().get_edgecolor()[3] > 0]
    assert [text.get_text() for text in boxed] == ["0", "0", "0", "1", "1", "1", "0"]  # 9 + 60, lowest bit first
    assert edges == ["1", "1", "1"]


def test_a_wrong_answer_is_hollow_and_says_so():
    trace = watched()
    assert not all(trace.caption.right)
    film = forward_film(trace)
    film.show(film.frames - 1)
    said = texts(film)
    assert sum(text.endswith("✓") for text in said) == sum(trace.caption.right)
    assert sum(text.endswith("✗") for text in said) == 7 - sum(trace.caption.right)
    assert looking_like(film, "black") == sum(trace.caption.right)


def test_the_share_of_the_first_input_is_told_at_the_end():
    trace = watched(recurrence="input")
    film = forward_film(trace, attribute(trace))
    film.show(film.frames - 1)
    assert "Of the last hidden layer, 0 % come from step 0; the rest from the steps since." in texts(film)


def test_longer_questions_have_fewer_frames_for_each_step_and_too_long_ones_are_refused():
    song = make_task("song", {})
    network = untrained(song)

    def asked(words):
        return watch(network, song, " ".join((song.example.split() * 9)[:words]))

    frames = {words: forward_film(asked(words)).frames for words in (10, 11, 20, 21, MOST_STEPS)}
    assert frames == {10: 32, 11: 24, 20: 42, 21: 23, MOST_STEPS: MOST_STEPS + 2}
    for film in (forward_film, backward_film, lambda trace: training_film([(0, trace)])):
        with pytest.raises(UsageError, match="at most 40"):
            film(asked(MOST_STEPS + 1))


# the way back


def test_errors_come_in_yellow_once_all_answers_are_there_and_derivatives_from_the_last_step_to_the_first():
    trace = watched()
    film = backward_film(trace)
    bars = [each for each in film.figure.axes[0].collections if type(each).__name__ == "PolyCollection"]
    film.show(trace.time)  # the last answer
    assert looking_like(film, ERROR) == 0
    frame_saying(film, "Its error at every step")
    assert looking_like(film, ERROR) == 7
    assert looking_like(film, DERIVATIVE) == 0
    assert not any(bar.get_visible() for bar in bars)
    told = [f"{error:+.2f}".replace("-", "−") for error in trace.layer_2_error[0, :, 0]]
    assert [text for text in texts(film) if text in told] == told
    for t in reversed(range(trace.time)):
        frame_saying(film, f"What step {t} contributes")
        assert [bar.get_visible() for bar in bars] == [s >= t for s in range(trace.time)]
        assert looking_like(film, DERIVATIVE) == 2 * (7 - t) - 1  # arrows: one up, and one back but for the last step


def test_bars_are_as_long_as_the_derivatives_and_lead_to_the_side_of_their_sign():
    trace = watched()
    film = backward_film(trace)
    bars = [each for each in film.figure.axes[0].collections if type(each).__name__ == "PolyCollection"]
    lengths = np.array([[np.ptp(path.vertices[:, 0]) for path in bar.get_paths()] for bar in bars])
    d_pre_1 = trace.d_pre_1[0]
    np.testing.assert_allclose(lengths / lengths.max(), np.abs(d_pre_1) / np.abs(d_pre_1).max(), atol=1e-9)
    is_plus = [np.isclose(bar.get_facecolor()[:, :3], to_rgb(DERIVATIVE)).all(axis=1) for bar in bars]
    np.testing.assert_array_equal(is_plus, d_pre_1 > 0)
    film.show(film.frames - 1)
    lines = [line.get_xdata()[0] for line in film.figure.axes[0].lines if line.get_visible()]
    for bar, line, derivatives in zip(bars, lines, d_pre_1, strict=True):
        middles = np.array([path.vertices[:4, 0].mean() for path in bar.get_paths()])
        np.testing.assert_array_equal(np.sign(middles - line), np.sign(derivatives))


@pytest.mark.parametrize("make", [backward_film, lambda trace: training_film([(0, trace)])], ids=["back", "training"])
def test_cells_of_weights_below_zero_have_a_minus_sign(make):
    trace = watched()
    film = make(trace)
    signs = [each for each in film.figure.axes[0].collections if type(each).__name__ == "LineCollection"]
    film.show(film.frames - 1)
    for each, mesh in zip(signs, meshes(film)[trace.time :][:3], strict=True):
        is_minus = np.asarray(mesh.get_array()) < -SEEN * mesh.get_clim()[1]
        corners = np.asarray(mesh.get_coordinates())
        middles = ((corners[:-1, :-1] + corners[1:, 1:]) / 2)[is_minus]
        drawn = [np.mean(ends, axis=0) for ends in each.get_segments()]
        np.testing.assert_allclose(np.reshape(drawn, (-1, 2)), middles)
    assert any(len(each.get_segments()) for each in signs)


@pytest.mark.parametrize("recurrence", ["hidden", "input"])
def test_the_derivatives_of_the_weights_assemble_step_by_step(recurrence):
    trace = watched(recurrence=recurrence)
    film = backward_film(trace)
    maps = meshes(film)[trace.time :][:3]
    frame_saying(film, "Its error at every step")
    assert not any(np.asarray(each.get_array()).any() for each in maps)
    for t in reversed(range(trace.time)):
        frame_saying(film, f"What step {t} contributes")
        for mesh, (name, assembled) in zip(maps, trace.assembled(t).arrays().items(), strict=False):
            np.testing.assert_array_equal(np.reshape(mesh.get_array(), assembled.shape), assembled, err_msg=name)
            assert np.abs(assembled).max() <= mesh.get_clim()[1] == -mesh.get_clim()[0]
    film.show(film.frames - 1)
    assert "Only now do the weights change, each a little against its derivative." in texts(film)
    for mesh, whole in zip(maps, trace.gradient.arrays().values(), strict=False):
        np.testing.assert_allclose(np.reshape(mesh.get_array(), whole.shape), whole, atol=1e-12)


def test_with_input_recurrence_no_step_hears_of_later_ones():
    film = backward_film(watched(recurrence="input"))
    frame_saying(film, "Step 3 hears of its own error.")
    film.show(film.frames - 1)
    assert looking_like(film, DERIVATIVE) == 7


def test_a_step_that_nothing_is_asked_at_has_no_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("one two one two three one two\n" * 40)
    task = data_task("text.txt")
    trace = watch(untrained(task, hidden_dim=6), task, "one two")
    film = backward_film(trace)
    assert not trace.mask[0, -1]
    frame_saying(film, f"Step {trace.time - 1} hears of nothing.")
    film.show(film.frames - 1)
    assert looking_like(film, ERROR) == trace.time - 1
    assert "␣" in texts(film)  # a space that can be seen


def test_a_network_without_finite_numbers_is_shown_as_it_is():
    network = untrained(addition(bits=8), hidden_dim=6, activation="relu")
    network = replace(network, params=network.params.map(lambda each: each * 1e200))
    seen = watch(network, addition(bits=8), "9 + 60")
    assert not np.isfinite(seen.layer_1).all()
    with np.errstate(all="ignore"):
        told = attribute(seen)
    for film in (forward_film(seen, told), backward_film(seen), training_film([(0, seen), (1, seen)])):
        assert film.picture(film.frames - 1).shape == (600, 900, 3)


# the training


def test_each_frame_of_a_training_holds_the_weights_and_the_memory_of_its_moment():
    updates = [0, 10, 40]
    traces = [watch(network, CONFIG.task, "9 + 60") for network in moments(CONFIG, updates)]
    order = [5, 4, 3, 2, 1, 0]
    film = training_film(list(zip(updates, traces, strict=True)), order=order)
    assert film.frames == 3
    scales = []
    for k, trace in enumerate(traces):
        film.show(k)
        shown = meshes(film)
        for t in range(trace.time):
            np.testing.assert_array_equal(np.ravel(shown[t].get_array()), trace.layer_1[0, t + 1, order])
        for mesh, (name, array) in zip(shown[trace.time :], trace.params.arrays().items(), strict=False):
            expected = ordered(name, array, order)
            np.testing.assert_array_equal(np.reshape(mesh.get_array(), expected.shape), expected)
            assert np.abs(array).max() <= mesh.get_clim()[1]
        scales.append([mesh.get_clim() for mesh in shown])
        assert f"after {updates[k]:,} updates: {trace.caption.title}" in texts(film)
        assert sum(text.endswith("✓") for text in texts(film)) == sum(trace.caption.right)
    assert scales[0] == scales[1] == scales[2]


def test_the_progress_line_grows_to_the_share_of_right_answers():
    updates = [0, 10, 40]
    networks = list(moments(CONFIG, updates))
    traces = [watch(network, CONFIG.task, "9 + 60") for network in networks]
    samples = [watch_samples(network, CONFIG.task, 8) for network in networks]
    film = training_film(list(zip(updates, traces, strict=True)), samples)
    line = next(line for line in film.figure.axes[0].lines if line.get_color() == "black")
    film.show(2)
    _, ys = line.get_data()
    name, shares, _ = progress(samples)
    right = [np.mean([caption.right for caption in each.captions]) for each in samples]
    np.testing.assert_allclose(shares, 100 * np.array(right))
    assert name == "bits right, %"
    np.testing.assert_allclose(np.diff(ys) * 100 / 0.7, np.diff(shares), atol=1e-9)  # 0.7 inches are all
    film.show(0)
    assert len(line.get_xdata()) == 1


def test_where_nothing_is_right_or_wrong_the_progress_line_tells_the_loss():
    network = untrained(addition(bits=8), hidden_dim=6)
    numbers = tracing.trace(network, np.ones((1, 3, 2)), np.ones((1, 3, 1)))
    name, shares, top = progress([numbers, numbers])
    assert name == "loss"
    np.testing.assert_allclose(shares, numbers.loss.mean())
    assert top == shares.max()


def test_a_training_without_a_moment_is_refused():
    with pytest.raises(UsageError, match="no moment"):
        training_film([])


def test_hidden_units_are_ordered_where_a_synapse_has_them():
    network = untrained(addition(bits=8), hidden_dim=6)
    order = [3, 1, 5, 0, 2, 4]
    params = network.params
    np.testing.assert_array_equal(ordered("synapse_0", params.synapse_0, order), params.synapse_0[:, order])
    np.testing.assert_array_equal(ordered("synapse_h", params.synapse_h, order), params.synapse_h[order][:, order])
    np.testing.assert_array_equal(ordered("synapse_1", params.synapse_1, order), params.synapse_1[order])


# words


def test_words_that_do_not_fit_are_made_smaller_and_then_cut_and_a_mark_is_never_cut():
    wide, narrow = (0, 0, 1.0, 1), (0, 0, 0.4, 1)
    assert fit(wide, "carry", 12) == {"text": "carry", "fontsize": 12}
    assert fit(narrow, "carry", 12)["fontsize"] < 12
    assert fit(narrow, "carrybit is long", 12, " ✓")["text"].endswith("… ✓")
    assert fit((0, 0, 0.15, 1), "carrybit", 12, " ✗")["text"] == "✗"
    assert [cut("carry", n) for n in (9, 5, 4, 1)] == ["carry", "carry", "car…", "c"]


# files


def test_a_gif_has_every_frame_as_long_as_it_should_and_begins_again(tmp_path):
    film = counted()
    said = list(save_film(film, tmp_path / "film.gif"))
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    with Image.open(tmp_path / "film.gif") as gif:
        assert gif.n_frames == 4
        assert gif.info["loop"] == 0
        stay = []
        for k in range(4):
            gif.seek(k)
            stay.append(gif.info["duration"])
            assert np.abs(np.asarray(gif.convert("RGB"), float) - film.picture(k)).mean() < 1
        assert stay == [300, 300, 300, 2000]


def test_the_films_of_a_short_sum_are_small(tmp_path):
    trace = watched("3 + 2")
    assert trace.time == 3
    for name, film in (("forward", forward_film(trace, attribute(trace))), ("backward", backward_film(trace))):
        path = tmp_path / f"{name}.gif"
        *_, last = save_film(film, path)
        assert last == (film.frames, film.frames)
        assert 10_000 < path.stat().st_size < 150_000
        with Image.open(path) as gif:
            assert gif.size == (900, 600)
            assert gif.convert("RGB").getpixel((1, 1)) == (255, 255, 255)  # white stays white


@pytest.mark.parametrize("name", ["film.gif", "film.mp4"])
def test_who_stops_a_film_leaves_what_was_there(tmp_path, name):
    if name.endswith("mp4") and shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg")
    path = tmp_path / name
    path.write_bytes(b"an older film")
    saving = save_film(counted(), path)
    assert next(saving) == (1, 4)
    with pytest.raises(KeyboardInterrupt):
        saving.throw(KeyboardInterrupt())
    assert [each.name for each in tmp_path.iterdir()] == [name]
    assert path.read_bytes() == b"an older film"


def test_an_mp4_is_written_where_ffmpeg_is(tmp_path):
    if shutil.which("ffmpeg") is None:
        pytest.skip("needs ffmpeg")
    assert list(save_film(counted(), tmp_path / "film.mp4"))[-1] == (4, 4)
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
    assert [each.name for each in tmp_path.iterdir()] == ["film.mp4"]


def test_what_ffmpeg_says_when_it_fails_is_told(tmp_path, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("a program that is a shell script")
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nfor film; do :; done\necho half > $film\necho 'Unknown encoder' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(SaveError, match="Unknown encoder"):
        list(save_film(counted(), tmp_path / "film.mp4"))
    assert [each.name for each in tmp_path.iterdir()] == ["ffmpeg"]


def test_what_cannot_be_saved_is_refused_before_anything_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="install ffmpeg") as caught:
        check_film(tmp_path / "film.mp4")
    assert "film.gif" in caught.value.fix
    with pytest.raises(UsageError, match=r"\.gif, \.mp4"):
        check_film(tmp_path / "film.png")
    with pytest.raises(UsageError, match="no folder"):
        check_film(tmp_path / "nowhere" / "film.gif")
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        save_film(counted(), tmp_path / "folder.gif")  # at once, not when the first frame is asked for
    with pytest.raises(UsageError, match="0 frames"):
        save_film(Film(Figure(), (), print), tmp_path / "film.gif")
    monkeypatch.setattr("carrybit.figures.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"carrybit\[figures\]"):
        check_film(tmp_path / "film.gif")
