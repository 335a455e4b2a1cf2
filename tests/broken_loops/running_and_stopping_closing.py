"""Broken loops for the chapter "Running and stopping the loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import os
import warnings
from typing import ClassVar

from broken import Broken
from broken import SelectorLoop as Base


class ClosedWhenNotRunning(Base):
    shown = True

    def is_closed(self):
        return super().is_closed() or (self.shown and not self.is_running())

    def close(self):
        self.shown = False
        super().close()


class KeepsADescriptor(Base):
    def close(self):
        if not self.is_closed():
            os.dup(0)
        super().close()


class KeepsEachConnection(Base):
    async def create_connection(self, *args, **options):
        transport, protocol = await super().create_connection(*args, **options)
        os.dup(transport.get_extra_info("socket").fileno())
        return transport, protocol


class KeepsWhatWaitsOpen(Base):
    waiting = 0

    def call_soon(self, callback, *args, context=None):
        def called(*args):
            self.waiting -= 1
            callback(*args)

        self.waiting += 1
        return super().call_soon(called, *args, context=context)

    def close(self):
        if self.waiting and not self.is_closed():
            os.dup(0)
        super().close()


class KeepsEachSignal(Base):
    def remove_signal_handler(self, sig):
        os.dup(0)
        return super().remove_signal_handler(sig)


class ClosedTogether(Base):
    """Closing one loop closes all."""

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
    kept: ClassVar[list[object]] = []

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
            with contextlib.suppress(OSError):
                os.close(number)
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
        return None


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


class DoesNotWaitForThreads(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True
        self._default_executor.shutdown(wait=False)


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


class KeepsTheExecutorsErrorToItself(Base):
    async def shutdown_default_executor(self, timeout=None):
        with contextlib.suppress(ZeroDivisionError):
            await super().shutdown_default_executor(timeout)


TABLE: dict[str, list[Broken]] = {
    "close.leaves-nothing/after-next-to-nothing": [Broken("KeepsADescriptor")],
    "close.leaves-nothing/with-a-callback-that-waits": [Broken("KeepsWhatWaitsOpen")],
    "close.leaves-nothing/after-a-signal-handler": [Broken("KeepsEachSignal")],
    "close.leaves-nothing/after-a-connection": [Broken("KeepsEachConnection")],
    "is-closed.true-after-close/only-after-close": [Broken("ClosedWhenNotRunning")],
    "is-closed.true-after-close/for-this-loop-alone": [Broken("ClosedTogether")],
    "close.while-running/from-a-callback-and-from-a-coroutine": [Broken("ClosesInSilenceWhileRunning")],
    "close.discards-pending-callbacks/without-calling-them": [Broken("DrainsOnClose")],
    "close.discards-pending-callbacks/nor-what-a-stopped-run-left": [Broken("DrainsOnClose")],
    "close.clears-queues/and-lets-go-of-what-they-held": [Broken("KeepsItsQueues")],
    "close.shuts-down-the-executor/whose-threads-then-end": [Broken("ForgetsItsExecutor", hangs=True)],
    "close.shuts-down-the-executor/that-was-set": [Broken("ForgetsItsExecutor")],
    "close.shuts-down-the-executor/but-no-other-executor": [Broken("ShutsDownEveryExecutor")],
    "close.does-not-wait-for-the-executor/while-a-job-runs": [Broken("WaitsForItsExecutor", hangs=True)],
    "close.idempotent/however-often": [Broken("ASecondCloseRaises")],
    "close.idempotent/and-closes-no-descriptor-twice": [Broken("ClosesItsDescriptorsAgain")],
    "close.irreversible/and-says-so-whenever-it-is-asked": [Broken("ASecondCloseOpens")],
    "close.methods-refuse-afterwards/of-running": [Broken("RunsWhenClosed")],
    "close.methods-refuse-afterwards/of-scheduling": [Broken("SchedulesWhenClosed")],
    "close.methods-refuse-afterwards/of-tasks-and-jobs": [Broken("WorksWhenClosed")],
    "shutdown-default-executor.waits-for-its-threads/after-the-job-that-runs": [Broken("DoesNotWaitForThreads")],
    "shutdown-default-executor.waits-for-its-threads/of-an-executor-that-was-set": [Broken("OnlyItsOwnExecutor")],
    "shutdown-default-executor.loop-goes-on/for-a-job-that-a-callback-ends": [Broken("BlocksWhileItJoins", hangs=True)],
    "shutdown-default-executor.queued-jobs-are-done/to-the-last": [Broken("DropsWaitingJobs")],
    "shutdown-default-executor.refuses-afterwards/after-it-has-ended": [Broken("MakesANewExecutor")],
    "shutdown-default-executor.refuses-afterwards/although-there-was-no-executor": [
        Broken("ForgetsAShutdownOfNothing")
    ],
    "shutdown-default-executor.refuses-afterwards/while-it-still-waits": [Broken("TakesJobsWhileItWaits")],
    "shutdown-default-executor.refuses-afterwards/but-other-executors-work": [Broken("RefusesEveryExecutor")],
    "shutdown-default-executor.timeout.none/waits-for-a-slow-job": [Broken("TakesNoneForZero")],
    "shutdown-default-executor.timeout.none/also-when-it-is-given": [Broken("TakesNoTimeout")],
    "shutdown-default-executor.timeout.in-time/that-are-not-used-up": [Broken("AlwaysWarns")],
    "shutdown-default-executor.timeout.in-time/and-not-milliseconds": [Broken("CountsMilliseconds")],
    "shutdown-default-executor.timeout.warns/when-a-job-is-stuck": [Broken("GivesUpInSilence")],
    "shutdown-default-executor.timeout.does-not-wait/that-are-still-busy": [
        Broken("LooksAtTheTimeTooLate", hangs=True)
    ],
    "runner.close.closes-the-executor/after-its-jobs": [Broken("TakesNoTimeout", since="3.12")],
    "shutdown-default-executor.raises/to-whoever-awaits": [Broken("KeepsTheExecutorsErrorToItself")],
}
