"""A comparison for people: on a terminal or in a pipe, and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from loopreport import inert
from loopreport.compare import MEANINGS, NEWS, Change, Comparison, Pair, What
from loopreport.markdown import code, escaped, folding
from loopreport.wording import number

_SHOWN = 50
"""As many cases are named of one kind of change that is no news; of news, all are."""
_STYLES: dict[What, str] = {
    "newly failing": "bold red",
    "worse": "bold red",
    "no longer played": "bold yellow",
    "changed": "bold yellow",
    "fixed": "bold green",
    "added": "dim",
    "removed": "dim",
}
_OTHER_CASES = (
    "The two were played with different case files: a verdict may have changed because its case has, not the loop."
)


def text(comparison: Comparison) -> Iterator[RenderableType]:
    """Give the comparison for a terminal."""
    if comparison.other_cases:
        yield _line(_OTHER_CASES, "yellow")
    for column in comparison.gone:
        yield _line(f"gone: {column.title} has no counterpart in the new results", "bold yellow")
    for column in comparison.come:
        yield _line(f"new: {column.title} has no counterpart in the old results, and is not compared", "dim")
    for pair in comparison.pairs:
        yield ""
        yield _line(_title(pair), "bold")
        if not pair.changes:
            yield _line("  no verdict has changed", "dim")
        for what, counts, changes in _groups(pair):
            apart = "" if counts else " (does not count)"
            yield _line(f"  {what}{apart}: {len(changes)} ({MEANINGS[what]})", _STYLES[what] if counts else "dim")
            shown = changes if counts and what in NEWS else changes[:_SHOWN]
            for change in shown:
                yield _line(f"    {inert.name(change.case)}  {_kinds(change)}{_summary(change)}")
            if len(shown) < len(changes):
                yield _line(f"    … and {len(changes) - len(shown)} more")
    yield ""
    yield _line(conclusion(comparison), "bold red" if comparison.news else "bold green")


def page(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    parts = ["### loopspec: what has changed", f"**{escaped(conclusion(comparison))}**"]
    if comparison.other_cases:
        parts.append(f"_{_OTHER_CASES}_")
    items = [f"- gone: {code(column.title)} has no counterpart in the new results" for column in comparison.gone]
    items += [f"- new: {code(column.title)} is not compared with anything" for column in comparison.come]
    parts += ["\n".join(items)] if items else []
    for pair in comparison.pairs:
        if not pair.changes:
            parts.append(f"{code(_title(pair))}: no verdict has changed")
            continue
        parts.append(f"#### {code(_title(pair))}")
        for what, counts, changes in _groups(pair):
            apart = "" if counts else " (does not count)"
            title = f"{what}{apart}: {len(changes)}"
            listed = "\n".join(_item(change) for change in changes[: 4 * _SHOWN])
            more = f"\n- and {len(changes) - 4 * _SHOWN} more" if len(changes) > 4 * _SHOWN else ""
            if counts and what in NEWS:
                parts += [f"**{title}** ({MEANINGS[what]})", listed + more]
            else:
                parts.append(folding(f"{title} ({MEANINGS[what]})", [listed + more]))
    return "\n\n".join(parts) + "\n"


def conclusion(comparison: Comparison) -> str:
    """Return in one line what is news, and what has changed besides."""
    changes = [change for pair in comparison.pairs for change in pair.changes]
    news = Counter(change.what for change in changes if change.news)
    others = Counter(change.what for change in changes if change.counts and not change.news)
    told = [f"{number(len(comparison.gone), 'column')} gone"] if comparison.gone else []
    told += [f"{news[what]} {what}" for what in MEANINGS if news[what]]
    besides = [f"{others[what]} {what}{' (expected)' if what in NEWS else ''}" for what in MEANINGS if others[what]]
    if apart := sum(not change.counts for change in changes):
        besides.append(f"{apart} not counted")
    said = f"News: {', '.join(told)}" if told else "No news"
    return f"{said}; besides: {', '.join(besides)}" if besides else said


def _groups(pair: Pair) -> Iterator[tuple[What, bool, list[Change]]]:
    for counts in (True, False):
        for what in MEANINGS:
            if changes := [change for change in pair.changes if change.what == what and change.counts == counts]:
                yield what, counts, changes


def _title(pair: Pair) -> str:
    old, new = pair.old, pair.new
    names = [f"{column.title}" for column in (old, new)]
    if names[0] == names[1]:
        pythons = [f"{column.header.implementation} {column.header.python}" for column in (old, new)]
        return names[0] if pythons[0] == pythons[1] else f"{names[0]}: {inert.name(' → '.join(pythons))}"
    return " → ".join(names)


def _kinds(change: Change) -> str:
    kinds = [verdict.kind if verdict else "no verdict" for verdict in (change.old, change.new)]
    return f"{' → '.join(kinds)}{' (expected)' if change.new and change.new.expected else ''}"


def _summary(change: Change) -> str:
    shown = change.new if change.new and change.new.summary else None
    return f": {inert.line(shown.summary, 200)}" if shown else ""


def _item(change: Change) -> str:
    summary = f": {code(change.new.summary)}" if change.new and change.new.summary else ""
    return f"- {code(change.case)} {_kinds(change)}{summary}"


def _line(text: str, style: str = "") -> Text:
    return Text(inert.escaped(text).replace("\n", "\\n"), style=style, no_wrap=True)
