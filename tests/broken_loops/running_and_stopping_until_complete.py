"""Broken loops for the chapter "Running and stopping the loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import inspect
import threading
from typing import ClassVar

from broken import Broken
from broken import SelectorLoop as Base


class EndsWhenNothingIsScheduled(Base):
    def _run_once(self):
        if not self._ready and not self._scheduled:
            self._stopping = True
        super()._run_once()


class DrivesCoroutinesByHand(Base):
    """Sends to the coroutine until it ends, and runs nothing else."""

    def run_until_complete(self, future):
        if not inspect.iscoroutine(future):
            return super().run_until_complete(future)
        try:
            while True:
                future.send(None)
        except StopIteration as done:
            return done.value


class NoTask(Base):
    """Steps a coroutine without a task around it."""

    def run_until_complete(self, future):
        if not inspect.iscoroutine(future):
            return super().run_until_complete(future)
        done = self.create_future()

        def step(_=None):
            try:
                waiting = future.send(None)
            except StopIteration as end:
                done.set_result(end.value)
            else:
                if waiting is None:
                    self.call_soon(step)
                else:
                    waiting._asyncio_future_blocking = False
                    waiting.add_done_callback(step)

        self.call_soon(step)
        return super().run_until_complete(done)


class SchedulesBeforeItAsks(Base):
    """Makes a task of the coroutine before it finds out that it can't run it."""

    def run_until_complete(self, future):
        return super().run_until_complete(asyncio.ensure_future(future, loop=self))


class TimersInThreads(Base):
    """A thread for each timer calls its callback."""

    def call_later(self, delay, callback, *args, context=None):
        def fire():
            callback(*args)
            self._write_to_self()

        timer = threading.Timer(delay, fire)
        timer.start()
        return timer


class MainThreadOnly(Base):
    def run_forever(self):
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("main thread only")
        super().run_forever()


class RemembersItsThread(Base):
    thread = None

    def run_forever(self):
        self.thread = self.thread or threading.get_ident()
        if self.thread != threading.get_ident():
            raise RuntimeError("belongs to another thread")
        super().run_forever()


class OneRunAProcess(Base):
    running: ClassVar[list[Base]] = []

    def run_forever(self):
        if self.running:
            raise RuntimeError("a loop is running")
        self.running.append(self)
        try:
            super().run_forever()
        finally:
            self.running.clear()


class EagerTasks(Base):
    def create_task(self, coro, **options):
        return asyncio.Task(coro, loop=self, eager_start=True)


class WakesTasksAtOnce(Base):
    """A task that is woken goes on in the middle of the one that wakes it."""

    def call_soon(self, callback, *args, context=None):
        if asyncio.current_task(self) and args and isinstance(args[0], asyncio.Future):
            asyncio.tasks._leave_task(self, task := asyncio.current_task(self))
            callback(*args)
            asyncio.tasks._enter_task(self, task)
            return None
        return super().call_soon(callback, *args, context=context)


class GoesOnWithTheTask(Base):
    """A task that gives way is the next to go on."""

    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if asyncio.current_task(self) and isinstance(getattr(callback, "__self__", None), asyncio.Task):
            self._ready.rotate(1)
        return handle


class OneTurnOnly(Base):
    def run_until_complete(self, future):
        future = asyncio.ensure_future(future, loop=self)
        self.stop()
        self.run_forever()
        return future.result() if future.done() else None


class WaitsForEverything(Base):
    def run_until_complete(self, future):
        future = asyncio.ensure_future(future, loop=self)
        while self._scheduled or self._ready or not future.done():
            self.stop()
            self.run_forever()
        return future.result()


class WaitsForTheEventOfBeingDone(Base):
    def run_until_complete(self, future):
        if asyncio.isfuture(future) and future.done():
            self.run_forever()
        return super().run_until_complete(future)


class StopsTheNextRunAfterAnError(Base):
    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except BaseException:
            self.stop()
            raise


class TakesTheCurrentLoop(Base):
    """Runs a coroutine as a task of the loop that is set."""

    def run_until_complete(self, future):
        return super().run_until_complete(asyncio.ensure_future(future))


class OnlyCoroutines(Base):
    def run_until_complete(self, future):
        if not asyncio.isfuture(future):
            future = self.create_task(future)
        return super().run_until_complete(future)


class NoGenerators(Base):
    def run_until_complete(self, future):
        if inspect.isgenerator(future):
            raise TypeError("a generator cannot be awaited")
        return super().run_until_complete(future)


class ForgetsResults(Base):
    def run_until_complete(self, future):
        super().run_until_complete(future)


class ResultsOnlyOnce(Base):
    def run_until_complete(self, future):
        if asyncio.isfuture(future) and future.done():
            return None
        return super().run_until_complete(future)


class NoFalseResults(Base):
    def run_until_complete(self, future):
        return super().run_until_complete(future) or None


class CopiesErrors(Base):
    """Raises another exception of the same type."""

    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except Exception as error:
            raise type(error)(*error.args) from None


