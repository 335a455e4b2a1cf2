"""Scheduling delayed callbacks.

library/asyncio-eventloop.html#scheduling-delayed-callbacks
"""

import contextvars
from collections.abc import Callable

from refloop.chapter import Chapter
from refloop.core import TimerHandle


class DelayedCallbacks(Chapter):
    """call_later(), call_at() and the clock that both go by."""

    # rule: call-later.context.keyword-only
    def call_later(
        self,
        delay: float,
        callback: Callable[..., object],
        *args: object,
        context: contextvars.Context | None = None,
    ) -> TimerHandle:
        """Call *callback* with *args* once *delay* seconds have passed. Everything else is as with call_at().

        library/asyncio-eventloop.html#asyncio.loop.call_later
        """
        # rule: call-later.called, call-later.int-or-float, call-later.not-a-number, call-later.returns-timer-handle
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[..., object],
        *args: object,
        context: contextvars.Context | None = None,
    ) -> TimerHandle:
        """Call *callback* with *args* once time() has reached *when* seconds, or one clock resolution before.

        It runs in *context*, or in a copy of the current one. Return the handle by which it can be cancelled.
        TypeError if *when* is no number; the other errors are those of call_soon().

        library/asyncio-eventloop.html#asyncio.loop.call_at
        """
        core = self._core
        # Adding a float makes an int one, which float() would do too, but turns away None and strings.
        handle = TimerHandle(when + 0.0, callback, args, context)  # rule: call-at.int-or-float, timer-handle.when.float
        if core.guarded:
            core.guard(handle)  # rule: call-later.closed
        core.timers.add(handle)  # rule: call-at.as-call-later
        return handle  # rule: call-at.returns-timer-handle

    def time(self) -> float:
        """Return the current time in seconds by the loop's clock, which never goes back.

        library/asyncio-eventloop.html#asyncio.loop.time
        """
        return self._core.clock()  # rule: time.float, time.current
