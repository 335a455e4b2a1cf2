"""Several results files as one, in the same format but short: passes are a line a loop, and long texts are cut.

What is joined was played with the same case files, on the same Python and machine, as one header has to say.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from loopreport import inert
from loopreport.manner import Manner
from loopreport.merge import Column, Merged
from loopreport.model import CaseInfo, Difference, Footer, Header, Passed, Record, Verdict
from loopreport.results import ResultsError, encoded

DETAILS_LINES, DETAILS_WIDTH = 24, 200
"""What is kept of a verdict's details: so many lines of so many characters."""
DIFFERENCE_LINES = 40

_ALIKE = ("suite", "python", "implementation", "platform", "kernel", "openssl")


def joined(merged: Merged, cases: Mapping[str, CaseInfo], manner: Manner) -> str:
    """Return the text of a results file that holds every column of `merged`.

    Raises ResultsError where the columns cannot stand under one header.
    """
    header = _header(merged)
    lines = [encoded(header)]
    for column in merged.columns:
        lines += [encoded(record) for record in _records(column, header)]
    footer = Footer(
        ended=header.began,
        seconds=round(merged.seconds, 1),
        verdicts=merged.verdicts,
        interrupted=merged.interrupted,
        complaints=list(merged.complaints),
    )
    return "".join(f"{line.decode()}\n" for line in [*lines, encoded(footer)])


def _header(merged: Merged) -> Header:
    first = merged.columns[0].header
    for column in merged.columns[1:]:
        for name in _ALIKE:
            one, other = getattr(first, name), getattr(column.header, name)
            if one != other:
                told = f"{name} {inert.name(str(one))} and {inert.name(str(other))}"
                raise ResultsError(f"results of {told} cannot stand in one file: join them by themselves")
    names = [column.loop.name for column in merged.columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ResultsError(f"two versions of {inert.name(twice[0])} cannot stand in one file: join them by themselves")
    known = dict.fromkeys(case for column in merged.columns for case in column.cases)
    return msgspec.structs.replace(
        first,
        began=min(column.header.began for column in merged.columns),
        loops=[column.loop for column in merged.columns],
        cases=list(known),
        selected=len(known),
        shard=None,
    )


def _records(column: Column, header: Header) -> list[Record]:
    places = {case: place for place, case in enumerate(header.cases)}
    passed = [places[verdict.case] for verdict in column.verdicts if verdict.kind == "pass"]
    others = [_short(verdict) for verdict in column.verdicts if verdict.kind != "pass"]
    return [Passed(loop=column.loop.name, cases=sorted(passed)), *sorted(others, key=lambda one: places[one.case])]


def _short(verdict: Verdict) -> Verdict:
    difference = verdict.difference
    if len(difference) > DIFFERENCE_LINES:
        left = len(difference) - DIFFERENCE_LINES
        difference = [*difference[:DIFFERENCE_LINES], Difference(" ", f"… {left} lines left out …")]
    return msgspec.structs.replace(
        verdict,
        difference=[Difference(line.mark, inert.cut(line.text, DETAILS_WIDTH)) for line in difference],
        details=inert.text(verdict.details, DETAILS_LINES, DETAILS_WIDTH),
    )
