"""Trace: everything that a network thought about a batch, and every derivative all the way back, as named arrays.

Whoever draws, walks through or explains a network reads a trace, and computes nothing.

Source: the tutorial, parts 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from carrybit import exhibits
from carrybit.caption import Caption
from carrybit.cells import elman
from carrybit.errors import ShapeError
from carrybit.losses import LOSSES, d_batch_loss
from carrybit.network import Network, read_only, require
from carrybit.params import Array, Params
from carrybit.spec import Spec


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What a network did with B sequences of T steps, forwards and backwards; made by `trace` and by `watch`.

    A name that begins with ``d_`` is the derivative of the loss by what follows, and has its shape. The loss of a
    batch is the sum over steps and outputs, averaged over sequences, so a derivative has the factor 1/B in it. At
    layer 2 it is told by ``d_pre_2``, since a loss is a function of ``pre_2`` (losses.py).

    Parameters
    ----------
    spec : Spec
    params : Params
        The network. In whole numbers, its stairs have the slopes of the curve that they follow, on the way back.
    layer_0 : float array (B, T, I)
        The inputs.
    past : float array (B, T, M)
        What each step remembers: layer_1 of the step before, or with recurrence "input" its layer_0.
    pre_1 : float array (B, T, H)
        What arrives at the hidden layer.
    layer_1 : float array (B, T+1, H)
        The hidden layer; row 0 is before any input, so step t leads from row t to row t+1.
    pre_2, layer_2 : float arrays (B, T, O)
        What arrives at the output layer, and the answers.
    targets : float array (B, T, O)
        What the answers should be.
    mask : bool array (B, T)
        The steps that count.
    loss : float array (B, T)
        Of each step; 0 where it does not count.
    layer_2_error : float array (B, T, O)
        targets - layer_2, the tutorial's error (bright yellow); 0 where a step does not count.
    d_pre_2 : float array (B, T, O)
        Where the way back begins (the tutorial's layer_2_delta is its negative).
    d_layer_1 : float array (B, T+1, H)
        The answer now and the memory later; row 0 is by the memory before any input (0 with recurrence "input").
    d_pre_1 : float array (B, T, H)
        The tutorial's layer_1_delta is its negative.
    d_past : float array (B, T, M)
        What a step hands back to what it remembers: d_pre_1 · synapse_hᵀ.
    d_layer_0 : float array (B, T, I)
        By the inputs, on every way that leads from them.
    weight : float
        What the loss of one sequence counts in the loss: 1/B of the batch.
    gradient : Params
        ∂loss/∂params: what all steps of all sequences contribute.
    unknown : float array (I,)
        What an input is that is not known, for `attribute`: zeros, or the mean of all symbols of a task.
    captions : tuple of B captions
        Each sequence in words.
    """

    spec: Spec
    params: Params
    layer_0: Array
    past: Array
    pre_1: Array
    layer_1: Array
    pre_2: Array
    layer_2: Array
    targets: Array
    mask: Array
    loss: Array
    layer_2_error: Array
    d_pre_2: Array
    d_layer_1: Array
    d_pre_1: Array
    d_past: Array
    d_layer_0: Array
    weight: float
    gradient: Params
    unknown: Array
    captions: tuple[Caption, ...]

    def __post_init__(self) -> None:
        for name in (*STEPWISE, "unknown"):
            object.__setattr__(self, name, read_only(getattr(self, name)))
        for name in ("params", "gradient"):
            object.__setattr__(self, name, getattr(self, name).map(read_only))

    @property
    def batch(self) -> int:
        """B, the number of sequences."""
        return len(self.layer_0)

    @property
    def time(self) -> int:
        """T, the number of steps."""
        return int(self.layer_0.shape[1])

    @property
    def caption(self) -> Caption:
        """The first sequence in words."""
        return self.captions[0]

    def _repr_html_(self) -> str:
        loss = float(self.loss.sum()) * self.weight
        return exhibits.of_sequence(self.caption, self.layer_1[0, 1:], self.d_pre_1[0], loss, self.batch)

    def arrays(self) -> dict[str, Array]:
        """Return every array by name: those of the steps, then the parameters, then ∂loss/∂parameters as ``d_…``."""
        steps = {name: getattr(self, name) for name in (*STEPWISE, "unknown")}
        gradient = {f"d_{name}": array for name, array in self.gradient.arrays().items()}
        return steps | self.params.arrays() | gradient

    def sequence(self, b: int) -> Trace:
        """Return the trace of one sequence alone; its derivatives are still those of the batch's loss (``weight``)."""
        b = range(self.batch)[b]
        alone = {name: getattr(self, name)[b : b + 1] for name in STEPWISE}
        one = replace(self, **alone, captions=self.captions[b : b + 1])
        return replace(one, gradient=one.assembled(0))

    def contributions(self, since: int = 0, until: int | None = None) -> Params:
        """Return what each step contributes to the gradient: float arrays (T, ...), one row for each step.

        Parameters
        ----------
        since, until : int
            Steps ``since`` to ``until`` alone; of a long trace with many units, all rows are large.
        """
        return self._outer(slice(since, until), "t")

    def assembled(self, t: int) -> Params:
        """Return the gradient as far as it is assembled when the way back has been at step ``t``: steps t to T-1."""
        return self._outer(slice(t, None), "")

    def _outer(self, steps: slice, kept: str) -> Params:
        """Return what some steps contribute, summed over sequences, and over steps unless ``kept`` is "t"."""
        layer_1 = self.layer_1[:, 1:]  # after the step; past is before it
        d_pre_1, d_pre_2 = self.d_pre_1[:, steps], self.d_pre_2[:, steps]
        owners = {"bias_1": d_pre_1, "bias_2": d_pre_2} if self.spec.bias else {}
        shape = (d_pre_1.shape[1],) if kept else ()
        still = {"thresholds": np.zeros((*shape, self.spec.stairs[0]))} if self.spec.is_whole else {}
        with np.errstate(all="ignore"):
            return Params(
                synapse_0=np.einsum(f"bti,bth->{kept}ih", self.layer_0[:, steps], d_pre_1, optimize=not kept),
                synapse_h=np.einsum(f"btm,bth->{kept}mh", self.past[:, steps], d_pre_1, optimize=not kept),
                synapse_1=np.einsum(f"bth,bto->{kept}ho", layer_1[:, steps], d_pre_2, optimize=not kept),
                **{name: np.einsum(f"bth->{kept}h", owner) for name, owner in owners.items()},
                **still,
            )

    def arrivals(self) -> dict[str, Array]:
        """Return what each synapse brings to the layer it leads to: (B, T, H), (B, T, H) and (B, T, O), by its name."""
        with np.errstate(all="ignore"):
            return {
                "synapse_0": self.layer_0 @ self.params.synapse_0,
                "synapse_h": self.past @ self.params.synapse_h,
                "synapse_1": self.layer_1[:, 1:] @ self.params.synapse_1,
            }

    def blame(self) -> tuple[Array, Array]:
        """Return the two parts of d_layer_1 after each step, (B, T, H) each: the answer now, and the memory later."""
        later = np.zeros_like(self.d_pre_1)
        if self.spec.recurrence == "hidden":
            later[:, :-1] = self.d_past[:, 1:]
        with np.errstate(all="ignore"):
            return self.d_pre_2 @ self.params.synapse_1.T, later


