"""`loopspec show`: one rule with its cases, or one case: what is stated, where, how it is tested, and who keeps it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from loopreport import terminal
from loopspec.catalogue import Entry, citation
from loopspec.commands.common import all_ids, console, load_cases, unknown
from loopspec.describe import shortened
from loopspec.format import Log
from loopspec.kept import kept_at, kept_by
from loopspec.loops import known_loops
from loopspec.machine import why_not


def run(identifier: str, cases: Sequence[str]) -> int:
    """Show the rule, case or row of that id. Raises CommandError where there is none."""
    catalogue = load_cases(cases)
    ids = all_ids(catalogue)
    if identifier not in ids:
        raise unknown(identifier, ids)
    entries = [entry for entry in catalogue.entries if f"{entry.id}/".startswith(f"{identifier}/")]
    chapter, rule = next(found for found in catalogue.rules if found[1].id == identifier.partition("/")[0])
    version = platform.python_version()
    items: list[RenderableType] = [
        Text(rule.id, style="bold cyan", no_wrap=True),
        _indented(rule.says),
        "",
        _field("subject", rule.subject),
        _field("chapter", chapter.chapter),
        _field("level", rule.level + ("" if rule.basis == "documentation" else " (what CPython does, not documented)")),
        _field("python", rule.python or "every version"),
        _field("cited", citation(chapter, rule, version)),
    ]
    for place in kept_at(rule.id):
        items.append(_field("kept at", f"{shortened(place.path)}:{place.line}  {place.text}"))
    if by := kept_by(rule.id):
        items.append(_field("kept by", f"{by}, on which the reference loop builds: no statement of its own does"))
    if rule.untestable:
        items += ["", _indented(f"untestable: {rule.untestable}", "yellow")]
    shown: set[str] = set()
    for entry in entries:
        if entry.case.id not in shown:
            shown.add(entry.case.id)
            items += _case(entry, [other for other in entries if other.case is entry.case])
    terminal.write(console(), items)
    return 0


def _case(entry: Entry, rows: Sequence[Entry]) -> Iterator[RenderableType]:
    case = entry.case
    yield ""
    yield Text(f"{entry.rule.id}/{case.id}", style="bold", no_wrap=True)
    yield _indented(case.about)
    yield ""
    yield _field("file", f"{shortened(entry.path)}:{entry.line}")
    for name, values in (
        ("needs", case.needs),
        ("platforms", case.platforms),
        ("python", [case.python] if case.python else []),
        ("setting", [f"{name}={value}" for name, value in case.environment.items()]),
        ("witness", [case.witness] if case.witness else []),
        ("incidents", case.incidents),
    ):
        if values:
            yield _field(name, ", ".join(values))
    if reason := why_not(entry, known_loops()["stdlib"]):
        yield _field("skipped", reason)
    yield ""
    yield Syntax(
        case.run.rstrip("\n"),
        "python",
        theme="ansi_light",
        line_numbers=True,
        start_line=entry.line,
        background_color="default",
        word_wrap=True,
    )
    alike = all(row.logs == entry.logs for row in rows)
    for number, row in enumerate(rows if case.each else ()):
        if not (number and alike):
            yield ""
        names = ", ".join(f"{name} = {value!r}" for name, value in row.bindings.items())
        yield Text.assemble("  row ", (row.id.split("/", 2)[2], "bold"), f": {names}" if names else "", no_wrap=True)
        if not alike:
            yield from _logs("expected", row.logs)
    if alike:
        yield from _logs("expected of each" if len(rows) > 1 else "expected", entry.logs)


def _logs(title: str, logs: Sequence[Log]) -> Iterator[RenderableType]:
    for log in logs:
        yield ""
        yield Text(f"  {title}", style="dim")
        yield from _log(log)
        title = "accepted as well"


def _log(log: Log) -> Iterator[RenderableType]:
    if not log:
        yield Text("    (an empty log)", style="dim")
    for line in log:
        if isinstance(line, str):
            yield Text(f"    {line}", style="green", no_wrap=True)
        else:
            yield Text("    in any order:", style="dim")
            for one in line:
                yield Text(f"      {one}", style="green", no_wrap=True)


def _indented(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, 2))


def _field(name: str, value: str) -> Text:
    return Text.assemble((f"  {name:<10}", "dim"), value, no_wrap=True)
