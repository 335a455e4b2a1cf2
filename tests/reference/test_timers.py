"""What the timers' heap does with cancelled handles."""

import gc
import weakref
from collections import deque

from refloop.core import TimerHandle
from refloop.core.handles import Handle
from refloop.core.timers import SWEEP_ABOVE, Timers
from tests.reference.virtual_time import new_virtual_loop


def filled(number: int) -> tuple[Timers, list[TimerHandle]]:
    timers = Timers()
    handles = [TimerHandle(float(due), print, ()) for due in range(number)]
    for handle in handles:
        timers.add(handle)
    return timers, handles


def moved(timers: Timers, now: float) -> list[Handle | TimerHandle]:
    ready: deque[Handle | TimerHandle] = deque()
    timers.move_due(now, ready)
    return list(ready)


def test_cancelled_timers_are_swept_when_the_heap_has_doubled() -> None:
    timers, handles = filled(SWEEP_ABOVE)
    for handle in handles[28:]:
        handle.cancel()
    assert len(timers.heap) == SWEEP_ABOVE
    more = [TimerHandle(1000.0, print, ()) for _ in range(SWEEP_ABOVE)]
    timers.add(more[0])
    assert len(timers.heap) == 29
    for handle in more[1:]:
        timers.add(handle)
    assert timers.sweep_above == 2 * (SWEEP_ABOVE + 1)
    assert moved(timers, 2000.0) == handles[:28] + more


def test_a_cancelled_timer_at_the_head_is_not_waited_for() -> None:
    timers, handles = filled(3)
    handles[0].cancel()
    assert timers.next_due() == 1.0
    assert len(timers.heap) == 2


def test_what_a_cancelled_callback_holds_is_freed_at_once() -> None:
    class Big:
        def method(self) -> None: ...

    loop, _ = new_virtual_loop()
    big = Big()
    alive = weakref.ref(big)
    handle = loop.call_later(3600, big.method)
    del big
    handle.cancel()
    gc.collect()
    assert alive() is None
    loop.close()


def test_a_loop_that_sets_and_cancels_timers_all_day_stays_small() -> None:
    loop, _ = new_virtual_loop()
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        loop.call_later(3600, print).cancel()
        if turns < 5000:
            loop.call_soon(turn)
        else:
            loop.stop()

    loop.call_soon(turn)
    loop.run_forever()
    assert len(loop._core.timers.heap) <= SWEEP_ABOVE
    loop.close()
