"""Isolation: a crew of worker processes that plays cases, survives whatever a loop does, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType

import msgspec
import psutil

from loopspec.loops import Loop
from loopspec.observation import Death, Observation, Outcome, Play
from loopspec.worker import CHANNEL_LOST, Hello, Order, Ready, Refused, Reply, send
from loopspec.witness import Record

START_TIMEOUT = 60.0
"""Seconds in which a loop's package must have been imported."""

GRACE = 1.0
"""Seconds beyond a case's time-out in which its worker may still write the stacks of its threads."""

MEMORY_LIMIT = 2 << 30
"""Bytes of resident memory at which a worker is killed."""

OUTPUT_LIMIT = 32 << 10
"""Bytes kept of what a worker writes while it plays one case: as many from the beginning as from the end."""

_TICK = 0.1
_MARK = "LOOPSPEC_CREW"


@dataclass
class Job:
    """A case to play, and whether in a worker that has played nothing before."""

    play: Play
    environment: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False


class Output:
    """The beginning and the end of what a worker wrote."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._head, self._tail, self._cut = b"", b"", 0

    def add(self, data: bytes) -> None:
        """Keep `data`, or its end."""
        room = OUTPUT_LIMIT // 2 - len(self._head)
        self._head += data[:room]
        self._tail += data[room:] if room < len(data) else b""
        self._cut += max(0, len(self._tail) - OUTPUT_LIMIT // 2)
        self._tail = self._tail[-OUTPUT_LIMIT // 2 :]

    def text(self) -> str:
        """Return what was kept, saying how much is missing between."""
        middle = f"\n… {self._cut} bytes left out …\n" if self._cut else ""
        return self._head.decode("utf-8", "replace") + middle + self._tail.decode("utf-8", "replace")


class Worker:
    """One worker process and what is known of it."""

    def __init__(self, loop: Loop, environment: Mapping[str, str], mark: str, job: Job) -> None:
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        self.channel, self.output_end, self.output = ours, reading, Output()
        self.record = Record() if job.play.witness else None
        command = [sys.executable, "-m", "loopspec.worker", str(theirs.fileno())]
        try:
            self.process = subprocess.Popen(
                [*self.record.command, *command] if self.record else command,
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **loop.environment, **environment, _MARK: mark},
                start_new_session=True,
            )
        except BaseException:
            self._close_ends()
            raise
        finally:
            theirs.close()
            os.close(writing)
        os.set_blocking(reading, False)
        self.environment = dict(environment)
        self.hired_for = job
        self.job: Job | None = None
        self.ready = False
        self.received = b""
        self.begin = time.monotonic()
        self.deadline = self.begin + START_TIMEOUT
        send(ours, Hello(loop))
        ours.setblocking(False)

    def give(self, job: Job) -> None:
        """Let the worker play `job`."""
        self.job = job
        self.output.clear()
        self.begin = time.monotonic()
        self.deadline = self.begin + job.play.timeout + GRACE
        self.channel.setblocking(True)
        with contextlib.suppress(OSError):
            send(self.channel, Order(job.play, dict(job.environment)))
        self.channel.setblocking(False)

    def drain(self) -> None:
        """Keep what the worker has written to its standard output and error."""
        with contextlib.suppress(OSError):
            while data := os.read(self.output_end, 1 << 16):
                self.output.add(data)

    def messages(self) -> Iterator[Reply | None]:
        """Give the messages that have arrived, and None at the end of the stream."""
        try:
            data = self.channel.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.received += data
        while len(self.received) >= 4:
            size = struct.unpack("!I", self.received[:4])[0]
            if len(self.received) < 4 + size:
                break
            message, self.received = self.received[4 : 4 + size], self.received[4 + size :]
            try:
                yield msgspec.msgpack.decode(message, type=Reply)
            except msgspec.MsgspecError:
                yield None
        if not data:
            yield None

    def memory(self) -> int:
        """Return the resident memory of the worker in bytes."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def end(self, mark: str) -> None:
        """Kill the worker and every process that came from it, and wait for it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.drain()
        self._close_ends()
        if self.record:
            self.record.remove()

    def _close_ends(self) -> None:
        self.channel.close()
        with contextlib.suppress(OSError):
            os.close(self.output_end)


class Crew:
    """Up to `jobs` workers for one loop. A context manager: at its end no process of theirs is left."""

    def __init__(self, loop: Loop, jobs: int) -> None:
        self._loop, self._jobs = loop, jobs
        self._mark = uuid.uuid4().hex
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._refusal: Death | None = None
        self._refusals = 0
        self._next_look = 0.0
        self._damaged = False

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers[:]:
            self._give_up(worker)
        if self._damaged:
            _end_marked(self._mark)
        self._selector.close()

    def outcomes(self, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Play what is in `jobs` and give each job's outcome as it comes; more may be appended meanwhile."""
        while True:
            while self._refusal and jobs:
                job = jobs.popleft()
                yield job, msgspec.structs.replace(self._refusal, id=job.play.id)
            self._engage(jobs)
            if not self._workers and not jobs:
                return
            if not jobs and all(worker.job is None and worker.ready for worker in self._workers):
                return
            yield from self._listen(jobs)

    def _engage(self, jobs: deque[Job]) -> None:
        """Give waiting jobs to idle workers, and hire a worker for a job as long as there is room for one.

        A worker that is hired takes the job for which it was hired, so that each start brings a job forward.
        """
        for worker in [worker for worker in self._workers if worker.ready and worker.job is None]:
            suitable = next((job for job in jobs if self._suits(worker, job)), None)
            if suitable:
                jobs.remove(suitable)
                worker.give(suitable)
            elif jobs and len(self._workers) >= self._jobs:
                self._give_up(worker)
        while jobs and len(self._workers) < self._jobs:
            self._hire(jobs.popleft())

    def _suits(self, worker: Worker, job: Job) -> bool:
        return not (job.alone or job.play.witness or worker.environment or worker.record)

    def _hire(self, job: Job) -> None:
        environment = job.environment if job.alone or job.play.witness else {}
        worker = Worker(self._loop, environment, self._mark, job)
        self._workers.append(worker)
        self._selector.register(worker.channel, selectors.EVENT_READ, worker)
        self._selector.register(worker.output_end, selectors.EVENT_READ, worker)

    def _give_up(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self._selector.unregister(worker.channel)
        self._selector.unregister(worker.output_end)
        worker.end(self._mark)

    def _listen(self, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Wait for the workers for a moment, and give what came of their jobs."""
        ready = {key.data: key.data for key, _ in self._selector.select(_TICK)}
        for worker in list(ready):
            worker.drain()
            for message in worker.messages():
                if worker in self._workers:
                    yield from self._heard(worker, message, jobs)
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _TICK / 2
        for worker in self._workers[:]:
            if worker.process.poll() is not None and worker not in ready:
                yield from self._died(worker, "crash", _exit_in_words(worker.process.returncode), jobs)
            elif now > worker.deadline and (worker.job or not worker.ready):
                waited = now - worker.begin
                what = "the case had not ended" if worker.ready else "the loop's package was still being imported"
                yield from self._died(worker, "hang", f"{what} after {waited:.1f} seconds", jobs)
            elif worker.job and worker.memory() > MEMORY_LIMIT:
                size = f"{worker.memory() / (1 << 30):.1f} GiB"
                yield from self._died(worker, "crash", f"killed by SIGKILL when it used {size} of memory", jobs)

    def _heard(self, worker: Worker, message: Reply | None, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        if isinstance(message, Ready):
            worker.ready = True
            worker.give(worker.hired_for)
            self._refusals = 0
        elif isinstance(message, Refused):
            worker.output.add(message.traceback.encode("utf-8", "replace"))
            yield from self._died(worker, "refused", f"the loop could not be brought up: {message.how}", jobs)
        elif message is None or worker.job is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(GRACE)
            yield from self._died(worker, "crash", _exit_in_words(worker.process.poll()), jobs)
        else:
            job, worker.job = worker.job, None
            yield job, self._finished(worker, job, message)

    def _finished(self, worker: Worker, job: Job, observation: Observation) -> Observation:
        """Complete a worker's observation, and give the worker up where it cannot be trusted further."""
        worker.drain()
        if worker.record:
            worker.channel.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(START_TIMEOUT)
            observation = msgspec.structs.replace(observation, log=worker.record.merge(observation.log))
        observation = msgspec.structs.replace(observation, output=worker.output.text())
        damaged = bool(observation.incidents) or observation.problem is not None
        self._damaged |= damaged
        if damaged or job.alone or job.play.witness:
            self._give_up(worker)
        return observation

    def _died(self, worker: Worker, kind: str, how: str, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Give the outcome of a worker's death; one that never came up refuses every further job, the second time."""
        self._damaged = True
        seconds = time.monotonic() - worker.begin
        self._give_up(worker)
        death = Death(id="", kind=kind, how=how, seconds=seconds, output=worker.output.text())  # type: ignore[arg-type]  # a literal at each call
        if worker.job:
            yield worker.job, msgspec.structs.replace(death, id=worker.job.play.id)
        elif not worker.ready:
            jobs.appendleft(worker.hired_for)
            self._refusals += 1
            if self._refusals > 1 or kind == "hang":
                how = how if kind == "refused" else f"the loop could not be brought up: {how}"
                self._refusal = msgspec.structs.replace(death, kind="refused", how=how)


def _exit_in_words(code: int | None) -> str:
    """Say how a process ended: the signal by name, or its exit code."""
    if code is None:
        return "its worker closed the channel and went on running"
    if code == CHANNEL_LOST:
        return "closed descriptors that it does not own, its worker's channel among them"
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exited with status {code} in the middle of the case"


def _end_marked(mark: str) -> None:
    """Kill every process that inherited the crew's mark, whatever group or session it has moved to."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(_MARK) == mark:
                process.kill()
                process.wait(GRACE)
