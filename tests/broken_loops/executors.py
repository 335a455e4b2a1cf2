"""Broken loops for the chapter about executors: each with one mistake, named by the case that must find it."""

import asyncio
import concurrent.futures
import copy
import functools

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
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()

        def begin():
            inner = Base.run_in_executor(self, executor, func, *args)
            inner.add_done_callback(lambda f: future.set_result(f.result()))

        self.call_soon(begin)
        return future


class NeedsATask(Base):
    def run_in_executor(self, executor, func, *args):
        if asyncio.current_task() is None:
            raise RuntimeError("no task")
        return super().run_in_executor(executor, func, *args)


class LooksAtTheCode(Base):
    def run_in_executor(self, executor, func, *args):
        func.__code__
        return super().run_in_executor(executor, func, *args)


class ArgumentsAsTuple(Base):
    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, func, args)


class Copies(Base):
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


class Closure(Base):
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
    def __init__(self):
        super().__init__()
        self._default_executor = Pool()


class OwnPoolAlways(Base):
    def run_in_executor(self, executor, func, *args):
        self.own = Pool(1)
        return super().run_in_executor(executor, func, *args)


class OneThread(Base):
    def __init__(self):
        super().__init__()
        self._default_executor = Pool(1)


class Blocks(Base):
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()
        with Pool(1) as pool:
            future.set_result(pool.submit(func, *args).result())
        return future


class ReturnsCoroutine(Base):
    async def run_in_executor(self, executor, func, *args):
        return await super().run_in_executor(executor, func, *args)


class ThreadFuture(asyncio.Future):
    def add_done_callback(self, fn, *, context=None):
        self.source.add_done_callback(lambda _: (super(ThreadFuture, self).set_result(self.source.result()), fn(self)))


class CallsBackInTheThread(Base):
    def run_in_executor(self, executor, func, *args):
        future = ThreadFuture(loop=self)
        future.source = (executor or Pool(1)).submit(lambda: (__import__("time").sleep(0.01), func(*args))[1])
        return future


class NothingForFalse(Base):
    def run_in_executor(self, executor, func, *args):
        return super().run_in_executor(executor, lambda: func(*args) or "")


class RaisesResults(Base):
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


class MixesUp(Base):
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
    def run_in_executor(self, executor, func, *args):
        future = self.create_future()

        def done(source):
            self.call_soon_threadsafe(future.set_exception, source.exception())

        (executor or Pool(1)).submit(func, *args).add_done_callback(done)
        return future


class CancelStaysHere(Base):
    def run_in_executor(self, executor, func, *args):
        inner = super().run_in_executor(executor, func, *args)
        future = self.create_future()
        inner.add_done_callback(lambda f: future.done() or future.set_result(f.result()))
        return future


class SetsCancelledFutures(Base):
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
    def set_default_executor(self, executor):
        self._default_executor = executor
        super().set_default_executor(executor)


class ExactType(Base):
    def set_default_executor(self, executor):
        if type(executor) is not Pool:
            raise TypeError
        super().set_default_executor(executor)


R = "run-in-executor."
S = "set-default-executor."
TABLE = {
    R + "calls/in-the-given-thread-pool": "IgnoresExecutor",
    R + "calls/each-of-two-pools-gets-its-own": "KeepsFirstExecutor",
    R + "calls/in-spite-of-a-default-executor": "DefaultWins",
    R + "calls/once-for-each-call": "RemembersCalls",
    R + "calls/before-the-loop-runs": "WaitsForTheLoop",
    R + "calls/from-a-callback": "NeedsATask",
    R + "calls/a-function-of-any-kind": ["LooksAtTheCode", "UnpacksPartials"],
    R + "args/as-many-as-there-are": "ArgumentsAsTuple",
    R + "args/the-objects-themselves": "Copies",
    R + "keywords-by-partial/partial-with-keywords-and-further-arguments": "UnpacksPartials",
    R + "executor-type/one-that-answers-before-submit-returns": "OnlyThreadPools",
    R + "executor-type/one-that-answers-later-from-the-loop-s-own-thread": "OnlyThreadPools",
    R + "executor-type/one-whose-submit-raises": "SwallowsRefusal",
    R + "process-pool/has-another-process-id": ["Closure", "IgnoresExecutor"],
    R + "interpreter-pool/in-another-interpreter": ["Closure", "IgnoresExecutor"],
    R + "default/in-another-thread-with-its-arguments": "CallsInItsOwnThread",
    R + "default/in-the-executor-that-was-set": "NewPoolEachTime",
    R + "default.lazy/one-and-only-when-needed": ["EagerPool", "NewPoolEachTime"],
    R + "default.lazy/none-where-one-was-set": "OwnPoolAlways",
    R + "default.max-workers/so-many-jobs-run-at-the-same-time": "OneThread",
    R + "does-not-block/the-loop-ends-what-the-thread-waits-for": "Blocks",
    R + "does-not-block/two-at-the-same-time": "OneThread",
    R + "returns-future/an-asyncio-future-of-this-loop": "ReturnsCoroutine",
    R + "returns-future/not-done-while-the-function-runs": "Blocks",
    R + "returns-future/whose-callbacks-run-in-the-loop-s-thread": "CallsBackInTheThread",
    R + "returns-future/that-several-tasks-await": "ReturnsCoroutine",
    R + "result/whatever-it-is": ["NothingForFalse", "RaisesResults"],
    R + "result/by-run-until-complete": "DropsWhatCameBeforeTheRun",
    R + "result/wakes-a-loop-that-waits-for-nothing-else": "NoWakeUp",
    R + "result/two-hundred-in-a-row": "MixesUp",
    R + "result/two-hundred-at-once": "MixesUp",
    R + "exception/the-exception-itself": "NewException",
    R + "exception/stop-iteration-as-runtime-error": "DropsStopIteration",
    R + "exception/of-a-timeout-and-of-a-cancellation": "RawExceptions",
    R + "cancel/one-that-has-not-begun-is-not-made": "CancelStaysHere",
    R + "cancel/one-that-has-begun-ends-without-a-complaint": "SetsCancelledFutures",
    R + "closed/whatever-the-executor": "NoClosedCheck",
    R + "after-shutdown.given-executor/still-called": "RefusesAllAfterShutdown",
    R + "coroutine-function/is-refused": "NoCoroutineCheck",
    S + "used/the-one-set-last": "KeepsTheFirstDefault",
    S + "used/in-place-of-the-one-that-the-loop-made": "KeepsTheFirstDefault",
    S + "used/an-instance-of-a-subclass": "PassesBySubmit",
    S + "used/of-one-loop-only": "GlobalDefault",
    S + "type/anything-else-raises": "AnyDefault",
    S + "type/what-was-refused-is-not-used": "StoresThenLooks",
    S + "interpreter-pool/is-set-and-used": "ExactType",
}
