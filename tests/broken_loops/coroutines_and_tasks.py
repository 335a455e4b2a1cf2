"""Broken loops for the chapter "Coroutines and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken

from refloop import ReferenceLoop as Base


class WithTasks(Base):
    """A loop that makes its tasks by a class of its own."""

    Task = asyncio.Task

    def create_task(self, coro, *, name=None, context=None, **others):
        keywords = {"context": context} if context is not None else {}
        return self.Task(coro, loop=self, name=name, **keywords, **others)


class TasksCannotBeCancelled(WithTasks):
    class Task(asyncio.Task):
        def cancel(self, msg=None):
            return False


class TasksDoNotCount(WithTasks):
    """Cancellations are not counted: there never is one pending."""

    class Task(asyncio.Task):
        def cancelling(self):
            return 0

        def uncancel(self):
            return 0


class TasksAreNotUncancelled(WithTasks):
    class Task(asyncio.Task):
        def uncancel(self):
            return self.cancelling()


class TasksThatWereUncancelledAreNot(WithTasks):
    """A cancellation that was taken back comes all the same."""

    class Task(asyncio.Task):
        def uncancel(self):
            left = super().uncancel()
            if not left and not self.done():
                super().cancel()
                super().uncancel()
                self.get_loop().call_soon(super().cancel)
            return left


class TasksComeBackToLife(WithTasks):
    class Task(asyncio.Task):
        revived = False

        def uncancel(self):
            self.revived = self.done()
            return super().uncancel()

        def cancelled(self):
            return super().cancelled() and not self.revived


class TasksTellNobody(WithTasks):
    """Callbacks of tasks are not called when these end, except for the one that stops the loop."""

    class Task(asyncio.Task):
        def add_done_callback(self, callback, *, context=None):
            if getattr(callback, "__name__", "") != "_on_task_done":
                super().add_done_callback(callback, context=context)


class CancelsTwiceAsOne(WithTasks):
    """A second cancellation is dropped while the first has not reached the coroutine."""

    class Task(asyncio.Task):
        def cancel(self, msg=None):
            if self.cancelling():
                return True
            return super().cancel(msg)


class KnowsNoContext(Base):
    def create_task(self, coro, *, name=None, context=None, **others):
        return super().create_task(coro, name=name, **others)


class KnowsNoEagerStart(Base):
    def create_task(self, coro, *, name=None, context=None, **others):
        return super().create_task(coro, name=name, context=context)


class CancelsOnlyFromTasks(Base):
    def call_at(self, when, callback, *args, context=None):
        owner = getattr(callback, "__self__", None)
        if isinstance(owner, getattr(asyncio, "TaskGroup", ())):
            return super().call_at(when, int)
        return super().call_at(when, callback, *args, context=context)


class SleepsForNothing(Base):
    """What a timer hands over is lost."""

    def call_later(self, delay, callback, *args, context=None):
        args = (*args[:1], None) if len(args) == 2 else args
        return super().call_later(delay, callback, *args, context=context)


TABLE = {
    "task-group.awaits-all/also-what-a-task-adds": [Broken("TasksTellNobody", since="3.11", hangs=True)],
    "task-group.create-task/name-and-context": [Broken("KnowsNoContext", since="3.11")],
    "task-group.create-task.eager-start/eager-start": [Broken("KnowsNoEagerStart", since="3.14")],
    "task-group.failure-cancels-the-others/while-all-of-them-wait": [Broken("TasksCannotBeCancelled", since="3.11")],
    "task-group.several-failures/of-tasks-and-of-the-body": [Broken("TasksCannotBeCancelled", since="3.11")],
    "task-group.external-cancellation/by-another-task": [Broken("TasksCannotBeCancelled", since="3.11")],
    "task-group.nested/failing-in-one-turn": [Broken("CancelsTwiceAsOne", since="3.13")],
    "task-group.cancel/from-a-callback": [Broken("CancelsOnlyFromTasks", since="3.15")],
    "task.cancelling/of-a-task-that-goes-on": [Broken("TasksDoNotCount", since="3.11")],
    "task.uncancel.rescinds/before-the-next-wait": [Broken("TasksThatWereUncancelledAreNot", since="3.13")],
    "task.uncancel.when-done/it-stays-cancelled": [Broken("TasksComeBackToLife", since="3.11")],
    "asyncio-sleep.delay/with-its-result": [Broken("SleepsForNothing")],
}
