"""Broken loops for the chapter "Coroutines and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken
from coroutines_and_tasks import SleepsForNothing, TasksCannotBeCancelled, WithTasks

from refloop import ReferenceLoop as Base

__all__ = ["SleepsForNothing", "TasksCannotBeCancelled"]


class OneAfterTheOther(Base):
    """A task begins when the one that was made before it has ended."""

    last = None

    def create_task(self, coro, **options):
        before = self.last if self.is_running() else None

        async def afterwards():
            if before is not None:
                await asyncio.wait([before])
            return await coro

        task = super().create_task(afterwards(), **options)
        if self.is_running():
            self.last = task
        return task


class OneFailsAllFail(WithTasks):
    """A task that ends with an exception takes all the others with it."""

    class Task(asyncio.Task):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.add_done_callback(self.take_others_along)

        def take_others_along(self, _):
            if not self.cancelled() and self.exception() is not None:
                for other in asyncio.all_tasks(self.get_loop()):
                    other.cancel()


class OneIsCancelledAllAre(WithTasks):
    class Task(asyncio.Task):
        def cancel(self, msg=None):
            for other in asyncio.all_tasks(self.get_loop()):
                if other is not self:
                    asyncio.Task.cancel(other)
            return super().cancel(msg)


class CancelsOnlyTheOutside(Base):
    """Cancelling a task ends the wait for it; its coroutine goes on, unheard."""

    def create_task(self, coro, **options):
        inner = super().create_task(coro, **options)

        async def outside():
            return await asyncio.shield(inner)

        return super().create_task(outside())


class TimersCannotBeCancelled(Base):
    def call_at(self, when, callback, *args, context=None):
        super().call_at(when, callback, *args, context=context)
        return super().call_at(when + 1000, int)


class FuturesTellLate(Base):
    """The callbacks of futures are called many turns after these are done."""

    class Future(asyncio.Future):
        def add_done_callback(self, callback, *, context=None):
            def later(turns):
                if turns:
                    self.get_loop().call_soon(later, turns - 1)
                else:
                    callback(self)

            super().add_done_callback(lambda _: later(30), context=context)

    def create_future(self):
        return self.Future(loop=self)


class TimersCancelFutures(Base):
    """A timer cancels whatever future was made before it."""

    def __init__(self):
        super().__init__()
        self.made = []

    def create_future(self):
        self.made.append(super().create_future())
        return self.made[-1]

    def call_at(self, when, callback, *args, context=None):
        made = self.made[:]

        def cancel_and_call():
            for future in made[:1]:
                future.cancel()
            callback(*args)

        return super().call_at(when, cancel_and_call, context=context)


class CallsTheLastFirst(Base):
    def call_soon(self, callback, *args, context=None):
        handle = super().call_soon(callback, *args, context=context)
        self._core.ready.rotate()
        return handle


class TimersNeverCome(Base):
    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when + 1000, callback, *args, context=context)


class RunsFunctionsItself(Base):
    def run_in_executor(self, executor, func, *args):
        done = self.create_future()
        done.set_result(func(*args))
        return done


class UnwrapsFunctions(Base):
    """What it is given to run is taken out of the context around it."""

    def run_in_executor(self, executor, func, *args):
        inside, *rest = getattr(func, "args", (func,))
        keywords = getattr(func, "keywords", {})
        return super().run_in_executor(executor, lambda: inside(*rest, *args, **keywords))


class ReportsWhatThreadsRaise(Base):
    def run_in_executor(self, executor, func, *args):
        def report():
            try:
                return func(*args)
            except Exception as error:
                context = {"message": "in a thread", "exception": error}
                self.call_soon_threadsafe(self.call_exception_handler, context)
                raise

        return super().run_in_executor(executor, report)


TABLE = {
    "gather.results-in-order/whichever-ends-first": [Broken("OneAfterTheOther")],
    "gather.first-exception/and-the-others-end-later": [Broken("OneFailsAllFail")],
    "gather.return-exceptions/failed-and-cancelled": [Broken("OneIsCancelledAllAre")],
    "gather.cancel/by-cancelling-who-awaits-it": [Broken("CancelsOnlyTheOutside")],
    "shield.protects/a-coroutine": [Broken("OneIsCancelledAllAre")],
    "shield.cancelled-inside/by-the-task-itself": [Broken("TasksCannotBeCancelled")],
    "asyncio-wait.cancel/and-what-it-waits-for-goes-on": [Broken("OneIsCancelledAllAre", since="3.13")],
    "timeout.expires/while-it-waits": [Broken("TasksCannotBeCancelled", since="3.11")],
    "timeout.in-time/its-timer-is-gone": [Broken("TimersCannotBeCancelled", since="3.11")],
    "timeout.none/until-it-is-rescheduled": [Broken("TasksCannotBeCancelled", since="3.11")],
    "timeout.reschedule/later-and-away": [Broken("TimersCannotBeCancelled", since="3.11")],
    "timeout.past/of-timeout-at": [Broken("TasksCannotBeCancelled", since="3.11")],
    "timeout.nested/the-outer-one-expires": [Broken("TasksCannotBeCancelled", since="3.11")],
    "wait-for.timeout/and-the-end-is-awaited": [Broken("TasksCannotBeCancelled")],
    "wait-for.none/returns-its-result": [Broken("SleepsForNothing")],
    "wait-for.cancel/of-a-future": [Broken("CancelsOnlyTheOutside")],
    "asyncio-wait.return-when/each-constant": [Broken("FuturesTellLate")],
    "asyncio-wait.timeout/pending-and-not-cancelled": [Broken("TimersCancelFutures")],
    "as-completed.order/not-as-given": [Broken("CallsTheLastFirst")],
    "as-completed.timeout/of-a-future-that-is-never-done": [Broken("TimersNeverCome", hangs=True)],
    "to-thread.other-thread/while-the-loop-turns": [Broken("RunsFunctionsItself")],
    "to-thread.arguments-and-context/of-a-task": [Broken("UnwrapsFunctions")],
    "to-thread.exception/and-nowhere-else": [Broken("ReportsWhatThreadsRaise")],
}
