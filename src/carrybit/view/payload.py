"""Payload: a trace as JSON for the page, every number of it as bits in base64; trace.js makes arrays of it again."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from carrybit.errors import ShapeError, UsageError
from carrybit.params import Array
from carrybit.tracing import Trace

if TYPE_CHECKING:
    from carrybit.attribution import Attribution

STEPS = ("layer_0", "pre_1", "layer_1", "pre_2", "layer_2", "layer_2_error", "targets", "mask")
DERIVATIVES = ("d_pre_2", "d_layer_1", "d_pre_1", "d_layer_0")
SMALL = 50_000  # numbers; more of them are shown in float32
MOST = 4_000_000  # numbers, 21 MB; a browser takes no more of them gladly
SPARSE = 4  # one in so many is not 0: their places are written too


def payload(trace: Trace, attribution: Attribution | None = None) -> dict[str, Any]:
    """Return a trace of one sequence as an object that JSON can hold, for ``show(element, payload)`` of view.js.

    Parameters
    ----------
    trace : Trace
        With B = 1.
    attribution : Attribution, or None
        Of the same trace; how much of each hidden unit is by each input.

    Returns
    -------
    payload : dict
        {"spec", "caption", "weight", "method", "arrays": {name: {"shape", "format", "values", "places"}}}; the caption
        tells ``remembered`` too; an array has no axis for the batch, values are base64, lowest octet first, and places
        are those of the values of a sparse array

    Raises
    ------
    ShapeError
        The trace has several sequences, or the attribution is of another one.
    UsageError
        There are too many numbers for a page.
    """
    if trace.batch != 1:
        raise ShapeError(f"a trace of {trace.batch} sequences", "one sequence for a page", "trace.sequence(0)")
    arrays = {name: getattr(trace, name)[0] for name in (*STEPS, *DERIVATIVES)}
    arrays |= {"first": trace.past[0, 0], **trace.params.arrays()}
    arrays |= {f"d_{name}": array for name, array in trace.gradient.arrays().items()}
    if attribution is not None:
        arrays |= _provenance(trace, attribution)
    count = sum(array.size for array in arrays.values())
    if count > MOST:
        raise UsageError(f"a page of {count:,} numbers", f"at most {MOST:,}", "ask less, or of fewer hidden units")
    is_small = count <= SMALL and trace.spec.precision == "float64"
    return {
        "spec": asdict(trace.spec),
        "caption": trace.caption.about() | {"remembered": trace.caption.remembered},
        "weight": trace.weight,
        "method": None if attribution is None else attribution.method,
        "arrays": {name: _told(array, "float64" if is_small else "float32") for name, array in arrays.items()},
    }


def _provenance(trace: Trace, attribution: Attribution) -> dict[str, Array]:
    wanted = (1, trace.time, trace.spec.hidden_dim, trace.time)
    if attribution.values.shape != wanted:
        raise ShapeError(
            f"an attribution of shape {attribution.values.shape}", f"one of shape {wanted}", "attribute(trace)"
        )
    return {
        "values": attribution.values[0],
        "baseline": attribution.baseline[0],
        "shares": attribution.shares()[0],
    }


def _told(array: Array, precision: str) -> dict[str, Any]:
    with np.errstate(over="ignore"):  # a network that overflows is shown as it is
        values = array.astype(precision)
    places = np.flatnonzero(values)
    told: dict[str, Any] = {"shape": list(array.shape), "format": precision}
    if places.size * SPARSE < values.size:
        return told | {"values": _base64(values.ravel()[places]), "places": _base64(places.astype(np.uint32))}
    return told | {"values": _base64(values)}


def _base64(array: Array) -> str:
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()
