"""Asking: the machine that a network has become, made from its answers.

extraction.py    from the first word to the machine, and its proof
learning.py      a machine from answers
answering.py     what a network says to words, where only some may come
depth.py         all words of up to twelve symbols
"""
