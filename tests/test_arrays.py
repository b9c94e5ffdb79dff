"""Rows and matrices in compiled code: NumPy's numbers, in either layout the same bits, and zeros behind every row."""

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from carrybit.cells.packing import aligned
from carrybit.kernels import arithmetic, machine_code
from carrybit.kernels.arrays import Array, Column
from carrybit.kernels.code import VECTOR, Code, padded
from carrybit.kernels.expressions import each_of
from carrybit.kernels.pieces import CHAINS, Layout
from carrybit.kernels.sums import dot, highest, total

REGISTERS = (32, 8)
SIZES = [  # terms of a product, width of its rows, steps of a sum over time
    *[(1, 1, 1), (1, 9, 5), (3, 2, 8), (4, 8, 5), (5, 16, 3), (7, 1, 9), (8, 7, 2), (9, 5, 4), (11, 17, 1)],
    *[(13, 33, 6), (17, 4, 3), (40, 31, 5), (70, 130, 20)],
]
FLOAT32_SIZES = [(1, 1, 3), (3, 2, 1), (5, 17, 4), (18, 34, 2)]
TOLERANCE = {"float64": 1e-13, "float32": 2e-5}
WIDTHS = range(1, 41)
ALL_SIZES = [(size, "float64") for size in SIZES] + [(size, "float32") for size in FLOAT32_SIZES]
every_size = pytest.mark.parametrize(("size", "dtype"), ALL_SIZES, ids=str)
dtypes = pytest.mark.parametrize("dtype", TOLERANCE)


@cache
def loaded(write, shapes, dtype, lanes, sequences, registers):
    """``write`` as a kernel: it is given the arrays by name, each of shape (networks, rows, columns)."""

    def whole(cpu):
        code = Code(dtype, registers, [name for name, _ in shapes])
        layout = Layout(code, lanes, sequences)
        arrays = {}
        for name, (networks, rows, columns) in shapes:
            apart = room(rows, columns, dtype) if lanes == 1 and networks > 1 else 0
            stride = padded(columns, VECTOR[dtype])
            arrays[name] = Array(layout, code.pointer(name), 0, rows, columns, stride, apart)
        write(arrays)
        return code.finish()

    name = f"{write.__name__} {shapes} {dtype} {lanes} {sequences} {registers}"
    return machine_code.load(name, whole, [Path(__file__)])


def room(rows, columns, dtype):
    """How many numbers of memory a matrix takes, whose squares of vectors can be turned."""
    vector = VECTOR[dtype]
    return padded(rows, vector) * padded(columns, vector, whole=True)


def compute(write, arrays, *, lanes=1, registers=REGISTERS[0]):
    """Return arrays (networks, rows, columns with their padding) as ``write`` leaves them.

    Networks are lanes, or where there are none, sequences; of what sequences share, there is one.
    """
    dtype = str(next(iter(arrays.values())).dtype)
    memory, views = [], {}
    for name, numbers in arrays.items():
        networks, rows, columns = numbers.shape
        size, stride = room(rows, columns, dtype), padded(columns, VECTOR[dtype])
        memory.append(aligned((size, networks) if lanes > 1 else (networks, size), dtype))
        each = memory[-1].T if lanes > 1 else memory[-1]
        for k in range(networks):
            each[k, : rows * stride].reshape(rows, stride)[:, :columns] = numbers[k]
        views[name] = each
    sequences = 1 if lanes > 1 else max(len(numbers) for numbers in arrays.values())
    shapes = tuple((name, numbers.shape) for name, numbers in arrays.items())
    slots = np.array([array.ctypes.data for array in memory])
    loaded(write, shapes, dtype, lanes, sequences, registers)(slots.ctypes.data)
    made = {}
    for name, each in views.items():
        _, rows, columns = arrays[name].shape
        stride = padded(columns, VECTOR[dtype])
        made[name] = np.ascontiguousarray(each[:, : rows * stride]).reshape(len(each), rows, stride)
        assert not each[:, rows * stride :].any(), name
    return made


