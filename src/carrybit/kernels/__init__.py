"""Kernels: a small language for compiled code, spoken in Python.

A kernel is a Python function that is run once, with symbols in place of numbers. What it adds and multiplies is not
computed but written down, in the notation of LLVM, the library behind many compilers; LLVM turns that into the
instructions of this CPU, and from then on the instructions are called instead. From the bottom up:

    code.py           one function being written: numbers, whole numbers, loops
    arithmetic.py     exp, sigmoid and tanh, our own, the same bits on every CPU
    pieces.py         some adjacent numbers of a row, and the two layouts: rows, or networks side by side
    expressions.py    rows that are computed where they are stored
    sums.py           one number made of a row
    arrays.py         rows and matrices in memory
    objects.py        functions that Python calls directly, with NumPy's arrays
    machine_code.py   from what was written to a function that can be called, kept on disk

Nothing here knows what a network is.
"""
