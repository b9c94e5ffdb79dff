"""The picture that is the proof: its cells are the proof's own, and so are its numbers."""

import re
from functools import cache

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_rgba

from carrybit import figures
from carrybit.config import TrainConfig
from carrybit.figures.cells import MOST_STATES, colour, draw_cells, draw_proof
from carrybit.figures.hues import HUES
from carrybit.integer import quantize
from carrybit.machines.machine import Machine
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.claim import Claim, claim_of
from carrybit.proof.induction.cells import Cells
from carrybit.proof.induction.shadow import STEPS, outlines, shadow
from carrybit.proof.proving import verdict_on
from carrybit.proof.verdict import Open, Refuted
from carrybit.spec import Spec
from carrybit.tasks import make_task
from carrybit.tasks.addition import addition
from carrybit.training import train
from wrong_networks import checkpoints


@cache
def proved(name="addition"):
    task = make_task(name, {})
    *_, finished = train(TrainConfig(task=task, recipe="provable"))
    verdict = verdict_on(claim_of(finished.state.network, task), seconds=30)
    assert verdict.status == "PROVED"
    return verdict


@cache
def drawn(name="addition"):
    return draw_proof(proved(name))


def texts(ax):
    return [text.get_text() for text in (*ax.texts, ax.title)]


def random_cells(memory_dim, seed):
    """Cells that are no boxes, and a plane to cast them on."""
    random = np.random.default_rng(seed)
    faces = random.normal(size=(3, memory_dim, memory_dim))
    groups = random.integers(3, size=5)
    cells = Cells(
        faces=faces,
        contexts=np.arange(3),
        depth=0,
        centres=random.normal(size=(5, memory_dim)),
        groups=groups,
        scales=0.5 ** random.integers(3, size=5),
    )
    axes = np.linalg.qr(random.normal(size=(memory_dim, memory_dim)))[0][:2]
    return cells, random.normal(size=memory_dim), axes


# shadows


@pytest.mark.parametrize("memory_dim", [2, 3, 5, 16])
def test_a_shadow_is_as_wide_as_the_cell_in_every_direction(memory_dim):
    cells, mean, axes = random_cells(memory_dim, memory_dim)
    corners = outlines(cells, mean, axes)
    assert corners.shape == (5, 2 * memory_dim, 2)
    angles = np.linspace(0, 2 * np.pi, 90)
    for cell, group, scale, centre in zip(corners, cells.groups, cells.scales, cells.centres, strict=True):
        for way in np.column_stack([np.cos(angles), np.sin(angles)]) @ axes:  # (M,), the same way in the memory
            edges = np.linalg.solve(cells.faces[group], way)  # how far each edge of the cell goes that way
            farthest = (centre - mean) @ way + scale * np.abs(edges).sum()
            assert (cell @ (axes @ way)).max() == pytest.approx(farthest)


@pytest.mark.parametrize("memory_dim", [2, 5, 16])
def test_every_point_of_a_cell_lies_in_its_shadow_and_the_corners_come_in_order(memory_dim):
    cells, mean, axes = random_cells(memory_dim, 7)
    random = np.random.default_rng(0)
    for k, cell in enumerate(outlines(cells, mean, axes)):
        sides = np.roll(cell, -1, axis=0) - cell
        turns = np.cross(np.c_[sides, np.zeros(len(sides))], np.c_[np.roll(sides, -1, axis=0), np.zeros(len(sides))])
        assert (turns[:, 2] > -1e-9).all()  # around it to the left, so that it is convex
        cube = random.uniform(-1, 1, size=(2_000, memory_dim))
        cube[:1_000] = np.sign(cube[:1_000])  # corners, which go farthest
        points = cells.centres[k] + cells.scales[k] * cube @ np.linalg.inv(cells.faces[cells.groups[k]])
        assert (np.abs((points - cells.centres[k]) @ cells.faces[cells.groups[k]]) <= cells.scales[k] + 1e-9).all()
        to = ((points - mean) @ axes.T)[:, None] - cell  # (points, corners, 2)
        assert (sides[:, 0] * to[..., 1] - sides[:, 1] * to[..., 0] > -1e-9).all()


