"""PyTorch, on one thread: eagerly, and with torch.compile over a whole update.

Weights are changed by one foreach call or in the compiled update, because torch.optim only adds to it. Eagerly, a
product is a matrix product, and networks side by side make a batched one. Compiled, networks lie on the last axis and
a product is written as a sum, which the compiler turns into vectors of networks, fused with what is around it.
Derivatives written out by hand are no faster there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import torch
from work import Work

from carrybit.params import Params
from peers import Peer, Training

torch.set_num_threads(1)

NAMES = ("synapse_0", "synapse_h", "synapse_1")
Weights = list[torch.Tensor]


def _eager_loss(weights: Weights, layer_0: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Half squared error of layer_0 ([R,] T, I)."""
    synapse_0, synapse_h, synapse_1 = weights
    arriving = layer_0 @ synapse_0
    layer_1, memory = [], None
    for t in range(layer_0.shape[-2]):
        pre_1 = arriving[..., t : t + 1, :]
        memory = torch.sigmoid(pre_1 if memory is None else pre_1 + memory @ synapse_h)
        layer_1.append(memory)
    layer_2 = torch.sigmoid(torch.cat(layer_1, -2) @ synapse_1)
    return 0.5 * ((targets - layer_2) ** 2).sum()


def _lane_loss(weights: Weights, layer_0: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Half squared error of layer_0 (T, I, R), products as sums."""
    synapse_0, synapse_h, synapse_1 = weights
    layer_1, memory = [], None
    for now in layer_0:
        pre_1 = (now[:, None] * synapse_0).sum(0)
        memory = torch.sigmoid(pre_1 if memory is None else pre_1 + (memory[:, None] * synapse_h).sum(0))
        layer_1.append(memory)
    layer_2 = torch.sigmoid((torch.stack(layer_1)[:, :, None] * synapse_1).sum(1))
    return 0.5 * ((targets - layer_2) ** 2).sum()


def _lane_update(weights: Weights, layer_0: torch.Tensor, targets: torch.Tensor, rate: float) -> None:
    d = torch.func.grad(_lane_loss)(weights, layer_0, targets)
    for w, d_w in zip(weights, d, strict=True):
        w.sub_(d_w, alpha=rate)


@functools.cache
def _compiled_update() -> Callable[[Weights, torch.Tensor, torch.Tensor, float], None]:
    return torch.compile(_lane_update, fullgraph=True, dynamic=False)


def _eager(work: Work) -> Training:
    alone, rate = len(work.first) == 1, work.rules.learning_rate

    def arranged(array: np.ndarray) -> torch.Tensor:
        return torch.tensor(array[0] if alone else array)

    first = [arranged(np.stack([params.arrays()[name] for params in work.first])) for name in NAMES]
    layer_0, targets = (
        [arranged(np.ascontiguousarray(now)) for now in array.swapaxes(0, 1)] for array in (work.layer_0, work.targets)
    )

    def go() -> Weights:
        weights = [w.clone().requires_grad_() for w in first]
        for now in zip(layer_0, targets, strict=True):
            d = torch.autograd.grad(_eager_loss(weights, *now), weights)
            with torch.no_grad():
                torch._foreach_add_(weights, d, alpha=-rate)
        return [w.detach()[None] if alone else w.detach() for w in weights]

    return Training(go, _params)


def _compiled(work: Work) -> Training:
    rate, update = work.rules.learning_rate, _compiled_update()
    first = [torch.tensor(np.stack([params.arrays()[name] for params in work.first], axis=-1).copy()) for name in NAMES]
    layer_0, targets = (
        [torch.tensor(np.ascontiguousarray(np.moveaxis(now, 0, -1))) for now in array.swapaxes(0, 1)]
        for array in (work.layer_0, work.targets)
    )

    def go() -> Weights:
        weights = [w.clone() for w in first]
        with torch.no_grad():
            for now in zip(layer_0, targets, strict=True):
                update(weights, *now, rate)
        return [w.movedim(-1, 0) for w in weights]

    return Training(go, _params)


def _params(weights: Weights) -> list[Params]:
    arrays = [w.numpy() for w in weights]
    return [Params(**dict(zip(NAMES, each, strict=True))) for each in zip(*arrays, strict=True)]


@functools.cache
def can_compile() -> bool:
    """Whether torch.compile works here, which needs a C++ compiler; say so once where it does not."""
    try:
        torch.compile(lambda x: x + 1)(torch.zeros(1))
    except Exception as error:
        print(f"torch.compile does not work here, so it is left out: {str(error).splitlines()[0]}", flush=True)
        return False
    return True


EAGER = Peer("PyTorch, eager", _eager)
COMPILED = Peer("PyTorch, torch.compile of a whole update", _compiled)