class SwallowsErrors(Base):
    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except BaseException:
            return None


class TakesForeignFutures(Base):
    def run_until_complete(self, future):
        if asyncio.isfuture(future) and future.get_loop() is not self:
            return None
        return super().run_until_complete(future)


class CallsWhatCannotBeAwaited(Base):
    def run_until_complete(self, future):
        return super().run_until_complete(future() if callable(future) else future)


class IgnoresTheTaskFactory(Base):
    def run_until_complete(self, future):
        if inspect.iscoroutine(future):
            future = asyncio.Task(future, loop=self)
        return super().run_until_complete(future)


class ReportsWhatItGaveUp(Base):
    """Takes the task that it makes for one that the caller has."""

    def run_until_complete(self, future):
        return super().run_until_complete(asyncio.ensure_future(future, loop=self))


TABLE: dict[str, list[Broken]] = {
    "run-forever.until-stop/with-nothing-to-do": [Broken("EndsWhenNothingIsScheduled")],
    "asyncio-run.result/of-a-coroutine": [Broken("ForgetsResults")],
    "runner.run.outcome/of-one-after-the-other": [Broken("StopsTheNextRunAfterAnError")],
    "runner.sigint.raises-keyboard-interrupt/and-can-run-again": [Broken("SwallowsErrors")],
    "event-loop.runs-tasks-and-callbacks/a-task-that-waits-for-a-callback": [Broken("DrivesCoroutinesByHand")],
    "event-loop.own-thread/callbacks-timers-and-tasks": [Broken("TimersInThreads")],
    "event-loop.own-thread/also-in-a-thread-other-than-the-main-thread": [Broken("MainThreadOnly")],
    "event-loop.own-thread/two-loops-in-two-threads-at-once": [Broken("OneRunAProcess", hangs=True)],
    "event-loop.any-thread-for-a-run/first-in-one-thread-and-then-in-another": [Broken("RemembersItsThread")],
    "event-loop.one-task-at-a-time/a-task-that-it-creates-waits": [Broken("EagerTasks")],
    "event-loop.one-task-at-a-time/a-task-that-it-wakes-waits": [Broken("WakesTasksAtOnce")],
    "event-loop.await-lets-the-next-task-run/two-tasks-take-turns": [Broken("GoesOnWithTheTask")],
    "event-loop.blocking-delays-the-others/timer-task-and-reader-wait": [Broken("TimersInThreads")],
    "run-until-complete.until-done/not-earlier": [Broken("OneTurnOnly")],
    "run-until-complete.until-done/not-much-later": [Broken("WaitsForEverything", hangs=True)],
    "run-until-complete.until-done/one-that-is-done-already": [Broken("WaitsForTheEventOfBeingDone", hangs=True)],
    "run-until-complete.until-done/one-that-a-thread-completes": [Broken("EndsWhenNothingIsScheduled")],
    "run-until-complete.until-done/one-that-a-reader-completes": [Broken("EndsWhenNothingIsScheduled")],
    "run-until-complete.until-done/again-after-an-exception": [Broken("StopsTheNextRunAfterAnError")],
    "run-until-complete.coroutine.task/inside-a-task": [Broken("NoTask")],
    "run-until-complete.coroutine.task/of-this-loop-whatever-loop-is-current": [Broken("TakesTheCurrentLoop")],
    "run-until-complete.awaitable/an-object-with-await": [Broken("OnlyCoroutines")],
    "run-until-complete.awaitable/a-generator-based-coroutine": [Broken("NoGenerators")],
    "run-until-complete.result/returns-what-a-coroutine-returns": [Broken("ForgetsResults")],
    "run-until-complete.result/of-a-future": [Broken("ForgetsResults")],
    "run-until-complete.result/of-a-task-once-more": [Broken("ResultsOnlyOnce")],
    "run-until-complete.result/that-is-false": [Broken("NoFalseResults")],
    "run-until-complete.exception/the-very-object": [Broken("CopiesErrors")],
    "run-until-complete.exception/of-a-future": [Broken("SwallowsErrors")],
    "run-until-complete.exception/of-any-kind": [Broken("SwallowsErrors")],
    "run-until-complete.exception/of-cancellation": [Broken("SwallowsErrors")],
    "run-until-complete.while-running/and-the-coroutine-is-not-run": [Broken("SchedulesBeforeItAsks")],
    "run-until-complete.stopped-early/with-a-future": [Broken("SwallowsErrors")],
    "run-until-complete.foreign-future/is-refused": [Broken("TakesForeignFutures")],
    "run-until-complete.not-awaitable/a-coroutine-function-not-called": [Broken("CallsWhatCannotBeAwaited")],
    "run-until-complete.task-factory/also-for-the-outermost-task": [Broken("IgnoresTheTaskFactory")],
    "run-until-complete.stopped-early.silent/collected-after-the-loop-is-closed": [Broken("ReportsWhatItGaveUp")],
}
