"""One turn of the loop, over and over.

how long may we sleep? -> poll -> which timers are due? -> call what is ready -> how long may we sleep? -> …
"""

import asyncio
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from selectors import BaseSelector

from refloop.core.callbacks import STACK_DEPTH, calling_stack, check_callback, describe_callback
from refloop.core.handles import CANCELLED, EXECUTED, WATCHING, Handle, TimerHandle
from refloop.core.poller import EVENT_READ, Poller
from refloop.core.timers import Timers
from refloop.core.wakeup import WakeUp

logger = logging.getLogger("asyncio")

# Selectors count milliseconds in a C int; a day is far below its limit, and a turn a day costs nothing.
LONGEST_POLL = 24 * 60 * 60.0


class Core:
    """Everything that the loop is about to do, and the turn in which it does it.

    *selector* is what polls (default: the best of the platform), *clock* returns the current time in float
    seconds and never goes back (default: time.monotonic). Both can be replaced, for instance to let virtual
    time pass.
    """

    def __init__(self, selector: BaseSelector | None = None, clock: Callable[[], float] | None = None) -> None:
        self.clock = time.monotonic if clock is None else clock  # rule: delayed.monotonic-clock
        # A poll may end a little early, by less than the clock can show; a timer due within that is due now.
        self.resolution = time.get_clock_info("monotonic").resolution
        # A deque, because append and popleft are atomic: call_soon_threadsafe needs no lock.
        self.ready: deque[Handle | TimerHandle] = deque()  # rule: call-soon-threadsafe.thread-safe
        self.timers = Timers()
        self.poller = Poller(selector)
        self.wakeup = WakeUp()
        self.poller.watch(self.wakeup, EVENT_READ, Handle(self.wakeup.drain, (), state=WATCHING))

        self.stopping = False
        self.closed = False
        self.thread: int | None = None  # the identifier of the thread that the loop runs in, while it runs
        self.slow_callback_duration = 0.1  # rule: slow-callback-duration.default
        self.origin_depth: int  # to which this thread tracks where coroutines come from when the loop doesn't run
        self.current: Handle | TimerHandle | None = None  # what is being called; kept in debug mode only
        self.set_debug(False)

    # -- one turn --------------------------------------------------------------------------------------------

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Turn until `stopping` is set. Exceptions of callbacks go to *loop*.call_exception_handler.

        *loop* is handed over for the time of the run only: a core that kept it would keep it alive.
        """
        try:
            while True:
                self.turn(loop)
                # rule: run-forever.until-stop, run-forever.stop-first.exits, run-forever.stop.current-batch
                if self.stopping:
                    return
        finally:
            self.stopping = False

    def turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Poll once, then call what is ready: what was before, what the poll reported, what became due."""
        ready = self.ready
        timeout = 0.0 if ready or self.stopping else self._time_to_sleep()  # rule: run-forever.stop-first.polls-once
        if self.debug and timeout is not None:  # a poll without a time-out can't be too long
            self._poll_timed(timeout)
        else:
            self.poller.poll(timeout, ready)
        self.wakeup.asleep = False
        if self.timers.heap:
            # rule: run-forever.stop-first.due-timers, call-later.zero, call-later.zero.next-iteration
            self.timers.move_due(self.clock() + self.resolution, ready)

        # Only as many as there are now: what these callbacks schedule waits for the next turn, so that a
        # callback which schedules itself can't keep the loop from polling.
        # rule: run-forever.stop-first.scheduled-callbacks, run-forever.stop.new-callbacks-wait
        # rule: run-forever.stop.new-callbacks-run-next-time, call-soon.next-iteration
        for _ in range(len(ready)):
            handle = ready.popleft()  # rule: call-soon.order, call-soon.once, event-loop.one-task-at-a-time
            if handle.state is CANCELLED:  # rule: call-later.cancel, call-at.cancel
                continue
            # rule: handle.cancel.running
            handle.state = EXECUTED
            try:
                if self.debug:  # rule: debug.slow-callback.only-in-debug-mode
                    self._call_timed(handle)
                else:
                    # rule: event-loop.runs-tasks-and-callbacks, event-loop.blocking-delays-the-others
                    handle.context.run(handle.callback, *handle.arguments)
            # rule: callback-raises.exit, run-forever.exit-exceptions-leave, run-forever.sigint
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # rule: callback-raises.other-base-exceptions
                self._report(loop, handle, error)

    def _time_to_sleep(self) -> float | None:
        # In this order, see WakeUp: first say that we are going to sleep, then look for the last time.
        self.wakeup.asleep = True
        if self.ready:
            return 0.0
        due = self.timers.next_due()  # rule: run-forever.idle
        if due is None:
            return None
        # rule: call-later.more-than-a-day, call-at.more-than-a-day, call-later.infinite
        return min(max(due - self.clock(), 0.0), LONGEST_POLL)

    def _report(self, loop: asyncio.AbstractEventLoop, handle: Handle | TimerHandle, error: BaseException) -> None:
        context: dict[str, object] = {
            # rule: call-exception-handler.key.message
            "message": f"Exception in callback {describe_callback(handle.callback, handle.arguments)}",
            "exception": error,  # rule: call-exception-handler.key.exception
            "handle": handle,  # rule: call-exception-handler.key.handle, call-exception-handler.key.handle.given
        }
        if handle.created_at:
            # rule: call-exception-handler.key.source-traceback.callback
            context["source_traceback"] = handle.created_at
        loop.call_exception_handler(context)

    # -- debug mode ------------------------------------------------------------------------------------------

    def _call_timed(self, handle: Handle | TimerHandle) -> None:
        started = self.clock()
        self.current = handle
        try:
            handle.context.run(handle.callback, *handle.arguments)
        finally:
            self.current = None
            took = self.clock() - started
            if took >= self.slow_callback_duration:  # rule: debug.slow-callback.logged
                logger.warning("Executing %r took %.3f seconds", handle, took)  # rule: debug.slow-callback.shown

    def track_origins(self) -> None:
        """Let warnings about never-awaited coroutines tell where they were made, if in debug mode.

        library/asyncio-dev.html#asyncio-coroutine-not-scheduled
        """
        # rule: debug.never-awaited.origin
        depth = max(self.origin_depth, STACK_DEPTH) if self.debug else self.origin_depth
        sys.set_coroutine_origin_tracking_depth(depth)

    def _poll_timed(self, timeout: float) -> None:
        started = self.clock()
        self.poller.poll(timeout, self.ready)
        late = self.clock() - started - timeout
        if late >= self.slow_callback_duration:
            logger.warning("Polling took %.3f seconds longer than the %.3f seconds asked for", late, timeout)

    # -- what guards scheduling ------------------------------------------------------------------------------

    def guard(self, handle: Handle | TimerHandle, any_thread: bool = False) -> None:
        """Check that *handle* may be scheduled; called only when `guarded`.

        RuntimeError on a closed loop and, in debug mode, in another thread than the loop's; TypeError in
        debug mode for what can't be called, or is a coroutine.
        """
        if self.closed:  # rule: close.methods-refuse-afterwards
            raise RuntimeError("Event loop is closed")
        # rule: debug.wrong-thread.raises, debug.wrong-thread.others, debug.wrong-thread.idle-loop
        if not any_thread and self.thread is not None and self.thread != threading.get_ident():
            raise RuntimeError("The event loop runs in another thread: call_soon_threadsafe() is the only way into it")
        check_callback(handle.callback)
        handle.created_at = calling_stack()

    def set_debug(self, enabled: bool) -> None:
        """Enable or disable debug mode."""
        self.debug = bool(enabled)  # rule: get-debug.bool
        # Whether scheduling has to be checked at all: one flag, since nothing is called as often as call_soon.
        self.guarded = self.debug or self.closed

    def close(self) -> None:
        """Discard everything that was scheduled; close selector and wake-up."""
        self.closed = self.guarded = True  # rule: close.irreversible
        self.ready.clear()  # rule: close.discards-pending-callbacks, close.clears-queues
        self.timers.clear()  # rule: close.clears-queues
        self.poller.close()
        self.wakeup.close()
