"""Whatever a loop does in one case, that case says so, and every other case is played as if nothing had happened."""

from __future__ import annotations

import re
from collections import deque

import psutil
import pytest

from loopspec.check import job_for
from loopspec.isolation import keeper
from loopspec.isolation.output import LIMIT
from loopspec.isolation.workers import Crew
from tests.hostile.conftest import HERE, Checks, entries, hostile

HARMED = "later/calls"


def _line_of_the_timer(cases: str) -> int:
    lines = (HERE / "cases" / f"{cases}.toml").read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.startswith("loop.call_later("))


TIMER, CALL = _line_of_the_timer("timers"), _line_of_the_timer("hanging")
BREACH = "^wrote to descriptors that it does not own, its worker's channel among them"
LOST = "^closed descriptors that it does not own, its worker's channel among them$"
UNABLE = "^left its process in a state in which loopspec cannot go on: "


@pytest.mark.parametrize(
    ("factory", "kind", "summary"),
    [
        ("Segfaults", "crash", rf"^killed by SIGSEGV, at line {TIMER} of timers\.toml$"),
        ("Aborts", "crash", rf"^killed by SIGABRT, at line {TIMER} of timers\.toml$"),
        ("Exits", "crash", "^exited with status 0 in the middle of the case$"),
        ("ExitsWithStatus", "crash", "^exited with status 7 in the middle of the case$"),
        ("KillsItself", "crash", "^killed by SIGKILL, which loopspec did not send"),
        ("DiesOfAnAlarm", "crash", "^killed by SIGALRM$"),
        ("DiesOfABrokenPipe", "crash", "^killed by SIGPIPE$"),
        ("CrashesInAThread", "crash", "^killed by SIGSEGV"),
        ("CrashesWhenItIsCollected", "crash", "^killed by SIGSEGV"),
        ("ClosesAFew", "fail", "^descriptors-closed: descriptor 0, not the loop's own, was closed"),
        ("ClosesAll", "crash", LOST),
        ("ClosesAllAndOpensOthers", "crash", LOST),
        ("WritesGarbage", "crash", BREACH),
        ("AnnouncesAndDies", "crash", "^exited with status 5 in the middle of the case$"),
        ("AnswersForAnother", "crash", BREACH),
        ("IntroducesItselfAgain", "crash", BREACH),
        ("LeavesAThread", "fail", "^threads-left: the non-daemon thread 'forgotten' still runs$"),
        ("LeavesADaemonThread", "fail", "^threads-left: the daemon thread 'forgotten' still runs$"),
        ("LeavesASocket", "fail", r"^descriptors-left: descriptor \d+ .* is still open$"),
        ("LeavesAChild", "fail", r"^children-left: the child process \d+ was not waited for$"),
        ("LeavesAZombie", "fail", r"^children-left: the child process \d+ was not waited for$"),
        ("LeavesADaemon", "fail", r"^children-left: the process \d+ \(sleep\), started by a child, still runs$"),
        ("CrashesAndLeavesADaemon", "crash", "^killed by SIGABRT"),
        ("LeavesADaemonThatHoldsEverything", "crash", "^exited with status 3 in the middle of the case$"),
        ("LeavesAForkOfItself", "fail", r"^children-left: the process \d+ \(.+\), started by a child, still runs$"),
        ("ForksAndReturns", "fail", r"^children-left: the child process \d+ was not waited for$"),
        ("IgnoresInterrupts", "fail", r"^signal-handlers-left: SIGINT: .*SIG_IGN.* is still set$"),
        ("ReplacesBuiltIns", "crash", UNABLE + "RuntimeError: replaced$"),
        ("RaisesSystemExit", "fail", "^SystemExit: 3$"),
        ("RaisesKeyboardInterrupt", "fail", "^KeyboardInterrupt$"),
        ("RaisesWithoutText", "fail", r"^WithoutTextError: \(a WithoutTextError whose text cannot be made: SystemExit"),
        ("RaisesMuch", "fail", r"^RuntimeError: beginningx{1,500} … .*$"),
        ("RaisesWhatNobodyCanEncode", "fail", r"^RuntimeError: lone \\udcff surrogate and "),
        ("LogsWhatNobodyCanEncode", "fail", r"^error-logged: lone \\ud800 surrogate$"),
        ("LogsWhatNobodyCanFormat", "fail", r"^error-logged: '%d' \(which cannot be formatted: TypeError\)$"),
        ("LogsWithoutEnd", "fail", r"^error-logged: 0 \(and 199 more\)$"),
        ("CallsWithoutEnd", "fail", "^observed 'called', which nothing expects here$"),
        ("PrintsMegabytesAndFails", "fail", "^RuntimeError: now that so much is printed$"),
        ("Lies", "fail", "^expected 'called', observed nothing$"),
    ],
)
def test_the_case_in_which_it_happens(checked: Checks, factory: str, kind: str, summary: str) -> None:
    verdicts = checked(factory)
    harmed = verdicts.pop(HARMED)
    assert (harmed.kind, bool(re.search(summary, harmed.summary, re.DOTALL))) == (kind, True), harmed.summary
    assert {case: verdict.kind for case, verdict in verdicts.items()} == dict.fromkeys(verdicts, "pass"), verdicts
    assert len(verdicts) == 3