STEPWISE = tuple(
    field.name
    for field in fields(Trace)
    if field.name not in ("spec", "params", "weight", "gradient", "unknown", "captions")
)  # the arrays that have rows for sequences


def trace(
    network: Network,
    layer_0: Array,
    targets: Array,
    mask: Array | None = None,
    memory: Array | None = None,
    *,
    unknown: Array | None = None,
    captions: Sequence[Caption] | None = None,
) -> Trace:
    """Run sequences through a network, take the derivatives all the way back, and keep everything.

    Parameters
    ----------
    network : Network
        Its own engine runs forwards, so the answers are those that it always gives.
    layer_0 : float array (B, T, I)
    targets : float array (B, T, O)
        What layer_2 should be.
    mask : bool array (B, T), or None
        The steps that count; None for all.
    memory : float array (B, M), or None for zeros
        What to go on from, as in `Network.run`.
    unknown : float array (I,), or None for zeros
        What an input is that is not known, for `attribute`.
    captions : B captions, or None
        The sequences in words; None tells of numbers alone.

    Returns
    -------
    trace : Trace

    Raises
    ------
    ShapeError
        An array has another shape, or there is no step at all.
    """
    spec, params = network.spec, network.params
    layers = network.run(layer_0, memory)
    layer_0, past, layer_1, pre_2, layer_2 = layers
    if layer_2.size == 0:
        raise ShapeError(f"layer_0 of shape {layer_0.shape}", "one sequence of one step or more", "give it a step")
    targets, mask = network.goals(layer_2, targets, mask)
    mask = np.ones(layer_2.shape[:2], bool) if mask is None else mask
    unknown = np.zeros(spec.input_dim) if unknown is None else np.asarray(unknown, spec.precision)
    require("unknown", unknown, (spec.input_dim,), "give every unit of layer_0 a number")
    past = past[:, :-1]
    with np.errstate(all="ignore"):  # a network that overflows is shown as it is
        pre_1 = layer_0 @ params.synapse_0 + past @ params.synapse_h
        pre_1 = pre_1 if params.bias_1 is None else pre_1 + params.bias_1
        d_pre_2 = d_batch_loss(spec.loss, layer_2, targets, mask)
        d_layer_1, d_pre_1 = elman.derive(spec, params, layers, d_pre_2)
        d_past = d_pre_1 @ params.synapse_h.T
        d_layer_0 = d_pre_1 @ params.synapse_0.T
        if spec.recurrence == "input":
            d_layer_0[:, :-1] += d_past[:, 1:]
        loss = np.where(mask, LOSSES[spec.loss].value(pre_2, targets), 0)
        gradient = elman.add_up(spec, params, layers, d_pre_1, d_pre_2)
    return Trace(
        spec=spec,
        params=params,
        layer_0=layer_0,
        past=past,
        pre_1=pre_1,
        layer_1=layer_1,
        pre_2=pre_2,
        layer_2=layer_2,
        targets=targets,
        mask=mask,
        loss=loss,
        layer_2_error=np.where(mask[..., None], targets - layer_2, 0),
        d_pre_2=d_pre_2,
        d_layer_1=d_layer_1,
        d_pre_1=d_pre_1,
        d_past=d_past,
        d_layer_0=d_layer_0,
        weight=1 / len(layer_0),
        gradient=gradient,
        unknown=unknown,
        captions=tuple(captions) if captions is not None else tuple(map(_plain, layer_0, layer_2, targets, mask)),
    )


def _plain(layer_0: Array, layer_2: Array, targets: Array, mask: Array) -> Caption:
    """Return a caption that tells the numbers alone: layer_0 (T, I), layer_2 and targets (T, O), mask (T,)."""
    steps = len(layer_0)
    return Caption(
        title=f"a sequence of {steps} {'step' if steps == 1 else 'steps'}",
        rows=tuple((f"input {i}", tuple(map(_short, row))) for i, row in enumerate(layer_0.T)),
        answers=tuple(" ".join(map(_short, row)) for row in layer_2),
        truth=tuple(" ".join(map(_short, row)) if counts else "" for row, counts in zip(targets, mask, strict=True)),
        right=(None,) * steps,
        inputs=tuple(f"input {i}" for i in range(layer_0.shape[1])),
        outputs=tuple(f"output {o}" for o in range(layer_2.shape[1])),
    )


def _short(number: float) -> str:
    return f"{number:.3g}"
