"""Checking: a proof written down, and derived once more by code that shares nothing with the search.

certificate.py    what is written down
check.py          the whole check, in balls of Arb; of whole numbers it is left to
recount.py        a count of all pairs once more
balls.py          the balls that check.py computes with
outcome.py        Checked or Rejected
"""
