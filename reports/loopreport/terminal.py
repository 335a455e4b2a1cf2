"""The report of a run for a terminal or a pipe: pure functions from results to what rich prints.

Nothing here depends on colour: each verdict is told by its word, and each line of a difference by its mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from loopreport import inert
from loopreport.grid import NOT_COUNTED, grid, in_words
from loopreport.manner import Manner
from loopreport.merge import Merged, named
from loopreport.model import FAILING, CaseInfo, Difference, Header, Kind, Verdict
from loopreport.summary import Judgement, Summary, summarize
from loopreport.wording import alone, folded, number, program, reason, restated, without_middles

STYLES: dict[Kind, str] = {
    "pass": "green",
    "fail": "bold red",
    "unsupported": "bold yellow",
    "crash": "bold red",
    "hang": "bold red",
    "flaky": "bold yellow",
    "broken": "bold magenta",
    "skip": "dim",
}
_JUDGEMENTS: dict[Judgement, str] = {
    "conforms": "bold green",
    "does not conform": "bold red",
    "not decided": "bold yellow",
    "nothing to decide by": "bold yellow",
}
_IN_FULL = 25
"""As many failures of a loop are told in full, and the rest shortly."""
_WIDTH = 100
"""Columns in which sentences are set, however wide the terminal is."""
_NARROW = 60
_LONGEST = 2000
"""Characters of a line that is not wrapped, such as a command."""


def write(console: Console, items: Iterable[RenderableType]) -> None:
    """Print `items`; texts that must not be wrapped (paths, commands, code) go out as they are."""
    for item in items:
        if isinstance(item, Text) and item.no_wrap:
            console.print(item, soft_wrap=True)
        elif console.is_terminal:
            console.print(item)
        else:
            with console.capture() as captured:
                console.print(item)
            for line in captured.get().splitlines():
                console.print(Text(line.rstrip(), no_wrap=True), soft_wrap=True)


def opening(header: Header) -> Iterator[RenderableType]:
    """Say what is going to be played, and where."""
    yield _line(f"loopspec {header.suite} on {header.implementation} {header.python}, {header.kernel}", style="dim")
    names = ", ".join(named(loop) for loop in header.loops)
    of = f" of {len(header.cases)} (shard {header.shard})" if header.shard else ""
    yield _line(f"{number(header.selected, 'case')}{of} for {names}", style="dim")


def report(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Give the whole report of runs that are over: failures, the table of chapters and loops, and the conclusion."""
    summaries = summarize(merged, cases)
    for summary in summaries:
        yield from failures(summary, cases, manner)
    yield from tables(summaries, cases, manner.width)
    yield from conclusion(merged, summaries, manner)


