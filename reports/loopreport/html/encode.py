"""From results and a handbook to the data that the page reads: compact, inert, and the same for the same results.

Lists stand for records (`data.js` names their fields); verdicts are one letter for each row and column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from loopreport import inert
from loopreport.handbook import CaseText, Handbook, RowText, RuleText
from loopreport.html.code import runs
from loopreport.html.tables import LINES, PARAGRAPHS, Table, Texts
from loopreport.merge import Column, Merged, named
from loopreport.model import Kind, Verdict

LETTERS: dict[Kind, str] = {
    "pass": "p",
    "fail": "f",
    "unsupported": "u",
    "crash": "c",
    "hang": "h",
    "flaky": "y",
    "broken": "b",
    "skip": "s",
}
"""A verdict in the data; of an expected failure, the letter is a capital."""
MISSING, NOT_SELECTED = ".", "-"

Data = dict[str, object]


def encode(merged: Merged, handbook: Handbook, arguments: Sequence[str], lines: int) -> Data:
    """Return the page's data; of each text that a loop wrote, at most `lines` lines are kept.

    `arguments` are what commands need to find the cases.
    """
    rows = [(case, row) for case in handbook.cases for row in case.rows]
    order = [row.id for _, row in rows]
    findings: Table[tuple[int, ...]] = Table()
    texts, programs = Texts(LINES), Texts(PARAGRAPHS)
    keys = zip(merged.columns, _keys(merged))
    columns = [_column(column, key, order, findings, texts, lines) for column, key in keys]
    chapters: Table[str] = Table()
    rules: Table[str] = Table()
    cases: Table[str] = Table()
    sources = {source.path: number for number, source in enumerate(handbook.sources)}
    return {
        "suites": [inert.name(suite) for suite in merged.suites],
        "catalogue": inert.name(merged.catalogue),
        "columns": columns,
        "rules": [_rule(rule, chapters, rules, sources) for rule in handbook.rules],
        "cases": [_case(case, rules, cases) for case in handbook.cases],
        "rows": [_row(case, row, cases, programs) for case, row in rows],
        "chapters": chapters.items,
        "findings": findings.items,
        "texts": texts.as_data(),
        "programs": programs.as_data(),
        "loops": {inert.name(name): loop for name, loop in handbook.loops.items()},
        "helper": handbook.helper,
        "arguments": [inert.name(argument) for argument in arguments],
        "sources": [[source.path, source.text, runs(source.text)] for source in handbook.sources],
    }


def minor(python: str) -> str:
    """Return `3.13` of `3.13.1`."""
    return ".".join(python.split(".")[:2])


def _keys(merged: Merged) -> Iterator[str]:
    """Give each column a short name of its own for addresses, which stays when other columns come and go."""
    columns = merged.columns
    short = [f"{column.loop.name}@{minor(column.header.python)}" for column in columns]
    longer = [f"{column.loop.name}-{column.loop.version}@{column.header.python}" for column in columns]
    seen: Counter[str] = Counter()
    for one, other in zip(short, longer):
        key = inert.name(one if short.count(one) == 1 else other)
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key}~{seen[key]}"


def _column(
    column: Column, key: str, order: Sequence[str], findings: Table[tuple[int, ...]], texts: Texts, lines: int
) -> Data:
    header, loop = column.header, column.loop
    verdicts = {verdict.case: verdict for verdict in column.verdicts}
    selected = set(column.cases)
    cells, found = [], []
    for identifier in order:
        verdict = verdicts.get(identifier)
        if verdict is None:
            cells.append(MISSING if identifier in selected else NOT_SELECTED)
            continue
        letter = LETTERS[verdict.kind]
        cells.append(letter.upper() if verdict.expected else letter)
        if verdict.kind != "pass":
            found.append(findings.number(_finding(verdict, texts, lines)))
    facts = [
        ("Loop", named(loop)),
        ("Made by", inert.name(loop.factory)),
        ("Package", inert.name(f"{loop.package} {loop.version}".strip()) if loop.package else ""),
        ("Python", inert.name(f"{header.implementation} {header.python}")),
        ("System", inert.name(header.kernel)),
        ("TLS", inert.name(header.openssl)),
        ("Played", inert.name(header.began)),
        ("loopspec", inert.name(header.suite)),
    ]
    return {
        "key": key,
        "name": inert.name(loop.name),
        "version": inert.name(loop.version),
        "python": inert.name(header.python),
        "implementation": inert.name(header.implementation),
        "platform": inert.name(header.platform),
        "simulated": loop.simulated,
        "incomplete": inert.line(column.missing_in_words),
        "facts": [fact for fact in facts if fact[1]],
        "cells": "".join(cells),
        "found": found,
    }


def _finding(verdict: Verdict, texts: Texts, lines: int) -> tuple[int, ...]:
    """Return what is told of a verdict that is no pass: summary, difference, details, and why it is expected."""
    difference = inert.text("\n".join(f"{line.mark}{inert.line(line.text)}" for line in verdict.difference), lines)
    return (
        texts.number(inert.line(verdict.summary)),
        texts.number(difference),
        texts.number(inert.text(verdict.details, lines)),
        texts.number(inert.line(verdict.expected)),
    )


def _rule(rule: RuleText, chapters: Table[str], rules: Table[str], sources: dict[str, int]) -> list[object]:
    rules.number(rule.id)
    kept = [[sources[place.path], place.line] for place in rule.kept_at if place.path in sources]
    return [
        rule.id,
        chapters.number(rule.chapter),
        rule.subject,
        rule.says,
        rule.level,
        rule.basis,
        rule.python,
        *_cited(rule.cited),
        rule.untestable,
        kept,
        rule.kept_by,
    ]


def _cited(cited: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the URL with `{}` for the Python's version, and the URLs of those Pythons that are cited otherwise."""
    patterns = Counter(url.replace(f"/{python}/", "/{}/", 1) for python, url in cited.items())
    usual = max(patterns, key=lambda pattern: patterns[pattern], default="")
    return usual, {python: url for python, url in cited.items() if usual.replace("{}", python) != url}


def _case(case: CaseText, rules: Table[str], cases: Table[str]) -> list[object]:
    cases.number(case.id)
    return [
        rules.number(case.rule),
        inert.name(case.id),
        case.about,
        inert.name(case.file),
        case.line,
        case.script,
        runs(case.script),
        case.conditions,
        case.incidents,
    ]


def _row(case: CaseText, row: RowText, cases: Table[str], programs: Texts) -> list[object]:
    return [
        cases.number(case.id),
        inert.name(row.id),
        row.bindings,
        row.logs,
        programs.number(row.program),
        row.environment,
    ]
