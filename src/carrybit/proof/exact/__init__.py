"""Exact: every memory that a network in whole numbers can have, for a proof or the shortest counterexample.

pairs.py      all pairs of a memory and a machine's state, breadth first
strides.py    a step of many memories at once, in whole numbers
known.py      the pairs that were seen
"""
