"""Doing many things at a time until all are done or somebody asks for the end, with a line that tells how far it is."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import FrameType
from typing import TypeVar

from tests.proof.playing import Interrupted

Unit = TypeVar("Unit")
Result = TypeVar("Result")

_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


class Run:
    """A run that Ctrl-C ends after the cases that are being played. A context manager, for the main thread."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._stop = threading.Event()

    def __enter__(self) -> Run:
        self._former = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        signal.signal(signal.SIGINT, self._former)

    def stopped(self) -> bool:
        """Whether somebody asked for the end."""
        return self._stop.is_set()

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self.stopped():
            raise KeyboardInterrupt
        self._stop.set()
        print("\nending: what was found is kept, the same command goes on (Ctrl-C again: at once)", file=sys.stderr)

    def each(self, units: Sequence[Unit], work: Callable[[Unit], Result]) -> Iterator[tuple[Unit, Result]]:
        """Give what `work` makes of each unit, as it comes, from as many threads as there may be jobs.

        What `work` raises passes through, but for Interrupted.
        """
        waiting = list(reversed(units))
        running: dict[Future[Result], Unit] = {}
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                while running or (waiting and not self.stopped()):
                    while waiting and len(running) < self.jobs and not self.stopped():
                        unit = waiting.pop()
                        running[pool.submit(work, unit)] = unit
                    for done in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
                        unit = running.pop(done)
                        try:
                            result = done.result()
                        except Interrupted:
                            continue
                        yield unit, result
            finally:
                self._stop.set() if running else None


class Progress:
    """How far a run is: on a terminal in one line that changes, elsewhere in a line from time to time."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._count = what, total, 0
        self._begin = self._latest = time.monotonic()
        self._terminal = sys.stderr.isatty()

    def step(self, found: str = "") -> None:
        """Count one more, with what was found so far in words."""
        self._count += 1
        now = time.monotonic()
        last = self._count == self._total
        if self._terminal or last or now > self._latest + _EVERY:
            self._latest = now
            left = (now - self._begin) / self._count * (self._total - self._count)
            line = f"{self._what} {self._count}/{self._total}, {now - self._begin:.0f} s, {left:.0f} s to go  {found}"
            end = "\n" if last or not self._terminal else ""
            print(f"\r\033[K{line[:118]}" if self._terminal else line, end=end, file=sys.stderr, flush=True)
