"""The table of chapters and loops, laid out for the width that there is: pure functions from summaries to lines.

rich's own tables crop what does not fit; here titles and counts are set in several lines instead, and loops that do
not fit beside each other come below each other.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from loopreport import inert
from loopreport.model import Kind
from loopreport.summary import Count, Summary, add_up

NOT_COUNTED = "what CPython does undocumented, and what is only permitted."
"""What the group of rows `Not counted` stands for."""

_ORDER: tuple[Kind, ...] = ("fail", "unsupported", "crash", "hang", "flaky", "broken", "skip")
_GAP = 3
_UNLIMITED = 1000
_MANNERS = ((48, _UNLIMITED), (36, _UNLIMITED), (36, 24), (28, 24), (28, 16), (20, 16), (20, 10), (14, 10))
"""Columns for the titles of chapters and for the words beside a count, at most: from the roomiest to the tightest."""


@dataclass(frozen=True)
class Row:
    """A line of the table: a title, whether it is one of a group, and a count for each loop."""

    title: str
    group: bool
    counts: Sequence[Count]


def in_words(count: Count, skipped: bool = True) -> str:
    """Say how many did not pass, by the kinds of their verdicts; of those that were skipped only if so asked."""
    shown = [kind for kind in _ORDER if count.kinds[kind] and (skipped or kind != "skip")]
    parts = [f"{count.kinds[kind]} {kind}" for kind in shown]
    if count.expected:
        parts.append(f"{count.expected} expected")
    if count.missing:
        parts.append(f"{count.missing} missing")
    return ", ".join(parts)


def grid(summaries: Sequence[Summary], chapters: Sequence[str], width: int) -> Iterator[Text]:
    """Give the lines of the table, of as many tables as it takes to fit into `width` columns."""
    for beside in _fitting(summaries, chapters, width):
        rows = _rows(beside, chapters)
        yield Text("")
        yield from _lines(beside, rows, *_manner(beside, rows, width))


def _fitting(summaries: Sequence[Summary], chapters: Sequence[str], width: int) -> Iterator[Sequence[Summary]]:
    group: list[Summary] = []
    for summary in summaries:
        more = [*group, summary]
        if group and _width(more, _rows(more, chapters), *_MANNERS[-1]) > width:
            yield group
            more = [summary]
        group = more
    yield group


def _manner(summaries: Sequence[Summary], rows: Sequence[Row], width: int) -> tuple[int, int]:
    fitting = (manner for manner in _MANNERS if _width(summaries, rows, *manner) <= width)
    return next(fitting, _MANNERS[-1])


def _rows(summaries: Sequence[Summary], chapters: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for title, columns in (
        ("Documented", [summary.counted for summary in summaries]),
        ("Not counted", [summary.apart for summary in summaries]),
    ):
        shown = [chapter for chapter in chapters if any(chapter in column for column in columns)]
        if shown:
            rows.append(Row(title, True, [add_up(column.values()) for column in columns]))
            rows += [Row(chapter, False, [column.get(chapter, Count()) for column in columns]) for chapter in shown]
    return rows


def _width(summaries: Sequence[Summary], rows: Sequence[Row], titles: int, words: int) -> int:
    columns = [sum(_column(summary, rows, place, words)) for place, summary in enumerate(summaries)]
    return _titles(rows, titles) + sum(_GAP + column for column in columns)


def _titles(rows: Sequence[Row], most: int) -> int:
    return min(most, max(len(row.title) + 2 * (not row.group) for row in rows))


def _column(summary: Summary, rows: Sequence[Row], place: int, most: int) -> tuple[int, int]:
    """Return the columns that the counts of a loop take, and those beside them: of their words, or of its name."""
    numbers = max(len(_passed(row.counts[place])) for row in rows)
    words = min(most, max(len(in_words(row.counts[place])) for row in rows))
    name = max(map(len, _heads(summary)))
    return numbers, max(words and words + 2, name - numbers)


def _heads(summary: Summary) -> tuple[str, str, str]:
    loop = summary.column.loop
    return inert.name(loop.name), inert.name(loop.version), summary.column.where


def _lines(summaries: Sequence[Summary], rows: Sequence[Row], titles: int, words: int) -> Iterator[Text]:
    titles = _titles(rows, titles)
    columns = [_column(summary, rows, place, words) for place, summary in enumerate(summaries)]
    for names in zip(*map(_heads, summaries)):
        if any(names):
            heads = [Text(name.ljust(sum(column)), style="bold") for name, column in zip(names, columns)]
            yield _joined(Text(" " * titles), heads)
    for number, row in enumerate(rows):
        if row.group and number:
            yield Text("")
        indent = 0 if row.group else 2
        title = textwrap.wrap(row.title, titles - indent)
        cells = [list(_cell(count, *column)) for count, column in zip(row.counts, columns)]
        for line in range(max(len(title), *map(len, cells))):
            left = " " * indent + (title[line] if line < len(title) else "")
            blanks = [Text(" " * sum(column)) for column in columns]
            beside = [cell[line] if line < len(cell) else blank for cell, blank in zip(cells, blanks)]
            yield _joined(Text(left.ljust(titles), style="bold" if row.group else ""), beside)


def _cell(count: Count, numbers: int, beside: int) -> Iterator[Text]:
    """Give the lines of a cell: how many of how many pass, and in words what became of the others."""
    doubtful = count.expected or count.missing
    style = "dim" if not count.played else "red" if count.failed else "yellow" if doubtful else "green"
    # A number is kept beside its word: of the two spaces, textwrap breaks lines at one only.
    words = in_words(count).replace(" ", "\xa0").replace(",\xa0", ", ")
    for number, line in enumerate(textwrap.wrap(words, max(beside - 2, 1)) or [""]):
        passed = "" if number else _passed(count)
        told = line.replace("\xa0", " ")
        yield Text.assemble((passed.rjust(numbers), style), (f"  {told}".ljust(beside), "dim"))


def _passed(count: Count) -> str:
    return f"{count.passed}/{count.played}" if count.played or count.kinds["skip"] else "-"


def _joined(title: Text, cells: Sequence[Text]) -> Text:
    line = Text(" " * _GAP, no_wrap=True).join([title, *cells])
    line.rstrip()
    return line
