"""Broken loops for the chapter "Callback handles", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextvars
import heapq

from broken import Broken

Base = asyncio.SelectorEventLoop


def with_handles(soon, timer):
    """Return a loop class that makes its handles of the two classes."""

    class Loop(Base):
        def call_soon(self, callback, *args, context=None):
            self._check_closed()
            handle = soon(callback, args, self, context)
            self._ready.append(handle)
            return handle

        def call_soon_threadsafe(self, callback, *args, context=None):
            self._check_closed()
            handle = soon(callback, args, self, context)
            self._ready.append(handle)
            self._write_to_self()
            return handle

        def call_at(self, when, callback, *args, context=None):
            self._check_closed()
            handle = timer(when, callback, args, self, context)
            heapq.heappush(self._scheduled, handle)
            handle._scheduled = True
            return handle

    return Loop


def both(**methods):
    """Return a loop class both of whose handles have these methods; each gets the base class's method first."""

    def derive(base):
        def bind(name, method):
            return lambda self, *args: method(self, getattr(super(derived, self), name), *args)

        derived = type(base.__name__, (base,), {name: bind(name, method) for name, method in methods.items()})
        return derived

    return with_handles(derive(asyncio.Handle), derive(asyncio.TimerHandle))


class ThreadsafeReturnsNothing(Base):
    """call_soon_threadsafe() returns None."""

    def call_soon_threadsafe(self, callback, *args, context=None):
        super().call_soon_threadsafe(callback, *args, context=context)


class RecyclesHandles(Base):
    """A second call with the same callback and arguments gets the handle of the first."""

    def __init__(self):
        self._made = {}
        super().__init__()

    def call_soon(self, callback, *args, context=None):
        made = super().call_soon(callback, *args, context=context)
        return self._made.setdefault((callback, args), made)

    def call_soon_threadsafe(self, callback, *args, context=None):
        made = super().call_soon_threadsafe(callback, *args, context=context)
        return self._made.setdefault((callback, args), made)


class RecyclesTimers(Base):
    """The same for timers."""

    def __init__(self):
        self._made = {}
        super().__init__()

    def call_later(self, delay, callback, *args, context=None):
        made = super().call_later(delay, callback, *args, context=context)
        return self._made.setdefault((callback, args), made)

    def call_at(self, when, callback, *args, context=None):
        made = super().call_at(when, callback, *args, context=context)
        return self._made.setdefault((callback, args), made)


CopiesTheContext = both(get_context=lambda self, super_: super_().copy())
"""get_context() gives a copy at each call."""


ReturnsTheCurrentContext = both(get_context=lambda self, super_: contextvars.copy_context())
"""get_context() gives a copy of whatever is current."""


IgnoresCancel = both(cancel=lambda self, super_: None)


def cancel_unless_running(self, super_):
    if not self._loop.is_running():
        super_()


TakesOutABatch = both(cancel=cancel_unless_running)
"""What is ready is taken out of the queue at once, after which cancel() comes too late."""


def free(self, super_):
    if self._cancelled:
        raise RuntimeError("freed twice")
    super_()


FreesTwice = both(cancel=free)
"""A second cancel() frees what the first one freed."""


def look_up(self, super_):
    if self not in self._loop._ready and self not in self._loop._scheduled:
        raise ValueError("handle not found")
    super_()


LooksForTheHandle = both(cancel=look_up)
"""cancel() wants to find the handle in a queue, where it no longer is after its time."""


def count(self, super_):
    super_()
    self._loop._count = getattr(self._loop, "_count", 0) + 1
    if self._loop._count > 500:
        self._loop._scheduled.clear()


CountsTwice = both(cancel=count)
"""cancel() of a handle that is cancelled counts again towards the sweep of cancelled timers."""


def cancel_first(self, super_):
    for handle in [*self._loop._ready, *self._loop._scheduled]:
        if handle._callback == self._callback:
            handle._cancelled = True
            return


CancelsByFunction = both(cancel=cancel_first)
"""cancel() cancels the first handle that has the same callback."""


def cancel_unlocked(self, super_):
    if getattr(self._loop, "_locked", None) is self:
        raise RuntimeError("already borrowed")
    super_()


def lock(self, super_):
    self._loop._locked = self
    super_()
    self._loop._locked = None


BorrowsWhileItRuns = both(cancel=cancel_unlocked, _run=lock)
"""cancel() by the callback itself finds the handle in use."""


def only_mark(self, super_):
    self._cancelled = True


KeepsWhatItHolds = both(cancel=only_mark)
"""cancel() sets a flag and keeps callback and arguments."""


