"""Loops and policies with one mistake each, for the chapter "Obtaining the event loop"."""

import asyncio
import signal
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
announce = asyncio._set_running_loop
Base = asyncio.SelectorEventLoop


def unannounced(callback):
    def call(*args):
        before = asyncio._get_running_loop()
        announce(None)
        try:
            return callback(*args)
        finally:
            announce(before)

    return call


def is_step(callback):
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


class AnnouncedInTasksOnly(Base):
    def call_soon(self, callback, *args, context=None):
        if not is_step(callback):
            callback = unannounced(callback)
        return super().call_soon(callback, *args, context=context)


class AnnouncedInReadyQueueOnly(Base):
    def call_later(self, delay, callback, *args, context=None):
        return super().call_later(delay, unannounced(callback), *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when, unannounced(callback), *args, context=context)

    def call_soon_threadsafe(self, callback, *args, context=None):
        return super().call_soon_threadsafe(unannounced(callback), *args, context=context)

    def add_reader(self, fd, callback, *args):
        return super().add_reader(fd, unannounced(callback), *args)

    def add_writer(self, fd, callback, *args):
        return super().add_writer(fd, unannounced(callback), *args)

    def add_signal_handler(self, sig, callback, *args):
        return super().add_signal_handler(sig, unannounced(callback), *args)


class WithdrawnByErrors(Base):
    def call_exception_handler(self, context):
        super().call_exception_handler(context)
        announce(None)


class AnnouncedInFirstRunOnly(Base):
    runs = 0

    def run_forever(self):
        self.runs += 1
        super().run_forever()

    def call_soon(self, callback, *args, context=None):
        def call(*args):
            return (callback if self.runs < 2 else unannounced(callback))(*args)

        return super().call_soon(call, *args, context=context)


class AnnouncedGlobally(Base):
    running = None

    def run_forever(self):
        first = AnnouncedGlobally.running is None
        if first:
            AnnouncedGlobally.running = self
        else:
            self._ready.appendleft(asyncio.Handle(announce, (AnnouncedGlobally.running,), self))
        try:
            super().run_forever()
        finally:
            if first:
                AnnouncedGlobally.running = None


class AnnouncedInWorkers(Base):
    def run_in_executor(self, executor, function, *args):
        def call(*args):
            announce(self)
            return function(*args)

        return super().run_in_executor(executor, call, *args)


class AnnouncedWhenMade(Base):
    def __init__(self):
        super().__init__()
        announce(self)


class NeverWithdrawn(Base):
    def run_forever(self):
        try:
            super().run_forever()
        finally:
            announce(self)


class NotWithdrawnAfterErrors(Base):
    def run_until_complete(self, future):
        try:
            return super().run_until_complete(future)
        except Exception:
            announce(self)
            raise


class NotWithdrawnAfterExit(Base):
    def run_forever(self):
        try:
            super().run_forever()
        except SystemExit:
            announce(self)
            raise


class WithdrawsWhenRefused(Base):
    def run_forever(self):
        if asyncio._get_running_loop() is not None:
            announce(None)
            raise RuntimeError("a loop is running")
        super().run_forever()


class CurrentInsteadOfAnnounced(Base):
    def run_forever(self):
        asyncio.set_event_loop(self)
        super().run_forever()

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(unannounced(callback), *args, context=context)


class NeverAnnounced(Base):
    def call_soon(self, callback, *args, context=None):
        return super().call_soon(unannounced(callback), *args, context=context)


class CurrentByRunning(Base):
    def run_forever(self):
        asyncio.set_event_loop(self)
        super().run_forever()


class CurrentByMaking(Base):
    def __init__(self):
        super().__init__()
        asyncio.set_event_loop(self)


class Duck:
    def __init__(self):
        self.real = Base()

    def __getattr__(self, name):
        return getattr(self.real, name)


shared = None


def Singleton():
    global shared
    if shared is None or shared.is_closed():
        shared = Base()
    return shared


class AlwaysRunning(Base):
    made = False

    def __init__(self):
        super().__init__()
        self.made = True

    def is_running(self):
        return self.made

    def close(self):
        self.made = False
        super().close()


class SharedQueue(Base):
    queue = None

    def __init__(self):
        super().__init__()
        if SharedQueue.queue is None:
            SharedQueue.queue = self._ready
        self._ready = SharedQueue.queue


class MainThreadOnly(Base):
    def __init__(self):
        super().__init__()
        signal.signal(signal.SIGUSR2, signal.getsignal(signal.SIGUSR2))


# ---- policies


class Loop(Base):
    pass


class Good(asyncio.AbstractEventLoopPolicy):
    def __init__(self):
        self.local = threading.local()

    def get_event_loop(self):
        found = getattr(self.local, "loop", None)
        if found is None:
            raise RuntimeError("none")
        return found

    def set_event_loop(self, loop):
        self.local.loop = loop

    def new_event_loop(self):
        return Loop()


class MakesTheOther(Good):
    def new_event_loop(self):
        return Base()


class ForgetsWhatIsSet(Good):
    made = None

    def set_event_loop(self, loop):
        pass

    def get_event_loop(self):
        self.made = self.made or Loop()
        return self.made


class OneForAllThreads(Good):
    loop = None

    def set_event_loop(self, loop):
        self.loop = loop

    def get_event_loop(self):
        return self.loop


class OnlyNew(asyncio.AbstractEventLoopPolicy):
    def new_event_loop(self):
        return Loop()


class MakesAtEachCall(Good):
    def get_event_loop(self):
        return Loop()


class Bare:
    def __init__(self):
        self.real = Base()

    def close(self):
        self.real.close()


class MakesBareLoops(Good):
    def new_event_loop(self):
        return Bare()


