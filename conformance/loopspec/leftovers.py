"""What is left behind when a case's loop is closed, and what is missing.

`descriptors-left`, `threads-left`, `children-left` and `signal-handlers-left` are incidents for what is present after
the loop is closed and was not before the case; `descriptors-closed` is one for the other way round.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # has no types; why it is used: see _handlers
import contextlib
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

from loopspec.isolation.channel import MARK
from loopspec.observation import Incident
from loopspec.plain import shown, text_of

PATIENCE = 2.0
"""Seconds that threads and processes get to end by themselves once the loop is closed."""

_AMPLE = 10.0
"""Seconds for looking around besides, on a machine at full load."""

_REAP_TIMEOUT = 1.0
"""Seconds to wait for a child that was killed."""

_CATCHABLE = sorted(map(int, signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}))
_WAKE_UP = 0
"""Stands among the signals for the descriptor of `signal.set_wakeup_fd`."""

_HELPERS = ("multiprocessing.forkserver", "multiprocessing.resource_tracker")
"""Modules of the standard library that start one process, at their first use, for the rest of this one's life."""


def untimed(seconds: float) -> None:
    """Tell nobody that the next so many seconds may be spent waiting."""


class Belongings:
    """The descriptors, threads, children and signal handlers that the process has, for comparison after a case."""

    def __init__(self) -> None:
        self._descriptors = _descriptors()
        self._threads = set(threading.enumerate())
        self._handlers = _handlers()
        self._children = _children()
        self._waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._mark = os.environ.get(MARK, "")

    def leftovers(self, more_time: Callable[[float], None] = untimed) -> list[Incident]:
        """Return what the process has now and had not then (or the other way round), and undo what can be undone.

        Waits for up to `PATIENCE` seconds until threads and children that are just ending are gone, and as long again
        for what children have started; `more_time` is called with ample seconds before each wait.
        """
        self._settle(more_time)
        return [
            *self._lasting_threads(),
            *self._lasting_children(),
            *self._lasting_strays(more_time),
            *self._other_handlers(),
            *self._other_descriptors(),
        ]

    def _settle(self, more_time: Callable[[float], None]) -> None:
        if not (self._new_threads() or self._new_children()):
            return
        more_time(PATIENCE + _AMPLE)
        deadline = time.monotonic() + PATIENCE
        while (self._new_threads() or self._new_children()) and time.monotonic() < deadline:
            time.sleep(0.005)

    def _new_threads(self) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in self._threads and not _is_foreign(thread)]

    def _lasting_threads(self) -> Iterator[Incident]:
        for thread in self._new_threads():
            kind = "daemon" if thread.daemon else "non-daemon"
            yield Incident("threads-left", f"the {kind} thread {shown(thread.name)} still runs")

    def _new_children(self) -> set[int]:
        return {child for child in _children() - self._children if not _is_helper(child)}

    def _lasting_children(self) -> Iterator[Incident]:
        for child in self._new_children():
            yield Incident("children-left", f"the child process {child} was not waited for")
            _end_child(child)

    def _lasting_strays(self, more_time: Callable[[float], None]) -> Iterator[Incident]:
        """Look for what children have started and left running: only where a child has ended since."""
        if self._mark and self._waited_for != resource.getrusage(resource.RUSAGE_CHILDREN):
            for stray in _lasting_strays(self._mark, self._children, more_time):
                yield Incident("children-left", f"the process {stray}, started by a child, still runs")

    def _other_handlers(self) -> Iterator[Incident]:
        now = _handlers()
        for number, handler in self._handlers.items():
            if now[number] is not handler and now[number] != handler:
                if number == _WAKE_UP:
                    yield Incident(
                        "signal-handlers-left", f"signal.set_wakeup_fd: descriptor {now[number]} is still set"
                    )
                else:
                    name, left = signal.Signals(number).name, shown(signal.getsignal(number))
                    yield Incident("signal-handlers-left", f"{name}: {left} is still set")
                with contextlib.suppress(OSError, ValueError, TypeError):
                    _set_handler(number, handler)

    def _other_descriptors(self) -> Iterator[Incident]:
        now = _descriptors()
        for descriptor in now.keys() - self._descriptors.keys():
            yield Incident("descriptors-left", f"descriptor {descriptor} ({_named(descriptor)}) is still open")
        for descriptor, identity in self._descriptors.items():
            if now.get(descriptor) != identity:
                yield Incident("descriptors-closed", f"descriptor {descriptor}, not the loop's own, was closed")


def _is_foreign(thread: threading.Thread) -> bool:
    """Whether `thread` only stands for one that was not started from Python and once called into it.

    There is no telling from such an object whether its thread still runs: it may stay for as long as the process.
    """
    return type(thread).__name__ == "_DummyThread"


def _handlers() -> dict[int, Any]:
    """Return each signal's handler, and under 0 the descriptor of `signal.set_wakeup_fd`."""
    # signal.getsignal makes an enumeration's member of each number, which would be a quarter of a short case's time.
    handlers: dict[int, Any] = {number: _signal.getsignal(number) for number in _CATCHABLE}
    if threading.current_thread() is threading.main_thread():
        handlers[_WAKE_UP] = signal.set_wakeup_fd(-1)
        if handlers[_WAKE_UP] != -1:
            with contextlib.suppress(ValueError, OSError):
                signal.set_wakeup_fd(handlers[_WAKE_UP])
    return handlers


def _set_handler(number: int, handler: Any) -> None:
    if number == _WAKE_UP:
        signal.set_wakeup_fd(handler)
    else:
        signal.signal(number, handler)


def _descriptors() -> dict[int, tuple[int, int]]:
    """Return the open descriptors with the identity of what each is open on."""
    found = {}
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError, ValueError):
            status = os.fstat(int(name))
            found[int(name)] = (status.st_dev, status.st_ino)
    return found


def _named(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return "of an unknown kind"


def _children() -> set[int]:
    """Return the process ids of the children that nobody has waited for, running or ended."""
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return set()
    import psutil

    return {child.pid for child in psutil.Process().children()}


def _is_helper(process: int) -> bool:
    import psutil

    try:
        command = " ".join(psutil.Process(process).cmdline())
    except psutil.Error:
        return False
    return any(helper in command for helper in _HELPERS)


def _end_child(process: int) -> None:
    """Kill a child and wait for it."""
    import psutil

    with contextlib.suppress(psutil.Error):
        child = psutil.Process(process)
        child.kill()
        child.wait(_REAP_TIMEOUT)


def _lasting_strays(mark: str, known: Collection[int], more_time: Callable[[float], None]) -> Iterator[str]:
    """Give in words what bears the worker's mark and does not end by itself, and end it."""
    import psutil

    from loopspec.isolation.strays import strays

    # A tracer between this process and its keeper bears the mark as well.
    known = {*known, os.getpid(), os.getppid()}
    deadline = 0.0
    while found := [stray for stray in strays(mark) if stray.pid not in known and not _is_helper(stray.pid)]:
        now = time.monotonic()
        if not deadline:
            more_time(PATIENCE + _AMPLE)
            deadline = now + PATIENCE
        if now > deadline:
            break
        time.sleep(0.02)
    for stray in found:
        with contextlib.suppress(psutil.Error):
            name = text_of(stray.name(), 50)
            stray.kill()
            yield f"{stray.pid} ({name})"
