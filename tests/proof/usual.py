"""What is usual: how each case goes with the unchanged reference loop, how long it takes, which lines it executes."""

from __future__ import annotations

import hashlib
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from loopspec import kept
from loopspec.catalogue import Entry
from loopspec.check import job_for
from loopspec.isolation.workers import Crew, Job
from loopspec.judge import judge
from loopspec.loops import Loop
from tests.proof.in_worker import CASE
from tests.proof.playing import IN_WORKER
from tests.proof.source import without_comments
from tests.proof.state import PYTHON, State, engine_digest

_AT_ONCE = 100
"""Cases after which what was seen is written down."""

Lines = dict[str, list[int]]
"""Executed lines, by the file's path from the package's folder on."""


class Usual(msgspec.Struct, frozen=True, kw_only=True):
    """How a case goes with the unchanged loop."""

    case: str
    digest: str
    logic: str
    """What tells the reference loop from others, comments and lines aside."""
    text: str
    """The same with comments and lines, by which `lines` hold."""
    engine: str
    kind: str
    """The verdict."""
    summary: str
    seconds: float
    lines: Lines


class Habits:
    """What is usual on this Python, kept in the state's folder."""

    def __init__(self, state: State) -> None:
        self._file = state.folder / f"usual-{PYTHON}.jsonl"
        self._engine = engine_digest()
        texts = dict(kept.sources())
        self._text = _digest(texts.values())
        self._logic = _digest(map(without_comments, texts.values()))
        self._by_digest: dict[str, Usual] = {}
        if self._file.exists():
            decoder = msgspec.json.Decoder(Usual)
            for line in self._file.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    usual = decoder.decode(line)
                    if (usual.engine, usual.logic) == (self._engine, self._logic):
                        self._by_digest[usual.digest] = usual

    def of(self, entry: Entry) -> Usual:
        """Return how `entry` goes; it has been learned."""
        return self._by_digest[entry.digest]

    def seconds(self, entry: Entry) -> float:
        """Return how long `entry` takes."""
        return self.of(entry).seconds

    def missing(self, entries: Iterable[Entry], *, lines: bool) -> list[Entry]:
        """Return those of `entries` of which nothing is known or, if `lines` are needed, not what they execute now."""
        found = ((entry, self._by_digest.get(entry.digest)) for entry in entries)
        return [entry for entry, usual in found if usual is None or (lines and usual.text != self._text)]

    def learn(self, entries: Sequence[Entry], jobs: int, stop: Callable[[], bool], step: Callable[[], None]) -> None:
        """Play `entries` with the unchanged loop; call `step` after each. Ends early once `stop` says so."""
        for begin in range(0, len(entries), _AT_ONCE):
            with tempfile.TemporaryDirectory() as folder:
                found = self._play(entries[begin : begin + _AT_ONCE], jobs, Path(folder), stop, step)
            with self._file.open("ab") as output:
                for usual in found:
                    self._by_digest[usual.digest] = usual
                    output.write(msgspec.json.encode(usual) + b"\n")
            if stop():
                return

    def _play(
        self, entries: Sequence[Entry], jobs: int, folder: Path, stop: Callable[[], bool], step: Callable[[], None]
    ) -> list[Usual]:
        rows = {entry.id: entry for entry in entries}
        loop = Loop(name="reference", prepare=f"{IN_WORKER.read_text()}\nnew_event_loop = watched({str(folder)!r})\n")
        waiting = deque(_named(job_for(entry)) for entry in entries)
        verdicts = {}
        with Crew(loop, jobs) as crew:
            for job, outcome in crew.outcomes(waiting):
                verdicts[job.play.id] = judge(loop.name, rows[job.play.id], outcome)
                step()
                if stop():
                    break
        lines = read_lines(folder)
        return [
            Usual(
                case=name,
                digest=rows[name].digest,
                logic=self._logic,
                text=self._text,
                engine=self._engine,
                kind=verdict.kind,
                summary=verdict.summary,
                seconds=verdict.seconds or 0.0,
                lines=lines.get(name, {}),
            )
            for name, verdict in verdicts.items()
        ]


def read_lines(folder: Path) -> dict[str, Lines]:
    """Return, by case, the lines that workers have written to files in `folder`."""
    found: dict[str, dict[str, set[int]]] = {}
    for file in sorted(folder.glob("*.lines")):
        here: dict[str, set[int]] = {}
        for line in file.read_text().splitlines():
            if line.startswith("# "):
                here = found.setdefault(line[2:], {})
            else:
                path, _, number = line.rpartition(":")
                here.setdefault(path, set()).add(int(number))
    return {case: {path: sorted(numbers) for path, numbers in here.items()} for case, here in found.items()}


def _named(job: Job) -> Job:
    return Job(job.play, {**job.environment, CASE: job.play.id}, job.alone)


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
