"""`loopspec list`: rules and cases as a tree by chapter, or the table of known loops; for people or as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from loopreport import terminal
from loopspec.catalogue import Entry, Selection, applies, citation
from loopspec.commands.common import console, exactly, load_cases, none_selected
from loopspec.format import Rule
from loopspec.loops import Loop, known_loops
from loopspec.machine import why_not
from loopspec.reading import ChapterFile


@dataclass(frozen=True)
class Listed:
    """A rule with those of its entries that were selected, and why each of them would be skipped here, if it would."""

    file: ChapterFile
    rule: Rule
    entries: list[tuple[Entry, str | None]]

    @property
    def covered(self) -> bool:
        """Whether a case of it can be played here."""
        return any(reason is None for _, reason in self.entries)


def run(selection: Selection, cases: Sequence[str], uncovered: bool, untestable: bool, as_json: bool) -> int:
    """List the rules that `selection` takes; of these, if so asked, only what cannot be tested (here or anywhere)."""
    catalogue = load_cases(cases)
    selection = exactly(selection, catalogue)
    stdlib = known_loops()["stdlib"]
    by_rule: dict[str, list[Entry]] = {}
    for entry in catalogue.entries:
        by_rule.setdefault(entry.rule.id, []).append(entry)
    taken = {entry.id for entry in selection.entries(catalogue)}
    listed = []
    for file, rule in selection.rules(catalogue):
        all_of_it = by_rule.get(rule.id, [])
        entries = [entry for entry in all_of_it if entry.id in taken] or all_of_it
        listed.append(Listed(file, rule, [(entry, why_not(entry, stdlib)) for entry in entries]))
    if not listed:
        raise none_selected(selection, catalogue)
    if uncovered or untestable:
        listed = [
            one
            for one in listed
            if (untestable and one.rule.untestable) or (uncovered and not one.rule.untestable and not one.covered)
        ]
    if as_json:
        print(json.dumps([_as_data(one) for one in listed], indent=2, ensure_ascii=False))
    else:
        terminal.write(console(), _tree(listed))
    return 0


def run_loops(as_json: bool) -> int:
    """Show the table of known loops, with what is installed of them."""
    loops = known_loops().values()
    if as_json:
        print(json.dumps([_loop_as_data(loop) for loop in loops], indent=2, ensure_ascii=False))
        return 0
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for title in ("loop", "version", "factory"):
        table.add_column(title, overflow="fold")
    for loop in loops:
        version, style = _installed(loop)
        about = Text(loop.factory or "(made by a few lines of set-up)", style="dim")
        if loop.note:
            about.append(f"\n{loop.note}")
        table.add_row(Text(loop.name, style="bold"), Text(version, style=style), about)
    terminal.write(console(), [table, "", Text("Any other: module:callable, such as mypackage.loops:new_event_loop")])
    return 0


def _tree(listed: Sequence[Listed]) -> Iterator[RenderableType]:
    for path, group in groupby(listed, key=lambda one: one.file.path):
        rules = list(group)
        chapter = rules[0].file.chapter
        yield Text.assemble((chapter.chapter, "bold"), (f"  {path.name}", "dim"), no_wrap=True)
        for one in rules:
            yield from _rule(one)
        yield ""
    yield Text(_total(listed), style="dim")


def _rule(one: Listed) -> Iterator[RenderableType]:
    rule = one.rule
    marks = [rule.level, *(["cpython"] if rule.basis == "cpython" else []), *([rule.python] if rule.python else [])]
    yield Text.assemble("  ", (rule.id, "cyan"), (f"  {', '.join(marks)}", "dim"), no_wrap=True)
    yield Padding(Text(rule.says), (0, 0, 0, 4))
    if rule.untestable:
        yield Padding(Text(f"untestable: {rule.untestable}", style="yellow"), (0, 0, 0, 6))
    for case, group in groupby(one.entries, key=lambda pair: pair[0].case):
        rows = list(group)
        text = Text(f"      {case.id}", style="dim", no_wrap=True)
        if case.each:
            text.append(f" ({len(rows)} row{'' if len(rows) == 1 else 's'})")
        reasons = list(dict.fromkeys(reason for _, reason in rows if reason))
        if reasons:
            text.append(f"  skipped here: {'; '.join(reasons)}", style="yellow")
        yield text


def _total(listed: Sequence[Listed]) -> str:
    untestable = sum(bool(one.rule.untestable) for one in listed)
    entries = [pair for one in listed for pair in one.entries]
    cases = {(entry.rule.id, entry.case.id) for entry, _ in entries}
    skipped = sum(reason is not None for _, reason in entries)
    parts = [f"{len(listed)} rules"]
    if untestable:
        parts.append(f"{untestable} of them untestable")
    parts.append(f"{len(cases)} cases")
    if len(entries) > len(cases):
        parts.append(f"{len(entries)} with their rows")
    if skipped:
        parts.append(f"{skipped} of them skipped here")
    return ", ".join(parts)


def _as_data(one: Listed) -> dict[str, Any]:
    rule, chapter = one.rule, one.file.chapter
    return {
        "rule": rule.id,
        "chapter": chapter.chapter,
        "file": str(one.file.path),
        "subject": rule.subject,
        "level": rule.level,
        "basis": rule.basis,
        "python": rule.python,
        "applies": applies(rule.python, platform.python_version()),
        "says": rule.says,
        "url": citation(chapter, rule, platform.python_version()),
        "untestable": rule.untestable,
        "cases": [
            {"case": entry.id, "about": entry.case.about, "line": entry.line, "skipped": reason}
            for entry, reason in one.entries
        ],
    }


def _loop_as_data(loop: Loop) -> dict[str, Any]:
    version = loop.version()
    return {
        "loop": loop.name,
        "factory": loop.factory or None,
        "package": loop.package or None,
        "version": None if version == "not installed" else version,
        "requires": loop.requires,
        "python": loop.python,
        "simulated": loop.simulated,
        "note": loop.note,
    }


def _installed(loop: Loop) -> tuple[str, str]:
    version = loop.version()
    if version != "not installed":
        return version, "green"
    if not applies(loop.python, platform.python_version()):
        return f"not for this Python ({loop.python})", "dim"
    return f"pip install {' '.join([loop.package, *loop.requires])}", "dim"
