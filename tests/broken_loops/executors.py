"""Broken loops for the chapter "Executing code in thread or process pools", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import concurrent.futures
import copy
import functools

from broken import Broken

Pool = concurrent.futures.ThreadPoolExecutor


Base = asyncio.SelectorEventLoop


class IgnoresExecutor(Base):
    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(None, func, *args)


class KeepsFirstExecutor(Base):
    first = None

    def run_in_executor(self, executor, func, *args):
        self.first = self.first or executor
        return super().run_in_executor(self.first, func, *args)


class DefaultWins(Base):
    """The default executor is preferred to the one that is given."""

    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(self._default_executor or executor, func, *args)


class RemembersCalls(Base):
    seen = None

    def run_in_executor(self, executor, func, *args):
        self.seen = self.seen or {}
        if func not in self.seen:
            self.seen[func] = super().run_in_executor(executor, func, *args)
        return self.seen[func]


class WaitsForTheLoop(Base):
    """Submits nothing before the loop runs."""

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()

        def begin():
            inner = Base.run_in_executor(self, executor, func, *args)
            inner.add_done_callback(lambda f: future.set_result(f.result()))

        self.call_soon(begin)
        return future


class CallsOnlyWhileItRuns(Base):
    """What was asked for before the loop runs is not called."""

    def run_in_executor(self, executor, func, *args):
        if self.is_running():
            return super().run_in_executor(executor, func, *args)
        future = self.create_future()
        future.set_result(None)
        return future


class NeedsATask(Base):
    def run_in_executor(self, executor, func, *args):
        if asyncio.current_task() is None:
            raise RuntimeError("no task")
        return super().run_in_executor(executor, func, *args)


class LooksAtTheCode(Base):
    def run_in_executor(self, executor, func, *args):
        self.code = func.__code__
        return super().run_in_executor(executor, func, *args)


class ArgumentsAsTuple(Base):
    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, func, args)


class CopiesArguments(Base):
    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, copy.deepcopy(func), *copy.deepcopy(args))


class UnpacksPartials(Base):
    def run_in_executor(self, executor, func, *args):
        if isinstance(func, functools.partial):
            func, args = func.func, func.args + args
        return super().run_in_executor(executor, func, *args)


class OnlyThreadPools(Base):
    def run_in_executor(self, executor, func, *args):
        if executor is not None and not isinstance(executor, Pool):
            raise TypeError("not a thread pool")
        return super().run_in_executor(executor, func, *args)


class SwallowsRefusal(Base):
    def run_in_executor(self, executor, func, *args):
        try:
            return super().run_in_executor(executor, func, *args)
        except RuntimeError:
            future = self.create_future()
            future.set_result(None)
            return future


class SubmitsAClosure(Base):
    """Submits what only a thread can call."""

    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, lambda: func(*args))


class CallsInItsOwnThread(Base):
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        future.set_result(func(*args))
        return future


class NewPoolEachTime(Base):
    pools = ()

    def run_in_executor(self, executor, func, *args):
        if executor is None:
            executor = Pool(1)
            self.pools += (executor,)
        return super().run_in_executor(executor, func, *args)

    def close(self):
        for pool in self.pools:
            pool.shutdown()
        super().close()


class EagerPool(Base):
    """Makes the default executor with the loop."""

    def __init__(self):
        super().__init__()
        self._default_executor = Pool()


class OwnPoolAlways(Base):
    """Makes a pool although another one was set."""

    def run_in_executor(self, executor, func, *args):
        self.own = Pool(1)
        return super().run_in_executor(executor, func, *args)


class HasOneThread(Base):
    def __init__(self):
        super().__init__()
        self._default_executor = Pool(1)


class BlocksTheLoop(Base):
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        with Pool(1) as pool:
            future.set_result(pool.submit(func, *args).result())
        return future


class ReturnsCoroutine(Base):
    async def run_in_executor(self, executor, func, *args):
        return await super().run_in_executor(executor, func, *args)


class ThreadFuture(asyncio.Future):
    """Calls back in the thread that has the result."""

    def add_done_callback(self, fn, *, context=None):
        self.source.add_done_callback(lambda _: (super(ThreadFuture, self).set_result(self.source.result()), fn(self)))


class CallsBackInTheThread(Base):
    def run_in_executor(self, executor, func, *args):
        future = ThreadFuture(loop=self)
        future.source = (executor or Pool(1)).submit(lambda: (__import__("time").sleep(0.01), func(*args))[1])
        return future


class NothingForFalse(Base):
    """False results become something else."""

    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, lambda: func(*args) or "")


class RaisesResults(Base):
    """Results that are exceptions are raised."""

    def run_in_executor(self, executor, func, *args):
        def call():
            result = func(*args)
            if isinstance(result, Exception):
                raise result
            return result

        return super().run_in_executor(executor, call)


class DropsWhatCameBeforeTheRun(Base):
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()

        def done(source):
            if self.is_running():
                self.call_soon_threadsafe(future.set_result, source.result())

        (executor or Pool(1)).submit(func, *args).add_done_callback(done)
        return future


class NoWakeUp(Base):
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        pool = executor or Pool(1)
        pool.submit(func, *args).add_done_callback(lambda source: self.call_soon(future.set_result, source.result()))
        pool.shutdown(wait=False)
        return future


class MixesUpResults(Base):
    """One result in 150 is another one."""

    count = 0

    def run_in_executor(self, executor, func, *args):
        self.count += 1
        if self.count % 150 == 0:
            return super().run_in_executor(executor, func, *["-1" if isinstance(a, str) else -1 for a in args])
        return super().run_in_executor(executor, func, *args)


class NewException(Base):
    def run_in_executor(self, executor, func, *args):
        def call():
            try:
                return func(*args)
            except Exception as error:
                new = type(error)(*error.args)
            raise new

        return super().run_in_executor(executor, call)


class DropsStopIteration(Base):
    def run_in_executor(self, executor, func, *args):
        def call():
            try:
                return func(*args)
            except StopIteration:
                return None

        return super().run_in_executor(executor, call)


class RawExceptions(Base):
    """Sets the pool's exceptions without translating them."""

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()

        def done(source):
            self.call_soon_threadsafe(future.set_exception, source.exception())

        (executor or Pool(1)).submit(func, *args).add_done_callback(done)
        return future


