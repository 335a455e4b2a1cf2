"""What reports say of cases and of the run: taken from the catalogue and the machine, as the reports' own data."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from loopreport.model import CaseInfo, Footer, Header, LoopInfo, Shard
from loopspec.catalogue import Catalogue, Entry, citation
from loopspec.loops import Loop


def suite_version() -> str:
    """Return the installed version of loopspec, or `not installed` where it runs from its source."""
    try:
        return importlib.metadata.version("loopspec")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def header(catalogue: Catalogue, loops: Iterable[Loop], cases: list[Entry], shard: Shard | None = None) -> Header:
    """Return the beginning of a run's results: `cases` of `catalogue`, or a `shard` of them, on `loops`."""
    return Header(
        suite=suite_version(),
        catalogue=catalogue.digest(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        platform=sys.platform,
        kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
        openssl=_openssl(),
        began=_now(),
        loops=[loop_info(loop) for loop in loops],
        cases=[entry.id for entry in cases],
        selected=len(part(cases, shard)),
        shard=shard,
    )


def part(cases: list[Entry], shard: Shard | None) -> list[Entry]:
    """Return the cases that belong to `shard`: every n-th of them, so that each shard has its share of each chapter."""
    return cases[shard.number - 1 :: shard.of] if shard else cases


def footer(seconds: float, verdicts: int, interrupted: bool, complaints: Sequence[str] = ()) -> Footer:
    """Return the end of a run's results, which took `seconds`."""
    return Footer(
        ended=_now(),
        seconds=round(seconds, 3),
        verdicts=verdicts,
        interrupted=interrupted,
        complaints=list(complaints),
    )


def loop_info(loop: Loop) -> LoopInfo:
    """Return what a report says of a loop. Its version is empty where it belongs to no package that is known."""
    version = loop.version() if loop.package else ""
    return LoopInfo(
        name=loop.name, factory=loop.factory, package=loop.package, version=version, simulated=loop.simulated
    )


def case_infos(entries: Sequence[Entry], version: str = "") -> dict[str, CaseInfo]:
    """Return what a report says of each of `entries`, by id, citing the documentation of Python `version` (or ours)."""
    version = version or platform.python_version()
    return {entry.id: case_info(entry, version) for entry in entries}


def case_info(entry: Entry, version: str) -> CaseInfo:
    """Return what a report says of `entry`, citing the documentation of Python `version`."""
    return CaseInfo(
        case=entry.id,
        chapter=entry.chapter.chapter,
        subject=entry.rule.subject,
        says=entry.rule.says,
        about=entry.case.about,
        url=citation(entry.chapter, entry.rule, version),
        level=entry.rule.level,
        basis=entry.rule.basis,
        counts=entry.counts,
        file=shortened(entry.path),
        line=entry.line,
    )


def shortened(path: Path) -> str:
    """Return `path` as one would write it here: relative to the current folder where it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _openssl() -> str:
    try:
        import ssl
    except ImportError:
        return ""
    return ssl.OPENSSL_VERSION


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
