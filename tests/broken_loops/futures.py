"""Loops with one mistake each, for the chapter "Creating futures and tasks"."""

import asyncio
import contextvars
import inspect

Base = asyncio.SelectorEventLoop


def is_step(callback):
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


# ---- futures


class OfTheRunningLoop(Base):
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


def with_future(kind):
    class Loop(Base):
        def create_future(self):
            return kind(loop=self)

    return Loop


class Unmarked:
    def __init__(self, loop):
        self.real = asyncio.Future(loop=loop)

    def __await__(self):
        return self.real.__await__()


class NeverCallsBack(asyncio.Future):
    def add_done_callback(self, callback, *, context=None):
        pass


class WaitsAlthoughDone(asyncio.Future):
    def add_done_callback(self, callback, *, context=None):
        if not self.done():
            super().add_done_callback(callback, context=context)

    def __await__(self):
        self._asyncio_future_blocking = True
        yield self
        return self.result()


class GivesAway(asyncio.Future):
    given = False

    def __await__(self):
        value = yield from super().__await__()
        value, self.given = None if self.given else value, True
        return value


class Packs(asyncio.Future):
    def result(self):
        return [super().result()]


class RaisesItsOwn(asyncio.Future):
    def result(self):
        try:
            return super().result()
        except ValueError as error:
            raise ValueError("of my own") from error


class Lenient(asyncio.Future):
    def result(self):
        return None if self.cancelled() or not self.done() else super().result()

    def exception(self):
        return None if self.cancelled() or not self.done() else super().exception()

    def set_result(self, result):
        if not self.done():
            super().set_result(result)

    def set_exception(self, exception):
        if not self.done():
            super().set_exception(exception)

    def cancel(self, msg=None):
        return super().cancel() or True


class NeverDone(asyncio.Future):
    def done(self):
        return False


class Inverted(asyncio.Future):
    def cancelled(self):
        return not super().cancelled()


class CallsBare(asyncio.Future):
    def add_done_callback(self, callback, *, context=None):
        super().add_done_callback(lambda future: callback(), context=context)


class BareTask(asyncio.Task):
    def add_done_callback(self, callback, *, context=None):
        super().add_done_callback(lambda future: callback(), context=context)


class CallsAtOnce(asyncio.Future):
    def __init__(self, loop):
        super().__init__(loop=loop)
        self.callbacks = []

    def add_done_callback(self, callback, *, context=None):
        if self.done():
            callback(self)
        else:
            self.callbacks.append(callback)

    def set_result(self, result):
        super().set_result(result)
        for callback in self.callbacks:
            callback(self)


class TaskCallsAtOnce(Base):
    def call_soon(self, callback, *args, context=None):
        if len(args) == 1 and isinstance(args[0], asyncio.Task):
            callback(*args)
            return None
        return super().call_soon(callback, *args, context=context)


class DropsContext(asyncio.Future):
    def add_done_callback(self, callback, *, context=None):
        super().add_done_callback(callback)


class LateContext(asyncio.Future):
    def __init__(self, loop):
        super().__init__(loop=loop)
        self.callbacks = []

    def add_done_callback(self, callback, *, context=None):
        self.callbacks.append(callback)

    def set_result(self, result):
        super().set_result(result)
        for callback in self.callbacks:
            self.get_loop().call_soon(callback, self)


class NeverRemoves(asyncio.Future):
    def remove_done_callback(self, callback):
        return 1


class CancelsLater(asyncio.Future):
    def cancel(self, msg=None):
        self.get_loop().call_soon(super().cancel)
        return True


class RaisesInException(asyncio.Future):
    def exception(self):
        if super().exception() is not None:
            raise super().exception()


class CancelledIsAnException(asyncio.Future):
    def exception(self):
        return asyncio.CancelledError() if self.cancelled() else super().exception()


class NeverCancelled(asyncio.Future):
    def cancel(self, msg=None):
        return False