class CancelStaysHere(Base):
    """cancel() does not reach the pool."""

    def run_in_executor(self, executor, func, *args):
        inner = super().run_in_executor(executor, func, *args)
        future = self.create_future()
        inner.add_done_callback(lambda f: future.done() or future.set_result(f.result()))
        return future


class SetsCancelledFutures(Base):
    """Sets the result of a future that was cancelled meanwhile."""

    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        (executor or Pool(1)).submit(func, *args).add_done_callback(
            lambda source: self.call_soon_threadsafe(future.set_result, source.result())
        )
        return future


class NoClosedCheck(Base):
    def _check_closed(self):
        pass


class RefusesAllAfterShutdown(Base):
    """After shutdown_default_executor() refuses the other executors too."""

    def run_in_executor(self, executor, func, *args):
        self._check_default_executor()
        return super().run_in_executor(executor, func, *args)


class NoCoroutineCheck(Base):
    def _check_callback(self, callback, method):
        pass


class KeepsTheFirstDefault(Base):
    def set_default_executor(self, executor):
        if self._default_executor is None:
            super().set_default_executor(executor)


class PassesBySubmit(Base):
    """Calls the submit() of ThreadPoolExecutor in place of the subclass's."""

    def run_in_executor(self, executor, func, *args):
        executor = executor or self._default_executor
        return asyncio.wrap_future(Pool.submit(executor, func, *args), loop=self)


class GlobalDefault(Base):
    def set_default_executor(self, executor):
        GlobalDefault._default_executor = property(lambda self: executor, lambda self, value: None)


class AnyDefault(Base):
    def set_default_executor(self, executor):
        self._default_executor = executor

    def close(self):
        self._default_executor = None
        super().close()


class StoresThenLooks(Base):
    """Refuses an executor after having stored it."""

    def set_default_executor(self, executor):
        self._default_executor = executor
        super().set_default_executor(executor)


class ExactType(Base):
    """Refuses subclasses."""

    def set_default_executor(self, executor):
        if type(executor) is not Pool:
            raise TypeError
        super().set_default_executor(executor)


