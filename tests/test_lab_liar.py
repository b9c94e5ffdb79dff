"""The lab of the liar: samples do not see what is wrong with it, the hunt does, and its twin is proved."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from carrybit.errors import SettingError
from carrybit.labs import liar, liars
from carrybit.labs.lab import Finding, Step
from carrybit.proof.hunting.hunt import hunt
from carrybit.proof.verdict import Open, Proved, Refuted
from carrybit.tasks.addition import addition

BITS = (20, 170, 5_000, 60_000)


@pytest.fixture(scope="module")
def made():
    return {bit: liars.make_liar(bit) for bit in BITS}


@pytest.fixture(scope="module")
def finding():
    *steps, last = liar.experiment(bit=2_000)
    assert steps and all(isinstance(step, Step) and 0 <= step.done <= 1 for step in steps)
    assert isinstance(last, Finding)
    return last


@pytest.mark.parametrize("bit", BITS)
def test_a_liar_errs_where_it_was_asked_to(made, bit):
    lie = made[bit]
    assert bit <= lie.bit <= bit + max(4, bit // 50)
    claim = liars.claim_of(lie.network)
    states, truth = claim.machine.run(lie.chain[None])
    given, _ = claim.answers(lie.chain[None])
    assert np.flatnonzero(given != truth).tolist() == [lie.bit]
    assert set(lie.chain[2:].tolist()) <= {1, 2} and len(set(states[0, 1:])) == 1  # a column, and then it holds


@pytest.mark.parametrize("bit", BITS)
def test_every_liar_is_refuted(made, bit):
    claim = liars.claim_of(made[bit].network)
    *_, last = hunt(claim, seconds=120)
    assert isinstance(last, Refuted) and len(last.word) <= made[bit].bit + 1
    assert claim.first_wrong(last.word) == len(last.word) - 1


def test_the_same_bit_makes_the_same_liar(made):
    again = liars.make_liar(5_000)
    assert again.share == made[5_000].share
    arrays = again.network.params.arrays()
    assert all((made[5_000].network.params.arrays()[name] == array).all() for name, array in arrays.items())


def test_a_liar_is_its_parents_mixed(made):
    lie = made[5_000]
    for name, array in lie.network.params.arrays().items():
        early, late = (parent.params.arrays()[name] for parent in (lie.early, lie.late))
        np.testing.assert_allclose(array, early + lie.share * (late - early), rtol=0, atol=1e-12)


def test_a_bit_that_is_too_far_is_refused():
    for bit in (15, 3_000_001):
        with pytest.raises(SettingError, match="16 to 3,000,000"):
            list(liars.making(bit))


def test_margins_along_a_chain_are_those_of_the_whole_word(made):
    lie = made[170]
    claim = liars.claim_of(lie.network)
    word = np.append(lie.chain, [lie.chain[-1]] * 300)
    truth = claim.machine.run(word[None])[1][0]
    layer_2 = lie.network.run(claim.vectors[word[None]]).layer_2[0, :, 0]
    whole = np.where(truth == 1, layer_2 - 0.5, 0.5 - layer_2)
    bits = np.array([1, 2, 50, lie.bit - 1, lie.bit, 400])
    found = liars.margins_along(lie.network, lie.chain, bits)
    np.testing.assert_allclose(found, whole[bits], rtol=0, atol=1e-12)
    assert (found > 0).tolist() == [True, True, True, True, False, False]


def test_mixed_chains_hold_a_carry_for_long():
    words = liar.mixed_chains(0)
    assert words.shape == (liar.CHAINS, liar.CHAIN_BITS) and set(np.unique(words)) == {0, 1, 2, 3}
    assert ((words == 1) | (words == 2)).sum(axis=1).min() >= liar.CHAIN_BITS - 2
    states = addition().machine.run(words)[0]
    assert {0, 1} <= set(states[:, 300])  # with a carry, and without
    assert (words != liar.mixed_chains(1)).any()


def test_samples_see_nothing_and_a_proof_sees_all(finding):
    assert not finding.holds
    assert "REFUTED" in finding.verdict and "PROVED" in finding.verdict
    early, lie, honest = finding.listings[0].rows
    assert lie[2:4] == honest[2:4] == ("10,000 of 10,000", "200 of 200")
    assert 2_000 <= lie[4] <= 2_040 and honest[4] is None and early[4] < 100
    assert [row[5] for row in (early, lie, honest)] == ["REFUTED", "REFUTED", "PROVED"]
    assert "is the first wrong one" in finding.listings[1].rows[1][3]


def test_a_sum_that_is_too_long_to_write_is_told_by_its_columns():
    word = np.array([3, 0] + [1] * 150_000)
    told = liar._shown(verdict(Refuted, word=word, answers=np.append(np.zeros(150_001, int), 1)))
    assert told == "11 x 1, 00 x 1, 01 x 150,000: 1 at the last bit"


def verdict(kind, **fields):
    blank = {"claim": None, "seconds": 1.0}
    if kind is Refuted:
        blank |= {"word": np.zeros(7, int), "answers": np.zeros(7, int), "is_shortest": False, "how": "luck"}
    if kind is Open:
        blank |= {"why": "time", "advice": "more"}
    if kind is Proved:
        blank |= {"margin": 1.0, "rounding": 0.0, "invariant": None}
    return kind(**blank | fields)


@pytest.mark.parametrize(
    ("sums", "chains", "kind", "twin", "holds", "words"),
    [
        (10_000, 200, Refuted, Proved, False, "REFUTED in 1 s by numbers of 7 bits"),
        (10_000, 200, Open, Proved, False, "it is OPEN"),
        (10_000, 200, Refuted, Open, False, "is OPEN in 1 s"),
        (9_998, 200, Refuted, Proved, True, "is seen: by 2 of the random sums"),
        (10_000, 150, Refuted, Proved, True, "is seen: by 50 of the chains"),
    ],
)
def test_the_verdict_follows_the_numbers(sums, chains, kind, twin, holds, words):
    tried = {
        "liar": liar.Tried(None, sums, chains, 5_000, verdict(kind)),
        "honest": liar.Tried(None, 10_000, 200, None, verdict(twin)),
    }
    decided, said = liar.judge(SimpleNamespace(bit=5_000), tried)
    assert decided is holds
    assert words in said and "5,000" in said


def test_the_picture_shows_the_numbers(finding, tmp_path):
    from matplotlib.figure import Figure

    plain = json.loads(json.dumps(finding.about(), allow_nan=False))["data"]
    drawn = liar.draw(finding, Figure())
    drawn.savefig(tmp_path / "drawn.png")
    (ax,) = drawn.axes
    lines = {line.get_label().split(":")[0]: line for line in ax.get_lines()}
    for name in liar.NAMES:
        assert lines[name].get_xdata().tolist() == plain["bits"]
        assert lines[name].get_ydata().tolist() == plain["margins"][name]
    assert min(plain["margins"]["honest"]) > 0 > plain["margins"]["liar"][-1]
    assert any(f"{plain['errors']['liar']:,}" in text.get_text() for text in ax.texts)


def test_the_command_line_takes_the_bit(carrybit, tmp_path):
    said = carrybit("lab", "liar", "--bit", 40, "--json")
    assert said.code == 0, said.err
    assert 40 <= said.json["data"]["errors"]["liar"] <= 44
    for wrong in (("lab", "liar", "--bit", 15), ("lab", "size", "--bit", 40), ("lab", "--bit", 40)):
        refused = carrybit(*wrong)
        assert refused.code == 2
        assert [line.split(":")[0] for line in refused.err.strip().splitlines()] == ["error", "allowed", "fix"]
