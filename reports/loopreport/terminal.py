"""The report of a run for a terminal or a pipe: pure functions from results to what rich prints.

Nothing here depends on colour: each verdict is told by its word, and each line of a difference by its mark.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from loopreport.grid import NOT_COUNTED, grid, in_words
from loopreport.model import FAILING, CaseInfo, Difference, Header, Kind, LoopInfo, Verdict
from loopreport.results import Results
from loopreport.summary import LoopSummary, summarize

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
_FOLD_FROM = 4
"""As many failures of a loop for one and the same reason are told once."""
_IN_FULL = 25
"""As many failures of a loop are told in full, and the rest shortly."""
_LINES = 30
"""As many lines are shown of a failure's details and of its difference."""
_WIDTH = 100
"""Columns in which sentences are set, however wide the terminal is."""
_RESTATED = ("expected ", "observed ")
"""How a summary begins that says no more than the difference does."""
_NARROW = 60
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


@dataclass(frozen=True)
class Manner:
    """How much is told, and what the suggested commands need besides the loop and the case."""

    in_full: bool = False
    """Tell every failure in full, also those that do not count or are expected."""
    arguments: Sequence[str] = ()
    """Arguments that name the case files, where they are not the built-in ones."""
    complaints: Sequence[str] = ()
    """What is wrong with the baseline, a line each."""
    without_program: Collection[str] = ()
    """The ids of cases that `loopspec script` cannot write as programs."""
    results: str = ""
    """The file to which the results were written."""
    width: int = 80
    """Columns of the terminal."""


def clean(text: str) -> str:
    """Return `text` without the characters that steer a terminal: what a loop writes is shown, not obeyed."""
    return text.replace("\r\n", "\n").translate(_CONTROL)


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
    yield _line(f"{_number(header.selected, 'case')} for {names}", style="dim")


