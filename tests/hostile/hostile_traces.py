"""Hostile loops that leave something behind, or change the state of the process for those that follow."""

from __future__ import annotations

import builtins
import gc
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import NoReturn

import psutil
from daemons import daemon
from hostile_loops import Hostile, kept_for_ever

# What leaves something behind.


class LeavesAThread(Hostile):
    def misbehave(self) -> None:
        threading.Thread(target=time.sleep, args=(600,), name="forgotten", daemon=False).start()


class LeavesADaemonThread(Hostile):
    def misbehave(self) -> None:
        threading.Thread(target=time.sleep, args=(600,), name="forgotten", daemon=True).start()


class LeavesASocket(Hostile):
    def misbehave(self) -> None:
        self.forgotten = socket.socket()
        kept_for_ever.append(self.forgotten)


class LeavesAChild(Hostile):
    def misbehave(self) -> None:
        child = subprocess.Popen(["sleep", "600"])
        kept_for_ever.append(child)


class LeavesAZombie(Hostile):
    def misbehave(self) -> None:
        child = subprocess.Popen(["true"])
        kept_for_ever.append(child)


class LeavesADaemon(Hostile):
    """A process in a session of its own, and nobody's child."""

    def misbehave(self) -> None:
        daemon(600)


class CrashesAndLeavesADaemon(Hostile):
    def misbehave(self) -> None:
        daemon(600)
        os.abort()


class LeavesADaemonThatHoldsEverything(Hostile):
    """The daemon keeps the channel open when the process ends."""

    def misbehave(self) -> None:
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
        os._exit(3)


class LeavesAForkOfItself(Hostile):
    """A process in a session of its own, and nobody's child, that runs no other program."""

    def misbehave(self) -> None:
        if child := os.fork():
            os.waitpid(child, 0)
            return
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)


class EndsItsParent(Hostile):
    def misbehave(self) -> None:
        _end_parent()


class EndsItsParentAndCrashes(Hostile):
    def misbehave(self) -> None:
        _end_parent()
        os.abort()


class CrashesAndLeavesAChildWithoutEnvironment(Hostile):
    def misbehave(self) -> None:
        subprocess.Popen(["sleep", "86399"], env={})
        os.abort()


class ForksAndReturns(Hostile):
    """Both processes go on with the case, and back into what plays it."""

    def misbehave(self) -> None:
        os.fork()


class IgnoresInterrupts(Hostile):
    def misbehave(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_parent() -> None:
    """End the process from which this one was forked, or which traces it: never that of the tests."""
    parent = psutil.Process().parent()
    assert parent and any("loopspec.isolation." in part for part in parent.cmdline())
    parent.kill()


# What changes the state of the process for those that follow.


class ReplacesBuiltIns(Hostile):
    def misbehave(self) -> None:
        def broken(*args: object) -> NoReturn:
            raise RuntimeError("replaced")

        self.call_soon(lambda: vars(builtins).update({"len": broken, "print": broken, "isinstance": broken}))


class ReplacesModules(Hostile):
    def misbehave(self) -> None:
        sys.modules["asyncio"] = sys.modules["socket"] = sys
        del sys.modules["selectors"]


class ChangesTheFolder(Hostile):
    def misbehave(self) -> None:
        os.chdir("/")


class ChangesTheEnvironment(Hostile):
    def misbehave(self) -> None:
        os.environ.clear()
        os.environ["HOSTILE"] = "yes"


class DropsTheStreams(Hostile):
    def misbehave(self) -> None:
        sys.stdout = sys.stderr = None  # type: ignore[assignment]  # as an interpreter without a console has it


class LowersTheRecursionLimit(Hostile):
    def misbehave(self) -> None:
        sys.setrecursionlimit(200)


class LowersTheDescriptorLimit(Hostile):
    def misbehave(self) -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


class LeavesAnAlarm(Hostile):
    def misbehave(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.05)


class BlocksSignals(Hostile):
    def misbehave(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


class StopsTheCollector(Hostile):
    def misbehave(self) -> None:
        gc.disable()


class SilencesLogging(Hostile):
    def misbehave(self) -> None:
        logging.disable(logging.CRITICAL)
