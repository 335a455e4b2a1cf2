"""What the verdicts of a column add up to: counts by chapter, and whether the loop conforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from loopreport.merge import Column, Merged
from loopreport.model import FAILING, CaseInfo, Kind, Verdict

Judgement = Literal["conforms", "does not conform", "not decided", "nothing to decide by"]


@dataclass
class Count:
    """How many verdicts of each kind there are; failures that are expected are counted apart from their kind."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    expected: int = 0
    missing: int = 0
    """Cases that were to be played and have no verdict."""

    def add(self, verdict: Verdict) -> None:
        """Count one verdict more."""
        if verdict.kind in FAILING and verdict.expected:
            self.expected += 1
        else:
            self.kinds[verdict.kind] += 1

    @property
    def passed(self) -> int:
        """How many passed."""
        return self.kinds["pass"]

    @property
    def failed(self) -> int:
        """How many failed in any way that nobody expected."""
        return sum(self.kinds[kind] for kind in FAILING)

    @property
    def played(self) -> int:
        """How many there are but for the skipped ones."""
        return self.passed + self.failed + self.expected


@dataclass
class Summary:
    """What was found for one column."""

    column: Column
    verdicts: list[Verdict] = field(default_factory=list)
    counted: dict[str, Count] = field(default_factory=dict)
    """By chapter, the verdicts on documented rules that are more than a permission."""
    apart: dict[str, Count] = field(default_factory=dict)
    """By chapter, the verdicts on everything else: they do not decide whether the loop conforms."""
    failures: list[Verdict] = field(default_factory=list)
    """Verdicts that decide against the loop: counted, failing, and not expected, in the catalogue's order."""

    @property
    def total(self) -> Count:
        """The counts of all chapters, of documented rules."""
        return add_up(self.counted.values())

    @property
    def total_apart(self) -> Count:
        """The counts of all chapters, of what does not count."""
        return add_up(self.apart.values())

    @property
    def complete(self) -> bool:
        """Whether no verdict is missing."""
        return not self.column.missing

    @property
    def judgement(self) -> Judgement:
        """What is to be said of the loop, in two or three words."""
        if any(verdict.kind != "broken" for verdict in self.failures):
            return "does not conform"
        if self.failures or not self.complete:
            return "not decided"
        return "conforms" if self.total.played else "nothing to decide by"


def add_up(counts: Iterable[Count]) -> Count:
    """Return the sum of `counts`."""
    total = Count()
    for count in counts:
        total.kinds.update(count.kinds)
        total.expected += count.expected
        total.missing += count.missing
    return total


def summarize(merged: Merged, cases: Mapping[str, CaseInfo]) -> list[Summary]:
    """Return a summary of each column, in their order; verdicts are put in the order of `cases`."""
    place = {case: number for number, case in enumerate(cases)}
    summaries = []
    for column in merged.columns:
        summary = Summary(column)
        summaries.append(summary)
        for verdict in sorted(column.verdicts, key=lambda verdict: place[verdict.case]):
            case = cases[verdict.case]
            summary.verdicts.append(verdict)
            chapters = summary.counted if case.counts else summary.apart
            chapters.setdefault(case.chapter, Count()).add(verdict)
            if case.counts and verdict.kind in FAILING and not verdict.expected:
                summary.failures.append(verdict)
        for name in column.missing:
            chapters = summary.counted if cases[name].counts else summary.apart
            chapters.setdefault(cases[name].chapter, Count()).missing += 1
    return summaries
