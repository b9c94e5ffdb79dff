"""The check of certificates: every genuine one is accepted, and every forged one is rejected."""

import ast
import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carrybit.errors import UsageError
from carrybit.files.certificates import read_certificate, write_certificate
from carrybit.integer import quantize
from carrybit.network import Network
from carrybit.params import Params
from carrybit.proof.checking import check as checking
from carrybit.proof.checking.balls import between_lines, matrix_of, row_sums
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.checking.check import check_certificate
from carrybit.proof.checking.outcome import Checked, Checking, Rejected
from carrybit.proof.exact.pairs import Pairs, visit
from carrybit.proof.induction.cells import WITHIN
from carrybit.proof.verdict import Proved
from designed_networks import DESIGNED
from forgeries import (
    FORGERIES,
    change_a_move,
    change_an_answer,
    change_the_start,
    claim_about,
    exchange_vectors,
    provable,
    proved,
    raise_the_margin,
)

SOURCE = Path(checking.__file__).parent
PROVER = {"search", "zonotopes", "axes", "bands", "cells", "pairs", "known", "strides", "proving"}


def checked(certificate, network):
    *_, outcome = check_certificate(certificate, network)
    return outcome


@pytest.fixture(scope="module")
def genuine():
    """A proof of a network that was trained to add."""
    return proved(claim_about(provable(0)))


@pytest.fixture(scope="module")
def whole(genuine):
    """A proof of a network in whole numbers."""
    *_, verdict = visit(claim_about(quantize(genuine.claim.network, 6, 6)))
    assert isinstance(verdict, Proved)
    return verdict


# what is genuine


def test_a_trained_adder_is_accepted_and_every_step_is_derived_again(genuine, tmp_path):
    write_certificate(tmp_path / "adder.safetensors", genuine)
    read = read_certificate(tmp_path / "adder.safetensors")
    *events, outcome = check_certificate(read, genuine.claim.network)
    assert isinstance(outcome, Checked)
    assert outcome.steps == genuine.numbers["steps"]
    assert outcome.margin == pytest.approx(genuine.margin, rel=1e-6)
    assert all(isinstance(event, Checking) for event in events)
    assert [event.done for event in events] == list(range(len(genuine.invariant) + 2))
    assert events[-1].done == events[-1].total == outcome.done


@pytest.mark.parametrize("name", DESIGNED)
def test_designed_networks_are_accepted(name):
    proof = proved(DESIGNED[name]())
    outcome = checked(Certificate.of(proof), proof.claim.network)
    assert isinstance(outcome, Checked), outcome
    assert outcome.margin == pytest.approx(proof.margin, rel=1e-3)


@pytest.mark.parametrize("name", DESIGNED)
def test_what_is_accepted_is_true_of_all_short_words(name):
    claim = DESIGNED[name]()
    for length in (1, 2, 6):
        for word in itertools.product(range(claim.symbols), repeat=length):
            assert claim.first_wrong(np.array(word)) is None


def test_a_network_in_single_precision_is_accepted():
    claim = DESIGNED["counting"]()
    params = claim.network.params.map(lambda array: array.astype(np.float32))
    network = Network(replace(claim.network.spec, precision="float32"), params)
    proof = proved(replace(claim, network=network, eps=1e-4))
    assert isinstance(checked(Certificate.of(proof), network), Checked)


def test_a_network_in_whole_numbers_is_accepted(whole, tmp_path):
    write_certificate(tmp_path / "whole.safetensors", whole)
    read = read_certificate(tmp_path / "whole.safetensors")
    outcome = checked(read, whole.claim.network)
    assert isinstance(outcome, Checked)
    assert (outcome.done, outcome.steps) == (whole.invariant.count, whole.numbers["steps"])
    assert outcome.margin == whole.margin


def test_whole_numbers_with_recurrence_input_are_accepted():
    claim = DESIGNED["echo"]()
    *_, verdict = visit(replace(claim, network=quantize(claim.network, 4, 6)))
    assert isinstance(verdict, Proved)
    assert isinstance(checked(Certificate.of(verdict), verdict.claim.network), Checked)


# what is forged


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_with_a_right_checksum_is_rejected(genuine, forge, tmp_path):
    write_certificate(tmp_path / "forged.safetensors", forge(Certificate.of(genuine)))
    forged = read_certificate(tmp_path / "forged.safetensors")
    outcome = checked(forged, genuine.claim.network)
    assert isinstance(outcome, Rejected)
    assert outcome.why


def test_a_rejection_names_the_cell_and_the_word(genuine):
    why = checked(change_an_answer(Certificate.of(genuine)), genuine.claim.network).why
    assert "from the start" in why or "from cell " in why
    assert "10" in why
    assert "is not sure to be answered" in why


def test_the_start_is_followed_though_no_cell_needs_it(genuine):
    certificate = Certificate.of(genuine)
    outcome = checked(change_the_start(certificate), genuine.claim.network)
    assert "from the start" in outcome.why


def changed_in_its_last_bit(network):
    arrays = {name: array.copy() for name, array in network.params.arrays().items()}
    arrays["synapse_h"][3, 5] = np.nextafter(arrays["synapse_h"][3, 5], np.inf)
    return Network(network.spec, Params(**arrays))


def test_another_network_is_rejected(genuine):
    certificate, network = Certificate.of(genuine), genuine.claim.network
    for other in (changed_in_its_last_bit(network), Network.first(network.spec, 0), provable(1)):
        outcome = checked(certificate, other)
        assert isinstance(outcome, Rejected)
        assert "another network, or a weight was changed" in outcome.why
    larger = Network.first(replace(network.spec, hidden_dim=8), 0)
    assert "another network" in checked(certificate, larger).why


