"""How workers are started: forked or not, with what imported, for one loop and then for another."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest

from loopspec.catalogue import load
from loopspec.check import check, job_for
from loopspec.isolation import keeper, starting, workers
from loopspec.isolation.workers import Crew
from loopspec.loops import Loop, known_loops
from loopspec.observation import Observation
from tests.hostile.conftest import PLAIN, Checks, entries, hostile, job, logs, scripted

REFUSES_TO_FORK = "import sys\nif 'fork_server' in str(sys.orig_argv): raise SystemExit"
"""A sitecustomize.py that ends the process from which workers are forked."""

forked = pytest.mark.skipif(not starting.CAN_FORK, reason="workers are not forked on this system")


def test_a_loop_that_cannot_be_imported_in_one_environment_is_played_in_others(
    checked: Checks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import os\nif os.environ.get('PYTHONHASHSEED') == '1': raise ImportError('not here')\nfrom asyncio import *"
    )
    (tmp_path / "picky_loop.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    verdicts = checked("picky_loop:new_event_loop", "environments")
    refusal = "the loop could not be brought up: ImportError: not here"
    assert {case: (verdict.kind, verdict.summary) for case, verdict in verdicts.items()} == {
        "environment/fatal": ("fail", refusal),
        "environment/also-fatal": ("fail", refusal),
        "environment/another": ("pass", ""),
        "environment/none": ("pass", ""),
    }


def test_a_process_that_cannot_be_started_is_no_crash_of_the_loop_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    verdicts = list(check(hostile(PLAIN), entries("timers"), 2))
    assert len(verdicts) == 4
    for verdict in verdicts:
        assert verdict.summary.startswith("the loop could not be brought up: no worker process can be started: ")


@forked
def test_a_fork_that_fails_is_no_crash_of_the_loop_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting._ForkServer, "_ask", lambda *_: -errno.EAGAIN)
    verdicts = list(check(hostile(PLAIN), entries("timers"), 2))
    summary = f"the loop could not be brought up: no worker process can be started: [Errno {errno.EAGAIN}]"
    assert [verdict.summary.startswith(summary) for verdict in verdicts] == [True] * 4


@forked
@pytest.mark.parametrize(
    "at_the_start_of_python",
    [
        REFUSES_TO_FORK,
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    ],
    ids=["it-refuses", "it-has-threads"],
)
def test_a_worker_is_forked_or_else_started_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_the_start_of_python: str
) -> None:
    asks = replace(scripted("log(os.getppid())"), alone=True)

    def parents() -> list[list[str]]:
        with Crew(hostile(PLAIN), 1) as crew:
            return logs(crew, asks, asks)

    one, other = parents()
    assert one == other != [str(os.getpid())]
    (tmp_path / "sitecustomize.py").write_text(at_the_start_of_python, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert parents() == [[str(os.getpid())]] * 2


def imported_in_turn(loop: Loop, module: str, *asked_for: tuple[str, ...]) -> list[bool]:
    """Return for workers whose jobs ask for these modules, one after the other, whether `module` was there before."""
    asks = replace(scripted(f"log({module!r} in sys.modules)"), alone=True)
    with Crew(loop, 1) as crew:
        return [log == ["True"] for log in logs(crew, *(replace(asks, modules=modules) for modules in asked_for))]


@forked
def test_a_module_is_imported_once_before_the_first_worker_that_needs_it() -> None:
    assert imported_in_turn(hostile(PLAIN), "trustme", (), ("trustme",), ()) == [False, True, True]
    assert imported_in_turn(hostile(PLAIN), "trustme", ("there_is_no_such_module", "trustme"), ()) == [True, True]


@forked
def test_of_an_inert_loop_only_is_the_module_imported_before_the_fork(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = "import asyncio, os\nprocess = os.getpid()\nnew = asyncio.SelectorEventLoop\n"
    (tmp_path / "quiet_loop.py").write_text(module, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    asks = scripted("log(sys.modules['quiet_loop'].process == os.getpid())")
    for inert, by_the_worker in (False, "True"), (True, "False"):
        with Crew(Loop(name="quiet", factory="quiet_loop:new", inert=inert), 1) as crew:
            assert logs(crew, asks) == [[by_the_worker]]


@forked
@pytest.mark.parametrize("loop", [loop for loop in known_loops().values() if loop.inert], ids=lambda loop: loop.name)
def test_what_is_called_inert_starts_and_opens_nothing_when_it_is_imported(loop: Loop) -> None:
    module = loop.factory.partition(":")[0]
    program = f"""
