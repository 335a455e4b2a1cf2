"""Where things stand in a TOML file: TOML readers give values without positions, and errors need lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_RULE = re.compile(r"\[\[\s*rule\s*\]\]")
_CASE = re.compile(r"\[\[\s*rule\s*\.\s*case\s*\]\]")
_QUOTES = ("'''", '"""')
_KEY = re.compile(r"([A-Za-z0-9_-]+)\s*=")


@dataclass
class Table:
    """A table of the file: the line of its header and the line of each key (lines count from 1)."""

    line: int
    keys: dict[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int:
        """Return the line of `key`, or the header's where the key is missing."""
        return self.keys.get(key, self.line)


@dataclass
class Places:
    """The lines of a case file: of the chapter, of each rule, and of each rule's cases, in the file's order."""

    chapter: Table
    rules: list[tuple[Table, list[Table]]]


def locate(text: str) -> Places:
    """Return where the tables and keys of the case file `text` stand.

    Only what a case file may contain is recognised: headers and keys at the start of a line, outside of multi-line
    strings and arrays' continuation lines are told apart by the strings' quotes alone.
    """
    places = Places(Table(1), [])
    current = places.chapter
    closing = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if closing:
            if closing in line:
                closing = ""
            continue
        if not line:
            continue
        if line[0] != "[":
            if match := _KEY.match(line):
                current.keys.setdefault(match[1], number)
        elif _CASE.match(line) and places.rules:
            current = Table(number)
            places.rules[-1][1].append(current)
        elif _RULE.match(line):
            current = Table(number)
            places.rules.append((current, []))
        closing = _left_open(line)
    return places


def _left_open(line: str) -> str:
    """Return the quotes of a multi-line string that `line` opens and does not close, or an empty string."""
    rest = line
    while True:
        found = [(rest.find(quotes), quotes) for quotes in _QUOTES if quotes in rest]
        if not found:
            return ""
        start, quotes = min(found)
        rest = rest[start + 3 :]
        if quotes not in rest:
            return quotes
        rest = rest[rest.find(quotes) + 3 :]
