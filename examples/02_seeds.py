"""How many updates until a network adds without a slip? The tutorial's network and rate, many seeds, a table.

    python examples/02_seeds.py 24

Each seed has its own first weights and its own sums. A network is examined every 1,000 updates, for 300,000 at most.
"""

import statistics
import sys
from concurrent.futures import ProcessPoolExecutor

import carrybit


def until_exact(seed: int) -> carrybit.Finished:
    *_, finished = carrybit.train(carrybit.TrainConfig(seed=seed, until="exact"))
    return finished


def main() -> None:
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
    exact = []
    print("seed   updates   every short sum   random 64-bit   carry chains")
    with ProcessPoolExecutor() as workers:
        for seed, finished in zip(seeds, workers.map(until_exact, seeds), strict=True):
            marks = [f"{m.right:,} of {m.questions:,}" for m in finished.examination]
            print(f"{seed:>4}   {finished.state.update:>7,}   {'   '.join(marks)}", flush=True)
            if finished.reason == "exact":
                exact.append(finished.state.update)
    print(f"{len(exact)} of {len(seeds)} exact", end="")
    print(f", half of them after {statistics.median(exact):,.0f} updates or fewer" if exact else "")


if __name__ == "__main__":
    main()
