"""Report: what experiments found, as one page that needs nothing else to be read."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import carrybit
from carrybit.labs.lab import Finding, Listing, shown

STYLE = """
:root { color-scheme: light dark; --line: #8884; --so: #2a7f3f; --not: #b3541e; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
table { display: block; overflow-x: auto; }
caption { text-align: left; font-style: italic; padding-bottom: .3rem; }
th, td { padding: .15rem .8rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
img { max-width: 100%; background: white; border-radius: 4px; }
.verdict { font-weight: 600; } .so { color: var(--so); } .not { color: var(--not); }
nav a { margin-right: 1rem; white-space: nowrap; display: inline-block; }
"""


class Chapter(NamedTuple):
    """One experiment: its name, what it asks and claims, what it found, the picture (SVG), and how long it took."""

    name: str
    question: str
    claim: str
    finding: Finding
    picture: str
    seconds: float


def report(chapters: Sequence[Chapter]) -> str:
    """Return a page of HTML with all tables, pictures and verdicts; it loads nothing from anywhere."""
    links = "".join(
        f'<a href="#{escape(each.name)}">{_mark(each.finding)} {escape(each.name)}</a>' for each in chapters
    )
    holding = sum(each.finding.holds for each in chapters)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>carrybit: the laboratory</title>\n<style>{STYLE}</style></head><body>\n"
        f"<h1>The laboratory</h1>\n<p>{holding} of {len(chapters)} claims hold, by the numbers below. "
        f"Made by <code>carrybit lab all</code>, version {escape(carrybit.__version__)}.</p>\n<nav>{links}</nav>\n"
        + "\n".join(map(_section, chapters))
        + "\n</body></html>\n"
    )


def _section(chapter: Chapter) -> str:
    finding = chapter.finding
    kind, head = ("so", "So") if finding.holds else ("not", "Not so")
    picture = base64.b64encode(chapter.picture.encode()).decode()  # as an image, so that no two pictures share names
    return (
        f'<section id="{escape(chapter.name)}"><h2>{escape(chapter.name)}</h2>\n<p>{escape(chapter.question)}</p>\n'
        f"<p><em>The claim:</em> {escape(chapter.claim)}</p>\n"
        f'<p class="verdict"><span class="{kind}">{_mark(finding)} {head}:</span> {escape(finding.verdict)}</p>\n'
        f'<img src="data:image/svg+xml;base64,{picture}" alt="{escape(finding.verdict)}">\n'
        + "\n".join(map(_table, finding.listings))
        + f"\n<p><small><code>carrybit lab {escape(chapter.name)}</code>, {chapter.seconds:.1f} s</small></p></section>"
    )


def _table(listing: Listing) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in listing.heads)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(shown(cell))}</td>" for cell in row) + "</tr>" for row in listing.rows
    )
    return f"<table><caption>{escape(listing.title)}</caption><tr>{head}</tr>\n{rows}</table>"


def _mark(finding: Finding) -> str:
    return "✓" if finding.holds else "✗"
