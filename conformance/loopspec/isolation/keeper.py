"""One worker process as its keeper sees it: started, given a job, listened to, and ended with all that came from it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from loopspec.isolation.autopsy import exit_in_words, line_in, size_in_words, together, without_engine
from loopspec.isolation.channel import Hello, Incoming, Order, Reply, encode
from loopspec.isolation.output import Output
from loopspec.isolation.starting import Starter
from loopspec.isolation.witness import Record
from loopspec.observation import Observation, Play

START_TIMEOUT = 60.0
"""Seconds in which a loop's package must have been imported."""

GRACE = 1.0
"""Seconds beyond its time in which a worker may still write the stacks of its threads, or end by itself."""

STILL = 0.06
"""Seconds of little computing after which a worker that sleeps is taken to wait for something."""

LITTLE = 0.25
"""The share of these seconds that is little: to ask again and again whether something has happened is no more."""

IN_VAIN = 0.3
"""Seconds after which a worker that is still is taken to wait in vain; hardly a case waits so long for anything."""

SILENCE = 0.2
"""Seconds without a further line after which these stacks are complete, and nothing more is waited for."""

MEMORY_LIMIT = 2 << 30
"""Bytes of resident memory at which a worker is killed."""

_REAP_TIMEOUT = 10.0
"""Seconds in which the system takes away a process that was killed; more only where it is stuck in the kernel."""

_REMEMBERED = 3
"""Cases that are named as played before in the process that died: one of them may be to blame."""


@dataclass
class Job:
    """A case to play, and whether in a worker that has played nothing before."""

    play: Play
    environment: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False
    modules: tuple[str, ...] = ()
    """What the case needs and takes longer to import than most cases to play."""

    @property
    def fresh(self) -> bool:
        """Whether the case needs a worker of its own."""
        return self.alone or self.play.witness

    @property
    def setting(self) -> tuple[frozenset[tuple[str, str]], bool]:
        """The environment variables with which its worker is started, and whether that is under strace."""
        return frozenset(self.environment.items() if self.fresh else ()), self.play.witness


