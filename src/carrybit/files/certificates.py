"""Certificates in files: safetensors, whose JSON object names things, and whose checksum is over all that is said."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import carrybit
from carrybit.errors import CarrybitError, RunError, UsageError
from carrybit.files import safetensors, whole
from carrybit.machines.machine import Machine
from carrybit.params import Array
from carrybit.proof.checking.certificate import Certificate
from carrybit.proof.induction.cells import Cells
from carrybit.spec import Spec

if TYPE_CHECKING:
    from carrybit.proof.exact.pairs import Pairs
    from carrybit.proof.verdict import Proved

ENDING = ".safetensors"
KIND, VERSION = "certificate", 1
LARGEST_FILE = 2**28  # bytes; a certificate has a few million at most
LONGEST = 64  # symbols of a word from a cell to a cell; every one more makes a check that many times longer
BEGINNING = 2**16  # bytes of a file that say what it is
UPGRADE = "pip install --upgrade carrybit"
AGAIN = "carrybit prove RUN --certificate FILE"
DTYPES = {"asked": np.bool_, "moves": np.int64, "outputs": np.int64, "contexts": np.int64, "groups": np.int64}


def check_certificate_path(path: str | os.PathLike[str]) -> None:
    """Raise a UsageError now if a certificate could not be saved at ``path`` later, or would replace something else."""
    path = Path(path)
    whole.check(path, "a certificate", (ENDING,))
    if path.exists() and f'\\"kind\\": \\"{KIND}\\"'.encode() not in _beginning(path):
        other = path.with_stem(f"{path.stem}-certificate")
        raise UsageError(f"a certificate named {path}, which is a file of another kind", "a new name", f"{other}")


def write_certificate(path: str | os.PathLike[str], proved: Proved | Certificate) -> None:
    """Write what it takes to check a proof, whole or not at all; `read_certificate` reads it.

    Parameters
    ----------
    path : str or path
        A name that ends in .safetensors.
    proved : Proved or Certificate
        What was proved.

    Raises
    ------
    UsageError
        Another ending, or a place where no file can be.
    SaveError
        The disk would not take it.
    """
    path = Path(path)
    check_certificate_path(path)
    certificate = proved if isinstance(proved, Certificate) else Certificate.of(proved)
    arrays, about = _told(certificate)
    safetensors.write(path, arrays, {"library": carrybit.__version__, "kind": KIND, "version": VERSION, **about})


def read_certificate(path: str | os.PathLike[str]) -> Certificate:
    """Read a certificate that `write_certificate` wrote. It is not checked: only `check_certificate` does that.

    Raises
    ------
    RunError
        The file is missing, damaged, foreign, too large or too new.
    """
    path = Path(path)
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise RunError(f"{path} is larger than the {LARGEST_FILE:,} bytes of any certificate", "", "")
        arrays, about = safetensors.read(path, _shapes)
        return _certificate(arrays, about)
    except (RunError, OSError) as error:
        if isinstance(error, RunError) and error.fix == UPGRADE:
            raise
        why = error.received if isinstance(error, RunError) else f"{path} is not readable ({error.strerror or error})"
        raise RunError(why, "a certificate as carrybit wrote it", AGAIN) from error
    except (CarrybitError, ValueError, TypeError, KeyError, OverflowError) as error:
        why = error.received if isinstance(error, CarrybitError) else repr(error)
        raise RunError(f"{path} is damaged: {why}", "a certificate as carrybit wrote it", AGAIN) from error


def _told(certificate: Certificate) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return a certificate as arrays, and as what JSON says of the rest."""
    machine, invariant = certificate.machine, certificate.invariant
    arrays: dict[str, Array] = {"vectors": certificate.vectors, "moves": machine.moves, "outputs": machine.outputs}
    if certificate.asked is not None:
        arrays["asked"] = certificate.asked
    about: dict[str, Any] = {
        "weights": certificate.weights,
        "spec": asdict(certificate.spec),
        "eps": certificate.eps,
        "margin": certificate.margin,
        "longest": certificate.longest,
        "steps": certificate.steps,
        "states": list(machine.states),
        "symbols": list(machine.symbols),
        "answers": list(machine.answers),
        "start": machine.start,
        "asked": certificate.asked is not None,
    }
    if isinstance(invariant, Cells):
        names = ("faces", "contexts", "centres", "groups", "scales")
        arrays |= {name: getattr(invariant, name) for name in names}
        about["cells"] = {"count": len(invariant), "groups": len(invariant.faces), "depth": invariant.depth}
    else:
        about["pairs"] = {"count": invariant.count, "digest": invariant.digest, "states": list(invariant.states)}
    return {name: np.asarray(array, _dtype(name)) for name, array in arrays.items()}, about


