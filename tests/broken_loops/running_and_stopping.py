"""Broken loops for the chapter "Running and stopping the loop"; TABLE says which case catches which.

They derive from CPython 3.14's selector loop and use its private parts.
"""

import asyncio
import gc
import heapq
import inspect
import os
import signal
import sys
import threading
import warnings

Base = asyncio.SelectorEventLoop


class Leave(KeyboardInterrupt):
    """Leaves the batch at once."""


# --- run_forever() and stop() -----------------------------------------------------------------------------------------


class EndsWhenIdle(Base):
    def _run_once(self):
        super()._run_once()
        if not self._ready:
            self._stopping = True


class EndsWhenNothingIsScheduled(Base):
    def _run_once(self):
        if not self._ready and not self._scheduled:
            self._stopping = True
        super()._run_once()


class EndsOnError(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self.stop()


class LeavesItsDoneCallback(Base):
    def run_until_complete(self, future):
        future = asyncio.ensure_future(future, loop=self)
        future.add_done_callback(lambda _: self.stop())
        self.run_forever()
        if not future.done():
            raise RuntimeError
        return future.result()


class KeepsItsStop(Base):
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
    def run_forever(self):
        self._stopping = False
        super().run_forever()


class PollsTwice(Base):
    def _run_once(self):
        again = self._stopping
        super()._run_once()
        if again:
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
    def stop(self):
        self.call_soon(super().stop)


class CutsAtTheStop(Base):
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


class AHundredAtATime(Base):
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


class StopsAtOnce(Base):
    def stop(self):
        super().stop()
        if self.is_running():
            raise Leave

    def run_forever(self):
        try:
            super().run_forever()
        except Leave:
            pass


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


# --- is_running() -----------------------------------------------------------------------------------------------------


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
    def is_running(self):
        return asyncio._get_running_loop() is self


class RunningIfAnyLoopRuns(Base):
    def is_running(self):
        return asyncio._get_running_loop() is not None


class ARefusedRunCleansUp(Base):
    def run_forever(self):
        try:
            self._run_forever_setup()
            while True:
                self._run_once()
                if self._stopping:
                    break
        finally:
            self._run_forever_cleanup()


# --- The loop's thread, and run_until_complete() ----------------------------------------------------------------------


class DrivesCoroutinesByHand(Base):
    def run_until_complete(self, future):
        if not inspect.iscoroutine(future):
            return super().run_until_complete(future)
        try:
            while True:
                future.send(None)
        except StopIteration as done:
            return done.value


class NoTask(Base):
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


class TimersInThreads(Base):
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
    running = []

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
    def call_soon(self, callback, *args, context=None):
        if asyncio.current_task(self) and args and isinstance(args[0], asyncio.Future):
            asyncio.tasks._leave_task(self, task := asyncio.current_task(self))
            callback(*args)
            asyncio.tasks._enter_task(self, task)
            return None
        return super().call_soon(callback, *args, context=context)


class GoesOnWithTheTask(Base):
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
    def run_until_complete(self, future):
        return super().run_until_complete(asyncio.ensure_future(future))


class OnlyCoroutines(Base):
    def run_until_complete(self, future):
        if not asyncio.isfuture(future):
            future = self.create_task(future)
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


# --- close() ----------------------------------------------------------------------------------------------------------


class ClosedWhenNotRunning(Base):
    shown = True

    def is_closed(self):
        return super().is_closed() or (self.shown and not self.is_running())

    def close(self):
        self.shown = False
        super().close()


class ClosedTogether(Base):
    def _check_closed(self):
        pass

    any_closed = False

    def close(self):
        if not self.any_closed:
            super().close()
        type(self).any_closed = True

    def is_closed(self):
        return self.any_closed or super().is_closed()

    def __del__(self):
        type(self).any_closed = False
        self._closed or super().close()


class ClosesInSilenceWhileRunning(Base):
    def close(self):
        if not self.is_running():
            super().close()


class DrainsOnClose(Base):
    def close(self):
        if not self.is_closed() and not self.is_running():
            self.stop()
            self.run_forever()
        super().close()


class KeepsItsQueues(Base):
    def close(self):
        self.kept = [*self._ready, *self._scheduled]
        super().close()


class ForgetsItsExecutor(Base):
    kept = []

    def close(self):
        self.kept.append(self._default_executor)
        self._default_executor = None
        super().close()


class ShutsDownEveryExecutor(Base):
    seen = None

    def run_in_executor(self, executor, func, *args):
        self.seen = executor
        return super().run_in_executor(executor, func, *args)

    def close(self):
        super().close()
        if self.seen:
            self.seen.shutdown(wait=False)


class WaitsForItsExecutor(Base):
    def close(self):
        if self._default_executor:
            self._default_executor.shutdown(wait=True)
        super().close()


class ASecondCloseRaises(Base):
    def close(self):
        self._check_closed()
        super().close()


class ClosesItsDescriptorsAgain(Base):
    numbers = ()

    def close(self):
        for number in self.numbers:
            try:
                os.close(number)
            except OSError:
                pass
        if not self.is_closed():
            self.numbers = self._selector.fileno(), self._ssock.fileno(), self._csock.fileno()
        super().close()


class ASecondCloseOpens(Base):
    shown = False

    def close(self):
        super().close()
        self.shown = not self.shown

    def is_closed(self):
        return self.shown


class RunsWhenClosed(Base):
    def run_forever(self):
        if not self.is_closed():
            super().run_forever()

    def run_until_complete(self, future):
        if not self.is_closed():
            return super().run_until_complete(future)


class SchedulesWhenClosed(Base):
    def _check_closed(self):
        pass


class WorksWhenClosed(Base):
    def create_task(self, coro, **options):
        if self.is_closed():
            return None
        return super().create_task(coro, **options)

    def run_in_executor(self, executor, func, *args):
        if self.is_closed():
            return None
        return super().run_in_executor(executor, func, *args)


class CloseDoesNothing(Base):
    def close(self):
        pass

    def __del__(self):
        Base.close(self)


# --- shutdown_default_executor() --------------------------------------------------------------------------------------


class DoesNotWaitForThreads(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True
        self._default_executor.shutdown(wait=False)


class JoinsNoThread(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True


class DropsWaitingJobs(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True
        self._default_executor.shutdown(wait=True, cancel_futures=True)


class OnlyItsOwnExecutor(Base):
    def set_default_executor(self, executor):
        super().set_default_executor(executor)
        self.foreign = executor

    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True


class BlocksWhileItJoins(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True
        self._default_executor.shutdown(wait=True)


class MakesANewExecutor(Base):
    async def shutdown_default_executor(self, timeout=None):
        await super().shutdown_default_executor(timeout)
        self._executor_shutdown_called = False
        self._default_executor = None


class ForgetsAShutdownOfNothing(Base):
    async def shutdown_default_executor(self, timeout=None):
        if self._default_executor is not None:
            await super().shutdown_default_executor(timeout)


class TakesJobsWhileItWaits(Base):
    async def shutdown_default_executor(self, timeout=None):
        executor, self._default_executor = self._default_executor, None
        await asyncio.to_thread(executor.shutdown)
        await super().shutdown_default_executor(timeout)


class RefusesEveryExecutor(Base):
    def run_in_executor(self, executor, func, *args):
        self._check_default_executor()
        return super().run_in_executor(executor, func, *args)


class TakesNoneForZero(Base):
    async def shutdown_default_executor(self, timeout=None):
        await super().shutdown_default_executor(timeout or 0.001)


class TakesNoTimeout(Base):
    async def shutdown_default_executor(self):
        await super().shutdown_default_executor()


class AlwaysWarns(Base):
    async def shutdown_default_executor(self, timeout=None):
        await super().shutdown_default_executor(None)
        if timeout is not None:
            warnings.warn("time-out", RuntimeWarning, stacklevel=2)


class CountsMilliseconds(Base):
    async def shutdown_default_executor(self, timeout=None):
        await super().shutdown_default_executor(timeout and timeout / 1000)


class GivesUpInSilence(Base):
    async def shutdown_default_executor(self, timeout=None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await super().shutdown_default_executor(timeout)


class LooksAtTheTimeTooLate(Base):
    async def shutdown_default_executor(self, timeout=None):
        await super().shutdown_default_executor(None)


# --- Asynchronous generators ------------------------------------------------------------------------------------------


class CancelsGenerators(Base):
    async def shutdown_asyncgens(self):
        for generator in list(self._asyncgens):
            await asyncio.gather(generator.athrow(asyncio.CancelledError), return_exceptions=True)


class ClosesTheLastOnly(Base):
    def _asyncgen_firstiter_hook(self, generator):
        self._asyncgens.clear()
        super()._asyncgen_firstiter_hook(generator)


class StopsAtTheFirstFailure(Base):
    async def shutdown_asyncgens(self):
        generators = list(self._asyncgens)
        self._asyncgens.clear()
        for generator in sorted(generators, key=lambda g: g.ag_frame.f_locals["name"]):
            await generator.aclose()


class AListForEachRun(Base):
    def _run_forever_setup(self):
        super()._run_forever_setup()
        self._asyncgens.clear()


class AListForEachTask(Base):
    def _asyncgen_firstiter_hook(self, generator):
        super()._asyncgen_firstiter_hook(generator)
        task = asyncio.current_task()
        if task:
            task.add_done_callback(lambda _: self._asyncgens.discard(generator))


class NeverWarnsOfGenerators(Base):
    def _asyncgen_firstiter_hook(self, generator):
        self._asyncgens.add(generator)


class ForgetsAShutdownOfNoGenerator(Base):
    async def shutdown_asyncgens(self):
        if self._asyncgens:
            await super().shutdown_asyncgens()


class RaisesWhatGeneratorsRaise(Base):
    async def shutdown_asyncgens(self):
        generators = list(self._asyncgens)
        self._asyncgens.clear()
        await asyncio.gather(*(generator.aclose() for generator in generators))


class NoHooks(Base):
    def _run_forever_setup(self):
        super()._run_forever_setup()
        sys.set_asyncgen_hooks(None, None)


class KeepsItsHooks(Base):
    def _run_forever_cleanup(self):
        hooks = sys.get_asyncgen_hooks()
        super()._run_forever_cleanup()
        sys.set_asyncgen_hooks(*hooks)


class HoldsGenerators(Base):
    def __init__(self):
        super().__init__()
        self._asyncgens = set()


class HookIsNotThreadsafe(Base):
    def _asyncgen_finalizer_hook(self, generator):
        self.call_soon(self.create_task, generator.aclose())


class SchedulesOnAClosedLoop(Base):
    def _asyncgen_finalizer_hook(self, generator):
        self.call_soon_threadsafe(self.create_task, generator.aclose())


class DoesNotWaitForGenerators(Base):
    async def shutdown_asyncgens(self):
        for generator in list(self._asyncgens):
            self.create_task(generator.aclose())
        self._asyncgens.clear()
        await asyncio.sleep(0)


class ClosesAllGeneratorsThereAre(Base):
    async def shutdown_asyncgens(self):
        for generator in filter(inspect.isasyncgen, gc.get_objects()):
            await generator.aclose()


class ShutsDownNoGenerator(Base):
    async def shutdown_asyncgens(self):
        pass


# --- asyncio.run(), Runner, Ctrl-C ------------------------------------------------------------------------------------


class NotKnownAsRunning(Base):
    def _run_forever_setup(self):
        super()._run_forever_setup()
        asyncio._set_running_loop(None)


class StaysKnownAsRunning(Base):
    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        asyncio._set_running_loop(self)


class ClosesAfterEachRun(Base):
    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        finally:
            self.close()


class SetsTheDefaultForSigint(Base):
    def run_forever(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        super().run_forever()


class KeepsAHandlerForSigint(Base):
    def run_forever(self):
        signal.signal(signal.SIGINT, lambda *_: None)
        super().run_forever()


class DefersSigint(Base):
    def run_until_complete(self, future):
        before = signal.getsignal(signal.SIGINT)

        def later(*arguments):
            self.call_soon_threadsafe(self._add_sigint, before, arguments)

        signal.signal(signal.SIGINT, later)
        try:
            return super().run_until_complete(future)
        finally:
            signal.signal(signal.SIGINT, before)

    def _add_sigint(self, before, arguments):
        before(*arguments)


TABLE = {
    "run-forever.until-stop/through-many-turns": "EndsWhenIdle",
    "run-forever.until-stop/with-nothing-to-do": "EndsWhenNothingIsScheduled",
    "run-forever.until-stop/although-a-callback-fails": "EndsOnError",
    "run-forever.until-stop/not-until-the-future-of-an-earlier-run-is-done": "LeavesItsDoneCallback",
    "run-forever.until-stop/again-after-it-was-stopped": "KeepsItsStop",
    "run-forever.stop-first.polls-once/reports-a-readable-descriptor-once": "PollsTwice",
    "run-forever.stop-first.polls-once/once-for-each-stop": "PollsOnlyTheFirstTime",
    "run-forever.stop-first.polls-once/makes-one-poll-without-waiting": "PollsTwice",
    "run-forever.stop-first.io-callbacks/of-every-descriptor-that-is-ready": "OneEventAtATime",
    "run-forever.stop-first.scheduled-callbacks/before-and-after-the-call-of-stop": "CutsAtTheStop",
    "run-forever.stop-first.scheduled-callbacks/a-thousand": "AHundredAtATime",
    "run-forever.stop-first.scheduled-callbacks/by-another-thread": "ThreadsafeOneTurnLater",
    "run-forever.stop-first.exits/with-nothing-scheduled": "ForgetsAnEarlyStop",
    "run-forever.stop-first.exits/without-what-these-callbacks-schedule": "DrainsItsQueue",
    "run-forever.stop-first.exits/and-uses-up-any-number-of-stops": "CountsStops",
    "run-forever.stop-first.due-timers/in-its-only-turn": "NoTimersInAStoppedTurn",
    "run-forever.stop.current-batch/those-behind-the-one-that-stops": "StopsAtOnce",
    "run-forever.stop.current-batch/in-a-later-turn": "StopsAtOnceInLaterTurns",
    "run-forever.stop.current-batch/stopped-by-a-task": "StopsAtOnce",
    "run-forever.stop.current-batch/although-the-stopping-callback-fails": "AnErrorCutsTheBatch",
    "run-forever.stop.new-callbacks-wait/whichever-way-they-are-scheduled": "DrainsItsQueue",
    "run-forever.stop.new-callbacks-wait/by-a-timer-that-stops": "TimersWhilePolling",
    "run-forever.stop.new-callbacks-wait/by-a-reader-that-stops": "ReadersWhilePolling",
    "run-forever.stop.new-callbacks-run-next-time/by-run-forever-in-their-order": "PutsWhatIsLeftBehind",
    "run-forever.stop.new-callbacks-run-next-time/by-run-until-complete": "QueuesItsStop",
    "run-forever.stop.new-callbacks-run-next-time/after-run-until-complete-was-stopped": "LosesWhatIsLeft",
    "run-forever.while-running/the-same-loop": "IgnoresASecondRun",
    "run-forever.while-running/another-loop-in-the-same-thread": "RunsInsideAnother",
    "run-forever.while-running/the-same-loop-from-another-thread": "IgnoresASecondRun",
    "run-forever.exit-exceptions-leave/from-callback-timer-or-task": "SwallowsExits",
    "run-forever.exit-exceptions-leave/and-the-batch-is-not-lost": "LosesTheBatchOnExit",
    "run-forever.sigint/while-it-waits": "SwallowsExits",
    "run-forever.sigint/while-a-callback-runs": "SwallowsExits",
    "stop.stops-the-loop/that-run-until-complete-runs": "StopsOnlyForRunForever",
    "stop.stops-the-loop/from-a-timer-reader-or-thread": "StopWaitsForATimer",
    "is-running.true-while-running/before-during-and-after": "NeverRunning",
    "is-running.true-while-running/after-the-run-ended-by-an-exception": "RunningAfterAnyError",
    "is-running.true-while-running/not-between-stop-and-run": "RunningOnceStopIsCalled",
    "is-running.true-while-running/still-until-the-stopping-batch-is-done": "NotRunningOnceStopIsCalled",
    "is-running.true-while-running/seen-from-another-thread": "RunningForItsThread",
    "is-running.true-while-running/not-because-another-loop-runs": "RunningIfAnyLoopRuns",
    "is-running.true-while-running/although-a-nested-run-was-refused": "ARefusedRunCleansUp",
    "event-loop.runs-tasks-and-callbacks/a-task-that-waits-for-a-callback": "DrivesCoroutinesByHand",
    "event-loop.own-thread/callbacks-timers-and-tasks": "TimersInThreads",
    "event-loop.own-thread/also-in-a-thread-other-than-the-main-thread": "MainThreadOnly",
    "event-loop.any-thread-for-a-run/first-in-one-thread-and-then-in-another": "RemembersItsThread",
    "event-loop.own-thread/two-loops-in-two-threads-at-once": "OneRunAProcess",
    "event-loop.one-task-at-a-time/a-task-that-it-creates-waits": "EagerTasks",
    "event-loop.one-task-at-a-time/a-task-that-it-wakes-waits": "WakesTasksAtOnce",
    "event-loop.await-lets-the-next-task-run/two-tasks-take-turns": "GoesOnWithTheTask",
    "event-loop.blocking-delays-the-others/timer-task-and-reader-wait": "TimersInThreads",
    "run-until-complete.until-done/not-earlier": "OneTurnOnly",
    "run-until-complete.until-done/not-much-later": "WaitsForEverything",
    "run-until-complete.until-done/one-that-is-done-already": "WaitsForTheEventOfBeingDone",
    "run-until-complete.until-done/one-that-a-thread-completes": "EndsWhenNothingIsScheduled",
    "run-until-complete.until-done/one-that-a-reader-completes": "EndsWhenNothingIsScheduled",
    "run-until-complete.until-done/again-after-an-exception": "StopsTheNextRunAfterAnError",
    "run-until-complete.coroutine.task/inside-a-task": "NoTask",
    "run-until-complete.coroutine.task/of-this-loop-whatever-loop-is-current": "TakesTheCurrentLoop",
    "run-until-complete.awaitable/an-object-with-await": "OnlyCoroutines",
    "run-until-complete.awaitable/a-generator-based-coroutine": "OnlyCoroutines",
    "run-until-complete.result/returns-what-a-coroutine-returns": "ForgetsResults",
    "run-until-complete.result/of-a-future": "ForgetsResults",
    "run-until-complete.result/of-a-task-once-more": "ResultsOnlyOnce",
    "run-until-complete.result/that-is-false": "NoFalseResults",
    "run-until-complete.exception/the-very-object": "CopiesErrors",
    "run-until-complete.exception/of-a-future": "SwallowsErrors",
    "run-until-complete.exception/of-any-kind": "SwallowsErrors",
    "run-until-complete.exception/of-cancellation": "SwallowsErrors",
    "run-until-complete.stopped-early/with-a-future": "SwallowsErrors",
    "run-until-complete.stopped-early/by-a-stop-before-the-run": "ForgetsAnEarlyStop",
    "run-until-complete.while-running/the-same-loop": "IgnoresASecondRun",
    "run-until-complete.while-running/another-loop-in-the-same-thread": "IgnoresASecondRun",
    "run-until-complete.foreign-future/is-refused": "TakesForeignFutures",
    "run-until-complete.not-awaitable/a-coroutine-function-not-called": "CallsWhatCannotBeAwaited",
    "run-until-complete.task-factory/also-for-the-outermost-task": "IgnoresTheTaskFactory",
    "is-closed.true-after-close/only-after-close": "ClosedWhenNotRunning",
    "is-closed.true-after-close/for-this-loop-alone": "ClosedTogether",
    "close.while-running/from-a-callback-and-from-a-coroutine": "ClosesInSilenceWhileRunning",
    "close.discards-pending-callbacks/without-calling-them": "DrainsOnClose",
    "close.discards-pending-callbacks/nor-what-a-stopped-run-left": "DrainsOnClose",
    "close.clears-queues/and-lets-go-of-what-they-held": "KeepsItsQueues",
    "close.shuts-down-the-executor/whose-threads-then-end": "ForgetsItsExecutor",
    "close.shuts-down-the-executor/that-was-set": "ForgetsItsExecutor",
    "close.shuts-down-the-executor/but-no-other-executor": "ShutsDownEveryExecutor",
    "close.does-not-wait-for-the-executor/while-a-job-runs": "WaitsForItsExecutor",
    "close.idempotent/however-often": "ASecondCloseRaises",
    "close.idempotent/and-closes-no-descriptor-twice": "ClosesItsDescriptorsAgain",
    "close.irreversible/and-says-so-whenever-it-is-asked": "ASecondCloseOpens",
    "close.methods-refuse-afterwards/of-running": "RunsWhenClosed",
    "close.methods-refuse-afterwards/of-scheduling": "SchedulesWhenClosed",
    "close.methods-refuse-afterwards/of-tasks-and-jobs": "WorksWhenClosed",
    "shutdown-default-executor.waits-for-its-threads/after-the-job-that-runs": "DoesNotWaitForThreads",
    "shutdown-default-executor.queued-jobs-are-done/to-the-last": "DropsWaitingJobs",
    "shutdown-default-executor.waits-for-its-threads/all-of-them": "JoinsNoThread",
    "shutdown-default-executor.waits-for-its-threads/of-an-executor-that-was-set": "OnlyItsOwnExecutor",
    "shutdown-default-executor.loop-goes-on/for-a-job-that-a-callback-ends": "BlocksWhileItJoins",
    "shutdown-default-executor.refuses-afterwards/after-it-has-ended": "MakesANewExecutor",
    "shutdown-default-executor.refuses-afterwards/although-there-was-no-executor": "ForgetsAShutdownOfNothing",
    "shutdown-default-executor.refuses-afterwards/while-it-still-waits": "TakesJobsWhileItWaits",
    "shutdown-default-executor.refuses-afterwards/but-other-executors-work": "RefusesEveryExecutor",
    "shutdown-default-executor.timeout.none/waits-for-a-slow-job": "TakesNoneForZero",
    "shutdown-default-executor.timeout.none/also-when-it-is-given": "TakesNoTimeout",
    "shutdown-default-executor.timeout.in-time/that-are-not-used-up": "AlwaysWarns",
    "shutdown-default-executor.timeout.in-time/and-not-milliseconds": "CountsMilliseconds",
    "shutdown-default-executor.timeout.warns/when-a-job-is-stuck": "GivesUpInSilence",
    "shutdown-default-executor.timeout.does-not-wait/that-are-still-busy": "LooksAtTheTimeTooLate",
    "shutdown-asyncgens.closes-open-generators/which-raises-generator-exit-in-them": "CancelsGenerators",
    "shutdown-asyncgens.closes-open-generators/all-of-them": "ClosesTheLastOnly",
    "shutdown-asyncgens.closes-open-generators/even-if-one-fails": "StopsAtTheFirstFailure",
    "shutdown-asyncgens.closes-open-generators/opened-in-an-earlier-run": "AListForEachRun",
    "shutdown-asyncgens.closes-open-generators/opened-in-a-task-that-was-cancelled": "AListForEachTask",
    "shutdown-asyncgens.warns-of-new-generators/but-not-before": "NeverWarnsOfGenerators",
    "shutdown-asyncgens.warns-of-new-generators/even-if-there-was-nothing-to-close": "ForgetsAShutdownOfNoGenerator",
    "shutdown-asyncgens.errors-to-the-handler/and-not-to-the-caller": "RaisesWhatGeneratorsRaise",
    "asyncgens.hooks-are-set/while-it-runs": "NoHooks",
    "asyncgens.hooks-are-restored/however-the-run-ends": "KeepsItsHooks",
    "asyncgens.list-is-kept-consistent/one-that-was-dropped-is-closed-once": "HoldsGenerators",
    "asyncgens.ended-are-let-go/one-that-ended-is-let-go": "HoldsGenerators",
    "asyncgens.clean-up-is-deferred/after-a-loop-that-was-left-early": "NoHooks",
    "asyncgens.clean-up-from-any-thread/dropped-by-another-thread": "HookIsNotThreadsafe",
    "asyncgens.dropped-after-close/in-silence": "SchedulesOnAClosedLoop",
    "asyncgens.shutdown-stops-gracefully/with-clean-up-that-awaits": "DoesNotWaitForGenerators",
    "asyncgens.iterated-before-the-loop/is-not-closed": "ClosesAllGeneratorsThereAre",
    "asyncio-run.result/of-a-coroutine": "ForgetsResults",
    "asyncio-run.finalizes-asyncgens/that-main-left-open": "ShutsDownNoGenerator",
    "asyncio-run.closes-the-executor/after-its-jobs": "JoinsNoThread",
    "asyncio-run.closes-the-loop/however-main-ends": "CloseDoesNothing",
    "asyncio-run.not-while-a-loop-runs/from-a-callback-or-coroutine": "NotKnownAsRunning",
    "asyncio-run.not-while-a-loop-runs/but-when-the-loop-has-stopped": "StaysKnownAsRunning",
    "runner.run.outcome/of-one-after-the-other": "StopsTheNextRunAfterAnError",
    "runner.same-loop/where-a-task-of-the-first-call-goes-on": "LosesWhatIsLeft",
    "runner.run.not-while-a-loop-runs/from-a-coroutine": "NotKnownAsRunning",
    "runner.close.finalizes-asyncgens/that-an-earlier-call-opened": "ShutsDownNoGenerator",
    "runner.close.closes-the-executor/after-its-jobs": "TakesNoTimeout",
    "runner.close.closes-the-loop/and-not-earlier": "CloseDoesNothing",
    "runner.sigint.installs-a-handler/and-the-loop-leaves-it-in-place": "SetsTheDefaultForSigint",
    "runner.sigint.removes-the-handler/however-it-returns": "KeepsAHandlerForSigint",
    "runner.sigint.cancels-the-main-task/while-the-loop-waits": "SetsTheDefaultForSigint",
    "runner.sigint.raises-keyboard-interrupt/and-can-run-again": "SwallowsErrors",
    "runner.sigint.second-raises-at-once/in-code-that-does-not-await": "DefersSigint",
}
