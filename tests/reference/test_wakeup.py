"""The wake-up: no byte too many, no wake-up too few, the interpreter's own descriptor left as it was."""

import os
import signal
import socket
import threading
from typing import Any

import pytest

import refloop
from refloop.core.wakeup import WakeUp


def test_bytes_are_sent_only_to_a_loop_that_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    real = WakeUp.wake

    def counting(self: WakeUp) -> None:
        if self.asleep:
            sent.append(b"\0")
        real(self)

    monkeypatch.setattr(WakeUp, "wake", counting)
    loop = refloop.new_event_loop()
    for _ in range(100):
        loop.call_soon_threadsafe(int)
    loop.call_soon(loop.call_soon_threadsafe, loop.stop)
    loop.run_forever()
    assert sent == []
    loop.close()


def test_nothing_is_lost_between_threads_and_a_loop_that_falls_asleep_all_the_time() -> None:
    loop = refloop.new_event_loop()
    threads, each = 4, 2000
    missing = threads * each

    def one() -> None:
        nonlocal missing
        missing -= 1
        if missing == 0:
            loop.stop()

    def work() -> None:
        for _ in range(each):
            loop.call_soon_threadsafe(one)

    loop.call_later(30, loop.stop)
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    loop.run_forever()
    for worker in workers:
        worker.join()
    assert missing == 0
    loop.close()


def test_one_thread_that_waits_for_each_answer_always_gets_it() -> None:
    loop = refloop.new_event_loop()
    answered = threading.Event()
    lost: list[int] = []

    def work() -> None:
        for number in range(2000):
            answered.clear()
            loop.call_soon_threadsafe(answered.set)
            if not answered.wait(10):
                lost.append(number)
                break
        loop.call_soon_threadsafe(loop.stop)

    worker = threading.Thread(target=work)
    worker.start()
    loop.run_forever()
    worker.join()
    assert lost == []
    loop.close()


def test_any_signal_ends_a_poll_and_the_descriptor_is_given_back() -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    former = signal.set_wakeup_fd(near.fileno())
    caught: list[int] = []
    former_handler = signal.signal(signal.SIGUSR1, lambda signum, _: caught.append(signum))
    try:
        loop = refloop.new_event_loop()
        loop.call_soon(os.kill, os.getpid(), signal.SIGUSR1)
        loop.call_later(0.01, loop.stop)
        loop.run_forever()
        loop.close()
        assert caught == [signal.SIGUSR1]
        assert signal.set_wakeup_fd(former) == near.fileno()
    finally:
        signal.set_wakeup_fd(former)
        signal.signal(signal.SIGUSR1, former_handler)
        near.close()
        far.close()


def test_a_loop_in_another_thread_leaves_the_wakeup_descriptor_alone() -> None:
    seen: list[Any] = []

    def work() -> None:
        loop = refloop.new_event_loop()
        loop.call_soon(loop.stop)
        loop.run_forever()
        loop.close()
        seen.append("done")

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert seen == ["done"]
    assert signal.set_wakeup_fd(-1) == -1
