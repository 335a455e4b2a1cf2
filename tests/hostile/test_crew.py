"""The crew itself: nobody pays for what happens between two cases, or for a caller who takes his time."""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from loopspec.catalogue import load
from loopspec.check import check, job_for
from loopspec.isolation import keeper, starting, workers
from loopspec.isolation.workers import Crew, Job
from loopspec.loops import Loop, known_loops
from loopspec.observation import Death, Observation, Play
from tests.hostile.conftest import HERE, Checks, entries, hostile

PLAIN = "asyncio:SelectorEventLoop"

forked = pytest.mark.skipif(not starting.CAN_FORK, reason="workers are not forked on this system")


def job(case: str, cases: str = "timers") -> Job:
    return job_for(next(entry for entry in entries(cases) if entry.id == case))


def workers_of(crew: Crew) -> list[psutil.Process]:
    return [psutil.Process(worker.process.pid) for worker in crew._workers]


def test_workers_that_die_between_two_cases_cost_none() -> None:
    with Crew(hostile(PLAIN), 2) as crew:
        for times in range(1, 4):
            outcomes = [outcome for _, outcome in crew.outcomes(deque([job("soon/before")] * 4))]
            assert [type(outcome) for outcome in outcomes] == [Observation] * 4
            assert crew.hired == 2 * times
            for process in workers_of(crew):
                process.kill()
                while process.status() != psutil.STATUS_ZOMBIE:
                    time.sleep(0.005)


def test_a_worker_that_nothing_has_happened_to_is_kept() -> None:
    with Crew(hostile(PLAIN), 1) as crew:
        for _ in range(3):
            ((_, outcome),) = crew.outcomes(deque([job("soon/before")]))
            assert isinstance(outcome, Observation)
        ((_, outcome),) = crew.outcomes(deque([Job(job("soon/before").play, alone=True)]))
        ((_, outcome),) = crew.outcomes(deque([job("soon/before")]))
        assert crew.hired == 2


def test_what_a_case_has_imported_is_not_looked_at_again_by_every_collection() -> None:
    scripts = "log(gc.get_freeze_count())", "import xmlrpc.client", "log(gc.get_freeze_count())"
    plays = [Play(id="x", script=script, path="x", line=1, bindings={}, timeout=30) for script in scripts]
    with Crew(hostile(PLAIN), 1) as crew:
        first, _, last = (outcome for _, outcome in crew.outcomes(deque(map(Job, plays))))
    assert isinstance(first, Observation) and isinstance(last, Observation)
    assert int(last.log[0]) > int(first.log[0]) + 1000


