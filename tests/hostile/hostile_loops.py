"""Loops that do to the process they run in what young native loops do to it.

Each behaves like the standard library's until a case schedules a timer, and then misbehaves in its own way, so that
exactly one case of `cases/timers.toml` (or of `cases/hanging.toml`, for those that never come back) is concerned.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from loopspec import leftovers, observation
from loopspec.isolation import channel

# Nothing here ends by itself, so that the tests need not wait for it as long as others should.
leftovers.PATIENCE = 0.2


kept_for_ever: list[Any] = []


class Hostile(asyncio.SelectorEventLoop):
    """Misbehaves once a loop, when the first timer is scheduled."""

    scheduled = False

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        if not self.scheduled:
            self.scheduled = True
            self.misbehave()
        return super().call_later(delay, callback, *args, context=context)

    def misbehave(self) -> None:
        raise NotImplementedError


# What ends the process.


class Segfaults(Hostile):
    def misbehave(self) -> None:
        ctypes.string_at(0)


class Aborts(Hostile):
    def misbehave(self) -> None:
        os.abort()


class Exits(Hostile):
    def misbehave(self) -> None:
        os._exit(0)


class ExitsWithStatus(Hostile):
    def misbehave(self) -> None:
        os._exit(7)


class KillsItself(Hostile):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class DiesOfAnAlarm(Hostile):
    def misbehave(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(60)


class DiesOfABrokenPipe(Hostile):
    def misbehave(self) -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        reading, writing = os.pipe()
        os.close(reading)
        os.write(writing, b"x")


class CrashesInAThread(Hostile):
    def misbehave(self) -> None:
        threading.Thread(target=ctypes.string_at, args=(0,)).start()
        time.sleep(60)


class CrashesWhenItIsCollected(Hostile):
    def misbehave(self) -> None:
        class Native:
            def __del__(self) -> None:
                ctypes.string_at(0)

        cycle: Any = Native()
        cycle.itself = cycle


class CrashesTooLate(Hostile):
    def misbehave(self) -> None:
        time.sleep(1.5)
        ctypes.string_at(0)


class EatsMemory(Hostile):
    def misbehave(self) -> None:
        eaten = []
        while True:
            eaten.append(b"x" * (8 << 20))


# What never comes back.


class SpinsInC(Hostile):
    """Holds the GIL: no other thread of the interpreter runs any more."""

    def misbehave(self) -> None:
        re.match(r"(a+)+$", "a" * 64 + "b")


class SleepsInC(Hostile):
    """Holds the GIL, and uses no time of the processor."""

    def misbehave(self) -> None:
        while True:
            ctypes.PyDLL(None).sleep(60)


class IsDeafToSignals(Hostile):
    def misbehave(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            time.sleep(60)


class NeverPolls(Hostile):
    """Each callback schedules the next one."""

    def misbehave(self) -> None:
        def again() -> None:
            self.call_soon(again)

        again()
        self.stop = again  # type: ignore[method-assign]  # nor can it be stopped


class StopsTheProcess(Hostile):
    def misbehave(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)


class PrintsForEver(Hostile):
    def misbehave(self) -> None:
        while True:
            os.write(1, b"y\n" * 4096)


class HangsWhenItIsClosed(Hostile):
    def misbehave(self) -> None:
        self.call_soon(self.stop)

    def close(self) -> None:
        while self.scheduled:
            time.sleep(60)
        super().close()


class HangsWhenItIsClosedAfterAnError(HangsWhenItIsClosed):
    def misbehave(self) -> None:
        raise LookupError("no timers today")


class CrashesWhenItIsClosedAfterAnError(HangsWhenItIsClosedAfterAnError):
    def close(self) -> None:
        if self.scheduled:
            ctypes.string_at(0)
        super().close()


class HangsInTheDark(Hostile):
    """Closes even what the stacks of its threads would be written to, but not the channel."""

    def misbehave(self) -> None:
        for descriptor in os.listdir("/dev/fd"):
            try:
                socket.socket(fileno=int(descriptor)).detach()
            except OSError:
                os.closerange(int(descriptor), int(descriptor) + 1)
        time.sleep(60)


# What harms the descriptors that join the process with the one that watches it.


class ClosesAFew(Hostile):
    def misbehave(self) -> None:
        os.close(0)
        os.close(2)


class ClosesAll(Hostile):
    def misbehave(self) -> None:
        os.closerange(3, 65536)


class ClosesAllAndOpensOthers(Hostile):
    """What is open under the old numbers then belongs to somebody else."""

    def misbehave(self) -> None:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
        other, _ = others = socket.socketpair()
        kept_for_ever.append(others)
        for number in numbers:
            if number > 2:
                os.dup2(other.fileno(), number)


class ShutsAllDown(Hostile):
    """Ends every connection and goes on."""

    def misbehave(self) -> None:
        for connected in _sockets():
            connected.shutdown(socket.SHUT_RDWR)
            connected.detach()
        while True:
            time.sleep(60)


class MakesAllNonBlocking(Hostile):
    def misbehave(self) -> None:
        for name in os.listdir("/dev/fd"):
            try:
                os.set_blocking(int(name), False)
            except OSError:
                continue


class WritesGarbage(Hostile):
    def misbehave(self) -> None:
        _write_to_sockets(b"GET / HTTP/1.1\r\n\r\n")


class AnnouncesAndDies(Hostile):
    """Begins a message of believable length and ends."""

    def misbehave(self) -> None:
        _write_to_sockets(b"loopspec\0\0\4\0and so on")
        os._exit(5)


class AnswersForAnother(Hostile):
    """Sends a perfect answer to a question that was not asked."""

    def misbehave(self) -> None:
        seen = observation.Observation(id="soon/before", log=["called"])
        _write_to_sockets(channel.encode(channel.Played(seen, True)))


class IntroducesItselfAgain(Hostile):
    def misbehave(self) -> None:
        _write_to_sockets(channel.encode(channel.Ready(os.getpid())))


def _sockets() -> list[socket.socket]:
    """Return every connected socket of the process but the loop's own, which is not used while this is."""
    found = []
    for name in os.listdir("/dev/fd"):
        try:
            candidate = socket.socket(fileno=int(name))
        except OSError:
            continue
        if int(name) >= 100:
            found.append(candidate)
        else:
            candidate.detach()
    return found


def _write_to_sockets(data: bytes) -> None:
    for connected in _sockets():
        connected.sendall(data)
        connected.detach()
