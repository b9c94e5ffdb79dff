"""How many updates until a network adds without a slip? The tutorial's network and rate, many seeds, a table.

    python examples/02_seeds.py 24

Each seed has its own first weights and its own sums. A network is examined every 1,000 updates, for 300,000 at most.
"""

import argparse
import statistics
from concurrent.futures import ProcessPoolExecutor

import carrybit


def until_exact(seed: int) -> carrybit.Finished:
    *_, finished = carrybit.train(carrybit.TrainConfig(seed=seed, until="exact"))
    return finished


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="?", default=24, help="how many seeds, from 0 on (24)")
    seeds = range(max(1, parser.parse_args().seeds))
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
