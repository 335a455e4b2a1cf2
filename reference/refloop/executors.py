"""Executing code in thread or process pools.

library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools
"""

import asyncio
import concurrent.futures
import contextlib
import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

from refloop import versions
from refloop.chapter import Chapter
from refloop.core import Core
from refloop.core.callbacks import check_callback

T = TypeVar("T")


class Executors(Chapter):
    """run_in_executor() and the default executor, from its creation to its end."""

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._default_executor: concurrent.futures.Executor | None = None
        self._default_executor_shut_down = False

    def run_in_executor(
        self, executor: concurrent.futures.Executor | None, func: Callable[..., T], *args: object
    ) -> asyncio.Future[T]:
        """Have *executor* call *func* with *args*; return a future of what it returns or raises.

        None stands for the default executor, a ThreadPoolExecutor that is made when it is needed first,
        unless set_default_executor() was called. RuntimeError on a closed loop, and if the default executor
        was shut down; TypeError for a coroutine function, or what can't be called.

        library/asyncio-eventloop.html#asyncio.loop.run_in_executor
        """
        self._check_open()
        check_callback(func)  # rule: run-in-executor.coroutine-function
        if executor is None:  # rule: run-in-executor.default, run-in-executor.after-shutdown.given-executor
            executor = self._get_default_executor()
        # rule: run-in-executor.calls, run-in-executor.args, run-in-executor.executor-type
        # rule: run-in-executor.begins-at-once
        call = executor.submit(func, *args)
        # rule: run-in-executor.returns-future, run-in-executor.result, run-in-executor.exception
        # rule: run-in-executor.cancel
        return asyncio.wrap_future(call, loop=self)

    def _get_default_executor(self) -> concurrent.futures.Executor:
        if self._default_executor_shut_down:  # rule: shutdown-default-executor.refuses-afterwards
            raise RuntimeError("The default executor has been shut down")
        if self._default_executor is None:  # rule: run-in-executor.default.lazy
            # rule: run-in-executor.default.max-workers
            self._default_executor = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="asyncio")
        return self._default_executor

    def set_default_executor(self, executor: concurrent.futures.Executor) -> None:
        """Let run_in_executor(None, …) use *executor*.

        TypeError if it is no ThreadPoolExecutor (before Python 3.11: DeprecationWarning).

        library/asyncio-eventloop.html#asyncio.loop.set_default_executor
        """
        # rule: set-default-executor.type, set-default-executor.interpreter-pool
        if not isinstance(executor, concurrent.futures.ThreadPoolExecutor):
            complaint = f"the default executor must be a ThreadPoolExecutor, not {executor!r}"
            if versions.DEFAULT_EXECUTOR_MUST_RUN_THREADS:
                raise TypeError(complaint)
            warnings.warn(complaint, DeprecationWarning, stacklevel=2)
        self._default_executor = executor  # rule: set-default-executor.used

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Shut the default executor down and wait until its threads have ended.

        After *timeout* seconds (None: never) a RuntimeWarning says that they haven't, and they are left
        alone. From the call on, run_in_executor(None, …) raises RuntimeError.

        library/asyncio-eventloop.html#asyncio.loop.shutdown_default_executor
        """
        self._default_executor_shut_down = True
        executor = self._default_executor
        if executor is None:
            return
        joined = self.create_future()
        # Waiting for threads blocks: a thread does it for us.
        # rule: shutdown-default-executor.loop-goes-on
        joiner = threading.Thread(target=self._join, args=(executor, joined), name="asyncio-join")
        joiner.start()
        # rule: shutdown-default-executor.timeout.none, shutdown-default-executor.timeout.in-time
        await asyncio.wait([joined], timeout=timeout)
        if joined.done():
            joiner.join()
            joined.result()
        else:
            # rule: shutdown-default-executor.timeout.warns
            warnings.warn(
                f"The default executor did not finish joining its threads within {timeout} seconds.",
                RuntimeWarning,
                stacklevel=2,
            )
            executor.shutdown(wait=False)  # rule: shutdown-default-executor.timeout.does-not-wait

    def _join(self, executor: concurrent.futures.Executor, joined: "asyncio.Future[None]") -> None:
        outcome: BaseException | None = None
        try:
            # rule: shutdown-default-executor.waits-for-its-threads, shutdown-default-executor.queued-jobs-are-done
            executor.shutdown(wait=True)
        except Exception as error:
            outcome = error
        # The loop may have given up on us and be closed.
        with contextlib.suppress(RuntimeError):
            self.call_soon_threadsafe(_settle, joined, outcome)

    def close(self) -> None:
        """Shut the default executor down without waiting for its threads, and go on closing."""
        if self._default_executor is not None:
            # rule: close.shuts-down-the-executor, close.does-not-wait-for-the-executor
            self._default_executor.shutdown(wait=False)
        super().close()


def _settle(future: "asyncio.Future[None]", error: BaseException | None) -> None:
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)  # rule: shutdown-default-executor.raises
