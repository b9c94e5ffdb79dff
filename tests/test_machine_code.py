"""Machine code is kept for the next process, never trusted blindly, and never the reason that something fails."""

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import platformdirs
import pytest

import carrybit
from carrybit.kernels import machine_code
from carrybit.kernels.code import Code
from carrybit.kernels.machine_code import CHECKSUM_BYTES, KEPT_IN, Cpu, can_keep, folder, host

PACKAGE = Path(carrybit.__file__).parent
USE = """
import sys
import numpy as np
import carrybit
from carrybit.cells import kernels_cpu
from carrybit.cells.engines import engine
from carrybit.cells.lessons import Rules, Sequences, Student
from carrybit.params import Params
from carrybit.spec import Spec

def refuse(*_):
    raise SystemExit("a kernel is written again")

if sys.argv[1:] == ["without writing"]:
    kernels_cpu.Learn.write = kernels_cpu.Run.write = refuse
spec, random = Spec(hidden_dim=3), np.random.default_rng(0)
params = Params(**{name: random.normal(size=shape) for name, shape in sorted(spec.shapes().items())})
layers = engine("cpu").run(spec, params, np.ones((1, 2, 2)), None)
student = Student(params, {"velocity": params})
samples = Sequences(np.ones((1, 2, 2, 2)), np.ones((1, 2, 2, 1)))
learned = engine("cpu").learn(spec, Rules("momentum", 0.5, None, 1), [student], samples, 0)
print(carrybit.__file__, layers.layer_2.tobytes().hex(), learned[0].student.params.synapse_0.tobytes().hex())
"""


