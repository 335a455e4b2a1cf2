"""The process in which cases are played: one loop's, fresh, and given up as soon as anything in it looks damaged.

It is started as `python -m loopspec.worker DESCRIPTOR`, speaks length-prefixed MessagePack on that descriptor, and
ends when its keeper closes the other end.
"""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import gc
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from typing import Any

import msgspec

from loopspec.loops import Loop, bring_up
from loopspec.observation import Observation, Play
from loopspec.play import play

CHANNEL_LOST = 83
"""Exit code of a worker whose channel to the keeper was closed under it."""

_HIGH = 700
"""Descriptors from here on are the worker's own, out of the way of a loop that closes what it does not own."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message to a worker: the loop to bring up."""

    loop: Loop


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker's answer: the loop is up."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The worker's answer: the loop cannot be brought up."""

    how: str
    traceback: str


class Order(msgspec.Struct, frozen=True, tag="order"):
    """A case to play, with environment variables for as long as it is played."""

    play: Play
    environment: dict[str, str]


Reply = Ready | Refused | Observation


def send(channel: socket.socket, message: msgspec.Struct) -> None:
    """Write one message."""
    data = msgspec.msgpack.encode(message)
    channel.sendall(struct.pack("!I", len(data)) + data)


def receive(channel: socket.socket) -> bytes:
    """Read one message's bytes; empty at the end of the stream."""
    header = _exactly(channel, 4)
    return _exactly(channel, struct.unpack("!I", header)[0]) if header else b""


def _exactly(channel: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = channel.recv(count - len(data))
        if not part:
            return b""
        data += part
    return data


def main(descriptor: int) -> None:
    """Serve the keeper at the other end of the socket `descriptor` until it is closed."""
    _die_with_parent()
    channel, errors = _out_of_the_way(descriptor)
    hello = msgspec.msgpack.decode(receive(channel), type=Hello)
    faulthandler.enable(errors)
    try:
        factory, policy = bring_up(hello.loop)
    except BaseException as error:
        send(channel, Refused(f"{type(error).__name__}: {error}", traceback.format_exc()))
        return
    send(channel, Ready())
    gc.collect()
    gc.freeze()
    while data := receive(channel):
        order = msgspec.msgpack.decode(data, type=Order)
        faulthandler.dump_traceback_later(order.play.timeout, file=errors)
        observation = _play(order, factory, policy)
        faulthandler.cancel_dump_traceback_later()
        try:
            os.fstat(channel.fileno())
            send(channel, observation)
        except OSError:
            os._exit(CHANNEL_LOST)


def _play(order: Order, factory: Any, policy: Any) -> Observation:
    before = {name: os.environ.get(name) for name in order.environment}
    os.environ.update(order.environment)
    try:
        return play(order.play, factory, policy)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _out_of_the_way(descriptor: int) -> tuple[socket.socket, int]:
    """Move the channel and a copy of standard error to high numbers."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    high = _HIGH if limit == resource.RLIM_INFINITY else min(_HIGH, limit - 16)
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, high)
    errors = fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, high)
    os.close(descriptor)
    return socket.socket(fileno=moved), errors


def _die_with_parent() -> None:
    """Ask Linux to end this process when its keeper ends, however that happens."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
