"""Arithmetic of our own: exp, sigmoid and tanh from additions, products, fused multiply-adds and one division.

Each of these operations has one right result, which IEEE 754 fixes to the bit, and they are done in the order in which
they stand here. So the same number comes out on every CPU, alone or in a vector of any length, which no library of
mathematical functions promises. The way is the usual one:

    e^x = 2^k * e^r    with k = x / ln 2, rounded to a whole number, and so |r| <= ln 2 / 2
    e^r = 1 + r + r² q(r), a short polynomial; 2^k is k written into the exponent of a number

Guarantee (tests/test_arithmetic.py): for every finite x, neither NaN nor a warning; relative error below 1e-14 in
float64 and 1e-6 in float32, wherever the result is large enough to have all its digits (2.3e-308 or 1.2e-38).
"""

from __future__ import annotations

from typing import NamedTuple

from llvmlite import ir

from carrybit.kernels.code import WHOLE, Value

LOG2_E = 1.4426950408889634


class Format(NamedTuple):
    """What depends on the format of the numbers.

    ln2_high, ln2_low : ln 2 as the nearest number, and what is missing
    polynomial        : q, lowest power first: (e^r - 1 - r) / r² at the Chebyshev nodes of |r| <= 1.0001 ln 2 / 2
    round             : 1.5 * 2^fraction; added to x, it pushes all behind the point of x out at the end
    fraction          : bits of the fraction
    one               : the bits of 1.0, as a whole number
    farthest          : exp overflows above
    smallest          : exp is 0 below
    nearly_one        : tanh is 1 above
    whole             : whole numbers as wide as these
    """

    ln2_high: float
    ln2_low: float
    polynomial: tuple[float, ...]
    round: float
    fraction: int
    one: int
    farthest: float
    smallest: float
    nearly_one: float
    whole: ir.IntType


FORMATS = {
    "float64": Format(
        ln2_high=0.6931471805599453,
        ln2_low=2.3190468138462996e-17,
        polynomial=(
            0.5,
            0.1666666666664829,
            0.04166666666665136,
            0.008333333353729397,
            0.0013888888905881542,
            0.00019841208732536384,
            2.4801536388690766e-05,
            2.762511557828763e-06,
            2.761380686153829e-07,
        ),
        round=1.5 * 2.0**52,
        fraction=52,
        one=1023 << 52,
        farthest=709.782712893384,
        smallest=-745.2,
        nearly_one=20.0,
        whole=WHOLE,
    ),
    "float32": Format(
        ln2_high=0.6931471824645996,
        ln2_low=-1.904654299957768e-09,
        polynomial=(0.5, 0.16666576969, 0.0416665546172, 0.00836317905272, 0.00139261835878),
        round=1.5 * 2.0**23,
        fraction=23,
        one=127 << 23,
        farthest=88.72283,
        smallest=-104.0,
        nearly_one=10.0,
        whole=ir.IntType(32),
    ),
}


def sigmoid(x: Value) -> Value:
    """1 / (1 + e^-x)."""
    code, f = x.code, FORMATS[x.code.dtype]
    shifted = code.fma(x, -LOG2_E, f.round)
    k = shifted - f.round
    r = code.fma(k, -f.ln2_high, -x)
    half = _power(shifted, f, f.one - (1 << f.fraction)) * code.fma(k, -f.ln2_low, 1.0)  # 2^k / 2, which is never inf
    y = 0.5 / code.fma(_one_plus(r, f, 1.0), half, 0.5)
    saturated = code.select(x > 0.0, 1.0, code.zeros(x.n))
    return code.select(code.intrinsic("fabs", x) > f.farthest, saturated, y)


def tanh(x: Value) -> Value:
    """(e^2|x| - 1) / (e^2|x| + 1), with the sign of x; e^2|x| - 1 without the 1 that would swallow a small x."""
    code, f = x.code, FORMATS[x.code.dtype]
    size = code.intrinsic("fabs", x)
    shifted = code.fma(size, 2 * LOG2_E, f.round)
    k = shifted - f.round
    r = code.fma(k, -f.ln2_low, code.fma(k, -f.ln2_high, size + size))
    scale = _power(shifted, f, f.one)
    minus_1 = code.fma(scale, _one_plus(r, f, 0.0), scale - 1.0)
    y = code.select(size > f.nearly_one, 1.0, minus_1 / (minus_1 + 2.0))
    return code.intrinsic("copysign", y, x)


def exp(x: Value) -> Value:
    """e^x."""
    code, f = x.code, FORMATS[x.code.dtype]
    shifted = code.fma(x, LOG2_E, f.round)
    k = shifted - f.round
    r = code.fma(k, -f.ln2_low, code.fma(k, -f.ln2_high, x))
    first = k * 0.5 + f.round  # 2^k in two factors, since 2^1024 and 2^-1074 are no ordinary numbers
    second = (k - (first - f.round)) + f.round
    y = _one_plus(r, f, 1.0) * _power(first, f, f.one) * _power(second, f, f.one)
    y = code.select(x > f.farthest, float("inf"), y)
    return code.select(x < f.smallest, code.zeros(x.n), y)


def relu(x: Value) -> Value:
    """Return x where it is above zero, else 0."""
    return x.code.select(x > 0.0, x, 0.0)


def _one_plus(r: Value, f: Format, one: float) -> Value:
    """One + r + r² q(r): pairs of terms at once, so that few operations wait for each other."""
    code, c = r.code, f.polynomial
    r2 = r * r
    pairs = [code.fma(r, c[i + 1], c[i]) if i + 1 < len(c) else code.constant(c[i], r) for i in range(0, len(c), 2)]
    terms = [r + one if one else r, *pairs]  # of r^0, r^2, r^4, ...
    power = r2
    while len(terms) > 1:
        odd = terms[1::2]
        terms = [code.fma(odd[i], power, term) if i < len(odd) else term for i, term in enumerate(terms[0::2])]
        power = power * power
    return terms[0]


def _power(shifted: Value, f: Format, one: int) -> Value:
    """2^k, times the number whose bits are ``one``: k, in the lowest bits of ``shifted``, moves to the exponent."""
    code = shifted.code
    low, high = f.round - (f.one >> f.fraction) + 2, f.round + (f.one >> f.fraction) + 1
    kept = code.select(shifted > low, shifted, low)
    kept = code.select(kept > high, high, kept)
    whole = ir.VectorType(f.whole, shifted.n) if shifted.n > 1 else f.whole
    all_of = (lambda bits: ir.Constant(whole, [bits] * shifted.n)) if shifted.n > 1 else whole
    k = code.b.shl(code.b.bitcast(kept.value, whole), all_of(f.fraction))
    return Value(code, code.b.bitcast(code.b.add(k, all_of(one)), shifted.value.type))
