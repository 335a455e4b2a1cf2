"""Conforming loops that have an order of their own for what a turn does."""

import asyncio
import select
import selectors
import weakref
from collections import deque

from conforming import Freedom, with_classes

from refloop import ReferenceLoop
from refloop.core import Core, Handle, TimerHandle


class BeginsTasksLater(ReferenceLoop):
    """A new task begins a turn later than a callback of the same moment; no page says when it does."""

    _making_a_task = False

    def create_task(self, coro, **keywords):
        self._making_a_task = True
        try:
            return super().create_task(coro, **keywords)
        finally:
            self._making_a_task = False

    def call_soon(self, callback, *args, context=None):
        if self._making_a_task:
            return super().call_soon(lambda: super(BeginsTasksLater, self).call_soon(callback, *args, context=context))
        return super().call_soon(callback, *args, context=context)


_births = weakref.WeakKeyDictionary()


@with_classes(Core)
class OldestTaskFirst:
    """Among the tasks that take a step in one turn the oldest is first; an order is promised to callbacks only."""

    def turn(self, loop):
        ready = self.ready
        steps = [(place, handle) for place, handle in enumerate(list(ready)) if self.task_of(handle)]
        for _, handle in steps:
            _births.setdefault(self.task_of(handle), len(_births))
        by_age = sorted((handle for _, handle in steps), key=lambda handle: _births[self.task_of(handle)])
        for (place, _), handle in zip(steps, by_age, strict=True):
            ready[place] = handle
        super().turn(loop)

    def task_of(self, handle):
        owner = getattr(handle.callback, "__self__", None)
        return owner if isinstance(owner, asyncio.Task) else None


class _InboxLoop(ReferenceLoop):
    def call_soon_threadsafe(self, callback, *args, context=None):
        core = self._core
        handle = Handle(callback, args, context)
        if core.guarded:
            core.guard(handle, any_thread=True)
        core.inbox.append(handle)
        core.wakeup.wake()
        return handle


@with_classes(Core, loop=_InboxLoop)
class InboxFirst:
    """What call_soon_threadsafe() was given waits in a queue of its own, which each turn empties first."""

    def __init__(self, *args):
        self.inbox = deque()
        super().__init__(*args)

    def turn(self, loop):
        self.ready.extendleft([self.inbox.pop() for _ in range(len(self.inbox))])
        super().turn(loop)

    def _time_to_sleep(self):
        timeout = super()._time_to_sleep()  # from here on, other threads wake the loop
        return 0.0 if self.inbox else timeout

    def close(self):
        self.inbox.clear()
        super().close()


@with_classes(Core)
class TimersFirst:
    """Timers that are due are called before what was ready, as libuv does."""

    def turn(self, loop):
        due = deque()
        self.timers.move_due(self.clock() + self.resolution, due)
        self.ready.extendleft(reversed(due))
        super().turn(loop)


class PastIsSoon(ReferenceLoop):
    """A timer whose time is over when it is set is as good as a callback of call_soon()."""

    def call_at(self, when, callback, *args, context=None):
        if self.get_debug() or self.is_closed() or when > self.time():
            return super().call_at(when, callback, *args, context=context)
        handle = TimerHandle(when + 0.0, callback, args, context)
        self._core.ready.append(handle)
        return handle


if hasattr(select, "epoll"):

    class _EdgeSelector(selectors.EpollSelector):
        def register(self, fileobj, events, data=None):
            key = super().register(fileobj, events, data)
            self._arm(key)
            return key

        def modify(self, fileobj, events, data=None):
            key = super().modify(fileobj, events, data)
            self._arm(key)  # also if the events are the same: what is ready by now is told once more
            return key

        def _arm(self, key):
            kinds = {selectors.EVENT_READ: select.EPOLLIN, selectors.EVENT_WRITE: select.EPOLLOUT}
            self._selector.modify(key.fd, select.EPOLLET | sum(kinds[kind] for kind in kinds if key.events & kind))


class EdgeTriggered(ReferenceLoop):
    """A descriptor is told of when it becomes ready, not as long as it is (#asyncio.loop.add_reader)."""

    def __init__(self):
        super().__init__(_EdgeSelector())


TABLE = {
    "BeginsTasksLater": Freedom(
        [
            "create-task.*",
            "run-until-complete.*",
            "task.*",
            "call-soon.*",
            "stop.*",
            "set-task-factory.*",
            "gather.*",
            "wait*.*",
            "asyncgens.*",
        ],
        ["create-task.order/tasks-and-callbacks-in-turn"],
    ),
    "OldestTaskFirst": Freedom(
        ["create-task.*", "task.*", "gather.*", "wait*.*", "future.*", "call-soon.*", "event-loop.*"],
        ["freedom/tasks-in-the-order-of-their-turns"],
    ),
    "InboxFirst": Freedom(
        ["call-soon*", "run-in-executor.*", "add-signal-handler.*", "run-forever.*"],
        ["call-soon-threadsafe.one-order/with-call-soon"],
    ),
    "TimersFirst": Freedom(
        ["call-later.*", "call-at.*", "call-soon.*", "run-forever.*", "stop.*", "timer-handle.*"],
        ["freedom/what-was-ready-before-timers"],
    ),
    "PastIsSoon": Freedom(
        ["call-later.*", "call-at.*", "call-soon.*", "run-forever.*", "stop.*", "timer-handle.*"],
        ["freedom/timers-that-are-over-in-their-order"],
    ),
    "EdgeTriggered": Freedom(
        ["add-reader*", "add-writer*", "remove-*", "set-exception-handler.*"],
        ["add-reader.level-triggered/until-everything-was-read"],
        platform="linux",
    ),
}
