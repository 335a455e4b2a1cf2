"""The messages between a worker and its keeper, and how they cross the socket that joins the two.

A message is MessagePack behind a header of eight fixed bytes and the length, so that bytes which somebody else writes
to the socket - a loop that writes to descriptors it does not own - are told from a message at once.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from loopspec.loops import Loop
from loopspec.observation import Observation, Play

MARK = "LOOPSPEC_WORKER"
"""The environment variable that every process which comes from a worker inherits: the crew's name, a dot, a number."""

LIMIT = 64 << 20
"""Bytes that a message may have: far more than a worker sends, whose observations are cut to a fraction of it."""

_SIGN = b"loopspec"
_HEADER = struct.Struct("!8sI")


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message to a worker: the loop to bring up."""

    loop: Loop
    path: list[str]
    """Where the keeper finds modules (`sys.path`), and last of all its current folder."""
    timeout: float
    """Seconds until the worker writes every thread's stack because the loop's package is still being imported."""


class Order(msgspec.Struct, frozen=True, tag="order"):
    """A case to play, with environment variables for as long as it is played."""

    play: Play
    environment: dict[str, str]


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker's answer to the first message: the loop is up."""

    process: int
    """The worker's process id, which under strace is not that of the process that its keeper started."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The worker's answer to the first message: the loop cannot be brought up."""

    how: str
    traceback: str


class MoreTime(msgspec.Struct, frozen=True, tag="more-time"):
    """The case's script has ended, and what follows may take so many seconds from now."""

    seconds: float


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """An exception has ended the case's script; what it has left is closed from now on, which may take its time."""

    observation: Observation


class Played(msgspec.Struct, frozen=True, tag="played"):
    """The worker's answer to an order."""

    observation: Observation
    reusable: bool
    """Whether the process is again as the case found it."""


class Unable(msgspec.Struct, frozen=True, tag="unable"):
    """The worker's answer to an order, and its last: the engine itself failed in what the loop made of the process."""

    how: str
    traceback: str


Reply = Ready | Refused | MoreTime | Ended | Played | Unable


class BreachError(Exception):
    """What arrived is no message."""


def encode(message: msgspec.Struct) -> bytes:
    """Return the bytes of a message. Characters that UTF-8 cannot express (lone surrogates) become escapes."""
    try:
        body = msgspec.msgpack.encode(message)
    except UnicodeEncodeError:
        body = msgspec.msgpack.encode(_expressible(msgspec.to_builtins(message)))
    return _HEADER.pack(_SIGN, len(body)) + body


def _expressible(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_expressible(key): _expressible(item) for key, item in value.items()}
    return [_expressible(item) for item in value] if isinstance(value, list) else value


def receive(channel: socket.socket) -> bytes:
    """Wait for a message and return its body; empty at the end of the stream. Raises BreachError."""
    header = _exactly(channel, _HEADER.size)
    return _exactly(channel, _length(header)) if header else b""


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = channel.recv(count - len(parts))
        if not part:
            return b""
        parts += part
    return parts


def _length(header: bytes | bytearray) -> int:
    sign, length = _HEADER.unpack_from(header)
    if sign != _SIGN or length > LIMIT:
        raise BreachError
    return int(length)


class Incoming:
    """The replies in what arrives piece by piece."""

    def __init__(self) -> None:
        self._pieces = bytearray()
        self._decoder = msgspec.msgpack.Decoder(Reply)

    def replies(self, data: bytes) -> Iterator[Reply]:
        """Give the replies that `data` completes. Raises BreachError."""
        self._pieces += data
        while self._pieces:
            if not _SIGN.startswith(self._pieces[: len(_SIGN)]):
                raise BreachError
            if len(self._pieces) < _HEADER.size:
                return
            end = _HEADER.size + _length(self._pieces)
            if len(self._pieces) < end:
                return
            body = bytes(self._pieces[_HEADER.size : end])
            del self._pieces[:end]
            try:
                yield self._decoder.decode(body)
            except (msgspec.MsgspecError, ValueError):
                raise BreachError from None
