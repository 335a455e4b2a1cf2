"""What a stand-alone program does besides the case: play it, watch what happens beside the log, compare, tell.

`loopspec script` copies from here into the programs that it writes. So this module needs nothing but the standard
library and `judge.matches`, and it is brief where `play` and `incidents`, which it agrees with, are thorough.
"""

from __future__ import annotations

import contextlib
import difflib
import faulthandler
import gc
import logging
import os
import signal
import ssl
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from loopspec.format import Log
from loopspec.judge import matches

Noticed = list[tuple[str, str]]
"""What happened beside the log: the kind of incident, and what it was."""


ENDED = " ended the script"


def run(
    play: Callable[[Any, Any], None],
    new_loop: Callable[[], Any],
    new_stage: Callable[[], Any],
    accepted: list[Log],
    incidents: list[str],
    timeout: float,
) -> int:
    """Play the case, tell how it went, and return the exit status: 0 if all is as expected, else 1.

    With a number on the command line, play it so many times in this process, as long as all is as expected.
    """
    for _ in range(int(sys.argv[1]) if sys.argv[1:] else 1):
        log, noticed = observe(play, new_loop, new_stage, timeout)
        if noticed and {kind for kind, _ in noticed} <= {"descriptors-left", "threads-left"}:
            # What a library opens once for the whole process is no leak: it would be if it happened again. Nor is what
            # a script leaves that an exception has ended.
            failed = bool(log) and log[-1].endswith(ENDED)
            log, noticed = (log, []) if failed else observe(play, new_loop, new_stage, timeout)
        if not is_expected(log, noticed, accepted, incidents):
            print("NOT as expected")
            return 1
    print("as expected")
    return 0


def is_expected(log: list[str], noticed: Noticed, accepted: list[Log], incidents: list[str]) -> bool:
    """Whether what was observed is what must be; what differs is printed."""
    good = any(matches(expected, log) for expected in accepted)
    if not good:
        print("The log differs (- is expected, + is observed; a set in any order stands in one line):")
        expected = ["  |  ".join([line] if isinstance(line, str) else line) for line in accepted[0]]
        print("\n".join(line for line in difflib.ndiff(expected, log) if not line.startswith("?")))
    for kind, text in noticed:
        if kind not in incidents:
            print(f"Not expected: {kind}: {text}")
            good = False
    for kind in incidents:
        if kind not in [one for one, _ in noticed]:
            print(f"Expected, and did not happen: {kind}")
            good = False
    return good


def observe(
    play: Callable[[Any, Any], None], new_loop: Callable[[], Any], new_stage: Callable[[], Any], timeout: float
) -> tuple[list[str], Noticed]:
    """Play the case once with a fresh loop and return its log and what happened beside it."""
    noticed: Noticed = []

    class Notice(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            noticed.append(("error-logged", self.format(record)))

    logger = logging.getLogger("asyncio")
    logger.handlers, logger.propagate = [Notice(logging.ERROR)], False
    sys.unraisablehook = lambda event: noticed.append(("unraisable", f"{event.exc_value!r} in {event.object!r}"))
    threading.excepthook = lambda event: noticed.append(("thread-exception", repr(event.exc_value)))
    before = belongings()
    stage = new_stage()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        faulthandler.dump_traceback_later(timeout, exit=True)
        play_and_close(play, new_loop, stage)
        stage.close()
        gc.collect()
        faulthandler.cancel_dump_traceback_later()
    for error in getattr(stage, "errors", []):
        traceback.print_exception(type(error), error, error.__traceback__)
    for warning in caught:
        for category, kind in ((ResourceWarning, "resource-warning"), (RuntimeWarning, "runtime-warning")):
            if issubclass(warning.category, category):
                noticed.append((kind, str(warning.message)))
    return stage.lines, noticed + left(before)


def play_and_close(play: Callable[[Any, Any], None], new_loop: Callable[[], Any], stage: Any) -> None:
    """Play the case with a fresh loop and close the loop; the exception that ends it becomes the log's last line."""
    loop = new_loop()
    ended = ""
    try:
        play(stage, loop)
    except BaseException as error:
        ended = told(error)
    try:
        stage.join_threads()
        if not loop.is_closed():
            loop.close()
    except BaseException as error:
        ended = ended or told(error)
    if ended:
        stage.lines.append(f"{ended}{ENDED}")


def told(error: BaseException) -> str:
    """Print the exception with its traceback, let go of what its frames hold, and return its type's name."""
    traceback.print_exception(type(error), error, error.__traceback__)
    traceback.clear_frames(error.__traceback__)
    return type(error).__name__


def belongings() -> dict[str, dict[Any, Any]]:
    """Return what the process has: its descriptors and what each is open on, its threads, its signals' handlers."""
    descriptors = {}
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):
            status = os.fstat(int(name))
            descriptors[int(name)] = (status.st_dev, status.st_ino)
    handlers: dict[str, Any] = {f"signal {one:d}": signal.getsignal(one) for one in signal.valid_signals()}
    handlers["the wake-up descriptor"] = signal.set_wakeup_fd(-1)
    with contextlib.suppress(OSError, ValueError):
        signal.set_wakeup_fd(handlers["the wake-up descriptor"])
    return {"descriptors": descriptors, "threads": dict.fromkeys(threading.enumerate()), "handlers": handlers}


def left(before: dict[str, dict[Any, Any]]) -> Noticed:
    """Return what the process has besides what it had `before`, after a moment for threads and children to end."""
    noticed: Noticed = []
    deadline = time.monotonic() + 2
    for thread in threading.enumerate():
        if thread not in before["threads"]:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                noticed.append(("threads-left", f"the thread {thread.name!r} still runs"))
    with contextlib.suppress(ChildProcessError):
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        while time.monotonic() < deadline:
            time.sleep(0.01)
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        noticed.append(("children-left", "a child process was not waited for"))
    now = belongings()
    for descriptor in now["descriptors"].keys() - before["descriptors"].keys():
        noticed.append(("descriptors-left", f"descriptor {descriptor} is still open"))
    for descriptor, identity in before["descriptors"].items():
        if now["descriptors"].get(descriptor) != identity:
            noticed.append(("descriptors-closed", f"descriptor {descriptor}, not the loop's own, was closed"))
    for name, handler in before["handlers"].items():
        if now["handlers"][name] != handler:
            noticed.append(("signal-handlers-left", f"{name}: {now['handlers'][name]!r} is still set"))
    return noticed


def with_environment(environment: dict[str, str]) -> None:
    """Start this program again with these environment variables, unless it has them: Python reads some at its start."""
    if any(os.environ.get(name) != value for name, value in environment.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **environment})


class Certificates:
    """An authority's certificate, and one for `localhost` with its key, made for this program and of no other use."""

    def __init__(self, authority: str, certificate: str) -> None:
        """Take both as PEM text; the certificate's is followed by its key's."""
        self._authority, self._certificate = authority, certificate

    def issue_cert(self, *names: str) -> Certificates:
        """Return the certificates: there is one for every name that is asked for."""
        return self

    @property
    def private_key_and_cert_chain_pem(self) -> Certificates:
        """The certificate and its key."""
        return self

    def bytes(self) -> bytes:
        """Return these two as PEM."""
        return self._certificate.encode()

    def configure_trust(self, context: ssl.SSLContext) -> None:
        """Let a client trust the authority."""
        context.load_verify_locations(cadata=self._authority)
