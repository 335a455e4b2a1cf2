"""Reading results files: those that are named, or all in a folder, as one table of columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loopreport import inert
from loopreport.merge import Merged, merge
from loopreport.model import CaseInfo
from loopreport.results import Results, ResultsError, read
from loopspec import describe
from loopspec.catalogue import Catalogue
from loopspec.commands.errors import CommandError

_PATTERNS = ("*.json", "*.jsonl", "*.json.gz", "*.jsonl.gz")


def read_merged(paths: Sequence[str]) -> Merged:
    """Return what the results files at `paths` (files or folders) hold; raises CommandError, a line a mistake."""
    try:
        return merge(read_all(paths))
    except ResultsError as error:
        raise CommandError(str(error)) from None


def read_all(paths: Sequence[str]) -> list[Results]:
    """Return the results files at `paths`, each once. Raises CommandError with a line for each that is wrong."""
    found, mistakes = [], []
    for file in dict.fromkeys(file for path in paths for file in _files(Path(path))):
        try:
            found.append(read(file))
        except ResultsError as error:
            mistakes.append(str(error))
    if mistakes:
        raise CommandError(*mistakes)
    return found


def describe_cases(merged: Merged, catalogue: Catalogue) -> dict[str, CaseInfo]:
    """Return what reports say of the cases, which have to be those of `catalogue`. Raises CommandError."""
    if merged.catalogue != catalogue.digest():
        there, here = inert.name(merged.catalogue), catalogue.digest()
        raise CommandError(
            f"{merged.source}: played with other case files (digest {there}) than these ({here}): "
            f"name those by --cases, use the loopspec that played them ({', '.join(merged.suites)}), or play again"
        )
    versions = {column.header.python for column in merged.columns}
    cases = describe.case_infos(catalogue.entries, versions.pop() if len(versions) == 1 else "")
    for column in merged.columns:
        if unknown := next((case for case in column.cases if case not in cases), None):
            raise CommandError(
                f"{merged.source}: names a case that its own case files do not have: {inert.name(unknown)}"
            )
    return cases


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in _PATTERNS for file in path.glob(pattern))
    if not found:
        raise CommandError(f"{path}: holds no results file (*.json or *.jsonl, or one of these packed as .gz)")
    return found