def failures(summary: Summary, cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Tell the failures of one loop: in full those that count, shortly those that do not, then those expected."""
    apart = [v for v in summary.verdicts if v.kind in FAILING and not v.expected and not cases[v.case].counts]
    expected = [v for v in summary.verdicts if v.kind in FAILING and v.expected]
    groups = folded(summary.failures)
    told_once = {reason(group[0]) for group in groups if len(group) > 1}
    apart = [verdict for verdict in apart if reason(verdict) not in told_once]
    if summary.failures:
        yield from _heading(f"{summary.column.title}: {number(len(summary.failures), 'failure')}")
        for group in (group for group in groups if len(group) > 1):
            yield from _many(group, cases, manner)
        single = [group[0] for group in groups if len(group) == 1]
        in_full = len(single) if manner.in_full else _IN_FULL
        for verdict in single[:in_full]:
            yield from failure(verdict, cases[verdict.case], manner)
        if more := single[in_full:]:
            yield ""
            yield _line(f"And {len(more)} more, which -v tells in full:", style="bold")
            for verdict in more:
                yield from _short(verdict)
    if apart:
        failing = "failure that does" if len(apart) == 1 else "failures that do"
        yield from _heading(f"{summary.column.title}: {len(apart)} {failing} not count")
        for verdict in apart:
            yield from failure(verdict, cases[verdict.case], manner) if manner.in_full else _short(verdict)
    if expected and manner.in_full:
        yield from _heading(f"{summary.column.title}: {number(len(expected), 'expected failure')}")
        for verdict in expected:
            yield from _short(verdict)
            yield _paragraph(f"expected: {verdict.expected}", style="dim", indent=6)


def failure(verdict: Verdict, case: CaseInfo, manner: Manner) -> Iterator[RenderableType]:
    """Tell one failure: the rule, its citation, expected and observed, the details, and how to play it alone."""
    yield ""
    yield _verdict_line(verdict)
    yield _paragraph(case.says)
    yield _paragraph(case.about, style="dim")
    yield _line(f"  {case.url}", style="dim")
    if verdict.difference:
        yield ""
        yield from difference(verdict.difference)
    if not restated(verdict):
        yield ""
        yield _paragraph(verdict.summary, style=STYLES[verdict.kind].removeprefix("bold "))
    if verdict.details:
        yield from _details(verdict.details)
    yield ""
    yield _line(f"  case     {case.file}:{case.line}", style="dim")
    yield _line(f"  alone    {alone(verdict, manner.arguments)}", style="dim")
    yield _line(f"  program  {program(verdict, manner.arguments)}", style="dim")


def difference(lines: Sequence[Difference]) -> Iterator[RenderableType]:
    """Show the difference between two logs; of long runs of lines that are alike, the middle is left out."""
    yield _line("    - expected only   + observed only", style="dim")
    for line in without_middles(lines):
        style = {"-": "red", "+": "green", " ": ""}[line.mark]
        yield _line(f"    {line.mark} {inert.cut(line.text)}", style=style)


def tables(summaries: Sequence[Summary], cases: Mapping[str, CaseInfo], width: int) -> Iterator[RenderableType]:
    """Give the table of chapters and loops, and say what does not count in it."""
    yield from grid(summaries, list(dict.fromkeys(case.chapter for case in cases.values())), width)
    if any(summary.apart for summary in summaries):
        yield ""
        yield _paragraph(f"Not counted: {NOT_COUNTED}", style="dim", indent=0)


def conclusion(merged: Merged, summaries: Sequence[Summary], manner: Manner) -> Iterator[RenderableType]:
    """Say of each loop whether it conforms, and what else decides the exit status."""
    yield ""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for summary in summaries:
        name = Text(summary.column.title, style="bold")
        judgement, reasons = _judgement(summary)
        if manner.width >= _NARROW:
            grid.add_row(name, judgement, reasons)
        else:
            grid.add_row(Text.assemble(name, " ", judgement, "\n", reasons))
    yield grid
    if manner.complaints:
        yield ""
        yield _line("The expected failures are not what happens:", style="bold red")
        for complaint in manner.complaints:
            yield _line(f"  {complaint}")
    yield ""
    seconds = f"{merged.seconds:.1f} s"
    if merged.files > 1:
        yield _line(f"{number(merged.verdicts, 'verdict')} from {merged.files} files, {seconds} in all", style="dim")
    elif merged.interrupted:
        rest = f", {number(merged.missing, 'case')} not played" if merged.missing else ""
        yield _line(f"Interrupted after {seconds}{rest}.", style="bold yellow")
    elif merged.seconds:
        rate = f"{merged.verdicts / merged.seconds:.0f} a second"
        yield _line(f"{number(merged.verdicts, 'verdict')} in {seconds} ({rate})", style="dim")
    if manner.results:
        yield _line(f"Results written to {manner.results}", style="dim")


def played(verdict: Verdict, case: CaseInfo, with_loop: bool, details: bool) -> Iterator[RenderableType]:
    """Tell one verdict as it comes: by a line, and with `details` the rule that it is about and the time it took."""
    line = Text(no_wrap=True)
    line.append(f"{verdict.kind:<12}", style=STYLES[verdict.kind])
    line.append(f"{inert.name(verdict.loop)}  " if with_loop else "", style="dim")
    line.append(inert.name(verdict.case))
    if verdict.kind != "pass":
        line.append(f"  {inert.line(verdict.summary)}", style="dim")
    yield line
    if details:
        yield _paragraph(case.says, style="dim", indent=12)
        yield _line(f"{'':<12}{case.file}:{case.line}, {verdict.seconds:.3f} s", style="dim")


def _heading(text: str) -> Iterator[RenderableType]:
    yield ""
    yield Rule(Text(text, style="bold"), align="left", style="dim")


def _verdict_line(verdict: Verdict) -> Text:
    return Text.assemble(
        (f"{verdict.kind.upper()} ", STYLES[verdict.kind]), (inert.name(verdict.case), "bold"), no_wrap=True
    )


def _short(verdict: Verdict) -> Iterator[RenderableType]:
    line = Text.assemble("  ", (verdict.kind, STYLES[verdict.kind]), f" {inert.name(verdict.case)}", no_wrap=True)
    yield line
    yield _paragraph(inert.line(verdict.summary), style="dim", indent=6)


def _many(group: Sequence[Verdict], cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Tell failures that have one and the same reason: the reason once, then which cases."""
    first = group[0]
    yield ""
    title = f"{number(len(group), 'case')}, for the same reason"
    yield Text.assemble((f"{first.kind.upper()} ", STYLES[first.kind]), (title, "bold"), no_wrap=True)
    yield _paragraph(first.summary, style=STYLES[first.kind].removeprefix("bold "))
    if first.details:
        yield from _details(first.details)
    yield ""
    shown = group if manner.in_full else group[:3]
    for verdict in shown:
        yield _line(f"  {verdict.case}", style="dim")
    if len(shown) < len(group):
        yield _line(f"  … and {len(group) - len(shown)} more (-v names them)", style="dim")
    yield _line(f"  alone    {alone(first, manner.arguments)}", style="dim")


def _details(text: str) -> Iterator[RenderableType]:
    yield ""
    for line in inert.text(text).split("\n"):
        yield _line(f"    {line}" if line else "", style="dim")


def _judgement(summary: Summary) -> tuple[Text, Text]:
    """Return the words of the conclusion on one column."""
    total, apart, column = summary.total, summary.total_apart, summary.column
    reasons = []
    if not summary.complete:
        gaps = f" ({'; '.join(column.gaps)})" if column.gaps else ""
        reasons.append(f"only {len(column.verdicts)} of {len(column.cases)} cases played{gaps}")
    if total.played:
        words = in_words(total, skipped=False)
        reasons.append(
            f"{total.passed} of {number(total.played, 'documented case')} pass{f': {words}' if words else ''}"
        )
    if total.kinds["skip"]:
        reasons.append(f"{total.kinds['skip']} skipped")
    if apart.failed:
        reasons.append(f"not counted: {apart.failed} of {apart.played} {'fails' if apart.failed == 1 else 'fail'}")
    return Text(summary.judgement, style=_JUDGEMENTS[summary.judgement]), Text("; ".join(reasons))


def _line(text: str, style: str = "") -> Text:
    return Text(inert.escaped(inert.cut(text, _LONGEST)).replace("\n", "\\n"), style=style, no_wrap=True)


def _paragraph(text: str, style: str = "", indent: int = 2) -> RenderableType:
    return Padding(Text(inert.text(text), style=style), (0, 0, 0, indent), expand=False)
