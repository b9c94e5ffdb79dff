"""Tables: cases as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from measurement import Case

SHAPES_HEAD = ("Twenty shapes, float64, µs per update", f"  {'':<76}{'ours':>9}{'JAX':>9}{'ratio':>8}{'jax.grad':>10}")


def lines(case: Case) -> Iterator[str]:
    """Write a case as a table of its own."""
    yield case.title
    yield f"  {case.unit:<44}{'min':>10}{'median':>10}{'ratio':>9}   weights apart"
    for time in case.times:
        apart = "" if time.apart is None else f"   {time.apart:.0e}" + ("" if case.agrees(time) else "  NOT THE SAME")
        yield f"  {time.who:<44}{number(time.least):>10}{number(time.median):>10}{case.ratio(time):>8.2f}x{apart}"
        if time.note:
            yield f"    {time.note}"
    yield from (f"  {remark}" for remark in case.remarks)


def shape(case: Case) -> str:
    """Write a shape as one line: ours, the best of JAX, how many times as long that takes, and jax.grad's own ratio."""
    ours, *peers = case.times
    line = f"  {case.title:<76}{number(ours.least):>9}"
    if peers:
        quickest = min(peers, key=case.ratio)
        line += f"{number(quickest.least):>9}{case.ratio(quickest):>7.2f}x{case.ratio(peers[-1]):>9.2f}x"
    return line + ("" if case.is_same else "  NOT THE SAME")


def worst_shape(cases: Sequence[Case]) -> str:
    """Say where JAX comes closest, or is quicker."""
    ratios = [(min(case.ratio(peer) for peer in case.times[1:]), case.title) for case in cases if case.times[1:]]
    return "  the least ratio: {:.2f}x, {}".format(*min(ratios)) if ratios else "  nobody to compare with"


def number(value: float) -> str:
    """Write a number with three digits or more."""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"
