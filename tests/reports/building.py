"""Small results for tests: what came out of each case of one loop, on some Python."""

from collections.abc import Mapping

from loopreport.model import CaseInfo, Footer, Header, Kind, LoopInfo, Shard, Verdict
from loopreport.results import Results


def results(
    found: Mapping[str, Kind | Verdict],
    loop: str = "swift",
    version: str = "0.9",
    python: str = "3.13.1",
    platform: str = "linux",
    implementation: str = "CPython",
    cases: list[str] | None = None,
    selected: int | None = None,
    shard: tuple[int, int] | None = None,
    catalogue: str = "0123456789abcdef",
    source: str = "results.json",
    interrupted: bool = False,
    cut: bool = False,
) -> Results:
    verdicts = tuple(
        kind if isinstance(kind, Verdict) else Verdict(loop=loop, case=case, kind=kind, seconds=0.5)
        for case, kind in found.items()
    )
    header = Header(
        suite="0.1.0",
        catalogue=catalogue,
        python=python,
        implementation=implementation,
        platform=platform,
        kernel="Linux 6.1 x86_64",
        openssl="OpenSSL 3.0",
        began="2026-01-02T03:04:05+00:00",
        loops=[LoopInfo(name=loop, factory=f"{loop}:new", package=loop, version=version)],
        cases=list(found) if cases is None else cases,
        selected=len(found) if selected is None else selected,
        shard=Shard(number=shard[0], of=shard[1]) if shard else None,
    )
    footer = Footer(ended="", seconds=1.0, verdicts=len(verdicts), interrupted=interrupted)
    where = f"{source}: cut short after line 3: what came after its 2 verdicts is missing"
    return Results(header, verdicts, None if cut else footer, where if cut else "", source)


def described(*cases: str, apart: tuple[str, ...] = ()) -> dict[str, CaseInfo]:
    """Return what reports say of `cases`, which count, and of those `apart`, which do not."""
    return {
        case: CaseInfo(
            case=case,
            chapter="Chapter",
            subject="loop.call_soon",
            says=f"What {case.partition('/')[0]} says.",
            about="The mistake that it catches.",
            url="https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.call_soon",
            level="must",
            basis="documentation" if case in cases else "cpython",
            counts=case in cases,
            file="cases/chapter.toml",
            line=number,
        )
        for number, case in enumerate([*cases, *apart], 1)
    }
