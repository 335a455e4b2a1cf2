"""From the text of a case file to its structures, or to one line for each mistake in it."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import tomli
from msgspec import Meta

from loopspec.format import Case, Chapter, Rule
from loopspec.locate import Places, Table, locate


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in a case file."""

    path: Path
    line: int
    where: str
    what: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.path}:{self.line}: {place}{self.what}"


@dataclass(frozen=True)
class ChapterFile:
    """A case file that was read without a mistake, and where its parts stand."""

    path: Path
    chapter: Chapter
    places: Places


def read_chapter(path: Path) -> ChapterFile | list[Mistake]:
    """Read the case file at `path`: its chapter, or every mistake that can be told from it alone."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [Mistake(path, 1, "", f"cannot be read: {error}")]
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        return [Mistake(path, getattr(error, "lineno", 1), "", f"not TOML: {error}")]
    places = locate(text)
    try:
        chapter = msgspec.convert(data, Chapter)
    except msgspec.ValidationError:
        # To look at each key by itself takes longer than all the rest: only where something is wrong is it found so.
        if mistakes := list(_chapter_mistakes(path, data, places, each_key=True)):
            return mistakes
        raise
    mistakes = list(_chapter_mistakes(path, data, places, each_key=False))
    mistakes = mistakes or list(_script_mistakes(path, text, chapter, places))
    return mistakes or ChapterFile(path, chapter, places)


def _chapter_mistakes(path: Path, data: Mapping[str, Any], places: Places, each_key: bool) -> Iterator[Mistake]:
    if each_key:
        yield from _table_mistakes(path, data, Chapter, places.chapter, "", skip={"rule"})
    rules = data.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        yield Mistake(path, places.chapter.line_of("rule"), "", "`rule` must be tables: write [[rule]]")
        return
    if not rules:
        yield Mistake(path, 1, "", "no [[rule]]: a chapter has at least one")
    for rule, (rule_place, case_places) in zip(rules, places.rules):
        where = f"rule {rule.get('id', '(without an id)')}"
        if each_key:
            yield from _table_mistakes(path, rule, Rule, rule_place, where, skip={"case"})
        cases = rule.get("case", [])
        if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
            yield Mistake(path, rule_place.line, where, "`case` must be tables: write [[rule.case]]")
            continue
        if bool(cases) == bool(rule.get("untestable")):
            wanted = "has both cases and `untestable`: keep one" if cases else "has neither a case nor `untestable`"
            yield Mistake(path, rule_place.line, where, wanted)
        for case, case_place in zip(cases if each_key else (), case_places):
            within = f"{where}, case {case.get('id', '(without an id)')}"
            yield from _table_mistakes(path, case, Case, case_place, within)


def _table_mistakes(
    path: Path,
    data: Mapping[str, Any],
    table_type: type[msgspec.Struct],
    place: Table,
    where: str,
    skip: frozenset[str] | set[str] = frozenset(),
) -> Iterator[Mistake]:
    hints, fields = _told_of(table_type)
    meant: set[str] = set()
    for key, value in data.items():
        if key not in fields:
            close = difflib.get_close_matches(key, fields.keys() - data.keys(), n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(fields)}"
            meant.update(close)
            yield Mistake(path, place.line_of(key), where, f"key `{key}`: unknown; {hint}")
        elif key not in skip:
            try:
                msgspec.convert(value, hints[key])
            except msgspec.ValidationError as error:
                yield Mistake(path, place.line_of(key), where, f"key `{key}`: {_in_words(str(error), hints[key])}")
    for name, field in fields.items():
        if field.required and name not in data.keys() | meant | skip:
            yield Mistake(path, place.line, where, f"key `{name}`: missing")


@functools.cache
def _told_of(table_type: type[msgspec.Struct]) -> tuple[dict[str, Any], dict[str, msgspec.structs.FieldInfo]]:
    """Return the types of a table's keys, with their descriptions, and its fields by name."""
    fields = {field.name: field for field in msgspec.structs.fields(table_type)}
    return get_type_hints(table_type, include_extras=True), fields


def _in_words(message: str, hint: Any) -> str:
    """Say what was expected: where a pattern was not met, what the pattern stands for."""
    described = [meta.description for meta in get_args(hint)[1:] if isinstance(meta, Meta) and meta.description]
    if "matching regex" in message and described:
        message = f"expected {described[0]}"
    return message[0].lower() + message[1:].replace(" - at `$", " - at `")


def _script_mistakes(path: Path, text: str, chapter: Chapter, places: Places) -> Iterator[Mistake]:
    """Scripts must stand in the file as they run, so that a traceback's line is the file's line."""
    lines = text.splitlines()
    for rule, (_, case_places) in zip(chapter.rule, places.rules):
        for case, place in zip(rule.case, case_places):
            first = place.line_of("run")
            script = case.run.splitlines()
            if lines[first : first + len(script)] != script:
                where = f"rule {rule.id}, case {case.id}"
                wanted = "write it as run = ''' with the script from the next line on"
                yield Mistake(path, first, where, f"key `run`: {wanted}")
