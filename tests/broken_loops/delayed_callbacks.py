"""Broken loops for the chapter "Scheduling delayed callbacks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextvars
import functools
import heapq
import time

from broken import Broken

Base = asyncio.SelectorEventLoop


class StepsBack(Base):
    """Its clock goes back by a millisecond at every other reading."""

    reads = 0

    def time(self):
        self.reads += 1
        return super().time() - 0.001 * (self.reads % 2)


class WallClock(Base):
    def time(self):
        return time.time()


class RoundsToMilliseconds(Base):
    """Rounds delays, down as well as up."""

    def call_later(self, delay, callback, *args, context=None):
        return super().call_later(round(delay, 3), callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        now = self.time()
        return super().call_at(now + round(when - now, 3), callback, *args, context=context)


class FivePerCentEarly(Base):
    def call_later(self, delay, callback, *args, context=None):
        return super().call_later(delay * 0.95, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when - (when - self.time()) * 0.05, callback, *args, context=context)


class CountsFromItsTurn(Base):
    """A delay begins at the start of the turn."""

    turn = None

    def _process_events(self, events):
        self.turn = self.time()
        super()._process_events(events)

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at((self.turn or self.time()) + delay, callback, *args, context=context)


class SleepsForEver(Base):
    """Takes every time-out for none."""

    def __init__(self):
        super().__init__()
        select = self._selector.select
        self._selector.select = lambda timeout=None: select(None if timeout else timeout)


class ArmsItsAlarmOnce(Base):
    """An earlier timer does not shorten a sleep that was planned for a later one."""

    armed = None

    def __init__(self):
        super().__init__()
        select = self._selector.select

        def sleep(timeout=None):
            if timeout:
                self.armed = self.armed or self._scheduled[0]._when
                timeout = max(0, self.armed - self.time())
            return select(timeout)

        self._selector.select = sleep

    def call_at(self, when, callback, *args, context=None):
        self.armed = self.armed or when
        return super().call_at(when, callback, *args, context=context)


class TimersOnlyWithoutIO(Base):
    """Calls no timer in a turn in which a descriptor is ready."""

    busy = False

    def _process_events(self, events):
        self.busy = bool(events)
        super()._process_events(events)

    def time(self):
        return 0.0 if self.busy else super().time()


class ForgetsWhatIsOverdue(Base):
    def run_forever(self):
        self._scheduled = [handle for handle in self._scheduled if handle._when > self.time()]
        heapq.heapify(self._scheduled)
        super().run_forever()


class IntsAreMilliseconds(Base):
    def call_later(self, delay, callback, *args, context=None):
        if isinstance(delay, int):
            delay /= 1000
        return super().call_later(delay, callback, *args, context=context)


class FloatsAreMilliseconds(Base):
    def call_later(self, delay, callback, *args, context=None):
        if isinstance(delay, float):
            delay /= 1000
        return super().call_later(delay, callback, *args, context=context)


class ZeroIsAtOnce(Base):
    def call_later(self, delay, callback, *args, context=None):
        if not delay:
            callback(*args)
            return self.call_soon(int)
        return super().call_later(delay, callback, *args, context=context)


class ZeroIsNever(Base):
    def call_later(self, delay, callback, *args, context=None):
        return super().call_later(delay or 1e9, callback, *args, context=context)


class TimersUntilNoneIsDue(Base):
    """Calls timers until none is due, those included that they schedule."""

    def _run_once(self):
        while self._scheduled and self._scheduled[0]._when <= self.time() and not self._stopping:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            if not handle._cancelled:
                handle._run()
        super()._run_once()


class RefusesThePast(Base):
    def call_later(self, delay, callback, *args, context=None):
        if delay < 0:
            raise ValueError("can't schedule in the past")
        return super().call_later(delay, callback, *args, context=context)


class NoneIsZero(Base):
    """A delay of None counts as zero, and a text as the number in it."""

    def call_later(self, delay, callback, *args, context=None):
        return super().call_later(float(delay or 0), callback, *args, context=context)


class ReturnsHandlesOfItsOwn(Base):
    class Own:
        def __init__(self, handle):
            self.handle = handle

        def __getattr__(self, name):
            return getattr(self.handle, name)

    def call_later(self, delay, callback, *args, context=None):
        return self.Own(super().call_later(delay, callback, *args, context=context))

    def call_at(self, when, callback, *args, context=None):
        return self.Own(super().call_at(when, callback, *args, context=context))


class ZeroIsCallSoon(Base):
    """A delay of zero returns a handle without when()."""

    def call_later(self, delay, callback, *args, context=None):
        if delay <= 0:
            return self.call_soon(callback, *args, context=context)
        return super().call_later(delay, callback, *args, context=context)


class TakesOutTheNext(Base):
    """cancel() of the first timer takes out others with it."""

    def _timer_handle_cancelled(self, handle):
        super()._timer_handle_cancelled(handle)
        if self._scheduled and self._scheduled[0] is handle:
            self._scheduled = [other for other in self._scheduled if other._callback == self.stop]


class AsksOnlyOnce(asyncio.TimerHandle):
    """Cannot be cancelled any more once it is due."""

    def cancel(self):
        if self._scheduled:
            super().cancel()


class GathersWhatIsDue(Base):
    """What is due is gathered first, after which cancel() comes too late."""

    def call_at(self, when, callback, *args, context=None):
        handle = AsksOnlyOnce(when, callback, args, self, context)
        heapq.heappush(self._scheduled, handle)
        handle._scheduled = True
        return handle


class SweepsTooMuch(Base):
    """The sweep of cancelled timers takes others with it."""

    def _run_once(self):
        if self._timer_cancelled_count > 100:
            self._scheduled = self._scheduled[:1]
        super()._run_once()


class Repeats(Base):
    def call_later(self, delay, callback, *args, context=None):
        def again():
            Base.call_later(self, delay, again)
            callback(*args)

        return super().call_later(delay, again, context=context)


class OneForEachTime(Base):
    """Of two timers for the same time the later one replaces the other."""

    def call_at(self, when, callback, *args, context=None):
        self._scheduled = [handle for handle in self._scheduled if handle._when != when]
        heapq.heapify(self._scheduled)
        return super().call_at(when, callback, *args, context=context)


class KeepsWhatRaises(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self._ready.append(context["handle"])


class RepeatsUntilItIsStopped(Base):
    """Calls again what took longer than its delay."""

    def call_later(self, delay, callback, *args, context=None):
        def repeat():
            begin = time.monotonic()
            callback(*args)
            if time.monotonic() - begin > delay:
                callback(*args)

        return super().call_later(delay, repeat, context=context)


class UnpacksATuple(Base):
    def call_at(self, when, callback, *args, context=None):
        if args and isinstance(args[0], tuple):
            args = args[0]
        return super().call_at(when, callback, *args, context=context)


class TakesPartialsApart(Base):
    def call_at(self, when, callback, *args, context=None):
        if isinstance(callback, functools.partial):
            callback = callback.func
        return super().call_at(when, callback, *args, context=context)


class DropsTheContext(Base):
    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, callback, *args)


class OwnContext(Base):
    """Callbacks run in the context that was current when the loop was made."""

    def __init__(self):
        self._own = contextvars.copy_context()
        super().__init__()

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, callback, *args, context=context or self._own.copy())


class NoContext:
    """Stands for a context, but runs the callback in whatever context is current."""

    @staticmethod
    def run(callback, *args):
        return callback(*args)


class RunsInItsOwnContext(Base):
    """Callbacks run in the context of the run."""

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, callback, *args, context=context or NoContext)


class RecognisesContexts(Base):
    """Takes a context at the end of the arguments for the keyword."""

    def call_at(self, when, callback, *args, context=None):
        if args and isinstance(args[-1], contextvars.Context):
            *args, context = args
        return super().call_at(when, callback, *args, context=context)


class ThirtyTwoBits(Base):
    """Keeps delays as milliseconds in 32 bits."""

    def call_later(self, delay, callback, *args, context=None):
        milliseconds = int(delay * 1000) & 0xFFFFFFFF
        return super().call_later(milliseconds / 1000, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        now = self.time()
        milliseconds = int((when - now) * 1000) & 0xFFFFFFFF
        return super().call_at(now + milliseconds / 1000, callback, *args, context=context)


class ThirtyOneBits(Base):
    """Refuses what does not fit into 31 bits of milliseconds."""

    def call_at(self, when, callback, *args, context=None):
        if when - self.time() > 2**31 / 1000:
            raise OverflowError("timeout doesn't fit into C int")
        return super().call_at(when, callback, *args, context=context)


class ADayAtMost(Base):
    def call_at(self, when, callback, *args, context=None):
        if when - self.time() > 86400:
            raise ValueError("delay exceeds one day")
        return super().call_at(when, callback, *args, context=context)


class PollsAsLongAsItTakes(Base):
    """Passes the selector a time-out that it cannot take."""

    def __init__(self):
        super().__init__()
        select = self._selector.select

        def sleep(timeout=None):
            if timeout:
                timeout = self._scheduled[0]._when - self.time()
            return select(timeout)

        self._selector.select = sleep


class SilentWhenClosed(Base):
    """A closed loop takes callbacks."""

    def _check_closed(self):
        pass


TABLE: dict[str, list[Broken]] = {
    "delayed.monotonic-clock/never-goes-back": [Broken("StepsBack")],
    "delayed.monotonic-clock/not-the-wall-clock": [Broken("WallClock", hangs=True)],
    "call-later.not-early/measured-by-the-loop-s-own-clock": [
        Broken("RoundsToMilliseconds"),
        Broken("FivePerCentEarly"),
    ],
    "call-later.not-early/counted-from-the-call": [Broken("CountsFromItsTurn")],
    "call-later.called/although-nothing-else-happens": [Broken("SleepsForEver", hangs=True)],
    "call-later.called/scheduled-while-a-later-one-is-waited-for": [Broken("ArmsItsAlarmOnce", hangs=True)],
    "call-later.called/although-descriptors-are-always-ready": [Broken("TimersOnlyWithoutIO", hangs=True)],
    "call-later.called/due-while-the-loop-did-not-run": [Broken("ForgetsWhatIsOverdue")],
    "call-later.int-or-float/in-the-same-unit": [Broken("IntsAreMilliseconds"), Broken("FloatsAreMilliseconds")],
    "call-later.zero/not-at-once-and-not-never": [Broken("ZeroIsAtOnce"), Broken("ZeroIsNever", hangs=True)],
    "call-later.zero.next-iteration/descriptors-get-their-turn": [Broken("TimersUntilNoneIsDue", hangs=True)],
    "call-later.negative/counts-as-over": [Broken("RefusesThePast")],
    "call-later.not-a-number/raises-where-it-is-scheduled": [Broken("NoneIsZero")],
    "call-later.returns-timer-handle/an-instance-of-the-documented-class": [Broken("ReturnsHandlesOfItsOwn")],
    "call-later.returns-timer-handle/with-when-for-a-delay-of-zero": [Broken("ZeroIsCallSoon")],
    "call-later.cancel/the-others-are-still-called": [Broken("TakesOutTheNext")],
    "call-later.cancel/when-both-are-due": [Broken("GathersWhatIsDue")],
    "call-later.cancel/most-of-very-many": [Broken("SweepsTooMuch", hangs=True)],
    "call-later.once/although-the-loop-goes-on": [Broken("Repeats")],
    "call-later.once/each-of-those-at-the-same-time": [Broken("OneForEachTime")],
    "call-later.once/even-if-it-raises": [Broken("KeepsWhatRaises")],
    "call-later.once/even-if-it-takes-longer-than-its-delay": [Broken("RepeatsUntilItIsStopped")],
    "call-later.arguments/as-many-as-were-given": [Broken("UnpacksATuple")],
    "call-later.keywords/by-a-partial-object": [Broken("TakesPartialsApart")],
    "call-later.context.custom/in-that-context-itself": [Broken("DropsTheContext")],
    "call-later.context.current/of-whoever-schedules": [Broken("OwnContext")],
    "call-later.context.snapshot/apart-from-what-is-set-meanwhile": [Broken("RunsInItsOwnContext")],
    "call-later.context.keyword-only/a-context-by-position-is-an-argument": [Broken("RecognisesContexts")],
    "call-later.more-than-a-day/is-accepted-and-not-cut-short": [
        Broken("ThirtyTwoBits"),
        Broken("ThirtyOneBits"),
        Broken("ADayAtMost"),
    ],
    "call-later.more-than-a-day/can-be-waited-for": [Broken("PollsAsLongAsItTakes"), Broken("ThirtyTwoBits")],
    "call-later.infinite/is-accepted-and-never-over": [Broken("ThirtyTwoBits"), Broken("ThirtyOneBits")],
    "call-later.infinite/also-as-the-only-timer": [Broken("PollsAsLongAsItTakes")],
    "call-later.closed/raises-runtime-error": [Broken("SilentWhenClosed")],
    "call-at.when/not-before-that-time": [Broken("RoundsToMilliseconds"), Broken("FivePerCentEarly")],
    "call-at.as-call-later/once-with-its-arguments": [Broken("UnpacksATuple"), Broken("TakesPartialsApart")],
    "call-at.returns-timer-handle/an-instance-of-the-documented-class": [Broken("ReturnsHandlesOfItsOwn")],
    "call-at.context/in-that-context-itself": [Broken("DropsTheContext")],
    "call-at.context/a-context-by-position-is-an-argument": [Broken("RecognisesContexts")],
    "call-at.more-than-a-day/is-accepted-and-not-cut-short": [Broken("ThirtyTwoBits"), Broken("ADayAtMost")],
}
