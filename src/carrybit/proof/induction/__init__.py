"""Induction: cells that lead into cells, whatever is read; a proof for a network as it is stored.

bands.py        an activation between two parallel lines
zonotopes.py    what a step makes of a whole set of hidden layers
axes.py         the shape in which a network's disturbances shrink
cells.py        sets of hidden layers, each with the machine's state that it stands for
search.py       the search for cells that lead into each other
shadow.py       a proof on the plane of two axes, to be drawn
"""
