"""What the timers' heap does with cancelled handles."""

import gc
import weakref
from collections import deque

from refloop.core import TimerHandle
from refloop.core.handles import Handle
from refloop.core.timers import SWEEP_AT_LEAST, Timers
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


def test_mass_cancellation_is_swept_in_one_turn() -> None:
    timers, handles = filled(1000)
    for handle in handles[:600]:
        handle.cancel()
    assert len(timers.heap) == 1000
    assert moved(timers, -1.0) == []
    assert len(timers.heap) == 400
    assert timers.cancelled == 0
    assert moved(timers, 2000.0) == handles[600:]


def test_a_few_cancelled_timers_are_left_where_they_are() -> None:
    timers, handles = filled(SWEEP_AT_LEAST)
    for handle in handles[1:]:
        handle.cancel()
    moved(timers, -1.0)
    assert len(timers.heap) == SWEEP_AT_LEAST


def test_a_minority_of_cancelled_timers_is_left_where_it_is() -> None:
    timers, handles = filled(1000)
    for handle in handles[::2]:
        handle.cancel()
    moved(timers, -1.0)
    assert len(timers.heap) == 1000
    assert timers.cancelled == 500


def test_cancelled_timers_are_counted_once_and_only_while_they_are_in_the_heap() -> None:
    timers, handles = filled(3)
    handles[0].cancel()
    handles[0].cancel()
    assert timers.cancelled == 1
    assert timers.next_due() == 1.0
    assert timers.cancelled == 0
    assert moved(timers, 1.0) == [handles[1]]
    handles[1].cancel()
    assert timers.cancelled == 0
    assert handles[1].cancelled()


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
    assert len(loop._core.timers.heap) <= SWEEP_AT_LEAST
    loop.close()
