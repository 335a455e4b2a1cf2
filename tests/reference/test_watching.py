"""A descriptor that stays ready while a turn is cut short."""

import socket

import pytest

import refloop


def test_a_reader_left_in_the_queue_is_not_queued_again() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    loop = refloop.new_event_loop()
    near, far = socket.socketpair()
    far.send(b"x")
    reads: list[str] = []
    loop.add_reader(near, reads.append, "read")
    loop.call_soon(interrupt)  # is called before what the poll reports
    with pytest.raises(KeyboardInterrupt):
        loop.run_forever()
    assert reads == []
    loop.stop()
    loop.run_forever()
    assert reads == ["read"]
    loop.remove_reader(near)
    near.close()
    far.close()
    loop.close()
