"""How much a report tells, and what it has to know besides the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loopreport.handbook import Handbook


@dataclass(frozen=True)
class Manner:
    """How much is told, and what the suggested commands need besides the loop and the case."""

    in_full: bool = False
    """Tell every failure in full, also those that do not count or are expected."""
    arguments: Sequence[str] = ()
    """Arguments that name the case files, where they are not the built-in ones."""
    complaints: Sequence[str] = ()
    """What is wrong with the expected failures, a line each: it fails a run in which nothing else does."""
    results: str = ""
    """The file to which the results were written."""
    width: int = 80
    """Columns of the terminal."""
    handbook: Callable[[], Handbook] | None = None
    """Makes what a report with pages says of rules and cases; it is called for such a report only."""
