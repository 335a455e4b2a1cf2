"""Timers: a heap of handles by due time, in which cancelling is cheap."""

from collections import deque
from heapq import heapify, heappop, heappush
from itertools import count

from refloop.core.handles import CANCELLED, Handle, TimerHandle

# Up to this many timers the heap isn't worth the trouble of sweeping it.
SWEEP_ABOVE = 128


class Timers:
    """The timers that are not due yet.

    To take a handle out of the middle of a heap means to search for it. So a cancelled handle stays where it is
    until its time comes, or until the heap has grown to twice the size that the last sweep left, and is swept
    again. Cancelling costs nothing, adding costs the same whatever the number of timers, and cancelled timers
    don't pile up.
    """

    __slots__ = ("heap", "numbers", "sweep_above")

    def __init__(self) -> None:
        # Tuples and not the handles themselves: numbers compare without calling into Python. The running
        # number keeps timers of the same time in the order of their creation, and two handles from being
        # compared.
        self.heap: list[tuple[float, int, TimerHandle]] = []
        self.numbers = count()
        self.sweep_above = SWEEP_ABOVE

    def add(self, handle: TimerHandle) -> None:
        """Keep *handle* until it is due."""
        # rule: call-later.order, call-later.order.below-a-millisecond, call-later.among-many
        heappush(self.heap, (handle.due, next(self.numbers), handle))
        if len(self.heap) > self.sweep_above:  # rule: handle.cancel.timers-do-not-pile-up
            self._sweep()

    def next_due(self) -> float | None:
        """Return when the earliest timer is due, in seconds by the loop's clock; None without timers."""
        while self.heap:
            due, _, handle = self.heap[0]
            if handle.state is not CANCELLED:
                return due
            heappop(self.heap)
        return None

    def move_due(self, now: float, ready: deque[Handle | TimerHandle]) -> None:
        """Append every handle that is due at *now* to *ready*, earliest first.

        The cancelled ones among them are no worse there than those that are cancelled in the ready queue.
        """
        # rule: call-at.when, call-at.past, call-later.not-early, call-later.negative
        while self.heap and self.heap[0][0] <= now:
            ready.append(heappop(self.heap)[2])  # rule: call-later.once

    def _sweep(self) -> None:
        # Swapped out first: a garbage collection in the middle of this may run a __del__ that adds a timer.
        swept, self.heap = self.heap, []
        self.heap += [entry for entry in swept if entry[2].state is not CANCELLED]
        heapify(self.heap)
        self.sweep_above = max(2 * len(self.heap), SWEEP_ABOVE)

    def clear(self) -> None:
        """Forget all timers."""
        self.heap.clear()
