"""The state of the process that every case finds as the first one did."""

import builtins
import gc
import logging
import os
import resource
import signal
import sys

import pytest

from loopspec.isolation.surroundings import Surroundings


def _lower_descriptors():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))


CHANGES = {
    "built-in": (lambda: setattr(builtins, "len", None), lambda: builtins.len),
    "new built-in": (lambda: setattr(builtins, "surprise", 1), lambda: hasattr(builtins, "surprise")),
    "built-in removed": (lambda: delattr(builtins, "print"), lambda: hasattr(builtins, "print")),
    "module": (lambda: sys.modules.update(json=None), lambda: sys.modules.get("json")),
    "module removed": (lambda: sys.modules.pop("json"), lambda: sys.modules.get("json")),
    "folder": (lambda: os.chdir("/"), os.getcwd),
    "variable": (lambda: os.environ.update(SURPRISE="1"), lambda: "SURPRISE" in os.environ),
    "variables": (os.environ.clear, lambda: dict(os.environ)),
    "recursion limit": (lambda: sys.setrecursionlimit(777), sys.getrecursionlimit),
    "descriptors": (_lower_descriptors, lambda: resource.getrlimit(resource.RLIMIT_NOFILE)),
    "timer": (lambda: signal.setitimer(signal.ITIMER_REAL, 600), lambda: signal.getitimer(signal.ITIMER_REAL)),
    "alarm": (lambda: signal.alarm(600), lambda: signal.getitimer(signal.ITIMER_REAL)),
    "signals": (
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1}),
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
    ),
    "output": (lambda: setattr(sys, "stdout", None), lambda: sys.stdout),
    "path": (lambda: sys.path.insert(0, "/surprise"), lambda: sys.path[:]),
    "path exchanged": (lambda: setattr(sys, "path", ["/surprise"]), lambda: sys.path[:]),
    "trace": (lambda: sys.settrace(lambda *_: None), lambda: sys.gettrace()),
    "collector": (gc.disable, gc.isenabled),
    "threshold": (lambda: gc.set_threshold(1, 2, 3), gc.get_threshold),
    "interval": (lambda: sys.setswitchinterval(0.5), sys.getswitchinterval),
    "logging": (lambda: logging.disable(logging.CRITICAL), lambda: logging.root.manager.disable),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_changed_is_restored(name, monkeypatch, tmp_path):
    import json  # the module that goes missing

    assert json
    monkeypatch.chdir(tmp_path)
    change, read = CHANGES[name]
    then = read()
    surroundings = Surroundings(["json", "no_such_module"])
    change()
    changed = read()
    good = surroundings.restore()
    assert changed != then
    assert (good, read()) == (True, then)


def test_modules_that_are_not_watched_are_left_alone(monkeypatch):
    surroundings = Surroundings(["json"])
    monkeypatch.setitem(sys.modules, "a_loop_s_own", sys)
    assert surroundings.restore()
    assert "a_loop_s_own" in sys.modules


def test_what_cannot_be_restored_is_told(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    surroundings = Surroundings([])
    os.chdir(tmp_path)
    gone.rmdir()
    assert not surroundings.restore()


def test_one_change_that_cannot_be_undone_does_not_keep_the_others(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    surroundings = Surroundings([])
    os.chdir(tmp_path)
    gone.rmdir()
    gc.disable()
    assert not surroundings.restore()
    assert gc.isenabled()
