"""carrybit doctor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.text import Text

import carrybit
from carrybit.cli.console import Console, tick
from carrybit.cli.options import Debug, Json, Quiet

NEEDED = ("numpy", "llvmlite", "safetensors", "rich", "textual", "typer", "filelock", "platformdirs")
EXTRAS = {
    "figures": ("matplotlib",),
    "cluster": ("distributed",),
    "data": ("pandas", "pyarrow"),
    "machines": ("greenery",),
    "check": ("python-flint",),
    "torch": ("torch",),
    "test": ("pytest", "hypothesis", "ruff", "mypy"),
}
NO_FMA = "without fused multiply-add: the same bits, but a hundred times slower"
NO_CACHE = "none kept: no folder of yours can be written to; CARRYBIT_CACHE_DIR can name one"


def doctor(json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Say what is installed here, and what is missing."""
    import platform

    from carrybit.kernels import machine_code
    from carrybit.sweeping import cores

    console = Console(json=json, quiet=quiet)
    cpu = machine_code.host()
    machine = {
        "carrybit": carrybit.__version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": cores(),
        "this folder": f"{Path.cwd()} ({'can' if os.access('.', os.W_OK) else 'can not'} be written to)",
        "compiles for": f"{cpu.name}, {'with fused multiply-add' if cpu.has_fma else NO_FMA}",
        "cache": _cache(),
    }
    needed = {name: _version(name) for name in NEEDED}
    extras = {extra: {name: _version(name) for name in names} for extra, names in EXTRAS.items()}
    for name, value in machine.items():
        console.say(f"{name:<14}{value}")
    for name, found in needed.items():
        console.say(Text.assemble(f"{name:<14}", tick(found is not None), f" {found or 'missing'}"))
    for extra, packages in extras.items():
        missing = [name for name, found in packages.items() if found is None]
        have = ", ".join(f"{name} {found}" for name, found in packages.items() if found is not None)
        line = Text.assemble(f"[{extra}]".ljust(14), tick(not missing), f" {have}")
        if missing:
            line.append(f" without {', '.join(missing)}: pip install 'carrybit[{extra}]'")
        console.say(line)
    console.result({**machine, "needed": needed, "extras": extras})


def _cache() -> str:
    from carrybit.kernels import machine_code

    if os.environ.get(machine_code.KEPT_IN) == "":
        return f"none kept: {machine_code.KEPT_IN} is empty"
    return str(machine_code.folder()) if machine_code.can_keep() else NO_CACHE


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None