class Writer:
    """Writes a kernel that stores a number, and counts how often it had to."""

    def __init__(self, number):
        self.number, self.count = number, 0

    def __call__(self, cpu):
        self.count += 1
        code = Code("float64", cpu.registers, ("y",))
        code.store(code.constant(self.number, code.zeros(1)), code.pointer("y"), 0)
        return code.finish()

    def stored(self, cpu=None):
        """What the kernel stores, wherever it comes from."""
        kernel = machine_code.load(f"stores {self.number}", self, [Path(__file__)], cpu)
        y = np.zeros(1)
        slots = np.array([y.ctypes.data])
        kernel(slots.ctypes.data)
        return y[0]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty place for machine code."""
    monkeypatch.setenv(KEPT_IN, str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(place):
    return sorted(path for path in place.rglob("*") if path.is_file())


def processes(count, cache, *arguments, package=PACKAGE, environment=None):
    """Use the package in processes that begin at the same time; return what each of them printed."""
    settings = os.environ | {KEPT_IN: str(cache), "PYTHONPATH": str(package.parent)} | (environment or {})
    command = [sys.executable, "-c", USE, *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, env=settings, cwd=package.parent, **streams) for _ in range(count)]
    printed = []
    for process in started:
        out, err = process.communicate()
        assert process.returncode == 0, err
        where, *numbers = out.split()
        assert Path(where).parent == package
        printed.append(numbers)
    return printed


def test_code_is_written_once_and_then_found(cache):
    writer = Writer(1.5)
    assert [writer.stored() for _ in range(3)] == [1.5] * 3
    assert writer.count == 1
    assert len(kept(cache)) == 1


def test_kernels_of_other_names_and_for_other_cpus_are_kept_apart(cache):
    one, other = Writer(1.5), Writer(2.5)
    simpler = Cpu(host().name, "")
    for _ in range(2):
        assert [one.stored(), other.stored(), one.stored(simpler)] == [1.5, 2.5, 1.5]
    assert (one.count, other.count) == (2, 1)
    assert len(kept(cache)) == 3


def test_threads_that_want_the_same_kernel_write_it_once(cache):
    writer = Writer(1.5)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: writer.stored(), range(16))) == [1.5] * 16
    assert writer.count == 1


def test_another_process_finds_the_code(cache):
    (first,) = processes(1, cache)
    (second,) = processes(1, cache, "without writing")
    assert second == first


def test_processes_that_begin_at_once_without_a_cache_agree_and_leave_a_whole_one(cache):
    first, second, third = processes(3, cache)
    assert first == second == third
    assert {path.suffix for path in kept(cache)} == {".o"}
    assert processes(1, cache, "without writing") == [first]


def test_an_empty_name_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv(KEPT_IN, "")
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "own"))
    monkeypatch.chdir(tmp_path)
    writer = Writer(1.5)
    assert [writer.stored(), writer.stored()] == [1.5, 1.5]
    assert writer.count == 2
    assert folder() is None
    assert not can_keep()
    assert not any(tmp_path.iterdir())


def test_without_a_name_it_is_the_users_own_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(KEPT_IN, raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "own"))
    assert Writer(1.5).stored() == 1.5
    assert folder() == tmp_path / "own"
    assert len(kept(tmp_path / "own")) == 1


def test_a_user_without_a_home_has_no_cache_and_no_error(monkeypatch):
    def homeless(*_, **__):
        raise RuntimeError("no home")

    monkeypatch.delenv(KEPT_IN, raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", homeless)
    assert Writer(1.5).stored() == 1.5
    assert folder() is None


def test_a_home_that_is_not_known_makes_no_folder_where_one_happens_to_be(tmp_path, monkeypatch):
    monkeypatch.delenv(KEPT_IN, raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: "~/.cache/carrybit")  # as some versions say
    monkeypatch.chdir(tmp_path)
    assert Writer(1.5).stored() == 1.5
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["file", "file/below", "file/far/below", "long" * 100, "circle", "circle/below"])
def test_a_place_that_cannot_be_a_folder_is_no_cache_and_no_error(name, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "circle").symlink_to("circle")
    monkeypatch.setenv(KEPT_IN, str(tmp_path / name))
    writer = Writer(1.5)
    assert [writer.stored(), writer.stored()] == [1.5, 1.5]
    assert writer.count == 2
    assert not can_keep()
    assert (tmp_path / "file").read_text() == "no folder"


def refusing(number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("module", "name"),
    [(Path, "mkdir"), (tempfile, "mkstemp"), (os, "replace")],
    ids=["making a folder", "making a file", "putting it in place"],
)
def test_a_disk_that_refuses_is_no_error_and_leaves_nothing_half_written(module, name, number, cache, monkeypatch):
    monkeypatch.setattr(module, name, refusing(number))
    writer = Writer(1.5)
    assert [writer.stored(), writer.stored()] == [1.5, 1.5]
    assert writer.count == 2
    assert not kept(cache)


def test_a_folder_that_may_only_be_read_is_no_cache_and_no_error(cache, monkeypatch):
    cache.mkdir()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    assert Writer(1.5).stored() == 1.5
    assert not can_keep()
    assert not kept(cache)


def test_something_else_where_the_code_should_be_is_no_error(cache):
    writer = Writer(1.5)
    writer.stored()
    (path,) = kept(cache)
    path.unlink()
    path.mkdir()
    assert [writer.stored(), writer.stored()] == [1.5, 1.5]
    path.rmdir()
    path.parent.rmdir()
    path.parent.write_text("no folder")
    assert [writer.stored(), writer.stored()] == [1.5, 1.5]
    assert kept(cache) == [path.parent]
    assert writer.count == 5


DAMAGES = {
    "empty": lambda octets: b"",
    "cut in half": lambda octets: octets[: len(octets) // 2],
    "cut by a byte": lambda octets: octets[:-1],
    "longer by a byte": lambda octets: octets + b"\0",
    "a bit of code is flipped": lambda octets: octets[:100] + bytes([octets[100] ^ 1]) + octets[101:],
    "a bit of the checksum is flipped": lambda octets: octets[:-1] + bytes([octets[-1] ^ 128]),
    "nothing but a checksum": lambda octets: octets[-CHECKSUM_BYTES:],
    "the checksum of nothing": lambda octets: hashlib.sha256(b"").digest(),
    "zeros": lambda octets: bytes(len(octets)),
    "text": lambda octets: b"what is this?",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_code_is_made_anew(damage, cache):
    writer = Writer(1.5)
    writer.stored()
    (path,) = kept(cache)
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](whole))
    assert writer.stored() == 1.5
    assert writer.count == 2
    assert path.read_bytes() == whole
    assert kept(cache) == [path]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no such permissions here")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702], ids=oct)
def test_a_folder_that_others_may_write_into_is_not_trusted(mode, cache):
    Writer(1.5).stored()
    (path,) = kept(cache)
    cache.chmod(mode)
    assert not can_keep()
    path.write_bytes(b"planted")
    writer = Writer(1.5)
    assert writer.stored() == 1.5
    assert writer.count == 1
    assert path.read_bytes() == b"planted"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no such permissions here")
def test_a_folder_of_somebody_else_is_not_trusted(cache, monkeypatch):
    cache.mkdir()
    if os.getuid() == 0:  # whose folders everybody trusts
        os.chown(cache, 54321, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert Writer(1.5).stored() == 1.5
    assert not kept(cache)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no such permissions here")
def test_nobody_else_can_look_into_a_folder_that_is_made(cache):
    umask = os.umask(0)
    try:
        Writer(1.5).stored()
    finally:
        os.umask(umask)
    made = [cache, *cache.rglob("*")]
    assert len(made) == 3
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in made)


EDITS = {
    "kernels/arithmetic.py": "def sigmoid(x):\n    return x * 0.5\n",
    "cells/elman_cpu.py": "ACTIVATIONS['sigmoid'] = Activation(lambda x: x * 0.5, lambda value: value)\n",
    "cells/packing.py": "PARTS = places\n\n\ndef places(spec):\n    parts, size = PARTS(spec)\n"
    "    return Places({n: p._replace(offset=p.offset + 64) for n, p in parts.items()}, size + 64)\n",
    "optimizers.py": "MOMENTUM = 0.5\n",
    "spec.py": "SHAPES = Spec.shapes\nSpec.shapes = lambda self: dict(reversed(SHAPES(self).items()))\n",
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package, a cache that knows its code, and what it makes of numbers."""
    root = tmp_path_factory.mktemp("copied")
    package = Path(shutil.copytree(PACKAGE, root / "carrybit", ignore=shutil.ignore_patterns("__pycache__")))
    return package, root / "cache", processes(1, root / "cache", package=package)[0]


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_source_is_noticed(name, copied, monkeypatch):
    package, cache, before = copied
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    source = package / name
    text = source.read_text(encoding="utf-8")
    try:
        source.write_text(f"{text}\n\n{EDITS[name]}", encoding="utf-8")
        (wanted,) = processes(1, "", package=package)
        (found,) = processes(1, cache, package=package)
    finally:
        source.write_text(text, encoding="utf-8")
    assert found == wanted
    assert (found != before) == (name not in ("cells/packing.py", "spec.py"))  # where it lies changes no number


@pytest.mark.parametrize(
    ("features", "has_fma", "registers"),
    [
        ("", False, 8),
        ("+sse2,+avx", False, 8),
        ("+avx2,+fma", True, 8),
        ("+avx2,-fma,-avx512f", False, 8),
        ("+fma4", False, 8),
        ("+avx2,+avx512f,+fma", True, 32),
        ("+avx512fp16,-avx512f", False, 8),
    ],
    ids=str,
)
def test_a_cpu_knows_its_registers_and_whether_it_multiplies_and_adds_at_once(features, has_fma, registers):
    cpu = Cpu("some", features)
    assert (cpu.has_fma, cpu.registers) == (has_fma, registers)


@pytest.mark.parametrize("triple", ["aarch64-unknown-linux-gnu", "arm64-apple-darwin24.0.0"])
def test_every_arm_multiplies_and_adds_at_once_whether_its_features_are_named_or_not(triple, monkeypatch):
    monkeypatch.setattr("carrybit.kernels.machine_code.llvm.get_process_triple", lambda: triple)
    assert Cpu("apple-m1", "").has_fma
