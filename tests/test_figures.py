"""The figures, by what they contain."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from carrybit import figures  # noqa: E402
from carrybit.config import TrainConfig  # noqa: E402
from carrybit.errors import UsageError  # noqa: E402
from carrybit.figures.learning import draw_learning  # noqa: E402
from carrybit.figures.memory import draw_memory  # noqa: E402
from carrybit.network import Network  # noqa: E402
from carrybit.prediction import follow_state, predict  # noqa: E402
from carrybit.runs import load_run  # noqa: E402
from carrybit.tasks.data import data_task  # noqa: E402
from carrybit.tasks.parity import parity  # noqa: E402


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_learning_curve_holds_the_reports(trained):
    task, metrics = load_run(trained).config.task, load_run(trained).metrics
    reports = [line for line in metrics if line["event"] == "report"]
    _, ax = figures.blank(5, 4)
    assert draw_learning(task, metrics, ax) is ax
    sums, bits = ax.get_lines()
    assert list(sums.get_xdata()) == [line["update"] for line in reports]
    np.testing.assert_allclose(sums.get_ydata(), [100 * line["right_sequences"] for line in reports])
    np.testing.assert_allclose(bits.get_ydata(), [100 * line["right_steps"] for line in reports])
    assert len({line.get_linestyle() for line in (sums, bits)}) == 2  # told apart without colour


@pytest.mark.parametrize("height", [3.5, 4, 4.5, 5])
def test_all_of_the_learning_curve_is_on_its_page(trained, height, tmp_path):
    run = load_run(trained)
    errors = [3.976, 3.891, 3.630, 3.118, 2.079, 1.057, 0.599, 0.432, 0.362, 0.320, 0.286]  # the README's
    shares = {"right_steps": 0.9, "right_sequences": 0.5}
    metrics = [{"event": "report", "update": 1000 * (k + 1), "error": e, **shares} for k, e in enumerate(errors)]
    figure, ax = figures.blank(7, height)
    draw_learning(run.config.task, [*metrics, run.metrics[-1] | {"update": 11_000}], ax)
    figures.save(figure, tmp_path / "drawn.png")
    for each in figure.axes:
        edge = each.get_tightbbox()
        assert edge.x0 >= 0 and edge.y0 >= 0 and edge.x1 <= figure.bbox.width and edge.y1 <= figure.bbox.height


def test_the_learning_curve_of_data_holds_the_validation_part(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("wave.npy", np.sin(np.arange(300) / 3))
    task = data_task("wave.npy")
    metrics = [{"event": "report", "update": 10 * k, "error": 2.0 / k, "validation": 1.0 / k} for k in (1, 2, 3)]
    _, ax = figures.blank(5, 4)
    draw_learning(task, metrics, ax)
    (validation,) = ax.get_lines()
    np.testing.assert_allclose(validation.get_ydata(), [1, 1 / 2, 1 / 3])
    assert ax.get_title() == "wave.npy: the next input"


def test_the_memory_of_symbols_is_read_from_left_to_right():
    task = parity()
    network = Network.first(TrainConfig(task=task).make_spec(), 0)
    prediction = predict(network, task, "1101")
    _, ax = figures.blank(5, 4)
    draw_memory(task, prediction, follow_state(network, task), "tanh", ax)
    written = texts(ax)
    assert written[written.index("symbol") + 1 :][:4] == list("1101")
    xs = [text.get_position()[0] for text in ax.texts][written.index("symbol") + 1 :][:4]
    assert xs == [0, 1, 2, 3]


def test_the_memory_holds_every_activation_lowest_bit_on_the_right(trained):
    run = load_run(trained)
    task, network = run.config.task, run.network
    prediction = predict(network, task, "9 + 60")
    follows = follow_state(network, task)
    _, ax = figures.blank(5, 4)
    assert draw_memory(task, prediction, follows, "sigmoid", ax) is ax
    shown = ax.images[0].get_array()
    order = np.argsort(-follows, kind="stable")
    np.testing.assert_array_equal(shown, prediction.layers.layer_1[0, :0:-1].T[order])
    written = texts(ax)
    rows = {head: written[written.index(head) + 1 :][:7][::-1] for head in ("to remember", "9", "60", "answer")}
    assert rows == {
        "to remember": list("0111000"),
        "9": list("0001001"),
        "60": list("0111100"),
        "answer": list("1000101"),
    }
    assert ax.get_title() == "9 + 60 = 69"


def test_wrong_bits_are_marked_in_the_memory(short):
    run = load_run(short)
    task = run.config.task
    prediction = predict(run.network, task, "9 + 60")
    _, ax = figures.blank(5, 4)
    draw_memory(task, prediction, follow_state(run.network, task), "sigmoid", ax)
    boxes = [text for text in ax.texts if text.get_bbox_patch() is not None]
    assert len(boxes) == int((prediction.answers != prediction.truth).sum() + prediction.states[1:].sum())
    assert "wrong" in ax.get_title()


def test_some_units_of_an_adder_follow_the_carry(trained):
    run = load_run(trained)
    follows = follow_state(run.network, run.config.task)
    assert np.abs(follows).max() > 0.5
    assert np.abs(follows).max() <= 1


@pytest.mark.parametrize("name", ["drawn.png", "drawn.svg", "drawn.pdf"])
def test_figures_are_written_in_the_format_of_their_name(carrybit, trained, name):
    assert carrybit("predict", trained, "9 + 60", "--figure", name).code == 0
    with open(name, "rb") as file:
        assert file.read(5)[:4] in (b"\x89PNG", b"<?xm", b"%PDF")


def test_train_draws_its_learning_curve(carrybit):
    assert carrybit("train", "--updates", 20, "--figure", "curve.svg").code == 0


def test_a_figure_that_cannot_be_written_is_said_before_anything_is_done(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="no folder"):
        figures.check(tmp_path / "nowhere" / "drawn.png")
    with pytest.raises(UsageError, match="ends in"):
        figures.check(tmp_path / "drawn.gif")
    monkeypatch.setattr("carrybit.figures.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"carrybit\[figures\]"):
        figures.check(tmp_path / "drawn.png")