LUnmarked = with_future(Unmarked)
LNeverCallsBack = with_future(NeverCallsBack)
LWaitsAlthoughDone = with_future(WaitsAlthoughDone)
LGivesAway = with_future(GivesAway)
LPacks = with_future(Packs)
LRaisesItsOwn = with_future(RaisesItsOwn)
LLenient = with_future(Lenient)
LNeverDone = with_future(NeverDone)
LInverted = with_future(Inverted)
LCallsBare = with_future(CallsBare)
LCallsAtOnce = with_future(CallsAtOnce)
LDropsContext = with_future(DropsContext)
LLateContext = with_future(LateContext)
LNeverRemoves = with_future(NeverRemoves)
LCancelsLater = with_future(CancelsLater)
LRaisesInException = with_future(RaisesInException)
LCancelledIsAnException = with_future(CancelledIsAnException)
LNeverCancelled = with_future(NeverCancelled)


class NativeCoroutinesOnly(Base):
    def create_task(self, coro, **kwargs):
        if coro.cr_code.co_filename.startswith("<frozen") or "asyncio" in coro.cr_code.co_filename:
            raise TypeError("not a coroutine of the program")
        return super().create_task(coro, **kwargs)


class NeverWoken(Base):
    def call_soon_threadsafe(self, callback, *args, context=None):
        return self.call_soon(callback, *args, context=context)


# ---- create_task


class Eager(Base):
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
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        if not self.is_running():
            self._ready.pop()
        return task


class OnlyIfAwaited(Base):
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
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        future = self.create_future()
        task.add_done_callback(lambda task: future.set_result(task.result()))
        return future


class Nameless(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        return super().create_task(coro, **kwargs)


class RawName(asyncio.Task):
    name = None

    def get_name(self):
        return self.name or super().get_name()


class RawNames(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        task = RawName(coro, loop=self, **kwargs)
        task.name = name
        return task


class NoneIsAName(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        return super().create_task(coro, name=str(name), **kwargs)


class Positional(Base):
    def create_task(self, coro, name=None, **kwargs):
        return super().create_task(coro, name=name, **kwargs)


class CopiesContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context and context.copy(), **kwargs)


class ForgetsContext(Base):
    def call_soon(self, callback, *args, context=None):
        return super().call_soon(callback, *args)


class OwnContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context or contextvars.Context(), **kwargs)


class CreatorsContext(Base):
    def __init__(self):
        super().__init__()
        self.context = contextvars.copy_context()

    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, context=context or self.context, **kwargs)


class RunsInTheContextOfTheRun(Base):
    context = None

    def run_forever(self):
        self.context = contextvars.copy_context()
        super().run_forever()

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(lambda *args: self.context.copy().run(callback, *args), *args)


class Swallows(Base):
    def create_task(self, coro, *, name=None, context=None, **ignored):
        return super().create_task(coro, name=name, context=context)


class SwallowsContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class FactoryDecides(Base):
    def create_task(self, coro, *, eager_start=None, **kwargs):
        return super().create_task(coro, **kwargs)


class PassesNone(Base):
    def create_task(self, coro, *, eager_start=None, **kwargs):
        if self.get_task_factory() is None:
            eager_start = True
        return super().create_task(coro, eager_start=eager_start, **kwargs)


class ClosedIsFine(Base):
    def create_task(self, coro, **kwargs):
        return None if self.is_closed() else super().create_task(coro, **kwargs)


class TakesAnything(Base):
    def create_task(self, coro, **kwargs):
        return super().create_task(coro, **kwargs) if asyncio.iscoroutine(coro) else self.create_future()


# ---- factories


class Swaps(Base):
    def create_task(self, coro, **kwargs):
        factory = self.get_task_factory()
        if factory is None:
            return super().create_task(coro, **kwargs)

        async def wrapper():
            return await coro

        return factory(self, wrapper(), **kwargs)


class WrapsTasks(Base):
    def create_task(self, coro, **kwargs):
        inner = super().create_task(coro, **kwargs)

        async def outer():
            return await inner

        return asyncio.Task(outer(), loop=self, **kwargs)


class SharedFactory(Base):
    factory = None

    def set_task_factory(self, factory):
        SharedFactory.factory = factory

    def get_task_factory(self):
        return SharedFactory.factory

    def create_task(self, coro, **kwargs):
        if self.factory:
            return self.factory(self, coro, **kwargs)
        return super().create_task(coro, **kwargs)


