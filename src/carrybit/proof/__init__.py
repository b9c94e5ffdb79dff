"""Proofs: what a network answers to words of every length, shown once and for all, or refuted by a word.

    claim.py      what is to be proved: a network, a machine, a disturbance
    verdict.py    what comes of it: Proved, Refuted or Open
    theorem.py    what was proved, in words
    proving.py    one door to all of it: first a hunt, then a proof
    endless.py    what needs a memory without end, and can only be refuted

    hunting/      counterexamples
    induction/    cells that lead into cells: for a network as it is stored
    exact/        all pairs that can be reached: for a network in whole numbers
    checking/     a proof written down, and derived once more by other code
    asking/       the machine that a network has become, without being told

Source: Moore 1956 for machines; de Figueiredo and Stolfi 2004, "Affine arithmetic"; Sheeran, Singh and Stålmarck 2000,
"Checking safety properties using induction".
"""
