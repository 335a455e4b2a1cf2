"""Results as Markdown, as GitHub shows it: for the summary of a CI job, a release note or an issue.

Short when all is well. What a loop wrote stands in fenced blocks or in `<code>`, with every sign that Markdown or HTML
gives a meaning written as an entity, so that it is shown and nothing else: no link, no mention, no markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from loopreport import inert
from loopreport.grid import NOT_COUNTED, in_words
from loopreport.manner import Manner
from loopreport.merge import Merged
from loopreport.model import FAILING, CaseInfo, Verdict
from loopreport.summary import Count, Judgement, Summary, summarize
from loopreport.wording import alone, difference, folded, number, program, restated

_MARKS: dict[Judgement, str] = {
    "conforms": "✅",
    "does not conform": "❌",
    "not decided": "⚠️",
    "nothing to decide by": "⚠️",
}
_IN_FULL = 20
"""As many failures of a column are told in full; GitHub takes no summary of more than a megabyte."""
_ALL_IN_FULL = 100
_NAMED = 200
"""As many of a list's items are named."""
_DETAILS = 4000
"""Characters of a failure's details."""
_MEANT = re.compile(r"[&<>*`\[\]|~\\@#$]|(?<!\w)_|_(?!\w)|:(?=/)|(?<=www)\.", re.IGNORECASE)


def page(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the report as Markdown."""
    summaries = summarize(merged, cases)
    parts = [f"### loopspec {', '.join(map(escaped, merged.suites))}", *_table(summaries)]
    if manner.complaints:
        parts += ["**The expected failures are not what happens:**", _items(map(code, manner.complaints))]
    left = _ALL_IN_FULL
    for summary in summaries:
        told = list(_column(summary, cases, manner, left))
        left = max(0, left - min(_IN_FULL, len(summary.failures)))
        parts += [f"#### {code(summary.column.title)}", *told] if told else []
    parts.append(f"<sub>{escaped(_where(merged))}</sub>")
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return the first line of `text` as Markdown that shows it as it is, within a line of text or a table."""
    return _MEANT.sub(lambda sign: f"&#{ord(sign[0])};", inert.line(text))


def code(text: str) -> str:
    """Return the first line of `text` as code: also within HTML, where Markdown's own signs for code are not read."""
    return f"<code>{escaped(text)}</code>"


def block(text: str, language: str = "text") -> str:
    """Return `text` as a fenced block, the fence longer than any in the text."""
    shown = inert.text(text)
    if len(shown) > _DETAILS:
        shown = inert.cut(shown, _DETAILS)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}{language}\n{shown}\n{fence}"


def folding(summary: str, parts: Iterable[str]) -> str:
    """Return what is shown when `summary`, which is HTML, is clicked at."""
    return "\n\n".join([f"<details><summary>{summary}</summary>", *parts, "</details>"])


def _table(summaries: Sequence[Summary]) -> Iterator[str]:
    rows = ["| loop | result | documented cases | did not pass | not counted |", "|---|---|---:|---|---|"]
    for summary in summaries:
        total, apart, judgement = summary.total, summary.total_apart, summary.judgement
        beside = f": {in_words(apart)}" if in_words(apart) else ""
        cells = [
            code(summary.column.title),
            f"{_MARKS[judgement]} {judgement}",
            _passed(total),
            in_words(total),
            f"{_passed(apart)}{beside}" if summary.apart else "",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    yield "\n".join(rows)


def _column(summary: Summary, cases: Mapping[str, CaseInfo], manner: Manner, left: int) -> Iterator[str]:
    """Tell what is to be told of one column besides its row; nothing where all is well."""
    if not summary.complete:
        yield f"**{escaped(summary.column.missing_in_words)}**"
    failing = [verdict for verdict in summary.verdicts if verdict.kind in FAILING]
    apart = [verdict for verdict in failing if not cases[verdict.case].counts and not verdict.expected]
    expected = [verdict for verdict in failing if verdict.expected]
    if summary.failures or not summary.complete:
        yield from _chapters(summary)
    if summary.failures:
        groups = folded(summary.failures)
        in_full = min(_IN_FULL, left)
        told = [_failure(group, cases, manner) for group in groups[:in_full]]
        rest = [verdict for group in groups[in_full:] for verdict in group]
        if rest:
            told.append(folding(f"and {len(rest)} more", [_items(map(_short, rest))]))
        yield folding(f"<b>{number(len(summary.failures), 'failure')}</b>", told)
    if apart:
        yield folding(
            f"{number(len(apart), 'failure')} not counted: {escaped(NOT_COUNTED)}", [_items(map(_short, apart))]
        )
    if expected:
        items = (f"{_short(verdict)}<br>expected: {code(verdict.expected)}" for verdict in expected)
        yield folding(number(len(expected), "expected failure"), [_items(items)])


def _chapters(summary: Summary) -> Iterator[str]:
    """Give a table of the chapters in which not everything passes."""
    rows = ["| chapter | documented cases | did not pass |", "|---|---:|---|"]
    for chapter, count in summary.counted.items():
        if words := in_words(count, skipped=False):
            rows.append(f"| {escaped(chapter)} | {_passed(count)} | {words} |")
    if len(rows) > 2:
        yield "\n".join(rows)


def _failure(group: Sequence[Verdict], cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Tell a failure in full, or several that have the same reason as one."""
    first = group[0]
    case = cases[first.case]
    if len(group) > 1:
        title = f"<b>{first.kind}</b> {len(group)} cases, for the same reason: {code(first.summary)}"
        parts = [_items(code(verdict.case) for verdict in group)]
    else:
        title = f"<b>{first.kind}</b> {code(first.case)}<br>{escaped(case.says)}"
        parts = [f"{escaped(case.about)} ([documentation](<{case.url}>))"]
    if first.difference:
        parts += ["Expected only: `-`. Observed only: `+`.", block("\n".join(difference(first)), "diff")]
    if len(group) == 1 and not restated(first):
        parts.append(code(first.summary))
    if first.details:
        parts.append(block(first.details))
    commands = [alone(first, manner.arguments)]
    if len(group) == 1:
        commands.append(program(first, manner.arguments))
    return folding(title, [*parts, block("\n".join(command.replace("\n", " ") for command in commands), "sh")])


def _short(verdict: Verdict) -> str:
    return f"{verdict.kind} {code(verdict.case)}: {code(verdict.summary)}"


def _items(items: Iterable[str]) -> str:
    lines = [f"- {item}" for item in items]
    more = [f"- and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else []
    return "\n".join(lines[:_NAMED] + more)


def _passed(count: Count) -> str:
    return f"{count.passed}/{count.played}" if count.played or count.kinds["skip"] or count.missing else ""


def _where(merged: Merged) -> str:
    places = dict.fromkeys(
        f"{column.header.implementation} {column.header.python} on {column.header.kernel}" for column in merged.columns
    )
    files = f" from {merged.files} files" if merged.files > 1 else ""
    shown = list(places) if len(places) <= 2 else [f"{len(places)} Pythons and machines"]
    return f"{number(merged.verdicts, 'verdict')}{files} in {merged.seconds:.1f} s, {'; '.join(shown)}"
