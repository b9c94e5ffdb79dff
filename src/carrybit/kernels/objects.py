"""Objects: compiled functions that Python calls directly, with its own objects.

What Python does on its way through ctypes takes longer than a step of a small network. So here the machine code is made
a function of Python's itself, which gets the objects as they are, and looks into NumPy's arrays where they lie.

Source: Python's C API, PyMethodDef and METH_FASTCALL; NumPy's, struct PyArrayObject (data, nd, dimensions, strides,
base, descr, flags), which both keep for their binary compatibility.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir

from carrybit.kernels.code import WHOLE, Code

HEADER = object.__basicsize__  # bytes of an object before what is its own; the last 8 are its type
DATA, DIMENSIONS, SHAPE, DTYPE, FLAGS = 0, 8, 16, 40, 48  # where an array has them, behind its header
IN_ORDER = 0x0001 | 0x0100  # C order, aligned
FASTCALL = 0x0080
POINTER = ir.PointerType()
API = ("none", "false", "array", "dtype")
REFER = "Py_IncRef"
llvm.add_symbol(REFER, ctypes.cast(ctypes.pythonapi.Py_IncRef, ctypes.c_void_p).value)


class PythonCode(Code):
    """A function being written that takes objects of Python's, and returns None, or False if they are not as wanted.

    Parameters
    ----------
    dtype, registers, slots : as in `Code`
        The arguments in the slots are fixed when the function is made.
    """

    def __init__(self, dtype: str, registers: int, slots: Sequence[str]) -> None:
        super().__init__(dtype, registers, [*API, *slots])

    def signature(self) -> ir.FunctionType:
        """Return what the function takes and gives: what it is bound to, its arguments, how many -> an object."""
        return ir.FunctionType(POINTER, [POINTER, POINTER, WHOLE])

    def slots(self) -> ir.Value:
        """Return the address of the fixed arguments: the bytes of the object that the function is bound to."""
        return self._at(self.function.args[0], bytes.__basicsize__ - 1)

    def row(self, number: int, size: int) -> ir.Value:
        """Return where the numbers of an argument are; unless it is an array of so many of them, it is all over."""
        self._unless(self.b.icmp_signed(">", self.function.args[2], WHOLE(number)))
        place = self.b.load(self.b.gep(self.function.args[1], [WHOLE(number)], source_etype=POINTER), typ=POINTER)

        def member(offset: int, kind: ir.Type) -> ir.Value:
            return self.b.load(self._at(place, HEADER + offset), typ=kind)

        def same(found: ir.Value, wanted: ir.Value) -> None:
            self._unless(self.b.icmp_unsigned("==", found, wanted))

        same(member(-8, POINTER), self.pointer("array"))
        same(member(DIMENSIONS, ir.IntType(32)), ir.IntType(32)(1))
        same(member(DTYPE, POINTER), self.pointer("dtype"))
        same(self.b.and_(member(FLAGS, ir.IntType(32)), ir.IntType(32)(IN_ORDER)), ir.IntType(32)(IN_ORDER))
        same(self.b.load(member(SHAPE, POINTER), typ=WHOLE), WHOLE(size))
        return member(DATA, POINTER)

    def finish(self) -> str:
        """End the function and return it in LLVM's notation."""
        self._return("none")
        return str(self.module)

    def _at(self, place: ir.Value, offset: int) -> ir.Value:
        return self.b.gep(place, [WHOLE(offset)], source_etype=ir.IntType(8))

    def _unless(self, wanted: ir.Value) -> None:
        end, onward = self.b.append_basic_block("end"), self.b.append_basic_block("onward")
        self.b.cbranch(wanted, onward, end)
        self.b.position_at_end(end)
        self._return("false")
        self.b.position_at_end(onward)

    def _return(self, name: str) -> None:
        known = self.module.globals.get(REFER)
        refer = known or ir.Function(self.module, ir.FunctionType(ir.VoidType(), [POINTER]), name=REFER)
        answer = self.pointer(name)
        self.b.call(refer, [answer])  # an object that is returned is one reference more
        self.b.ret(answer)


class _Definition(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]


# a prototype of our own: the one that ctypes keeps is everybody's
_make = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)(
    ("PyCFunction_NewEx", ctypes.pythonapi)
)


def function(address: int, dtype: str, slots: Sequence[int]) -> tuple[Callable[..., Any], object]:
    """Return a function of Python's for one written with `PythonCode`, and what must be kept as long as it is used.

    Parameters
    ----------
    address : int
        Where the machine code is.
    dtype : str
        Of the arrays it takes.
    slots : whole numbers
        Its fixed arguments.
    """
    fixed = [id(None), id(False), id(np.ndarray), id(np.dtype(dtype)), *slots]
    definition = _Definition(b"kernel", address, FASTCALL, None)
    made: Callable[..., Any] = _make(ctypes.addressof(definition), struct.pack(f"{len(fixed)}q", *fixed), None)
    return made, definition
