"""Traces in files: safetensors, for programs that read arrays, or JSON, for everything else."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import carrybit
from carrybit.caption import Caption
from carrybit.errors import CarrybitError, RunError, UsageError
from carrybit.files import safetensors, whole
from carrybit.params import Array, Params
from carrybit.spec import Spec
from carrybit.tracing import STEPWISE, Trace

FORMATS = (".safetensors", ".json")
BEGINNING = 2**16  # bytes of a file; safetensors begin with what they say of themselves
NOT_FINITE = ("nan", "inf", "-inf")
AGAIN = "save the trace again"
LARGEST_JSON = 2**28  # bytes


def check_trace(path: Path) -> None:
    """Raise a UsageError now if a trace could not be saved at ``path`` later, or would replace something else."""
    whole.check(path, "a trace", FORMATS)
    if path.exists() and not _is_trace(path):
        other = path.with_stem(f"{path.stem}-trace")
        raise UsageError(f"a trace named {path}, which is a file of another kind", "a new name, or a trace", f"{other}")


def save_trace(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write a trace, whole or not at all; the ending says how.

    .safetensors    every array by name, to the bit; the rest is the JSON of its metadata
    .json           {"spec": …, "captions": …, "arrays": {name: {"dtype", "shape", "values"}}}; the shortest decimals
                    that give the same bits; numbers that are not finite are "nan", "inf" and "-inf"

    Raises
    ------
    UsageError
        Another ending, or a place where no file can be.
    SaveError
        The disk would not take it.
    """
    path = Path(path)
    check_trace(path)
    about = {
        "library": carrybit.__version__,
        "spec": asdict(trace.spec),
        "batch": trace.batch,
        "time": trace.time,
        "weight": trace.weight,
        "captions": [caption.about() for caption in trace.captions],
    }
    if path.suffix.lower() == ".json":
        arrays = {name: _listed(array) for name, array in trace.arrays().items()}
        whole.write(
            path, (json.dumps({"format": 1, **about, "arrays": arrays}, allow_nan=False) + "\n").encode(), then=AGAIN
        )
    else:
        safetensors.write(path, trace.arrays(), about)


def load_trace(path: str | os.PathLike[str]) -> Trace:
    """Read a trace that `save_trace` wrote.

    Raises
    ------
    UsageError
        Another ending.
    RunError
        The file is missing, damaged, foreign, too large or too new.
    """
    path = Path(path)
    whole.check_ending(path, "a trace", FORMATS)
    if path.suffix.lower() == ".json":
        arrays, about = _read_json(path)
    else:
        arrays, about = safetensors.read(path, _shapes)
    spec = Spec(**about["spec"])
    captions = tuple(map(Caption.from_about, about["captions"]))
    params = Params(**{name: arrays[name] for name in spec.shapes()})
    gradient = Params(**{name: arrays[f"d_{name}"] for name in spec.shapes()})
    steps = {name: arrays[name] for name in (*STEPWISE, "unknown")}
    weight = float(about["weight"])
    return Trace(spec=spec, params=params, weight=weight, gradient=gradient, captions=captions, **steps)


def _is_trace(path: Path) -> bool:
    """Whether a file is one that `save_trace` wrote, as far as its beginning tells."""
    with open(path, "rb") as file:
        head = file.read(BEGINNING)
    return head.startswith(b'{"format": 1, "library"') if path.suffix.lower() == ".json" else b"captions" in head


def _shapes(about: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return what arrays a file must hold, having checked what it says of itself."""
    try:
        spec = Spec(**about["spec"])
    except CarrybitError as error:
        raise ValueError(error.received) from error
    batch, time = int(about["batch"]), int(about["time"])
    float(about["weight"])
    captions = [Caption.from_about(caption) for caption in about["captions"]]
    if len(captions) != batch or not all(len(caption.answers) == time for caption in captions):
        raise ValueError("captions")
    steps, hidden, inputs, outputs = (batch, time), spec.hidden_dim, spec.input_dim, spec.output_dim
    shapes = {
        "layer_0": (*steps, inputs),
        "past": (*steps, spec.memory_dim),
        "pre_1": (*steps, hidden),
        "layer_1": (batch, time + 1, hidden),
        "pre_2": (*steps, outputs),
        "layer_2": (*steps, outputs),
        "targets": (*steps, outputs),
        "mask": steps,
        "loss": steps,
        "layer_2_error": (*steps, outputs),
        "unknown": (inputs,),
    }
    derived = {f"d_{name}": shapes[name] for name in ("pre_2", "layer_1", "pre_1", "past", "layer_0")}
    weights = dict(spec.shapes())
    return shapes | derived | weights | {f"d_{name}": shape for name, shape in weights.items()}


def _listed(array: Array) -> dict[str, Any]:
    values = array.ravel().tolist()
    strict = [value if np.isfinite(value) else str(value) for value in values]
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": strict}


def _read_json(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise _refused(
                path, f"larger than the {LARGEST_JSON:,} bytes that are read; save such a trace as .safetensors"
            )
        about = json.loads(path.read_bytes())
        if about["format"] != 1:
            raise _refused(path, f"of format {about['format']}, which this carrybit does not know")
        wanted = _shapes(about)
        arrays = {name: _array(about["arrays"][name]) for name in wanted}
        off = [name for name, shape in wanted.items() if arrays[name].shape != shape]
        if off:
            raise _refused(path, f"damaged: {off[0]} is {arrays[off[0]].shape}, and should be {wanted[off[0]]}")
    except OSError as error:
        raise _refused(path, f"not readable ({error.strerror or error})") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _refused(path, f"damaged, or no trace ({error!r})") from error
    return arrays, about


def _array(told: Mapping[str, Any]) -> Array:
    kinds = {"float64": (int, float, str), "float32": (int, float, str), "bool": (bool,)}
    kind, values = kinds[told["dtype"]], told["values"]
    stray = [x for x in values if not isinstance(x, kind) or (isinstance(x, str) and x not in NOT_FINITE)]
    if stray:
        raise ValueError(f"{stray[0]!r} among numbers")
    return np.array(values, dtype=told["dtype"]).reshape(told["shape"])


def _refused(path: Path, why: str) -> RunError:
    return RunError(f"{path} is {why}", "a trace as carrybit wrote it", "save it again with save_trace")
