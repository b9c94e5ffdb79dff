"""What the benchmarks ran on: without it their numbers say nothing."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("carrybit", "numpy", "llvmlite", "torch", "jax", "jaxlib")


def describe() -> dict[str, str]:
    """Return the machine, its load and the versions, by name."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "machine": system,
        "CPU": f"{_cpu()}, {cores} cores",
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }
    if hasattr(os, "getloadavg"):
        found["load before"] = f"{os.getloadavg()[0]:.2f} processes"
    return found


def _cpu() -> str:
    """Return the CPU's own name, and the one that LLVM has for what it can do."""
    named = platform.processor() or platform.machine()
    known = Path("/proc/cpuinfo")
    if known.exists():
        lines = known.read_text(errors="replace").splitlines()
        named = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), named)
    import llvmlite.binding as llvm

    return f"{named} (LLVM: {llvm.get_host_cpu_name()})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
