"""The results file: written line by line while a run goes on, and read back with every doubt told in one line."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from loopreport.model import FORMAT, Footer, Header, Record, Verdict


class ResultsError(Exception):
    """A results file that cannot be written or read; the text is one line that names the file and what is wrong."""


@dataclass(frozen=True)
class Results:
    """What a run found, complete or as far as it went."""

    header: Header
    verdicts: tuple[Verdict, ...]
    footer: Footer | None = None
    cut: str = ""
    """Where the file was cut short: one line that says after which line; empty for a whole file."""

    @property
    def missing(self) -> int:
        """How many selected cases have no verdict, because the run or its file ended before."""
        return self.header.selected * len(self.header.loops) - len(self.verdicts)


class Writer:
    """Writes a results file as the run goes on. A context manager; each record is on the disk's way when it returns."""

    def __init__(self, path: Path, header: Header) -> None:
        """Create or replace the file and write its header. Raises ResultsError where that cannot be done."""
        self._path = path
        self._encoder = msgspec.json.Encoder()
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise ResultsError(f"{path}: cannot be written: {_reason(error)}") from None
        self.write(header)

    def write(self, record: Record) -> None:
        """Append one record as a line. Raises ResultsError where the disk is full or gone."""
        data = memoryview(self._encoder.encode(record) + b"\n")
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.close()
            raise ResultsError(f"{self._path}: cannot be written further: {_reason(error)}") from None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def read(path: Path) -> Results:
    """Read a results file. One that was cut short is read up to the cut, and `Results.cut` says where that is.

    Raises ResultsError where the file is none, is of a newer format, or contradicts itself.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {_reason(error)}") from None
    *lines, rest = data.split(b"\n")
    header = _header(path, lines[0] if lines else rest)
    verdicts: list[Verdict] = []
    footer = None
    for number, record in _records(path, lines[1:]):
        if isinstance(record, Header):
            raise ResultsError(f"{path}:{number}: a second header: are these two files in one?")
        if footer is not None:
            raise ResultsError(f"{path}:{number}: goes on after its footer: are these two files in one?")
        if isinstance(record, Footer):
            footer = record
        else:
            verdicts.append(record)
    if rest and footer is not None:
        raise ResultsError(f"{path}:{len(lines) + 1}: goes on after its footer: are these two files in one?")
    _consistent(path, header, verdicts, footer)
    cut = f"{path}: cut short after line {len(lines)}: what came after its {len(verdicts)} verdicts is missing"
    return Results(header, tuple(verdicts), footer, "" if footer else cut)


def _header(path: Path, line: bytes) -> Header:
    """Return the header, telling a newer format from a file that holds no results at all."""
    try:
        raw: Any = msgspec.json.decode(line)
    except msgspec.MsgspecError:
        raw = None
    if not isinstance(raw, dict) or raw.get("type") != "header":
        what = "is empty" if not line.strip() else "does not begin with a header"
        raise ResultsError(f"{path}: {what}: not a results file (write one with loopspec check --json FILE)")
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        newer = f"in format {raw['format']}, and this loopspec reads up to {FORMAT}: use a newer loopspec"
        raise ResultsError(f"{path}: {newer}")
    try:
        return msgspec.convert(raw, Header)
    except msgspec.ValidationError as error:
        raise ResultsError(f"{path}:1: not a valid header: {error}") from None


def _records(path: Path, lines: list[bytes]) -> Iterator[tuple[int, Record]]:
    decoder = msgspec.json.Decoder(Record)
    for number, line in enumerate(lines, start=2):
        try:
            yield number, decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise ResultsError(f"{path}:{number}: not a valid record: {error}") from None


def _consistent(path: Path, header: Header, verdicts: list[Verdict], footer: Footer | None) -> None:
    names = {loop.name for loop in header.loops}
    seen: set[tuple[str, str]] = set()
    for number, verdict in enumerate(verdicts, start=2):
        if verdict.loop not in names:
            raise ResultsError(f"{path}:{number}: a verdict on {verdict.loop!r}, a loop that the header does not name")
        if (verdict.loop, verdict.case) in seen:
            raise ResultsError(f"{path}:{number}: a second verdict on {verdict.case} for {verdict.loop}")
        seen.add((verdict.loop, verdict.case))
    if footer is not None and footer.verdicts != len(verdicts):
        raise ResultsError(f"{path}: its footer counts {footer.verdicts} verdicts, and there are {len(verdicts)}")


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)
