"""Draw what run.py measured.

python benchmarks/draw.py times.json picture.png
python benchmarks/draw.py times.json picture.png tutorial shapes    # some workloads
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measurement import Case
from table import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, PEER, SLOWER = "#1f6f8b", "#b9bec6", "#c0504d"
BAR_HEIGHT, AROUND = 0.26, 1.0  # inches: of a bar, and of title and axis
WIDTH = 11


def draw_times(case: Case, ax: Axes) -> Axes:
    """Draw how long everybody took, ours in colour, the first on top."""
    names = [time.who for time in case.times]
    least = [time.least for time in case.times]
    ax.barh(names, least, color=[OURS if time.is_ours else PEER for time in case.times])
    for k, time in enumerate(case.times):
        ratio = f"   {case.ratio(time):,.{0 if case.ratio(time) >= 100 else 1}f}x" if k else ""
        ax.annotate(
            number(time.least) + ratio, (time.least, k), (4, 0), textcoords="offset points", va="center", fontsize=8
        )
    _finish(ax, case.title, f"{case.unit}, fastest run; log scale", least)
    return ax


def draw_shapes(cases: Sequence[Case], ax: Axes) -> Axes:
    """Draw, for every shape, how many times as long JAX's best takes."""
    ratios = [min(case.ratio(peer) for peer in case.times[1:]) for case in cases]
    ax.barh([case.title for case in cases], ratios, color=[OURS if ratio >= 1 else SLOWER for ratio in ratios])
    for k, ratio in enumerate(ratios):
        ax.annotate(f"{ratio:.2f}x", (ratio, k), (4, 0), textcoords="offset points", va="center", fontsize=8)
    ax.axvline(1, color="black", linewidth=0.8)
    _finish(ax, f"{len(cases)} shapes, float64", "JAX's best over ours, fastest runs; log scale", [1, *ratios])
    return ax


def draw(cases: Sequence[Case], caption: str, path: Path) -> None:
    """Draw one panel for every case, and one for all shapes, under each other."""
    from matplotlib.figure import Figure

    shapes = [case for case in cases if case.workload == "shapes" and case.times[1:]]
    others = [case for case in cases if case.workload != "shapes"]
    bars = [len(case.times) for case in others] + ([len(shapes)] if shapes else [])
    heights = [AROUND + BAR_HEIGHT * count for count in bars]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.4), layout="constrained")
    panels = iter(figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0])
    for case in others:
        draw_times(case, next(panels))
    if shapes:
        draw_shapes(shapes, next(panels))
    figure.supxlabel(caption, fontsize=7, color="#555555")
    figure.savefig(path, dpi=130)


def _finish(ax: Axes, title: str, label: str, values: Sequence[float]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    ax.set_title(title, loc="left", fontsize=10)
    ax.set_xlabel(label, fontsize=8)
    ax.set_xscale("log")
    ax.set_xlim(min(values) / 2, max(values) * 2.5)  # the shortest bar can be seen, and the longest one's number read
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if max(values) < 20 * min(values) else (1,)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.tick_params(labelsize=8)
    for spine in ("top", "right"):
        ax.spines[spine].set_visible(False)


def _caption(machine: dict[str, str]) -> Iterator[str]:
    yield machine["CPU"]
    yield from (f"{name} {machine[name]}" for name in ("carrybit", "numpy", "torch", "jax") if name in machine)
    yield machine["date"]


def _workloads(kept: dict[str, Any]) -> list[str]:
    return sorted({case["workload"] for case in kept["cases"]})


def main() -> int:
    """Read, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("times", type=Path, help="what run.py --json wrote")
    parser.add_argument("picture", type=Path, help="a PNG")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="what to draw (all that is there)")
    asked = parser.parse_args()
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        print("matplotlib is not installed: pip install matplotlib", file=sys.stderr)
        return 1
    kept = json.loads(asked.times.read_text(encoding="utf-8"))
    cases = [Case.from_json(case) for case in kept["cases"]]
    cases = [case for case in cases if not asked.workloads or case.workload in asked.workloads]
    if not cases:
        parser.error(f"{asked.times} has no {', '.join(asked.workloads)}: {', '.join(_workloads(kept))}")
    draw(cases, " · ".join(_caption(kept["machine"])), asked.picture)
    print(f"drawn: {asked.picture}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
