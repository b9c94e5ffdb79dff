"""Which tasks does a plain recurrent network learn exactly? Each with what is usual for it, several seeds, a table.

    python examples/03_tasks.py 10

Exact means that the task's examination is passed: all short words, random ones ten times as long as in training (or of
64 bits), and states that are held for 1,000 steps. Updates are the median and the most of those that are exact;
seconds are for one network.
"""

import argparse
import statistics
import time
from typing import Any

import carrybit

TASKS: list[dict[str, Any]] = [
    {"name": "addition"},
    {"name": "subtraction"},
    {"name": "comparison"},
    {"name": "parity"},
    *[{"name": "counting", "modulus": modulus} for modulus in (2, 3, 4, 5, 8)],
    *[{"name": "tomita", "language": language} for language in range(1, 8)],
    *[{"name": "recall", "lag": lag} for lag in (1, 2, 3, 4, 5, 8, 12)],
    {"name": "latch"},
    *[{"name": "dyck", "depth": depth} for depth in (1, 2, 3, 4)],
    *[
        {"name": "song", "title": title, "unit": unit}
        for unit in ("word", "letter")
        for title in ("love", "boat", "star")
    ],
    *[
        {"name": "alphabet", "direction": direction, "beginning": beginning}
        for direction in ("forwards", "backwards")
        for beginning in ("first", "middle")
    ],
]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("seeds", type=int, nargs="?", default=10, help="how many seeds, from 0 on (10)")
    seeds = max(1, parser.parse_args().seeds)
    print(f"{'task':<28}{'exact':>10}{'updates':>10}{'most':>10}{'seconds':>10}")
    for task in TASKS:
        began = time.perf_counter()
        table = carrybit.sweep({}, config=carrybit.TrainConfig(task=task, until="exact"), replicas=seeds, threads=1)
        seconds = (time.perf_counter() - began) / seeds
        updates = [row["exact_after"] for row in table.rows if row["is_exact"]]
        half, most = (f"{statistics.median(updates):,.0f}", f"{max(updates):,}") if updates else ("", "")
        name = " ".join(map(str, task.values()))
        print(f"{name:<28}{f'{len(updates)} of {seeds}':>10}{half:>10}{most:>10}{seconds:>10.2f}", flush=True)


if __name__ == "__main__":
    main()
