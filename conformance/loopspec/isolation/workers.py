"""Isolation: a crew of worker processes that plays cases, survives whatever a loop does, and leaves nothing behind."""

from __future__ import annotations

import selectors
import shutil
import tempfile
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal

import msgspec

from loopspec.isolation.channel import BreachError, Ended, MoreTime, Played, Ready, Refused, Reply, Unable
from loopspec.isolation.keeper import Job, Worker
from loopspec.isolation.output import Output
from loopspec.isolation.starting import Starter
from loopspec.isolation.strays import end_strays
from loopspec.loops import Loop
from loopspec.observation import Death, Incident, Observation, Outcome

Kind = Literal["crash", "hang"]

__all__ = ["Crew", "Job"]

_TICK = 0.03
"""Seconds between two looks at workers."""

_IMPATIENT_TICK = 0.01
"""The same while a worker is about to end."""

_ATTEMPTS = 3
"""How often in a row a worker may come to nothing before every job that needs its like is refused."""

_ATTEMPTS_ONCE_UP = 5
"""The same where the loop has been up already: then it is rather the system, which kills what it has no memory for."""

_ENDURED = 40
"""How many plays with harmless incidents a worker endures: what they leave behind adds up."""

_AT_ONCE = 8
"""How many workers there may be for each that may compute: a hang costs its time, but not the other cases'."""

_BREACH = "wrote to descriptors that it does not own, its worker's channel among them"
_DEAF = "closed its worker's channel and went on running"


def undisturbed() -> None:
    """Heed nothing."""


