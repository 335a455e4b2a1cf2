"""Broken loops for the chapter "Running and stopping the loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import heapq

from broken import Broken
from broken import SelectorLoop as Base


class Leave(KeyboardInterrupt):
    """Leaves the batch at once."""


class EndsWhenIdle(Base):
    def _run_once(self):
        super()._run_once()
        if not self._ready:
            self._stopping = True


class EndsOnError(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self.stop()


class LeavesItsDoneCallback(Base):
    """run_until_complete() leaves the future a callback that stops the loop."""

    def run_until_complete(self, future):
        future = asyncio.ensure_future(future, loop=self)
        future.add_done_callback(lambda _: self.stop())
        self.run_forever()
        if not future.done():
            raise RuntimeError
        return future.result()


class KeepsItsStop(Base):
    """A stop() ends the next run too."""

    def _run_forever_cleanup(self):
        stopping = self._stopping
        super()._run_forever_cleanup()
        self._stopping = stopping


class CountsStops(Base):
    stops = 0

    def stop(self):
        self.stops += 1
        super().stop()

    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        self.stops -= 1
        self._stopping = self.stops > 0


class ForgetsAnEarlyStop(Base):
    """A stop() before the run is forgotten."""

    def run_forever(self):
        self._stopping = False
        super().run_forever()


class PollsTwice(Base):
    def _run_once(self):
        again = self._stopping
        super()._run_once()
        if again:
            super()._run_once()


class WaitsAMomentForEvents(Base):
    def _run_once(self):
        if self._stopping:
            self._process_events(self._selector.select(0.002))
        super()._run_once()


class PollsOnlyTheFirstTime(Base):
    polled = False

    def _process_events(self, events):
        if self._stopping and self.polled:
            return
        self.polled = True
        super()._process_events(events)


class OneEventAtATime(Base):
    def _process_events(self, events):
        super()._process_events(events[:1])


class QueuesItsStop(Base):
    """stop() is one more callback in the queue."""

    def stop(self):
        self.call_soon(super().stop)


class CutsAtTheStop(Base):
    """A stop() before the run cuts off what is scheduled after it."""

    behind = None

    def stop(self):
        if not self.is_running():
            self.behind = len(self._ready)
        super().stop()

    def _run_once(self):
        count, self.behind = self.behind, None
        if count is None:
            return super()._run_once()
        rest = list(self._ready)[count:]
        while len(self._ready) > count:
            self._ready.pop()
        super()._run_once()
        self._ready.extend(rest)
        return None


class AHundredAtATime(Base):
    """Takes a hundred callbacks in a turn."""

    def _run_once(self):
        rest = list(self._ready)[100:]
        while len(self._ready) > 100:
            self._ready.pop()
        super()._run_once()
        self._ready.extend(rest)


class ThreadsafeOneTurnLater(Base):
    def __init__(self):
        super().__init__()
        self.inbox = []

    def call_soon_threadsafe(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self.inbox.append(handle)
        self._write_to_self()
        return handle

    def _run_once(self):
        super()._run_once()
        while self.inbox:
            self._ready.append(self.inbox.pop(0))


class DrainsItsQueue(Base):
    """Goes on until nothing is left."""

    def _run_once(self):
        super()._run_once()
        while self._stopping and (self._ready or any(h.when() <= self.time() for h in self._scheduled)):
            super()._run_once()


class NoTimersInAStoppedTurn(Base):
    def _run_once(self):
        if not self._stopping:
            return super()._run_once()
        timers, self._scheduled = self._scheduled, []
        super()._run_once()
        self._scheduled = timers
        return None


class StopsAtOnce(Base):
    """stop() ends the run in the middle of the batch."""

    def stop(self):
        super().stop()
        if self.is_running():
            raise Leave

    def run_forever(self):
        with contextlib.suppress(Leave):
            super().run_forever()


class StopsAtOnceInLaterTurns(StopsAtOnce):
    turns = 0

    def _run_once(self):
        self.turns += 1
        super()._run_once()

    def stop(self):
        if self.turns > 1:
            super().stop()
        self._stopping = True


class AnErrorCutsTheBatch(StopsAtOnce):
    def stop(self):
        self._stopping = True

    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        raise Leave


class TimersWhilePolling(Base):
    def _process_events(self, events):
        super()._process_events(events)
        while self._scheduled and self._scheduled[0].when() <= self.time():
            heapq.heappop(self._scheduled)._run()


class ReadersWhilePolling(Base):
    def _add_callback(self, handle):
        handle._run()


class LosesWhatIsLeft(Base):
    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        self._ready.clear()
        self._scheduled.clear()


class PutsWhatIsLeftBehind(Base):
    """What a run leaves comes after what is scheduled until the next."""

    left = ()

    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        self.left = list(self._ready)
        self._ready.clear()

    def _run_forever_setup(self):
        super()._run_forever_setup()
        self._ready.extend(self.left)


class IgnoresASecondRun(Base):
    def run_forever(self):
        if self.is_running() or asyncio._get_running_loop():
            return
        super().run_forever()

    def run_until_complete(self, future):
        if self.is_running() or asyncio._get_running_loop():
            return None
        return super().run_until_complete(future)


class RunsInsideAnother(Base):
    """Does not notice that another loop runs in this thread."""

    def _check_running(self):
        if self.is_running():
            raise RuntimeError

    def _run_forever_setup(self):
        self.outer = asyncio._get_running_loop()
        super()._run_forever_setup()

    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        asyncio._set_running_loop(self.outer)


class SwallowsExits(Base):
    def _run_once(self):
        try:
            super()._run_once()
        except (SystemExit, KeyboardInterrupt) as error:
            self.call_exception_handler({"message": "swallowed", "exception": error})
            self.stop()


class TakesAnExitForAStop(Base):
    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except KeyboardInterrupt:
            raise RuntimeError("stopped before the future was done") from None


class LosesTheBatchOnExit(Base):
    def _run_once(self):
        try:
            super()._run_once()
        except (SystemExit, KeyboardInterrupt):
            self._ready.clear()
            raise


class StopsOnlyForRunForever(Base):
    wanted = None

    def run_until_complete(self, future):
        self.wanted = asyncio.ensure_future(future, loop=self)
        return super().run_until_complete(self.wanted)

    def stop(self):
        if self.wanted is None or self.wanted.done():
            super().stop()


class StopWaitsForATimer(Base):
    def stop(self):
        self.call_later(30, super().stop)


class NeverRunning(Base):
    def is_running(self):
        return False


class RunningAfterAnyError(Base):
    failed = False

    def is_running(self):
        return self.failed or super().is_running()

    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except BaseException:
            self.failed = True
            raise

    def close(self):
        self.failed = False
        super().close()


class RunningOnceStopIsCalled(Base):
    asked = True

    def is_running(self):
        return super().is_running() or (self._stopping and self.asked)

    def run_forever(self):
        self.asked = False
        super().run_forever()


class NotRunningOnceStopIsCalled(Base):
    def is_running(self):
        return super().is_running() and not self._stopping


class RunningForItsThread(Base):
    """is_running() is false in other threads."""

    def is_running(self):
        return asyncio._get_running_loop() is self


class RunningIfAnyLoopRuns(Base):
    def is_running(self):
        return asyncio._get_running_loop() is not None


class ARefusedRunCleansUp(Base):
    """A run that is refused ends the one that goes on."""

    def run_forever(self):
        try:
            self._run_forever_setup()
            while True:
                self._run_once()
                if self._stopping:
                    break
        finally:
            self._run_forever_cleanup()


TABLE: dict[str, list[Broken]] = {
    "run-forever.until-stop/through-many-turns": [Broken("EndsWhenIdle")],
    "run-forever.until-stop/although-a-callback-fails": [Broken("EndsOnError")],
    "run-forever.until-stop/not-until-the-future-of-an-earlier-run-is-done": [Broken("LeavesItsDoneCallback")],
    "run-forever.until-stop/again-after-it-was-stopped": [Broken("KeepsItsStop")],
    "run-forever.stop-first.polls-once/reports-a-readable-descriptor-once": [Broken("PollsTwice")],
    "run-forever.stop-first.polls-once/once-for-each-stop": [Broken("PollsOnlyTheFirstTime")],
    "run-forever.stop-first.polls-once/makes-one-poll-without-waiting": [Broken("WaitsAMomentForEvents")],
    "run-forever.stop-first.io-callbacks/of-every-descriptor-that-is-ready": [Broken("OneEventAtATime")],
    "run-forever.stop-first.scheduled-callbacks/before-and-after-the-call-of-stop": [Broken("CutsAtTheStop")],
    "run-forever.stop-first.scheduled-callbacks/a-thousand": [Broken("AHundredAtATime")],
    "run-forever.stop-first.scheduled-callbacks/by-another-thread": [Broken("ThreadsafeOneTurnLater")],
    "run-forever.stop-first.exits/with-nothing-scheduled": [Broken("ForgetsAnEarlyStop", hangs=True)],
    "run-forever.stop-first.exits/without-what-these-callbacks-schedule": [Broken("DrainsItsQueue")],
    "run-forever.stop-first.exits/and-uses-up-any-number-of-stops": [Broken("CountsStops")],
    "run-forever.stop-first.due-timers/in-its-only-turn": [Broken("NoTimersInAStoppedTurn")],
    "run-forever.stop.current-batch/those-behind-the-one-that-stops": [Broken("StopsAtOnce")],
    "run-forever.stop.current-batch/in-a-later-turn": [Broken("StopsAtOnceInLaterTurns")],
    "run-forever.stop.current-batch/stopped-by-a-task": [Broken("StopsAtOnce")],
    "run-forever.stop.current-batch/although-the-stopping-callback-fails": [Broken("AnErrorCutsTheBatch")],
    "run-forever.stop.new-callbacks-wait/whichever-way-they-are-scheduled": [Broken("DrainsItsQueue")],
    "run-forever.stop.new-callbacks-wait/by-a-timer-that-stops": [Broken("TimersWhilePolling")],
    "run-forever.stop.new-callbacks-wait/by-a-reader-that-stops": [Broken("ReadersWhilePolling")],
    "run-forever.stop.new-callbacks-run-next-time/by-run-forever-in-their-order": [Broken("PutsWhatIsLeftBehind")],
    "run-forever.stop.new-callbacks-run-next-time/by-run-until-complete": [Broken("QueuesItsStop")],
    "run-forever.stop.new-callbacks-run-next-time/after-run-until-complete-was-stopped": [Broken("LosesWhatIsLeft")],
    "run-forever.while-running/the-same-loop": [Broken("IgnoresASecondRun")],
    "run-forever.while-running/another-loop-in-the-same-thread": [Broken("RunsInsideAnother")],
    "run-forever.while-running/the-same-loop-from-another-thread": [Broken("IgnoresASecondRun")],
    "run-forever.exit-exceptions-leave/from-callback-timer-or-task": [Broken("SwallowsExits")],
    "run-forever.exit-exceptions-leave/out-of-run-until-complete": [Broken("TakesAnExitForAStop")],
    "run-forever.exit-exceptions-leave/and-the-batch-is-not-lost": [Broken("LosesTheBatchOnExit")],
    "run-forever.sigint/while-it-waits": [Broken("SwallowsExits")],
    "run-forever.sigint/while-a-callback-runs": [Broken("SwallowsExits")],
    "stop.stops-the-loop/that-run-until-complete-runs": [Broken("StopsOnlyForRunForever", hangs=True)],
    "stop.stops-the-loop/from-a-timer-reader-or-thread": [Broken("StopWaitsForATimer", hangs=True)],
    "is-running.true-while-running/before-during-and-after": [Broken("NeverRunning")],
    "is-running.true-while-running/after-the-run-ended-by-an-exception": [Broken("RunningAfterAnyError")],
    "is-running.true-while-running/not-between-stop-and-run": [Broken("RunningOnceStopIsCalled")],
    "is-running.true-while-running/still-until-the-stopping-batch-is-done": [Broken("NotRunningOnceStopIsCalled")],
    "is-running.true-while-running/seen-from-another-thread": [Broken("RunningForItsThread")],
    "is-running.true-while-running/not-because-another-loop-runs": [Broken("RunningIfAnyLoopRuns")],
    "is-running.true-while-running/although-a-nested-run-was-refused": [Broken("ARefusedRunCleansUp")],
    "runner.same-loop/where-a-task-of-the-first-call-goes-on": [Broken("LosesWhatIsLeft", hangs=True)],
    "run-until-complete.stopped-early/by-a-stop-before-the-run": [Broken("ForgetsAnEarlyStop", hangs=True)],
    "run-until-complete.stopped-early/and-lets-go-of-the-future": [Broken("LeavesItsDoneCallback")],
    "run-until-complete.while-running/the-same-loop": [Broken("IgnoresASecondRun")],
    "run-until-complete.while-running/another-loop-in-the-same-thread": [Broken("IgnoresASecondRun")],
}