def test_a_shadow_tells_the_cells_of_the_proof():
    verdict = proved()
    cast = shadow(verdict)
    assert len(cast.outlines) == len(verdict.invariant) == verdict.numbers["cells"] - 1
    centres = (verdict.invariant.centres - cast.mean) @ cast.axes.T
    np.testing.assert_allclose(cast.outlines.mean(axis=1), centres, atol=1e-9)
    np.testing.assert_allclose(cast.axes @ cast.axes.T, np.eye(2), atol=1e-12)
    assert cast.way[0] == pytest.approx(-cast.mean @ cast.axes.T)  # the memory is empty at first
    assert len(cast.word) == STEPS and cast.skipped == 0


def test_cells_stand_for_the_state_that_the_word_is_in_when_it_is_there():
    cast = shadow(proved())
    for place, state in zip(cast.way[1:], cast.way_states[1:], strict=True):
        sides = np.roll(cast.outlines, -1, axis=1) - cast.outlines
        to = place - cast.outlines
        inside = (sides[..., 0] * to[..., 1] - sides[..., 1] * to[..., 0] >= 0).all(axis=1)
        if inside.any() and len(set(cast.cell_states[inside])) == 1:
            assert cast.cell_states[inside][0] == state
    assert set(cast.cell_states) == {0, 1}


def test_the_plane_of_two_units_is_their_own():
    spec = Spec(input_dim=1, hidden_dim=2, output_dim=1, bias=True, loss="cross_entropy", activation="relu")
    params = Params(
        synapse_0=np.array([[1.0, -1.0]]),
        synapse_h=np.zeros((2, 2)),
        synapse_1=np.array([[1.0], [-1.0]]),
        bias_1=np.array([0.0, 1.0]),
        bias_2=np.zeros(1),
    )
    echo = Machine(("q",), ("0", "1"), ("no", "yes"), np.zeros((1, 2), int), np.array([[0, 1]]))
    verdict = verdict_on(Claim(network=Network(spec, params), machine=echo, vectors=np.array([[0.0], [1.0]])))
    assert verdict.status == "PROVED"
    cast = shadow(verdict)
    assert cast.is_exact and (cast.axes == np.eye(2)).all() and (cast.mean == 0).all()
    ax = draw_cells(cast, figures.blank(6, 5)[1])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("unit 1", "unit 2")


def test_one_unit_is_drawn_on_a_line(tmp_path):
    spec = Spec(input_dim=1, hidden_dim=1, output_dim=1, bias=True, loss="cross_entropy")
    one = np.ones((1, 1))
    params = Params(
        synapse_0=8 * one, synapse_h=one / 9, synapse_1=one, bias_1=-4 * np.ones(1), bias_2=np.array([-0.5])
    )
    echo = Machine(("q",), ("0", "1"), ("no", "yes"), np.zeros((1, 2), int), np.array([[0, 1]]))
    verdict = verdict_on(Claim(network=Network(spec, params), machine=echo, vectors=np.array([[0.0], [1.0]])))
    assert verdict.status == "PROVED"
    assert (shadow(verdict).way[:, 1] == 0).all()
    figures.save(draw_proof(verdict), tmp_path / "line.png")


# the picture


def test_the_picture_says_what_was_proved_in_the_numbers_of_the_proof():
    verdict, drawing = proved(), drawn()
    assert drawing.get_suptitle() == "PROVED for every length: this network is this machine"
    top, below = drawing.axes
    told = below.get_title().replace("\n", " ")
    assert told.startswith(f"{verdict.numbers['cells']:,} cells")
    margin = float(re.search(r"margin ≥ ([\d.]+)", told)[1])
    assert margin <= verdict.margin < margin * 1.01
    assert "1e-09" in told
    assert "carry 0" in texts(top) and "carry 1" in texts(top)


def test_every_cell_is_drawn_once_in_the_colour_of_its_state():
    cast = shadow(proved())
    below = drawn().axes[1]
    cells = [each for each in below.collections if isinstance(each, PolyCollection)]
    assert len(cells) == 2
    for state, each in enumerate(cells):
        corners = np.array([path.vertices[:-1] for path in each.get_paths()])
        np.testing.assert_allclose(corners, cast.outlines[cast.cell_states == state])
        assert tuple(each.get_facecolor()[0][:3]) == pytest.approx(colour(state))
    circles = [patch for patch in drawn().axes[0].patches if type(patch).__name__ == "Circle"]
    assert [circle.get_facecolor()[:3] for circle in circles] == [pytest.approx(colour(state)) for state in (0, 1)]


def test_states_are_told_apart_without_colour():
    lines = [each.get_linestyle()[0] for each in drawn().axes[1].collections if isinstance(each, PolyCollection)]
    assert lines[0] != lines[1]
    marks = [handle.get_marker() for handle in drawn().axes[1].get_legend().legend_handles]
    assert len(set(marks)) == 2