import asyncio, concurrent.futures, logging, os, signal, sys, threading
def seen():
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook, sys.gettrace(), sys.getprofile()
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    return len(os.listdir("/proc/self/task")), os.listdir("/dev/fd"), hooks, handlers, dict(os.environ)
before = seen()
import {module}
assert seen() == before, (before, seen())
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_crew_turns_to_another_loop_with_workers_that_know_nothing_of_the_first() -> None:
    script = """
log(type(loop).__module__.partition(".")[0], sys.modules.pop("of the first", None), os.environ.get("OF_THE_LOOP"))
sys.modules["of the first"] = sys
"""
    asks = scripted(script)
    loops = [
        Loop(name="one", factory=PLAIN),
        Loop(name="never comes up", factory="asyncio:there_is_none"),
        Loop(name="other", factory="refloop:new_event_loop", inert=True),
        Loop(name="with an environment", factory=PLAIN, environment={"OF_THE_LOOP": "set"}),
    ]
    seen = []
    with Crew(loops[0], 1) as crew:
        for loop in loops:
            crew.turn_to(loop, 2)
            for _, outcome in crew.outcomes(deque([asks])):
                seen.append(outcome.log if isinstance(outcome, Observation) else [outcome.kind])
    assert seen == [
        ["asyncio None None"],
        ["refused"],
        ["refloop None None"],
        ["asyncio None set"],
    ]


@forked
def test_that_no_worker_could_be_forked_for_one_loop_says_nothing_of_another(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(REFUSES_TO_FORK)
    refuses = Loop(name="refuses", factory=PLAIN, environment={"PYTHONPATH": str(tmp_path)})
    asks = scripted("log(os.getppid())")
    with Crew(refuses, 1) as crew:
        assert logs(crew, asks) == [[str(os.getpid())]]
        crew.turn_to(hostile(PLAIN), 1)
        assert logs(crew, asks) != [[str(os.getpid())]]


def test_what_a_crew_that_turns_to_another_loop_was_about_is_dropped() -> None:
    endless, brief = scripted("time.sleep(60)"), scripted("log(1)")
    with Crew(hostile(PLAIN), 2) as crew:
        begun = crew.outcomes(deque([endless, brief]))
        assert next(begun)[0] is brief
        crew.turn_to(hostile(PLAIN), 1)
        assert [job for job, _ in crew.outcomes(deque([brief]))] == [brief]


def test_a_case_says_which_modules_it_needs() -> None:
    for entry in load().entries:
        assert "trustme" in job_for(entry).modules or "_tls(" not in entry.case.run, entry.id
    assert job_for(load().entries[0]).modules == ()


@forked
def test_a_loop_that_ends_its_parent_harms_nobody(checked: Checks) -> None:
    verdicts = checked("EndsItsParent")
    assert [verdict.kind for verdict in verdicts.values()] == ["pass"] * 4, verdicts
    verdicts = checked("EndsItsParentAndCrashes", jobs=2)
    assert verdicts.pop("later/calls").summary.startswith("ended, and how is not known: ")
    assert [verdict.kind for verdict in verdicts.values()] == ["pass"] * 3, verdicts


def test_a_process_that_cannot_be_started_for_a_moment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Scarce(keeper.Worker):
        running = 0

        def __init__(self, *arguments: object) -> None:
            if Scarce.running:
                raise BlockingIOError("no more processes for now")
            super().__init__(*arguments)  # type: ignore[arg-type]  # passed on as they came
            Scarce.running += 1

        def end(self) -> None:
            super().end()
            Scarce.running -= 1

    monkeypatch.setattr(workers, "Worker", Scarce)
    alone = replace(job("soon/before"), alone=True)
    with Crew(hostile(PLAIN), 3) as crew:
        assert len(logs(crew, *[alone] * 6)) == 6


def test_the_user_s_own_settings_of_python_do_not_reach_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    script = "log(loop.get_debug(), sys.warnoptions, sys.flags.optimize)"
    plain = scripted(script)
    asked = replace(plain, environment={"PYTHONOPTIMIZE": "1"}, alone=True)
    with Crew(hostile(PLAIN), 1) as crew:
        assert logs(crew, plain, asked) == [["False [] 0"], ["False [] 1"]]


def test_a_worker_does_not_inherit_ignored_or_blocked_signals() -> None:
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    script = "log(signal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGHUP).name)\n"
    script += "log(signal.getsignal(signal.SIGPIPE).name, signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    try:
        with Crew(hostile(PLAIN), 1) as crew:
            (log,) = logs(crew, scripted(script))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert log == ["default_int_handler SIG_DFL", "SIG_IGN set()"]
