"""Broken loops for the chapter "Unix signals", each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import contextvars
import functools
import signal
import threading

from broken import Broken

from refloop import ReferenceLoop as Base
from refloop.core import wakeup


class DeafWakeUp(wakeup.WakeUp):
    """Is not told of signals."""

    __slots__ = ()

    def heeding_signals(self):
        return contextlib.nullcontext()


class DoesNotWakeUp(Base):
    """Takes a bare signal.signal(), which does not end a poll."""

    def __init__(self):
        super().__init__()
        self._core.wakeup.__class__ = DeafWakeUp

    def add_signal_handler(self, signum, callback, *args):
        super().add_signal_handler(signum, callback, *args)
        signal.signal(signum, lambda *_: self.call_soon(callback, *args))


class Wrapping(Base):
    """Sets what `wrapped` makes of the callback."""

    def add_signal_handler(self, signum, callback, *args):
        super().add_signal_handler(signum, self.wrapped(signum, callback, args))


class OneHandlerForAll(Wrapping):
    def wrapped(self, signum, callback, args):
        self.latest = lambda: callback(*args)
        return lambda: self.latest()


class OnceOnly(Wrapping):
    def wrapped(self, signum, callback, args):
        def handler():
            self.remove_signal_handler(signum)
            callback(*args)

        return handler


class AddsHandlers(Wrapping):
    def wrapped(self, signum, callback, args):
        handlers = self.__dict__.setdefault("handlers", {}).setdefault(signum, [])
        handlers.append(lambda: callback(*args))
        return lambda: [handler() for handler in handlers]


class LeavesPythonsHandler(Base):
    """Calls the handler of before as well."""

    def add_signal_handler(self, signum, callback, *args):
        before = signal.getsignal(signum)
        super().add_signal_handler(signum, callback, *args)
        ours = signal.getsignal(signum)

        def both(number, frame):
            ours(number, frame)
            if callable(before):
                before(number, frame)

        signal.signal(signum, both)


class PassesTheNumber(Wrapping):
    def wrapped(self, signum, callback, args):
        return lambda: callback(int(signum), *args)


class DropsArguments(Wrapping):
    def wrapped(self, signum, callback, args):
        return callback


class TakesPartialsApart(Wrapping):
    def wrapped(self, signum, callback, args):
        if isinstance(callback, functools.partial):
            callback, args = callback.func, (*callback.args, *args)
        return lambda: callback(*args)


class CallsAtOnce(Base):
    """In the middle of whatever runs."""

    def add_signal_handler(self, signum, callback, *args):
        super().add_signal_handler(signum, callback, *args)
        signal.signal(signum, lambda *_: callback(*args))


class OnlyWhileItRuns(Base):
    """Drops what arrives while the loop does not run."""

    def add_signal_handler(self, signum, callback, *args):
        super().add_signal_handler(signum, callback, *args)
        ours = signal.getsignal(signum)
        signal.signal(signum, lambda *given: ours(*given) if self.is_running() else None)


class CallsInAThread(Wrapping):
    def wrapped(self, signum, callback, args):
        return lambda: threading.Thread(target=callback, args=args).start()


class SwallowsErrors(Wrapping):
    def wrapped(self, signum, callback, args):
        def handler():
            with contextlib.suppress(ValueError):
                callback(*args)

        return handler


class LetsErrorsOut(Wrapping):
    def wrapped(self, signum, callback, args):
        def handler():
            try:
                callback(*args)
            except ValueError as error:
                raise KeyboardInterrupt from error

        return handler


class CallsWhilePolling(Wrapping):
    """Calls handlers in the poll, and polls again if nothing is there to call afterwards."""

    def __init__(self):
        super().__init__()
        self.arrived = []
        poller, core, arrived = self._core.poller, self._core, self.arrived

        class Polling:
            watch, unwatch, close = poller.watch, poller.unwatch, poller.close

            def poll(self, timeout, ready):
                while True:
                    poller.poll(timeout, ready)
                    batch = [handle for handle in ready if handle.callback in arrived]
                    for handle in batch:
                        ready.remove(handle)
                        handle.callback()
                    drains = [handle for handle in ready if handle.callback == core.wakeup.drain]
                    if not batch and not (timeout is None and drains and len(ready) == len(drains)):
                        return
                    for handle in drains:
                        ready.remove(handle)
                        handle.state = "watching"
                        handle.callback()
                    if ready:
                        return
                    core.wakeup.asleep = True

        core.poller = Polling()

    def wrapped(self, signum, callback, args):
        def handler():
            callback(*args)

        self.arrived.append(handler)
        return handler


class TakesAnyNumber(Base):
    def add_signal_handler(self, signum, callback, *args):
        with contextlib.suppress(ValueError):
            super().add_signal_handler(signum, callback, *args)


class OSErrorForBadNumbers(Base):
    def add_signal_handler(self, signum, callback, *args):
        try:
            super().add_signal_handler(signum, callback, *args)
        except ValueError as error:
            raise OSError("bad signal") from error


class RuntimeErrorForUncatchable(Base):
    def add_signal_handler(self, signum, callback, *args):
        try:
            super().add_signal_handler(signum, callback, *args)
        except ValueError as error:
            raise RuntimeError("cannot be caught") from error


class NotesBeforeItAsks(Base):
    """Counts a handler as set although it was refused."""

    def add_signal_handler(self, signum, callback, *args):
        self._signals.add(signum)
        super().add_signal_handler(signum, callback, *args)

    def remove_signal_handler(self, sig):
        with contextlib.suppress(OSError):
            return super().remove_signal_handler(sig)
        self._signals.discard(sig)
        return True


class DeafAfterARefusal(Base):
    """A refusal silences what is set afterwards."""

    deaf = False

    def add_signal_handler(self, signum, callback, *args):
        try:
            super().add_signal_handler(signum, callback if not self.deaf else bool)
        except ValueError:
            self.deaf = True
            raise


class TakesHandlersAnywhere(Base):
    def add_signal_handler(self, signum, callback, *args):
        if threading.current_thread() is threading.main_thread():
            super().add_signal_handler(signum, callback, *args)


class ValueErrorElsewhere(Base):
    def add_signal_handler(self, signum, callback, *args):
        if threading.current_thread() is not threading.main_thread():
            raise ValueError("only in the main thread")
        super().add_signal_handler(signum, callback, *args)


class TakesCoroutines(Wrapping):
    def wrapped(self, signum, callback, args):
        return lambda: callback(*args)


class EmptyContext(Wrapping):
    def wrapped(self, signum, callback, args):
        return lambda: contextvars.Context().run(callback, *args)


class ContextOfTheArrival(Base):
    """Handlers run in the context that the signal interrupts."""

    def add_signal_handler(self, signum, callback, *args):
        super().add_signal_handler(signum, callback, *args)
        signal.signal(signum, lambda *_: self.call_soon_threadsafe(callback, *args))


class ForgetsNothing(Base):
    """Removing removes nothing."""

    def remove_signal_handler(self, sig):
        return sig in self._signals


class RemovesForGood(Base):
    gone = frozenset()

    def add_signal_handler(self, signum, callback, *args):
        if signum not in self.gone:
            super().add_signal_handler(signum, callback, *args)

    def remove_signal_handler(self, sig):
        self.gone |= {sig}
        return super().remove_signal_handler(sig)


class RemovesAll(Base):
    def remove_signal_handler(self, sig):
        removed = [Base.remove_signal_handler(self, each) for each in list(self._signals)]
        return any(removed)


class ReturnsNothing(Base):
    def remove_signal_handler(self, sig):
        super().remove_signal_handler(sig)


class AlwaysTrue(Base):
    def remove_signal_handler(self, sig):
        super().remove_signal_handler(sig)
        return True


class SetsUpWhenItRuns(Base):
    """remove_signal_handler() returns False before the first run."""

    def remove_signal_handler(self, sig):
        removed = super().remove_signal_handler(sig)
        return removed and getattr(self, "has_run", False)

    def run_forever(self):
        self.has_run = True
        super().run_forever()


class ForgetsWhenTheRunEnds(Base):
    def run_forever(self):
        try:
            super().run_forever()
        finally:
            for each in list(self._signals):
                self.remove_signal_handler(each)


class LeavesTheDefault(Base):
    def remove_signal_handler(self, sig):
        removed = super().remove_signal_handler(sig)
        signal.signal(sig, signal.SIG_DFL)
        return removed


class LeavesItIgnored(Base):
    def remove_signal_handler(self, sig):
        removed = super().remove_signal_handler(sig)
        signal.signal(sig, signal.SIG_IGN)
        return removed


class KeepsHandlersWhenClosed(Base):
    def close(self):
        self._signals.clear()
        super().close()


class TakesNames(Base):
    def add_signal_handler(self, sig, callback, *args):
        super().add_signal_handler(getattr(signal, str(sig), sig), callback, *args)

    def remove_signal_handler(self, sig):
        return super().remove_signal_handler(getattr(signal, str(sig), sig))


class UnknownIsInvalid(Base):
    def add_signal_handler(self, sig, callback, *args):
        if not isinstance(sig, int):
            raise ValueError("no such signal")
        super().add_signal_handler(sig, callback, *args)

    def remove_signal_handler(self, sig):
        return isinstance(sig, int) and super().remove_signal_handler(sig)


TABLE: dict[str, list[Broken]] = {
    "add-signal-handler.called/while-the-loop-sleeps": [Broken("DoesNotWakeUp", hangs=True)],
    "add-signal-handler.called/each-of-several-signals-its-own": [Broken("OneHandlerForAll")],
    "add-signal-handler.called/again-and-again": [Broken("OnceOnly", hangs=True)],
    "add-signal-handler.called/in-place-of-the-one-before": [Broken("AddsHandlers")],
    "add-signal-handler.called/in-place-of-keyboard-interrupt": [Broken("LeavesPythonsHandler")],
    "add-signal-handler.arguments/none-and-many": [Broken("PassesTheNumber"), Broken("DropsArguments")],
    "add-signal-handler.partial/beside-positional-ones": [Broken("TakesPartialsApart")],
    "add-signal-handler.invoked-by-the-loop/not-in-the-middle-of-a-callback": [Broken("CallsAtOnce")],
    "add-signal-handler.invoked-by-the-loop/not-before-the-loop-runs": [
        Broken("CallsAtOnce"),
        Broken("OnlyWhileItRuns", hangs=True),
    ],
    "add-signal-handler.invoked-by-the-loop/in-the-thread-of-the-loop": [Broken("CallsInAThread")],
    "add-signal-handler.invoked-by-the-loop/an-exception-goes-where-those-of-callbacks-go": [
        Broken("SwallowsErrors"),
        Broken("LetsErrorsOut"),
    ],
    "add-signal-handler.may-use-the-loop/schedule-and-create-and-cancel": [Broken("DoesNotWakeUp", hangs=True)],
    "add-signal-handler.may-use-the-loop/stop-it": [Broken("CallsWhilePolling", hangs=True)],
    "add-signal-handler.invalid-number/too-small-and-too-large": [
        Broken("TakesAnyNumber"),
        Broken("OSErrorForBadNumbers"),
    ],
    "add-signal-handler.uncatchable/kill-and-stop": [Broken("TakesAnyNumber"), Broken("RuntimeErrorForUncatchable")],
    "add-signal-handler.refused-leaves-nothing/for-a-signal-that-cannot-be-caught": [Broken("NotesBeforeItAsks")],
    "add-signal-handler.refused-leaves-others/for-a-signal-that-cannot-be-caught": [
        Broken("DeafAfterARefusal", hangs=True)
    ],
    "add-signal-handler.main-thread/refused-elsewhere-and-nothing-is-set": [Broken("TakesHandlersAnywhere")],
    "add-signal-handler.main-thread.error/the-same-as-for-any-problem": [Broken("ValueErrorElsewhere")],
    "add-signal-handler.coroutine/as-most-people-try-at-first": [Broken("TakesCoroutines")],
    "add-signal-handler.context/as-it-was-when-the-handler-was-added": [
        Broken("EmptyContext"),
        Broken("ContextOfTheArrival"),
    ],
    "remove-signal-handler.removes/for-a-signal-that-comes-afterwards": [Broken("ForgetsNothing")],
    "remove-signal-handler.removes/and-it-can-be-set-again": [Broken("RemovesForGood", hangs=True)],
    "remove-signal-handler.removes/and-leaves-the-others": [Broken("RemovesAll", hangs=True)],
    "remove-signal-handler.returns/before-between-and-after": [Broken("ReturnsNothing"), Broken("AlwaysTrue")],
    "remove-signal-handler.returns/before-the-first-run": [Broken("SetsUpWhenItRuns")],
    "remove-signal-handler.returns/after-the-run": [Broken("ForgetsWhenTheRunEnds")],
    "remove-signal-handler.default/as-a-fresh-interpreter-has-it": [
        Broken("LeavesTheDefault"),
        Broken("LeavesItIgnored"),
    ],
    "signal-handlers.close/none-is-left-in-the-process": [Broken("KeepsHandlersWhenClosed")],
    "add-signal-handler.type-error/the-name-of-a-signal": [Broken("TakesNames"), Broken("UnknownIsInvalid")],
}
