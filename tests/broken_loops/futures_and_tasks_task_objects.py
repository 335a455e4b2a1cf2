"""Broken loops for the chapter "Creating futures and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import contextvars
import inspect

from broken import Broken
from futures_and_tasks_future_objects import with_future, with_task

Base = asyncio.SelectorEventLoop


def is_step(callback):
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


class NeverCancelled(asyncio.Future):
    def cancel(self, msg=None):
        return False


FuturesRefuseToBeCancelled = with_future(NeverCancelled)


class NeverWoken(Base):
    """call_soon_threadsafe() does not wake it."""

    def call_soon_threadsafe(self, callback, *args, context=None):
        return self.call_soon(callback, *args, context=context)


class TakesNoKeywords(Base):
    """create_task() takes a coroutine and nothing else."""

    def create_task(self, coro):
        return super().create_task(coro)


class NotAnnouncedInCallbacks(Base):
    """Only tasks find it running."""

    def call_soon(self, callback, *args, context=None):
        def call(*args):
            running = asyncio._get_running_loop()
            asyncio._set_running_loop(None)
            try:
                return callback(*args)
            finally:
                asyncio._set_running_loop(running)

        return super().call_soon(callback if is_step(callback) else call, *args, context=context)


class KeepsTasks(Base):
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        vars(self).setdefault("tasks", set()).add(task)
        return task


class StepsFirst(Base):
    """Steps of tasks go before whatever else is ready."""

    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        if is_step(callback):
            self._ready.appendleft(self._ready.pop())
        return handle


class ResumesAtOnce(Base):
    def call_soon(self, callback, *args, context=None):
        current = asyncio.current_task() if self.is_running() else None
        if current is not None and len(args) == 1 and asyncio.isfuture(args[0]):
            asyncio._leave_task(self, current)
            try:
                (context or contextvars.copy_context()).copy().run(callback, *args)
            finally:
                asyncio._enter_task(self, current)
            return None
        return super().call_soon(callback, *args, context=context)


class NeverReads(Base):
    def add_reader(self, fd, callback, *args):
        pass


class ThrowsAtOnce(asyncio.Task):
    def cancel(self, msg=None):
        with contextlib.suppress(asyncio.CancelledError):
            self.get_coro().throw(asyncio.CancelledError)
        return super().cancel()


class NotYetBegun(asyncio.Task):
    """Ignores cancel() before its first step."""

    def cancel(self, msg=None):
        if inspect.getcoroutinestate(self.get_coro()) == "CORO_CREATED":
            return True
        return super().cancel()


TasksThrowAtOnce = with_task(ThrowsAtOnce)


TasksIgnoreAnEarlyCancel = with_task(NotYetBegun)


class WrapsCoroutines(Base):
    def create_task(self, coro, **kwargs):
        async def wrapper():
            return await coro

        return super().create_task(wrapper(), **kwargs)


class EntersContext(Base):
    """Makes the task in its context in place of passing it."""

    def create_task(self, coro, *, context=None, **kwargs):
        if context is None:
            return super().create_task(coro, **kwargs)
        return context.run(lambda: asyncio.Task(coro, loop=self, **kwargs))


class NeverRunning(Base):
    def is_running(self):
        return False


class StaysCurrent(Base):
    """The last task stays the current one in callbacks."""

    last = None

    def call_soon(self, callback, *args, context=None):
        step = is_step(callback) or "Task" in type(callback).__name__ or "Task" in repr(callback)

        def call(*args):
            if step:
                self.last = getattr(callback, "__self__", None) or self.last
                return callback(*args)
            if self.last is None:
                return callback(*args)
            asyncio._enter_task(self, self.last)
            try:
                return callback(*args)
            finally:
                asyncio._leave_task(self, self.last)

        return super().call_soon(call, *args, context=context)


class Unregistered(Base):
    """all_tasks() does not know its tasks."""

    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        asyncio._unregister_task(task)
        return task


class LosesExceptions(Base):
    """An exception of a coroutine becomes None."""

    def create_task(self, coro, **kwargs):
        async def wrapper():
            try:
                return await coro
            except ValueError:
                return None

        return super().create_task(wrapper(), **kwargs)


class OwnFuture(asyncio.Future):
    pass


class OwnFuturesOnly(Base):
    """Does not call back for futures of another class than its own."""

    def create_future(self):
        return OwnFuture(loop=self)

    def call_soon(self, callback, *args, context=None):
        if args and isinstance(args[0], asyncio.Future) and not isinstance(args[0], (OwnFuture, asyncio.Task)):
            return None
        return super().call_soon(callback, *args, context=context)


class OwnTasksOnly(Base):
    """Does not step tasks that create_task() has not made."""

    creating = False

    def create_task(self, coro, **kwargs):
        self.creating = True
        try:
            return super().create_task(coro, **kwargs)
        finally:
            self.creating = False

    def call_soon(self, callback, *args, context=None):
        if not self.creating and not args and not self.is_running() and "Task" in type(callback).__name__:
            return None
        return super().call_soon(callback, *args, context=context)


class CoroutineInATask(Base):
    """The task that it returns awaits another one, in which the coroutine runs."""

    def create_task(self, coro, **kwargs):
        inner = super().create_task(coro)

        async def outer():
            return await inner

        return super().create_task(outer(), **kwargs)


TABLE: dict[str, list[Broken]] = {
    "wrap-future/which-a-thread-ends": [Broken("NeverWoken", hangs=True)],
    "asyncio-create-task.running-loop/from-a-coroutine-and-from-a-callback": [
        Broken("TakesNoKeywords", since="3.14"),
        Broken("NotAnnouncedInCallbacks", hangs=True),
    ],
    "asyncio-create-task.weak-references/of-a-task-that-waits": [Broken("KeepsTasks")],
    "asyncio-create-task.weak-references/of-a-task-that-has-ended": [Broken("KeepsTasks")],
    "asyncio-sleep.lets-others-run/for-no-time-at-all": [Broken("StepsFirst")],
    "task.resumes/not-in-the-middle-of-whoever-ends-it": [Broken("ResumesAtOnce")],
    "task.others-meanwhile/one-of-each": [Broken("NeverReads", hangs=True)],
    "task.cancel.next-cycle/not-in-the-middle-of-cancel": [Broken("TasksThrowAtOnce")],
    "task.cancel.next-cycle/of-a-task-that-has-not-begun": [Broken("TasksIgnoreAnEarlyCancel")],
    "task.cancel.awaited-future/of-create-future": [Broken("FuturesRefuseToBeCancelled", hangs=True)],
    "task.get-coro/the-one-given-to-create-task": [Broken("WrapsCoroutines")],
    "task.get-context/the-one-given-to-create-task": [Broken("EntersContext")],
    "task.eager-start.while-running/asked-by-is-running": [Broken("NeverRunning")],
    "current-task.task/in-each-of-two": [Broken("CoroutineInATask")],
    "current-task.none/in-a-callback-and-for-another-loop": [Broken("StaysCurrent")],
    "all-tasks/of-this-loop-only": [Broken("Unregistered")],
    "run-coroutine-threadsafe.result/on-a-loop-that-sleeps": [Broken("NeverWoken", hangs=True)],
    "run-coroutine-threadsafe.exception/and-nobody-else": [Broken("LosesExceptions")],
    "run-coroutine-threadsafe.cancel/of-a-task-that-waits": [Broken("NeverWoken", hangs=True)],
    "extending.future-init/works-beside-the-loop-s-own": [Broken("OwnFuturesOnly", hangs=True)],
    "extending.task-init/works-beside-the-loop-s-own": [Broken("OwnTasksOnly", hangs=True)],
    "extending.register-task/listed-before-its-first-step": [Broken("Unregistered")],
    "extending.enter-task/current-where-the-coroutine-goes-on": [Broken("CoroutineInATask")],
    "extending.leave-task/after-a-step-and-after-the-last": [Broken("StaysCurrent")],
}
