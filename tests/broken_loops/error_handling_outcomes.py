"""Broken loops for the chapter "Error handling API", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import logging
import traceback

from broken import Broken
from error_handling import log

Base = asyncio.SelectorEventLoop


class OwnLogger(Base):
    def default_exception_handler(self, context):
        logging.getLogger("asyncio.own").error(context["message"])


class OtherLogger(Base):
    def default_exception_handler(self, context):
        logging.getLogger("own").error(context["message"])


class LogsSlowCallbacksElsewhere(Base):
    def _run_once(self):
        from asyncio import base_events

        base_events.logger = logging.getLogger("asyncio.own")
        try:
            super()._run_once()
        finally:
            base_events.logger = log


class RebuildsTheContext(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({k: context[k] for k in ("message", "exception") if k in context})


class OutermostCallLast(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "source_traceback": context["source_traceback"][::-1]})


class NoMessage(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({k: v for k, v in context.items() if k != "message"})


class SaysNothingOfItsOwn(Base):
    """Has a message for what callbacks raise, and none for what it finds itself."""

    def call_exception_handler(self, context):
        if "handle" not in context:
            context = {key: value for key, value in context.items() if key != "message"}
        super().call_exception_handler(context)


class MakesANewHandle(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "handle": asyncio.Handle(int, (), self)})


class WrapsException(Base):
    """Handlers get an exception of the loop's own."""

    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "exception": RuntimeError(context.get("exception"))})


class OverwritesTraceback(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "handle_traceback": traceback.extract_stack()})


