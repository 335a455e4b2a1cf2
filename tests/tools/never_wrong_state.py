"""What `never_wrong.py` has found out so far: a folder with a file of JSON lines, which grows by a line a play.

A play is the verdicts on some or all cases on one loop in one surrounding. Its line holds a letter for each case, so
that thousands of plays take little room; a verdict in full is kept for the first few of each kind on a case. A case
that has been changed since counts as never played. A play in several surroundings at once has their names joined by `+`
and is a play in each of them.

To be kept for long, the lines can be packed: they stand in a second file then, and the first begins anew.
"""

from __future__ import annotations

import fcntl
import lzma
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from loopreport.model import Kind, Verdict
from loopspec.catalogue import Entry

FILE = "plays.jsonl"
PACKED = "plays.jsonl.xz"

JOINT = "+"
"""Between the names of surroundings that were had at once."""

KEPT = 3
"""Verdicts in full that are kept of each kind on each case."""

_LETTERS: dict[Kind, str] = {
    "pass": ".",
    "fail": "f",
    "unsupported": "u",
    "crash": "c",
    "hang": "h",
    "flaky": "y",
    "broken": "b",
    "skip": "s",
}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}
_NOT_PLAYED = "-"


class StateError(Exception):
    """A folder that cannot be used; the text is one line."""


class Subject(msgspec.Struct, frozen=True):
    """Whose verdicts are put together: a loop in one version on one Python."""

    loop: str
    version: str
    python: str


class Cases(msgspec.Struct, tag="cases"):
    """Cases by id, each with a digest of what it is, so that the plays that follow need only name their order."""

    digests: dict[str, str]


class Play(msgspec.Struct, tag="play"):
    """A play of the cases of the last such line before it: a letter for each."""

    subject: Subject
    surrounding: str
    seconds: float
    verdicts: str


class Seen(msgspec.Struct, tag="seen"):
    """A verdict in full, of the play that follows."""

    subject: Subject
    surrounding: str
    digest: str
    verdict: Verdict


Record = Cases | Play | Seen


