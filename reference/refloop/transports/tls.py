"""TLS transports: the face towards the application.

The face towards the transport underneath is in tls_protocol.py; tls_machine.py is what lies between the two.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

from refloop.transports.reading import PAUSED, READING
from refloop.transports.tls_machine import ESTABLISHED
from refloop.transports.tls_protocol import TLSProtocol
from refloop.transports.writing import BytesLike


class TLSTransport(TLSProtocol):
    """A TLS connection over another transport, of which it is the protocol.

    library/asyncio-eventloop.html#asyncio.loop.start_tls calls it a two-interface instance.
    """

    # -- receiving -------------------------------------------------------------------------------------------

    def is_reading(self) -> bool:
        """Return True if data is being received.

        library/asyncio-protocol.html#asyncio.ReadTransport.is_reading
        """
        return self.reading is READING and not self.is_closing()

    def pause_reading(self) -> None:
        """Receive nothing until resume_reading() is called.

        library/asyncio-protocol.html#asyncio.ReadTransport.pause_reading
        """
        if not self.is_closing():  # after close(), the peer's good-bye has to be received
            self.reading = PAUSED
            self._lower.pause_reading()  # rule: tls.pause-reading

    def resume_reading(self) -> None:
        """Receive again, first what has arrived already.

        library/asyncio-protocol.html#asyncio.ReadTransport.resume_reading
        """
        if not self.is_closing():
            self.reading = READING
            if self._machine.may_decrypt():  # rule: tls.buffered-protocol.states
                self._loop.call_soon(self._decrypt)
            self._lower.resume_reading()

    # -- sending ---------------------------------------------------------------------------------------------

    def write(self, data: BytesLike) -> None:
        """Encrypt and send *data*. After close() it is ignored.

        TypeError for what is not bytes-like.

        library/asyncio-protocol.html#asyncio.WriteTransport.write
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            # rule: tls.write.str
            raise TypeError(f"data must be bytes, bytearray or memoryview, not {type(data).__name__}")
        if self._machine.state is ESTABLISHED:  # rule: tls.close.writing-afterwards
            try:
                self._machine.encrypt(data)  # rule: tls.write, tls.write.kinds
            except ssl.SSLError as error:
                self._fail(error)
            else:
                self._flush()

    def writelines(self, list_of_data: Iterable[BytesLike]) -> None:
        """Encrypt and send all of *list_of_data*, in its order, like one write().

        library/asyncio-protocol.html#asyncio.WriteTransport.writelines
        """
        self.write(b"".join(list_of_data))  # rule: tls.writelines

    def can_write_eof(self) -> bool:
        """Return False: TLS connections can't be half-closed.

        library/asyncio-protocol.html#asyncio.WriteTransport.can_write_eof
        """
        return False  # rule: tls.can-write-eof

    def write_eof(self) -> None:
        """NotImplementedError, see can_write_eof().

        library/asyncio-protocol.html#asyncio.WriteTransport.write_eof
        """
        raise NotImplementedError("TLS connections can't be half-closed")  # rule: tls.write-eof

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that wait to be sent.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_size
        """
        return self._lower.get_write_buffer_size() + len(self._machine.plain)  # rule: tls.write-buffer-size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the low and the high watermark, in encrypted bytes.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_limits
        """
        return self._lower.get_write_buffer_limits()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set the watermarks, in encrypted bytes.

        library/asyncio-protocol.html#asyncio.WriteTransport.set_write_buffer_limits
        """
        self._lower.set_write_buffer_limits(high, low)  # rule: tls.write-buffer-limits

    # -- what is known about it ------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known as *name*, also to the transport underneath, or *default*.

        library/asyncio-protocol.html#asyncio.BaseTransport.get_extra_info
        """
        if name in self._info:
            return self._info[name]  # rule: tls.extra-info, tls.extra-info.available
        return self._lower.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let *protocol* be called from now on.

        library/asyncio-protocol.html#asyncio.BaseTransport.set_protocol
        """
        self._protocol = protocol
        self._buffered = isinstance(protocol, asyncio.BufferedProtocol)  # rule: tls.set-protocol

    def get_protocol(self) -> Any:
        """Return the protocol; None after its connection_lost().

        library/asyncio-protocol.html#asyncio.BaseTransport.get_protocol
        """
        return self._protocol

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._machine.state} over {self._lower!r}>"