SHARED = ("matrix", "turned", "bias")  # by sequences
SUMS = ("outer", "alone", "weighted")  # over time, onto what is there


def a_case(size, dtype, networks, *, shared=False):
    """Numbers for every network; with ``shared`` they have one set of weights, and one of sums over time."""
    terms, width, steps = size
    random = np.random.default_rng(size)
    shapes = {
        **{"x": (steps, terms), "y": (steps, width), "column": (terms, 3), "weight": (1, steps)},
        **{"matrix": (terms, width), "turned": (width, terms), "bias": (1, width)},
        **{"product": (1, width), "sum": (1, width), "back": (1, terms), "bent": (1, width), "same": (1, width)},
        **{"outer": (terms, width), "alone": (1, width), "weighted": (1, width)},
    }
    made = {}
    for name, shape in shapes.items():
        many = 1 if shared and name in (*SHARED, *SUMS) else networks
        made[name] = random.normal(size=(many, *shape)).astype(dtype)
    made["turned"] = np.ascontiguousarray(made["matrix"].transpose(0, 2, 1))
    return made


def everything(a):
    """Products, sums, one function of them; and sums over time onto what is there."""
    steps, x, y = a["x"].rows, a["x"], a["y"]
    turned = a["turned"] if x.layout.lanes == 1 else a["matrix"].turned()  # lanes need no second matrix
    a["product"][0] = x[0] @ a["matrix"]
    a["sum"][0] = x[0] @ a["matrix"] + a["bias"][0] + Column(a["column"], 1) @ a["matrix"] + (1 - y[0]) * 0.5
    a["back"][0] = y[steps - 1] @ turned
    a["bent"][0] = each_of(arithmetic.sigmoid)(x[0] @ a["matrix"])
    a["same"][0] = 0.25
    a["outer"].add_outer(x, y, steps)
    a["alone"].add_outer(None, y, steps)
    a["weighted"].add_outer(a["weight"].turned(), y, steps)


def numpys(a):
    """What ``everything`` should make of it."""
    x, y, matrix = a["x"], a["y"], a["matrix"]
    product = x[:, :1] @ matrix
    sums = {
        "outer": x.transpose(0, 2, 1) @ y,
        "alone": y.sum(axis=1, keepdims=True),
        "weighted": a["weight"] @ y,
    }
    column = a["column"][:, :, 1:2].transpose(0, 2, 1)
    return {
        "product": product,
        "sum": product + a["bias"] + column @ matrix + (1 - y[:, :1]) * 0.5,
        "back": y[:, -1:] @ matrix.transpose(0, 2, 1),
        "bent": 1 / (1 + np.exp(-product)),
        "same": np.full_like(product, 0.25),
        **{name: a[name] + (sums[name] if len(a[name]) > 1 else sums[name].sum(axis=0)) for name in SUMS},
    }


def assert_close(found, wanted, dtype):
    for name, numbers in wanted.items():
        columns = numbers.shape[-1]
        allowed = TOLERANCE[dtype] * max(1, np.abs(numbers).max())
        np.testing.assert_allclose(found[name][..., :columns], numbers, rtol=0, atol=allowed, err_msg=name)


def assert_zeros_behind(found, given):
    for name, numbers in found.items():
        behind = numbers[..., given[name].shape[-1] :]
        assert behind.tobytes() == bytes(behind.nbytes), name


def assert_same_bits(found, wanted):
    for name, numbers in wanted.items():
        assert found[name].tobytes() == numbers.tobytes(), name