class ReturnsNone(Good):
    def get_event_loop(self):
        return getattr(self.local, "loop", None)


class Wraps(Good):
    def get_event_loop(self):
        return Duck()


class KeepsFirst(Good):
    def set_event_loop(self, loop):
        if getattr(self.local, "loop", None) is None:
            self.local.loop = loop


class OwnKindOnly(Good):
    def set_event_loop(self, loop):
        if loop is not None and not isinstance(loop, Loop):
            raise TypeError("not mine")
        self.local.loop = loop


class IgnoresNone(Good):
    def set_event_loop(self, loop):
        if loop is not None:
            self.local.loop = loop


class OneNewLoop(Good):
    made = None

    def new_event_loop(self):
        self.made = self.made or Loop()
        return self.made


class NewInMainThreadOnly(Good):
    def new_event_loop(self):
        return Loop() if threading.current_thread() is threading.main_thread() else None


class SetsWhatItMakes(Good):
    def new_event_loop(self):
        loop = Loop()
        self.set_event_loop(loop)
        return loop


class BareWatcher(Good):
    def get_child_watcher(self):
        class Watcher:
            def close(self):
                pass

        return Watcher()

    def set_child_watcher(self, watcher):
        pass


class NoPolicy:
    pass


TABLE = {
    "get-running-loop.from-callback/in-a-callback-and-in-a-coroutine": "AnnouncedInTasksOnly",
    "get-running-loop.from-callback/in-callbacks-that-do-not-come-from-call-soon": "AnnouncedInReadyQueueOnly",
    "get-running-loop.from-callback/in-the-callback-of-a-descriptor": "AnnouncedInReadyQueueOnly",
    "get-running-loop.from-callback/in-the-handler-of-a-signal": "AnnouncedInReadyQueueOnly",
    "get-running-loop.from-callback/after-a-callback-that-raised": "WithdrawnByErrors",
    "get-running-loop.from-callback/in-the-second-run-as-in-the-first": "AnnouncedInFirstRunOnly",
    "get-running-loop.per-thread/two-loops-in-two-threads": "AnnouncedGlobally",
    "get-running-loop.per-thread/a-thread-of-the-executor-has-none": "AnnouncedInWorkers",
    "get-running-loop.none/before-the-first-run": "AnnouncedWhenMade",
    "get-running-loop.none/after-a-run": "NeverWithdrawn",
    "get-running-loop.none/after-a-run-that-an-exception-ended": "NotWithdrawnAfterErrors",
    "get-running-loop.none/after-a-callback-asked-the-program-to-exit": "NotWithdrawnAfterExit",
    "get-running-loop.after-a-refused-run/of-the-same-or-of-another-loop": "WithdrawsWhenRefused",
    "get-event-loop.from-callback/although-another-one-is-set": "CurrentInsteadOfAnnounced",
    "get-event-loop.from-callback/in-a-thread-for-which-none-is-set": "NeverAnnounced",
    "get-event-loop.from-the-policy/with-the-loop-s-own-policy": ("Loop", "MakesAtEachCall"),
    "get-event-loop.from-the-policy/as-soon-as-the-run-is-over": "CurrentByRunning",
    "get-event-loop.none-is-an-error/although-a-loop-was-made-and-run": "CurrentByRunning",
    "get-event-loop.none-is-warned-about/although-a-loop-was-made-and-run": "CurrentByRunning",
    "set-event-loop.current/takes-the-loop": "Duck",
    "set-event-loop.current/until-another-is-set": "CurrentByMaking",
    "new-event-loop.new/not-the-same-twice": "Singleton",
    "new-event-loop.new/neither-running-nor-closed": "AlwaysRunning",
    "new-event-loop.new/with-callbacks-of-its-own": "SharedQueue",
    "new-event-loop.new/in-a-thread": "MainThreadOnly",
    "policy.controls/new-event-loop-returns-the-policy-s-loop": ("Loop", "MakesTheOther"),
    "policy.controls/set-event-loop-reaches-the-policy": ("Loop", "ForgetsWhatIsSet"),
    "policy.controls/coroutines-run-on-the-policy-s-loop": ("Loop", "MakesTheOther"),
    "policy.context-is-the-thread/each-thread-has-its-own": ("Loop", "OneForAllThreads"),
    "policy.implements-the-interface/the-methods-about-loops": ("Loop", "OnlyNew"),
    "policy.get-event-loop.current/the-same-at-every-call": ("Loop", "MakesAtEachCall"),
    "policy.get-event-loop.interface/has-every-method-of-the-interface": ("Loop", "MakesBareLoops"),
    "policy.get-event-loop.never-none/where-none-was-set": ("Loop", "ReturnsNone"),
    "policy.set-event-loop/get-event-loop-returns-it": ("Loop", "Wraps"),
    "policy.set-event-loop/instead-of-the-one-set-before": ("Loop", "KeepsFirst"),
    "policy.set-event-loop/also-a-loop-of-another-kind": ("Loop", "OwnKindOnly"),
    "policy.set-event-loop.none/forgets-the-loop": ("Loop", "IgnoresNone"),
    "policy.new-event-loop.new/not-the-same-twice": ("Loop", "OneNewLoop"),
    "policy.new-event-loop.never-none/in-the-main-thread-and-in-another": ("Loop", "NewInMainThreadOnly"),
    "policy.new-event-loop.not-set/the-current-loop-stays": ("Loop", "SetsWhatItMakes"),
    "policy.get-child-watcher/with-every-method-of-the-interface": ("Loop", "BareWatcher"),
    "policy.set-child-watcher/get-child-watcher-returns-it": ("Loop", "BareWatcher"),
    "set-event-loop-policy/takes-the-loop-s-own-policy": ("Loop", "NoPolicy"),
}
