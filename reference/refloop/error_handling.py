"""Error handling API.

library/asyncio-eventloop.html#error-handling-api
"""

import asyncio
import contextvars
import logging
import traceback
from collections.abc import Callable
from typing import Any, TypeAlias

from refloop import versions
from refloop.chapter import Chapter
from refloop.core import Core

logger = logging.getLogger("asyncio")  # rule: logging.logger

Context: TypeAlias = dict[str, Any]
ExceptionHandler: TypeAlias = Callable[[asyncio.AbstractEventLoop, Context], object]

# What of an exception handler's context is a stack, and the words that introduce it.
STACKS = {"source_traceback": "Object created at", "handle_traceback": "Handle created at"}


class ErrorHandling(Chapter):
    """call_exception_handler() and the handler that it calls.

    SystemExit and KeyboardInterrupt always pass: they are not errors, but wishes to end the program.
    """

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._exception_handler: ExceptionHandler | None = None  # rule: get-exception-handler.none

    def set_exception_handler(self, handler: ExceptionHandler | None) -> None:
        """Let call_exception_handler() call *handler*(loop, context); with None, the default handler again.

        TypeError if *handler* can't be called.

        library/asyncio-eventloop.html#asyncio.loop.set_exception_handler
        """
        if handler is not None and not callable(handler):  # rule: set-exception-handler.not-callable
            raise TypeError(f"an exception handler must be callable or None, not {handler!r}")
        self._exception_handler = handler  # rule: set-exception-handler.replaces

    def get_exception_handler(self) -> ExceptionHandler | None:
        """Return the handler that was set, or None.

        library/asyncio-eventloop.html#asyncio.loop.get_exception_handler
        """
        return self._exception_handler  # rule: get-exception-handler.current

    def default_exception_handler(self, context: Context) -> None:
        """Log *context*, with the traceback of its exception, as an error of the "asyncio" logger.

        library/asyncio-eventloop.html#asyncio.loop.default_exception_handler
        """
        # rule: default-exception-handler.context
        details = {"message": None, "exception": None, **context}
        lines = [details.pop("message") or "Unhandled exception in event loop"]
        error = details.pop("exception")  # rule: default-exception-handler.deferring
        current = self._core.current
        if "source_traceback" not in details and current is not None and current.created_at:
            details["handle_traceback"] = current.created_at  # rule: debug.reports.scheduled-at
        for key, value in sorted(details.items()):
            if key in STACKS:
                stack = "".join(traceback.format_list(value)).rstrip()
                # rule: debug.never-retrieved.created-at, debug.never-retrieved.created-at.future
                lines.append(f"{key}: {STACKS[key]} (most recent call last):\n{stack}")
            else:
                # rule: default-exception-handler.shows-details
                lines.append(f"{key}: {value!r}")
        # rule: default-exception-handler.logs, never-retrieved.traceback
        logger.error("\n".join(lines), exc_info=error)

    def call_exception_handler(self, context: Context) -> None:
        """Call the exception handler with *context*, a dict of which the documentation lists the keys.

        If the handler itself fails, the default handler logs that, together with *context*. Nothing is
        raised, but for SystemExit and KeyboardInterrupt.

        library/asyncio-eventloop.html#asyncio.loop.call_exception_handler
        """
        handler = self._exception_handler  # rule: call-exception-handler.calls
        try:
            if handler is None:  # rule: set-exception-handler.none
                self.default_exception_handler(context)  # rule: default-exception-handler.called
            else:
                # rule: set-exception-handler.called, set-exception-handler.signature
                # rule: call-exception-handler.key.new, call-exception-handler.key.task
                # rule: call-exception-handler.key.source-traceback
                self._call_handler(handler, context)
        except (SystemExit, KeyboardInterrupt):  # rule: handler-raises.exit
            raise
        except BaseException as error:
            # Whoever overloaded the default handler must not be able to bring the loop down.
            logger.error("Exception in the default exception handler", exc_info=error)  # rule: handler-raises.default

    def _call_handler(self, handler: ExceptionHandler, context: Context) -> None:
        try:
            _call_in(_context_to_run_in(context), handler, self, context)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            message = "Unhandled error in exception handler"
            # rule: handler-raises.logged
            self.default_exception_handler({"message": message, "exception": error, "context": context})


def _context_to_run_in(context: Context) -> contextvars.Context | None:
    if versions.EXCEPTION_HANDLER_RUNS_IN_CONTEXT:
        # rule: set-exception-handler.context-of-handle, set-exception-handler.context-of-handle.descriptor
        # rule: set-exception-handler.context-of-task
        for key in ("task", "future", "handle"):
            get_context = getattr(context.get(key), "get_context", None)
            if get_context is not None:
                found: contextvars.Context = get_context()
                return found
    return None


def _call_in(context: contextvars.Context | None, handler: ExceptionHandler, *args: Any) -> None:
    if context is not None:
        try:
            context.run(bool)
        except RuntimeError:
            # It can't be entered twice, and is entered already: a task reports about itself.
            context = None
    if context is None:
        # rule: call-exception-handler.key.protocol, call-exception-handler.key.transport
        # rule: call-exception-handler.key.socket, call-exception-handler.key.handle-traceback
        # rule: call-exception-handler.key.asyncgen
        handler(*args)
    else:
        context.run(handler, *args)