class State:
    """The plays that are known of `entries`: those of the folder, and those that are added, which go there."""

    def __init__(self, folder: Path, entries: Sequence[Entry]) -> None:
        """Read the folder, which is made where there is none. Raises StateError."""
        self.digests = {entry.id: entry.digest for entry in entries}
        self._tallies: dict[tuple[Subject, str], dict[str, Counter[Kind]]] = defaultdict(dict)
        self._seen: dict[tuple[Subject, str], list[Seen]] = defaultdict(list)
        self._plays: list[Play] = []
        self._current: dict[str, str] | None = None
        self._folder = folder
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateError(f"{path}: another run is writing to it: give it a folder of its own") from None
        except OSError as error:
            raise StateError(f"{path}: cannot be written: {error.strerror}") from None
        packed = folder / PACKED
        try:
            self._read(packed, lzma.decompress(packed.read_bytes()) if packed.exists() else b"")
        except lzma.LZMAError:
            raise StateError(f"{packed}: not a file that was packed") from None
        self._file.seek(0)
        lines = self._file.read().rpartition(b"\n")
        # A run that was killed while it wrote a line has lost that play, and the next one writes in its place.
        self._file.truncate(len(lines[0]) + len(lines[1]))
        self._current = None
        self._read(path, lines[0])

    def counts(self, subject: Subject, case: str) -> dict[str, Counter[Kind]]:
        """Return how often the case had each kind of verdict, by surrounding."""
        return self._tallies[subject, case]

    def played(self, subject: Subject, surrounding: str, case: str) -> int:
        """Return how often the case was played in this surrounding, alone or with others at once.

        A skip is a play, but among several surroundings in those alone that make the case be skipped by themselves.
        """
        counts = self.counts(subject, case)
        plays = sum((counts[names] for names in counts if surrounding in names.split(JOINT)), Counter[Kind]())
        if not counts.get(surrounding, Counter[Kind]())["skip"]:
            del plays["skip"]
        return plays.total()

    def seen(self, subject: Subject, case: str) -> list[Seen]:
        """Return the verdicts in full on the case that are kept."""
        return self._seen[subject, case]

    def subjects(self) -> list[Subject]:
        """Return the loops of which plays are known."""
        return list(dict.fromkeys(subject for subject, _ in self._tallies))

    def add(self, subject: Subject, surrounding: str, seconds: float, verdicts: Iterable[Verdict]) -> None:
        """Take note of one play, as far as it has come, and write it to the folder."""
        letters: dict[str, str] = {}
        records: list[Record] = []
        for verdict in verdicts:
            letters[verdict.case] = _LETTERS[verdict.kind]
            if self._kept(subject, verdict) < KEPT and verdict.kind != "pass":
                seen = Seen(subject, surrounding, self.digests[verdict.case], verdict)
                self._seen[subject, verdict.case].append(seen)
                records.append(seen)
        if self._current != self.digests:
            self._current = self.digests
            records.append(Cases(self.digests))
        row = "".join(letters.get(case, _NOT_PLAYED) for case in self.digests)
        play = Play(subject, surrounding, round(seconds, 1), row)
        self._count(play, self.digests)
        self._file.write(_lines([*records, play]))
        self._file.flush()

    def take_in(self, *others: State) -> None:
        """Move the plays of other states here, and pack what is known then."""
        for other in others:
            for (subject, case), some in other._seen.items():
                for seen in some:
                    if self._kept(subject, seen.verdict) < KEPT:
                        self._seen[subject, case].append(seen)
            for play in other._plays:
                self._count(play, other.digests)
        self.pack()
        for other in others:
            other._forget()

    def pack(self) -> None:
        """Put all that is known of the cases as they are now into the packed file."""
        seen = [one for some in self._seen.values() for one in some]
        fresh = self._folder / f"{PACKED}.new"
        with fresh.open("wb") as file:
            file.write(lzma.compress(_lines([Cases(self.digests), *seen, *self._plays]), preset=9))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / PACKED)
        self._file.truncate(0)
        self._current = None

    def close(self) -> None:
        """Let others have the folder."""
        self._file.close()

    def _kept(self, subject: Subject, verdict: Verdict) -> int:
        return sum(seen.verdict.kind == verdict.kind for seen in self._seen[subject, verdict.case])

    def _forget(self) -> None:
        (self._folder / PACKED).unlink(missing_ok=True)
        self._file.truncate(0)
        self._plays, self._current = [], None
        self._tallies.clear()
        self._seen.clear()

    def _read(self, path: Path, lines: bytes) -> None:
        decoder = msgspec.json.Decoder(Record)
        for number, line in enumerate(lines.splitlines(), start=1):
            try:
                record = decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise StateError(f"{path}:{number}: not a line of plays: {error}") from None
            if isinstance(record, Cases):
                self._current = record.digests
            elif isinstance(record, Seen):
                if self.digests.get(record.verdict.case) == record.digest:
                    self._seen[record.subject, record.verdict.case].append(record)
            elif self._current is None or len(record.verdicts) != len(self._current):
                raise StateError(f"{path}:{number}: a play of cases that no line before it names")
            else:
                self._count(record, self._current)

    def _count(self, play: Play, digests: dict[str, str]) -> None:
        letters = {
            case: letter
            for (case, digest), letter in zip(digests.items(), play.verdicts)
            if letter != _NOT_PLAYED and self.digests.get(case) == digest
        }
        if letters:
            row = "".join(letters.get(case, _NOT_PLAYED) for case in self.digests)
            self._plays.append(msgspec.structs.replace(play, verdicts=row))
        for case, letter in letters.items():
            tally = self._tallies[play.subject, case].setdefault(play.surrounding, Counter())
            tally[_KINDS[letter]] += 1


def _lines(records: Iterable[Record]) -> bytes:
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)
