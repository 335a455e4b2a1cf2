"""Results as a file of expected failures (TOML): what fails now, to be given reasons by those who know them.

An entry is written for what fails and counts, and nothing else is excused by it: rows and cases become one entry, by a
glob, only if all that the glob takes fail alike; a Python or platform on which a case does not fail is left out by the
entry's conditions. What is skipped somewhere excuses nobody there, and is no reason to write two entries. Failures that
were given the same reason before become one entry, a list.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import tomlkit

from loopreport import inert
from loopreport.merge import Column, Merged, named
from loopreport.model import FAILING, CaseInfo, Kind, Verdict
from loopreport.results import ResultsError
from loopreport.wording import number

_LINK = re.compile(r"(?P<reason>.*) \((?P<link>https?://[^\s()]+)\)", re.DOTALL)
_LONGEST = 2000
"""Characters of a value; no real name or reason is longer."""
_ON_A_LINE = 2
"""Items of a list; a longer one has a line for each."""
_ABOUT = (
    "Written by loopspec expect. Say in each reason why the failure is expected, or mend it:",
    "a run with --expect fails while a reason is empty.",
)


@dataclass(frozen=True)
class _Entry:
    """What makes failures alike: the verdict, where they happen, and the reason that they were given before."""

    kinds: tuple[Kind, ...]
    loop: str
    python: str
    platform: str
    expected: str


@dataclass
class _Written:
    """An entry of the file: the first of the failures that it is for, and what takes them all."""

    entry: _Entry
    verdict: Verdict
    case: CaseInfo
    patterns: list[str] = field(default_factory=list)
    count: int = 0


def toml(merged: Merged, cases: Mapping[str, CaseInfo], every: bool = False) -> str:
    """Return the file; with `every`, what does not count has entries as well.

    Raises ResultsError where a loop has columns that expectations cannot tell apart, as of two of its versions.
    """
    parts = [_comment(_ABOUT)]
    left_out = 0
    for name in dict.fromkeys(column.loop.name for column in merged.columns):
        columns = [column for column in merged.columns if column.loop.name == name]
        _told_apart(columns)
        taken = [case for case, info in cases.items() if every or info.counts]
        found = _entries(columns, taken)
        titles = ", ".join(dict.fromkeys(named(column.loop) for column in columns))
        parts.append(_comment([f"{titles}: {number(len(found), 'case') if found else 'nothing'} to expect"]))
        parts += _grouped(found, cases)
        failing = {verdict.case for column in columns for verdict in column.verdicts if verdict.kind in FAILING}
        left_out += len(failing.difference(taken))
    if left_out:
        parts.append(
            _comment([f"Without an entry, for it does not count and fails no run: {number(left_out, 'case')}."])
        )
    return "\n".join(parts)


def _told_apart(columns: Sequence[Column]) -> None:
    seen: dict[tuple[str, str], Column] = {}
    for column in columns:
        other = seen.setdefault((column.header.python, column.header.platform), column)
        if other is not column:
            raise ResultsError(
                f"expectations cannot tell {column.title} on {column.header.implementation} from {other.title} on "
                f"{other.header.implementation}: leave the results of one out"
            )


def _entries(columns: Sequence[Column], cases: Collection[str]) -> dict[str, list[tuple[_Entry, Verdict]]]:
    """Return by case the entries that its failures need, each with one of the verdicts that it stands for."""
    verdicts = [{verdict.case: verdict for verdict in column.verdicts} for column in columns]
    found: dict[str, list[tuple[_Entry, Verdict]]] = {}
    for case in cases:
        there = [by_case.get(case) for by_case in verdicts]
        failing = [verdict for verdict in there if verdict and verdict.kind in FAILING and verdict.kind != "broken"]
        for alike in dict.fromkeys(map(_alike, failing)):
            first = next(verdict for verdict in failing if _alike(verdict) == alike)
            fails = [None if one and one.kind == "skip" else bool(one and _alike(one) == alike) for one in there]
            for python, platform in _conditions(columns, fails):
                entry = _Entry(alike[0], columns[0].loop.name, python, platform, alike[1])
                found.setdefault(case, []).append((entry, first))
    return found


def _alike(verdict: Verdict) -> tuple[tuple[Kind, ...], str]:
    """Return the verdicts that an entry has to name, and the reason that the failure has been given before.

    A case that crashed or hung at first, and passed when it was played again, is excused only if both are named.
    """
    kinds: tuple[Kind, ...] = (verdict.kind,)
    if verdict.at_first in ("crash", "hang"):
        kinds = (verdict.at_first, verdict.kind)
    return kinds, verdict.expected


def _conditions(columns: Sequence[Column], fails: Sequence[bool | None]) -> list[tuple[str, str]]:
    """Return the Pythons (as specifiers) and platforms that take each column that fails, and none that does not.

    A column of which nothing is known (None), since the case is skipped there, may be taken.
    """
    by_platform: dict[str, list[tuple[str, bool | None]]] = {}
    for column, failing in zip(columns, fails):
        by_platform.setdefault(column.header.platform, []).append((_release(column.header.python), failing))
    specifiers = {platform: tuple(_specifiers(known)) for platform, known in by_platform.items()}
    if len(set(specifiers.values())) == 1:
        return [(specifier, "") for specifier in next(iter(specifiers.values()))]
    return [(specifier, platform) for platform, found in specifiers.items() for specifier in found]


def _specifiers(known: Sequence[tuple[str, bool | None]]) -> Iterator[str]:
    """Give a PEP 440 specifier for each unbroken run of versions in which a case fails."""
    known = sorted(known, key=lambda pair: _number(pair[0]))
    versions = [version for version, _ in known]
    begin = 0
    for end in range(len(known) + 1):
        if end < len(known) and known[end][1] is not False:
            continue
        if any(failing for _, failing in known[begin:end]):
            lower = [f">={_boundary(versions, begin)}"] if begin else []
            upper = [f"<{_boundary(versions, end)}"] if end < len(known) else []
            yield ",".join(lower + upper)
        begin = end + 1


def _boundary(versions: Sequence[str], place: int) -> str:
    """Return the version at `place` as short as it can be told from the one before: `3.12`, or `3.12.3`."""
    minor = _number(versions[place])[:2]
    if _number(versions[place - 1])[:2] == minor:
        return versions[place]
    return ".".join(map(str, minor))


def _release(version: str) -> str:
    """Return the version without what marks a pre-release, as expectations see it."""
    found = re.match(r"[0-9]{1,4}(\.[0-9]{1,6}){0,3}", version)
    if not found:
        raise ResultsError(f"{inert.name(version)!r} is no version of Python")
    return found[0]


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _grouped(found: Mapping[str, Sequence[tuple[_Entry, Verdict]]], cases: Mapping[str, CaseInfo]) -> Iterator[str]:
    """Give the entries: one for a whole rule or case whose cases or rows all fail alike, else one for each.

    Those that have the same reason are one.
    """
    below: dict[str, list[str]] = {}
    for case in cases:
        rule, name, *row = case.split("/")
        below.setdefault(rule, []).append(case)
        if row:
            below.setdefault(f"{rule}/{name}", []).append(case)
    done: set[str] = set()
    written: dict[object, _Written] = {}
    for case, entries in found.items():
        if case in done:
            continue
        rule, name, *_ = case.split("/")
        alike = [entry for entry, _ in entries]
        whole = next(
            (group for group in (rule, f"{rule}/{name}") if _all_alike(below.get(group, []), found, alike)), None
        )
        taken = below[whole] if whole else [case]
        done.update(taken)
        pattern = f"{whole}/*" if whole else glob.escape(case)
        for entry, verdict in entries:
            one = written.setdefault(entry if entry.expected else (entry, case), _Written(entry, verdict, cases[case]))
            one.patterns.append(pattern)
            one.count += len(taken)
    return map(_text, written.values())


def _all_alike(
    group: Sequence[str], found: Mapping[str, Sequence[tuple[_Entry, Verdict]]], alike: Sequence[_Entry]
) -> bool:
    return len(group) > 1 and all([entry for entry, _ in found.get(case, ())] == alike for case in group)


def _text(written: _Written) -> str:
    entry, verdict, patterns, count = written.entry, written.verdict, written.patterns, written.count
    told = _LINK.fullmatch(entry.expected)
    table: dict[str, str | list[str]] = {
        "case": patterns[0] if len(patterns) == 1 else patterns,
        "loop": glob.escape(entry.loop),
        "python": entry.python,
        "platform": entry.platform,
        "verdict": entry.kinds[0] if len(entry.kinds) == 1 else list(entry.kinds),
        "reason": told["reason"] if told else entry.expected,
        "link": told["link"] if told else "",
    }
    kept = {key: _value(value) for key, value in table.items() if value or key == "reason"}
    more = f" (the first of {count})" if count > 1 else ""
    comment = _comment([written.case.says, f"{verdict.kind}{more}: {verdict.summary}"])
    return comment + tomlkit.dumps({"expect": [kept]})


def _value(value: str | list[str]) -> object:
    if isinstance(value, str):
        return inert.escaped(inert.cut(value, _LONGEST))
    return tomlkit.item([_value(one) for one in value]).multiline(len(value) > _ON_A_LINE)


def _comment(lines: Sequence[str]) -> str:
    return "".join(f"# {inert.line(line, 300)}".rstrip() + "\n" for line in lines)
