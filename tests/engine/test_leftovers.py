"""What is left behind after a case, and what is not: the one is told and undone, the other never blamed on a loop."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from loopspec import leftovers
from loopspec.isolation.channel import MARK
from loopspec.isolation.strays import end_strays, strays
from loopspec.leftovers import Belongings
from tests.hostile.daemons import daemon


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    monkeypatch.setattr(leftovers, "PATIENCE", 0.05)


def found(before, **more):
    return [(incident.kind, incident.text) for incident in before.leftovers(**more)]


def test_nothing_is_left_by_nothing():
    told = []
    assert found(Belongings(), more_time=told.append) == []
    assert told == []


def test_a_descriptor_that_is_left_open_is_named():
    before = Belongings()
    with socket.socket() as left:
        ((kind, text),) = found(before)
        assert kind == "descriptors-left"
        assert text.startswith(f"descriptor {left.fileno()} (") and text.endswith(") is still open")
    assert found(before) == []


@pytest.mark.parametrize("reopened", [False, True])
def test_a_descriptor_that_is_closed_or_exchanged_is_named(reopened):
    mine, other = os.pipe()
    try:
        before = Belongings()
        os.close(mine)
        if reopened:
            os.dup2(os.open(os.devnull, os.O_RDONLY), mine)
        assert ("descriptors-closed", f"descriptor {mine}, not the loop's own, was closed") in found(before)
    finally:
        for descriptor in {mine, other, *([mine + 2] if reopened else [])}:
            with contextlib.suppress(OSError):
                os.close(descriptor)


@pytest.mark.parametrize("daemon", [False, True])
def test_a_thread_that_stays_is_named_and_waited_for_first(daemon):
    release, told = threading.Event(), []
    before = Belongings()
    thread = threading.Thread(target=release.wait, name="stays", daemon=daemon)
    thread.start()
    try:
        kind = "daemon" if daemon else "non-daemon"
        assert found(before, more_time=told.append) == [("threads-left", f"the {kind} thread 'stays' still runs")]
        assert [seconds > leftovers.PATIENCE for seconds in told] == [True]
    finally:
        release.set()
        thread.join()


def test_a_thread_that_is_just_ending_is_not_blamed(monkeypatch):
    monkeypatch.setattr(leftovers, "PATIENCE", 60)
    before = Belongings()
    threading.Thread(target=time.sleep, args=(0.1,)).start()
    assert found(before) == []


def test_a_thread_that_python_did_not_start_is_not_blamed():
    import _thread

    release, known = threading.Event(), threading.Event()

    def foreign():
        threading.current_thread()
        known.set()
        release.wait()

    before = Belongings()
    _thread.start_new_thread(foreign, ())
    assert known.wait(60)
    try:
        assert any(type(thread).__name__ == "_DummyThread" for thread in threading.enumerate())
        assert found(before) == []
    finally:
        release.set()


def test_a_child_that_runs_is_named_and_ended():
    before = Belongings()
    child = subprocess.Popen(["sleep", "600"])
    assert found(before) == [("children-left", f"the child process {child.pid} was not waited for")]
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
    child.wait()
    assert found(Belongings()) == []


def test_a_child_that_has_ended_and_nobody_waited_for_is_named():
    before = Belongings()
    child = os.spawnlp(os.P_NOWAIT, "true", "true")
    assert found(before) == [("children-left", f"the child process {child} was not waited for")]


def test_a_child_that_was_waited_for_is_not():
    before = Belongings()
    subprocess.run(["true"], check=True)
    assert found(before) == []


def test_a_child_of_before_is_left_alone():
    child = subprocess.Popen(["sleep", "600"])
    try:
        assert found(Belongings()) == []
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_the_helpers_that_multiprocessing_starts_once_are_left_alone():
    helper = "import time; 'from multiprocessing.resource_tracker import main'; print(flush=True); time.sleep(600)"
    before = Belongings()
    child = subprocess.Popen([sys.executable, "-S", "-c", helper], stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        assert [kind for kind, _ in found(before) if kind == "children-left"] == []
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def mark(monkeypatch):
    """The mark by which a worker's descendants are found, as if this process were a worker."""
    text = f"test.{os.getpid()}.{time.monotonic_ns()}"
    monkeypatch.setenv(MARK, text)
    yield text
    end_strays(text)


def test_a_process_that_is_nobody_s_child_is_found_and_ended(mark):
    before, told = Belongings(), []
    daemon(600)
    ((kind, text),) = found(before, more_time=told.append)
    assert kind == "children-left"
    assert text.startswith("the process ") and text.endswith(" (sleep), started by a child, still runs")
    assert [seconds > leftovers.PATIENCE for seconds in told] == [True]
    assert found(Belongings()) == []


def test_a_process_that_ends_by_itself_is_not_blamed(mark, monkeypatch):
    monkeypatch.setattr(leftovers, "PATIENCE", 60)
    before = Belongings()
    daemon(0.2)
    assert found(before) == []


def test_marks_are_taken_whole_unless_they_end_in_a_dot(mark):
    child = subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: f"{mark}.17"})
    try:
        assert [process.pid for process in strays(f"{mark}.17")] == [child.pid]
        assert [process.pid for process in strays(f"{mark}.")] == [child.pid]
        assert list(strays(f"{mark}.1")) == list(strays(mark)) == []
        end_strays(f"{mark}.")
        assert child.wait(60) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("handler", [signal.SIG_IGN, print])
def test_a_handler_that_is_left_is_named_and_undone(handler):
    before, then = Belongings(), signal.getsignal(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, handler)
    ((kind, text),) = found(before)
    assert kind == "signal-handlers-left"
    assert text.startswith("SIGUSR1: ") and ("SIG_IGN" in text or "print" in text)
    assert signal.getsignal(signal.SIGUSR1) == then
    assert found(before) == []


def test_a_wake_up_descriptor_that_is_left_is_named_and_undone():
    before = Belongings()
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        signal.set_wakeup_fd(near.fileno())
        kinds = dict(found(before))
        assert kinds["signal-handlers-left"] == f"signal.set_wakeup_fd: descriptor {near.fileno()} is still set"
        assert signal.set_wakeup_fd(-1) == -1


def test_what_was_set_before_stays_set():
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        signal.set_wakeup_fd(near.fileno())
        try:
            before = Belongings()
            assert found(before) == []
            signal.set_wakeup_fd(-1)
            assert [kind for kind, _ in found(before)] == ["signal-handlers-left"]
        finally:
            assert signal.set_wakeup_fd(-1) == near.fileno()


def test_a_process_whose_program_is_just_being_loaded_is_found(mark, monkeypatch):
    child = subprocess.Popen(["sleep", "600"], env={**os.environ, MARK: f"{mark}.1"})
    environ, empty = psutil.Process.environ, [True] * 3

    def loading(process):
        return {} if process.pid == child.pid and empty and empty.pop() else environ(process)

    monkeypatch.setattr(psutil.Process, "environ", loading)
    try:
        assert [process.pid for process in strays(f"{mark}.1")] == [child.pid]
    finally:
        child.kill()
        child.wait()
