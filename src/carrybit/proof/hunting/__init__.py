"""Hunting: words that a network answers wrongly, looked for before anything is proved.

hunt.py          all of it, cheapest first
shortest.py      all short words
walks.py         random words
lassos.py        words that repeat themselves for ever
beams.py         words of the smallest margins
slips.py         where the network's answers go wrong
shortening.py    a wrong word made shorter
"""