@pytest.mark.parametrize(
    "factory",
    [
        "MakesAllNonBlocking",
        "PrintsMegabytes",
        "ReplacesModules",
        "ChangesTheFolder",
        "ChangesTheEnvironment",
        "DropsTheStreams",
        "LowersTheDescriptorLimit",
        "LowersTheRecursionLimit",
        "LeavesAnAlarm",
        "BlocksSignals",
        "StopsTheCollector",
        "SilencesLogging",
    ],
)
def test_what_no_rule_forbids_costs_nobody_anything(checked: Checks, factory: str) -> None:
    verdicts = checked(factory)
    assert {case: verdict.kind for case, verdict in verdicts.items()} == dict.fromkeys(verdicts, "pass"), verdicts
    assert len(verdicts) == 4
    with Crew(hostile(factory), 1) as crew:
        outcomes = list(crew.outcomes(deque(map(job_for, entries("timers")))))
        assert (len(outcomes), crew.hired) == (4, 1)


@pytest.mark.parametrize(
    ("factory", "line"),
    [
        ("SpinsInC", CALL),
        ("SleepsInC", CALL),
        ("IsDeafToSignals", CALL),
        ("PrintsForEver", CALL),
        # A stack that goes on changing while it is written may come out as nonsense.
        ("NeverPolls", None),
        ("HangsWhenItIsClosed", None),
        # Nothing can be written at all.
        ("StopsTheProcess", None),
        ("HangsInTheDark", None),
    ],
)
def test_a_hang_names_the_seconds_waited_and_the_line(
    checked: Checks, monkeypatch: pytest.MonkeyPatch, factory: str, line: int | None
) -> None:
    if line is None:
        monkeypatch.setattr(keeper, "GRACE", 0.2)
    verdicts = checked(factory, "hanging")
    hung = verdicts.pop("later/hangs")
    assert hung.kind == "hang"
    place = rf", at line {line} of hanging\.toml" if line else r"(?:, at line \d+ of hanging\.toml)?"
    waited = re.fullmatch(rf"the case had not ended after (\d+\.\d) seconds{place}", hung.summary)
    assert waited, hung.summary
    assert float(waited[1]) >= 0.4
    if line:
        assert re.search(rf'File ".*hanging\.toml", line {line}', hung.details)
    assert {case: verdict.kind for case, verdict in verdicts.items()} == dict.fromkeys(verdicts, "pass"), verdicts
    assert len(verdicts) == 2


