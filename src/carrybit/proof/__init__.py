"""Proofs: what a network answers to words of every length, shown once and for all, or refuted by a word.

From the bottom up:

    claim.py         what is to be proved: a network, a machine, a disturbance
    verdict.py       what comes of it: Proved, Refuted or Open, and the theorem in words
    hunt.py          counterexamples first: chains, periodic words, the smallest margins
    shortest.py      all short words
    walks.py         random words
    lassos.py        words that repeat themselves for ever
    beams.py         words of the smallest margins
    slips.py         where the network's answers go wrong
    shortening.py    a wrong word made shorter
    bands.py         an activation between two parallel lines
    zonotopes.py     what a step makes of a whole set of hidden layers
    axes.py          the shape in which a network's disturbances shrink
    cells.py         sets of hidden layers, each with the machine's state that it stands for
    search.py        cells that lead into cells: a proof for the network as it is stored
    pairs.py         all pairs that can be reached: a proof for a network in whole numbers
    proving.py       one door to all of it
    certificate.py   a proof as a file
    check.py         the file checked again, with other numbers and other code
    answering.py     what a network says to words, where only some may come
    learning.py      a machine from those answers
    depth.py         all words of up to twelve symbols
    extraction.py    the machine that a network has become
    shadow.py        a proof on the plane of two axes, to be drawn

Source: Moore 1956 for machines; de Figueiredo and Stolfi 2004, "Affine arithmetic"; Sheeran, Singh and Stålmarck 2000,
"Checking safety properties using induction".
"""
