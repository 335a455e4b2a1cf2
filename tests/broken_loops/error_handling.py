"""Broken loops for the chapter about error handling: each with one mistake, named by the case that must find it."""

import asyncio
import logging
import traceback

Base = asyncio.SelectorEventLoop
log = logging.getLogger("asyncio")


class DropsErrors(Base):
    def call_exception_handler(self, context):
        pass


class DropsTheBatch(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        kept = [h for h in self._ready if getattr(h._callback, "__name__", "") == "stop"]
        self._ready.clear()
        self._ready.extend(kept)


def quiet(callback):
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
    def add_reader(self, fd, callback, *args):
        def call():
            try:
                callback(*args)
            except Exception:
                self.remove_reader(fd)
                raise

        return super().add_reader(fd, call)


class LastBatchSilent(Base):
    def call_exception_handler(self, context):
        if not self._stopping:
            super().call_exception_handler(context)


class HandlerOutside(Base):
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


class KeepsFirst(Base):
    def set_exception_handler(self, handler):
        if self._exception_handler is None:
            super().set_exception_handler(handler)


class Snapshot(Base):
    def run_forever(self):
        self.snapshot = self._exception_handler
        super().run_forever()

    def call_exception_handler(self, context):
        (self.snapshot or Base.default_exception_handler)(self, context)


class Global(Base):
    handler = None

    def set_exception_handler(self, handler):
        Global.handler = staticmethod(handler)

    def call_exception_handler(self, context):
        Global.handler(self, context)


class IgnoresNone(Base):
    def set_exception_handler(self, handler):
        if handler:
            super().set_exception_handler(handler)


class CallsNone(Base):
    def set_exception_handler(self, handler):
        self._exception_handler = lambda *a: handler(*a)


class TakesAnything(Base):
    def set_exception_handler(self, handler):
        self._exception_handler = handler


class Keywords(Base):
    def call_exception_handler(self, context):
        self._exception_handler(loop=self, context=context)


class ThreeArguments(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context, None)


class Twice(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        super().call_exception_handler(context)


class NoContext(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context)


class WrapsHandler(Base):
    def get_exception_handler(self):
        return lambda *a: self._exception_handler(*a)


class ReturnsDefault(Base):
    def get_exception_handler(self):
        return self._exception_handler or self.default_exception_handler


class InstallsDefault(Base):
    def call_exception_handler(self, context):
        if self._exception_handler is None:
            self._exception_handler = Base.default_exception_handler
        super().call_exception_handler(context)


class LogsBoth(Base):
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
    depth = 0

    def default_exception_handler(self, context):
        self.depth += 1
        if self._exception_handler and self.depth < 3:
            self.call_exception_handler(context)
        else:
            super().default_exception_handler(context)


class DefaultRemembers(Base):
    def call_exception_handler(self, context):
        self.last = context
        super().call_exception_handler(context)

    def default_exception_handler(self, context):
        super().default_exception_handler(self.last)


class NeedsException(Base):
    def default_exception_handler(self, context):
        log.error(context["message"], exc_info=context["exception"])


class JoinsTexts(Base):
    def default_exception_handler(self, context):
        log.error(
            context["message"] + "".join("".join(context.get(k, "")) for k in ("source_traceback", "handle_traceback"))
        )


class KnowsSome(Base):
    def default_exception_handler(self, context):
        if set(context) - {"message", "exception"}:
            raise KeyError
        super().default_exception_handler(context)


class TextOnly(Base):
    def default_exception_handler(self, context):
        log.error(context["message"])


class OwnLogger(Base):
    def default_exception_handler(self, context):
        logging.getLogger("asyncio.own").error(context["message"])


class OtherLogger(Base):
    def default_exception_handler(self, context):
        logging.getLogger("own").error(context["message"])


class SlowElsewhere(Base):
    def _run_once(self):
        from asyncio import base_events

        base_events.logger = logging.getLogger("asyncio.own")
        try:
            super()._run_once()
        finally:
            base_events.logger = log


class Later(Base):
    def call_exception_handler(self, context):
        self.call_soon(super().call_exception_handler, context)


class NoDefault(Base):
    def call_exception_handler(self, context):
        if self._exception_handler:
            super().call_exception_handler(context)


class Rebuilds(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({k: context[k] for k in ("message", "exception") if k in context})


class NoMessage(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({k: v for k, v in context.items() if k != "message"})


class NewHandle(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "handle": asyncio.Handle(int, (), self)})


class WrapsException(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "exception": RuntimeError(context.get("exception"))})


class OverwritesTraceback(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "handle_traceback": traceback.extract_stack()})


class NoSource(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({k: v for k, v in context.items() if k != "source_traceback"})


class EatsExit(Base):
    def _run_once(self):
        try:
            super()._run_once()
        except (SystemExit, KeyboardInterrupt) as error:
            self.call_exception_handler({"message": "", "exception": error})
            self.stop()


class OnlyExceptions(Base):
    def call_exception_handler(self, context):
        if not isinstance(context["exception"], Exception):
            raise context["exception"]
        super().call_exception_handler(context)


class Unguarded(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context)


class LosesTheFirst(Base):
    def call_exception_handler(self, context):
        try:
            self._exception_handler(self, context)
        except Exception as error:
            log.error(str(error))


class GuardsAll(Base):
    def call_exception_handler(self, context):
        try:
            self._exception_handler(self, context)
        except BaseException:
            self.stop()
            log.warning("in the handler")


class NeverRetrievedSilent(Base):
    def call_exception_handler(self, context):
        if "never retrieved" not in context["message"]:
            super().call_exception_handler(context)


class ReportsTasks(Base):
    def create_task(self, coro, **k):
        task = super().create_task(coro, **k)
        task.add_done_callback(
            lambda t: (
                t.cancelled()
                or (t.exception()
                and self.call_exception_handler({"message": "failed", "exception": t.exception()}))
            )
        )
        return task


class SilentWhenClosed(Base):
    def call_exception_handler(self, context):
        if not self.is_closed():
            super().call_exception_handler(context)


S = "set-exception-handler."
G = "get-exception-handler."
D = "default-exception-handler."
C = "call-exception-handler."
K = C + "key."
TABLE = {
    S + "called/for-a-callback-and-the-loop-goes-on": ["DropsErrors", "DropsTheBatch"],
    S + "called/however-the-callback-was-scheduled": ["DropsErrors", "TimersSilent", "ThreadsafeSilent"],
    S + "called/for-a-reader": "ReadersSilent",
    S + "called/for-a-writer": "WritersSilent",
    S + "called/for-a-reader-that-stays": "UnregistersFailed",
    S + "called/for-a-signal-handler": "SignalsSilent",
    S + "called/for-each-of-many-in-their-order": "DropsTheBatch",
    S + "called/in-the-last-batch-too": "LastBatchSilent",
    S + "called/and-may-use-the-loop": "HandlerOutside",
    S + "replaces/the-second-and-not-the-first": "KeepsFirst",
    S + "replaces/while-the-loop-runs": "Snapshot",
    S + "replaces/by-the-handler-itself": "Snapshot",
    S + "replaces/of-one-loop-only": "Global",
    S + "none/logs-and-does-not-call-the-old-handler": "IgnoresNone",
    S + "none/without-a-handler-before": "CallsNone",
    S + "not-callable/refused-at-once": "TakesAnything",
    S + "signature/two-positional-arguments-whatever-they-are-called": ["Keywords", "ThreeArguments"],
    S + "signature/once-for-each-error": "Twice",
    S + "context-of-handle/of-the-callback-that-raised": "NoContext",
    S + "context-of-handle/with-what-the-callback-changed-there": "NoContext",
    S + "context-of-task/whose-exception-nobody-retrieved": "NoContext",
    S + "context-of-task/named-in-the-context": "NoContext",
    S + "context-of-task/that-reports-about-itself": "Base",
    G + "current/the-very-object": "WrapsHandler",
    G + "none/at-first-and-again-after-none": "ReturnsDefault",
    G + "none/after-an-error-was-handled": "InstallsDefault",
    D + "called/and-the-loop-goes-on": ["NoDefault", "DropsTheBatch"],
    D + "called/not-besides-a-handler": "LogsBoth",
    D + "called/for-each-error-again": "LogsFirstOnly",
    D + "deferring/logs-it-once": ["DefaultCallsBack", "LogsBoth"],
    D + "deferring/with-a-context-that-the-handler-changed": "DefaultRemembers",
    D + "context/with-each-documented-key": ["NeedsException", "KnowsSome"],
    D + "context/with-the-tracebacks-of-debug-mode": "JoinsTexts",
    D + "shows-details/in-one-record": "TextOnly",
    "logging.logger/errors": ["OwnLogger", "OtherLogger"],
    "logging.logger/slow-callbacks": "SlowElsewhere",
    C + "calls/at-once-wherever-it-is-called": "Later",
    C + "calls/the-default-one-where-none-is-set": "NoDefault",
    C + "calls/the-one-set-last": "KeepsFirst",
    K + "message/for-every-source-of-errors": "NoMessage",
    K + "exception/the-one-that-the-callback-raised": "WrapsException",
    K + "exception/the-one-that-was-passed": "WrapsException",
    K + "exception/missing-where-there-is-none": "WrapsException",
    K + "future/whose-exception-nobody-retrieved": "Rebuilds",
    K + "task/that-was-dropped-while-pending": "Rebuilds",
    K + "handle/the-one-that-scheduling-returned": "NewHandle",
    K + "handle.given/for-callbacks-timers-and-descriptors": "Rebuilds",
    K + "protocol/the-one-that-was-passed": "Rebuilds",
    K + "transport/the-one-that-was-passed": "Rebuilds",
    K + "socket/the-one-that-was-passed": "Rebuilds",
    K + "source-traceback/of-a-future-in-debug-mode": "NoSource",
    K + "source-traceback.callback/by-whichever-method": "NoSource",
    K + "handle-traceback/the-one-that-was-passed": "OverwritesTraceback",
    K + "asyncgen/that-failed-to-close": "Rebuilds",
    K + "new/reaches-the-handler": "Rebuilds",
    K + "new/does-not-trouble-the-default-handler": "KnowsSome",
    "callback-raises.exit/raised-by-a-callback": "EatsExit",
    "callback-raises.exit/raised-by-a-task": "EatsExit",
    "callback-raises.other-base-exceptions/and-the-loop-goes-on": "OnlyExceptions",
    "handler-raises.logged/with-the-error-that-it-was-called-for": ["Unguarded", "LosesTheFirst"],
    "handler-raises.logged/to-who-calls-it-nothing-is-raised": "Unguarded",
    "handler-raises.exit/out-of-the-loop": "GuardsAll",
    "never-retrieved.logged/of-a-future-and-of-a-task": "NeverRetrievedSilent",
    "never-retrieved.logged/of-a-call-in-an-executor": "NeverRetrievedSilent",
    "never-retrieved.logged/after-the-loop-was-closed": "SilentWhenClosed",
    "never-retrieved.only-then/nothing-is-logged-once-it-was-retrieved": "ReportsTasks",
    "never-retrieved.traceback/down-to-the-line-that-raised": "TextOnly",
}