def test_a_worker_that_only_waits_does_not_keep_others_from_working(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    waits, comes = (
        Play(id=mode, script=f"open(path, {mode!r}).close()", path="x", line=1, bindings=at, timeout=60)
        for mode in ("r", "w")
        for at in [{"path": str(tmp_path / "fifo")}]
    )
    with Crew(hostile(PLAIN), 1) as crew:
        outcomes = [outcome for _, outcome in crew.outcomes(deque(map(Job, (waits, comes))))]
    assert [type(outcome) for outcome in outcomes] == [Observation] * 2


def test_nor_does_one_that_asks_again_and_again_whether_something_has_happened(tmp_path: Path) -> None:
    asks, makes = (
        Play(id=script, script=script, path="x", line=1, bindings={"path": str(tmp_path / "made")}, timeout=60)
        for script in ("while not os.path.exists(path):\n    time.sleep(0.001)", "os.mkdir(path)")
    )
    with Crew(hostile(PLAIN), 1) as crew:
        outcomes = [outcome for _, outcome in crew.outcomes(deque(map(Job, (asks, makes))))]
    assert [type(outcome) for outcome in outcomes] == [Observation] * 2


def test_the_second_play_of_what_waits_begins_before_the_first_has_ended(tmp_path: Path) -> None:
    chapter = (HERE / "cases" / "timers.toml").read_text(encoding="utf-8").partition("[[rule.case]]")[0]
    waits = f"""
[[rule.case]]
id = "waits"
about = "Its first play waits for the second, which waits for ever."
timeout = 60
run = '''
os.chdir({str(tmp_path)!r})
if not os.path.exists("first"):
    os.mkdir("first")
    while not os.path.exists("second"):
        time.sleep(0.001)
else:
    os.mkdir("second")
    await loop.create_future()
'''
log = []
"""
    (tmp_path / "waiting.toml").write_text(chapter + waits, encoding="utf-8")
    (verdict,) = check(hostile(PLAIN), load([tmp_path / "waiting.toml"]).entries, 1)
    assert verdict.kind == "pass", verdict


def test_a_job_that_is_dropped_comes_to_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    script, at = "open(path).close()", {"path": str(tmp_path / "fifo")}
    waits = Job(Play(id="waits", script=script, path="x", line=1, bindings=at, timeout=60))
    with Crew(hostile(PLAIN), 1) as crew:
        crew.in_vain = crew.drop
        found = [played.play.id for played, _ in crew.outcomes(deque([waits, job("soon/before")]))]
        assert not crew._workers[0].has_ended()
    assert found == ["soon/before"]


def test_a_worker_that_computes_has_the_processor_for_itself() -> None:
    script = f"end = time.monotonic() + {keeper.STILL * 2}\nwhile time.monotonic() < end:\n    pass"
    computes = Play(id="x", script=script, path="x", line=1, bindings={}, timeout=60)
    with Crew(hostile(PLAIN), 1) as crew:
        outcomes = [outcome for _, outcome in crew.outcomes(deque([Job(computes), job("soon/before")]))]
        assert crew.hired == 1
    assert [type(outcome) for outcome in outcomes] == [Observation] * 2


def test_an_answer_that_waits_for_a_slow_caller_is_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0]))
    with Crew(hostile(PLAIN), 2) as crew:
        found = []
        for _, outcome in crew.outcomes(deque([job("soon/before")] * 8)):
            found.append(outcome)
            busy = [worker.channel for worker in crew._workers if worker.job]
            assert not busy or select.select(busy, [], [])[0]
            passed[0] += 1000
    assert [type(outcome) for outcome in found] == [Observation] * 8


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
        "import sys\nif 'fork_server' in str(sys.orig_argv): raise SystemExit",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    ],
    ids=["it-refuses", "it-has-threads"],
)
def test_a_worker_is_forked_or_else_started_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_the_start_of_python: str
) -> None:
    asks = Job(Play(id="x", script="log(os.getppid())", path="x", line=1, bindings={}, timeout=30), alone=True)

    def parents() -> list[list[str]]:
        with Crew(hostile(PLAIN), 1) as crew:
            return [outcome.log for _, outcome in crew.outcomes(deque([asks] * 2)) if isinstance(outcome, Observation)]

    one, other = parents()
    assert one == other != [str(os.getpid())]
    (tmp_path / "sitecustomize.py").write_text(at_the_start_of_python, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert parents() == [[str(os.getpid())]] * 2


def imported_in_turn(loop: Loop, module: str, *asked_for: tuple[str, ...]) -> list[bool]:
    """Return for workers whose jobs ask for these modules, one after the other, whether `module` was there before."""
    asks = Play(id="x", script=f"log({module!r} in sys.modules)", path="x", line=1, bindings={}, timeout=30)
    jobs = deque(Job(asks, alone=True, modules=modules) for modules in asked_for)
    with Crew(loop, 1) as crew:
        return [outcome.log == ["True"] for _, outcome in crew.outcomes(jobs) if isinstance(outcome, Observation)]


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
    script = "log(sys.modules['quiet_loop'].process == os.getpid())"
    asks = Job(Play(id="x", script=script, path="x", line=1, bindings={}, timeout=30))
    logs = []
    for inert in (False, True):
        with Crew(Loop(name="quiet", factory="quiet_loop:new", inert=inert), 1) as crew:
            logs += [outcome.log for _, outcome in crew.outcomes(deque([asks])) if isinstance(outcome, Observation)]
    assert logs == [["True"], ["False"]]


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
    asks = Job(Play(id="x", script=script, path="x", line=1, bindings={}, timeout=30))
    loops = [
        Loop(name="one", factory="asyncio:SelectorEventLoop"),
        Loop(name="never comes up", factory="asyncio:there_is_none"),
        Loop(name="other", factory="refloop:new_event_loop", inert=True),
        Loop(name="with an environment", factory="asyncio:SelectorEventLoop", environment={"OF_THE_LOOP": "set"}),
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


def test_what_a_crew_that_turns_to_another_loop_was_about_is_dropped() -> None:
    endless = Job(Play(id="x", script="time.sleep(60)", path="x", line=1, bindings={}, timeout=90))
    brief = Job(Play(id="y", script="log(1)", path="y", line=1, bindings={}, timeout=30))
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
    alone = Job(job("soon/before").play, alone=True)
    with Crew(hostile(PLAIN), 3) as crew:
        outcomes = [outcome for _, outcome in crew.outcomes(deque([alone] * 6))]
    assert [type(outcome) for outcome in outcomes] == [Observation] * 6


def test_a_crash_names_what_was_played_before_in_the_same_process() -> None:
    with Crew(hostile("Segfaults"), 1) as crew:
        names = ["soon/before", "soon-again/after", "later/calls"]
        *_, (_, death) = crew.outcomes(deque(map(job, names)))
    assert isinstance(death, Death)
    assert death.output.endswith("played before in the same process: soon/before, soon-again/after")


def test_the_user_s_own_settings_of_python_do_not_reach_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    script = "log(loop.get_debug(), sys.warnoptions, sys.flags.optimize)"
    play = Play(id="x", script=script, path="x", line=1, bindings={}, timeout=30)
    with Crew(hostile(PLAIN), 1) as crew:
        ((_, plain),) = crew.outcomes(deque([Job(play)]))
        ((_, asked),) = crew.outcomes(deque([Job(play, {"PYTHONOPTIMIZE": "1"}, alone=True)]))
    assert isinstance(plain, Observation) and plain.log == ["False [] 0"]
    assert isinstance(asked, Observation) and asked.log == ["False [] 1"]


def test_a_worker_does_not_inherit_ignored_or_blocked_signals() -> None:
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    script = "log(signal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGHUP).name)\n"
    script += "log(signal.getsignal(signal.SIGPIPE).name, signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    play = Play(id="x", script=script, path="x", line=1, bindings={}, timeout=30)
    try:
        with Crew(hostile(PLAIN), 1) as crew:
            ((_, seen),) = crew.outcomes(deque([Job(play)]))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert isinstance(seen, Observation)
    assert seen.log == ["default_int_handler SIG_DFL", "SIG_IGN set()"]


def test_what_follows_the_script_has_time_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    passed = [0.0]
    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0]))

    class Patient(keeper.Worker):
        def more_time(self, seconds: float) -> None:
            told.append(seconds)
            passed[0] += 1000
            assert self.out_of_time()
            super().more_time(seconds)
            assert not self.out_of_time()

    monkeypatch.setattr(workers, "Worker", Patient)
    with Crew(hostile("LeavesAThread"), 1) as crew:
        ((_, seen),) = crew.outcomes(deque([job("later/calls")]))
    assert isinstance(seen, Observation)
    assert [incident.kind for incident in seen.incidents] == ["threads-left"]
    # For the thread, for the second play that makes sure, and for the thread of that.
    assert told == [10.2, 30.0, 10.2]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("factory", "kind", "summary"),
    [
        ("Segfaults", "crash", "killed by SIGSEGV, at line "),
        ("Exits", "crash", "exited with status 0 in the middle of the case"),
        ("LeavesADaemon", "fail", "children-left: "),
        ("ClosesAll", "crash", "closed descriptors that it does not own"),
        ("EndsItsParent", "crash", "killed by SIGKILL, which loopspec did not send"),
    ],
)
def test_under_strace_as_well(checked: Checks, factory: str, kind: str, summary: str) -> None:
    verdicts = checked(factory, "syscalls")
    if verdicts["polls/once"].kind == "skip":
        pytest.skip(verdicts["polls/once"].summary)
    assert (verdicts["polls/once"].kind, verdicts["polls/misbehaves"].kind) == ("pass", kind)
    assert verdicts["polls/misbehaves"].summary.startswith(summary)
