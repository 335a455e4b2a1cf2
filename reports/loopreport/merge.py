"""Many results files as one table: a column for each loop in one version on one Python and platform.

What several files (shards of a run, runs of several loops or Pythons) say of the same column becomes one:

- A column's cases are all that any of its files was to play. Each of them that has no verdict is **missing**, whether
  a shard is absent, a file was cut short, or a run interrupted; a column with a missing case is never a success.
- Two verdicts on one case that agree in their kind are one, the first. Two that do not are an error: which of them is
  right is not for a merge to decide, and the later to win would mean to play until it passes.
- Files that were played with different case files are not mixed: the same id need not mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from loopreport import inert
from loopreport.model import Header, LoopInfo, Verdict
from loopreport.results import Results, ResultsError

_Key = tuple[LoopInfo, str, str, str]


@dataclass(frozen=True)
class Column:
    """What was found for one loop, in one version, on one Python and platform."""

    loop: LoopInfo
    header: Header
    """That of the first of its files: on which Python and machine it was played."""
    cases: tuple[str, ...]
    """The ids of all cases that were to be played, of every shard."""
    verdicts: tuple[Verdict, ...]
    gaps: tuple[str, ...] = ()
    """Where verdicts are missing, the reasons that are known: missing shards, files cut short, interrupted runs."""
    where: str = ""
    """The Python, and the platform, if the columns beside it were played on others; else empty."""

    @property
    def title(self) -> str:
        """The loop's name and version, and what else tells the column from others."""
        return ", ".join([named(self.loop), *([self.where] if self.where else [])])

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of the cases that have no verdict."""
        known = {verdict.case for verdict in self.verdicts}
        return tuple(case for case in self.cases if case not in known)

    @property
    def missing_in_words(self) -> str:
        """How many verdicts are missing, and why; empty for a complete column."""
        if not (missing := len(self.missing)):
            return ""
        reasons = f" ({'; '.join(self.gaps)})" if self.gaps else ""
        return f"{missing} of {len(self.cases)} cases have no verdict{reasons}"


@dataclass(frozen=True)
class Merged:
    """What one or many results files hold, as columns."""

    columns: tuple[Column, ...]
    suites: tuple[str, ...]
    """The versions of loopspec that wrote the files; one, but for files of two versions with the same cases."""
    catalogue: str
    """The digest of the case files."""
    source: str = ""
    """The first of the files."""
    files: int = 1
    seconds: float = 0.0
    """How long the runs took, added up."""
    interrupted: bool = False
    cut: tuple[str, ...] = ()
    """Of the files that have all their verdicts and not the end, which says how the run ended: where they are cut."""
    complaints: tuple[str, ...] = ()
    """What the runs found to be untrue of the expected failures that they were given."""

    @property
    def verdicts(self) -> int:
        """How many verdicts there are."""
        return sum(len(column.verdicts) for column in self.columns)

    @property
    def missing(self) -> int:
        """How many verdicts are missing."""
        return sum(len(column.missing) for column in self.columns)


def merge(files: Sequence[Results]) -> Merged:
    """Return the columns of `files`, of which there is at least one: a loop's beside each other, by Python.

    Raises ResultsError where the files are of different case files, or contradict each other.
    """
    first = files[0]
    for other in files[1:]:
        if other.header.catalogue != first.header.catalogue:
            raise ResultsError(
                f"{other.source}: played with other case files (digest {inert.name(other.header.catalogue)}) than "
                f"{first.source} ({inert.name(first.header.catalogue)}): report on each alone, or play both again"
            )
    parts: dict[_Key, _Parts] = {}
    for results in files:
        for loop in results.header.loops:
            header = results.header
            key = (loop, header.implementation, header.python, header.platform)
            parts.setdefault(key, _Parts(loop, header)).add(results)
    names = list(dict.fromkeys(loop.name for loop, *_ in parts))
    order = sorted(parts, key=lambda key: (names.index(key[0].name), _version(key[0].version), _version(key[2])))
    pythons, platforms = {key[1:3] for key in parts}, {key[3] for key in parts}
    return Merged(
        columns=tuple(parts[key].column(_where(key, len(pythons) > 1, len(platforms) > 1)) for key in order),
        suites=tuple(dict.fromkeys(results.header.suite for results in files)),
        catalogue=first.header.catalogue,
        source=first.source,
        files=len(files),
        seconds=sum(results.footer.seconds for results in files if results.footer),
        cut=tuple(inert.line(results.cut) for results in files if results.cut and not results.missing),
        complaints=tuple(
            dict.fromkeys(line for results in files if results.footer for line in results.footer.complaints)
        ),
        interrupted=any(results.footer.interrupted for results in files if results.footer),
    )


def named(loop: LoopInfo) -> str:
    """Return the loop's name, with its version where it is known."""
    return inert.name(f"{loop.name} {loop.version}" if loop.version else loop.name)


@dataclass
class _Parts:
    """What is known so far of a column."""

    loop: LoopInfo
    header: Header
    cases: dict[str, None] = field(default_factory=dict)
    verdicts: dict[str, tuple[Verdict, str]] = field(default_factory=dict)
    """By case, with the file that each is from."""
    gaps: list[str] = field(default_factory=list)
    shards: dict[int, set[int]] = field(default_factory=dict)
    """By the number of parts, those that there are."""

    def add(self, results: Results) -> None:
        header = results.header
        self.cases.update(dict.fromkeys(header.cases))
        if header.shard:
            self.shards.setdefault(header.shard.of, set()).add(header.shard.number)
        found = [verdict for verdict in results.verdicts if verdict.loop == self.loop.name]
        for verdict in found:
            known, source = self.verdicts.setdefault(verdict.case, (verdict, results.source))
            if known.kind != verdict.kind:
                raise ResultsError(
                    f"{results.source}: {verdict.kind} for {inert.name(verdict.case)} on {named(self.loop)}, and "
                    f"{known.kind} in {source}: leave out the file that is not to count"
                )
        if len(found) < header.selected:
            if results.cut:
                self.gaps.append(inert.line(results.cut.partition(": what came after")[0]))
            elif results.footer and results.footer.interrupted:
                self.gaps.append(f"{results.source}: interrupted" if results.source else "interrupted")

    def column(self, where: str) -> Column:
        self.gaps[:0] = [_absent(there, of) for of, there in self.shards.items() if len(there) < of]
        verdicts = tuple(verdict for verdict, _ in self.verdicts.values())
        return Column(self.loop, self.header, tuple(self.cases), verdicts, tuple(self.gaps), where)


def _absent(there: set[int], of: int) -> str:
    """Say which of the shards are not there, or which are, whatever are fewer."""
    absent = sorted(set(range(1, of + 1)) - there)
    words, shards = ("missing", absent) if len(absent) <= len(there) else ("only", sorted(there))
    more = f" and {len(shards) - 8} more" if len(shards) > 8 else ""
    noun = "shard" if len(shards) == 1 else "shards"
    return f"{words}: {noun} {', '.join(f'{number}/{of}' for number in shards[:8])}{more}"


def _where(key: _Key, pythons: bool, platforms: bool) -> str:
    _, implementation, python, platform = key
    words = [f"{'Python' if implementation == 'CPython' else implementation} {python}"] if pythons else []
    return inert.name(" on ".join([*words, *([platform] if platforms else [])]))


def _version(text: str) -> Iterable[tuple[int, str]]:
    """Return what versions are sorted by: their numbers as numbers."""
    parts = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in text).split()
    return [(int(part), "") if part.isdigit() and len(part) < 10 else (-1, part) for part in parts]
