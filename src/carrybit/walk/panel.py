"""The panel: the weights on the way there, and on the way back their gradient, assembled step by step."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from carrybit.params import Array
from carrybit.walk import ink
from carrybit.walk.cells import blocks, shades
from carrybit.walk.view import View

HEAD, TAIL = 10, 8  # columns for the name of an array, and for its size
ROWS = {"synapse_0": 1.0, "synapse_h": 4.0, "synapse_1": 1.0, "bias_1": 0.0, "bias_2": 0.0}  # how the height is shared


def panel(view: View, width: int, height: int) -> list[Text]:
    """Return so many lines at most; matrices with more numbers than there is room for show their blocks' largest."""
    scene, forward = view.scene, view.scene.way == "forward"
    shown = scene.trace.params if forward else scene.so_far()
    lines = [Text(_title(view), ink.STRONG)]
    arrays = {name: _lying(name, array) for name, array in shown.arrays().items()}
    whole = scene.trace.params if forward else scene.trace.gradient
    shapes = {name: "×".join(map(str, array.shape)) for name, array in shown.arrays().items()}
    tall = _heights({name: array.shape[0] for name, array in arrays.items()}, height - 1)
    for name, array in arrays.items():
        if not tall[name]:
            continue
        with np.errstate(all="ignore"):
            largest = max(np.abs(whole.arrays()[name]).max(), np.abs(array).max())
            norm = f"{np.linalg.norm(array):.2g}"
        lines += _matrix(
            (name, shapes[name]), array, largest, norm, max(1, width - HEAD - TAIL), tall[name], not forward
        )
    return lines[:height]


def _title(view: View) -> str:
    scene, last = view.scene, view.trace.time - 1
    if scene.way == "forward":
        return "weights: they do not change yet"
    since = scene.step + (scene.way == "backward" and scene.stop != "gradient")
    if since > last:
        return "gradient: nothing is added yet"
    if scene.way == "update":
        return "gradient, of all steps"
    return f"gradient so far, steps {last} to {since}" if since < last else f"gradient so far, of step {last}"


def _lying(name: str, array: Array) -> Array:
    """Return an array with hidden units from left to right, as the layer above has them."""
    return array[None] if array.ndim == 1 else array.T if name == "synapse_1" else array


def _heights(rows: dict[str, int], height: int) -> dict[str, int]:
    """Return the lines of each array: one for each, as far as there are any, and the rest where there is most."""
    order = ("synapse_h", "synapse_0", "synapse_1", "bias_1", "bias_2")
    tall = dict.fromkeys(rows, 0)
    for name in [name for name in order if name in rows][: max(0, height)]:
        tall[name] = 1
    left = height - sum(tall.values())
    while left > 0 and any(tall[name] < rows[name] for name in rows):
        name = min((n for n in rows if tall[n] < rows[n]), key=lambda n: tall[n] / (ROWS[n] or 0.1))
        tall[name] += 1
        left -= 1
    return tall


def _matrix(
    heads: tuple[str, str], array: Array, largest: float, norm: str, width: int, height: int, is_derivative: bool
) -> list[Text]:
    sizes = blocks(array, height, width)
    with np.errstate(all="ignore"):
        sizes = sizes / largest if largest else sizes
    broad = max(1, min(3, width // sizes.shape[1]))
    style = ink.DERIVATIVE_BAR if is_derivative else ink.MEMORY
    lines = []
    for k, row in enumerate(sizes):
        head = heads[k] if k < len(heads) else ""
        line = ink.head(head, HEAD, ink.QUIET if k else "")
        line.append("".join(mark * broad for mark in shades(row)), style)
        if k == 0:
            line.append(f" {norm}", ink.QUIET)
        lines.append(line)
    return lines
