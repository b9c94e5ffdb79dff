"""A stream: one step of the tutorial's network, asked for from Python, again and again, each with its own input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import clock
import numpy as np
from measurement import Case, Time
from peers import installed

from carrybit.network import Network
from carrybit.spec import Spec

STEPS = 20_000


def measure(runs: int) -> Iterator[Case]:
    """Time it in float64."""
    network = Network.first(Spec(), 0)
    inputs = list(np.random.default_rng(0).uniform(-1, 1, (STEPS, 2)))
    streams = {"ours": _stream(network.step, inputs, np.zeros(16)), "NumPy": _numpy(network, inputs)}
    if jax := installed("jax_"):
        streams["JAX, jit per step"] = _jax(jax, network, inputs)
    if torch := installed("pytorch"):
        streams["PyTorch, inference_mode"] = _torch(torch.torch, network, inputs)
    answers = [float(np.asarray(go()).ravel()[-1]) for go in streams.values()]
    if np.ptp(answers) > 1e-9:
        raise SystemExit(f"The streams do not end with the same answer: {answers}")
    seconds = clock.in_turn(list(streams.values()), runs)
    times = [
        Time(who, [1e6 * s / STEPS for s in each], is_ours=who == "ours")
        for who, each in zip(streams, seconds, strict=True)
    ]
    yield Case("stream", "A stream: one step of 2-16-1 at a time, asked for from Python, float64", "µs per step", times)


def _stream(step: Callable[[Any, Any], tuple[Any, Any]], inputs: list[Any], memory: Any) -> Callable[[], Any]:
    """Return a function that makes all steps, one after the other, and returns the last answer."""

    def go() -> Any:
        after = memory
        for layer_0 in inputs:
            answer, after = step(layer_0, after)
        return answer

    return go


def _numpy(network: Network, inputs: list[Any]) -> Callable[[], Any]:
    p, exp = network.params, np.exp

    def step(layer_0: Any, memory: Any) -> tuple[Any, Any]:
        layer_1 = 1 / (1 + exp(-(layer_0 @ p.synapse_0 + memory @ p.synapse_h)))
        return 1 / (1 + exp(-(layer_1 @ p.synapse_1))), layer_1

    return _stream(step, inputs, np.zeros(16))


def _jax(peer: Any, network: Network, inputs: list[Any]) -> Callable[[], Any]:
    jax = peer.jax

    @jax.jit
    def step(weights: Any, layer_0: Any, memory: Any) -> tuple[Any, Any]:
        synapse_0, synapse_h, synapse_1 = weights
        layer_1 = jax.nn.sigmoid(layer_0 @ synapse_0 + memory @ synapse_h)
        return jax.nn.sigmoid(layer_1 @ synapse_1), layer_1

    with jax.enable_x64(True):
        p = network.params
        weights = tuple(jax.numpy.asarray(w) for w in (p.synapse_0, p.synapse_h, p.synapse_1))
        memory = jax.numpy.zeros(16)
        rows = [jax.numpy.asarray(layer_0) for layer_0 in inputs]
        stream = _stream(lambda layer_0, memory: step(weights, layer_0, memory), rows, memory)

    def go() -> Any:
        with jax.enable_x64(True):
            return jax.block_until_ready(stream())

    return go


def _torch(torch: Any, network: Network, inputs: list[Any]) -> Callable[[], Any]:
    p = network.params
    synapse_0, synapse_h, synapse_1 = (torch.tensor(w) for w in (p.synapse_0, p.synapse_h, p.synapse_1))

    def step(layer_0: Any, memory: Any) -> tuple[Any, Any]:
        layer_1 = torch.sigmoid(torch.addmm(layer_0 @ synapse_0, memory, synapse_h))
        return torch.sigmoid(layer_1 @ synapse_1), layer_1

    rows = [torch.tensor(layer_0[None]) for layer_0 in inputs]
    stream = _stream(step, rows, torch.zeros(1, 16, dtype=torch.float64))

    def go() -> Any:
        with torch.inference_mode():
            return stream()

    return go
