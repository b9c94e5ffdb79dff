"""Certificates as files: they come back as they were, and any change is noticed; and the words of the command line."""

import json
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load, save

import carrybit as package
from carrybit import runs
from carrybit.config import TrainConfig
from carrybit.errors import RunError, UsageError
from carrybit.files import safetensors
from carrybit.files.certificates import check_certificate_path, read_certificate, write_certificate
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.theorem import rounded_down, theorem
from carrybit.tasks.addition import addition
from carrybit.training import first_state
from designed_networks import DESIGNED
from forgeries import FORGERIES, claim_about, provable, proved


@pytest.fixture(scope="module")
def adder():
    return proved(claim_about(provable(0)))


@pytest.fixture
def file(adder, tmp_path):
    """A file with a certificate in it."""
    write_certificate(tmp_path / "adder.safetensors", adder)
    return tmp_path / "adder.safetensors"


def parts(path):
    """The arrays of a file, and what its JSON says."""
    with safe_open(path, framework="numpy") as opened:
        return load(path.read_bytes()), json.loads(opened.metadata()[safetensors.KEY])


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


@pytest.mark.parametrize("name", DESIGNED)
def test_a_certificate_comes_back_as_it_was(name, tmp_path):
    certificate = Certificate.of(proved(DESIGNED[name]()))
    write_certificate(tmp_path / "some.safetensors", certificate)
    read = read_certificate(tmp_path / "some.safetensors")
    for field in fields(Certificate):
        mine, theirs = getattr(certificate, field.name), getattr(read, field.name)
        if field.name in ("machine", "invariant"):
            assert all(same(getattr(mine, part.name), getattr(theirs, part.name)) for part in fields(mine))
        else:
            assert same(mine, theirs), field.name


def test_a_certificate_is_small_and_written_to_the_same_bytes_each_time(adder, file):
    before = file.read_bytes()
    assert len(before) < 200_000
    write_certificate(file, adder)
    assert file.read_bytes() == before


def test_a_change_of_any_byte_is_noticed(file):
    genuine = file.read_bytes()
    spots = np.linspace(0, len(genuine) - 1, 400).astype(int)
    for spot in spots:
        for flip in (1, 128):
            damaged = bytearray(genuine)
            damaged[spot] ^= flip
            file.write_bytes(bytes(damaged))
            with pytest.raises(RunError) as caught:
                read_certificate(file)
            assert caught.value.exit_code == 2


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_change_of_what_it_says_is_noticed(adder, file, forge):
    _, about = parts(file)
    write_certificate(file, forge(Certificate.of(adder)))
    arrays, forged = parts(file)
    file.write_bytes(save(arrays, {safetensors.KEY: json.dumps({**forged, "checksum": about["checksum"]})}))
    with pytest.raises(RunError, match="checksum"):
        read_certificate(file)


def rewritten(file, arrays=(), **about):
    """The same file with other arrays or entries, and a checksum that is right."""
    old_arrays, old_about = parts(file)
    safetensors.write(file, {**old_arrays, **dict(arrays)}, {**old_about, **about})


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"kind": "trace"}, "no certificate"),
        ({"version": 2}, "version 2"),
        ({"eps": None}, "eps"),
        ({"eps": float("nan")}, "eps"),
        ({"margin": "large"}, "margin"),
        ({"longest": 10_000}, "10000 symbols"),
        ({"steps": -1}, "steps"),
        ({"start": 2}, "start = 2"),
        ({"start": 0.5}, "start"),
        ({"states": ["a"]}, "moves"),
        ({"states": ["a", "a"]}, "different names"),
        ({"symbols": "abcd"}, "different names"),
        ({"spec": {"hidden_dim": 0}}, "hidden_dim"),
        ({"spec": None}, "damaged"),
        ({"cells": {"count": 1, "groups": 1, "depth": 2}}, "damaged"),
        ({"cells": None}, "damaged"),
    ],
)
def test_what_makes_no_sense_is_refused(file, about, words):
    rewritten(file, **about)
    with pytest.raises(RunError, match=words) as caught:
        read_certificate(file)
    assert str(file) in caught.value.received or "version" in caught.value.received


def test_arrays_that_make_no_sense_are_refused(file):
    arrays, _ = parts(file)
    far = arrays["groups"].copy()
    far[0] = len(arrays["faces"])
    nothing = arrays["centres"].copy()
    nothing[0, 0] = np.nan
    for name, array in (
        ("groups", far),
        ("centres", nothing),
        ("moves", arrays["moves"] + 0.5),
        ("moves", arrays["moves"] + 5),
        ("scales", arrays["scales"].astype(np.float32)),
    ):
        rewritten(file, {name: array})
        with pytest.raises(RunError):
            read_certificate(file)
        rewritten(file, {name: arrays[name]})
    read_certificate(file)


def test_other_files_are_refused(file, short, tmp_path):
    for octets in (b"", b"{}", file.read_bytes()[:-1], (short / "model.safetensors").read_bytes()):
        file.write_bytes(octets)
        with pytest.raises(RunError):
            read_certificate(file)
    for path in (tmp_path / "nothing.safetensors", tmp_path):
        with pytest.raises(RunError):
            read_certificate(path)


def test_a_certificate_replaces_no_other_file(adder, file, short):
    check_certificate_path(file)
    for path in (short / "model.safetensors", file.with_suffix(".json"), file.parent / "nowhere" / "a.safetensors"):
        with pytest.raises(UsageError):
            write_certificate(path, adder)
    runs.load_run(short)


