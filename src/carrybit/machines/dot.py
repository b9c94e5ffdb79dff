"""A machine in the notation of Graphviz, for those who have it; `draw_machine` needs none."""

from __future__ import annotations

from carrybit.machines.arrows import arrows
from carrybit.machines.machine import Machine
from carrybit.params import Array

HEAD = """digraph machine {
    rankdir = LR
    node [shape = circle, fontname = "sans-serif"]
    edge [fontname = "sans-serif"]
    start [shape = point, width = 0.1]
"""


def dot(machine: Machine, asked: Array | None = None) -> str:
    """Return a machine as a graph in DOT: a circle for each state, an arrow that says "symbols / answer" for its moves.

    States are numbered, s0, s1, …, and labelled with their names, so that any name will do. Those that are never left
    are dashed, as `draw_machine` has them.

    Parameters
    ----------
    machine : Machine
    asked : bool array (S, A), or None for all
        Which symbols may come in which state; only moves on those are arrows.
    """
    found = arrows(machine, asked=asked)
    left = {arrow.source for arrow in found if arrow.source != arrow.target} | {machine.start}
    lines = [
        f"    s{state} [label = {_quoted(name)}{'' if state in left else ', style = dashed'}]"
        for state, name in enumerate(machine.states)
    ]
    lines.append(f"    start -> s{machine.start}")
    for source, target, labels in found:
        lines.append(f"    s{source} -> s{target} [label = {_quoted(*labels)}]")
    return HEAD + "\n".join(lines) + "\n}\n"


def _quoted(*lines: str) -> str:
    """Return lines of text as one label, in which neither signs of DOT nor of HTML mean anything."""
    return '"' + r"\n".join(map(_escaped, lines)) + '"'


def _escaped(line: str) -> str:
    seen = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)
    return seen.replace("\\", r"\\").replace('"', r"\"").replace("&", "&amp;")
