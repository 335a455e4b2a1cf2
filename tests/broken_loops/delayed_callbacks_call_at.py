"""Broken loops for the chapter "Scheduling delayed callbacks: call_at() and time()", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import heapq
import time

from broken import Broken

Base = asyncio.SelectorEventLoop


class ReadsTheClockOnceATurn(Base):
    """time() stands still within a turn."""

    turn = None

    def _process_events(self, events):
        self.turn = None
        self.turn = self.time()
        super()._process_events(events)

    def time(self):
        return super().time() if self.turn is None else self.turn


class TakesTimesForDelays(Base):
    """call_at() adds the time to the current time."""

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(self.time() + when, callback, *args, context=context)

    def call_later(self, delay, callback, *args, context=None):
        return Base.call_at(self, self.time() + delay, callback, *args, context=context)


class CountsFromAnOutdatedTime(Base):
    """call_at() turns the time into a delay with the time at which the turn began."""

    turn = 0.0

    def _process_events(self, events):
        self.turn = self.time()
        super()._process_events(events)

    def call_at(self, when, callback, *args, context=None):
        return Base.call_at(self, self.time() + when - self.turn, callback, *args, context=context)

    def call_later(self, delay, callback, *args, context=None):
        return Base.call_at(self, self.time() + delay, callback, *args, context=context)


class RefusesInts(Base):
    def call_at(self, when, callback, *args, context=None):
        if not isinstance(when, float):
            raise TypeError("a float is required")
        return super().call_at(when, callback, *args, context=context)


class CallLaterFirst(Base):
    """Keeps call_at() and call_later() in two queues."""

    def call_at(self, when, callback, *args, context=None):
        return Base.call_at(self, when + 0.05, callback, *args, context=context)

    def call_later(self, delay, callback, *args, context=None):
        return Base.call_at(self, self.time() + delay, callback, *args, context=context)


class ByTime(asyncio.TimerHandle):
    """Cancels the first timer for the same time."""

    def cancel(self):
        for handle in self._loop._scheduled:
            if handle._when == self._when:
                return super(ByTime, handle).cancel()
        return None


class CancelsByTime(Base):
    def call_at(self, when, callback, *args, context=None):
        self._scheduled = list(self._scheduled)
        handle = ByTime(when, callback, args, self, context)
        heapq.heappush(self._scheduled, handle)
        handle._scheduled = True
        return handle

    def _run_once(self):
        self._scheduled = [handle for handle in self._scheduled if not handle._cancelled]
        heapq.heapify(self._scheduled)
        super()._run_once()


class UnsignedDifferences(Base):
    """A time in the past is far in the future."""

    def call_at(self, when, callback, *args, context=None):
        now = self.time()
        if when < now:
            when = now + 2**32
        return super().call_at(when, callback, *args, context=context)


class CountsInts(Base):
    """time() returns an int."""

    def time(self):
        return int(super().time())


class StandsStillWhileItWaits(Base):
    """Its clock counts the time that its thread computes."""

    def time(self):
        return time.thread_time()


TABLE: dict[str, list[Broken]] = {
    "call-at.when/not-a-delay-and-not-the-wall-clock": [Broken("TakesTimesForDelays", hangs=True)],
    "call-at.when/the-time-at-which-it-is-scheduled-does-not-matter": [Broken("CountsFromAnOutdatedTime")],
    "call-at.int-or-float/an-int-among-floats": [Broken("RefusesInts")],
    "call-at.as-call-later/in-one-order-with-call-later": [Broken("CallLaterFirst")],
    "call-at.cancel/that-one-and-no-other": [Broken("CancelsByTime")],
    "call-at.past/counts-as-due": [Broken("UnsignedDifferences", hangs=True)],
    "time.float/whenever-it-is-asked": [Broken("CountsInts")],
    "time.current/goes-on-while-a-program-is-busy": [Broken("ReadsTheClockOnceATurn")],
    "time.current/goes-on-while-the-loop-waits": [Broken("StandsStillWhileItWaits")],
}