# the theorem in words


def test_the_theorem_says_all_there_is_to_say(adder):
    said = theorem(adder.claim, 2.08399)
    assert said.startswith("For every input word of every length over 00 01 10 11, started with an empty memory, ")
    for words in (f"SHA-256 {adder.claim.digest[:16]}…", "addition", "(2 states)", "margin >= 2.08,", "at most 1e-09"):
        assert words in said
    assert "of symbols that may come" in theorem(DESIGNED["no_two_in_a_row"](), 1.0)
    assert "exact arithmetic" in theorem(replace(adder.claim, eps=0.0), 1.0)


@pytest.mark.parametrize(
    ("number", "said"), [(2.08399, "2.08"), (2.0, "2"), (0.999999, "0.999"), (12345.6, "12300"), (1.239e-5, "1.23e-05")]
)
def test_a_margin_is_never_rounded_up(number, said):
    assert rounded_down(number) == said
    assert float(said) <= number


# the command line


@pytest.fixture
def adder_run(adder, tmp_path):
    """A run folder with the network in it."""
    config = TrainConfig(recipe="provable", updates=100_000)
    state = replace(first_state(config), network=adder.claim.network, update=100_000)
    return runs.create(config, tmp_path / "adder", state)


def test_check_says_what_is_proved(carrybit, file, adder_run):
    said = carrybit("check", file, adder_run)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("CHECKED   For every input word of every length over 00 01 10 11")
    assert "as the machine of the task, addition of 2 numbers" in said.out
    assert "81 cells, " in said.out


def test_check_says_it_in_one_word_or_as_one_object(carrybit, tmp_path):
    claim = DESIGNED["adder"]()
    spec = claim.network.spec
    config = TrainConfig(hidden_dim=spec.hidden_dim, activation=spec.activation, bias=True, loss=spec.loss)
    run = runs.create(config, tmp_path / "designed", replace(first_state(config), network=claim.network))
    write_certificate("designed.safetensors", proved(claim))
    assert carrybit("check", "designed.safetensors", run, "--quiet").out == "CHECKED\n"
    said = carrybit("check", "designed.safetensors", run, "--json")
    assert said.json["verdict"] == "CHECKED"
    assert said.json["is_the_tasks_machine"]
    assert said.json["cells"] > 1
    assert len(said.json["weights"]) == 64


def test_check_rejects_the_certificate_of_another_run(carrybit, file, short, trained):
    for run in (short, trained):
        said = carrybit("check", file, run)
        assert said.code == 1
        assert said.out.startswith("REJECTED   another network")
    assert carrybit("check", file, short, "--quiet").out == "REJECTED\n"
    assert carrybit("check", file, short, "--json").json["verdict"] == "REJECTED"


def test_check_says_from_where_a_word_leads_astray(carrybit, file, adder_run, adder):
    certificate = Certificate.of(adder)
    half = len(certificate.invariant) // 2
    kept = {name: getattr(certificate.invariant, name)[:half] for name in ("centres", "groups", "scales")}
    write_certificate(file, replace(certificate, invariant=replace(certificate.invariant, **kept)))
    said = carrybit("check", file, adder_run)
    assert said.code == 1
    assert "it is in no cell of 'carry " in said.out


def test_check_shows_a_machine_that_is_not_the_tasks(carrybit, file, adder_run, adder):
    twice = addition().machine
    machine = replace(  # the same answers, with a carry of two names
        twice,
        states=("no", "yes", "yes too"),
        moves=np.array([[0, 0, 0, 1], [0, 2, 2, 2], [0, 1, 1, 1]]),
        outputs=twice.outputs[[0, 1, 1]],
    )
    write_certificate(file, proved(replace(adder.claim, machine=machine, task=None)))
    said = carrybit("check", file, adder_run)
    assert said.code == 0
    assert "the machine, which is not the task's" in said.out
    assert "yes too" in said.out
    assert "of the task" not in said.out


def test_check_rejects_symbols_that_are_not_the_tasks(carrybit, file, adder_run, adder):
    certificate = Certificate.of(adder)
    renamed = replace(certificate.machine, answers=("1", "0"))
    write_certificate(file, replace(certificate, machine=renamed))
    said = carrybit("check", file, adder_run)
    assert said.code == 1
    assert "other symbols or answers" in said.out


def test_check_refuses_files_in_three_lines(carrybit, file, adder_run, tmp_path):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(file.read_bytes()[:-3])
    for arguments in ((damaged, adder_run), ("nothing", adder_run), (file, "nothing"), (adder_run, adder_run)):
        said = carrybit("check", *arguments)
        assert said.code == 2
        assert [line.split(":")[0] for line in said.err.splitlines()] == ["error", "allowed", "fix"]


def test_check_without_flint_names_the_extra(carrybit, file, adder_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    said = carrybit("check", file, adder_run)
    assert said.code == 2
    assert "carrybit[check]" in said.err


def test_prove_writes_what_check_accepts(carrybit, adder_run):
    proof = carrybit("prove", adder_run, "--certificate", "proof.safetensors")
    assert proof.code == 0
    said = carrybit("check", "proof.safetensors", adder_run)
    assert said.code == 0
    assert said.out.startswith("CHECKED")


def test_the_names_are_public():
    assert package.read_certificate is read_certificate
    assert package.write_certificate is write_certificate
    assert package.check_certificate.__name__ == "check_certificate"
