"""How long it takes to watch a network: its trace, its provenance, its page; and how large the page is.

    python benchmarks/watch.py

Seconds are the best of three, of the whole call in this process.
"""

import time

import numpy as np

from carrybit.attribution import attribute
from carrybit.network import Network
from carrybit.spec import Spec
from carrybit.tracing import trace
from carrybit.view.html import page

SIZES = [(7, 16), (16, 16), (16, 64), (64, 16), (200, 64), (1000, 64)]
LONGEST_SAMPLED = 100  # steps; sampling Shapley's values of more takes long


def best(work):
    """Return what work returns, and the seconds of its best time of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return result, min(times)


def row(steps, units):
    """Return the figures of a network of this size on a question of so many steps."""
    random = np.random.default_rng(0)
    network = Network.first(Spec(hidden_dim=units), 0)
    bits = random.integers(0, 2, (1, steps, 3)).astype(np.float64)
    made, seconds = best(lambda: trace(network, bits[..., :2], bits[..., 2:]))
    shapley = f"{best(lambda: attribute(made))[1]:.3f}" if steps <= LONGEST_SAMPLED else "-"
    text, writing = best(lambda: page(made))
    return f"{steps:>6}{units:>7}{seconds:>10.4f}{shapley:>10}{writing:>9.3f}{len(text.encode()):>13,}"


def main():
    """Print a row for each size."""
    print(f"{'steps':>6}{'units':>7}{'trace':>10}{'shapley':>10}{'page':>9}{'bytes':>13}")
    for steps, units in SIZES:
        print(row(steps, units), flush=True)


if __name__ == "__main__":
    main()