def each_alone(write, given, **options):
    """Compute networks one after the other; sums over time that they share go on from one to the next."""
    networks, shared, made = len(given["x"]), {}, []
    for k in range(networks):
        one = {name: shared.get(name, a[k : k + 1] if len(a) > 1 else a) for name, a in given.items()}
        made.append(compute(write, one, **options))
        shared = {name: made[-1][name][..., : given[name].shape[-1]] for name in SUMS if len(given.get(name, [])) == 1}
    return {
        name: np.concatenate([each[name] for each in made]) if len(a) > 1 else made[-1][name]
        for name, a in given.items()
    }


@every_size
def test_rows_are_computed_as_numpy_does(size, dtype):
    given = a_case(size, dtype, networks=2)
    found = each_alone(everything, given)
    assert_close(found, numpys(given), dtype)
    assert_zeros_behind(found, given)


@pytest.mark.parametrize(("size", "dtype"), ALL_SIZES[::2], ids=str)
def test_several_sequences_have_the_bits_of_one_after_the_other(size, dtype):
    given = a_case(size, dtype, networks=3, shared=True)
    found = compute(everything, given)
    assert_close(found, numpys(given), dtype)
    assert_zeros_behind(found, given)
    assert_same_bits(found, each_alone(everything, given))


@every_size
def test_networks_in_lanes_have_the_bits_of_networks_in_rows(size, dtype):
    given = a_case(size, dtype, networks=VECTOR[dtype])
    found = compute(everything, given, lanes=VECTOR[dtype])
    assert_close(found, numpys(given), dtype)
    assert_zeros_behind(found, given)
    assert_same_bits(found, each_alone(everything, given))


@pytest.mark.parametrize("size", [(9, 5, 4), (13, 33, 6), (70, 130, 20)], ids=str)
@pytest.mark.parametrize("networks", [1, 3, 8], ids=["alone", "sequences", "lanes"])
def test_the_number_of_registers_changes_no_bit(size, networks):
    given = a_case(size, "float64", networks, shared=networks == 3)
    lanes = networks if networks == 8 else 1
    many, few = (compute(everything, given, lanes=lanes, registers=registers) for registers in REGISTERS)
    assert_same_bits(few, many)


def rounded(exact):
    """The float64 that is nearest to a fraction."""
    return exact.numerator / exact.denominator


def fma(one, other, addend):
    return rounded(Fraction(one) * Fraction(other) + Fraction(addend))