class Crew:
    """Up to `jobs` workers at a time for one loop (then another), and some more while workers only wait, as in a hang.

    A context manager: at its end no process of theirs is left.

    To be used from one thread that lives as long as the crew: Linux ends the workers with the thread that started
    them. Before it waits for workers it calls `heed`, which may raise to end that.
    """

    def __init__(self, loop: Loop, jobs: int, heed: Callable[[], None] = undisturbed) -> None:
        self._jobs, self._heed = jobs, heed
        self._name = uuid.uuid4().hex
        self._folder = Path(tempfile.mkdtemp(prefix="loopspec-"))
        self._starter = Starter(loop, self._name, self._folder)
        self._workers: list[Worker] = []
        self.hired = 0
        """How many workers were started."""
        self.harmless: Callable[[Incident], bool] = lambda incident: False
        """Which incidents do not make the process in which they happen unfit for further cases."""
        self.in_vain: Callable[[Job], None] = lambda job: None
        """Is called, time and again, with a job whose worker seems to wait for something in vain."""
        self._selector = selectors.DefaultSelector()
        self._next_look = 0.0
        self._still: set[Worker] = set()  # those of the workers that have a job and wait
        self._know_nothing()

    def _know_nothing(self) -> None:
        self._failures: Counter[object] = Counter()
        self._tried: dict[object, int] = {}
        """By setting, how many workers had been started when one last came to nothing."""
        self._been_up: set[object] = set()
        self._refusals: dict[object, Death] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._give_all_up()
        finally:
            self._starter.close()
            end_strays(f"{self._name}.")
            shutil.rmtree(self._folder, ignore_errors=True)
            self._selector.close()

    def outcomes(self, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Play what is in `jobs` and give each job's outcome as it comes; more may be appended meanwhile."""
        while jobs or self._busy():
            yield from self._engage(jobs)
            if self._busy():
                yield from self._listen(jobs)

    def turn_to(self, loop: Loop, jobs: int) -> None:
        """Play another loop from now on, with up to `jobs` workers at a time, none of which has played the one before.

        Whatever was not given an outcome is not played any more.
        """
        self._give_all_up()
        self._know_nothing()
        self._starter.turn_to(loop)
        self._jobs = jobs

    def drop(self, job: Job) -> None:
        """End the worker that plays `job`, whatever would come of it, if one does."""
        for worker in self._workers[:]:
            if worker.job is job:
                self._give_up(worker)
                end_strays(worker.mark)

    def _busy(self) -> int:
        return sum(worker.job is not None for worker in self._workers)

    def _may_engage(self) -> bool:
        return self._busy() - len(self._still) < self._jobs and self._busy() < self._jobs * _AT_ONCE

    def _engage(self, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Give jobs to idle workers and, where none suits, to new ones, as many at a time as there may be.

        A worker that is idle while another one plays a case for which it has to be fresh costs nothing meanwhile.
        """
        while jobs and self._may_engage():
            job = jobs.popleft()
            idle = next((worker for worker in self._workers if worker.job is None), None)
            if refusal := self._refusals.get(job.setting):
                yield job, msgspec.structs.replace(refusal, id=job.play.id)
            elif idle and not job.fresh:
                self._give(idle, job, jobs)
            elif not self._hire(job, jobs):
                return

    def _give(self, worker: Worker, job: Job, jobs: deque[Job]) -> None:
        if worker.give(job):
            return
        self._give_up(worker)
        if worker.has_played:
            jobs.appendleft(job)
        else:
            how = "its process ended before it was given a case"
            self._came_to_nothing(job, how, worker.last_words(), jobs, started=worker.number)

    def _hire(self, job: Job, jobs: deque[Job]) -> bool:
        """Start a worker for `job`, and return whether that could be done."""
        self.hired += 1
        try:
            worker = Worker(self._starter, job, self.hired)
        except OSError as error:
            if self._busy():
                jobs.appendleft(job)
            else:
                how = f"no worker process can be started: {error}"
                self._came_to_nothing(job, how, "", jobs, started=self.hired)
            return False
        self._workers.append(worker)
        for source in (worker.channel, worker.output, worker.stacks):
            self._selector.register(source, selectors.EVENT_READ, worker)
        return True

    def _give_all_up(self) -> None:
        for worker in self._workers[:]:
            self._give_up(worker)

    def _give_up(self, worker: Worker) -> None:
        self._workers.remove(worker)
        self._still.discard(worker)
        for source in (worker.channel, worker.output, worker.stacks):
            if source in self._selector.get_map():
                self._selector.unregister(source)
        worker.end()

    def _listen(self, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Wait for the workers for a moment, and give what came of their jobs."""
        self._heed()
        ending = any(worker.lost for worker in self._workers)
        for key, _ in self._selector.select(_IMPATIENT_TICK if ending else _TICK):
            if key.data not in self._workers:
                continue
            if isinstance(key.fileobj, Output):
                key.fileobj.drain()
            else:
                yield from self._read(key.data, jobs)
        now = time.monotonic()
        if now >= self._next_look or ending:
            self._next_look = now + _TICK
            for worker in self._workers[:]:
                if worker in self._workers:
                    yield from self._look_at(worker, jobs)

    def _read(self, worker: Worker, jobs: deque[Job]) -> Generator[tuple[Job, Outcome], None, bool]:
        """Take what has arrived from a worker, and return whether that was anything."""
        data = worker.receive()
        if worker.lost and worker.channel in self._selector.get_map():
            self._selector.unregister(worker.channel)
        try:
            for reply in worker.replies(data):
                yield from self._heard(worker, reply, jobs)
                if worker not in self._workers:
                    break
        except BreachError:
            yield from self._died(worker, "crash", _BREACH, jobs)
        return bool(data)

    def _heard(self, worker: Worker, reply: Reply, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        job = worker.job
        if job is None or isinstance(reply, (Ready, Refused)) == worker.ready:
            yield from self._died(worker, "crash", _BREACH, jobs)
        elif isinstance(reply, Ready):
            worker.is_up(reply.process)
            self._been_up.add(job.setting)
            self._give(worker, job, jobs)
        elif isinstance(reply, MoreTime):
            worker.more_time(reply.seconds)
        elif isinstance(reply, Ended):
            worker.seen = reply.observation
        elif isinstance(reply, Played):
            if reply.observation.id != job.play.id:
                yield from self._died(worker, "crash", _BREACH, jobs)
            elif worker.record and worker.has_ended():
                # The process that was started is strace, without which the case has been played to its end.
                yield from self._died(worker, "crash", "", jobs)
            else:
                yield job, self._finished(worker, job, reply)
        else:
            worker.note(reply.traceback)
            how = reply.how
            if isinstance(reply, Unable):
                how = f"left its process in a state in which loopspec cannot go on: {how}"
            yield from self._died(worker, "crash", how, jobs)

    def _look_at(self, worker: Worker, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """Find out whether a worker has ended, or has to be ended."""
        ended = worker.has_ended()
        if ended or worker.is_hung():
            # Its answer may have come while the caller was busy with another's, and be only half read by now.
            if (yield from self._read(worker, jobs)) or worker not in self._workers:
                return
            # Writing the stacks of threads that go on running can itself end a process whose time is over.
            if worker.out_of_time():
                yield from self._died(worker, "hang", worker.hang_in_words(), jobs)
            elif ended:
                yield from self._died(worker, "crash", "", jobs)
        elif worker.is_deaf():
            yield from self._died(worker, "crash", _DEAF, jobs)
        elif how := worker.too_large():
            yield from self._died(worker, "crash", how, jobs)
        elif not worker.is_still():
            self._still.discard(worker)
        else:
            self._still.add(worker)
            if worker.job and worker.waits_in_vain():
                self.in_vain(worker.job)

    def _finished(self, worker: Worker, job: Job, played: Played) -> Observation:
        """Complete an observation, and give its worker up where it may not play another case."""
        del self._failures[job.setting]
        self._still.discard(worker)
        worker.job = None
        worker.has_played = True
        worker.output.drain()
        seen = msgspec.structs.replace(played.observation, output=worker.output.text())
        if worker.record:
            seen = worker.record.complete(seen)
        harmed = not all(map(self.harmless, seen.incidents))
        worker.endured += bool(seen.incidents)
        damaged = not played.reusable or harmed or (seen.problem and seen.problem.kind != "unsupported")
        if damaged or worker.fresh or worker.endured >= _ENDURED:
            self._give_up(worker)
        return seen

    def _died(self, worker: Worker, kind: Kind, how: str, jobs: deque[Job]) -> Iterator[tuple[Job, Outcome]]:
        """End what is left of a worker, and give its job the outcome that it has thereby."""
        self._give_up(worker)
        end_strays(worker.mark)
        job = worker.job
        if job is None:
            return
        how = (how or worker.ending()) + worker.place()
        if worker.ready:
            del self._failures[job.setting]
            seconds, output = worker.age(), worker.last_words()
            yield job, Death(id=job.play.id, kind=kind, how=how, seconds=seconds, output=output, before=worker.seen)
        else:
            self._came_to_nothing(job, how, worker.last_words(), jobs, started=worker.number, hung=kind == "hang")

    def _came_to_nothing(
        self, job: Job, how: str, output: str, jobs: deque[Job], *, started: int, hung: bool = False
    ) -> None:
        """Put back the job of a worker that never got to it, and refuse all such jobs if that goes on.

        The worker was the crew's number `started`. Several that were started before the first of them came to nothing
        are one attempt.
        """
        jobs.appendleft(job)
        setting = job.setting
        if started > self._tried.get(setting, 0):
            self._tried[setting] = self.hired
            self._failures[setting] += 1
        attempts = 1 if hung else _ATTEMPTS_ONCE_UP if setting in self._been_up else _ATTEMPTS
        if self._failures[setting] >= attempts:
            how = f"the loop could not be brought up: {how}"
            self._refusals[setting] = Death(id="", kind="refused", how=how, output=output)
