"""`loopspec report`: turn results files into reports, those of many loops, Pythons and shards into one."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from loopreport import terminal
from loopreport.manner import Manner
from loopreport.merge import Merged
from loopreport.summary import summarize
from loopspec.commands.common import console, load_cases
from loopspec.commands.errors import CommandError
from loopspec.commands.outputs import Outputs
from loopspec.commands.results import describe_cases, read_merged
from loopspec.handbook import handbook

WRITTEN, DOES_NOT = 0, 1


@dataclass(frozen=True)
class Request:
    """What `loopspec report` was asked to do."""

    results: Sequence[str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    """By the name of a report's format, the file to write it to."""
    terminal: bool = False
    loops: Sequence[str] = ()
    cases: Sequence[str] = ()
    strict: bool = False
    verbose: int = 0


def run(request: Request) -> int:
    """Write the reports that `request` asks for, and return the exit status."""
    outputs = Outputs(request.outputs)
    merged = _only(read_merged(request.results), request.loops)
    catalogue = load_cases(request.cases)
    cases = describe_cases(merged, catalogue)
    out = console()
    manner = Manner(
        in_full=request.verbose > 0,
        arguments=[part for path in request.cases for part in ("--cases", path)],
        complaints=merged.complaints,
        width=out.width,
        handbook=lambda: handbook(catalogue, merged),
    )
    if request.terminal or not outputs:
        terminal.write(out, terminal.report(merged, cases, manner))
    outputs.write(merged, cases, manner)
    incomplete = [f"{column.title}: {column.missing_in_words}" for column in merged.columns if column.missing]
    if incomplete := [*incomplete, *merged.cut]:
        for line in incomplete:
            print(line, file=sys.stderr)
        return DOES_NOT
    conform = all(summary.judgement == "conforms" for summary in summarize(merged, cases))
    return DOES_NOT if request.strict and (merged.complaints or not conform) else WRITTEN


def _only(merged: Merged, loops: Sequence[str]) -> Merged:
    """Return the columns of these loops; all of them where none is named."""
    names = {column.loop.name for column in merged.columns}
    for loop in loops:
        if loop not in names:
            raise CommandError(f"no results for {loop!r}: there are {', '.join(sorted(names))}")
    return replace(merged, columns=tuple(column for column in merged.columns if not loops or column.loop.name in loops))
