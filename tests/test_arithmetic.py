"""Arithmetic of our own: as exact as it says, for every number there is, and the same bits on every CPU."""

import platform
import re
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from carrybit.cells.packing import aligned
from carrybit.kernels import arithmetic, machine_code
from carrybit.kernels.code import BYTES, VECTOR, Code
from carrybit.kernels.machine_code import Cpu

FUNCTIONS = {name: getattr(arithmetic, name) for name in ("exp", "sigmoid", "tanh", "relu")}
DTYPES = {"float64": 1e-14, "float32": 1e-6}  # what is promised, where a number has all its digits
OTHER_CPUS = {  # a feature lets more vectors be held in registers, and must be there for any of that to run
    Cpu("x86-64", ""): (),
    Cpu("haswell", ""): ("avx2", "fma", "bmi2"),
    Cpu("haswell", "+fma"): ("avx2", "fma", "bmi2"),
    Cpu("x86-64-v4", ""): ("avx512f", "avx512bw", "avx512dq", "avx512vl"),
    Cpu("x86-64-v4", "+avx512f,+fma"): ("avx512f", "avx512bw", "avx512dq", "avx512vl"),
}
ENDS = {  # where the formulas are likely to break; beyond the outermost ones, exp is inf or 0
    "float64": (0.0, 5e-324, 2.2e-308, 1e-300, 1e-17, 0.34, 0.35, 1.0, 18.9, 20.0, 20.1, 37.0, 354.9, 708.4, 709.78),
    "float32": (0.0, 1e-45, 1.1e-38, 1e-30, 1e-9, 0.34, 0.35, 1.0, 8.9, 10.0, 10.1, 17.0, 44.4, 87.3, 88.7),
}
FARTHER = {"float64": (709.8, 745.0, 745.2, 746.0, 1e5, 1e300), "float32": (88.73, 103.9, 104.0, 105.0, 1e5, 1e30)}
NOT_STRICT = r"\b(fast|nnan|ninf|nsz|arcp|contract|afn|reassoc|fmuladd)\b"  # what would let LLVM change a bit


def written(function, dtype, width, cpu=None):
    """y = function(x), number by number, in vectors of ``width``."""
    code = Code(dtype, (cpu or machine_code.host()).registers, ("turns", "x", "y"))
    x, y = code.pointer("x"), code.pointer("y")
    with code.loop(code.count("turns")) as i:
        code.store(function(code.load(x, i * width, width)), y, i * width)
    return code.finish()


@cache
def loaded(name, dtype, width, cpu):
    what = f"{name} of {width} numbers in {dtype}"
    return machine_code.load(what, lambda cpu: written(FUNCTIONS[name], dtype, width, cpu), [Path(__file__)], cpu)


