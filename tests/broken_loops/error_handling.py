"""Broken loops for the chapter "Error handling API", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextvars
import logging

from broken import Broken

Base = asyncio.SelectorEventLoop


log = logging.getLogger("asyncio")


class DropsErrors(Base):
    def call_exception_handler(self, context):
        pass


class DropsTheBatchAfterAnError(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        kept = [h for h in self._ready if getattr(h._callback, "__name__", "") == "stop"]
        self._ready.clear()
        self._ready.extend(kept)


def quiet(callback):
    """Return `callback` without the errors that it raises."""

    def call(*args):
        try:
            return callback(*args)
        except Exception:
            pass

    return call


class TimersSilent(Base):
    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, quiet(callback), *args, context=context)


class ThreadsafeSilent(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        return super().call_soon_threadsafe(quiet(callback), *args, context=context)


class ReadersSilent(Base):
    def add_reader(self, fd, callback, *args):
        return super().add_reader(fd, quiet(callback), *args)


class WritersSilent(Base):
    def add_writer(self, fd, callback, *args):
        return super().add_writer(fd, quiet(callback), *args)


class SignalsSilent(Base):
    def add_signal_handler(self, sig, callback, *args):
        return super().add_signal_handler(sig, quiet(callback), *args)


class UnregistersFailed(Base):
    """Removes a reader whose callback raises."""

    def add_reader(self, fd, callback, *args):
        def call():
            try:
                callback(*args)
            except Exception:
                self.remove_reader(fd)
                raise

        return super().add_reader(fd, call)


class LastBatchSilent(Base):
    """Drops errors once stop() was called."""

    def call_exception_handler(self, context):
        if not self._stopping:
            super().call_exception_handler(context)


class CallsHandlersAsIfItDidNotRun(Base):
    """Handlers find no running loop."""

    def call_exception_handler(self, context):
        running = asyncio._get_running_loop()
        thread = self._thread_id
        asyncio._set_running_loop(None)
        self._thread_id = None
        try:
            super().call_exception_handler(context)
        finally:
            asyncio._set_running_loop(running)
            self._thread_id = thread


class KeepsTheFirstHandler(Base):
    def set_exception_handler(self, handler):
        if self._exception_handler is None:
            super().set_exception_handler(handler)


class TakesTheHandlerWhenItStarts(Base):
    def run_forever(self):
        self.snapshot = self._exception_handler
        super().run_forever()

    def call_exception_handler(self, context):
        (self.snapshot or Base.default_exception_handler)(self, context)


class OneHandlerForAllLoops(Base):
    handler = None

    def set_exception_handler(self, handler):
        OneHandlerForAllLoops.handler = staticmethod(handler)

    def call_exception_handler(self, context):
        OneHandlerForAllLoops.handler(self, context)


class IgnoresNone(Base):
    def set_exception_handler(self, handler):
        if handler:
            super().set_exception_handler(handler)


class CallsAHandlerOfNone(Base):
    """None is called like any other handler."""

    def set_exception_handler(self, handler):
        self._exception_handler = lambda *a: handler(*a)


class TakesAnything(Base):
    def set_exception_handler(self, handler):
        self._exception_handler = handler


class PassesKeywords(Base):
    def call_exception_handler(self, context):
        self._exception_handler(loop=self, context=context)


class ThreeArguments(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context, None)


class CallsTwice(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        super().call_exception_handler(context)


class CallsHandlersInNoContext(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context)


class EntersTheContextTwice(Base):
    """Enters the task's context although the task may be running in it."""

    def call_exception_handler(self, context):
        task = context.get("task")
        run = task.get_context().run if task else contextvars.copy_context().run
        run(super().call_exception_handler, context)


class WrapsHandler(Base):
    """get_exception_handler() returns something around the handler."""

    def get_exception_handler(self):
        return lambda *a: self._exception_handler(*a)


class ReturnsDefault(Base):
    """get_exception_handler() returns the default handler where none is set."""

    def get_exception_handler(self):
        return self._exception_handler or self.default_exception_handler