def paired(numbers):
    """Add neighbours until one number is left."""
    while len(numbers) > 1:
        pairs = [one + other for one, other in zip(numbers[0::2], numbers[1::2], strict=False)]
        numbers = pairs + numbers[len(numbers) // 2 * 2 :]
    return numbers[0]


def chained(begin, factors):
    """Add products in four chains, one after the other, the first of them on top of what is there."""
    chains = [] if begin is None else [begin]
    for i, (w, x) in enumerate(factors):
        if i < len(chains) or i >= CHAINS:
            chains[i % CHAINS] = fma(w, x, chains[i % CHAINS])
        else:
            chains.append(w * x)
    return paired(chains)


@pytest.mark.parametrize("size", [(1, 9, 5), (3, 2, 8), (9, 5, 4), (13, 33, 6), (40, 31, 5)], ids=str)
def test_products_and_sums_over_time_are_made_in_the_order_that_is_written_down(size):
    given = a_case(size, "float64", networks=1)
    found = compute(everything, given)
    x, y, matrix, column, bias = (given[name][0].tolist() for name in ("x", "y", "matrix", "column", "bias"))
    for j in range(size[1]):
        along = [row[j] for row in matrix]
        first = list(zip(along, x[0], strict=True))
        second = [(w, row[1]) for w, row in zip(along, column, strict=True)]
        assert found["product"][0, 0, j] == chained(None, first)
        assert found["sum"][0, 0, j] == chained(bias[0][j] + (1 - y[0][j]) * 0.5, first + second)
        for i, summed in enumerate(given["outer"][0, :, j].tolist()):
            for t in reversed(range(size[2])):
                summed = fma(y[t][j], x[t][i], summed)
            assert found["outer"][0, i, j] == summed


def reduced(a):
    """The total, the dot product and the highest number of rows of every width; and of rows without a positive one."""
    absolute = each_of(lambda x: x.code.intrinsic("fabs", x))
    for width in WIDTHS:
        x, y, low = (a[f"{name} of {width}"][0] for name in ("x", "y", "low"))
        numbers = total(x), total(x - y), dot(x, y), highest(absolute(x)), highest(low), total(low * 0.0)
        for place, number in enumerate(numbers):
            a[f"of {width}"][0].put_number(number, place)


def rows_to_reduce(dtype, networks):
    random = np.random.default_rng(0)
    given = {"x": np.zeros((networks, 1, 1), dtype)}  # which is not used, but tells how many there are
    for width in WIDTHS:
        given |= {f"{name} of {width}": random.normal(size=(networks, 1, width)).astype(dtype) for name in "xy"}
        given[f"low of {width}"] = -np.abs(given[f"x of {width}"])
        given[f"of {width}"] = np.zeros((networks, 1, 6), dtype)
    return given


@dtypes
@pytest.mark.parametrize("networks", [1, 3, None], ids=["alone", "sequences", "lanes"])
def test_totals_and_dot_products_of_every_width_are_numpys_and_have_the_bits_of_one_alone(dtype, networks):
    lanes = 1 if networks else VECTOR[dtype]
    given = rows_to_reduce(dtype, networks or lanes)
    found = compute(reduced, given, lanes=lanes)
    wanted = {}
    for width in WIDTHS:
        x, y = given[f"x of {width}"], given[f"y of {width}"]
        numbers = x.sum(axis=2), (x - y).sum(axis=2), (x * y).sum(axis=2), np.abs(x).max(axis=2)
        wanted[f"of {width}"] = np.stack(numbers, axis=2)
    assert_close(found, wanted, dtype)  # but for the rows without a positive number, which padding raises to 0
    assert_same_bits(found, each_alone(reduced, given))


def test_totals_and_dot_products_are_made_in_the_order_that_is_written_down():
    given = rows_to_reduce("float64", networks=1)
    found = compute(reduced, given)
    for width in WIDTHS:
        block = min(VECTOR["float64"], 1 << (width - 1).bit_length())
        x, y = (given[f"{name} of {width}"].ravel().tolist() + [0.0] * (-width % block) for name in "xy")
        sums, products = x[:block], [one * other for one, other in zip(x[:block], y[:block], strict=True)]
        for i in range(block, len(x)):
            sums[i % block] += x[i]
            products[i % block] = fma(x[i], y[i], products[i % block])
        while block > 1:  # its upper half onto its lower half
            block //= 2
            sums, products = ([one[i] + one[block + i] for i in range(block)] for one in (sums, products))
        assert found[f"of {width}"][0, 0, [0, 2]].tolist() == sums + products


SHAPES = [(n, n) for n in WIDTHS] + [(1, 9), (9, 1), (3, 20), (20, 3), (8, 40), (17, 33)]


def transposed(a):
    """All those shapes, one after the other."""
    for shape in SHAPES:
        a[f"{shape}"].transpose_into(a[f"{shape} turned"])


@dtypes
def test_a_matrix_of_any_shape_is_transposed_and_nothing_behind_it_is_touched(dtype):
    random = np.random.default_rng(0)
    given = {"x": np.zeros((1, 1, 1), dtype)}
    for rows, columns in SHAPES:
        given[f"{rows, columns}"] = random.normal(size=(1, rows, columns)).astype(dtype)
        given[f"{rows, columns} turned"] = np.zeros((1, columns, rows), dtype)
    found = compute(transposed, given)
    for rows, columns in SHAPES:
        turned = found[f"{rows, columns} turned"]
        np.testing.assert_array_equal(turned[:, :, :rows], given[f"{rows, columns}"].transpose(0, 2, 1))
    assert_zeros_behind(found, given)
