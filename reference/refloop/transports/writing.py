"""The side of a transport that writes: what can't be sent at once waits in a buffer, the protocol is told when
that grows too large.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from refloop.transports.lifecycle import FLUSHING, OPEN, Lifecycle

BytesLike: TypeAlias = bytes | bytearray | memoryview

# WRITING until write_eof() is called, which is ENDED: the buffer is sent still, but nothing comes after it. LENT while
# somebody else, sendfile(), writes to the descriptor.
WRITING: Final = "writing"
LENT: Final = "lent"
ENDED: Final = "ended"

HIGH_WATER = 64 * 1024


def water_marks(high: int | None, low: int | None) -> tuple[int, int]:
    """Return the low and the high watermark that are meant if *high* and *low* were given."""
    if high is None:
        # rule: transport.set-write-buffer-limits.defaults, transport.set-write-buffer-limits.low-only
        high = HIGH_WATER if low is None else 4 * low
    if low is None:
        # rule: transport.set-write-buffer-limits.low-defaults-to-at-most-high, transport.set-write-buffer-limits.zero
        low = high // 4
    # rule: transport.set-write-buffer-limits.refuses, transport.set-write-buffer-limits.refuses.error
    if not 0 <= low <= high:
        raise ValueError(f"the low watermark ({low}) must lie between 0 and the high one ({high})")
    return low, high


class FlowControl(Lifecycle):
    """When to call pause_writing() and resume_writing().

    library/asyncio-protocol.html#asyncio.WriteTransport.set_write_buffer_limits
    """

    _high = HIGH_WATER
    _low = HIGH_WATER // 4
    _protocol_paused = False

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that wait to be sent.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_size
        """
        raise NotImplementedError

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the low and the high watermark, in bytes.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_limits
        """
        return self._low, self._high  # rule: transport.get-write-buffer-limits

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the watermarks, in bytes. By default *low* is a quarter of *high*, and *high* 64 KiB.

        ValueError unless 0 <= low <= high.

        library/asyncio-protocol.html#asyncio.WriteTransport.set_write_buffer_limits
        """
        self._low, self._high = water_marks(high, low)
        self._check_high()  # rule: flow-control.lowered-limits

    def _check_high(self) -> None:
        # rule: flow-control.pause-writing, flow-control.at-the-high-watermark.not-yet, flow-control.high-zero
        if not self._protocol_paused and self.get_write_buffer_size() > self._high:
            self._protocol_paused = True
            self._tell("pause_writing")

    def _check_low(self) -> None:
        # rule: flow-control.resume-writing, flow-control.low-zero
        if self._protocol_paused and self.get_write_buffer_size() <= self._low:
            self._protocol_paused = False
            self._tell("resume_writing")

    def _tell(self, name: str) -> None:
        try:
            getattr(self._protocol, name)()
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as error:
            self._report(error, f"protocol.{name}() failed")  # rule: flow-control.errors


