"""What a loop leaves behind in every case is told in one, and does not hide what it does in the others."""

from __future__ import annotations

from loopspec.catalogue import Selection, load
from loopspec.check import check
from loopspec.habits import RULE
from loopspec.loops import Loop
from loopspec.pytest_suite.verdicts import Isolated
from tests.broken_loops.tables import importable
from tests.hostile.conftest import Checks, entries

LEAVES_A_SOCKET = Loop(name="habitual", factory="habitual_loops:LeavesASocketEachTime")


def test_a_habit_is_held_against_no_case_but_its_own(checked: Checks) -> None:
    assert {verdict.kind for verdict in checked(LEAVES_A_SOCKET.factory).values()} == {"pass"}
    about_habits = Selection(words=(RULE,)).entries(load())
    verdicts = list(check(LEAVES_A_SOCKET, about_habits, 1))
    assert [verdict.kind for verdict in verdicts] == ["fail"] * len(about_habits)
    assert "descriptors-left" in verdicts[0].details
    assert "resource-warning" in verdicts[0].details


def test_what_every_connection_leaves_is_held_against_the_rules_about_that_alone() -> None:
    loop = Loop(name="habitual", factory="habitual_loops:LeavesASocketWithEachConnection")
    words = (f"{RULE}*", "create-connection.sock.ownership*", "create-connection.returns-a-pair*")
    verdicts = {verdict.case: verdict for verdict in check(loop, Selection(words=words).entries(load()), 1)}
    failing = {case for case, verdict in verdicts.items() if verdict.kind != "pass"}
    assert failing == {case for case in verdicts if case.startswith((f"{RULE}/after-a-conn", "create-connection.sock"))}
    assert len(verdicts) > len(failing) > 1


def failing_of(factory: str, *words: str) -> tuple[set[str], set[str]]:
    verdicts = list(check(Loop(name="habitual", factory=factory), Selection(words=words).entries(load()), 1))
    return {one.case for one in verdicts if one.kind != "pass"}, {one.case for one in verdicts if one.kind == "pass"}


def test_what_a_closed_loop_leaves_with_callbacks_that_wait_is_told_once() -> None:
    words = (f"{RULE}*", "close.discards-pending-callbacks*", "get-running-loop.none/before-the-first-run")
    with importable():
        failing, passing = failing_of("running_and_stopping_closing:KeepsWhatWaitsOpen", *words)
    assert failing == {f"{RULE}/with-a-callback-that-waits"}
    assert any(case.startswith("close.discards-pending-callbacks") for case in passing)


def test_what_every_signal_handler_leaves_is_a_habit_only_in_cases_with_one() -> None:
    words = (f"{RULE}*", "add-signal-handler.called*", "create-server.tcp/*")
    failing, passing = failing_of("habitual_loops:LeavesASocketWithEachSignal", *words)
    assert f"{RULE}/after-a-signal-handler" in failing
    assert {case.partition("/")[0] for case in failing} == {RULE, "create-server.tcp"}
    assert any(case.startswith("add-signal-handler") for case in passing)


def test_what_is_no_habit_still_fails_its_case(checked: Checks) -> None:
    verdicts = checked("habitual_loops:LeavesAPipeWithATimer")
    failing = {case: verdict for case, verdict in verdicts.items() if verdict.kind != "pass"}
    assert list(failing) == ["later/calls"]
    assert failing["later/calls"].summary.startswith("descriptors-left")
    assert "pipe:" in failing["later/calls"].details
    assert "resource-warning" not in failing["later/calls"].details


def test_a_verdict_at_a_time_knows_the_habits_too() -> None:
    player = Isolated(LEAVES_A_SOCKET)
    try:
        assert {player.verdict(entry).kind for entry in entries("timers")} == {"pass"}
    finally:
        player.close()
