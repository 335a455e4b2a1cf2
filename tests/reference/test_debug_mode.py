"""What debug mode measures, with a clock that only the test puts forward."""

import functools
import logging

import pytest

from refloop.core import Handle
from refloop.core.callbacks import describe_callback
from tests.reference.virtual_time import new_virtual_loop


def test_a_callback_is_slow_from_the_set_duration_on(caplog: pytest.LogCaptureFixture) -> None:
    loop, time = new_virtual_loop()
    loop.set_debug(True)

    def spend(seconds: float) -> None:
        time.now += seconds

    loop.slow_callback_duration = 2
    loop.call_soon(spend, 1.5)
    loop.call_soon(spend, 2.5)
    loop.stop()
    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.run_forever()
    assert len(caplog.records) == 1
    assert "spend(2.5)" in caplog.text
    assert "took 2.500 seconds" in caplog.text
    loop.close()


@pytest.mark.parametrize(("overslept", "logged"), [(0.05, 0), (0.5, 1)])
def test_a_poll_is_slow_when_it_oversleeps(caplog: pytest.LogCaptureFixture, overslept: float, logged: int) -> None:
    loop, _ = new_virtual_loop(overslept)
    loop.set_debug(True)
    loop.call_later(10, loop.stop)
    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.run_forever()
    assert caplog.text.count("Polling took") == logged
    loop.close()


def test_debug_mode_switched_on_by_a_callback_is_on_for_the_next_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop, time = new_virtual_loop()

    def spend(seconds: float) -> None:
        time.now += seconds

    loop.call_soon(loop.set_debug, True)
    loop.call_soon(spend, 3)
    loop.stop()
    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.run_forever()
    assert "spend(3)" in caplog.text
    loop.close()


def test_a_handle_remembers_who_scheduled_it() -> None:
    loop, _ = new_virtual_loop()
    loop.set_debug(True)
    handle = loop.call_later(1, print, "hello")
    assert handle.created_at is not None
    assert handle.created_at[-1].name == "test_a_handle_remembers_who_scheduled_it"
    handle.cancel()
    assert "cancelled print('hello')" in repr(handle)
    loop.close()


def test_callbacks_are_described_as_the_calls_that_they_make() -> None:
    partial = functools.partial(functools.partial(print, "a", sep=", "), "b", end="!")
    assert describe_callback(partial, ("c",)) == "print('a', 'b', 'c', sep=', ', end='!')"
    assert describe_callback(new_virtual_loop).startswith("new_virtual_loop() at ")

    class Callable:
        def __call__(self) -> None: ...

        def __repr__(self) -> str:
            return "Callable"

    assert "Callable()" in describe_callback(Callable())
    assert repr(Handle(print, (1,))) == "<Handle print(1)>"
