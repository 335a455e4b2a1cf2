"""The results file: written line by line while a run goes on, and read back with every doubt told in one line."""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from loopreport import inert
from loopreport.model import FORMAT, Footer, Header, Passed, Record, Verdict

_ENCODER = msgspec.json.Encoder()
_GZIP, _PACKED = 16 + zlib.MAX_WBITS, b"\x1f\x8b"
"""How zlib is told of the format, and how a file in it begins."""


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

    source: str = field(default="", compare=False)
    """The file that it was read from; empty for a run of this process."""

    @property
    def missing(self) -> int:
        """How many cases of this file's part have no verdict, because the run or its file ended before."""
        return self.header.selected * len(self.header.loops) - len(self.verdicts)


class Writer:
    """Writes a results file as the run goes on. A context manager; each record is on the disk's way when it returns."""

    def __init__(self, path: Path, header: Header) -> None:
        """Create or replace the file and write its header. Raises ResultsError where that cannot be done."""
        self._path = path
        self._whole = 0
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise ResultsError(f"{path}: cannot be written: {reason(error)}") from None
        self.write(header)

    def write(self, record: Record) -> None:
        """Append one record as a line. Raises ResultsError where the disk is full or gone; no half of it stays then."""
        line = encoded(record) + b"\n"
        data = memoryview(line)
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
            self._whole += len(line)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._whole)
            with contextlib.suppress(OSError):
                self._file.close()
            raise ResultsError(f"{self._path}: cannot be written further: {reason(error)}") from None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


def encoded(record: Record) -> bytes:
    """Return the line of a results file, without its end, that holds the record."""
    try:
        return _ENCODER.encode(record)
    except UnicodeEncodeError:
        # A name given on the command line may hold bytes that no encoding knows, as halves of pairs.
        return _ENCODER.encode(_encodable(msgspec.to_builtins(record)))


def read(path: Path) -> Results:
    """Read a results file, plain or packed by gzip.

    One that was cut short is read up to the cut, and `Results.cut` says where that is. Raises ResultsError where the
    file is none, is of a newer format, or contradicts itself.
    """
    *lines, rest = _content(path).split(b"\n")
    header = _header(path, lines[0] if lines else rest)
    verdicts: list[Verdict] = []
    places: list[int] = []  # the line of each verdict
    footer = None
    for number, record in _records(path, lines[1:]):
        if isinstance(record, Header):
            raise ResultsError(f"{path}:{number}: a second header: are these two files in one?")
        if footer is not None:
            raise ResultsError(f"{path}:{number}: goes on after its footer: are these two files in one?")
        if isinstance(record, Footer):
            footer = record
        elif isinstance(record, Passed):
            verdicts += _passes(path, number, header, record)
        else:
            verdicts.append(record)
        places += [number] * (len(verdicts) - len(places))
    if rest and footer is not None:
        raise ResultsError(f"{path}:{len(lines) + 1}: goes on after its footer: are these two files in one?")
    _consistent(path, header, list(zip(places, verdicts)), footer)
    cut = f"{path}: cut short after line {len(lines)}: what came after its {len(verdicts)} verdicts is missing"
    return Results(header, tuple(verdicts), footer, "" if footer else cut, str(path))


def _content(path: Path) -> bytes:
    """Return what is in a file, or what was packed into it; of one that was cut short, as far as it goes."""
    try:
        data = path.read_bytes()
        return zlib.decompressobj(wbits=_GZIP).decompress(data) if data.startswith(_PACKED) else data
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {reason(error)}") from None
    except zlib.error as error:
        raise ResultsError(f"{path}: cannot be unpacked: {error}") from None


def _passes(path: Path, number: int, header: Header, passed: Passed) -> list[Verdict]:
    try:
        return [Verdict(loop=passed.loop, case=header.cases[place], kind="pass") for place in passed.cases]
    except IndexError:
        raise ResultsError(f"{path}:{number}: a pass of a case that the header does not name") from None


def _header(path: Path, line: bytes) -> Header:
    """Return the header, telling a newer format from a file that holds no results at all."""
    try:
        raw: Any = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
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
        raise ResultsError(f"{path}:1: not a valid header: {inert.line(str(error))}") from None


def _records(path: Path, lines: list[bytes]) -> Iterator[tuple[int, Record]]:
    decoder = msgspec.json.Decoder(Record)
    for number, line in enumerate(lines, start=2):
        try:
            yield number, decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ResultsError(f"{path}:{number}: not a valid record: {inert.line(str(error))}") from None


def _consistent(path: Path, header: Header, verdicts: list[tuple[int, Verdict]], footer: Footer | None) -> None:
    loops, cases = {loop.name for loop in header.loops}, set(header.cases)
    if len(loops) < len(header.loops) or len(cases) < len(header.cases):
        raise ResultsError(f"{path}:1: not a valid header: it names a loop or a case twice")
    if header.shard and header.shard.number > header.shard.of:
        raise ResultsError(f"{path}:1: not a valid header: there is no shard {header.shard}")
    seen: set[tuple[str, str]] = set()
    for number, verdict in verdicts:
        loop, case = inert.name(verdict.loop), inert.name(verdict.case)
        if verdict.loop not in loops:
            raise ResultsError(f"{path}:{number}: a verdict on {loop!r}, a loop that the header does not name")
        if verdict.case not in cases:
            raise ResultsError(f"{path}:{number}: a verdict on {case!r}, a case that the header does not name")
        if (verdict.loop, verdict.case) in seen:
            raise ResultsError(f"{path}:{number}: a second verdict on {case} for {loop}")
        seen.add((verdict.loop, verdict.case))
    if footer is not None and footer.verdicts != len(verdicts):
        raise ResultsError(f"{path}: its footer counts {footer.verdicts} verdicts, and there are {len(verdicts)}")
    if len(verdicts) > header.selected * len(header.loops):
        raise ResultsError(f"{path}: more verdicts than its header says that cases were to be played")


def _encodable(value: Any) -> Any:
    """Return builtin data in whose texts characters that UTF-8 cannot express have become escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, (list, tuple)) else value


def reason(error: OSError) -> str:
    """Return what the system says of an error, as the end of a line."""
    return os.strerror(error.errno).lower() if error.errno else str(error)
