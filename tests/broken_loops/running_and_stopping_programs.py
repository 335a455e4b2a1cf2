"""Broken loops for the chapter "Running and stopping the loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import signal

from broken import Broken
from broken import SelectorLoop as Base
from coroutines_and_tasks import KnowsNoContext

__all__ = ["KnowsNoContext"]


class CloseDoesNothing(Base):
    def close(self):
        pass

    def __del__(self):
        Base.close(self)


class JoinsNoThread(Base):
    async def shutdown_default_executor(self, timeout=None):
        self._executor_shutdown_called = True


class ShutsDownNoGenerator(Base):
    async def shutdown_asyncgens(self):
        pass


class NotKnownAsRunning(Base):
    """asyncio.get_running_loop() does not find it."""

    def _run_forever_setup(self):
        super()._run_forever_setup()
        asyncio._set_running_loop(None)


class StandsForAnother:
    """Has another loop run everything, which then is the one that asyncio.get_running_loop() finds."""

    def __init__(self):
        self.inner = Base()

    def __getattr__(self, name):
        return getattr(self.inner, name)


class StaysKnownAsRunning(Base):
    def _run_forever_cleanup(self):
        super()._run_forever_cleanup()
        asyncio._set_running_loop(self)


class SetsTheDefaultForSigint(Base):
    def run_forever(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        super().run_forever()


class KeepsAHandlerForSigint(Base):
    def run_forever(self):
        signal.signal(signal.SIGINT, lambda *_: None)
        super().run_forever()


class DefersSigint(Base):
    """SIGINT reaches asyncio's handler by way of the queue of callbacks."""

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


TABLE: dict[str, list[Broken]] = {
    "shutdown-default-executor.waits-for-its-threads/all-of-them": [Broken("JoinsNoThread")],
    "asyncio-run.finalizes-asyncgens/that-main-left-open": [Broken("ShutsDownNoGenerator")],
    "asyncio-run.closes-the-executor/after-its-jobs": [Broken("JoinsNoThread")],
    "asyncio-run.closes-the-loop/however-main-ends": [Broken("CloseDoesNothing")],
    "asyncio-run.not-while-a-loop-runs/from-a-callback-or-coroutine": [Broken("NotKnownAsRunning", hangs=True)],
    "asyncio-run.not-while-a-loop-runs/but-when-the-loop-has-stopped": [Broken("StaysKnownAsRunning")],
    "runner.run.not-while-a-loop-runs/from-a-coroutine": [Broken("NotKnownAsRunning", hangs=True)],
    "runner.run.context/one-and-then-the-other": [Broken("KnowsNoContext", since="3.11")],
    "runner.get-loop/before-and-in-a-run": [Broken("StandsForAnother", since="3.11")],
    "runner.close.finalizes-asyncgens/that-an-earlier-call-opened": [Broken("ShutsDownNoGenerator")],
    "runner.close.closes-the-executor/after-its-jobs": [Broken("JoinsNoThread")],
    "runner.close.closes-the-loop/and-not-earlier": [Broken("CloseDoesNothing")],
    "runner.sigint.installs-a-handler/and-the-loop-leaves-it-in-place": [Broken("SetsTheDefaultForSigint")],
    "runner.sigint.removes-the-handler/however-it-returns": [Broken("KeepsAHandlerForSigint")],
    "runner.sigint.cancels-the-main-task/while-the-loop-waits": [Broken("SetsTheDefaultForSigint")],
    "runner.sigint.second-raises-at-once/in-code-that-does-not-await": [Broken("DefersSigint")],
}
