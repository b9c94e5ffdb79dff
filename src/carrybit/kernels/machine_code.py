"""Machine code: from a function in LLVM's notation to one that can be called, kept on disk for the next process.

What LLVM makes for this CPU is kept in a folder whose name is a hash of everything that it depends on but its name: our
own sources, the versions, the CPU. So a changed source, a new LLVM or another machine never meets old code. A file
ends with its own checksum and is put into place whole; what is damaged, or cannot be read or written, is made anew in
memory. Nothing about the cache is ever an error.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm
import platformdirs

KEPT_IN = "CARRYBIT_CACHE_DIR"  # the environment variable that names another folder; empty for none
CHECKSUM_BYTES = 32
AVX512_REGISTERS, OTHER_REGISTERS = 32, 8  # vectors of 64 bytes; 16 x 32 bytes with AVX2, 32 x 16 with NEON
_lock = threading.RLock()
_alive: list[Any] = []  # what LLVM loaded must stay where it is


class Cpu(NamedTuple):
    """What LLVM compiles for."""

    name: str
    features: str

    @property
    def has_fma(self) -> bool:
        """Whether one instruction multiplies and adds; without it the same bits come from a slow function."""
        return "+fma" in self.features.split(",") or llvm.get_process_triple().startswith(("aarch64", "arm64"))

    @property
    def registers(self) -> int:
        """How many vectors of 64 bytes fit into its registers."""
        return AVX512_REGISTERS if "+avx512f" in self.features.split(",") else OTHER_REGISTERS


@functools.cache
def host() -> Cpu:
    """Return this machine's CPU."""
    return Cpu(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


Kernel = Callable[[int], None]  # the address of its arguments, 8 bytes each


def load(name: str, write: Callable[[Cpu], str], sources: Sequence[Path], cpu: Cpu | None = None) -> Kernel:
    """Return a compiled function, from disk or made now, during which Python's other threads run; see `address`."""
    function: Kernel = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address(name, write, sources, cpu))
    return function


def address(name: str, write: Callable[[Cpu], str], sources: Sequence[Path], cpu: Cpu | None = None) -> int:
    """Return where a compiled function is, from disk or made now.

    Parameters
    ----------
    name : str
        What it is, and all that ``write`` depends on but the sources.
    write : cpu -> str
        Writes it in LLVM's notation; not called where it is found on disk.
    sources : paths
        The files beside this folder's that ``write`` depends on.
    cpu : Cpu or None for this machine's
    """
    cpu = cpu or host()
    with _lock:
        path = _path(name, cpu, sources)
        code = _read(path)
        if code is None:
            code = _compiled(write(cpu), cpu)
            _keep(path, code)
        return _loaded(code, cpu)


def folder() -> Path | None:
    """Return the folder in which machine code is kept, or None where it is not."""
    named = os.environ.get(KEPT_IN)
    if named == "":
        return None
    try:
        place = Path(named) if named else Path(platformdirs.user_cache_dir("carrybit", appauthor=False))
    except (OSError, RuntimeError):  # no home
        return None
    return place if named or place.is_absolute() else None


def can_keep() -> bool:
    """Whether that folder can be written to, by making it."""
    place = folder()
    if place is None:
        return False
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.access(place, os.W_OK) and _is_ours(place)
    except OSError:
        return False


def _is_ours(place: Path) -> bool:
    """Whether nobody else could have put code there."""
    if not hasattr(os, "getuid"):
        return True
    found = place.stat()
    return found.st_uid in (os.getuid(), 0) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _path(name: str, cpu: Cpu, sources: Sequence[Path]) -> Path | None:
    if not can_keep():
        return None
    place = folder()
    assert place is not None
    digest = hashlib.sha256(repr((cpu, llvmlite.__version__, llvm.llvm_version_info)).encode())
    try:
        for source in [*sorted(Path(__file__).parent.glob("*.py")), *sources]:
            digest.update(source.read_bytes())
    except OSError:  # sources that are no files: nobody can tell whether they have changed
        return None
    return place / digest.hexdigest()[:16] / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.o"


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        octets = path.read_bytes()
    except OSError:
        return None
    code, checksum = octets[:-CHECKSUM_BYTES], octets[-CHECKSUM_BYTES:]
    return code if code and hashlib.sha256(code).digest() == checksum else None


def _keep(path: Path | None, code: bytes) -> None:
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(code + hashlib.sha256(code).digest())
            os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise


def _machine(cpu: Cpu) -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(cpu=cpu.name, features=cpu.features, opt=3, jit=True)


def _compiled(text: str, cpu: Cpu) -> bytes:
    """Optimise and translate."""
    machine = _machine(cpu)
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = llvm.get_process_triple(), str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = False  # it is written in vectors already
    llvm.create_pass_builder(machine, options).getModulePassManager().run(
        module, llvm.create_pass_builder(machine, options)
    )
    code: bytes = machine.emit_object(module)
    return code


def _loaded(code: bytes, cpu: Cpu) -> int:
    """Put machine code into memory and return where its function is."""
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(cpu))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _alive.append(engine)
    place: int = engine.get_function_address("kernel")
    return place
