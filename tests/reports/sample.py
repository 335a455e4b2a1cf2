"""A run as the reports see it: three loops, two chapters, and a verdict of every kind."""

from loopreport.model import CaseInfo, Difference, Footer, Header, Kind, LoopInfo, Verdict
from loopreport.results import Results

IDS = [
    "call-soon.order/fifo/two=2",
    "call-soon.order/with-a-quote's-row/it's",
    "call-soon.context/kept",
    "call-soon.handle/cancelled",
    "call-soon.permitted/early",
    "stop.batch/finishes",
    "stop.twice/returns",
    "stop.witness/polls",
    "close.again/nothing",
    "repr.text/class",
]

HEADER = Header(
    suite="1.2",
    catalogue="0123456789abcdef",
    python="3.13.1",
    implementation="CPython",
    platform="linux",
    kernel="Linux 6.1 x86_64",
    openssl="OpenSSL 3.0",
    began="2026-01-02T03:04:05+00:00",
    loops=[
        LoopInfo(name="stdlib", factory="asyncio:new_event_loop"),
        LoopInfo(name="swift", factory="swift:new", package="swift", version="0.9.1"),
        LoopInfo(name="absent.loops:Factory", factory="absent.loops:Factory"),
    ],
    cases=IDS,
    selected=10,
)
FOOTER = Footer(ended="2026-01-02T03:04:15+00:00", seconds=8.0, verdicts=30)

_SAYS = "What was scheduled first is called first, however many callbacks are scheduled before the loop runs again."


def _case(case: str, chapter: str, line: int, level: str = "must", basis: str = "documentation") -> CaseInfo:
    return CaseInfo(
        case=case,
        chapter=chapter,
        subject="loop.call_soon",
        says=_SAYS,
        about="A loop that keeps its callbacks on a stack calls the last one first.",
        url="https://docs.python.org/3.13/library/asyncio-eventloop.html#asyncio.loop.call_soon",
        level=level,
        basis=basis,
        counts=basis == "documentation" and level != "may",
        file="cases/callbacks.toml",
        line=line,
    )


_CALLBACKS, _STOPPING = (
    "Scheduling callbacks",
    "Running and stopping the loop, and everything that the page says beside it",
)
CASES = {
    info.case: info
    for info in [
        _case("call-soon.order/fifo/two=2", _CALLBACKS, 12),
        _case("call-soon.order/with-a-quote's-row/it's", _CALLBACKS, 20),
        _case("call-soon.context/kept", _CALLBACKS, 30),
        _case("call-soon.handle/cancelled", _CALLBACKS, 40, "should"),
        _case("call-soon.permitted/early", _CALLBACKS, 50, "may"),
        _case("stop.batch/finishes", _STOPPING, 60),
        _case("stop.twice/returns", _STOPPING, 70),
        _case("stop.witness/polls", _STOPPING, 80),
        _case("close.again/nothing", _STOPPING, 90),
        _case("repr.text/class", _STOPPING, 95, "must", "cpython"),
    ]
}

_TRACEBACK = """\
Traceback (most recent call last):
  File "cases/callbacks.toml", line 41, in <module>
    handle.cancel()
    ~~~~~~~~~~~~~^^
RuntimeError: no \x1b[31mcolour\x1b[0m from a loop
"""


def _swift() -> list[Verdict]:
    found: dict[str, tuple[Kind, str]] = {
        "call-soon.order/fifo/two=2": ("fail", "expected 'first', observed 'second'"),
        "call-soon.order/with-a-quote's-row/it's": ("pass", ""),
        "call-soon.context/kept": ("unsupported", "NotImplementedError: contexts"),
        "call-soon.handle/cancelled": ("fail", "RuntimeError: no \x1b[31mcolour\x1b[0m from a loop"),
        "call-soon.permitted/early": ("fail", "expected 'early', observed nothing"),
        "stop.batch/finishes": ("crash", "killed by SIGSEGV"),
        "stop.twice/returns": ("hang", "the case had not ended after 6.0 seconds"),
        "stop.witness/polls": ("skip", "strace is not installed"),
        "close.again/nothing": ("flaky", "fail at first, then pass when played again alone: late"),
        "repr.text/class": ("broken", "the case itself is wrong: NameError: name 'lop' is not defined"),
    }
    verdicts = []
    for case, (kind, summary) in found.items():
        difference = []
        if summary.startswith("expected"):
            difference = [Difference(" ", "begin"), Difference("-", "first"), Difference("+", "second")]
            difference += [Difference(" ", f"line {number}") for number in range(20)]
        details = _TRACEBACK if "handle" in case else ""
        verdicts.append(
            Verdict(
                loop="swift",
                case=case,
                kind=kind,
                summary=summary,
                difference=difference,
                details=details,
                expected="known since 0.8 (https://example.org/7)" if kind == "unsupported" else "",
                seconds=0.25,
            )
        )
    return verdicts


def _absent() -> list[Verdict]:
    summary = "the loop could not be brought up: ModuleNotFoundError: No module named 'absent'"
    return [
        Verdict(loop="absent.loops:Factory", case=case, kind="fail", summary=summary, details="Traceback: …\n")
        for case in CASES
    ]


assert list(CASES) == IDS

RESULTS = Results(
    HEADER,
    (*(Verdict(loop="stdlib", case=case, kind="pass", seconds=0.001) for case in CASES), *_swift(), *_absent()),
    FOOTER,
)
