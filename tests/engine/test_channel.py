"""Messages between a worker and its keeper, and what is none."""

import socket
import threading

import pytest

from loopspec.isolation.channel import (
    LIMIT,
    BreachError,
    Ended,
    Incoming,
    MoreTime,
    Order,
    Played,
    Ready,
    Unable,
    encode,
    receive,
)
from loopspec.observation import Incident, Observation, Play, Problem

REPLIES = [
    Ready(7),
    MoreTime(0.5),
    Played(Observation(id="rule/case", log=["x", "y" * 100_000], incidents=[Incident("unraisable", "z")]), True),
    Unable("how", "traceback"),
    Ended(Observation(id="rule/case", log=["x"], problem=Problem("raised", "ValueError", "no", "Traceback"))),
]


@pytest.mark.parametrize("size", [1, 7, 13, 1 << 20])
def test_replies_arrive_in_pieces_of_any_size(size):
    data = b"".join(map(encode, REPLIES))
    incoming, arrived = Incoming(), []
    for begin in range(0, len(data), size):
        arrived += incoming.replies(data[begin : begin + size])
    assert arrived == REPLIES


def test_a_reply_that_is_not_complete_is_waited_for():
    incoming = Incoming()
    assert list(incoming.replies(encode(Ready(7))[:-1])) == []
    assert list(incoming.replies(b"")) == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"\n",
        bytes(64),
        b"GET / HTTP/1.1\r\n\r\n",
        b"loopspeC\0\0\0\1",
        b"loopspec" + (LIMIT + 1).to_bytes(4, "big"),
        b"loopspec\xff\xff\xff\xff",
        b"loopspec\0\0\0\0",
        b"loopspec\0\0\0\1\xc0",
        b"loopspec\0\0\0\1\xc1",
        encode(Order(Play("rule/case", "", "", 1, {}, 5.0), {})),
    ],
)
@pytest.mark.parametrize("before", [b"", encode(Ready(7))])
def test_what_is_no_reply_is_told_at_once(before, garbage):
    incoming, arrived = Incoming(), []
    with pytest.raises(BreachError):
        for reply in incoming.replies(before + garbage):
            arrived.append(reply)
    assert arrived == ([Ready(7)] if before else [])


def test_a_reply_in_the_middle_of_another_is_none():
    incoming = Incoming()
    half = encode(REPLIES[2])[:5000]
    assert list(incoming.replies(half)) == []
    with pytest.raises(BreachError):
        for _ in range(100):
            list(incoming.replies(encode(REPLIES[2])))


def test_text_that_nobody_can_encode_arrives_as_escapes():
    seen = Observation(id="rule/case", log=["lone \udcff", "nul \0", "é €"], traceback="\ud800")
    (arrived,) = Incoming().replies(encode(Played(seen, False)))
    assert arrived == Played(
        Observation(id="rule/case", log=["lone \\udcff", "nul \0", "é €"], traceback="\\ud800"), False
    )


def test_a_message_is_received_whole_and_the_end_is_nothing():
    near, far = socket.socketpair()
    with near, far:
        sender = threading.Thread(target=lambda: (far.sendall(encode(REPLIES[2])), far.shutdown(socket.SHUT_WR)))
        sender.start()
        body = receive(near)
        assert encode(REPLIES[2]).endswith(body) and len(body) > 100_000
        assert receive(near) == b""
        sender.join()


def test_what_is_cut_short_is_the_end():
    near, far = socket.socketpair()
    with near:
        with far:
            far.sendall(encode(Ready(7))[:-1])
        assert receive(near) == b""
