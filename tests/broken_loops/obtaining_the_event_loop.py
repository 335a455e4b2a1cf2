"""Broken loops for the chapter "Obtaining the event loop", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import signal

from broken import Broken

announce = asyncio._set_running_loop


Base = asyncio.SelectorEventLoop


def unannounced(callback):
    """Return `callback` called as if no loop ran."""

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
    """After a callback that raises it is no longer known as running."""

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
    """The loop of one thread is known as running in all."""

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
    """Threads of an executor find it running."""

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
    """A run that is refused ends what is known of the one that goes on."""

    def run_forever(self):
        if asyncio._get_running_loop() is not None:
            announce(None)
            raise RuntimeError("a loop is running")
        super().run_forever()


class CurrentInsteadOfAnnounced(Base):
    """While it runs it is set as the current loop, and not known as running."""

    def run_forever(self):
        asyncio.set_event_loop(self)
        super().run_forever()

    def call_soon(self, callback, *args, context=None):
        return super().call_soon(unannounced(callback), *args, context=context)


class NeverAnnounced(Base):
    def call_soon(self, callback, *args, context=None):
        return super().call_soon(unannounced(callback), *args, context=context)


class CurrentByRunning(Base):
    """Sets itself as the current loop in order to run."""

    def run_forever(self):
        asyncio.set_event_loop(self)
        super().run_forever()


class CurrentByMaking(Base):
    """Sets itself as the current loop when it is made."""

    def __init__(self):
        super().__init__()
        asyncio.set_event_loop(self)


class NotOfTheInterface:
    """Has every method, but is no AbstractEventLoop."""

    def __init__(self):
        self.real = Base()

    def __getattr__(self, name):
        return getattr(self.real, name)


shared = None


def singleton():
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
    """All loops have one queue."""

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


TABLE: dict[str, list[Broken]] = {
    "get-running-loop.from-callback/in-a-callback-and-in-a-coroutine": [Broken("AnnouncedInTasksOnly")],
    "get-running-loop.from-callback/in-callbacks-that-do-not-come-from-call-soon": [
        Broken("AnnouncedInReadyQueueOnly")
    ],
    "get-running-loop.from-callback/in-the-callback-of-a-descriptor": [Broken("AnnouncedInReadyQueueOnly")],
    "get-running-loop.from-callback/in-the-handler-of-a-signal": [Broken("AnnouncedInReadyQueueOnly")],
    "get-running-loop.from-callback/after-a-callback-that-raised": [Broken("WithdrawnByErrors")],
    "get-running-loop.from-callback/in-the-second-run-as-in-the-first": [Broken("AnnouncedInFirstRunOnly", hangs=True)],
    "get-running-loop.per-thread/two-loops-in-two-threads": [Broken("AnnouncedGlobally", hangs=True)],
    "get-running-loop.per-thread/a-thread-of-the-executor-has-none": [Broken("AnnouncedInWorkers")],
    "get-running-loop.none/before-the-first-run": [Broken("AnnouncedWhenMade")],
    "get-running-loop.none/after-a-run": [Broken("NeverWithdrawn")],
    "get-running-loop.none/after-a-run-that-an-exception-ended": [Broken("NotWithdrawnAfterErrors")],
    "get-running-loop.none/after-a-callback-asked-the-program-to-exit": [Broken("NotWithdrawnAfterExit")],
    "get-running-loop.after-a-refused-run/of-the-same-or-of-another-loop": [Broken("WithdrawsWhenRefused")],
    "get-event-loop.from-callback/although-another-one-is-set": [Broken("CurrentInsteadOfAnnounced", hangs=True)],
    "get-event-loop.from-callback/in-a-thread-for-which-none-is-set": [Broken("NeverAnnounced", hangs=True)],
    "get-event-loop.from-the-policy/as-soon-as-the-run-is-over": [Broken("CurrentByRunning")],
    "get-event-loop.none-is-an-error/although-a-loop-was-made-and-run": [Broken("CurrentByRunning")],
    "get-event-loop.none-is-warned-about/although-a-loop-was-made-and-run": [Broken("CurrentByRunning")],
    "set-event-loop.current/takes-the-loop": [Broken("NotOfTheInterface")],
    "set-event-loop.current/until-another-is-set": [Broken("CurrentByMaking")],
    "new-event-loop.new/not-the-same-twice": [Broken("singleton")],
    "new-event-loop.new/neither-running-nor-closed": [Broken("AlwaysRunning")],
    "new-event-loop.new/with-callbacks-of-its-own": [Broken("SharedQueue")],
    "new-event-loop.new/in-a-thread": [Broken("MainThreadOnly")],
}