class Worker:
    """A worker process and the job that it has.

    Raises OSError where no process can be started.
    """

    # What is_still() has seen of its job: since when, how often awake, and what came of it last.
    _since: float
    _awake: int
    _still: bool

    def __init__(self, starter: Starter, job: Job, number: int) -> None:
        self.job: Job | None = job
        self.fresh = job.fresh
        self.mark = starter.mark(number)
        self.number = number
        """Which of its crew's workers it is, counted from 1."""
        self.ready = self.has_played = False
        self.endured = 0
        """How many plays with harmless incidents it has behind it."""
        self.seen: Observation | None = None
        """What it has told of its job, if an exception has ended the script and what that left is being closed."""
        self.lost: float | None = None
        """When the worker's end of the channel was closed."""
        self.output, self.stacks = Output(), Output()
        self.channel, theirs = socket.socketpair()
        self.record = Record(starter.folder) if job.play.witness else None
        asked_for = dict(job.environment) if job.fresh else {}
        before = self.record.command if self.record else ()
        try:
            descriptors = theirs.fileno(), self.output.writing, self.stacks.writing
            self.process = starter.start(self.mark, asked_for, before, job.modules, descriptors)
        except BaseException:
            self._close_ends()
            raise
        finally:
            theirs.close()
            self.output.given()
            self.stacks.given()
        self._incoming = Incoming()
        self._account, self._playing = "", ""
        self._before: deque[str] = deque(maxlen=_REMEMBERED)
        self._started = self._measured = psutil.Process(self.process.pid)
        self._computed = 0.0
        self._wait_for(START_TIMEOUT)
        self._send(encode(Hello(starter.loop, [*sys.path, str(Path.cwd())], START_TIMEOUT)))

    def is_up(self, process: int) -> None:
        """Take note that the loop's package is imported, in the process with this id."""
        self.ready = True
        with contextlib.suppress(psutil.Error):
            self._measured = psutil.Process(process)

    def give(self, job: Job) -> bool:
        """Let the worker play `job`, and return whether it is still there to do so."""
        if self._playing:
            self._before.append(self._playing)
        self.job, self._playing, self.seen = job, job.play.id, None
        self.output.clear()
        self.stacks.clear()
        self._wait_for(job.play.timeout)
        return self._send(encode(Order(job.play, dict(job.environment))))

    def more_time(self, seconds: float) -> None:
        """Wait for so many seconds from now on before the job counts as hung."""
        self.stacks.clear()
        self._deadline = time.monotonic() + seconds

    def drain(self) -> None:
        """Keep what the worker has written beside the channel."""
        self.output.drain()
        self.stacks.drain()

    def receive(self) -> bytes:
        """Return what has arrived on the channel; at the end of the stream, note when it came."""
        try:
            data = self.channel.recv(1 << 20)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data and self.lost is None:
            self.lost = time.monotonic()
        return data

    def replies(self, data: bytes) -> Iterator[Reply]:
        """Give the replies that `data` completes. Raises BreachError."""
        return self._incoming.replies(data)

    def out_of_time(self) -> bool:
        """Whether the time for the worker's job is over."""
        return self.job is not None and time.monotonic() > self._deadline

    def is_hung(self) -> bool:
        """Whether the time for the worker's job is over, and the worker has said where it is or will not any more."""
        if not self.out_of_time():
            return False
        now, written = time.monotonic(), self.stacks.latest
        if written is not None and written > self._deadline and now > written + SILENCE:
            return True
        return now > self._deadline + GRACE

    def hang_in_words(self) -> str:
        """Say how long was waited for the worker."""
        what = "the case had not ended" if self.ready else "the loop's package was still being imported"
        return f"{what} after {self.age():.1f} seconds"

    def is_still(self) -> bool:
        """Whether the worker has done little about its job for a while, and leaves the processor to others.

        One that would go on if it were let, or that is still being started, is not still.
        """
        if self.job is None or not self.ready:
            return False
        try:
            times, asleep = self._measured.cpu_times(), self._measured.status() == psutil.STATUS_SLEEPING
        except psutil.Error:
            return False
        self._awake += not asleep
        passed = time.monotonic() - self._since
        if passed > STILL:
            computed = times.user + times.system
            self._still = self._awake <= 1 and computed - self._computed < LITTLE * passed
            self._computed, self._since, self._awake = computed, self._since + passed, 0
        return self._still

    def waits_in_vain(self) -> bool:
        """Whether a worker that is still has been waiting for long."""
        return self.age() > IN_VAIN

    def is_deaf(self) -> bool:
        """Whether the worker has closed the channel and still not ended."""
        return self.lost is not None and time.monotonic() > self.lost + GRACE

    def too_large(self) -> str | None:
        """Say how much memory the worker uses, if that is too much."""
        try:
            used = int(self._measured.memory_info().rss)
        except psutil.Error:
            return None
        if used <= MEMORY_LIMIT:
            return None
        allowed = size_in_words(MEMORY_LIMIT)
        return f"killed by SIGKILL because it used {size_in_words(used)} of memory, and {allowed} are allowed"

    def has_ended(self) -> bool:
        """Whether the process has ended. It is not waited for, so that the number of its group stays its own."""
        try:
            return bool(self._started.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    def end(self) -> None:
        """Kill the worker and its process group, and keep what it has written last."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_REAP_TIMEOUT)
        self.drain()
        self._close_ends()

    def note(self, text: str) -> None:
        """Add a worker's own account to what is told of its end."""
        self._account = text

    def ending(self) -> str:
        """Say how the process ended that was there no more when `end` was called."""
        return exit_in_words(self.process.returncode, in_a_case=self.ready)

    def last_words(self) -> str:
        """Return what is known of the last case beside how it ended: accounts, stacks, and what was written."""
        return together(self._account, without_engine(self.stacks.text()), self.output.text(), self._before)

    def place(self) -> str:
        """Say where in its case the worker was, as far as its stacks show."""
        path = self.job.play.path if self.job else ""
        line = line_in(self.stacks.text(), path)
        return f", at line {line} of {Path(path).name}" if line else ""

    def age(self) -> float:
        """Return the seconds since the job was given."""
        return time.monotonic() - self._begin

    def _wait_for(self, seconds: float) -> None:
        self._begin = time.monotonic()
        self._deadline = self._begin + seconds
        self._since, self._awake, self._still = self._begin, 0, False

    def _send(self, data: bytes) -> bool:
        """Send `data`, and return whether somebody is there to receive it."""
        self.channel.settimeout(GRACE)
        try:
            self.channel.sendall(data)
        except TimeoutError:
            # A worker that does not read what it waits for is past helping; its deadline will tell.
            return True
        except OSError:
            return False
        finally:
            self.channel.setblocking(False)
        return True

    def _close_ends(self) -> None:
        self.channel.close()
        self.output.close()
        self.stacks.close()