def _shapes(about: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return what arrays a file must hold, having checked what it says of itself."""
    if about.get("kind") != KIND:
        raise ValueError("no certificate")
    if about["version"] != VERSION:
        raise RunError(f"a certificate of version {about['version']}", f"version {VERSION}", UPGRADE)
    try:
        spec = Spec(**about["spec"])
    except CarrybitError as error:
        raise ValueError(error.received) from error
    table = len(about["states"]), len(about["symbols"])
    shapes: dict[str, tuple[int, ...]] = {"vectors": (table[1], spec.input_dim), "moves": table, "outputs": table}
    if about["asked"]:
        shapes["asked"] = table
    if spec.is_whole:
        return shapes
    count, groups, memory_dim = int(about["cells"]["count"]), int(about["cells"]["groups"]), spec.memory_dim
    own = {"faces": (groups, memory_dim, memory_dim), "contexts": (groups,), "centres": (count, memory_dim)}
    return shapes | own | {"groups": (count,), "scales": (count,)}


def _certificate(arrays: Mapping[str, Array], about: Mapping[str, Any]) -> Certificate:
    """Return a certificate from its parts; ValueError and others if they make no sense."""
    for name, array in arrays.items():
        _require(array.dtype == _dtype(name), f"{name} is of type {array.dtype}")
        _require(bool(np.isfinite(array).all()), f"{name} has numbers that are not finite")
    for name in ("states", "symbols", "answers"):
        names = about[name]
        is_list = isinstance(names, list) and all(isinstance(each, str) for each in names)
        _require(is_list and len(set(names)) == len(names), f"the {name} are no list of different names")
    states, symbols, answers = (tuple(about[name]) for name in ("states", "symbols", "answers"))
    start, longest, steps, weights = about["start"], about["longest"], about["steps"], about["weights"]
    eps, margin = about["eps"], about["margin"]
    _require(isinstance(start, int) and isinstance(weights, str), "the start or the hash of the weights")
    _require(all(isinstance(each, int) and each >= 0 for each in (longest, steps)), "longest or steps")
    _require(all(isinstance(each, float) and math.isfinite(each) for each in (eps, margin)), "eps or margin")
    return Certificate(
        weights=weights,
        spec=Spec(**about["spec"]),
        machine=Machine(states, symbols, answers, arrays["moves"], arrays["outputs"], start),
        vectors=arrays["vectors"],
        asked=arrays.get("asked"),
        eps=eps,
        margin=margin,
        longest=longest,
        steps=steps,
        invariant=_cells(arrays, about) if "cells" in about else _pairs(about),
    )


def _cells(arrays: Mapping[str, Array], about: Mapping[str, Any]) -> Cells:
    depth, groups = about["cells"]["depth"], arrays["groups"]
    _require(isinstance(depth, int) and 0 <= depth <= 8, f"contexts of {depth} symbols")
    _require(about["longest"] <= LONGEST, f"words of {about['longest']} symbols")
    _require(bool(((0 <= groups) & (groups < len(arrays["faces"]))).all()), "cells of groups that are not there")
    names = ("faces", "contexts", "centres", "groups", "scales")
    return Cells(depth=depth, **{name: arrays[name] for name in names})


def _pairs(about: Mapping[str, Any]) -> Pairs:
    from carrybit.proof.exact.pairs import Pairs

    pairs = about["pairs"]
    is_told = isinstance(pairs["count"], int) and isinstance(pairs["digest"], str)
    _require(is_told and all(isinstance(state, int) for state in pairs["states"]), "its pairs")
    return Pairs(pairs["count"], pairs["digest"], tuple(pairs["states"]), about["longest"])


def _dtype(name: str) -> np.dtype[Any]:
    return np.dtype(DTYPES.get(name, np.float64))


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _beginning(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(BEGINNING)
