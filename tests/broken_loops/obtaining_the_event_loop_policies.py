"""Broken loops for the chapter "Obtaining the event loop", each with one mistake; TABLE says which case catches which."""

import asyncio
import threading
import warnings

from broken import Broken
from obtaining_the_event_loop import Duck

warnings.simplefilter("ignore", DeprecationWarning)


Base = asyncio.SelectorEventLoop


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


TABLE: dict[str, list[Broken]] = {
    "get-event-loop.from-the-policy/with-the-loop-s-own-policy": [Broken("Loop", policy="MakesAtEachCall")],
    "policy.controls/new-event-loop-returns-the-policy-s-loop": [Broken("Loop", policy="MakesTheOther")],
    "policy.controls/set-event-loop-reaches-the-policy": [Broken("Loop", policy="ForgetsWhatIsSet")],
    "policy.controls/coroutines-run-on-the-policy-s-loop": [Broken("Loop", policy="MakesTheOther")],
    "policy.context-is-the-thread/each-thread-has-its-own": [Broken("Loop", policy="OneForAllThreads")],
    "policy.implements-the-interface/the-methods-about-loops": [Broken("Loop", policy="OnlyNew")],
    "policy.get-event-loop.current/the-same-at-every-call": [Broken("Loop", policy="MakesAtEachCall")],
    "policy.get-event-loop.interface/has-every-method-of-the-interface": [Broken("Loop", policy="MakesBareLoops")],
    "policy.get-event-loop.never-none/where-none-was-set": [Broken("Loop", policy="ReturnsNone")],
    "policy.set-event-loop/get-event-loop-returns-it": [Broken("Loop", policy="Wraps")],
    "policy.set-event-loop/instead-of-the-one-set-before": [Broken("Loop", policy="KeepsFirst")],
    "policy.set-event-loop/also-a-loop-of-another-kind": [Broken("Loop", policy="OwnKindOnly")],
    "policy.set-event-loop.none/forgets-the-loop": [Broken("Loop", policy="IgnoresNone")],
    "policy.new-event-loop.new/not-the-same-twice": [Broken("Loop", policy="OneNewLoop")],
    "policy.new-event-loop.never-none/in-the-main-thread-and-in-another": [
        Broken("Loop", policy="NewInMainThreadOnly")
    ],
    "policy.new-event-loop.not-set/the-current-loop-stays": [Broken("Loop", policy="SetsWhatItMakes")],
    "policy.get-child-watcher/with-every-method-of-the-interface": [Broken("Loop", policy="BareWatcher")],
    "policy.set-child-watcher/get-child-watcher-returns-it": [Broken("Loop", policy="BareWatcher")],
    "set-event-loop-policy/takes-the-loop-s-own-policy": [Broken("Loop", policy="NoPolicy")],
}