class InstallsTheDefaultHandler(Base):
    def call_exception_handler(self, context):
        if self._exception_handler is None:
            self._exception_handler = Base.default_exception_handler
        super().call_exception_handler(context)


class LogsBesidesAHandler(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        if self._exception_handler:
            self.default_exception_handler(context)


class LogsFirstOnly(Base):
    done = False

    def default_exception_handler(self, context):
        if not self.done:
            self.done = True
            super().default_exception_handler(context)


class DefaultCallsBack(Base):
    """The default handler calls the one that was set."""

    depth = 0

    def default_exception_handler(self, context):
        self.depth += 1
        if self._exception_handler and self.depth < 3:
            self.call_exception_handler(context)
        else:
            super().default_exception_handler(context)


class DefaultRemembers(Base):
    """The default handler logs the context that the handler was called with, not the one it is given."""

    def call_exception_handler(self, context):
        self.last = context
        super().call_exception_handler(context)

    def default_exception_handler(self, context):
        super().default_exception_handler(self.last)


class DefersToNothing(Base):
    """The default handler takes an error for dealt with if a handler is set."""

    def default_exception_handler(self, context):
        if self._exception_handler is None:
            super().default_exception_handler(context)


class CallsNone(Base):
    """Calls the handler whether one is set or not."""

    def call_exception_handler(self, context):
        self._exception_handler(self, context)


class NeedsException(Base):
    """The default handler fails without an exception."""

    def default_exception_handler(self, context):
        log.error(context["message"], exc_info=context["exception"])


class JoinsTexts(Base):
    """The default handler takes tracebacks for texts."""

    def default_exception_handler(self, context):
        log.error(
            context["message"] + "".join("".join(context.get(k, "")) for k in ("source_traceback", "handle_traceback"))
        )


class KnowsSomeKeysOnly(Base):
    """The default handler fails for keys that it does not know."""

    def default_exception_handler(self, context):
        if set(context) - {"message", "exception"}:
            raise KeyError
        super().default_exception_handler(context)


class LogsTheTextOnly(Base):
    def default_exception_handler(self, context):
        log.error(context["message"])


class CallsLater(Base):
    def call_exception_handler(self, context):
        self.call_soon(super().call_exception_handler, context)


class NoDefault(Base):
    """The default handler is never called."""

    def call_exception_handler(self, context):
        if self._exception_handler:
            super().call_exception_handler(context)


class ShowsObjects(Base):
    def default_exception_handler(self, context):
        super().default_exception_handler({key.removesuffix("_traceback"): context[key] for key in context})


class NeedsAMessage(Base):
    def default_exception_handler(self, context):
        log.error(context["message"], exc_info=context.get("exception"))


TABLE: dict[str, list[Broken]] = {
    "set-exception-handler.called/for-a-callback-and-the-loop-goes-on": [
        Broken("DropsErrors"),
        Broken("DropsTheBatchAfterAnError"),
    ],
    "set-exception-handler.called/however-the-callback-was-scheduled": [
        Broken("DropsErrors"),
        Broken("TimersSilent"),
        Broken("ThreadsafeSilent"),
    ],
    "set-exception-handler.called/for-a-reader": [Broken("ReadersSilent")],
    "set-exception-handler.called/for-a-writer": [Broken("WritersSilent")],
    "set-exception-handler.called/for-a-reader-that-stays": [Broken("UnregistersFailed", hangs=True)],
    "set-exception-handler.called/for-a-signal-handler": [Broken("SignalsSilent")],
    "set-exception-handler.called/for-each-of-many-in-their-order": [Broken("DropsTheBatchAfterAnError")],
    "set-exception-handler.called/in-the-last-batch-too": [Broken("LastBatchSilent")],
    "set-exception-handler.called/and-may-use-the-loop": [Broken("CallsHandlersAsIfItDidNotRun")],
    "set-exception-handler.replaces/the-second-and-not-the-first": [Broken("KeepsTheFirstHandler")],
    "set-exception-handler.replaces/while-the-loop-runs": [Broken("TakesTheHandlerWhenItStarts")],
    "set-exception-handler.replaces/by-the-handler-itself": [Broken("TakesTheHandlerWhenItStarts")],
    "set-exception-handler.replaces/of-one-loop-only": [Broken("OneHandlerForAllLoops")],
    "set-exception-handler.none/as-if-none-had-been-set": [Broken("IgnoresNone"), Broken("NoDefault")],
    "set-exception-handler.none/without-a-handler-before": [Broken("CallsAHandlerOfNone")],
    "set-exception-handler.not-callable/refused-at-once": [Broken("TakesAnything")],
    "set-exception-handler.signature/two-positional-arguments-whatever-they-are-called": [
        Broken("PassesKeywords"),
        Broken("ThreeArguments"),
    ],
    "set-exception-handler.signature/once-for-each-error": [Broken("CallsTwice")],
    "set-exception-handler.context-of-handle/of-the-callback-that-raised": [Broken("CallsHandlersInNoContext")],
    "set-exception-handler.context-of-handle/with-what-the-callback-changed-there": [
        Broken("CallsHandlersInNoContext")
    ],
    "set-exception-handler.context-of-handle.descriptor/of-a-writer": [Broken("CallsHandlersInNoContext")],
    "set-exception-handler.context-of-task/whose-exception-nobody-retrieved": [Broken("CallsHandlersInNoContext")],
    "set-exception-handler.context-of-task/named-in-the-context": [Broken("CallsHandlersInNoContext")],
    "set-exception-handler.context-of-task/that-reports-about-itself": [Broken("EntersTheContextTwice")],
    "get-exception-handler.current/the-very-object": [Broken("WrapsHandler")],
    "get-exception-handler.none/at-first-and-again-after-none": [Broken("ReturnsDefault")],
    "get-exception-handler.none/after-an-error-was-handled": [Broken("InstallsTheDefaultHandler")],
    "default-exception-handler.called/and-the-loop-goes-on": [Broken("NoDefault"), Broken("DropsTheBatchAfterAnError")],
    "default-exception-handler.called/not-besides-a-handler": [Broken("LogsBesidesAHandler")],
    "default-exception-handler.deferring/treated-as-without-the-handler": [
        Broken("DefaultCallsBack"),
        Broken("DefersToNothing"),
    ],
    "default-exception-handler.context/with-each-documented-key": [
        Broken("NeedsException"),
        Broken("KnowsSomeKeysOnly"),
    ],
    "default-exception-handler.context/with-the-tracebacks-of-debug-mode": [Broken("JoinsTexts")],
    "default-exception-handler.logs/an-error-without-a-handler": [Broken("NoDefault"), Broken("IgnoresNone")],
    "default-exception-handler.logs/for-each-error-again": [Broken("LogsFirstOnly")],
    "default-exception-handler.logs/what-a-handler-defers": [Broken("DefaultRemembers"), Broken("DefersToNothing")],
    "default-exception-handler.logs/what-a-library-reports": [Broken("NoDefault")],
    "default-exception-handler.shows-details/in-one-record": [Broken("LogsTheTextOnly")],
    "default-exception-handler.shows-details/without-a-message": [Broken("NeedsAMessage")],
    "default-exception-handler.shows-details/stacks-as-stacks": [Broken("ShowsObjects")],
    "call-exception-handler.calls/at-once-wherever-it-is-called": [Broken("CallsLater")],
    "call-exception-handler.calls/the-default-one-where-none-is-set": [Broken("NoDefault"), Broken("CallsNone")],
    "call-exception-handler.calls/the-one-set-last": [Broken("KeepsTheFirstHandler")],
    "call-exception-handler.key.new/does-not-trouble-the-default-handler": [Broken("KnowsSomeKeysOnly")],
    "never-retrieved.traceback/down-to-the-line-that-raised": [Broken("LogsTheTextOnly")],
}
