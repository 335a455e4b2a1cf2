"""A badge for a loop's page: how many of the documented cases pass, as SVG and as JSON for shields.io.

It counts what decides whether a loop conforms: the cases of documented rules that can be played where the loop was
played. An unsupported, an expected and a flaky failure is no pass, and neither is a missing verdict. Of several columns
of the loop (Pythons, versions) the badge shows the one with the fewest passes. It is green only if everything passes,
and grey if it says nothing about the whole: verdicts are missing, or a part of the cases was selected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import msgspec

from loopreport import inert
from loopreport.manner import Manner
from loopreport.merge import Merged
from loopreport.model import CaseInfo
from loopreport.results import ResultsError
from loopreport.summary import Summary, summarize

_COLOURS = {"green": "#2c7d32", "yellow": "#8a6100", "red": "#b3261e", "grey": "#616161"}
_LABEL = "#3f3f46"
_HEIGHT, _SIZE, _MARGIN = 20, 11, 6
_NARROW, _WIDE = "iljtfrI.,:;'|!()[]/ ", "mwMW@%"


@dataclass(frozen=True)
class Badge:
    """What a badge says."""

    label: str
    message: str
    colour: str
    title: str
    """What it says in full, to those who point at it or hear it."""


def svg(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the badge as an SVG document that needs no font and no script."""
    badge = describe(merged, cases)
    left, right = _width(badge.label), _width(badge.message)
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{left + right}",
            "height": f"{_HEIGHT}",
            "role": "img",
            "aria-label": badge.title,
        },
    )
    SubElement(root, "title").text = badge.title
    clip = SubElement(SubElement(root, "clipPath", id="edge"), "rect")
    clip.attrib |= {"width": f"{left + right}", "height": f"{_HEIGHT}", "rx": "3"}
    parts = SubElement(root, "g", {"clip-path": "url(#edge)"})
    for text, begin, width, colour in (
        (badge.label, 0, left, _LABEL),
        (badge.message, left, right, _COLOURS[badge.colour]),
    ):
        SubElement(parts, "rect", x=f"{begin}", width=f"{width}", height=f"{_HEIGHT}", fill=colour)
        shown = SubElement(
            parts,
            "text",
            {
                "x": f"{begin + width / 2:g}",
                "y": "14",
                "fill": "#fff",
                "font-family": "Verdana,DejaVu Sans,Geneva,sans-serif",
                "font-size": f"{_SIZE}",
                "text-anchor": "middle",
                "textLength": f"{width - 2 * _MARGIN}",
                "lengthAdjust": "spacingAndGlyphs",
            },
        )
        shown.text = text
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def shields(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the JSON that shields.io makes an endpoint badge of."""
    badge = describe(merged, cases)
    data = {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": _COLOURS[badge.colour]}
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def describe(merged: Merged, cases: Mapping[str, CaseInfo]) -> Badge:
    """Return what the badge of the only loop in `merged` says. Raises ResultsError where there are several."""
    names = list(dict.fromkeys(column.loop.name for column in merged.columns))
    if len(names) != 1:
        raise ResultsError(
            f"a badge is about one loop, and there are results of {', '.join(map(inert.name, names))}: choose by --loop"
        )
    summaries = summarize(merged, cases)
    summary = min(summaries, key=lambda summary: _rank(summary))
    total, title = summary.total, summary.column.title
    there = sum(case.counts for case in cases.values())
    selected = sum(cases[case].counts for case in summary.column.cases)
    playable = total.played + total.missing
    message = f"{total.passed}/{playable} documented cases"
    if total.missing:
        message += f", {total.missing} missing"
    elif selected < there:
        message = f"{total.passed}/{playable} of {there} documented cases"
    if selected < there or summary.judgement in ("not decided", "nothing to decide by"):
        colour = "grey"
    elif summary.failures:
        colour = "red"
    else:
        colour = "yellow" if total.expected else "green"
    if len(summaries) > 1:
        title += f", the least of {len(summaries)}"
    suites = ", ".join(suite for suite in merged.suites if suite[:1].isdigit())
    label = inert.name(f"loopspec {suites}".strip())
    return Badge(label, message, colour, f"{label}: {message} pass ({title})")


def _rank(summary: Summary) -> tuple[float, int]:
    """Return what columns are compared by: first the share that passes of what can be played, then their number."""
    total = summary.total
    playable = total.played + total.missing
    return (total.passed / playable if playable else 0.0), total.passed


def _width(text: str) -> int:
    """Return about how many pixels the text takes, with its margins; the document has it set in exactly these."""
    widths = (3.9 if sign in _NARROW else 10.0 if sign in _WIDE else 7.8 if sign.isupper() else 6.8 for sign in text)
    return round(sum(widths)) + 2 * _MARGIN
