"""Kernels: a small language for compiled code, spoken in Python.

A kernel is a Python function that is run once, with symbols in place of numbers. What it adds and multiplies is not
computed but written down, in the notation of LLVM, the library behind many compilers; LLVM turns that into the
instructions of this CPU, and from then on the instructions are called instead. From the bottom up:

    code.py           one function being written: numbers, whole numbers, loops
    arithmetic.py     exp, sigmoid and tanh, our own, the same bits on every CPU
    arrays.py         rows and matrices in memory, and the two ways to lay them out
    machine_code.py   from what was written to a function that can be called, kept on disk

Nothing here knows what a network is.
"""
