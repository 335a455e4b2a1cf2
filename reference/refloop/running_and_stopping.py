"""Running and stopping the loop.

library/asyncio-eventloop.html#running-and-stopping-the-loop

The chapter's last method, shutdown_default_executor(), stands with the executors, which it is about.
"""

import asyncio
import sys
import threading
import warnings
import weakref
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Generator
from typing import Any, TypeVar, cast

from refloop.chapter import Chapter
from refloop.core import Core

T = TypeVar("T")


class RunningAndStopping(Chapter):
    """run_forever(), run_until_complete(), stop(), close() and what goes with them."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        # rule: asyncgens.ended-are-let-go, asyncgens.list-is-kept-consistent
        self._asyncgens: weakref.WeakSet[AsyncGenerator[Any, Any]] = weakref.WeakSet()
        self._asyncgens_shut_down = False
        self._closing: set[asyncio.Task[None]] = set()  # asynchronous generators that were dropped
        self._given_up: set[asyncio.Future[Any]] = set()

    def run_until_complete(self, future: Generator[Any, None, T] | Awaitable[T]) -> T:
        """Run until *future* is done; return its result or raise its exception.

        A coroutine, or any other awaitable, is wrapped in a Task. RuntimeError if the loop runs already, is
        closed, or was stopped before the future was done; ValueError for a future of another loop.

        library/asyncio-eventloop.html#asyncio.loop.run_until_complete
        """
        self._check_may_run()
        # rule: run-until-complete.coroutine.task, run-until-complete.foreign-future, run-until-complete.task-factory
        # rule: set-task-factory.run-until-complete
        awaited = asyncio.ensure_future(cast("Awaitable[T]", future), loop=self)
        made_here = awaited is not future
        waiting = True

        def stop_waiting(_: "asyncio.Future[T]") -> None:
            # Called by way of the ready queue: a KeyboardInterrupt may have ended our run in the meantime,
            # and then it isn't for us to stop the next one.
            if waiting:
                self.stop()

        awaited.add_done_callback(stop_waiting)  # rule: run-until-complete.until-done
        try:
            self.run_forever()
        except BaseException:
            if made_here and awaited.done() and not awaited.cancelled():
                awaited.exception()  # retrieved, or the task, which nobody else has, would complain
            raise
        finally:
            waiting = False
            awaited.remove_done_callback(stop_waiting)
            if made_here and not awaited.done():
                self._give_up(awaited)
        if not awaited.done():  # rule: run-until-complete.stopped-early
            raise RuntimeError("The event loop was stopped before the future was done")
        return awaited.result()  # rule: run-until-complete.result, run-until-complete.exception

    def _give_up(self, task: "asyncio.Future[Any]") -> None:
        # It may go on in a later run, so that nobody but us can keep it until then.
        self._given_up.add(task)  # rule: run-until-complete.stopped-early.silent
        task.add_done_callback(self._given_up.discard)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Leave out that a task was destroyed which run_until_complete() has given up; pass everything else on.

        The caller of run_until_complete() got an exception, and never had the task: there is nothing more to say.

        library/asyncio-eventloop.html#asyncio.loop.call_exception_handler
        """
        if self.is_closed() and any(context.get("task") is task for task in self._given_up):
            return
        super().call_exception_handler(context)

    def run_forever(self) -> None:
        """Run until stop() is called.

        If it was called before, poll once without waiting, run what is ready, and return. RuntimeError if
        this or another loop runs in this thread already, or if the loop is closed.

        library/asyncio-eventloop.html#asyncio.loop.run_forever
        """
        self._check_may_run()  # rule: get-running-loop.after-a-refused-run
        core = self._core
        hooks = sys.get_asyncgen_hooks()
        core.origin_depth = sys.get_coroutine_origin_tracking_depth()
        try:
            core.thread = threading.get_ident()
            asyncio._set_running_loop(self)  # rule: get-running-loop.from-callback, get-event-loop.from-callback
            # rule: asyncgens.hooks-are-set
            sys.set_asyncgen_hooks(firstiter=self._asyncgen_first_iterated, finalizer=self._asyncgen_dropped)
            core.track_origins()
            with core.wakeup.heeding_signals():
                core.run(self)  # rule: event-loop.own-thread
        finally:
            core.thread = None  # rule: event-loop.any-thread-for-a-run
            asyncio._set_running_loop(None)  # rule: get-running-loop.none
            sys.set_asyncgen_hooks(*hooks)  # rule: asyncgens.hooks-are-restored
            sys.set_coroutine_origin_tracking_depth(core.origin_depth)  # rule: debug.never-awaited.tracking-ends

    def _check_may_run(self) -> None:
        self._check_open()
        if self.is_running():  # rule: run-forever.while-running, run-until-complete.while-running
            raise RuntimeError("This event loop is already running")
        if asyncio._get_running_loop() is not None:  # rule: run-forever.while-running, run-until-complete.while-running
            raise RuntimeError("Cannot run the event loop while another loop is running")

    def stop(self) -> None:
        """Let the run return after the current batch of callbacks, or the next run after its first.

        library/asyncio-eventloop.html#asyncio.loop.stop
        """
        self._core.stopping = True  # rule: stop.stops-the-loop

    def is_running(self) -> bool:
        """Return True while the loop runs.

        library/asyncio-eventloop.html#asyncio.loop.is_running
        """
        return self._core.thread is not None  # rule: is-running.true-while-running

    def is_closed(self) -> bool:
        """Return True once the loop was closed.

        library/asyncio-eventloop.html#asyncio.loop.is_closed
        """
        return self._core.closed  # rule: is-closed.true-after-close

    def close(self) -> None:
        """Discard pending callbacks and let go of everything; a second call does nothing.

        RuntimeError if the loop is running.

        library/asyncio-eventloop.html#asyncio.loop.close
        """
        if self.is_running():  # rule: close.while-running
            raise RuntimeError("Cannot close a running event loop")
        if not self.is_closed():  # rule: close.idempotent
            # rule: close.leaves-nothing
            super().close()  # from chapter to chapter, each releasing what it holds, down to the core

    def __del__(self) -> None:
        # The core is missing if the constructor failed.
        if getattr(self, "_core", None) is not None and not self.is_closed():
            warnings.warn(f"unclosed event loop {self!r}", ResourceWarning, stacklevel=2, source=self)
            if not self.is_running():
                self.close()

    # -- asynchronous generators -----------------------------------------------------------------------------

    async def shutdown_asyncgens(self) -> None:
        """Close all asynchronous generators that were iterated in this loop and aren't finished.

        Those that nobody holds any more are being closed already; they are waited for.
        What their aclose() raises goes to the exception handler. Whoever starts to iterate one afterwards
        gets a ResourceWarning.

        library/asyncio-eventloop.html#asyncio.loop.shutdown_asyncgens
        """
        self._asyncgens_shut_down = True
        open_generators = list(self._asyncgens)
        self._asyncgens.clear()
        # rule: shutdown-asyncgens.closes-open-generators
        closings = [generator.aclose() for generator in open_generators]
        results = await asyncio.gather(*closings, return_exceptions=True)  # rule: asyncgens.shutdown-stops-gracefully
        for generator, result in zip(open_generators, results, strict=True):
            if isinstance(result, Exception):  # rule: shutdown-asyncgens.errors-to-the-handler
                self.call_exception_handler(
                    {
                        "message": f"Closing the asynchronous generator {generator!r} failed",
                        "exception": result,
                        "asyncgen": generator,
                    }
                )
        await asyncio.sleep(0)  # for those dropped a moment ago, whose task is yet to be created
        if self._closing:
            await asyncio.wait(self._closing)

    def _asyncgen_first_iterated(self, generator: AsyncGenerator[Any, Any]) -> None:
        if self._asyncgens_shut_down:  # rule: shutdown-asyncgens.warns-of-new-generators
            warnings.warn(
                f"asynchronous generator {generator!r} was first iterated after loop.shutdown_asyncgens()",
                ResourceWarning,
                source=self,
                stacklevel=2,
            )
        self._asyncgens.add(generator)  # rule: shutdown-asyncgens.closes-open-generators

    def _asyncgen_dropped(self, generator: AsyncGenerator[Any, Any]) -> None:
        self._asyncgens.discard(generator)
        if not self.is_closed():  # rule: asyncgens.dropped-after-close
            # By the garbage collector, in whatever thread that happens to run.
            # rule: asyncgens.clean-up-is-deferred, asyncgens.clean-up-from-any-thread
            # rule: asyncgens.dropped-are-closed-soon
            self.call_soon_threadsafe(self._close_dropped, generator.aclose())

    def _close_dropped(self, closing: Coroutine[Any, Any, None]) -> None:
        task = self.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
