"""The report on a terminal and in a pipe, against texts that people have looked at (golden/*.txt).

After a change that is meant, look at the difference and run this file with LOOPSPEC_GOLDEN=write.
"""

import io
from dataclasses import replace

import msgspec
import pytest
from rich.console import Console

from loopreport import terminal
from loopreport.manner import Manner
from loopreport.merge import merge
from loopreport.model import Difference, Verdict
from loopreport.results import Results
from tests.reports.approved import approved
from tests.reports.building import results
from tests.reports.sample import CASES, FOOTER, HEADER, RESULTS


def rendered(results: Results, manner: Manner, width: int, is_terminal: bool = False) -> str:
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=is_terminal,
        color_system="truecolor" if is_terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    terminal.write(console, terminal.opening(results.header))
    terminal.write(console, terminal.report(merge([results]), CASES, replace(manner, width=width)))
    written: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    return written


def only(results: Results, loop: str) -> Results:
    """Return the results of one loop."""
    verdicts = tuple(verdict for verdict in results.verdicts if verdict.loop == loop)
    header = msgspec.structs.replace(results.header, loops=[info for info in results.header.loops if info.name == loop])
    return Results(header, verdicts, msgspec.structs.replace(FOOTER, verdicts=len(verdicts)))


INTERRUPTED = Results(
    HEADER, RESULTS.verdicts[:14], msgspec.structs.replace(FOOTER, verdicts=14, seconds=1.25, interrupted=True)
)
SHORT = Manner()
FULL = Manner(
    in_full=True,
    arguments=("--cases", "my cases"),
    complaints=("known.toml:3: call-soon.order/fifo passes now on stdlib: remove or narrow this expectation",),
    results="out.json",
)


@pytest.mark.parametrize(
    ("name", "found", "manner", "width"),
    [
        ("three-loops-80", RESULTS, SHORT, 80),
        ("three-loops-120", RESULTS, SHORT, 120),
        ("in-full-100", RESULTS, FULL, 100),
        ("narrow-40", RESULTS, SHORT, 40),
        ("all-well-80", only(RESULTS, "stdlib"), SHORT, 80),
        ("interrupted-80", INTERRUPTED, SHORT, 80),
    ],
)
def test_the_report_is_as_it_was_approved(name: str, found: Results, manner: Manner, width: int) -> None:
    approved(f"{name}.txt", rendered(found, manner, width))


def test_the_report_of_several_files_is_as_it_was_approved() -> None:
    found = {verdict.case: verdict for verdict in RESULTS.verdicts if verdict.loop == "swift"}
    half = {case: verdict for number, (case, verdict) in enumerate(found.items()) if number % 2}
    files = [
        results(found, python="3.14.0"),
        results(found, python="3.9.2"),
        results(half, python="3.13.1", cases=list(CASES), selected=5, shard=(2, 2)),
    ]
    console = Console(file=io.StringIO(), width=100, highlight=False, markup=False, emoji=False)
    terminal.write(console, terminal.report(merge(files), CASES, Manner(width=100)))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    approved("several-files-100.txt", text[text.index("\n    ", text.rindex("alone")) :])


def test_a_pipe_gets_no_escape_sequences_and_no_trailing_spaces() -> None:
    text = rendered(RESULTS, FULL, 80)
    assert "\x1b" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_a_terminal_gets_colours_but_none_that_a_loop_wrote() -> None:
    text = rendered(RESULTS, FULL, 80, is_terminal=True)
    assert "\x1b[" in text
    assert "\\x1b[31mcolour" in text
    assert "\x1b[31mcolour" not in text


def test_every_verdict_is_told_in_words() -> None:
    text = rendered(only(RESULTS, "swift"), SHORT, 200)
    for word in ("FAIL", "CRASH", "HANG", "FLAKY", "1 expected", "1 crash", "1 hang", "1 flaky", "1 skip"):
        assert word in text


def test_commands_survive_a_shell() -> None:
    case = "call-soon.order/with-a-quote's-row/it's"
    verdict = Verdict(loop="swift", case=case, kind="fail", summary="wrong")
    results = replace(only(RESULTS, "swift"), verdicts=(verdict,))
    text = rendered(results, Manner(arguments=("--cases", "my cases")), 80)
    assert "loopspec check swift -k 'call-soon.order/with-a-quote'\"'\"'s-row/it'\"'\"'s' --cases 'my cases'" in text


def test_one_reason_of_many_failures_is_told_once() -> None:
    text = rendered(only(RESULTS, "absent.loops:Factory"), SHORT, 120)
    assert text.count("the loop could not be brought up") == 1
    assert "8 cases, for the same reason" in text


def test_failures_after_the_first_are_told_shortly_unless_in_full() -> None:
    cases = {
        f"rule-{number}/case": msgspec.structs.replace(info, case=f"rule-{number}/case")
        for number in range(40)
        for info in [CASES["stop.batch/finishes"]]
    }
    verdicts = tuple(
        Verdict(loop="stdlib", case=case, kind="fail", summary=f"wrong in {case}", difference=[Difference("-", "a")])
        for case in cases
    )
    header = msgspec.structs.replace(only(RESULTS, "stdlib").header, cases=list(cases), selected=40)
    results = Results(header, verdicts, FOOTER)
    texts = {}
    for in_full in (False, True):
        console = Console(file=io.StringIO(), width=100)
        terminal.write(console, terminal.report(merge([results]), cases, Manner(in_full=in_full)))
        texts[in_full] = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO from above
    assert texts[False].count("loopspec check stdlib") == 25
    assert texts[True].count("loopspec check stdlib") == 40
    assert all(f"wrong in {case}" in texts[False] for case in cases)


def test_a_verdict_as_it_comes() -> None:
    console = Console(file=io.StringIO(), width=80)
    for verdict in RESULTS.verdicts[9:12]:
        terminal.write(console, terminal.played(verdict, CASES[verdict.case], with_loop=True, details=True))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # the StringIO from above
    assert lines[0] == "pass        stdlib  repr.text/class"
    assert lines[4] == "fail        swift  call-soon.order/fifo/two=2  expected 'first', observed 'second'"
    assert lines[3].strip() == "cases/callbacks.toml:95, 0.001 s"
