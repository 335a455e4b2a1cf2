"""Scheduling callbacks.

library/asyncio-eventloop.html#scheduling-callbacks
"""

import contextvars
from collections.abc import Callable

from refloop.chapter import Chapter
from refloop.core import Handle


class SchedulingCallbacks(Chapter):
    """call_soon() and call_soon_threadsafe()."""

    # rule: call-soon.context.keyword-only, pass-keywords.not-allowed
    def call_soon(
        self, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> Handle:
        """Call *callback* with *args* in the next turn of the loop, after what was scheduled before.

        It runs in *context*, or in a copy of the current one. Return the handle by which it can be cancelled.
        RuntimeError if the loop is closed, and in debug mode if it runs in another thread; TypeError in debug
        mode for a coroutine, or what can't be called.

        library/asyncio-eventloop.html#asyncio.loop.call_soon
        """
        core = self._core
        handle = Handle(callback, args, context)
        if core.guarded:
            core.guard(handle)  # rule: call-soon.closed
        core.ready.append(handle)  # rule: create-task.order
        return handle  # rule: call-soon.returns-handle

    # rule: call-soon-threadsafe.context.custom
    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: contextvars.Context | None = None
    ) -> Handle:
        """Do as call_soon() does, from any thread or signal handler, and wake the loop if it sleeps.

        library/asyncio-eventloop.html#asyncio.loop.call_soon_threadsafe
        """
        core = self._core
        handle = Handle(callback, args, context)  # rule: call-soon-threadsafe.context.current
        if core.guarded:
            core.guard(handle, any_thread=True)  # rule: call-soon-threadsafe.closed, debug.right-thread.accepted
        # rule: call-soon-threadsafe.one-order
        core.ready.append(handle)  # rule: call-soon-threadsafe.as-call-soon, call-soon-threadsafe.reentrant
        # rule: call-soon-threadsafe.wakes, call-soon-threadsafe.low-level-api
        core.wakeup.wake()  # only now, see WakeUp
        return handle
