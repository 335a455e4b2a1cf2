"""What happens beside the log while a case is played, and what is left behind when its loop is closed.

The kinds are those of `loopspec.format.IncidentKind`:

- `error-logged`: a record at ERROR or above on the logger "asyncio", which is where a loop's default exception handler
  and futures with exceptions that nobody retrieved report (library/asyncio-dev.html#logging);
- `unraisable`, `thread-exception`: calls of `sys.unraisablehook` and `threading.excepthook`;
- `resource-warning`, `runtime-warning`: warnings of these categories that the script did not catch;
- `descriptors-left`, `threads-left`, `children-left`, `signal-handlers-left`: present after the loop is closed and not
  before the case; `descriptors-closed`: the other way round.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

from loopspec.observation import Incident

PATIENCE = 2.0
"""Seconds that threads and children get to end by themselves once the loop is closed."""

_CATCHABLE = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
_WARNINGS = ((ResourceWarning, "resource-warning"), (RuntimeWarning, "runtime-warning"))


class Watch:
    """The incidents of one case, gathered through the interpreter's hooks while `watching` is open."""

    def __init__(self) -> None:
        self.incidents: list[Incident] = []

    def note(self, kind: Any, text: str) -> None:
        """Add an incident, its text cut to a length that a report can show."""
        self.incidents.append(Incident(kind, text if len(text) <= 2000 else text[:2000] + " …"))


class _Keep(logging.Handler):
    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.ERROR)
        self._watch = watch
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._watch.note("error-logged", self.format(record))


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Gather what happens beside the log until the block ends; what is then unreachable is collected first."""
    watch = Watch()

    def unraisable(unraised: Any) -> None:
        place = f" in {unraised.object!r}" if unraised.object is not None else ""
        watch.note("unraisable", f"{unraised.err_msg or 'Exception ignored'}{place}: {unraised.exc_value!r}")

    def thread_exception(failed: Any) -> None:
        watch.note("thread-exception", f"in thread {getattr(failed.thread, 'name', '?')}: {failed.exc_value!r}")

    logger = logging.getLogger("asyncio")
    logging_before = logger.handlers[:], logger.level, logger.propagate, logger.disabled
    hooks_before = sys.unraisablehook, threading.excepthook
    logger.handlers, logger.propagate, logger.disabled = [_Keep(watch)], False, False
    logger.setLevel(logging.INFO)
    sys.unraisablehook, threading.excepthook = unraisable, thread_exception
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield watch
            gc.collect()
    finally:
        logger.handlers, level, logger.propagate, logger.disabled = logging_before
        logger.setLevel(level)
        sys.unraisablehook, threading.excepthook = hooks_before
    for warning in caught:
        for category, kind in _WARNINGS:
            if issubclass(warning.category, category):
                watch.note(kind, f"{warning.category.__name__}: {warning.message}")


class Belongings:
    """The descriptors, threads and signal handlers that the process has, for comparison after a case."""

    def __init__(self) -> None:
        self.descriptors = _descriptors()
        self.threads = set(threading.enumerate())
        self.handlers = _handlers()

    def leftovers(self) -> list[Incident]:
        """Return what the process has now and had not then (or the other way round), and undo what can be undone.

        Waits up to `PATIENCE` seconds for threads and children that are just ending.
        """
        found = []
        for thread in self._lasting_threads():
            kind = "daemon" if thread.daemon else "non-daemon"
            found.append(Incident("threads-left", f"the {kind} thread {thread.name!r} still runs"))
        for child in _lasting_children():
            found.append(Incident("children-left", f"the child process {child} was not waited for"))
        found += self._other_handlers()
        now = _descriptors()
        for descriptor in now.keys() - self.descriptors.keys():
            found.append(Incident("descriptors-left", f"descriptor {descriptor} ({_named(descriptor)}) is still open"))
        for descriptor, identity in self.descriptors.items():
            if now.get(descriptor) != identity:
                found.append(Incident("descriptors-closed", f"descriptor {descriptor}, not the loop's own, was closed"))
        return found

    def _lasting_threads(self) -> list[threading.Thread]:
        deadline = time.monotonic() + PATIENCE
        lasting = [thread for thread in threading.enumerate() if thread not in self.threads]
        for thread in lasting:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [thread for thread in lasting if thread.is_alive()]

    def _other_handlers(self) -> Iterator[Incident]:
        now = _handlers()
        for number, handler in self.handlers.items():
            if now[number] is not handler and now[number] != handler:
                name = "signal.set_wakeup_fd" if number == 0 else signal.Signals(number).name
                yield Incident("signal-handlers-left", f"{name}: {now[number]!r} is still set")
                with contextlib.suppress(OSError, ValueError, TypeError):
                    if number == 0:
                        signal.set_wakeup_fd(-1)
                    else:
                        signal.signal(number, handler)


def _handlers() -> dict[int, Any]:
    """Return each signal's handler, and under 0 the descriptor of `signal.set_wakeup_fd`."""
    handlers: dict[int, Any] = {int(number): signal.getsignal(number) for number in _CATCHABLE}
    if threading.current_thread() is threading.main_thread():
        wakeup = signal.set_wakeup_fd(-1)
        handlers[0] = wakeup
        if wakeup != -1:
            with contextlib.suppress(ValueError, OSError):
                signal.set_wakeup_fd(wakeup)
    return handlers


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


def _has_child() -> bool:
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None or True
    except ChildProcessError:
        return False


def _lasting_children() -> list[int]:
    """Return the process ids of children that did not end by themselves, ended and waited for by now."""
    deadline = time.monotonic() + PATIENCE
    while _has_child() and time.monotonic() < deadline:
        time.sleep(0.01)
    if not _has_child():
        return []
    import psutil

    lasting = []
    for child in psutil.Process().children():
        lasting.append(child.pid)
        with contextlib.suppress(psutil.Error):
            child.kill()
            child.wait(1)
    return lasting
