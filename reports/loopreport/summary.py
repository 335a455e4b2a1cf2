"""What the verdicts of a run add up to: counts by chapter, and whether each loop conforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loopreport.model import FAILING, CaseInfo, Kind, LoopInfo, Verdict
from loopreport.results import Results


@dataclass
class Count:
    """How many verdicts of each kind there are; failures that are expected are counted apart from their kind."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    expected: int = 0

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
class LoopSummary:
    """What was found for one loop."""

    info: LoopInfo
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
    def conforms(self) -> bool:
        """Whether something that counts was played and nothing that counts failed."""
        return not self.failures and self.total.played > 0


def add_up(counts: Iterable[Count]) -> Count:
    """Return the sum of `counts`."""
    total = Count()
    for count in counts:
        total.kinds.update(count.kinds)
        total.expected += count.expected
    return total


def summarize(results: Results, cases: Mapping[str, CaseInfo]) -> list[LoopSummary]:
    """Return a summary for each loop of the run, in the run's order; verdicts are put in the order of `cases`."""
    place = {case: number for number, case in enumerate(cases)}
    found = {loop.name: LoopSummary(loop) for loop in results.header.loops}
    for verdict in sorted(results.verdicts, key=lambda verdict: place[verdict.case]):
        summary, case = found[verdict.loop], cases[verdict.case]
        summary.verdicts.append(verdict)
        chapters = summary.counted if case.counts else summary.apart
        chapters.setdefault(case.chapter, Count()).add(verdict)
        if case.counts and verdict.kind in FAILING and not verdict.expected:
            summary.failures.append(verdict)
    return list(found.values())