def report(results: Results, cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Give the whole report of a run that is over: failures, the table of chapters and loops, and the conclusion."""
    summaries = summarize(results, cases)
    for summary in summaries:
        yield from failures(summary, cases, manner)
    yield from tables(summaries, cases, manner.width)
    yield from conclusion(results, summaries, manner)


def failures(summary: LoopSummary, cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Tell the failures of one loop: in full those that count, shortly those that do not, then those expected."""
    apart = [v for v in summary.verdicts if v.kind in FAILING and not v.expected and not cases[v.case].counts]
    expected = [v for v in summary.verdicts if v.kind in FAILING and v.expected]
    groups = _folded(summary.failures)
    told_once = {_reason(group[0]) for group in groups if len(group) > 1}
    apart = [verdict for verdict in apart if _reason(verdict) not in told_once]
    if summary.failures:
        yield from _heading(f"{named(summary.info)}: {_number(len(summary.failures), 'failure')}")
        for group in (group for group in groups if len(group) > 1):
            yield from _many(group, cases, manner)
        alone = [group[0] for group in groups if len(group) == 1]
        in_full = len(alone) if manner.in_full else _IN_FULL
        for verdict in alone[:in_full]:
            yield from failure(verdict, cases[verdict.case], manner)
        if more := alone[in_full:]:
            yield ""
            yield _line(f"And {len(more)} more, which -v tells in full:", style="bold")
            for verdict in more:
                yield from _short(verdict)
    if apart:
        failing = "failure that does" if len(apart) == 1 else "failures that do"
        yield from _heading(f"{named(summary.info)}: {len(apart)} {failing} not count")
        for verdict in apart:
            yield from failure(verdict, cases[verdict.case], manner) if manner.in_full else _short(verdict)
    if expected and manner.in_full:
        yield from _heading(f"{named(summary.info)}: {_number(len(expected), 'expected failure')}")
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
    if not (verdict.difference and verdict.summary.startswith(_RESTATED)):
        yield ""
        yield _paragraph(clean(verdict.summary), style=STYLES[verdict.kind].removeprefix("bold "))
    if verdict.details:
        yield from _details(verdict.details)
    yield ""
    yield _line(f"  case     {case.file}:{case.line}", style="dim")
    yield _line(f"  alone    {_alone(verdict, manner)}", style="dim")
    if verdict.case not in manner.without_program:
        yield _line(f"  program  {_program(verdict, manner)}", style="dim")


def difference(lines: Sequence[Difference]) -> Iterator[RenderableType]:
    """Show the difference between two logs; of long runs of lines that are alike, the middle is left out."""
    yield _line("    - expected only   + observed only", style="dim")
    for line in _without_middles(lines):
        style = {"-": "red", "+": "green", " ": ""}[line.mark]
        yield _line(f"    {line.mark} {clean(line.text)}", style=style)


def tables(summaries: Sequence[LoopSummary], cases: Mapping[str, CaseInfo], width: int) -> Iterator[RenderableType]:
    """Give the table of chapters and loops, and say what does not count in it."""
    yield from grid(summaries, list(dict.fromkeys(case.chapter for case in cases.values())), width)
    if any(summary.apart for summary in summaries):
        yield ""
        yield _paragraph(f"Not counted: {NOT_COUNTED}", style="dim", indent=0)


def conclusion(results: Results, summaries: Sequence[LoopSummary], manner: Manner) -> Iterator[RenderableType]:
    """Say of each loop whether it conforms, and what else decides the exit status."""
    yield ""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for summary in summaries:
        name = Text(named(summary.info), style="bold")
        judgement, reasons = _judgement(summary, results.header.selected)
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
    footer = results.footer
    if footer and footer.interrupted:
        rest = f", {_number(results.missing, 'case')} not played" if results.missing else ""
        yield _line(f"Interrupted after {footer.seconds:.1f} s{rest}.", style="bold yellow")
    elif footer:
        rate = f" ({footer.verdicts / footer.seconds:.0f} a second)" if footer.seconds > 0 else ""
        yield _line(f"{_number(footer.verdicts, 'verdict')} in {footer.seconds:.1f} s{rate}", style="dim")
    if manner.results:
        yield _line(f"Results written to {manner.results}", style="dim")


def played(verdict: Verdict, case: CaseInfo, with_loop: bool, details: bool) -> Iterator[RenderableType]:
    """Tell one verdict as it comes: by a line, and with `details` the rule that it is about and the time it took."""
    line = Text(no_wrap=True)
    line.append(f"{verdict.kind:<12}", style=STYLES[verdict.kind])
    line.append(f"{verdict.loop}  " if with_loop else "", style="dim")
    line.append(verdict.case)
    if verdict.kind != "pass":
        line.append(f"  {_first_line(verdict.summary)}", style="dim")
    yield line
    if details:
        yield _paragraph(case.says, style="dim", indent=12)
        yield _line(f"{'':<12}{case.file}:{case.line}, {verdict.seconds:.3f} s", style="dim")


def named(loop: LoopInfo) -> str:
    """Return the loop's name, with its version where it is known."""
    return f"{loop.name} {loop.version}" if loop.version else loop.name


def _heading(text: str) -> Iterator[RenderableType]:
    yield ""
    yield Rule(Text(text, style="bold"), align="left", style="dim")


def _verdict_line(verdict: Verdict) -> Text:
    return Text.assemble((f"{verdict.kind.upper()} ", STYLES[verdict.kind]), (verdict.case, "bold"), no_wrap=True)


def _short(verdict: Verdict) -> Iterator[RenderableType]:
    line = Text.assemble("  ", (verdict.kind, STYLES[verdict.kind]), f" {verdict.case}", no_wrap=True)
    yield line
    yield _paragraph(clean(_first_line(verdict.summary)), style="dim", indent=6)


def _many(group: Sequence[Verdict], cases: Mapping[str, CaseInfo], manner: Manner) -> Iterator[RenderableType]:
    """Tell failures that have one and the same reason: the reason once, then which cases."""
    first = group[0]
    yield ""
    title = f"{_number(len(group), 'case')}, for the same reason"
    yield Text.assemble((f"{first.kind.upper()} ", STYLES[first.kind]), (title, "bold"), no_wrap=True)
    yield _paragraph(clean(first.summary), style=STYLES[first.kind].removeprefix("bold "))
    if first.details:
        yield from _details(first.details)
    yield ""
    shown = group if manner.in_full else group[:3]
    for verdict in shown:
        yield _line(f"  {verdict.case}", style="dim")
    if len(shown) < len(group):
        yield _line(f"  … and {len(group) - len(shown)} more (-v names them)", style="dim")
    yield _line(f"  alone    {_alone(first, manner)}", style="dim")


def _folded(verdicts: Sequence[Verdict]) -> list[list[Verdict]]:
    """Put failures together that say the same word for word, where there are many of them."""
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        groups.setdefault(_reason(verdict), []).append(verdict)
    folded: list[list[Verdict]] = []
    for group in groups.values():
        folded += [group] if len(group) >= _FOLD_FROM else [[verdict] for verdict in group]
    return folded


def _reason(verdict: Verdict) -> tuple[str, ...]:
    """Return what failures have in common that have one reason; a difference in the log is a case's own."""
    return (verdict.kind, verdict.summary, verdict.details, verdict.case if verdict.difference else "")


def _alone(verdict: Verdict, manner: Manner) -> str:
    return shlex.join(["loopspec", "check", verdict.loop, "-k", verdict.case, *manner.arguments])


def _program(verdict: Verdict, manner: Manner) -> str:
    return shlex.join(["loopspec", "script", verdict.case, "--loop", verdict.loop, *manner.arguments])


def _details(text: str) -> Iterator[RenderableType]:
    lines = clean(text).rstrip().splitlines()
    if len(lines) > _LINES:
        head = _LINES // 3
        tail = _LINES - head
        lines = [*lines[:head], f"… {len(lines) - _LINES} lines left out …", *lines[-tail:]]
    yield ""
    for line in lines:
        yield _line(f"    {line}" if line else "", style="dim")


def _without_middles(lines: Sequence[Difference]) -> Iterator[Difference]:
    """Leave out what is far from any change, and the middle of what is still too long."""
    near = [
        number
        for number in range(len(lines))
        if any(line.mark != " " for line in lines[max(0, number - 4) : number + 5])
    ]
    if len(near) > _LINES:
        near = near[: _LINES // 2] + near[-_LINES // 2 :]
    before = -1
    for number in [*near, len(lines)]:
        if left_out := number - before - 1:
            yield Difference(" ", f"… {_number(left_out, 'line')} left out …") if left_out > 1 else lines[before + 1]
        if number < len(lines):
            yield lines[number]
        before = number


def _judgement(summary: LoopSummary, selected: int) -> tuple[Text, Text]:
    """Return the words of the conclusion on one loop, of whose cases `selected` were to be played."""
    total, apart = summary.total, summary.total_apart
    complete = len(summary.verdicts) == selected
    reasons = [] if complete else [f"only {len(summary.verdicts)} of {selected} cases played"]
    if total.played:
        words = in_words(total, skipped=False)
        reasons.append(
            f"{total.passed} of {_number(total.played, 'documented case')} pass{f': {words}' if words else ''}"
        )
    if total.kinds["skip"]:
        reasons.append(f"{total.kinds['skip']} skipped")
    if apart.failed:
        reasons.append(f"not counted: {apart.failed} of {apart.played} {'fails' if apart.failed == 1 else 'fail'}")
    if any(verdict.kind != "broken" for verdict in summary.failures):
        verdict = Text("does not conform", style="bold red")
    elif summary.failures or not complete:
        verdict = Text("not decided", style="bold yellow")
    elif not total.played:
        verdict = Text("nothing to decide by", style="bold yellow")
    else:
        verdict = Text("conforms", style="bold green")
    return verdict, Text("; ".join(reasons))


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True)


def _paragraph(text: str, style: str = "", indent: int = 2) -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, indent), expand=False)


def _first_line(text: str) -> str:
    return clean(text.strip().partition("\n")[0])


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
