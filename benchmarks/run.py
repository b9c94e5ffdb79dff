"""Time carrybit beside the tutorial's NumPy, PyTorch and JAX, on the same work, in one run.

    python benchmarks/run.py                      # all workloads: some minutes
    python benchmarks/run.py tutorial replicas    # some of them
    python benchmarks/run.py --json times.json    # kept, for draw.py

Everybody is checked to come to the same weights before a clock starts. What compiling takes is part of no time but
those of the workload "process". Who is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import machine
import table
from measurement import Case
from workloads import WORKLOADS


def main() -> int:
    """Run the workloads asked for; return 1 if somebody computed something else."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"{', '.join(WORKLOADS)} (all of them)")
    parser.add_argument("--runs", type=int, default=9, help="how often everything is timed (9)")
    parser.add_argument("--json", type=Path, help="a file to keep the times in")
    asked = parser.parse_args()
    if unknown := [name for name in asked.workloads if name not in WORKLOADS]:
        parser.error(f"no workload is called {unknown[0]!r}: {', '.join(WORKLOADS)}")
    if asked.runs < 1:
        parser.error("--runs: 1 or more")

    begun = time.perf_counter()
    where = machine.describe()
    for name, value in where.items():
        print(f"{name:<12} {value}")
    print(f"\nFastest and median of {asked.runs} runs, taken in turn. PyTorch has one thread, JAX as many as it likes.")

    cases: list[Case] = []
    for name in asked.workloads or WORKLOADS:
        some = []
        for case in WORKLOADS[name](asked.runs):
            _show(case, is_first=not some)
            some.append(case)
            if asked.json:
                kept = {"machine": where, "runs": asked.runs, "cases": [each.to_json() for each in cases + some]}
                asked.json.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if name == "shapes":
            print(table.worst_shape(some))
        cases += some
    print(f"\nAll of it took {time.perf_counter() - begun:.0f} seconds.")
    return 0 if all(case.is_same for case in cases) else 1


def _show(case: Case, is_first: bool) -> None:
    if case.workload == "shapes":
        print(*(["", *table.SHAPES_HEAD] if is_first else []), table.shape(case), sep="\n", flush=True)
    else:
        print("", *table.lines(case), sep="\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
