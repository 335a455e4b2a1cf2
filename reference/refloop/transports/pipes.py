"""Pipe transports: each a half of what a stream transport is."""

import asyncio
import os
import stat
from typing import Any

from refloop.transports.lifecycle import OPEN
from refloop.transports.reading import ReadingSide
from refloop.transports.writing import WritingSide


def _prepare(pipe: Any) -> int:
    """Return the descriptor of *pipe*, non-blocking from now on; ValueError if it's no pipe or anything like it."""
    fd: int = pipe.fileno()  # rule: connect-read-pipe.pipe.file-like, connect-write-pipe.pipe.file-like
    mode = os.fstat(fd).st_mode
    # rule: connect-read-pipe.kinds, connect-write-pipe.kinds, connect-pipe.regular-files.refused
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)):
        raise ValueError(f"{pipe!r} is no pipe, socket or character device: it can't be watched")
    os.set_blocking(fd, False)  # rule: connect-read-pipe.non-blocking, connect-write-pipe.non-blocking
    return fd


class ReadPipeTransport(ReadingSide):
    """The end of *pipe*, a file object, from which one reads.

    library/asyncio-protocol.html#asyncio.ReadTransport
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pipe: Any,
        protocol: asyncio.BaseProtocol,
        ready: "asyncio.Future[None] | None" = None,
    ) -> None:
        fd = _prepare(pipe)
        self._receive = lambda number: os.read(fd, number)
        self._receive_into = lambda buffer: os.readv(fd, [buffer])
        super().__init__(loop, pipe, protocol, {"pipe": pipe}, ready)  # rule: transport.get-extra-info.pipe

    def close(self) -> None:
        """Close the pipe; nothing more is received.

        library/asyncio-protocol.html#asyncio.BaseTransport.close
        """
        self._lose(None)

    def _input_ended(self, keep_open: object) -> None:
        self.close()  # whatever the protocol said: there is no other direction to keep open


class WritePipeTransport(WritingSide):
    """The end of *pipe*, a file object, to which one writes.

    library/asyncio-protocol.html#asyncio.WriteTransport
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        pipe: Any,
        protocol: asyncio.BaseProtocol,
        ready: "asyncio.Future[None] | None" = None,
    ) -> None:
        fd = _prepare(pipe)
        mode = os.fstat(fd).st_mode
        # Of these the poller says "readable" when nobody can read from the other end any more. A character device,
        # such as a terminal, may have something to read.
        self._tells_when_closed = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
        self._send = lambda data: os.write(fd, data)
        super().__init__(loop, pipe, protocol, {"pipe": pipe}, ready)  # rule: transport.get-extra-info.pipe

    def _start(self) -> None:
        if self._tells_when_closed:
            self._loop.add_reader(self._fd, self._other_end_closed)

    def _other_end_closed(self) -> None:
        # rule: connection-lost.called, connection-lost.error
        self._lose(BrokenPipeError("nobody reads from the pipe") if self._buffer else None)

    def _end_output(self) -> None:
        if self.life is OPEN:
            self.close()  # the only direction
