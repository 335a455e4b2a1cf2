"""Broken loops for the chapter "Creating futures and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextvars

from broken import Broken

Base = asyncio.SelectorEventLoop


class OfTheRunningLoop(Base):
    """Futures and tasks belong to the loop that runs, not to the one that was asked."""

    def create_future(self):
        return asyncio.Future(loop=asyncio._get_running_loop() or self)

    def create_task(self, coro, **kwargs):
        return asyncio.Task(coro, loop=asyncio._get_running_loop() or self, **kwargs)


class SchedulesOnTheRunningLoop(Base):
    def call_soon(self, callback, *args, context=None):
        running = asyncio._get_running_loop()
        if running is not None and running is not self:
            return Base.call_soon(running, callback, *args, context=context)
        return super().call_soon(callback, *args, context=context)


class StartsTasksAtOnce(Base):
    def create_task(self, coro, **kwargs):
        if hasattr(asyncio, "eager_task_factory"):
            return asyncio.Task(coro, loop=self, eager_start=True, **kwargs)
        try:
            coro.send(None)
        except StopIteration as error:
            future = self.create_future()
            future.set_result(error.value)
            return future
        raise RuntimeError("it waits")


class OnlyWhileRunning(Base):
    """Starts no task that is made before the run."""

    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        if not self.is_running():
            self._ready.pop()
        return task


class OnlyIfAwaited(Base):
    """Starts no task that a plain callback makes."""

    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        if self.is_running() and asyncio.current_task() is None:
            self._ready.pop()
        return task


class TasksFirst(Base):
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        self._ready.appendleft(self._ready.pop())
        return task


class NoTask(Base):
    """create_task() returns a future that is no task."""

    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        future = self.create_future()
        task.add_done_callback(lambda task: future.set_result(task.result()))
        return future


class DropsTheName(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        return super().create_task(coro, **kwargs)


class RawName(asyncio.Task):
    """Returns its name as it was given."""

    name = None

    def get_name(self):
        return self.name or super().get_name()


class RawNames(Base):
    """Names are not made strings."""

    def create_task(self, coro, *, name=None, **kwargs):
        task = RawName(coro, loop=self, **kwargs)
        task.name = name
        return task


class NoneIsAName(Base):
    """A name of None becomes "None"."""

    def create_task(self, coro, *, name=None, **kwargs):
        return super().create_task(coro, name=str(name), **kwargs)


class TakesThePositionalName(Base):
    def create_task(self, coro, name=None, **kwargs):
        return super().create_task(coro, name=name, **kwargs)


class CopiesContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context and context.copy(), **kwargs)


class ForgetsContext(Base):
    """Contexts do not reach call_soon()."""

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args)


class OwnContext(Base):
    """Tasks run in an empty context."""

    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context or contextvars.Context(), **kwargs)


class CreatorsContext(Base):
    """Tasks run in the context in which the loop was made."""

    def __init__(self):
        super().__init__()
        self.context = contextvars.copy_context()

    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context or self.context, **kwargs)


class RunsInTheContextOfTheRun(Base):
    """Callbacks and tasks run in the context of the run."""

    context = None

    def run_forever(self):
        self.context = contextvars.copy_context()
        super().run_forever()

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(lambda *args: self.context.copy().run(callback, *args), *args)


class SwallowsKeywords(Base):
    def create_task(self, coro, *, name=None, context=None, **ignored):
        return super().create_task(coro, name=name, context=context)


class SwallowsContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class FactoryDecides(Base):
    """eager_start does not reach the factory."""

    def create_task(self, coro, *, eager_start=None, **kwargs):
        return super().create_task(coro, **kwargs)


class ClosedIsFine(Base):
    """A closed loop takes coroutines."""

    def create_task(self, coro, **kwargs):
        return None if self.is_closed() else super().create_task(coro, **kwargs)


class TakesAnything(Base):
    def create_task(self, coro, **kwargs):
        return super().create_task(coro, **kwargs) if asyncio.iscoroutine(coro) else self.create_future()


TABLE: dict[str, list[Broken]] = {
    "create-future.attached/get-loop-returns-the-loop": [Broken("OfTheRunningLoop")],
    "create-future.attached/its-callbacks-run-on-the-loop": [Broken("SchedulesOnTheRunningLoop")],
    "create-task.schedules/not-before-it-returns": [Broken("StartsTasksAtOnce")],
    "create-task.schedules/before-the-loop-runs": [Broken("OnlyWhileRunning", hangs=True)],
    "create-task.schedules/from-a-callback-and-awaited-by-nobody": [Broken("OnlyIfAwaited", hangs=True)],
    "create-task.order/tasks-and-callbacks-in-turn": [Broken("TasksFirst")],
    "create-task.returns-a-task/isinstance-of-task": [Broken("NoTask")],
    "create-task.returns-a-task/attached-to-the-loop": [Broken("OfTheRunningLoop")],
    "create-task.name/as-get-name-returns-it": [Broken("DropsTheName")],
    "create-task.name/made-a-string-by-set-name": [Broken("RawNames")],
    "create-task.name/of-a-task-that-a-factory-made": [Broken("DropsTheName")],
    "create-task.name.none/is-not-called-none": [Broken("NoneIsAName")],
    "create-task.keyword-only/a-positional-name-is-refused": [Broken("TakesThePositionalName")],
    "create-task.context/and-not-in-a-copy": [Broken("CopiesContext")],
    "create-task.context/in-every-step": [Broken("ForgetsContext")],
    "create-task.context.default/copied-when-the-task-is-created": [Broken("CreatorsContext")],
    "create-task.context.default/also-with-none": [Broken("OwnContext")],
    "create-task.context.default/for-a-task-made-before-the-run": [Broken("RunsInTheContextOfTheRun")],
    "create-task.kwargs.to-the-task/one-that-task-does-not-know": [Broken("SwallowsKeywords")],
    "create-task.kwargs.to-the-task/eager-start": [Broken("SwallowsKeywords")],
    "create-task.kwargs.to-the-factory/one-that-only-the-factory-knows": [Broken("SwallowsKeywords")],
    "create-task.eager-start/true-begins-during-the-call": [Broken("SwallowsKeywords")],
    "create-task.eager-start/true-can-finish-during-the-call": [Broken("SwallowsKeywords")],
    "create-task.eager-start/true-with-a-name-and-a-context": [Broken("SwallowsContext")],
    "create-task.eager-start/false-in-spite-of-an-eager-factory": [Broken("FactoryDecides")],
    "create-task.closed/refused-at-once": [Broken("ClosedIsFine")],
    "create-task.not-a-coroutine/forgotten-parentheses-and-futures": [Broken("TakesAnything")],
    "ensure-future.coroutine/although-another-loop-runs": [Broken("OfTheRunningLoop")],
}
