"""Theorem: what was proved, in words."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal

from carrybit.proof.claim import Claim

MOST_SYMBOLS = 16  # that are listed
DIGITS = 16  # of a hash, in a sentence


def theorem(claim: Claim, margin: float) -> str:
    """Return what a claim says once it is proved, filled in.

    Parameters
    ----------
    claim : Claim
    margin : float
        The least distance of an answer from being wrong; it is told in three digits, rounded down.
    """
    symbols, states = claim.machine.symbols, len(claim.machine.states)
    listed = " ".join(symbols[:MOST_SYMBOLS]) + f" … ({len(symbols)} symbols)" * (len(symbols) > MOST_SYMBOLS)
    coming = "" if claim.may_come.all() else " of symbols that may come"
    return (
        f"For every input word{coming} of every length over {listed}, started with an empty memory, "
        f"the network with the weights of SHA-256 {claim.digest[:DIGITS]}… answers as the machine {_name(claim)}"
        f"({states} state{'s' * (states != 1)}), with margin >= {rounded_down(margin)}, {_allowing(claim)}."
    )


def rounded_down(number: float) -> str:
    """Return a number in three digits that is not above it."""
    return f"{float(Decimal(number).normalize(Context(prec=3, rounding=ROUND_FLOOR))):g}"


def _name(claim: Claim) -> str:
    is_tasks = claim.task is not None and claim.machine is claim.task.machine
    return f"of the task, {claim.task.title} " if is_tasks and claim.task is not None else ""


def _allowing(claim: Claim) -> str:
    if claim.network.spec.is_whole:
        return "in whole numbers, which nothing rounds or disturbs"
    if not claim.eps:
        return "in exact arithmetic, under no disturbance"
    return f"under any disturbance of at most {claim.eps:g} per unit per step"