@pytest.mark.parametrize("other", [lambda network: Network.first(network.spec, 0), lambda network: provable(1)])
def test_another_network_is_rejected_though_its_hash_is_in_the_certificate(genuine, other):
    network = other(genuine.claim.network)
    forged = replace(Certificate.of(genuine), weights=replace(genuine.claim, network=network).digest)
    assert isinstance(checked(forged, network), Rejected)


def test_a_network_with_numbers_that_are_not_finite_is_rejected(genuine):
    for value in (np.inf, np.nan):
        arrays = {name: array.copy() for name, array in genuine.claim.network.params.arrays().items()}
        arrays["synapse_h"][2, 2] = value
        network = Network(genuine.claim.network.spec, Params(**arrays))
        forged = replace(Certificate.of(genuine), weights=replace(genuine.claim, network=network).digest)
        assert isinstance(checked(forged, network), Rejected)


def test_what_may_not_come_is_not_followed_and_everything_else_is():
    claim = DESIGNED["no_two_in_a_row"]()
    certificate = Certificate.of(proved(claim))
    assert isinstance(checked(certificate, claim.network), Checked)
    assert isinstance(checked(replace(certificate, asked=None), claim.network), Rejected)


def test_sigmoids_that_round_to_the_same_number_are_no_answer():
    claim = DESIGNED["counting"]()
    certificate = Certificate.of(proved(claim))
    params = replace(claim.network.params, bias_2=claim.network.params.bias_2 + 45)  # all outputs far up: all are 1
    network = Network(claim.network.spec, params)
    forged = replace(certificate, weights=replace(claim, network=network).digest)
    assert isinstance(checked(forged, network), Rejected)


def test_one_softmax_output_is_no_answer():
    claim = DESIGNED["echo"]()
    network = Network(replace(claim.network.spec, loss="softmax_cross_entropy"), claim.network.params)
    forged = replace(Certificate.of(proved(claim)), spec=network.spec)
    assert "always 1" in checked(forged, network).why


@pytest.mark.parametrize(
    "forge",
    [
        lambda c: replace(c, invariant=replace(c.invariant, count=c.invariant.count - 1)),
        lambda c: replace(c, invariant=replace(c.invariant, digest="0" * 16)),
        lambda c: replace(c, steps=c.steps + 1),
        raise_the_margin,
        change_an_answer,
        change_a_move,
        change_the_start,
        exchange_vectors,
    ],
)
def test_a_forgery_in_whole_numbers_is_rejected(whole, forge, tmp_path):
    write_certificate(tmp_path / "forged.safetensors", forge(Certificate.of(whole)))
    forged = read_certificate(tmp_path / "forged.safetensors")
    assert isinstance(forged.invariant, Pairs)
    assert isinstance(checked(forged, whole.claim.network), Rejected)


def test_another_network_in_whole_numbers_is_rejected(whole):
    network = whole.claim.network
    arrays = {name: array.copy() for name, array in network.params.arrays().items()}
    arrays["synapse_1"][0] *= -1
    other = Network(network.spec, Params(**arrays))
    certificate = Certificate.of(whole)
    assert "another network, or a weight" in checked(certificate, other).why
    forged = replace(certificate, weights=replace(whole.claim, network=other).digest)
    assert "is answered by" in checked(forged, other).why


# what it is made of


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_an_activation_is_between_its_lines(name):
    from flint import arb, ctx

    curve = {"sigmoid": lambda z: 1 / (1 + (-z).exp()), "tanh": lambda z: z.tanh(), "relu": lambda z: z.max(arb(0))}
    random = np.random.default_rng(0)
    with ctx.workprec(80):
        for wide in (1e-9, 1e-3, 1.0, 8.0, 100.0):
            for middle in random.normal(size=40) * 4:
                low, high = arb(middle - wide * random.random()), arb(middle + wide * random.random())
                slope, beside, size = between_lines(name, low, high)
                for share in np.linspace(0, 1, 9):
                    z = low + (high - low) * arb(share)
                    value = curve[name](z)
                    assert beside.overlaps(value - slope * z)
                    assert not abs(value) > size
                assert not beside.rad() > (high - low) / 2 + arb(1e-18)  # and these are near


def test_row_sums_are_of_sizes():
    sums = row_sums([matrix_of(np.array([[1.0, -2.0], [0.0, 0.5]])), matrix_of(np.array([[-4.0], [0.25]]))], 2)
    assert [float(each) for each in sums] == [7.0, 0.75]


@pytest.mark.parametrize("file", ["check.py", "balls.py", "recount.py", "certificate.py", "outcome.py"])
def test_the_check_imports_nothing_of_the_prover(file):
    tree = ast.parse((SOURCE / file).read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in node.body
    }
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node not in for_types
        for alias in node.names
    }
    assert imported
    assert not [name for name in imported if PROVER & set(name.split("."))]


def test_the_check_runs_without_the_prover():
    code = "import carrybit.proof.checking.check, carrybit.proof.checking.recount, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "carrybit.proof.checking.check" in done.stdout.split()
    assert not {f"carrybit.proof.{name}" for name in PROVER} & set(done.stdout.split())


def test_what_counts_as_inside_is_the_same_for_both():
    assert checking.WITHIN == WITHIN  # or they could make another number of steps


def test_without_flint_a_sentence_names_the_extra(genuine, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(UsageError, match=r"pip install 'carrybit\[check\]'"):
        checked(Certificate.of(genuine), genuine.claim.network)
