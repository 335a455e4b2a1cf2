"""Processes that came from a worker, found by a mark that they inherited in their environment.

A process that moves to a session of its own leaves the worker's process group, and one whose parent ends is nobody's
child any more; its environment stays, unless it is started with another one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil

from loopspec.isolation.channel import MARK

_ROUNDS = 100
"""How often to look again for what was started while its parent was being ended, or takes its time to end."""

_PAUSE = 0.02
"""Seconds between two such looks."""

_YOUNG = 10.0
"""Seconds after its start in which a process without an environment is taken for one that may still get it."""

_PATIENCE = 10
"""How often to look for it."""


def strays(mark: str) -> Iterator[psutil.Process]:
    """Give the running processes whose mark is `mark`, or begins with it where it ends in a dot."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            found = _environment(process).get(MARK, "")
            if found == mark or (mark.endswith(".") and found.startswith(mark)):
                yield process


def _environment(process: psutil.Process) -> dict[str, str]:
    """Return the environment of a process, after waiting for it while another program is being loaded in its place.

    In that moment the system shows none at all, as it does for good of processes that have ended and of its own
    threads, whose parent is number 2.
    """
    for _ in range(_PATIENCE):
        found: dict[str, str] = process.environ()
        if found or time.time() - process.create_time() > _YOUNG or process.ppid() == 2:
            return found
        if process.status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(_PAUSE)
    return {}


def end_strays(mark: str) -> None:
    """Kill every process that `strays` gives, and what they start meanwhile."""
    for _ in range(_ROUNDS):
        found = list(strays(mark))
        if not found:
            return
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(_PAUSE)