def test_the_start_is_marked_and_the_first_steps_are_numbered():
    cast, below = shadow(proved()), drawn().axes[1]
    numbered = " ".join(text for text in texts(below) if re.fullmatch(r"(start|[1-8])( [1-8])*", text)).split()
    assert sorted(numbered) == sorted(["start", *"12345678"])
    star = next(each for each in below.collections if isinstance(each, PathCollection) and each.get_sizes()[0] == 190)
    np.testing.assert_allclose(star.get_offsets()[0], cast.way[0])
    symbols = [cast.verdict.claim.machine.symbols[symbol] for symbol in cast.word[:8]]
    assert f"are drawn: {' '.join(symbols)} …" in below.get_title()


def test_a_network_in_whole_numbers_is_drawn_as_its_memories():
    task = addition()
    network = quantize(proved().claim.network, 5, 6)
    verdict = verdict_on(claim_of(network, task), seconds=30)
    drawing = draw_proof(verdict)
    assert "PROVED" in drawing.get_suptitle()
    assert f"{verdict.invariant.count:,} pairs" in drawing.axes[1].get_title()
    cast = shadow(verdict)
    assert len(cast.outlines) == 0
    assert len(np.unique(np.column_stack([cast.dots, cast.dot_states]), axis=0)) == len(cast.dots)
    assert len(cast.dots) <= verdict.invariant.count


def test_what_is_not_proved_says_so():
    task = addition()
    (network,) = checkpoints(task, 0, 60_000)
    claim = claim_of(network, task)
    drawing = draw_proof(Open(claim=claim, why="the time ran out", advice="more of it"))
    assert drawing.get_suptitle().startswith("OPEN")
    assert "the time ran out" in drawing.axes[1].get_title()
    assert not any(isinstance(each, PolyCollection) for each in drawing.axes[1].collections)
    assert "PROVED" not in " ".join([drawing.get_suptitle(), *texts(drawing.axes[1])])


def test_what_is_refuted_shows_where_the_word_ends():
    task = addition()
    (network,) = checkpoints(task, 0, 4_000)
    verdict = verdict_on(claim_of(network, task), seconds=30)
    assert isinstance(verdict, Refuted)
    drawing = draw_proof(verdict)
    assert drawing.get_suptitle().startswith("REFUTED")
    end = shadow(verdict).way[-1]
    cross = [each for each in drawing.axes[1].collections if isinstance(each, PathCollection)][-1]
    np.testing.assert_allclose(cross.get_offsets()[0], end)
    assert cross.get_facecolor()[0] == pytest.approx(to_rgba("black"))


def test_of_a_long_word_the_end_is_drawn():
    task = addition()
    (network,) = checkpoints(task, 0, 60_000)
    claim = claim_of(network, task)
    word = np.array([3, *[1] * 999])
    whole = Refuted(claim=claim, word=word, answers=word, is_shortest=False, how="")
    cast = shadow(whole)
    assert cast.skipped == 1_000 - STEPS and len(cast.word) == STEPS
    layer_1 = network.run(claim.vectors[word[None]]).layer_1[0, -1]
    np.testing.assert_allclose(cast.way[-1], (layer_1 - cast.mean) @ cast.axes.T, atol=1e-12)
    assert "its last 160 steps" in draw_proof(whole).axes[1].get_title().replace("\n", " ")


def test_a_large_machine_is_left_out():
    states = MOST_STATES + 1
    moves = np.stack([(np.arange(states) + 1) % states, np.zeros(states, int)], axis=1)
    ring = Machine(tuple(map(str, range(states))), ("0", "1"), ("no", "yes"), moves, moves % 2)
    task = make_task("parity", {})
    network = proved("parity").claim.network
    claim = Claim(network=network, machine=ring, vectors=task.vectors)
    drawing = draw_proof(Open(claim=claim, why="it was not tried", advice=""))
    assert len(drawing.axes) == 1


def test_the_first_two_states_have_the_colours_of_a_carry():
    assert (colour(0), colour(1)) == (pytest.approx(to_rgba(HUES[1])[:3]), pytest.approx(to_rgba(HUES[0])[:3]))
    assert len({colour(state) for state in range(24)}) == 24


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_it_is_saved_in_every_format(tmp_path, ending):
    figures.save(drawn(), tmp_path / f"proof.{ending}")
    assert (tmp_path / f"proof.{ending}").stat().st_size > 5_000
