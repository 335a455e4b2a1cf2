"""Broken loops for the order of delayed callbacks, and what it costs to keep it, each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import heapq

from broken import Broken

from refloop import ReferenceLoop
from refloop.core.timers import Timers

Base = asyncio.SelectorEventLoop


class KeepsTimersInAList(Base):
    """Calls timers in the order of scheduling."""

    def call_at(self, when, callback, *args, context=None):
        handle = super().call_at(when, callback, *args, context=context)
        self._scheduled.remove(handle)
        self._scheduled.append(handle)
        return handle


class LatestOfTheDueFirst(Base):
    """Calls what is due in the wrong order."""

    def _run_once(self):
        now = self.time()
        due = [handle for handle in self._scheduled if handle._when <= now]
        self._scheduled = [handle for handle in self._scheduled if handle._when > now]
        heapq.heapify(self._scheduled)
        self._ready.extend(sorted(due, reverse=True))
        super()._run_once()


class MillisecondTicks(Base):
    """Timers within a millisecond are called in the order of scheduling."""

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(round(when + 0.0005, 3), callback, *args, context=context)


class Disorderly(Timers):
    __slots__ = ()

    def _sweep(self):
        super()._sweep()
        self.heap.reverse()


class SweepsIntoDisorder(ReferenceLoop):
    def __init__(self):
        super().__init__()
        self._core.timers.__class__ = Disorderly


class SweepsEachTime(Base):
    """Looks for cancelled timers whenever one is scheduled."""

    def call_at(self, when, callback, *args, context=None):
        self._scheduled = [handle for handle in self._scheduled if not handle._cancelled]
        heapq.heapify(self._scheduled)
        return super().call_at(when, callback, *args, context=context)


TABLE: dict[str, list[Broken]] = {
    "call-later.order/not-that-of-scheduling": [Broken("KeepsTimersInAList")],
    "call-later.order/when-all-are-due-at-once": [Broken("LatestOfTheDueFirst")],
    "call-later.order/among-many-that-were-cancelled": [Broken("SweepsIntoDisorder")],
    "call-later.among-many/five-thousand-time-outs": [Broken("SweepsEachTime")],
    "call-later.order.below-a-millisecond/a-hundredth-of-a-millisecond-apart": [Broken("MillisecondTicks")],
}
