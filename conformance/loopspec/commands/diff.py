"""`loopspec diff`: compare two sets of results, and say by the exit status whether there is news."""

from __future__ import annotations

from collections.abc import Sequence

from loopreport import compared, files, terminal
from loopreport.compare import compare
from loopreport.results import ResultsError
from loopspec import describe
from loopspec.commands.common import console, load_cases
from loopspec.commands.errors import CommandError
from loopspec.commands.results import read_merged

NOTHING_NEW, NEWS = 0, 1


def run(old: str, new: str, markdown: str | None, cases: Sequence[str]) -> int:
    """Compare the results at `old` with those at `new`, and return the exit status."""
    known = describe.case_infos(load_cases(cases).entries)
    try:
        if markdown:
            files.check(markdown)
        comparison = compare(read_merged([old]), read_merged([new]), known)
        if markdown != files.STANDARD_OUTPUT:
            terminal.write(console(), compared.text(comparison))
        if markdown:
            files.write(markdown, compared.page(comparison))
    except ResultsError as error:
        raise CommandError(str(error)) from None
    return NEWS if comparison.news else NOTHING_NEW