ForgetsAfterItsTime = both(
    cancelled=lambda self, super_: super_() and (self in self._loop._ready or self in self._loop._scheduled)
)
"""cancelled() is true only as long as the handle is in a queue."""


DoneIsCancelled = both(
    cancelled=lambda self, super_: super_() or not (self in self._loop._ready or self in self._loop._scheduled)
)
"""cancelled() is true of whatever is in no queue."""


class NotHandles(Base):
    """call_later() returns an object of its own that only behaves like a handle."""

    class Own:
        def __init__(self, handle):
            self.handle = handle

        def __getattr__(self, name):
            return getattr(self.handle, name)

    def call_later(self, delay, callback, *args, context=None):
        return self.Own(super().call_later(delay, callback, *args, context=context))


def timer_with(when):
    class Timer(asyncio.TimerHandle):
        pass

    Timer.when = when
    return with_handles(asyncio.Handle, Timer)


WhenInTicks = timer_with(lambda self: int(self._when * 1000))
"""when() counts whole milliseconds."""


WhenIsTheDelay = timer_with(lambda self: self._when - self._loop.time())


WhenIsRounded = timer_with(lambda self: round(self._when - self._loop.time(), 2) + self._loop.time())


WhenIsForgotten = timer_with(lambda self: self._when if self._scheduled else 0.0)


def note(self, super_):
    self._noted = True
    super_()


CancelsWhatHasRun = both(cancel=note, cancelled=lambda self, super_: super_() or hasattr(self, "_noted"))
"""cancel() after its time makes a handle a cancelled one."""


class AgedTimer(asyncio.TimerHandle):
    def __lt__(self, other):
        return id(self) < id(other)

    def __le__(self, other):
        return id(self) <= id(other)


class OrdersTimersByAge(Base):
    def call_at(self, when, callback, *args, context=None):
        return AgedTimer(when, callback, args, self, context)


class KeepsCancelledTimers(Base):
    def __init__(self):
        super().__init__()
        self.kept = []

    def call_later(self, delay, callback, *args, context=None):
        self.kept.append(super().call_later(delay, callback, *args, context=context))
        return self.kept[-1]


TABLE: dict[str, list[Broken]] = {
    "timer-handle.order/by-each-operator": [Broken("OrdersTimersByAge")],
    "handle.cancel.timers-do-not-pile-up/ten-thousand-long-time-outs": [Broken("KeepsCancelledTimers")],
    "handle.returned/by-call-soon-threadsafe-as-well": [Broken("ThreadsafeReturnsNothing")],
    "handle.returned/one-for-each-call": [Broken("RecyclesHandles")],
    "handle.get-context/the-one-that-was-given": [Broken("CopiesTheContext")],
    "handle.get-context/the-one-that-the-callback-runs-in": [Broken("ReturnsTheCurrentContext")],
    "handle.cancel/whatever-it-was-scheduled-by": [Broken("IgnoresCancel")],
    "handle.cancel/by-the-callback-before-it": [Broken("TakesOutABatch")],
    "handle.cancel.again/twice-then-run": [Broken("FreesTwice")],
    "handle.cancel.again/after-its-time-as-well": [Broken("LooksForTheHandle")],
    "handle.cancel.again/counted-once": [Broken("CountsTwice")],
    "handle.cancel.executed/nothing-happens": [Broken("CancelsByFunction"), Broken("LooksForTheHandle")],
    "handle.cancel.executed/it-does-not-become-cancelled": [Broken("CancelsWhatHasRun")],
    "handle.cancel.running/by-the-callback-itself": [Broken("BorrowsWhileItRuns")],
    "handle.cancel.frees/long-before-its-time": [Broken("KeepsWhatItHolds")],
    "handle.cancelled/from-then-on": [Broken("ForgetsAfterItsTime")],
    "handle.cancelled/and-only-then": [Broken("DoneIsCancelled")],
    "timer-handle.returned/one-for-each-call": [Broken("RecyclesTimers")],
    "timer-handle.is-a-handle/so-that-a-timer-can-be-kept-as-one": [Broken("NotHandles")],
    "timer-handle.when.float/for-an-int-as-well": [Broken("WhenInTicks")],
    "timer-handle.when.time/of-call-later": [Broken("WhenIsTheDelay")],
    "timer-handle.when.time/of-call-at": [Broken("WhenIsRounded"), Broken("WhenIsTheDelay")],
    "timer-handle.when.time/in-the-end-as-well": [Broken("WhenIsForgotten")],
}
