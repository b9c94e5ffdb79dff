"""The command line on watching: the walk printed, the page, pictures and films, provenance, files, and bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from carrybit.attribution import METHODS, attribute
from carrybit.cli import views
from carrybit.files.traces import load_trace
from carrybit.network import Network
from carrybit.runs import load_run
from carrybit.watching import watch


def asked(run, question):
    loaded = load_run(run)
    return watch(loaded.network, loaded.config.task, question)


def is_refused(said, *words):
    lines = said.err.strip().splitlines()
    return said.code == 2 and len(lines) == 3 and all(word in said.err for word in words)


def test_where_there_is_no_terminal_the_walk_is_printed(carrybit, trained):
    said = carrybit("watch", trained, "9 + 60")
    assert said.code == 0, said.err
    assert "9 + 60 = 69" in said.out
    assert said.out == carrybit("watch", trained, "9 + 60", "--plain").out


def test_without_a_question_the_example_of_the_task_is_watched(carrybit, trained):
    said = carrybit("watch", trained)
    assert said.code == 0, said.err
    assert said.out == carrybit("watch", trained, "9 + 60").out != ""


def test_quiet_says_the_answer_alone(carrybit, trained):
    assert carrybit("watch", trained, "9 + 60", "--quiet").out == "9 + 60 = 69\n"
    assert carrybit("watch", trained, "9 + 60", "--quiet", "--html", "sum.html").out == "9 + 60 = 69\n"


def test_json_tells_every_step(carrybit, trained):
    entry, trace = carrybit("watch", trained, "9 + 60", "--json").json, asked(trained, "9 + 60")
    assert entry["question"] == "9 + 60 = 69"
    assert [step["answer"] for step in entry["steps"]] == list("1010001")
    np.testing.assert_array_equal([step["layer_1"] for step in entry["steps"]], trace.layer_1[0, 1:])
    np.testing.assert_array_equal(entry["gradient"]["synapse_h"], trace.gradient.synapse_h)
    assert "provenance" not in entry


@pytest.mark.parametrize("method", METHODS)
def test_provenance_prints_the_shares_of_the_inputs(carrybit, trained, method):
    said = carrybit("watch", trained, "9 + 60", "--provenance", "--method", method)
    assert said.code == 0, said.err
    shares = attribute(asked(trained, "9 + 60"), method).shares()[0]
    rows = [line.split() for line in said.out.splitlines() if line.startswith("bit ")]
    assert [row[-1] for row in rows] == [f"{100 * shares[t, t]:.1f}" for t in range(7)]
    assert [row[-t - 1] for t, row in enumerate(rows)] == [f"{100 * shares[t, 0]:.1f}" for t in range(7)]
    entry = carrybit("watch", trained, "9 + 60", "--provenance", "--method", method, "--json").json
    assert entry["provenance"]["method"] == method
    np.testing.assert_allclose(np.array(entry["provenance"]["shares"]), shares)


def test_the_words_below_the_shares_name_the_input_that_there_is_most_of(carrybit, trained):
    said = carrybit("watch", trained, "9 + 60", "--provenance")
    shares = attribute(asked(trained, "9 + 60")).shares()[0]
    older = [t for t in range(7) if shares[t].argmax() < t]
    told = [line for line in said.out.splitlines() if line.startswith("After bit")]
    assert len(told) == min(len(older), 4) > 0
    for t, line in zip(older, told, strict=False):
        s = shares[t].argmax()
        assert line.startswith(
            f"After bit {t} there is more of bit {s} than of any other: {100 * shares[t].max():.1f} %"
        )
        assert line.endswith(f"At bit {s} it went from carry 0 to carry 1.") == (s == 3)


def test_a_long_question_tells_the_largest_shares(carrybit, trained):
    said = carrybit("watch", trained, f"{2**19} + 7", "--provenance", "--method", "ablation")
    assert said.code == 0, said.err
    assert "bit 20" in said.out and "bit 19: " in said.out


@pytest.mark.parametrize("view", views.PICTURES)
def test_every_picture_is_drawn(carrybit, trained, view, tmp_path):
    said = carrybit("watch", trained, "9 + 60", "--figure", "picture.png", "--view", view)
    assert said.code == 0, said.err
    assert "drawn: picture.png" in said.out
    with Image.open("picture.png") as picture:
        assert picture.width > 700 and len(picture.convert("L").getcolors(256)) > 10


@pytest.mark.parametrize("view", views.FILMS)
def test_every_film_is_drawn(carrybit, trained, view, monkeypatch):
    monkeypatch.setattr(views, "MOMENTS", 4)
    said = carrybit("watch", trained, "1 + 1", "--figure", "film.gif", "--view", view)
    assert said.code == 0, said.err
    with Image.open("film.gif") as film:
        assert film.n_frames >= 4


def test_a_page_is_written(carrybit, trained):
    said = carrybit("watch", trained, "9 + 60", "--html", "page.html")
    assert said.code == 0, said.err
    with open("page.html", encoding="utf-8") as page:
        assert "9 + 60 = 69" in page.read()


@pytest.mark.parametrize("ending", ["json", "safetensors"])
def test_every_number_is_saved(carrybit, trained, ending):
    assert carrybit("watch", trained, "9 + 60", "--out", f"trace.{ending}").code == 0
    saved = load_trace(f"trace.{ending}")
    for name, array in asked(trained, "9 + 60").arrays().items():
        np.testing.assert_array_equal(saved.arrays()[name], array)


def test_any_moment_of_the_training_can_be_watched(carrybit, trained):
    config = load_run(trained).config
    first = Network.first(config.make_spec(), config.seed)
    assert carrybit("watch", trained, "9 + 60", "--at", 0, "--out", "first.json").code == 0
    np.testing.assert_array_equal(load_trace("first.json").params.synapse_h, first.params.synapse_h)
    reached = load_run(trained).state.update
    assert carrybit("watch", trained, "9 + 60", "--at", reached - 1, "--out", "before.json").code == 0
    assert carrybit("watch", trained, "9 + 60", "--at", reached, "--out", "last.json").code == 0
    last = load_trace("last.json").params.synapse_h
    np.testing.assert_array_equal(last, load_run(trained).network.params.synapse_h)
    assert 0 < np.abs(load_trace("before.json").params.synapse_h - last).max() < 0.1
    assert is_refused(carrybit("watch", trained, "--at", reached + 1), "--at", f"{reached:,}")


def test_what_is_wrong_is_said_before_anything_is_written(carrybit, trained):
    for arguments, words in [
        (["nine + 60"], ["nine"]),
        (["--figure", "picture.bmp"], ["picture.bmp", ".gif"]),
        (["--figure", "picture.png", "--view", "training"], ["--view", "provenance"]),
        (["--figure", "film.gif", "--view", "space"], ["--view", "forward"]),
        (["--view", "space"], ["fix: --figure space.png --view space"]),
        (["--view", "training"], ["fix: --figure training.gif --view training"]),
        (["--method", "guess"], ["--method", "shapley"]),
        (["--html", "page.txt"], [".html"]),
        (["--html", "nowhere/page.html"], ["nowhere"]),
        (["--out", "trace.npz"], [".safetensors"]),
        (["--sideways"], ["--sideways"]),
        (["--out", trained / "model.safetensors"], ["another kind", "model-trace.safetensors"]),
        (["1" * 60 + " + 1", "--figure", "picture.png"], ["at most 60 steps", "fix: --view layers"]),
        (["1" * 60 + " + 1", "--figure", "film.gif", "--view", "training"], ["at most 40 bits"]),
        ([""], []),
        (["1" * 4000 + " + 1"], ["10,000"]),
    ]:
        said = carrybit("watch", trained, *arguments)
        assert is_refused(said, *words), (arguments, said.code, said.err)
    assert is_refused(carrybit("watch", "nothing"), "nothing")
    assert load_run(trained).network is not None
    assert not list(Path().iterdir())


def test_runs_of_the_old_stream_are_watched_as_they_are_saved(carrybit):
    carrybit("reproduce", "--updates", 2000, "--out", "old")
    assert carrybit("watch", "old", "9 + 60").code == 0
    assert is_refused(carrybit("watch", "old", "9 + 60", "--at", 10), "reproduce")
    assert is_refused(carrybit("watch", "old", "--figure", "film.gif", "--view", "training"), "reproduce")
    assert is_refused(carrybit("watch", "old", "--figure", "weights.png", "--view", "synapses"), "reproduce")


def test_what_is_sampled_says_how_far_off_it_may_be(carrybit, trained):
    said = carrybit("watch", trained, f"{2**18} + 7", "--provenance")
    error = attribute(asked(trained, f"{2**18} + 7")).error
    assert f"sampled: what a unit has of an input is off by about {error[error > 0].mean():.1g}" in said.out


def test_own_data_are_watched_too(carrybit):
    with open("text.txt", "w") as file:
        file.write("abcab cabca bcabc abcab " * 40)
    carrybit("train", "--data", "text.txt", "--out", "text", "--updates", 20, "--hidden-dim", 4, "--quiet")
    said = carrybit("watch", "text", "abc", "--json")
    assert said.code == 0, said.err
    assert [step["truth"] for step in json.loads(said.out)["steps"]] == ["b", "c", None]
    assert is_refused(carrybit("watch", "text", "xyz"), "xyz"[0])
    said = carrybit("watch", "text", "--figure", "space.png", "--view", "space", "--html", "page.html")
    assert is_refused(said, "text.txt", "fix: --view layers")
    assert not Path("page.html").exists()
    assert carrybit("watch", "text", "--figure", "colours.png").code == 0


def test_what_is_read_stays_on_its_line(carrybit):
    with open("text.txt", "w") as file:
        file.write("ab\nba\nab\t" * 60)
    carrybit("train", "--data", "text.txt", "--out", "text", "--updates", 20, "--hidden-dim", 4, "--quiet")
    said = carrybit("watch", "text", "ab\nba", "--provenance")
    assert said.code == 0, said.err
    rows = [line for line in said.out.splitlines() if line.startswith("character ")]
    assert [row.split()[2] for row in rows] == ["a", "b", "\\n", "b", "a"]


def test_of_a_network_that_left_the_finite_numbers_nothing_false_is_said(carrybit):
    carrybit("train", "--learning-rate", "1e300", "--updates", 200, "--out", "wild", "--quiet")
    said = carrybit("watch", "wild", "9 + 60", "--provenance")
    assert said.code == 0, said.err
    assert "nan" not in said.out and "After" not in said.out
    said = carrybit("watch", "wild", "9 + 60", "--figure", "wild.png", "--view", "synapses")
    assert said.code == 0 and said.err == ""
