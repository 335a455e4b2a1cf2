"""Broken loops for the chapter "Creating futures and tasks", each with one mistake.

TABLE says which case catches which.
"""

import asyncio

from broken import Broken

Base = asyncio.SelectorEventLoop


def with_future(kind):
    class Loop(Base):
        def create_future(self):
            return kind(loop=self)

    return Loop


class Unmarked:
    """An awaitable that isfuture() does not know."""

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
    """Gives its result to the first only."""

    given = False

    def __await__(self):
        value = yield from super().__await__()
        value, self.given = None if self.given else value, True
        return value


class Packs(asyncio.Future):
    """Packs its result into a list."""

    def result(self):
        return [super().result()]


class RaisesItsOwn(asyncio.Future):
    def result(self):
        try:
            return super().result()
        except ValueError as error:
            raise ValueError("of my own") from error


class Lenient(asyncio.Future):
    """Never raises where a future is in the wrong state."""

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
    """cancelled() is true of those that are not."""

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
    """Done callbacks of tasks are called at once."""

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


FuturesWithoutTheMark = with_future(Unmarked)


FuturesNeverCallBack = with_future(NeverCallsBack)


FuturesWaitAlthoughDone = with_future(WaitsAlthoughDone)


FuturesGiveTheirResultAway = with_future(GivesAway)


FuturesPackResults = with_future(Packs)


FuturesRaiseTheirOwn = with_future(RaisesItsOwn)


FuturesNeverComplain = with_future(Lenient)


FuturesAreNeverDone = with_future(NeverDone)


FuturesInvertCancelled = with_future(Inverted)


FuturesCallWithoutThemselves = with_future(CallsBare)


FuturesCallAtOnce = with_future(CallsAtOnce)


FuturesDropTheContext = with_future(DropsContext)


FuturesTakeTheContextLate = with_future(LateContext)


FuturesRemoveNothing = with_future(NeverRemoves)


FuturesCancelLater = with_future(CancelsLater)


FuturesRaiseInException = with_future(RaisesInException)


FuturesTakeCancellationForAnError = with_future(CancelledIsAnException)


class NativeCoroutinesOnly(Base):
    """Refuses the coroutine that asyncio itself makes around an awaitable."""

    def create_task(self, coro, **kwargs):
        if coro.cr_code.co_filename.startswith("<frozen") or "asyncio" in coro.cr_code.co_filename:
            raise TypeError("not a coroutine of the program")
        return super().create_task(coro, **kwargs)


def with_task(kind):
    class Loop(Base):
        def create_task(self, coro, **kwargs):
            return kind(coro, loop=self, **kwargs)

    return Loop


TasksCallWithoutThemselves = with_task(BareTask)

TABLE: dict[str, list[Broken]] = {
    "isfuture/what-the-loop-creates": [Broken("FuturesWithoutTheMark")],
    "ensure-future.future/of-the-loop-s-own": [Broken("FuturesWithoutTheMark")],
    "ensure-future.awaitable/an-object-with-dunder-await": [Broken("NativeCoroutinesOnly")],
    "future.awaitable/each-of-the-three-ends": [Broken("FuturesNeverCallBack", hangs=True)],
    "future.awaitable/that-is-done-already": [Broken("FuturesWaitAlthoughDone", hangs=True)],
    "future.awaitable.again/by-several-and-afterwards": [Broken("FuturesGiveTheirResultAway")],
    "future.result/the-very-object": [Broken("FuturesPackResults")],
    "future.result.exception/the-very-exception": [Broken("FuturesRaiseTheirOwn")],
    "future.result.cancelled/raised-by-result": [Broken("FuturesNeverComplain")],
    "future.result.not-yet/raised-by-result": [Broken("FuturesNeverComplain")],
    "future.set-result.already-done/however-it-became-done": [Broken("FuturesNeverComplain")],
    "future.set-exception.already-done/however-it-became-done": [Broken("FuturesNeverComplain")],
    "future.done/before-and-after-each-end": [Broken("FuturesAreNeverDone")],
    "future.cancelled/and-not-after-any-other-end": [Broken("FuturesInvertCancelled")],
    "future.add-done-callback.called/after-each-end": [Broken("FuturesCallWithoutThemselves")],
    "future.add-done-callback.called/of-a-task": [Broken("TasksCallWithoutThemselves")],
    "future.add-done-callback.by-call-soon/in-turn-with-other-callbacks": [Broken("FuturesCallAtOnce")],
    "future.add-done-callback.by-call-soon/of-a-task-in-turn-with-other-callbacks": [Broken("TaskCallsAtOnce")],
    "future.add-done-callback.done-already/not-called-in-the-middle": [Broken("FuturesCallAtOnce")],
    "future.add-done-callback.context/and-not-in-a-copy": [Broken("FuturesDropTheContext")],
    "future.add-done-callback.context.default/not-in-that-of-whoever-ends-the-future": [
        Broken("FuturesTakeTheContextLate")
    ],
    "future.remove-done-callback/and-leaves-the-others": [Broken("FuturesRemoveNothing")],
    "future.remove-done-callback.count/none-one-two": [Broken("FuturesRemoveNothing")],
    "future.cancel/at-once-with-the-callbacks-later": [Broken("FuturesCancelLater")],
    "future.cancel.already-done/however-it-became-done": [Broken("FuturesNeverComplain")],
    "future.cancel.message/in-the-coroutine-that-waits": [Broken("FuturesNeverComplain")],
    "future.exception/after-either-end": [Broken("FuturesRaiseInException")],
    "future.exception.cancelled/raised-by-exception": [Broken("FuturesTakeCancellationForAnError")],
    "future.exception.not-yet/raised-by-exception": [Broken("FuturesNeverComplain")],
}
