"""Broken loops for the chapter "Scheduling callbacks": each makes one mistake, and TABLE says which case catches it."""

import asyncio
import collections
import contextvars
import functools
import sys
import threading
import time

Base = asyncio.SelectorEventLoop


class UnpacksATuple(Base):
    def call_soon(self, callback, *args, context=None):
        if len(args) == 1 and isinstance(args[0], tuple):
            args = args[0]
        return super().call_soon(callback, *args, context=context)


class AsksForTheName(Base):
    def call_soon(self, callback, *args, context=None):
        self.last_name = callback.__name__
        return super().call_soon(callback, *args, context=context)


class CallsAtOnce(Base):
    def call_soon(self, callback, *args, context=None):
        if self.is_running():
            callback(*args)
            callback, args = int, ()
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        if self.is_running():
            callback(*args)
            callback, args = int, ()
        return super().call_soon_threadsafe(callback, *args, context=context)


class SleepsOnWhatIsReady(Base):
    def __init__(self):
        super().__init__()
        select = self._selector.select

        def sleep(timeout=None):
            if self._scheduled:
                timeout = max(0, self._scheduled[0]._when - self.time())
            return select(timeout)

        self._selector.select = sleep


class SleepsOnWhatTimersSchedule(Base):
    """Also forgets to look at the queue after callbacks that came from readers or timers."""

    def __init__(self):
        super().__init__()
        select, turns = self._selector.select, [0]

        def sleep(timeout=None):
            turns[0] += 1
            if turns[0] > 1 and self._scheduled:
                timeout = max(0, self._scheduled[0]._when - self.time())
            return select(timeout)

        self._selector.select = sleep


class CallsUntilNothingIsReady(Base):
    def _run_once(self):
        while self._ready and not self._stopping:
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()
        super()._run_once()


class ReturnsHandlesOfItsOwn(Base):
    class Own:
        def __init__(self, handle):
            self.handle = handle

        def cancel(self):
            self.handle.cancel()

        def cancelled(self):
            return self.handle.cancelled()

    def call_soon(self, callback, *args, context=None):
        return self.Own(super().call_soon(callback, *args, context=context))


class ByFunction(asyncio.Handle):
    def cancel(self):
        for handle in self._loop._ready:
            if handle._callback == self._callback:
                return super(ByFunction, handle).cancel()


class CancelsTheFirstOfTheSameFunction(Base):
    def call_soon(self, callback, *args, context=None):
        handle = ByFunction(callback, args, self, context)
        self._ready.append(handle)
        return handle


class GrowsInPieces(Base):
    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if len(self._ready) == 500:
            self._ready.rotate(1)
        return handle


class DepthFirst(Base):
    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if self.is_running():
            self._ready.rotate(1)
        return handle


class TakesUpTheRestLast(Base):
    aside = ()

    def run_forever(self):
        self._ready.extend(self.aside)
        super().run_forever()
        self.aside = list(self._ready)
        self._ready.clear()


class KeepsABatchThatStops(Base):
    def _run_once(self):
        batch = list(self._ready)
        super()._run_once()
        if self._stopping:
            self._ready.extend(handle for handle in batch if handle._callback != self.stop)


class KeepsASet(Base):
    def call_soon(self, callback, *args, context=None):
        for handle in self._ready:
            if (handle._callback, handle._args) == (callback, args):
                return handle
        return super().call_soon(callback, *args, context=context)


class KeepsWhatRaises(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self._ready.append(context["handle"])


class CopiesTheContext(Base):
    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args, context=context and context.copy())


class StaysInTheContextOfAnError(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        self._left = context["handle"]._context

    def call_soon(self, callback, *args, context=None):
        def in_what_was_left():
            for variable, value in getattr(self, "_left", {}).items():
                variable.set(value)
            callback(*args)

        return super().call_soon(in_what_was_left, context=context)


class OwnContext(Base):
    def __init__(self):
        self._own = contextvars.copy_context()
        super().__init__()

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args, context=context or self._own.copy())