def test_a_hang_that_only_follows_from_an_error_is_told_beside_it(
    checked: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "GRACE", 0.2)
    failed = checked("HangsWhenItIsClosedAfterAnError", "hanging")["later/hangs"]
    assert failed.kind == "fail"
    how = r"then, while the loop was closed, the case had not ended after \d+\.\d seconds"
    assert re.fullmatch(rf"LookupError: no timers today \({how}\)", failed.summary), failed.summary
    assert [f"{line.mark} {line.text}" for line in failed.difference] == [
        "- this case never passes",
        "+ LookupError ended the script",
    ]
    assert re.search(rf'File ".*hanging\.toml", line {CALL}.*written to standard output', failed.details, re.DOTALL)


def test_a_crash_that_follows_an_error_is_a_crash(checked: Checks) -> None:
    crashed = checked("CrashesWhenItIsClosedAfterAnError")[HARMED]
    assert crashed.kind == "crash"
    assert crashed.summary == "killed by SIGSEGV, while the loop was closed after LookupError: no timers today"


def test_a_worker_that_goes_on_without_its_channel_is_ended(checked: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "GRACE", 0.2)
    verdicts = checked("ShutsAllDown")
    harmed = verdicts.pop(HARMED)
    assert (harmed.kind, harmed.summary) == ("crash", "closed its worker's channel and went on running")
    assert {verdict.kind for verdict in verdicts.values()} == {"pass"}


def test_a_crash_after_the_time_is_over_is_a_hang(checked: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing the stacks of threads that go on running can end a process: that is no fault of the loop's."""
    monkeypatch.setattr(keeper, "SILENCE", 20.0)
    hung = checked("CrashesTooLate", "hanging")["later/hangs"]
    assert hung.kind == "hang"
    assert re.fullmatch(r"the case had not ended after \d+\.\d seconds, at line \d+ of hanging\.toml", hung.summary)


def test_a_child_without_the_mark_ends_with_its_group(checked: Checks) -> None:
    assert checked("CrashesAndLeavesAChildWithoutEnvironment")[HARMED].summary.startswith("killed by SIGABRT")
    assert not [process for process in psutil.process_iter(["cmdline"]) if "86399" in (process.info["cmdline"] or ())]


def test_a_log_does_not_grow_without_end(checked: Checks) -> None:
    assert len(checked("CallsWithoutEnd")[HARMED].difference) < 3000


def test_memory_has_a_limit(checked: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "MEMORY_LIMIT", 200 << 20)
    verdicts = checked("EatsMemory")
    harmed = verdicts.pop(HARMED)
    assert harmed.kind == "crash"
    assert re.match(r"killed by SIGKILL because it used \S+ [MG]iB of memory, and 200 MiB are allowed", harmed.summary)
    assert {verdict.kind for verdict in verdicts.values()} == {"pass"}


def test_what_is_printed_is_kept_from_both_ends_and_does_not_grow(checked: Checks) -> None:
    details = checked("PrintsMegabytesAndFails")[HARMED].details
    assert len(details) < 2 * LIMIT
    assert "the case begins\nfirst\nyyy" in details
    assert re.search(r"\d{7} bytes left out", details)
    assert re.search(r"yyylast$", details)


def test_a_crash_shows_the_stack_and_what_was_played_before(checked: Checks) -> None:
    details = checked("CrashesInAThread")[HARMED].details
    assert "Fatal Python error: Segmentation fault" in details
    assert "written to standard output and error:\nthe case begins" in details


@pytest.mark.parametrize("jobs", [2, 5])
def test_several_workers_at_a_time(checked: Checks, jobs: int) -> None:
    verdicts = checked("Segfaults", jobs=jobs)
    assert verdicts.pop(HARMED).kind == "crash"
    assert {verdict.kind for verdict in verdicts.values()} == {"pass"}


def test_these_loops_are_hostile_in_nothing_else(checked: Checks) -> None:
    verdicts = checked("asyncio:SelectorEventLoop")
    assert {case: verdict.kind for case, verdict in verdicts.items()} == dict.fromkeys(verdicts, "pass"), verdicts
