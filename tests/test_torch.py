"""PyTorch as a peer: its autograd and its optimisers, in float64, where it is installed."""

import itertools

import numpy as np
import pytest

from carrybit.losses import LOSSES, batch_loss
from carrybit.optimizers import OPTIMIZERS, clip
from carrybit.spec import ACTIVATION_NAMES, RECURRENCES, Spec
from test_gradients import a_case, assert_close, gradient

torch = pytest.importorskip("torch")

TORCH_ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}


def torch_loss(spec, params, layer_0, targets, mask):
    """The same network and loss, written with PyTorch's own operators."""
    p = {name: torch.tensor(array, requires_grad=True) for name, array in params.arrays().items()}
    x, y = torch.tensor(layer_0), torch.tensor(targets)
    batch, time, _ = x.shape
    past = torch.zeros(batch, spec.memory_dim, dtype=torch.float64)
    total = torch.zeros((), dtype=torch.float64)
    for t in range(time):
        pre_1 = x[:, t] @ p["synapse_0"] + past @ p["synapse_h"] + p.get("bias_1", 0)
        layer_1 = TORCH_ACTIVATIONS[spec.activation](pre_1)
        pre_2 = layer_1 @ p["synapse_1"] + p.get("bias_2", 0)
        past = layer_1 if spec.recurrence == "hidden" else x[:, t]
        if spec.loss == "squared_error":
            each = 0.5 * (torch.sigmoid(pre_2) - y[:, t]) ** 2
        elif spec.loss == "cross_entropy":
            each = torch.nn.functional.binary_cross_entropy_with_logits(pre_2, y[:, t], reduction="none")
        elif spec.loss == "softmax_cross_entropy":
            each = torch.nn.functional.cross_entropy(pre_2, y[:, t], reduction="none")[:, None]
        else:
            each = 0.5 * (pre_2 - y[:, t]) ** 2
        counted = each if mask is None else each * torch.tensor(mask[:, t, None])
        total = total + counted.sum()
    return total / batch, p


@pytest.mark.parametrize(("loss", "recurrence"), list(itertools.product(LOSSES, RECURRENCES)))
def test_gradients_agree_with_autograd(loss, recurrence):
    random = np.random.default_rng(7)
    for case in range(12):
        spec = Spec(
            input_dim=int(random.integers(1, 5)),
            hidden_dim=int(random.integers(1, 20)),
            output_dim=int(random.integers(2 if loss == "softmax_cross_entropy" else 1, 5)),
            activation=ACTIVATION_NAMES[case % 3],
            recurrence=recurrence,
            loss=loss,
            bias=bool(case % 2),
        )
        params, layer_0, targets, mask = a_case(spec, int(random.integers(1, 30)), masked=bool(case % 4), seed=case)
        value, p = torch_loss(spec, params, layer_0, targets, mask)
        value.backward()
        theirs = params.map(lambda array, of: of, type(params)(**{name: t.grad.numpy() for name, t in p.items()}))
        from carrybit.cells import elman

        pre_2 = elman.forward(spec, params, layer_0).pre_2
        np.testing.assert_allclose(batch_loss(loss, pre_2, targets, mask), value.item(), rtol=1e-12)
        assert_close(gradient(spec, params, layer_0, targets, mask), theirs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_ten_updates_agree_with_torch_optim(name):
    spec = Spec(bias=True)
    params, layer_0, targets, _ = a_case(spec, 8, masked=False)
    p = {key: torch.nn.Parameter(torch.tensor(array)) for key, array in params.arrays().items()}
    theirs = {
        "sgd": lambda: torch.optim.SGD(p.values(), lr=0.1),
        "momentum": lambda: torch.optim.SGD(p.values(), lr=0.1, momentum=0.9),
        "adam": lambda: torch.optim.Adam(p.values(), lr=0.1),
    }[name]()
    state = OPTIMIZERS[name].first(params)
    for update in range(1, 11):
        d = gradient(spec, params, layer_0, targets, None)
        for key, tensor in p.items():
            tensor.grad = torch.tensor(d.arrays()[key])
        theirs.step()
        params, state = OPTIMIZERS[name].update(params, d, state, 0.1, update)
    for key, array in params.arrays().items():
        np.testing.assert_allclose(array, p[key].detach().numpy(), rtol=1e-12, err_msg=key)


def test_clipping_agrees_with_torch():
    spec = Spec()
    params, layer_0, targets, _ = a_case(spec, 8, masked=False)
    d = gradient(spec, params, layer_0, targets, None)
    p = [torch.nn.Parameter(torch.tensor(array)) for array in d.arrays().values()]
    for tensor in p:
        tensor.grad = tensor.detach().clone()
    torch.nn.utils.clip_grad_norm_(p, 0.01)
    for array, tensor in zip(clip(d, 0.01).arrays().values(), p, strict=True):
        np.testing.assert_allclose(array, tensor.grad.numpy(), rtol=1e-4)  # torch divides by the length + 1e-6
    assert clip(d, 1e9) is d