TABLE: dict[str, list[Broken]] = {
    "run-in-executor.calls/in-the-given-thread-pool": [Broken("IgnoresExecutor")],
    "run-in-executor.calls/each-of-two-pools-gets-its-own": [Broken("KeepsFirstExecutor")],
    "run-in-executor.calls/in-spite-of-a-default-executor": [Broken("DefaultWins")],
    "run-in-executor.calls/once-for-each-call": [Broken("RemembersCalls")],
    "run-in-executor.calls/before-the-loop-runs": [Broken("CallsOnlyWhileItRuns")],
    "run-in-executor.calls/from-a-callback": [Broken("NeedsATask")],
    "run-in-executor.calls/a-function-of-any-kind": [Broken("LooksAtTheCode"), Broken("UnpacksPartials")],
    "run-in-executor.args/as-many-as-there-are": [Broken("ArgumentsAsTuple")],
    "run-in-executor.args/the-objects-themselves": [Broken("CopiesArguments")],
    "run-in-executor.keywords-by-partial/partial-with-keywords-and-further-arguments": [Broken("UnpacksPartials")],
    "run-in-executor.executor-type/one-that-answers-before-submit-returns": [Broken("OnlyThreadPools")],
    "run-in-executor.executor-type/one-that-answers-later-from-the-loop-s-own-thread": [Broken("OnlyThreadPools")],
    "run-in-executor.executor-type/one-whose-submit-raises": [Broken("SwallowsRefusal")],
    "run-in-executor.process-pool/has-another-process-id": [Broken("SubmitsAClosure"), Broken("IgnoresExecutor")],
    "run-in-executor.interpreter-pool/in-another-interpreter": [Broken("SubmitsAClosure"), Broken("IgnoresExecutor")],
    "run-in-executor.default/in-another-thread-with-its-arguments": [Broken("CallsInItsOwnThread")],
    "run-in-executor.default/in-the-executor-that-was-set": [Broken("NewPoolEachTime")],
    "run-in-executor.default.lazy/one-and-only-when-needed": [Broken("EagerPool"), Broken("NewPoolEachTime")],
    "run-in-executor.default.lazy/none-where-one-was-set": [Broken("OwnPoolAlways")],
    "run-in-executor.default.max-workers/so-many-jobs-run-at-the-same-time": [Broken("HasOneThread")],
    "run-in-executor.does-not-block/the-loop-ends-what-the-thread-waits-for": [Broken("BlocksTheLoop")],
    "run-in-executor.does-not-block/two-at-the-same-time": [Broken("HasOneThread")],
    "run-in-executor.returns-future/an-asyncio-future-of-this-loop": [Broken("ReturnsCoroutine")],
    "run-in-executor.returns-future/not-done-while-the-function-runs": [Broken("BlocksTheLoop")],
    "run-in-executor.returns-future/whose-callbacks-run-in-the-loop-s-thread": [Broken("CallsBackInTheThread")],
    "run-in-executor.returns-future/that-several-tasks-await": [Broken("ReturnsCoroutine")],
    "run-in-executor.result/whatever-it-is": [Broken("NothingForFalse"), Broken("RaisesResults")],
    "run-in-executor.result/by-run-until-complete": [Broken("DropsWhatCameBeforeTheRun", hangs=True)],
    "run-in-executor.result/wakes-a-loop-that-waits-for-nothing-else": [Broken("NoWakeUp", hangs=True)],
    "run-in-executor.result/two-hundred-in-a-row": [Broken("MixesUpResults")],
    "run-in-executor.result/two-hundred-at-once": [Broken("MixesUpResults")],
    "run-in-executor.exception/the-exception-itself": [Broken("NewException")],
    "run-in-executor.exception/stop-iteration-as-runtime-error": [Broken("DropsStopIteration")],
    "run-in-executor.exception/of-a-timeout-and-of-a-cancellation": [Broken("RawExceptions")],
    "run-in-executor.cancel/one-that-has-not-begun-is-not-made": [Broken("CancelStaysHere")],
    "run-in-executor.cancel/one-that-has-begun-ends-without-a-complaint": [Broken("SetsCancelledFutures")],
    "run-in-executor.begins-at-once/before-the-loop-runs": [Broken("WaitsForTheLoop", hangs=True)],
    "run-in-executor.closed/whatever-the-executor": [Broken("NoClosedCheck")],
    "run-in-executor.after-shutdown.given-executor/still-called": [Broken("RefusesAllAfterShutdown")],
    "run-in-executor.coroutine-function/is-refused": [Broken("NoCoroutineCheck")],
    "set-default-executor.used/the-one-set-last": [Broken("KeepsTheFirstDefault")],
    "set-default-executor.used/in-place-of-the-one-that-the-loop-made": [Broken("KeepsTheFirstDefault")],
    "set-default-executor.used/an-instance-of-a-subclass": [Broken("PassesBySubmit")],
    "set-default-executor.used/of-one-loop-only": [Broken("GlobalDefault")],
    "set-default-executor.type/anything-else-raises": [Broken("AnyDefault")],
    "set-default-executor.type/what-was-refused-is-not-used": [Broken("StoresThenLooks")],
    "set-default-executor.interpreter-pool/is-set-and-used": [Broken("ExactType")],
}
