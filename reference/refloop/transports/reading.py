"""The side of a transport that reads: from a descriptor to data_received, or into the protocol's own buffer."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from refloop.transports.lifecycle import OPEN, Lifecycle

# READING or PAUSED as the protocol wishes; ENDED, for good, when the other end said that it sends no more.
READING: Final = "reading"
PAUSED: Final = "paused"
ENDED: Final = "ended"

# As much as one call may receive: more than what one message usually is, less than what would be slow to allocate.
AT_ONCE = 256 * 1024


class ReadingSide(Lifecycle, asyncio.ReadTransport):  # rule: read-transport.class
    """What a subclass has to set is how to receive: `_receive(number)`, and `_receive_into(buffer)`.

    library/asyncio-protocol.html#read-only-transports
    """

    reading: str = READING
    _receive: Callable[[int], bytes]
    _receive_into: Callable[[Any], int]

    def _start(self) -> None:
        if self.reading is READING:
            self._loop.add_reader(self._fd, self._readable)  # rule: data-received.any-number

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* be called from now on; a BufferedProtocol gets the data in its own buffers.

        library/asyncio-protocol.html#asyncio.BaseTransport.set_protocol
        """
        super().set_protocol(protocol)
        self._buffered = isinstance(protocol, asyncio.BufferedProtocol)  # rule: buffered-protocols.accepted

    def is_reading(self) -> bool:
        """Return True if data is being received.

        library/asyncio-protocol.html#asyncio.ReadTransport.is_reading
        """
        return self.life is OPEN and self.reading is READING  # rule: transport.is-reading

    def pause_reading(self) -> None:
        """Receive nothing until resume_reading() is called.

        library/asyncio-protocol.html#asyncio.ReadTransport.pause_reading
        """
        if self.life is OPEN and self.reading is READING:  # rule: transport.pause-reading.idempotent
            self.reading = PAUSED  # rule: transport.pause-reading
            self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        """Receive again.

        library/asyncio-protocol.html#asyncio.ReadTransport.resume_reading
        """
        # rule: transport.resume-reading.idempotent, transport.resume-reading.closed
        if self.life is OPEN and self.reading is PAUSED:
            self.reading = READING
            self._loop.add_reader(self._fd, self._readable)  # rule: transport.resume-reading

    def _readable(self) -> None:
        if self._buffered:
            self._fill_buffer()
            return
        try:
            data = self._receive(AT_ONCE)  # rule: data-received.order
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error, "Receiving failed")
            return
        if not data:
            self._end_of_input()
            return
        try:
            self._protocol.data_received(data)  # rule: data-received.bytes
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as error:
            self._fail(error, "protocol.data_received() failed")  # rule: protocols.errors

    def _fill_buffer(self) -> None:
        try:
            buffer = self._protocol.get_buffer(-1)  # rule: get-buffer.called, get-buffer.sizehint, get-buffer.states
            if not len(buffer):
                # rule: get-buffer.empty, get-buffer.empty.ends-the-connection
                raise RuntimeError("get_buffer() returned an empty buffer")
            number = self._receive_into(buffer)  # rule: get-buffer.size, buffer-updated.released
            if number:
                self._protocol.buffer_updated(number)  # rule: buffer-updated.called
        except BlockingIOError:
            return
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as error:
            self._fail(error, "Filling the protocol's buffer failed")
            return
        if not number:
            self._end_of_input()

    def _end_of_input(self) -> None:
        self.reading = ENDED  # rule: eof-received.at-most-once
        self._loop.remove_reader(self._fd)  # rule: eof-received.no-data-after, buffered-protocols.states
        try:
            keep_open = self._protocol.eof_received()  # rule: eof-received.called
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as error:
            self._fail(error, "protocol.eof_received() failed")
            return
        self._input_ended(keep_open)

    def _input_ended(self, keep_open: object) -> None:
        """Do what follows the end of the input; *keep_open* is what eof_received() said about it."""
        if not keep_open:  # rule: eof-received.false, eof-received.true, eof-received.default
            self.close()

    def _repr_parts(self) -> list[str]:
        return [*super()._repr_parts(), self.reading]
