"""An injected selector is the one that polls, an injected clock the one that time() and timers go by."""

import asyncio
import selectors

import pytest

from refloop import ReferenceLoop
from tests.reference.virtual_time import new_virtual_loop


def test_an_hour_of_sleep_passes_at_once() -> None:
    loop, time = new_virtual_loop()
    loop.run_until_complete(asyncio.sleep(3600))
    assert time.now == 1000 + 3600
    assert loop.time() == time.now
    loop.close()


def test_timers_run_in_order_of_time_and_of_creation() -> None:
    loop, _ = new_virtual_loop()
    called: list[str] = []
    for name, delay in [("late", 3), ("first", 1), ("second", 1), ("past", -5)]:
        loop.call_later(delay, called.append, name)
    loop.call_later(4, loop.stop)
    loop.run_forever()
    assert called == ["past", "first", "second", "late"]
    loop.close()


def test_a_poll_never_asks_for_more_than_a_day() -> None:
    loop, time = new_virtual_loop()
    loop.call_later(3 * 24 * 3600, loop.stop)
    loop.run_forever()
    assert [poll for poll in time.polls if poll] == [24 * 3600.0] * 3
    loop.close()


def test_a_stopped_loop_polls_once_without_waiting() -> None:
    loop, time = new_virtual_loop()
    loop.call_later(5, pytest.fail)
    loop.stop()
    loop.run_forever()
    assert time.polls == [0]
    loop.close()


def test_a_loop_with_something_to_do_does_not_wait() -> None:
    loop, time = new_virtual_loop()
    loop.call_soon(loop.call_soon, loop.stop)
    loop.call_later(5, pytest.fail)
    loop.run_forever()
    assert time.polls == [0, 0]
    loop.close()


def test_cancelled_timers_are_not_waited_for() -> None:
    loop, time = new_virtual_loop()
    loop.call_later(1, pytest.fail).cancel()
    loop.call_later(2, loop.stop)
    loop.run_forever()
    assert [poll for poll in time.polls if poll] == [2]
    loop.close()


def test_the_injected_selector_is_closed_with_the_loop() -> None:
    loop, time = new_virtual_loop()
    loop.close()
    assert time.closed


@pytest.mark.parametrize("name", ["SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector"])
def test_every_selector_of_the_platform_does(name: str) -> None:
    kind = getattr(selectors, name, None)
    if kind is None:
        pytest.skip(f"there is no {name} here")
    loop = ReferenceLoop(selector=kind())
    assert loop.run_until_complete(asyncio.wait_for(asyncio.sleep(0.001, "done"), 5)) == "done"
    loop.close()
