"""Datagram transports: UDP, and Unix sockets that keep the bounds of messages."""

import asyncio
import socket
from collections import deque
from typing import Any

from refloop.transports.lifecycle import FLUSHING, OPEN
from refloop.transports.streams import socket_info
from refloop.transports.writing import BytesLike, FlowControl

# No datagram is larger.
AT_ONCE = 64 * 1024
# What each datagram counts in the buffer besides its data: that of UDP over IPv4.
HEADER = 8


class DatagramTransport(FlowControl, asyncio.DatagramTransport):  # rule: datagram-transport.class
    """A transport over the datagram socket *sock*. *address* is where everything goes, if that was fixed.

    library/asyncio-protocol.html#datagram-transports
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: asyncio.BaseProtocol,
        ready: "asyncio.Future[None] | None" = None,
        address: Any = None,
    ) -> None:
        self._waiting: deque[tuple[bytes, Any]] = deque()
        self._waiting_bytes = 0
        self._address = address
        # rule: datagram-transport.get-extra-info.sockname, datagram-transport.get-extra-info.peername
        # rule: datagram-transport.get-extra-info.available
        info = socket_info(sock)
        # rule: create-datagram-endpoint.sock, create-datagram-endpoint.sock.unconnected
        self._connected = info["peername"] is not None
        super().__init__(loop, sock, protocol, info, ready)

    def _start(self) -> None:
        self._loop.add_reader(self._fd, self._readable)  # rule: datagram-protocol.datagram-received

    def _readable(self) -> None:
        try:
            # rule: datagram-protocol.datagram-received.data, datagram-protocol.datagram-received.addr
            # rule: datagram-protocol.datagram-received.addr.format, datagram-protocol.datagram-received.addr.unix
            data, address = self._channel.recvfrom(AT_ONCE)
        except BlockingIOError:
            return  # rule: datagram-protocol.error-received.not-for-nothing
        except OSError as error:
            self._error_received(error)
            return
        # If that fails, the loop reports it, and the next datagram is received: one that is malformed ends no server.
        # rule: datagram-protocol.datagram-received.raises, datagram-protocol.example.echo
        self._protocol.datagram_received(data, address)

    def _error_received(self, error: OSError) -> None:
        try:
            self._protocol.error_received(error)  # rule: datagram-protocol.error-received
        except (SystemExit, KeyboardInterrupt):  # rule: protocols.exits
            raise
        except BaseException as another:  # it's not the fault of who sends
            # rule: datagram-protocol.error-received.raises
            self._report(another, "protocol.error_received() failed")

    def get_write_buffer_size(self) -> int:
        """Return the number of bytes that wait to be sent, with a header for each datagram.

        library/asyncio-protocol.html#asyncio.WriteTransport.get_write_buffer_size
        """
        return self._waiting_bytes

    def sendto(self, data: BytesLike, addr: Any = None) -> None:
        """Send *data* as one datagram to *addr*, or where the transport is connected to; after close() ignore it.

        TypeError for what is not bytes-like; ValueError for another address than that of the connection.

        library/asyncio-protocol.html#asyncio.DatagramTransport.sendto
        """
        # rule: datagram-transport.sendto.type-error, datagram-transport.sendto.bytes-like
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"data must be bytes, bytearray or memoryview, not {type(data).__name__}")
        if self._address is not None:
            if addr is not None and addr != self._address:  # rule: datagram-transport.sendto.other-addr
                raise ValueError(f"this transport sends to {self._address} only, not to {addr}")
            addr = self._address  # rule: datagram-transport.sendto.no-addr
        if self.life is not OPEN:  # rule: datagram-transport.close.sending-afterwards
            return
        if not self._waiting:
            try:
                self._send(data, addr)  # rule: datagram-transport.sendto.addr, datagram-transport.sendto.empty
                return
            except BlockingIOError:
                self._loop.add_writer(self._fd, self._writable)  # rule: datagram-transport.sendto.does-not-block
            except OSError as error:
                self._error_received(error)  # rule: datagram-protocol.error-received.goes-on
                return
        # rule: datagram-transport.sendto.buffers, datagram-transport.sendto.buffers.addresses
        self._waiting.append((bytes(data), addr))
        self._waiting_bytes += len(data) + HEADER  # rule: datagram-transport.sendto.header
        self._check_high()  # rule: datagram-protocol.pause-writing

    def _send(self, data: BytesLike, addr: Any) -> None:
        if self._connected:
            self._channel.send(data)
        else:
            self._channel.sendto(data, addr)

    def _writable(self) -> None:
        while self._waiting:
            data, addr = self._waiting[0]
            try:
                self._send(data, addr)
            except BlockingIOError:
                break
            except OSError as error:
                self._error_received(error)
            if self.life is not OPEN and self.life is not FLUSHING:
                return  # by what error_received() did
            self._waiting.popleft()  # rule: datagram-transport.order
            self._waiting_bytes -= len(data) + HEADER
        self._check_low()  # rule: datagram-protocol.resume-writing
        if not self._waiting:
            self._loop.remove_writer(self._fd)
            if self.life is FLUSHING:
                self._lose(None)

    def close(self) -> None:
        """Receive nothing more, send what is buffered, then close.

        library/asyncio-protocol.html#asyncio.BaseTransport.close
        """
        if self._waiting:
            self.life = FLUSHING  # rule: datagram-transport.close.flushes
            self._loop.remove_reader(self._fd)  # rule: datagram-transport.close.receives-nothing-more
        else:
            self._lose(None)

    def _drop_buffer(self) -> None:
        self._waiting.clear()  # rule: datagram-transport.abort.immediately
        self._waiting_bytes = 0