class EmptyContextForNone(Base):
    def call_soon(self, callback, *args, context="left out"):
        if context is None:
            context = contextvars.Context()
        return super().call_soon(callback, *args, context=None if context == "left out" else context)


class NoContext:
    @staticmethod
    def run(callback, *args):
        return callback(*args)


class RunsInItsOwnContext(Base):
    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args, context=context or NoContext)


class RecognisesContexts(Base):
    def call_soon(self, callback, *args, context=None):
        if args and isinstance(args[-1], contextvars.Context):
            *args, context = args
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        if args and isinstance(args[-1], contextvars.Context):
            *args, context = args
        return super().call_soon_threadsafe(callback, *args, context=context)


class SilentWhenClosed(Base):
    def _check_closed(self):
        pass


class NeverWakes(Base):
    def _write_to_self(self):
        pass


class WakesOnce(Base):
    woken = 0

    def _write_to_self(self):
        self.woken += 1
        if self.woken == 1:
            super()._write_to_self()


class RaisesWhenThePipeIsFull(Base):
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


class EmptiesOneQueueFirst(SecondQueue):
    def _run_once(self):
        while self._ready and not self._stopping:
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()
        super()._run_once()


class LosesCancellation(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        super().call_soon_threadsafe(callback, *args, context=context)
        return asyncio.Handle(callback, args, self, context)


class LosesUnderPressure(Base):
    def __init__(self):
        self.aside = []
        super().__init__()

    def call_soon_threadsafe(self, callback, *args, context=None):
        aside = list(self.aside)
        time.sleep(0)
        self.aside = [*aside, asyncio.Handle(callback, args, self, context)]
        self._write_to_self()

    def _run_once(self):
        taken, self.aside = self.aside, []
        self._ready.extend(taken)
        super()._run_once()


class RacesWithItself(LosesUnderPressure):
    def call_soon(self, callback, *args, context=None):
        return self.call_soon_threadsafe(callback, *args, context=context)


class DropsWhatItsOwnThreadSchedules(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        if self._thread_id == threading.get_ident():
            return None
        return super().call_soon_threadsafe(callback, *args, context=context)


class LocksItsQueue(Base):
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
    def __init__(self):
        self._own = contextvars.Context()
        super().__init__()

    def run_forever(self):
        self._own = contextvars.copy_context()
        super().run_forever()

    def call_soon_threadsafe(self, callback, *args, context=None):
        return super().call_soon_threadsafe(callback, *args, context=context or self._own.copy())


class SwallowsKeywords(Base):
    def call_soon(self, callback, *args, context=None, **more):
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None, **more):
        return super().call_soon_threadsafe(callback, *args, context=context)

    def call_later(self, delay, callback, *args, context=None, **more):
        return super().call_later(delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None, **more):
        return super().call_at(when, callback, *args, context=context)


class TakesPartialsApart(Base):
    def call_soon(self, callback, *args, context=None):
        if isinstance(callback, functools.partial):
            callback = callback.func
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        if isinstance(callback, functools.partial):
            callback = callback.func
        return super().call_soon_threadsafe(callback, *args, context=context)


TABLE = {
    "call-soon.arguments/as-many-as-were-given": ["UnpacksATuple"],
    "call-soon.arguments/for-every-kind-of-callable": ["AsksForTheName"],
    "call-soon.next-iteration/not-before-call-soon-returns": ["CallsAtOnce"],
    "call-soon.next-iteration/without-waiting-for-anything": ["SleepsOnWhatIsReady", "SleepsOnWhatTimersSchedule"],
    "call-soon.next-iteration/everything-else-gets-its-turn": ["CallsUntilNothingIsReady", "EmptiesOneQueueFirst"],
    "call-soon.returns-handle/an-instance-of-the-documented-class": ["ReturnsHandlesOfItsOwn"],
    "call-soon.cancel/that-one-and-no-other": ["CancelsTheFirstOfTheSameFunction"],
    "call-soon.order/a-thousand-of-them": ["GrowsInPieces"],
    "call-soon.order/those-of-callbacks-last": ["DepthFirst"],
    "call-soon.order/what-a-run-left-over-first": ["TakesUpTheRestLast"],
    "call-soon.once/not-again-in-the-next-run": ["KeepsABatchThatStops"],
    "call-soon.once/as-often-as-it-was-registered": ["KeepsASet"],
    "call-soon.once/even-if-it-raises": ["KeepsWhatRaises"],
    "call-soon.context.custom/in-that-context-itself": ["CopiesTheContext"],
    "call-soon.context.custom/and-the-next-callback-outside-of-it": ["StaysInTheContextOfAnError"],
    "call-soon.context.current/of-whoever-schedules": ["OwnContext"],
    "call-soon.context.current/for-a-context-of-none": ["EmptyContextForNone"],
    "call-soon.context.snapshot/later-changes-are-not-seen": ["RunsInItsOwnContext"],
    "call-soon.context.snapshot/its-own-changes-stay-with-it": ["RunsInItsOwnContext"],
    "call-soon.context.keyword-only/a-context-by-position-is-an-argument": ["RecognisesContexts"],
    "call-soon.closed/raises-runtime-error": ["SilentWhenClosed"],
    "call-soon-threadsafe.wakes/wakes-a-loop-that-waits-for-ever": ["NeverWakes"],
    "call-soon-threadsafe.wakes/wakes-a-loop-that-waits-for-a-timer": ["NeverWakes"],
    "call-soon-threadsafe.wakes/a-hundred-times": ["WakesOnce"],
    "call-soon-threadsafe.wakes/more-wake-ups-than-a-socket-pair-holds": ["RaisesWhenThePipeIsFull"],
    "call-soon-threadsafe.wakes/whatever-the-loop-is-doing": ["WakesThePollOnly"],
    "call-soon-threadsafe.as-call-soon/passes-arguments-and-returns-first": ["CallsAtOnce"],
    "call-soon-threadsafe.as-call-soon/in-one-order-with-call-soon": ["SecondQueue"],
    "call-soon-threadsafe.as-call-soon/once-and-only-until-cancelled": ["LosesCancellation"],
    "call-soon-threadsafe.thread-safe/eight-threads-at-once": ["LosesUnderPressure"],
    "call-soon-threadsafe.thread-safe/beside-the-loop-s-own-call-soon": ["RacesWithItself"],
    "call-soon-threadsafe.reentrant/from-a-signal-handler": ["DropsWhatItsOwnThreadSchedules"],
    "call-soon-threadsafe.reentrant/in-the-middle-of-itself": ["LocksItsQueue"],
    "call-soon-threadsafe.reentrant/from-a-finalizer": ["BorrowsItsQueue"],
    "call-soon-threadsafe.closed/from-whichever-thread": ["OSErrorWhenClosed", "SilentWhenClosed"],
    "call-soon-threadsafe.closed/while-it-is-being-closed": ["OSErrorWhenClosed"],
    "call-soon-threadsafe.context.custom/in-that-context-itself": ["DropsTheContext"],
    "call-soon-threadsafe.context.custom/a-context-by-position-is-an-argument": ["RecognisesContexts"],
    "call-soon-threadsafe.context.current/of-the-thread-that-schedules": ["TakesTheContextLate"],
    "pass-keywords.not-allowed/an-unknown-keyword-raises-type-error": ["SwallowsKeywords"],
    "pass-keywords.partial/adds-up-with-the-arguments": ["TakesPartialsApart"],
    "call-soon-threadsafe.low-level-api/cancels-a-future-that-is-awaited": ["NeverWakes"],
    "run-coroutine-threadsafe.concurrent-future/reaches-the-thread-that-waits": ["NeverWakes"],
}