def compute(name, numbers, width=None, cpu=None):
    dtype, many = str(numbers.dtype), len(numbers)
    width = width or VECTOR[dtype]
    x, y = (aligned((-(-many // VECTOR[dtype]) * VECTOR[dtype],), dtype) for _ in range(2))
    x[:many] = numbers
    arguments = np.array([len(x) // width, x.ctypes.data, y.ctypes.data])
    loaded(name, dtype, width, cpu)(arguments.ctypes.data)
    return y[:many]


def numbers(dtype, seed=0):
    """Numbers of both signs and of every size for which none of the functions is far below or above what fits."""
    random = np.random.default_rng(seed)
    farthest, smallest = (709.78, -300) if dtype == "float64" else (88.7, -37)
    drawn = [
        random.uniform(-farthest, farthest, 1500),
        random.uniform(-3, 3, 1500),
        10.0 ** random.uniform(smallest, np.log10(farthest), 1500) * random.choice([-1, 1], 1500),
        np.arange(-40, 40) * np.log(2) / 2,  # where 2^k goes over to the next k, and where there is nothing left of r
        [sign * end for end in ENDS[dtype] for sign in (1, -1)],
    ]
    return np.concatenate(drawn).astype(dtype)


def every_finite_number(dtype, seed=0):
    """Any bits that are a finite number, the largest, the smallest, and what lies beyond the ends."""
    octets = np.random.default_rng(seed).bytes(40_000 * BYTES[dtype])
    limits = np.finfo(dtype)
    some = [limits.max, limits.tiny, limits.smallest_subnormal, *ENDS[dtype], *FARTHER[dtype]]
    drawn = np.concatenate([np.frombuffer(octets, dtype), np.array(some, dtype), -np.array(some, dtype)])
    return drawn[np.isfinite(drawn)]


def exact(name, x):
    """What the function really is there, to 30 digits."""
    with localcontext(prec=50):
        x = Decimal(float(x))
        if name == "relu":
            return max(x, Decimal(0))
        if name == "exp":
            return x.exp()
        if name == "sigmoid":
            return 1 / (1 + (-x).exp())
        if abs(x) < Decimal("1e-9"):
            return x - x**3 / 3
        return ((2 * x).exp() - 1) / ((2 * x).exp() + 1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_result_has_all_its_digits(name, dtype):
    x, limits = numbers(dtype), np.finfo(dtype)
    worst = 0.0
    for argument, result in zip(x, compute(name, x), strict=True):
        wanted = exact(name, argument)
        if limits.tiny <= abs(wanted) <= limits.max:
            worst = max(worst, abs(float(Decimal(float(result)) / wanted - 1)))
        else:
            assert abs(result) < limits.tiny
    assert worst <= DTYPES[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
def test_exp_is_finite_up_to_the_largest_number(dtype):
    largest = float(np.finfo(dtype).max)
    end = np.array([np.log(largest)], dtype)  # rounded up in one format or the other
    last = np.nextafter(np.nextafter(end, end.dtype.type(0)), end.dtype.type(0))
    assert np.isfinite(compute("exp", last)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_finite_number_gives_nan(name, dtype):
    y = compute(name, every_finite_number(dtype))
    assert not np.isnan(y).any()
    if name != "exp":
        assert np.isfinite(y).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["exp", "sigmoid", "tanh"])
def test_nan_in_is_nan_out(name, dtype):
    x = np.array([np.nan, 1.0, -np.nan, 0.0], dtype)
    assert np.isnan(compute(name, x)).tolist() == [True, False, True, False]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "at", "values"),
    [
        ("exp", [0.0, -0.0, np.inf, -np.inf], [1.0, 1.0, np.inf, 0.0]),
        ("sigmoid", [0.0, -0.0, np.inf, -np.inf], [0.5, 0.5, 1.0, 0.0]),
        ("tanh", [0.0, -0.0, np.inf, -np.inf], [0.0, -0.0, 1.0, -1.0]),
        ("relu", [0.0, -0.0, np.inf, -np.inf], [0.0, 0.0, np.inf, 0.0]),
        ("relu", [1.5, -1.5, 1e-45, -1e-45], [1.5, 0.0, 1e-45, 0.0]),
    ],
    ids=["exp", "sigmoid", "tanh", "relu", "relu elsewhere"],
)
def test_zeros_and_infinities_give_what_they_should(name, at, values, dtype):
    assert compute(name, np.array(at, dtype)).tobytes() == np.array(values, dtype).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "low", "high"), [("exp", 0, np.inf), ("sigmoid", 0, 1), ("tanh", -1, 1)])
def test_results_stay_in_their_range_and_go_up_with_the_argument(name, low, high, dtype):
    x = np.sort(np.concatenate([numbers(dtype), every_finite_number(dtype)]))
    y = compute(name, x)
    assert y.min() >= low
    assert y.max() <= high
    finite = y[np.isfinite(y)]
    assert (np.diff(finite) >= -4 * np.spacing(np.abs(finite[1:]))).all()  # but for rounding


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_is_odd_to_the_bit(dtype):
    x = np.concatenate([numbers(dtype), every_finite_number(dtype)])
    assert compute("tanh", -x).tobytes() == (-compute("tanh", x)).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_number_alone_has_the_same_bits_as_in_a_vector(name, dtype):
    x = np.concatenate([numbers(dtype), every_finite_number(dtype)])
    wanted = compute(name, x).tobytes()
    width = VECTOR[dtype]
    while width > 1:
        width //= 2
        assert compute(name, x, width).tobytes() == wanted, width


def runs_here(cpu):
    """Whether this machine has what code for that CPU needs."""
    found = machine_code.host().features.split(",")
    return platform.machine() in ("x86_64", "AMD64") and all(f"+{name}" in found for name in OTHER_CPUS[cpu])


@pytest.mark.parametrize("cpu", OTHER_CPUS, ids=lambda cpu: f"{cpu.name}{cpu.features}")
@pytest.mark.parametrize("dtype", DTYPES)
def test_code_for_another_cpu_gives_the_same_bits(dtype, cpu):
    if not runs_here(cpu):
        pytest.skip(f"this machine cannot run code for {cpu.name}")
    x = np.concatenate([numbers(dtype), every_finite_number(dtype)])
    for name in FUNCTIONS:
        assert compute(name, x, cpu=cpu).tobytes() == compute(name, x).tobytes(), name


@pytest.mark.parametrize("cpu", [None, *OTHER_CPUS], ids=lambda cpu: f"{cpu.name}{cpu.features}" if cpu else "host")
def test_a_product_and_a_sum_are_rounded_twice_and_an_fma_once(cpu):
    if cpu and not runs_here(cpu):
        pytest.skip(f"this machine cannot run code for {cpu.name}")

    def write(cpu):
        code = Code("float64", cpu.registers, ("x", "y"))
        x = code.load(code.pointer("x"), 0, 8)
        code.store((1.0 + x) * (1.0 - x) - 1.0, code.pointer("y"), 0)
        code.store(code.fma(1.0 + x, 1.0 - x, -1.0), code.pointer("y"), 8)
        return code.finish()

    x, y = aligned((8,), "float64"), aligned((2, 8), "float64")
    x[:] = 2.0**-30  # whose square is lost beside 1
    kernel = machine_code.load("two ways to round", write, [Path(__file__)], cpu)
    arguments = np.array([x.ctypes.data, y.ctypes.data])
    kernel(arguments.ctypes.data)
    assert y.tolist() == [[0.0] * 8, [-(2.0**-60)] * 8]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_allows_llvm_to_change_a_bit(name, dtype):
    text = written(FUNCTIONS[name], dtype, VECTOR[dtype])
    assert "define" in text
    assert not re.search(NOT_STRICT, text)
