"""Broken loops for the chapter "Scheduling callbacks: from other threads", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import collections
import contextvars
import sys
import threading
import time

from broken import Broken

Base = asyncio.SelectorEventLoop


class NeverWakes(Base):
    def _write_to_self(self):
        pass


class WakesOnce(Base):
    """Wakes a sleeping loop the first time only."""

    woken = 0

    def _write_to_self(self):
        self.woken += 1
        if self.woken == 1:
            super()._write_to_self()


class RaisesWhenThePipeIsFull(Base):
    """Wake-ups that are not read in time end in an error."""

    def _write_to_self(self):
        self._csock.send(b"\0")


class WakesThePollOnly(Base):
    """What threads schedule is put aside until the wake-up is read, and the wake-up is sent only to a poll."""

    waiting = False

    def __init__(self):
        self.aside = collections.deque()
        super().__init__()
        select = self._selector.select

        def wait(timeout=None):
            self.waiting = timeout != 0
            try:
                return select(timeout)
            finally:
                self.waiting = False

        self._selector.select = wait

    def call_soon_threadsafe(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self.aside.append(handle)
        if self.waiting:
            self._write_to_self()
        return handle

    def _process_self_data(self, data):
        self._ready.extend(self.aside)
        self.aside.clear()


class SecondQueue(Base):
    """What threads schedule is called first."""

    def __init__(self):
        self.aside = collections.deque()
        super().__init__()

    def call_soon_threadsafe(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self.aside.append(handle)
        self._write_to_self()
        return handle

    def _run_once(self):
        while self.aside:
            self._ready.appendleft(self.aside.pop())
        super()._run_once()


class LosesCancellation(Base):
    """Returns a handle other than the one in the queue."""

    def call_soon_threadsafe(self, callback, *args, context=None):
        super().call_soon_threadsafe(callback, *args, context=context)
        return asyncio.Handle(callback, args, self, context)


class LosesUnderPressure(Base):
    """Two threads that schedule at once overwrite each other's callback."""

    def __init__(self):
        self.aside = []
        super().__init__()

    def call_soon_threadsafe(self, callback, *args, context=None):
        aside = list(self.aside)
        time.sleep(0.0001)
        self.aside = [*aside, asyncio.Handle(callback, args, self, context)]
        self._write_to_self()

    def _run_once(self):
        taken, self.aside = self.aside, []
        self._ready.extend(taken)
        super()._run_once()


class RacesWithItself(LosesUnderPressure):
    """call_soon() has no part in keeping threads apart."""

    def call_soon(self, callback, *args, context=None):
        return self.call_soon_threadsafe(callback, *args, context=context)


class DropsWhatItsOwnThreadSchedules(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        if self._thread_id == threading.get_ident():
            return None
        return super().call_soon_threadsafe(callback, *args, context=context)


class LocksItsQueue(Base):
    """A lock that its own thread cannot take twice."""

    def __init__(self):
        self._lock = threading.Lock()
        super().__init__()

    def call_soon_threadsafe(self, callback, *args, context=None):
        with self._lock:
            return super().call_soon_threadsafe(callback, *args, context=context)


class BorrowsItsQueue(Base):
    """Stands for a native queue that cannot be touched while what it holds is dropped."""

    def call_soon_threadsafe(self, callback, *args, context=None):
        if sys._getframe(1).f_code.co_name == "__del__":
            raise RuntimeError("already borrowed")
        return super().call_soon_threadsafe(callback, *args, context=context)


class OSErrorWhenClosed(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        if self._closed:
            raise OSError("bad file descriptor")
        return super().call_soon_threadsafe(callback, *args, context=context)


class DropsTheContext(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        return super().call_soon_threadsafe(callback, *args)


class TakesTheContextLate(Base):
    """Callbacks of threads run in the context of the run."""

    def __init__(self):
        self._own = contextvars.Context()
        super().__init__()

    def run_forever(self):
        self._own = contextvars.copy_context()
        super().run_forever()

    def call_soon_threadsafe(self, callback, *args, context=None):
        return super().call_soon_threadsafe(callback, *args, context=context or self._own.copy())


TABLE: dict[str, list[Broken]] = {
    "call-soon-threadsafe.wakes/wakes-a-loop-that-waits-for-ever": [Broken("NeverWakes", hangs=True)],
    "call-soon-threadsafe.wakes/wakes-a-loop-that-waits-for-a-timer": [Broken("NeverWakes", hangs=True)],
    "call-soon-threadsafe.wakes/a-hundred-times": [Broken("WakesOnce", hangs=True)],
    "call-soon-threadsafe.wakes/more-wake-ups-than-a-socket-pair-holds": [Broken("RaisesWhenThePipeIsFull")],
    "call-soon-threadsafe.wakes/whatever-the-loop-is-doing": [Broken("WakesThePollOnly", hangs=True)],
    "call-soon-threadsafe.one-order/with-call-soon": [Broken("SecondQueue")],
    "call-soon-threadsafe.as-call-soon/once-and-only-until-cancelled": [Broken("LosesCancellation")],
    "call-soon-threadsafe.thread-safe/eight-threads-at-once": [Broken("LosesUnderPressure")],
    "call-soon-threadsafe.thread-safe/beside-the-loop-s-own-call-soon": [Broken("RacesWithItself", hangs=True)],
    "call-soon-threadsafe.reentrant/from-a-signal-handler": [Broken("DropsWhatItsOwnThreadSchedules", hangs=True)],
    "call-soon-threadsafe.reentrant/in-the-middle-of-itself": [Broken("LocksItsQueue", hangs=True)],
    "call-soon-threadsafe.reentrant/from-a-finalizer": [Broken("BorrowsItsQueue")],
    "call-soon-threadsafe.closed/from-whichever-thread": [Broken("OSErrorWhenClosed")],
    "call-soon-threadsafe.closed/while-it-is-being-closed": [Broken("OSErrorWhenClosed")],
    "call-soon-threadsafe.context.custom/in-that-context-itself": [Broken("DropsTheContext")],
    "call-soon-threadsafe.context.current/of-the-thread-that-schedules": [Broken("TakesTheContextLate")],
    "call-soon-threadsafe.low-level-api/cancels-a-future-that-is-awaited": [Broken("NeverWakes", hangs=True)],
    "run-coroutine-threadsafe.concurrent-future/reaches-the-thread-that-waits": [Broken("NeverWakes", hangs=True)],
}
