"""What has changed between two sets of results: which cases are news, which are better, and which are no longer there.

Columns are compared in pairs: the same loop on the same Python (its minor version) and platform, whatever the loop's
version is, since that is what is compared. A loop that has one column on either side is compared even if its Python is
another, and two sets of one column each are compared even if the loops are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from loopreport.merge import Column, Merged
from loopreport.model import FAILING, CaseInfo, Verdict
from loopreport.results import ResultsError

What = Literal["newly failing", "worse", "no longer played", "changed", "fixed", "added", "removed"]

NEWS: tuple[What, ...] = ("newly failing", "worse", "no longer played")
"""What is news, if the case counts and nobody expected it: a comparison with any of these fails."""

MEANINGS: dict[What, str] = {
    "newly failing": "fails now, and did not: it passed, was skipped, or is a new case",
    "worse": "crashes or hangs now, and failed in another way",
    "no longer played": "was played, and is skipped now or has no verdict although it was to be played",
    "changed": "failed, and still does, with another verdict",
    "fixed": "passes now, and failed",
    "added": "was not played, and does not fail now",
    "removed": "was played, and was not to be played now",
}
"""In the order in which they are told."""

_WORST = {"crash", "hang"}


@dataclass(frozen=True)
class Change:
    """What became of one case."""

    case: str
    what: What
    counts: bool
    old: Verdict | None
    new: Verdict | None

    @property
    def news(self) -> bool:
        """Whether it makes the comparison fail: what was expected does not."""
        return self.counts and self.what in NEWS and not (self.new and self.new.expected)


@dataclass(frozen=True)
class Pair:
    """Two columns that are compared, and what differs."""

    old: Column
    new: Column
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """The outcome of a comparison."""

    pairs: tuple[Pair, ...]
    gone: tuple[Column, ...]
    """Columns of the old results that have no counterpart: they are news."""
    come: tuple[Column, ...]
    """Columns of the new results that have none: they are not compared with anything."""
    other_cases: bool
    """Whether the case files are others, so that a verdict may have changed although the loop has not."""

    @property
    def news(self) -> int:
        """How many changes and missing columns make the comparison fail."""
        return sum(change.news for pair in self.pairs for change in pair.changes) + len(self.gone)


def compare(old: Merged, new: Merged, cases: Mapping[str, CaseInfo]) -> Comparison:
    """Return what has changed from `old` to `new`. A case that `cases` does not know is taken for one that counts.

    Raises ResultsError where it is not clear which columns are to be compared.
    """
    pairs = _pairs(list(old.columns), list(new.columns))
    paired = [column for pair in pairs for column in pair]
    return Comparison(
        pairs=tuple(Pair(before, after, tuple(_changes(before, after, cases))) for before, after in pairs),
        gone=tuple(column for column in old.columns if column not in paired),
        come=tuple(column for column in new.columns if column not in paired),
        other_cases=old.catalogue != new.catalogue,
    )


def _pairs(old: list[Column], new: list[Column]) -> list[tuple[Column, Column]]:
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    names_old, names_new = _grouped(old, _by_name), _grouped(new, _by_name)
    alone = [name for name, before in names_old.items() if len(before) == len(names_new.get(name, [])) == 1]
    pairs = [(names_old[name][0], names_new[name][0]) for name in alone]
    old = [column for column in old if _by_name(column) not in alone]
    new = [column for column in new if _by_name(column) not in alone]
    for key in (_exactly, _by_place):
        groups_old, groups_new = _grouped(old, key), _grouped(new, key)
        for name, before in groups_old.items():
            after = groups_new.get(name, [])
            if len(before) == len(after) == 1:
                pairs.append((before[0], after[0]))
                old.remove(before[0])
                new.remove(after[0])
            elif after and key is _by_place:
                titles = ", ".join(column.title for column in [*before, *after])
                raise ResultsError(f"cannot tell which of these to compare: {titles}: leave some of the files out")
    return pairs


def _exactly(column: Column) -> tuple[str, ...]:
    return (*_by_place(column), column.loop.version)


def _by_place(column: Column) -> tuple[str, ...]:
    header = column.header
    return column.loop.name, header.implementation, ".".join(header.python.split(".")[:2]), header.platform


def _by_name(column: Column) -> tuple[str, ...]:
    return (column.loop.name,)


def _grouped(
    columns: Sequence[Column], key: Callable[[Column], tuple[str, ...]]
) -> dict[tuple[str, ...], list[Column]]:
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in columns:
        groups.setdefault(key(column), []).append(column)
    return groups


def _changes(old: Column, new: Column, cases: Mapping[str, CaseInfo]) -> list[Change]:
    before = {verdict.case: verdict for verdict in old.verdicts}
    after = {verdict.case: verdict for verdict in new.verdicts}
    planned = set(new.cases)
    changes = []
    for case in dict.fromkeys([*cases, *new.cases, *old.cases]):
        if what := _what(before.get(case), after.get(case), case in planned):
            counts = cases[case].counts if case in cases else True
            changes.append(Change(case, what, counts, before.get(case), after.get(case)))
    order = list(MEANINGS)
    return sorted(changes, key=lambda change: order.index(change.what))


def _what(old: Verdict | None, new: Verdict | None, planned: bool) -> What | None:
    """Return what became of a case; None where nothing did."""
    failed = old is not None and old.kind in FAILING
    if new is None:
        if old is None:
            return None
        if not planned:
            return "removed"
        return "no longer played" if old.kind != "skip" else None
    if new.kind in FAILING:
        if old is None or not failed:
            return "newly failing"
        if old.kind == new.kind:
            return None
        return "worse" if new.kind in _WORST else "changed"
    if new.kind == "skip":
        return "no longer played" if old and old.kind != "skip" else None
    if old is None or old.kind == "skip":
        return "added"
    return "fixed" if failed else None
