"""Stream transports: connections over TCP and Unix sockets."""

import asyncio
import contextlib
import socket
from typing import Any, Protocol

from refloop.transports.reading import ReadingSide
from refloop.transports.writing import WritingSide


class ServerSide(Protocol):
    """The server that a connection belongs to: it wants to know which are open."""

    def attach(self, transport: asyncio.Transport) -> None:
        """Count *transport*."""

    def detach(self, transport: asyncio.Transport) -> None:
        """Count *transport* no longer."""


# rule: create-connection.bidirectional
class StreamTransport(ReadingSide, WritingSide, asyncio.Transport):  # rule: transport.class
    """A transport over the connected stream socket *sock*, possibly one of a *server*.

    library/asyncio-protocol.html#asyncio.Transport
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        protocol: asyncio.BaseProtocol,
        ready: "asyncio.Future[None] | None" = None,
        server: ServerSide | None = None,
    ) -> None:
        sock.setblocking(False)  # rule: transport.write.does-not-block
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):  # the peer may have gone already, and it's not all TCP
                # rule: create-connection.tcp-nodelay, create-server.tcp-nodelay, connect-accepted-socket.tcp-nodelay
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._receive = sock.recv
        self._receive_into = sock.recv_into
        self._send = sock.send
        self._server = server
        super().__init__(loop, sock, protocol, socket_info(sock), ready)
        if server is not None:
            server.attach(self)

    def _end_output(self) -> None:
        with contextlib.suppress(OSError):  # the connection is lost, which reading will find out
            self._channel.shutdown(socket.SHUT_WR)

    def _release(self) -> None:
        super()._release()
        if self._server is not None:
            self._server.detach(self)


def socket_info(sock: socket.socket) -> dict[str, Any]:
    """Return what get_extra_info() knows of every socket."""
    # rule: transport.get-extra-info.socket, transport.get-extra-info.socket.instance
    # rule: transport.get-extra-info.available
    info: dict[str, Any] = {"socket": sock, "peername": None}
    with contextlib.suppress(OSError):
        info["sockname"] = sock.getsockname()  # rule: transport.get-extra-info.sockname
    with contextlib.suppress(OSError):  # rule: transport.get-extra-info.peername.error
        info["peername"] = sock.getpeername()  # rule: transport.get-extra-info.peername
    return info