class KeepsFactory(Base):
    def set_task_factory(self, factory):
        if factory is not None:
            super().set_task_factory(factory)


class StoresAnything(Base):
    def set_task_factory(self, factory):
        self._task_factory = factory


class PassesName(Base):
    def create_task(self, coro, *, name=None, context=None):
        if self._task_factory:
            return self._task_factory(self, coro, name=name, context=context)
        return super().create_task(coro, name=name)


class KeepsContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class NamesAfterwards(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        task = super().create_task(coro, **kwargs)
        if name is not None:
            task.set_name(name)
        return task


class FactoryMakesTasks(Base):
    def create_task(self, coro, *, name=None, **kwargs):
        task = super().create_task(coro, **kwargs)
        task.set_name(name or "unnamed")
        return task


class OwnMainTask(Base):
    def run_until_complete(self, future):
        if asyncio.iscoroutine(future):
            future = asyncio.Task(future, loop=self)
        return super().run_until_complete(future)


class ReturnsWrapped(Base):
    def get_task_factory(self):
        factory = super().get_task_factory()
        return factory and (lambda *args, **kwargs: factory(*args, **kwargs))


class ReturnsDefault(Base):
    def get_task_factory(self):
        return super().get_task_factory() or asyncio.Task


class EagerWithoutContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        return super().create_task(coro, **kwargs)


class EagerIsNotWoken(Base):
    starting = False

    def create_task(self, coro, **kwargs):
        self.starting = self._task_factory is not None
        try:
            return super().create_task(coro, **kwargs)
        finally:
            self.starting = False

    def call_soon(self, callback, *args, context=None):
        if self.starting:
            return None
        return super().call_soon(callback, *args, context=context)


class OwnEagerTasks(Base):
    def create_task(self, coro, **kwargs):
        if self._task_factory is not None:
            return asyncio.Task(coro, loop=self, eager_start=True, **kwargs)
        return super().create_task(coro, **kwargs)


# ---- tasks


class TakesNoKeywords(Base):
    def create_task(self, coro):
        return super().create_task(coro)


class KeepsTasks(Base):
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        vars(self).setdefault("tasks", set()).add(task)
        return task


class StepsFirst(Base):
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
        try:
            self.get_coro().throw(asyncio.CancelledError)
        except asyncio.CancelledError:
            pass
        return super().cancel()


class NotYetBegun(asyncio.Task):
    def cancel(self, msg=None):
        if inspect.getcoroutinestate(self.get_coro()) == "CORO_CREATED":
            return True
        return super().cancel()


def with_task(kind):
    class Loop(Base):
        def create_task(self, coro, **kwargs):
            return kind(coro, loop=self, **kwargs)

    return Loop


LBareTask = with_task(BareTask)
LThrowsAtOnce = with_task(ThrowsAtOnce)
LNotYetBegun = with_task(NotYetBegun)


class WrapsCoroutines(Base):
    def create_task(self, coro, **kwargs):
        async def wrapper():
            return await coro

        return super().create_task(wrapper(), **kwargs)


class EntersContext(Base):
    def create_task(self, coro, *, context=None, **kwargs):
        if context is None:
            return super().create_task(coro, **kwargs)
        return context.run(lambda: asyncio.Task(coro, loop=self, **kwargs))


class NeverRunning(Base):
    def is_running(self):
        return False


class StaysCurrent(Base):
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
    def create_task(self, coro, **kwargs):
        task = super().create_task(coro, **kwargs)
        asyncio._unregister_task(task)
        return task


class LosesExceptions(Base):
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
    def create_future(self):
        return OwnFuture(loop=self)

    def call_soon(self, callback, *args, context=None):
        if args and isinstance(args[0], asyncio.Future) and not isinstance(args[0], (OwnFuture, asyncio.Task)):
            return None
        return super().call_soon(callback, *args, context=context)


class OwnTasksOnly(Base):
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
    def create_task(self, coro, **kwargs):
        inner = super().create_task(coro)

        async def outer():
            return await inner

        return super().create_task(outer(), **kwargs)


T = "create-task."
F = "future."
TABLE = {
    "create-future.attached/get-loop-returns-the-loop": "OfTheRunningLoop",
    "create-future.attached/its-callbacks-run-on-the-loop": "SchedulesOnTheRunningLoop",
    T + "schedules/not-before-it-returns": "Eager",
    T + "schedules/before-the-loop-runs": "OnlyWhileRunning",
    T + "schedules/from-a-callback-and-awaited-by-nobody": "OnlyIfAwaited",
    T + "order/tasks-and-callbacks-in-turn": "TasksFirst",
    T + "returns-a-task/isinstance-of-task": "NoTask",
    T + "returns-a-task/attached-to-the-loop": "OfTheRunningLoop",
    T + "name/as-get-name-returns-it": "Nameless",
    T + "name/made-a-string-by-set-name": "RawNames",
    T + "name/of-a-task-that-a-factory-made": "Nameless",
    T + "name.none/is-not-called-none": "NoneIsAName",
    T + "keyword-only/a-positional-name-is-refused": "Positional",
    T + "context/and-not-in-a-copy": "CopiesContext",
    T + "context/in-every-step": "ForgetsContext",
    T + "context.default/copied-when-the-task-is-created": "CreatorsContext",
    T + "context.default/also-with-none": "OwnContext",
    T + "context.default/for-a-task-made-before-the-run": "RunsInTheContextOfTheRun",
    T + "kwargs.to-the-task/one-that-task-does-not-know": "Swallows",
    T + "kwargs.to-the-task/eager-start": "Swallows",
    T + "kwargs.to-the-factory/one-that-only-the-factory-knows": "Swallows",
    T + "eager-start/true-begins-during-the-call": "Swallows",
    T + "eager-start/true-can-finish-during-the-call": "Swallows",
    T + "eager-start/true-with-a-name-and-a-context": "SwallowsContext",
    T + "eager-start/false-in-spite-of-an-eager-factory": "FactoryDecides",
    T + "eager-start.default/as-the-factory-has-it": "PassesNone",
    T + "closed/refused-at-once": "ClosedIsFine",
    T + "not-a-coroutine/forgotten-parentheses-and-futures": "TakesAnything",
    "set-task-factory.used/called-with-the-loop-and-the-coroutine": "Swaps",
    "set-task-factory.used/what-it-returns-is-returned": "WrapsTasks",
    "set-task-factory.used/of-one-loop-only": "SharedFactory",
    "set-task-factory.none/after-another-one": "KeepsFactory",
    "set-task-factory.not-callable/refused-at-once": "StoresAnything",
    "set-task-factory.signature.before-kwargs/with-and-without-a-name": "PassesName",
    "set-task-factory.signature.before-kwargs/with-a-context": "KeepsContext",
    "set-task-factory.kwargs.of-3-13-3/name": "NamesAfterwards",
    "set-task-factory.kwargs.without-name/although-one-was-given": "PassesName",
    "set-task-factory.kwargs.without-context/none-given-or-none-passed": "PassesName",
    "set-task-factory.kwargs.name/as-it-was-given": "NamesAfterwards",
    "set-task-factory.kwargs.context/as-it-was-given": "KeepsContext",
    "set-task-factory.returns-a-future/that-is-no-task": "FactoryMakesTasks",
    "set-task-factory.run-until-complete/for-the-outermost-coroutine": "OwnMainTask",
    "get-task-factory.returns-it/the-very-object": "ReturnsWrapped",
    "get-task-factory.default/at-first-and-again-after-none": "ReturnsDefault",
    "eager-task-factory.begins-at-once/up-to-where-it-first-waits": "PassesNone",
    "eager-task-factory.begins-at-once/with-a-name-and-a-context": "EagerWithoutContext",
    "eager-task-factory.never-scheduled/done-when-create-task-returns": "PassesNone",
    "eager-task-factory.scheduled-if-it-waits/for-a-turn-a-timer-and-a-future": "EagerIsNotWoken",
    "create-eager-task-factory.constructor/a-subclass-of-task": "OwnEagerTasks",
    "isfuture/what-the-loop-creates": "LUnmarked",
    "ensure-future.future/of-the-loop-s-own": "LUnmarked",
    "ensure-future.coroutine/although-another-loop-runs": "OfTheRunningLoop",
    "ensure-future.awaitable/an-object-with-dunder-await": "NativeCoroutinesOnly",
    "wrap-future/which-a-thread-ends": "NeverWoken",
    F + "awaitable/each-of-the-three-ends": "LNeverCallsBack",
    F + "awaitable/that-is-done-already": "LWaitsAlthoughDone",
    F + "awaitable.again/by-several-and-afterwards": "LGivesAway",
    F + "result/the-very-object": "LPacks",
    F + "result.exception/the-very-exception": "LRaisesItsOwn",
    F + "result.cancelled/raised-by-result": "LLenient",
    F + "result.not-yet/raised-by-result": "LLenient",
    F + "set-result.already-done/however-it-became-done": "LLenient",
    F + "set-exception.already-done/however-it-became-done": "LLenient",
    F + "done/before-and-after-each-end": "LNeverDone",
    F + "cancelled/and-not-after-any-other-end": "LInverted",
    F + "add-done-callback.called/after-each-end": "LCallsBare",
    F + "add-done-callback.called/of-a-task": "LBareTask",
    F + "add-done-callback.by-call-soon/in-turn-with-other-callbacks": "LCallsAtOnce",
    F + "add-done-callback.by-call-soon/of-a-task-in-turn-with-other-callbacks": "TaskCallsAtOnce",
    F + "add-done-callback.done-already/not-called-in-the-middle": "LCallsAtOnce",
    F + "add-done-callback.context/and-not-in-a-copy": "LDropsContext",
    F + "add-done-callback.context.default/not-in-that-of-whoever-ends-the-future": "LLateContext",
    F + "remove-done-callback/and-leaves-the-others": "LNeverRemoves",
    F + "remove-done-callback.count/none-one-two": "LNeverRemoves",
    F + "cancel/at-once-with-the-callbacks-later": "LCancelsLater",
    F + "cancel.already-done/however-it-became-done": "LLenient",
    F + "cancel.message/in-the-coroutine-that-waits": "LLenient",
    F + "exception/after-either-end": "LRaisesInException",
    F + "exception.cancelled/raised-by-exception": "LCancelledIsAnException",
    F + "exception.not-yet/raised-by-exception": "LLenient",
    "asyncio-create-task.running-loop/from-a-coroutine-and-from-a-callback": "TakesNoKeywords",
    "asyncio-create-task.weak-references/of-a-task-that-waits": "KeepsTasks",
    "asyncio-create-task.weak-references/of-a-task-that-has-ended": "KeepsTasks",
    "asyncio-sleep.lets-others-run/for-no-time-at-all": "StepsFirst",
    "task.resumes/not-in-the-middle-of-whoever-ends-it": "ResumesAtOnce",
    "task.others-meanwhile/one-of-each": "NeverReads",
    "task.cancel.next-cycle/not-in-the-middle-of-cancel": "LThrowsAtOnce",
    "task.cancel.next-cycle/of-a-task-that-has-not-begun": "LNotYetBegun",
    "task.cancel.awaited-future/of-create-future": "LNeverCancelled",
    "task.get-coro/the-one-given-to-create-task": "WrapsCoroutines",
    "task.get-context/the-one-given-to-create-task": "EntersContext",
    "task.eager-start.while-running/asked-by-is-running": "NeverRunning",
    "current-task.task/in-each-of-two": "CoroutineInATask",
    "current-task.none/in-a-callback-and-for-another-loop": "StaysCurrent",
    "all-tasks/of-this-loop-only": "Unregistered",
    "run-coroutine-threadsafe.result/on-a-loop-that-sleeps": "NeverWoken",
    "run-coroutine-threadsafe.exception/and-nobody-else": "LosesExceptions",
    "run-coroutine-threadsafe.cancel/of-a-task-that-waits": "NeverWoken",
    "extending.future-init/works-beside-the-loop-s-own": "OwnFuturesOnly",
    "extending.task-init/works-beside-the-loop-s-own": "OwnTasksOnly",
    "extending.register-task/listed-before-its-first-step": "Unregistered",
    "extending.enter-task/current-where-the-coroutine-goes-on": "CoroutineInATask",
    "extending.leave-task/after-a-step-and-after-the-last": "StaysCurrent",
}
