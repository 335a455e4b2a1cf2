"""What is known from earlier runs: a folder with a line of JSON for each play, so that a run that is stopped goes on.

What a play says holds for the mutated module, the case and the engine that it was played with: it is kept by digests of
these three, and is forgotten by itself when one of them changes.
"""

from __future__ import annotations

import hashlib
import platform
import threading
from collections.abc import Container, Iterable
from pathlib import Path

import msgspec

import loopspec
from tests.proof.playing import Catch, Played

PYTHON = ".".join(platform.python_version_tuple()[:2])

_ENGINE = (
    "check.py", "incidents.py", "isolation/*.py", "judge.py", "leftovers.py", "loops.py", "observation.py", "plain.py",
    "play.py", "stage.py", "words/*.py",
)  # fmt: skip
"""The engine's files that have a part in how a case is played and judged."""


class StateError(Exception):
    """The folder cannot be used; the text is one line."""


class Record(Played, frozen=True, kw_only=True):
    """A line of the file: what was played with what, and what came of it."""

    subject: str
    """The digest of a mutated module, or the name of a broken loop with the digest of its module."""
    python: str
    engine: str
    about: str = ""
    """The subject in words."""


class Known:
    """All that was seen of one subject on one Python."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.broken: set[str] = set()
        self.catches: dict[str, Catch] = {}
        self.stillborn = ""

    def add(self, played: Played) -> None:
        """Add what came of a play."""
        self.passed.update(played.passed)
        self.broken.update(played.broken)
        self.catches.update((catch.digest, catch) for catch in played.catches)
        self.stillborn = played.stillborn or self.stillborn

    def catch(self, digests: Iterable[str], decisive: Container[str]) -> Catch | None:
        """Return what is known to be caught by one of the cases, with a verdict in `decisive`."""
        found = (self.catches[digest] for digest in digests if digest in self.catches)
        return next((catch for catch in found if catch.kind in decisive), None)

    def is_open(self, digest: str) -> bool:
        """Whether the case has not been played."""
        return not self.stillborn and digest not in self.passed and digest not in self.catches


class State:
    """The folder with what is known. Raises StateError if it cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "plays.jsonl"
        self._engine = engine_digest()
        self._known: dict[tuple[str, str], Known] = {}
        self._lock = threading.Lock()
        decoder = msgspec.json.Decoder(Record)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._output = self._file.open("ab")
            lines = self._file.read_bytes().splitlines(keepends=True)
        except OSError as error:
            raise StateError(f"{folder}: {error.strerror}: name another folder with --state") from None
        if lines and not lines[-1].endswith(b"\n"):
            lines.pop()  # a run was killed while it wrote: that play is played again
            self._output.truncate(sum(map(len, lines)))
        for number, line in enumerate(lines, start=1):
            try:
                record = decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise StateError(f"{self._file}:{number}: {error}: remove this line, or the file") from None
            if record.engine == self._engine:
                self.known(record.subject, record.python).add(record)

    def known(self, subject: str, python: str = PYTHON) -> Known:
        """Return what is known of a subject on a Python, which may be nothing."""
        return self._known.setdefault((subject, python), Known())

    def pythons(self) -> list[str]:
        """Return the Pythons of which anything is known, and this one."""
        return sorted({PYTHON, *(python for _, python in self._known)}, key=lambda name: [*map(int, name.split("."))])

    def add(self, subject: str, about: str, played: Played) -> None:
        """Keep what came of a play, in the file as well; from any thread."""
        parts = {name: getattr(played, name) for name in Played.__struct_fields__}
        record = Record(subject=subject, python=PYTHON, engine=self._engine, about=about, **parts)
        with self._lock:
            self.known(subject).add(record)
            self._output.write(msgspec.json.encode(record) + b"\n")
            self._output.flush()

    def close(self) -> None:
        """Close the file."""
        self._output.close()


def engine_digest() -> str:
    """Return what tells this engine from earlier ones."""
    folder = Path(loopspec.__file__).parent
    digest = hashlib.sha256()
    for pattern in _ENGINE:
        for path in sorted(folder.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
