"""Runs that are cut short: they end at once, and leave no process. (That is looked at after every test here.)"""

import os
import shutil
import signal
import time

import pytest

WAITING = ("--pyargs", "loopspec", "--loop", "askable:Waiting", "-k", "behave")
ALARM = '''
import os, signal, threading, time
import pytest

@pytest.fixture(autouse=True)
def alarm():
    """Fail the test in which the loop begins to wait, out of a signal handler as pytest-timeout does."""
    def ring(*_):
        pytest.fail("took too long", pytrace=False)
    def listen():
        while not os.path.exists("waiting") and not ended.wait(0.01):
            pass
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGALRM)
    signal.signal(signal.SIGALRM, ring)
    ended = threading.Event()
    listener = threading.Thread(target=listen)
    if not os.path.exists("waiting"):
        listener.start()
    yield
    ended.set()
'''


def waiting(run_pytest, *arguments):
    """Start a run, and return it as soon as it is in the middle of a case that takes a minute."""
    running = run_pytest.start(*WAITING, *arguments)
    deadline = time.monotonic() + 100
    while not (run_pytest.folder / "waiting").exists():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return running


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_control_c(run_pytest, workers):
    running = waiting(run_pytest, *workers)
    os.killpg(running.pid, signal.SIGINT)
    out, errors = running.communicate(timeout=100)
    assert running.returncode == pytest.ExitCode.INTERRUPTED, out + errors
    assert "KeyboardInterrupt" in out
    assert run_pytest.done(running.returncode, out, errors).outcomes() == {}


def test_control_c_in_process(run_pytest):
    running = waiting(run_pytest, "--loop-in-process")
    os.killpg(running.pid, signal.SIGINT)
    out, errors = running.communicate(timeout=100)
    assert running.returncode == pytest.ExitCode.INTERRUPTED, out + errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.skipif("sys.platform != 'linux'", reason="only Linux ends the children of a process that is killed")
def test_killed(run_pytest, tmp_path, number):
    running = waiting(run_pytest)
    running.send_signal(number)
    running.communicate(timeout=100)
    assert running.returncode == -number
    for folder in (tmp_path / "temporary").glob("loopspec-*"):
        shutil.rmtree(folder)


def test_a_time_out_of_pytests_costs_the_rule_in_which_it_falls(run_pytest):
    (run_pytest.folder / "conftest.py").write_text(ALARM)
    path = "loopspec/cases/{}.toml::askable:WaitingOnce::{}"
    tests = [path.format("behaving", "behave.calmly"), path.format("answering", "answer.right")]
    done = run_pytest("--loop", "askable:WaitingOnce", *tests)
    assert done.status == 1
    assert done.text("behaving WaitingOnce behave.calmly") == "took too long"
    # Another worker goes on, for the first one is in the middle of a case.
    assert done.outcomes() == {
        "behaving WaitingOnce behave.calmly": "failed",
        "answering WaitingOnce answer.right": "passed",
    }


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_stopping_at_the_first_failure(run_pytest, workers):
    done = run_pytest("--pyargs", "loopspec", "--loop", "askable:Wrong", "-x", *workers)
    assert done.status != 0
