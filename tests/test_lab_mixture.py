"""The experiment on mixture: imprints are what changing an input changes, and the verdict turns round."""

import json
import math

import numpy as np
import pytest

from carrybit.labs import mixture as lab
from carrybit.labs.imprint import imprint, mixture
from carrybit.labs.lab import Finding
from carrybit.network import Network
from carrybit.spec import Spec
from carrybit.tasks.parity import parity

WORDS = parity(6).sample(3, "evaluation", 0, 10)


def a_network(recurrence="hidden"):
    return Network.first(Spec(input_dim=2, hidden_dim=5, recurrence=recurrence, bias=True), seed=1)


def test_an_imprint_is_how_far_another_symbol_moves_the_hidden_layer():
    network, vectors = a_network(), parity().vectors
    found = imprint(network, vectors, WORDS, 2, 1 - WORDS[:, 2])
    for word, row in zip(WORDS, found, strict=True):
        other = word.copy()
        other[2] = 1 - word[2]
        here, there = (network.run(vectors[each][None]).layer_1[0, 1:] for each in (word, other))
        np.testing.assert_allclose(row, np.sqrt(((here - there) ** 2).sum(axis=1)), atol=1e-14)
        assert (row[:2] == 0).all() and (row[2:] > 0).all()


def test_a_small_imprint_is_the_derivative_times_the_step():
    network, step = a_network(), 1e-6
    vectors = np.array([[0.3, 0.7], [0.3 + step, 0.7]])
    word = np.zeros((1, 5), int)
    found = imprint(network, vectors, word, 1, np.array([1]))[0] / step
    params, layers = network.params, network.run(vectors[word])
    moved = np.zeros(5)
    for t in range(5):
        slope = layers.layer_1[0, t + 1] * (1 - layers.layer_1[0, t + 1])
        moved = slope * (moved @ params.synapse_h + (params.synapse_0[0] if t == 1 else 0))
        assert found[t] == pytest.approx(np.linalg.norm(moved), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("recurrence", ["hidden", "input"])
def test_the_share_of_an_input_is_its_distance_over_the_sum_of_all_distances(recurrence):
    network, vectors = a_network(recurrence), parity().vectors
    shares = mixture(network, vectors, WORDS[:2])
    for b, word in enumerate(WORDS[:2]):
        left = np.zeros((6, 6))
        for s in range(6):
            other = np.where(np.arange(6) == s, 1 - word, word)
            here, there = (network.run(vectors[each][None]).layer_1[0, 1:] for each in (word, other))
            left[:, s] = [math.dist(one, two) for one, two in zip(here, there, strict=True)]
        for t in range(6):
            np.testing.assert_allclose(shares[b, t], left[t] / sum(left[t]), atol=1e-12)


def test_shares_sum_to_one_and_nothing_comes_from_the_future():
    shares = mixture(a_network(), parity().vectors, WORDS)
    np.testing.assert_allclose(shares.sum(axis=2), 1, atol=1e-12)
    assert (shares[:, ~np.tri(6, dtype=bool)] == 0).all()


def test_with_input_recurrence_nothing_older_than_the_previous_input_is_there():
    shares = mixture(a_network("input"), parity().vectors, WORDS)
    old = np.tri(6, k=-2, dtype=bool)
    assert (shares[:, old] == 0).all()
    assert (mixture(a_network(), parity().vectors, WORDS)[:, old] > 0).all()


def found(**options):
    (finding,) = [event for event in lab.experiment(**options) if isinstance(event, Finding)]
    return finding


def test_hidden_recurrence_holds_every_input_and_is_drawn_in_hues(tmp_path):
    from matplotlib.figure import Figure

    finding = found()
    assert finding.holds, finding.verdict
    shares = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]["shares"]
    for name, listing in zip(("sums", "recall 3"), finding.listings, strict=True):
        for t in range(8):
            assert shares[name]["input"][t][: max(t - 1, 0)] == [0] * max(t - 1, 0)  # exactly
        assert [row[-1] for row in listing.rows] == ["0"] * 8
        assert listing.heads[-2:] == ("older, hidden", "older, input")
    drawn = lab.draw(finding, Figure())
    drawn.savefig(tmp_path / "drawn.png")
    assert [ax.get_title() for ax in drawn.axes] == [
        f"{name}, {recurrence} recurrence" for name in ("sums", "recall 3") for recurrence in ("hidden", "input")
    ]
    for ax in drawn.axes:
        heights = np.array([bar.get_height() for bar in ax.patches]).reshape(8, 8)  # (inputs, steps)
        np.testing.assert_allclose(heights.sum(axis=0), 100)
        assert len({bar.get_facecolor() for bar in ax.patches}) == 8
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == [str(s) for s in range(8)]


def test_swapped_networks_turn_the_verdict_round():
    finding = found(recurrence="input")
    assert not finding.holds
    assert finding.verdict.startswith("With input recurrence the share of an input falls to 0 %")


EVERY, LAST_TWO = [[1.0, 0, 0], [0.4, 0.6, 0], [0.1, 0.3, 0.6]], [[1.0, 0, 0], [0.4, 0.6, 0], [0.0, 0.4, 0.6]]


@pytest.mark.parametrize(
    ("hidden", "seen", "holds", "words"),
    [
        (EVERY, LAST_TWO, True, "the least 10 % (sums)"),
        (LAST_TWO, LAST_TWO, False, "With hidden recurrence the share of an input falls to 0 %"),
        (EVERY, EVERY, False, "With input recurrence up to 10 % are of inputs older than the last two"),
    ],
)
def test_the_verdict_follows_the_numbers(hidden, seen, holds, words):
    finding = lab._finding("hidden", "input", {"sums": {"hidden": hidden, "input": seen}})
    assert finding.holds is holds
    assert words in finding.verdict
