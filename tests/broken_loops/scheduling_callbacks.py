"""Broken loops for the chapter "Scheduling callbacks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextvars
import functools

from broken import Broken
from scheduling_callbacks_threadsafe import SecondQueue

Base = asyncio.SelectorEventLoop


class UnpacksATuple(Base):
    """Takes a tuple for the arguments."""

    def call_soon(self, callback, *args, context=None):
        if len(args) == 1 and isinstance(args[0], tuple):
            args = args[0]
        return super().call_soon(callback, *args, context=context)


class AsksForTheName(Base):
    """Takes only callables that have a name."""

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
    """Sleeps until the next timer although callbacks are ready."""

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
    """Cancels the first handle of the same function."""

    def cancel(self):
        for handle in self._loop._ready:
            if handle._callback == self._callback:
                return super(ByFunction, handle).cancel()
        return None


class CancelsTheFirstOfTheSameFunction(Base):
    def call_soon(self, callback, *args, context=None):
        handle = ByFunction(callback, args, self, context)
        self._ready.append(handle)
        return handle


class GrowsInPieces(Base):
    """Its queue gets out of order where it grows."""

    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if len(self._ready) == 500:
            self._ready.rotate(1)
        return handle


class DepthFirst(Base):
    """What a callback schedules goes to the front."""

    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if self.is_running():
            self._ready.rotate(1)
        return handle


class TakesUpTheRestLast(Base):
    """What a run leaves comes after what is scheduled until the next."""

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
    """The same callback with the same arguments is scheduled once."""

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
    """Callbacks run in the context that was current when the loop was made."""

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
    """Stands for a context, but runs the callback in whatever context is current."""

    @staticmethod
    def run(callback, *args):
        return callback(*args)


class RunsInItsOwnContext(Base):
    """Callbacks run in the context of the run."""

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args, context=context or NoContext)


class RecognisesContexts(Base):
    """Takes a context at the end of the arguments for the keyword."""

    def call_soon(self, callback, *args, context=None):
        if args and isinstance(args[-1], contextvars.Context):
            *args, context = args
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        if args and isinstance(args[-1], contextvars.Context):
            *args, context = args
        return super().call_soon_threadsafe(callback, *args, context=context)


class SilentWhenClosed(Base):
    """A closed loop takes callbacks."""

    def _check_closed(self):
        pass


class EmptiesOneQueueFirst(SecondQueue):
    def _run_once(self):
        while self._ready and not self._stopping:
            handle = self._ready.popleft()
            if not handle._cancelled:
                handle._run()
        super()._run_once()


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


class FindsOutByCalling(Base):
    def _check_callback(self, callback, method):
        pass


TABLE: dict[str, list[Broken]] = {
    "call-soon.arguments/as-many-as-were-given": [Broken("UnpacksATuple")],
    "call-soon.arguments/for-every-kind-of-callable": [Broken("AsksForTheName")],
    "call-soon.next-iteration/not-before-call-soon-returns": [Broken("CallsAtOnce")],
    "call-soon.next-iteration/without-waiting-for-anything": [
        Broken("SleepsOnWhatIsReady", hangs=True),
        Broken("SleepsOnWhatTimersSchedule", hangs=True),
    ],
    "call-soon.next-iteration/everything-else-gets-its-turn": [
        Broken("CallsUntilNothingIsReady", hangs=True),
        Broken("EmptiesOneQueueFirst", hangs=True),
    ],
    "call-soon.returns-handle/an-instance-of-the-documented-class": [Broken("ReturnsHandlesOfItsOwn")],
    "call-soon.cancel/that-one-and-no-other": [Broken("CancelsTheFirstOfTheSameFunction")],
    "call-soon.order/a-thousand-of-them": [Broken("GrowsInPieces")],
    "call-soon.order/those-of-callbacks-last": [Broken("DepthFirst")],
    "call-soon.order/what-a-run-left-over-first": [Broken("TakesUpTheRestLast")],
    "call-soon.once/not-again-in-the-next-run": [Broken("KeepsABatchThatStops")],
    "call-soon.once/as-often-as-it-was-registered": [Broken("KeepsASet")],
    "call-soon.once/even-if-it-raises": [Broken("KeepsWhatRaises")],
    "call-soon.context.custom/in-that-context-itself": [Broken("CopiesTheContext")],
    "call-soon.context.custom/and-the-next-callback-outside-of-it": [Broken("StaysInTheContextOfAnError")],
    "call-soon.context.current/of-whoever-schedules": [Broken("OwnContext")],
    "call-soon.context.current/for-a-context-of-none": [Broken("EmptyContextForNone")],
    "call-soon.context.snapshot/later-changes-are-not-seen": [Broken("RunsInItsOwnContext")],
    "call-soon.context.snapshot/its-own-changes-stay-with-it": [Broken("RunsInItsOwnContext")],
    "call-soon.context.keyword-only/a-context-by-position-is-an-argument": [Broken("RecognisesContexts")],
    "call-soon.closed/raises-runtime-error": [Broken("SilentWhenClosed")],
    "pass-keywords.not-allowed/an-unknown-keyword-raises-type-error": [Broken("SwallowsKeywords")],
    "pass-keywords.partial/adds-up-with-the-arguments": [Broken("TakesPartialsApart")],
    "call-soon-threadsafe.as-call-soon/passes-arguments-and-returns-first": [Broken("CallsAtOnce")],
    "call-soon-threadsafe.closed/from-whichever-thread": [Broken("SilentWhenClosed")],
    "call-soon-threadsafe.context.custom/a-context-by-position-is-an-argument": [Broken("RecognisesContexts")],
    "call-soon.not-callable/a-result-in-place-of-a-callback": [Broken("FindsOutByCalling")],
}