class OverwritesSourceTraceback(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler({**context, "source_traceback": traceback.extract_stack()})


class EndsInTheLoop(Base):
    """Leaves the frames of its own methods on the stack."""

    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        handle._source_traceback = traceback.extract_stack()
        return handle


class DropsTheSourceTraceback(Base):
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
    """Lets other base exceptions than the documented two out of the loop."""

    def call_exception_handler(self, context):
        if not isinstance(context["exception"], Exception):
            raise context["exception"]
        super().call_exception_handler(context)


class LetsHandlersFail(Base):
    def call_exception_handler(self, context):
        self._exception_handler(self, context)


class LosesTheFirst(Base):
    """Logs the handler's error without the one that it was called for."""

    def call_exception_handler(self, context):
        try:
            self._exception_handler(self, context)
        except Exception as error:
            log.error(str(error))


class GuardsAgainstExitsToo(Base):
    def call_exception_handler(self, context):
        try:
            self._exception_handler(self, context)
        except BaseException:
            self.stop()
            log.warning("in the handler")


class LosesWhatWasReported(Base):
    """Logs the handler's error, and of what it was called for what the two tracebacks have in common."""

    def call_exception_handler(self, context):
        try:
            self._exception_handler(self, context)
        except Exception as error:
            log.exception("in the handler", exc_info=error)


class NeverRetrievedSilent(Base):
    def call_exception_handler(self, context):
        if "never retrieved" not in context["message"]:
            super().call_exception_handler(context)


class ReportsTasks(Base):
    """Reports a task's exception as soon as it has ended, retrieved or not."""

    def create_task(self, coro, **k):
        task = super().create_task(coro, **k)
        task.add_done_callback(
            lambda t: (
                t.cancelled()
                or (t.exception() and self.call_exception_handler({"message": "failed", "exception": t.exception()}))
            )
        )
        return task


class SilentWhenClosed(Base):
    """A closed loop reports nothing."""

    def call_exception_handler(self, context):
        if not self.is_closed():
            super().call_exception_handler(context)


class MustShowItAll(Base):
    def call_exception_handler(self, context):
        try:
            (self._exception_handler or type(self).default_exception_handler)(self, context)
        except LookupError as error:
            self.default_exception_handler({"message": "the handler failed", "exception": error, "context": context})


class DoesNotSayWhy(Base):
    def call_exception_handler(self, context):
        try:
            self.default_exception_handler(context)
        except AttributeError:
            log.error("an error in the default handler")


class SilentAboutWhatItCannotShow(Base):
    def default_exception_handler(self, context):
        with contextlib.suppress(AttributeError):
            super().default_exception_handler(context)


TABLE: dict[str, list[Broken]] = {
    "call-exception-handler.key.message/also-for-servers-protocols-and-generators": [Broken("SaysNothingOfItsOwn")],
    "call-exception-handler.key.message/for-every-source-of-errors": [Broken("NoMessage")],
    "call-exception-handler.key.exception/the-one-that-the-callback-raised": [Broken("WrapsException")],
    "call-exception-handler.key.exception/the-one-that-was-passed": [Broken("WrapsException")],
    "call-exception-handler.key.exception/missing-where-there-is-none": [Broken("WrapsException")],
    "call-exception-handler.key.future/whose-exception-nobody-retrieved": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.task/the-one-that-was-passed": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.task.dropped/by-its-name": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.handle/the-one-that-scheduling-returned": [Broken("MakesANewHandle")],
    "call-exception-handler.key.handle.given/for-callbacks-timers-and-descriptors": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.protocol/the-one-that-was-passed": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.transport/the-one-that-was-passed": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.socket/the-one-that-was-passed": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.source-traceback/the-one-that-was-passed": [
        Broken("DropsTheSourceTraceback"),
        Broken("OverwritesSourceTraceback"),
    ],
    "call-exception-handler.key.source-traceback.future/of-create-future": [Broken("DropsTheSourceTraceback")],
    "call-exception-handler.key.source-traceback.callback/by-whichever-method": [Broken("DropsTheSourceTraceback")],
    "call-exception-handler.key.source-traceback.callback/with-the-innermost-call-last": [Broken("OutermostCallLast")],
    "call-exception-handler.key.source-traceback.ends/with-the-line-of-the-program": [Broken("EndsInTheLoop")],
    "call-exception-handler.key.handle-traceback/the-one-that-was-passed": [Broken("OverwritesTraceback")],
    "call-exception-handler.key.asyncgen/the-one-that-was-passed": [Broken("RebuildsTheContext")],
    "call-exception-handler.key.new/reaches-the-handler": [Broken("RebuildsTheContext")],
    "callback-raises.exit/raised-by-a-callback": [Broken("EatsExit")],
    "callback-raises.exit/raised-by-a-task": [Broken("EatsExit")],
    "callback-raises.other-base-exceptions/and-the-loop-goes-on": [Broken("OnlyExceptions")],
    "handler-raises.logged/with-the-error-that-it-was-called-for": [
        Broken("LetsHandlersFail"),
        Broken("LosesTheFirst"),
    ],
    "handler-raises.logged/to-who-calls-it-nothing-is-raised": [
        Broken("LetsHandlersFail"),
        Broken("LosesWhatWasReported"),
    ],
    "handler-raises.exit/out-of-the-loop": [Broken("GuardsAgainstExitsToo")],
    "never-retrieved.logged/of-a-future-and-of-a-task": [Broken("NeverRetrievedSilent")],
    "never-retrieved.logged/of-a-call-in-an-executor": [Broken("NeverRetrievedSilent")],
    "never-retrieved.logged/after-the-loop-was-closed": [Broken("SilentWhenClosed")],
    "never-retrieved.only-then/nothing-is-logged-once-it-was-retrieved": [Broken("ReportsTasks")],
    "logging.logger/errors": [Broken("OwnLogger"), Broken("OtherLogger")],
    "logging.logger/slow-callbacks": [Broken("LogsSlowCallbacksElsewhere")],
    "handler-raises.default/a-value-without-a-repr": [
        Broken("MustShowItAll"),
        Broken("SilentAboutWhatItCannotShow"),
        Broken("DoesNotSayWhy"),
    ],
}