class WritingSide(FlowControl, asyncio.WriteTransport):  # rule: write-transport.class
    """What a subclass has to set is how to send: `_send(data)`, which returns how much of it was sent.

    library/asyncio-protocol.html#write-only-transports
    """

    writing: str = WRITING
    _send: Callable[[Any], int]

    def __init__(self, *args: Any) -> None:
        self._buffer = bytearray()
        self._borrower: asyncio.Future[None] | None = None  # what sendfile() waits for
        super().__init__(*args)

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that wait to be sent.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_size
        """
        return len(self._buffer)  # rule: transport.get-write-buffer-size

    def write(self, data: BytesLike) -> None:
        """Send *data* at once if possible, else as soon as possible. After close() it is ignored.

        TypeError for what is not bytes-like, RuntimeError after write_eof() and during sendfile().

        library/asyncio-protocol.html#asyncio.WriteTransport.write
        """
        if not isinstance(data, (bytes, bytearray)):
            if not isinstance(data, memoryview):  # rule: transport.write.kinds, transport.write.str
                raise TypeError(f"data must be bytes, bytearray or memoryview, not {type(data).__name__}")
            data = data.cast("B")
        if self.writing is not WRITING:  # rule: transport.write-eof.no-more-writing
            reason = "sendfile() is in progress" if self.writing is LENT else "write_eof() was called"
            raise RuntimeError(f"writing is impossible: {reason}")
        if not data or self.life is not OPEN:  # rule: transport.close.writing-afterwards
            return
        if self._buffer:
            self._buffer += data
        else:
            try:
                sent = self._send(data)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._fail(error, "Sending failed")
                return
            if sent == len(data):
                return
            self._buffer += memoryview(data)[sent:]
            self._loop.add_writer(self._fd, self._writable)  # rule: transport.write
        self._check_high()  # rule: flow-control.pause-writing.within-write

    def writelines(self, list_of_data: Iterable[BytesLike]) -> None:
        """Send all of *list_of_data*, in its order, like one write().

        library/asyncio-protocol.html#asyncio.WriteTransport.writelines
        """
        self.write(b"".join(list_of_data))  # rule: transport.writelines

    def _writable(self) -> None:
        try:
            sent = self._send(self._buffer)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error, "Sending failed")
            return
        del self._buffer[:sent]
        self._check_low()  # by which the protocol may write, or even abort
        if not self._buffer:
            self._loop.remove_writer(self._fd)
            self._flushed()

    def _flushed(self) -> None:
        if self.life is FLUSHING:  # rule: transport.close.connection-lost, transport.close.flushes
            self._lose(None)
        elif self.writing is ENDED:
            self._end_output()
        else:
            self._wake_borrower()

    def _drop_buffer(self) -> None:
        self._buffer.clear()  # rule: transport.abort.loses-the-buffer, flow-control.nothing-after-abort
        self._wake_borrower()

    # -- the end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Receive nothing more, send what is buffered, then close.

        library/asyncio-protocol.html#asyncio.BaseTransport.close
        """
        if self._buffer:
            self.life = FLUSHING  # rule: transport.close.asynchronous
            self._loop.remove_reader(self._fd)  # rule: transport.close.receives-no-more
        else:
            self._lose(None)

    def can_write_eof(self) -> bool:
        """Return True: write_eof() is supported.

        library/asyncio-protocol.html#asyncio.WriteTransport.can_write_eof
        """
        return True  # rule: transport.can-write-eof, transport.can-write-eof.supported

    def write_eof(self) -> None:
        """Send what is buffered, then close this direction.

        library/asyncio-protocol.html#asyncio.WriteTransport.write_eof
        """
        if self.writing is WRITING:  # rule: transport.write-eof.again
            self.writing = ENDED
            if not self._buffer:  # rule: transport.write-eof
                self._end_output()

    def _end_output(self) -> None:
        """Close the direction that writes; nothing is buffered."""

    # -- lending the channel ---------------------------------------------------------------------------------

    async def lend(self) -> Any:
        """Send what is buffered, then leave writing to the caller; return the socket or file to write to.

        RuntimeError if it is not to be had, ConnectionError if the connection ends before.
        """
        if self.writing is not WRITING:  # rule: sendfile.one-after-the-other
            raise RuntimeError(f"{self!r} is not open for writing")
        self.writing = LENT
        if self._buffer:
            try:
                await self.until_writable()
            except BaseException:
                self.take_back()
                raise
        return self._channel

    async def until_writable(self) -> None:
        """Wait until the borrower may write again; ConnectionError if the connection ends before."""
        if self.life is OPEN:
            self._borrower = self._loop.create_future()
            self._loop.add_writer(self._fd, self._writable)
            await self._borrower
        if self.life is not OPEN:
            raise ConnectionError("the connection was closed")

    def take_back(self) -> None:
        """End what lend() began."""
        self.writing = WRITING

    def _wake_borrower(self) -> None:
        if self._borrower is not None and not self._borrower.done():
            self._borrower.set_result(None)

    def _repr_parts(self) -> list[str]:
        return [*super()._repr_parts(), self.writing, f"buffered={len(self._buffer)}"]
