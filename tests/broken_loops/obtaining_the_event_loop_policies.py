"""Broken loops for the chapter "Policies", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import threading
import warnings

from broken import Broken
from obtaining_the_event_loop import NotOfTheInterface

Base = asyncio.SelectorEventLoop


with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # policies are deprecated since 3.14
    Policy = asyncio.AbstractEventLoopPolicy


class Loop(Base):
    pass


class WithoutMistake(Policy):
    """What the others derive from."""

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


class MakesTheOther(WithoutMistake):
    """Makes loops of another kind."""

    def new_event_loop(self):
        return Base()


class ForgetsWhatIsSet(WithoutMistake):
    made = None

    def set_event_loop(self, loop):
        pass

    def get_event_loop(self):
        self.made = self.made or Loop()
        return self.made


class OneForAllThreads(WithoutMistake):
    loop = None

    def set_event_loop(self, loop):
        self.loop = loop

    def get_event_loop(self):
        return self.loop


class HasOneMethodOnly(Policy):
    def new_event_loop(self):
        return Loop()


class MakesAtEachCall(WithoutMistake):
    def get_event_loop(self):
        return Loop()


class BareLoop:
    """Has almost none of the methods."""

    def __init__(self):
        self.real = Base()

    def close(self):
        self.real.close()


class MakesBareLoops(WithoutMistake):
    def new_event_loop(self):
        return BareLoop()


class ReturnsNone(WithoutMistake):
    """get_event_loop() returns None where no loop is set."""

    def get_event_loop(self):
        return getattr(self.local, "loop", None)


class ReturnsAWrapper(WithoutMistake):
    def get_event_loop(self):
        return NotOfTheInterface()


class KeepsTheFirstLoop(WithoutMistake):
    def set_event_loop(self, loop):
        if getattr(self.local, "loop", None) is None:
            self.local.loop = loop


class OwnKindOnly(WithoutMistake):
    """Takes only loops that it made."""

    def set_event_loop(self, loop):
        if loop is not None and not isinstance(loop, Loop):
            raise TypeError("not mine")
        self.local.loop = loop


class IgnoresNone(WithoutMistake):
    def set_event_loop(self, loop):
        if loop is not None:
            self.local.loop = loop


class OneNewLoop(WithoutMistake):
    made = None

    def new_event_loop(self):
        self.made = self.made or Loop()
        return self.made


class NewInMainThreadOnly(WithoutMistake):
    def new_event_loop(self):
        return Loop() if threading.current_thread() is threading.main_thread() else None


class SetsWhatItMakes(WithoutMistake):
    def new_event_loop(self):
        loop = Loop()
        self.set_event_loop(loop)
        return loop


class BareWatcher(WithoutMistake):
    """Its child watcher has close() alone."""

    def get_child_watcher(self):
        class Watcher:
            def close(self):
                pass

        return Watcher()

    def set_child_watcher(self, watcher):
        pass


class NoSetDebug(Loop):
    def set_debug(self, enabled):
        pass


class MakesLoopsWithoutSetDebug(WithoutMistake):
    def new_event_loop(self):
        return NoSetDebug()


class NoPolicy:
    """Is no AbstractEventLoopPolicy."""


TABLE: dict[str, list[Broken]] = {
    "get-event-loop.from-the-policy/with-the-loop-s-own-policy": [Broken("Loop", policy="MakesAtEachCall")],
    "policy.controls/new-event-loop-returns-the-policy-s-loop": [Broken("Loop", policy="MakesTheOther")],
    "policy.controls/set-event-loop-reaches-the-policy": [Broken("Loop", policy="ForgetsWhatIsSet")],
    "policy.controls/coroutines-run-on-the-policy-s-loop": [Broken("Loop", policy="MakesTheOther")],
    "policy.context-is-the-thread/each-thread-has-its-own": [Broken("Loop", policy="OneForAllThreads")],
    "policy.implements-the-interface/the-methods-about-loops": [Broken("Loop", policy="HasOneMethodOnly")],
    "policy.get-event-loop.current/the-same-at-every-call": [Broken("Loop", policy="MakesAtEachCall")],
    "policy.get-event-loop.interface/has-every-method-of-the-interface": [Broken("Loop", policy="MakesBareLoops")],
    "policy.get-event-loop.never-none/where-none-was-set": [Broken("Loop", policy="ReturnsNone")],
    "policy.set-event-loop/get-event-loop-returns-it": [Broken("Loop", policy="ReturnsAWrapper")],
    "policy.set-event-loop/instead-of-the-one-set-before": [Broken("Loop", policy="KeepsTheFirstLoop")],
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
    "debug.enabled-by-run/by-a-policy": [Broken("Loop", policy="MakesLoopsWithoutSetDebug")],
}
