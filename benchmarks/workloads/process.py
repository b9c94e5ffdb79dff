"""A whole process, as a person waits for it: `carrybit train --updates 100000`, from nothing kept, and the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import clock
from measurement import Case, Time

TRAIN = ["-m", "carrybit", "train", "--updates", "100000", "--quiet"]
MOST_RUNS = 5


def measure(runs: int) -> Iterator[Case]:
    """Time it with an empty folder for compiled code each time, and then with what the first process left there."""
    runs = min(runs, MOST_RUNS)
    names = {"ours, what was compiled is kept": [], "ours, nothing is kept yet": []}
    imports = {f"import {package}, nothing else": package for package in ("torch", "jax") if find_spec(package)}
    times: dict[str, list[float]] = names | {name: [] for name in imports}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            (cache := Path(folder) / "cache").mkdir()
            for name in reversed(names):
                times[name].append(clock.once(lambda: _python(TRAIN, folder, cache)))  # noqa: B023
            for name, package in imports.items():
                times[name].append(clock.once(lambda: _python(["-c", f"import {package}"], folder, cache)))  # noqa: B023
    title = "A whole process: carrybit train --updates 100000"
    measured = [Time(who, seconds, is_ours=who.startswith("ours")) for who, seconds in times.items()]
    yield Case("process", title, "seconds", measured)


def _python(arguments: list[str], folder: str, cache: Path) -> None:
    environment = {**os.environ, "CARRYBIT_CACHE_DIR": str(cache)}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
