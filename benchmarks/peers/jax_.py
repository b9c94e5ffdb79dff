"""JAX, with the whole training in one compiled lax.scan: nothing of Python is left while it runs.

Which way of writing an update XLA makes the most of depends on the sizes, so several are there to be tried:

    products     "matrix": x @ w, which calls a routine, or "sum": (x * w).sum(), which is fused with its neighbours
    derivatives  "grad": jax.grad, or "by hand": written out, which has fewer and larger pieces
    steps        "scanned": lax.scan over time, or "unrolled"

Networks are replicated by jax.vmap over their first axis; over the last one XLA is slower. JAX uses as many threads as
it likes, and 64 bits where the work does. (Pinned to one core it is up to a fifth quicker at the largest batches.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from work import Work

from carrybit.optimizers import EPSILON, FIRST_DECAY, MOMENTUM, OPTIMIZERS, SECOND_DECAY
from carrybit.params import Params
from carrybit.spec import Spec
from peers import Peer, Training

Weights = dict[str, jax.Array]
State = tuple[Weights, dict[str, Weights], jax.Array]  # weights, what the optimiser remembers, updates made
Update = Callable[[State, Any], State]

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu}
SLOPES = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a, "relu": lambda a: (a > 0).astype(a.dtype)}
LOSSES = {  # pre_2, targets -> loss of every step and output; (..., O)
    "squared_error": lambda pre_2, y: 0.5 * (y - jax.nn.sigmoid(pre_2)) ** 2,
    "cross_entropy": lambda pre_2, y: jax.nn.softplus(pre_2) - y * pre_2,
    "softmax_cross_entropy": lambda pre_2, y: -y * jax.nn.log_softmax(pre_2),
    "linear_squared_error": lambda pre_2, y: 0.5 * (y - pre_2) ** 2,
}
D_PRE_2 = {  # pre_2, targets -> the derivative of that
    "squared_error": lambda pre_2, y: (jax.nn.sigmoid(pre_2) - y) * SLOPES["sigmoid"](jax.nn.sigmoid(pre_2)),
    "cross_entropy": lambda pre_2, y: jax.nn.sigmoid(pre_2) - y,
    "softmax_cross_entropy": lambda pre_2, y: jax.nn.softmax(pre_2) * y.sum(-1, keepdims=True) - y,
    "linear_squared_error": lambda pre_2, y: pre_2 - y,
}


class Form(NamedTuple):
    """A way of writing an update."""

    products: str = "matrix"
    derivatives: str = "grad"
    steps: str = "scanned"

    def __str__(self) -> str:
        products = {"matrix": "matrix products", "sum": "products as sums"}[self.products]
        return f"{products}, steps {self.steps}"

    def product(self, x: jax.Array, w: jax.Array) -> jax.Array:
        """Return x (..., M) times w (M, H)."""
        return x @ w if self.products == "matrix" else (x[..., :, None] * w).sum(-2)

    def outer(self, x: jax.Array, d: jax.Array) -> jax.Array:
        """Return the derivative by w of the product, from that by the product: summed over steps and batch."""
        if self.products == "matrix":
            return jnp.einsum("...m,...h->mh", x, d)
        return (x[..., :, None] * d[..., None, :]).sum(tuple(range(x.ndim - 1)))


def forms(work: Work, derivatives: str) -> Iterator[Form]:
    """Return the forms that may be the fastest for some work: sums only for small rows, unrolled only for few steps."""
    batch, time = work.rules.batch_size, work.layer_0.shape[2]
    products = ("matrix", "sum") if batch * work.spec.hidden_dim <= 32 else ("matrix",)
    steps = ("scanned", "unrolled") if 1 < time <= 8 else ("scanned",)
    return (Form(p, derivatives, s) for p, s in itertools.product(products, steps))


def _before(x: jax.Array) -> jax.Array:
    """Move steps (T, ...) on by one: nothing, then the first, and so on."""
    return jnp.concatenate([jnp.zeros_like(x[:1]), x[:-1]])


def _forward(spec: Spec, form: Form, w: Weights, layer_0: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return past, layer_1 and pre_2 of layer_0 (T, [B,] I); there is no axis B for a batch of one."""
    activation, unroll = ACTIVATIONS[spec.activation], form.steps == "unrolled"
    arriving = form.product(layer_0, w["synapse_0"]) + w.get("bias_1", 0)
    if spec.recurrence == "input":
        past = _before(layer_0)
        layer_1 = activation(arriving + form.product(past, w["synapse_h"]))
    else:

        def step(memory: jax.Array, now: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
            after = activation(now + form.product(memory, w["synapse_h"]))
            return after, (memory, after)

        _, (past, layer_1) = lax.scan(step, jnp.zeros_like(arriving[0]), arriving, unroll=unroll)
    return past, layer_1, form.product(layer_1, w["synapse_1"]) + w.get("bias_2", 0)


def _by_hand(spec: Spec, form: Form, w: Weights, layer_0: jax.Array, targets: jax.Array) -> Weights:
    past, layer_1, pre_2 = _forward(spec, form, w, layer_0)
    batch = layer_0.shape[1] if layer_0.ndim == 3 else 1
    d_pre_2 = D_PRE_2[spec.loss](pre_2, targets) / batch
    answering = form.product(d_pre_2, w["synapse_1"].T)
    slope = SLOPES[spec.activation](layer_1)
    if spec.recurrence == "input":
        d_pre_1 = answering * slope
    else:

        def step(future: jax.Array, now: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            d_pre_1 = (now[0] + future) * now[1]
            return form.product(d_pre_1, w["synapse_h"].T), d_pre_1

        start, unroll = jnp.zeros_like(answering[0]), form.steps == "unrolled"
        _, d_pre_1 = lax.scan(step, start, (answering, slope), reverse=True, unroll=unroll)
    d = {
        "synapse_0": form.outer(layer_0, d_pre_1),
        "synapse_h": form.outer(past, d_pre_1),
        "synapse_1": form.outer(layer_1, d_pre_2),
    }
    if spec.bias:
        axes = tuple(range(layer_0.ndim - 1))
        d |= {"bias_1": d_pre_1.sum(axes), "bias_2": d_pre_2.sum(axes)}
    return d


def _by_grad(spec: Spec, form: Form, w: Weights, layer_0: jax.Array, targets: jax.Array) -> Weights:
    batch = layer_0.shape[1] if layer_0.ndim == 3 else 1

    def loss(w: Weights) -> jax.Array:
        return LOSSES[spec.loss](_forward(spec, form, w, layer_0)[2], targets).sum() / batch

    return jax.grad(loss)(w)


def _update(work: Work, form: Form) -> Update:
    """Return a function that makes one update of one network."""
    spec, rules = work.spec, work.rules
    gradient = _by_hand if form.derivatives == "by hand" else _by_grad
    rate, each = rules.learning_rate, jax.tree.map

    def update(state: State, samples: tuple[jax.Array, jax.Array]) -> State:
        w, remembered, made = state
        d = gradient(spec, form, w, *samples)
        if rules.optimizer == "sgd":
            return each(lambda w, d: w - rate * d, w, d), remembered, made
        if rules.optimizer == "momentum":
            velocity = each(lambda v, d: MOMENTUM * v + d, remembered["velocity"], d)
            return each(lambda w, v: w - rate * v, w, velocity), {"velocity": velocity}, made
        made = made + 1
        first = each(lambda m, d: FIRST_DECAY * m + (1 - FIRST_DECAY) * d, remembered["first_moment"], d)
        second = each(lambda v, d: SECOND_DECAY * v + (1 - SECOND_DECAY) * d * d, remembered["second_moment"], d)
        m_scale, v_scale = 1 - FIRST_DECAY**made, 1 - SECOND_DECAY**made
        w = each(lambda w, m, v: w - rate * (m / m_scale) / (jnp.sqrt(v / v_scale) + EPSILON), w, first, second)
        return w, {"first_moment": first, "second_moment": second}, made

    return update if len(work.first) == 1 else jax.vmap(update)


def _first(work: Work) -> State:
    """Return the state before the first update, with an axis for the networks if they are several."""
    names = list(work.first[0].arrays())
    w = {name: jnp.asarray(np.stack([params.arrays()[name] for params in work.first])) for name in names}
    remembered = {name: jax.tree.map(jnp.zeros_like, w) for name in OPTIMIZERS[work.rules.optimizer].remembers}
    state = (w, remembered, jnp.zeros(len(work.first), work.spec.precision))
    return state if len(work.first) > 1 else jax.tree.map(lambda array: array[0], state)


def _samples(work: Work) -> tuple[jax.Array, jax.Array]:
    """Return layer_0 and targets as updates want them: (N, [R,] T, [B,] I), without the axes that have length 1."""

    def arranged(array: np.ndarray) -> jax.Array:
        networks, _, time, size = array.shape
        batches = array.reshape(networks, work.updates, work.rules.batch_size, time, size).transpose(1, 0, 3, 2, 4)
        alone = tuple(axis for axis, length in ((1, networks), (3, work.rules.batch_size)) if length == 1)
        return jnp.asarray(np.ascontiguousarray(batches.squeeze(alone)))

    return arranged(work.layer_0), arranged(work.targets)


def _params(work: Work, state: State) -> list[Params]:
    w = {name: np.asarray(array) for name, array in state[0].items()}
    if len(work.first) == 1:
        return [Params(**w)]
    return [Params(**{name: array[k] for name, array in w.items()}) for k in range(len(work.first))]


def _training(work: Work, begin: Callable[[], Callable[[], Any]]) -> Training:
    """Return a Training all of whose calls see as many bits as the work has."""
    is_wide = work.spec.precision == "float64"
    with jax.enable_x64(is_wide):
        train = begin()

    def go() -> State:
        with jax.enable_x64(is_wide):
            return jax.block_until_ready(train())

    return Training(go, lambda state: _params(work, state))


def in_one_scan(form: Form) -> Peer:
    """JAX at its best: one compiled function makes all updates."""

    def begin(work: Work) -> Callable[[], State]:
        update, first, samples = _update(work, form), _first(work), _samples(work)

        @jax.jit
        def train(state: State, samples: tuple[jax.Array, jax.Array]) -> State:
            return lax.scan(lambda state, now: (update(state, now), None), state, samples)[0]

        return lambda: train(first, samples)

    name = "JAX, one scan, " + {"grad": "jax.grad", "by hand": "derivatives by hand"}[form.derivatives]
    return Peer(name, lambda work: _training(work, lambda: begin(work)), str(form))


def update_by_update(form: Form) -> Peer:
    """JAX as it is mostly used: one compiled function makes one update, called from Python; samples lie ready.

    The old weights are given away, so that no room for new ones has to be found.
    """

    def begin(work: Work) -> Callable[[], State]:
        update, first, samples = jax.jit(_update(work, form), donate_argnums=0), _first(work), _samples(work)
        pieces = list(zip(*(list(array) for array in samples), strict=True))

        def train() -> State:
            state = jax.tree.map(jnp.copy, first)
            for piece in pieces:
                state = update(state, piece)
            return state

        return train

    return Peer("JAX, jit per update", lambda work: _training(work, lambda: begin(work)), str(form))
