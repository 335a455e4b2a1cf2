"""`loopspec expect`: write what fails in results as a file of expected failures."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from loopreport import files
from loopreport.expect import toml
from loopreport.results import ResultsError
from loopspec.commands.common import load_cases
from loopspec.commands.errors import CommandError
from loopspec.commands.results import describe_cases, read_merged


def run(results: Sequence[str], output: str, every: bool, cases: Sequence[str]) -> int:
    """Write the expected failures of `results` to `output`; say on standard error what is not known of them."""
    merged = read_merged(results)
    known = describe_cases(merged, load_cases(cases))
    try:
        files.write(output, toml(merged, known, every))
    except ResultsError as error:
        raise CommandError(str(error)) from None
    for column in merged.columns:
        if column.missing:
            print(f"{column.title}: {column.missing_in_words}: whether they fail is not known", file=sys.stderr)
    return 0
