"""`loopspec list --coverage`: how many rules and cases each documented name has, and what no rule is about."""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from loopreport import terminal
from loopspec.commands.common import console, load_cases
from loopspec.coverage import Covered, coverage
from loopspec.interface import documented_names

_NUMBERS = ("rules", "cases", "untestable", "cpython")


def run(cases: Sequence[str], as_json: bool) -> int:
    """Print the coverage of the documentation's pages by the rules, as tables or as JSON."""
    rows = coverage(load_cases(cases), documented_names())
    if as_json:
        data = [{**dataclasses.asdict(row), "complete": row.complete} for row in rows]
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        terminal.write(console(), _pages(rows))
    return 0


def _pages(rows: Sequence[Covered]) -> Iterator[RenderableType]:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for title in _NUMBERS:
        table.add_column(title, justify="right")
    table.add_column("")
    for page, on_page in groupby((row for row in rows if row.rules), key=lambda row: row.page):
        table.add_row(Text(page, style="bold underline"))
        for chapter, group in groupby(on_page, key=lambda row: row.chapter):
            of_it = list(group)
            table.add_row(Text(f"{chapter}", style="bold"), *_sums(of_it, "bold"))
            for row in of_it:
                table.add_row(Text(f"  {row.subject}", style="cyan"), *_sums([row], ""), _missing(row))
    yield table
    without = [row for row in rows if not row.rules]
    if without:
        yield ""
        yield Text(f"No rule is about these names, which Python {platform.python_version()} has:", style="bold red")
        yield from (Text(f"  {row.subject}  {row.page}", style="red") for row in without)
    yield ""
    yield Text(_total(rows), style="dim")


def _sums(rows: Sequence[Covered], style: str) -> list[Text]:
    totals = [sum(getattr(row, name) for row in rows) for name in _NUMBERS]
    return [Text(str(total or ""), style=style if place < 2 else "dim") for place, total in enumerate(totals)]


def _missing(row: Covered) -> Text:
    return Text(f"no rule about: {', '.join(row.missing)}" if row.missing else "", style="red")


def _total(rows: Sequence[Covered]) -> str:
    rules, cases, untestable, cpython = (sum(getattr(row, name) for row in rows) for name in _NUMBERS)
    without = sum(not row.rules for row in rows)
    parameters = sum(len(row.missing) for row in rows if row.rules)
    told = f"{rules} rules ({rules - cpython} documented, {untestable} of them untestable) and {cases} cases"
    if without or parameters:
        return f"{told}; {without} documented names and {parameters} parameters without a rule"
    return f"{told}; every documented name and parameter of this Python has a rule"
