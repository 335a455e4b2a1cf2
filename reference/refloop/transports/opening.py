"""How a socket gets its transport, with TLS or without."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from refloop.transports.streams import ServerSide, StreamTransport
from refloop.transports.tls import TLSTransport
from refloop.transports.tls_options import TLSOptions


def make_transport(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    protocol: asyncio.BaseProtocol,
    tls: TLSOptions | None,
    ready: "asyncio.Future[None] | None" = None,
    server: ServerSide | None = None,
) -> asyncio.Transport:
    """Return the transport that *protocol* gets for *sock*; *ready* is done when it has got it."""
    if tls is None:
        # rule: streaming-protocols.accepted, streaming-protocols.example.echo
        return StreamTransport(loop, sock, protocol, ready, server)
    above = TLSTransport(loop, protocol, tls, ready, server)
    above.lie_on(StreamTransport(loop, sock, above))
    return above


async def open_transport(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    protocol_factory: Callable[[], asyncio.BaseProtocol],
    tls: TLSOptions | None,
) -> tuple[asyncio.Transport, Any]:
    """Return a transport over *sock* and its protocol, whose connection_made() was called.

    If that fails, for instance because the other side's certificate is not to be trusted, the socket is closed.
    """
    try:
        # rule: create-connection.factory.no-arguments, create-connection.factory.error
        # rule: connect-accepted-socket.protocol-factory
        # rule: transports.one-to-one
        protocol = protocol_factory()
        ready = loop.create_future()
        # rule: streaming-protocols.example.existing-socket
        transport = make_transport(loop, sock, protocol, tls, ready)
    except BaseException:
        sock.close()  # rule: create-connection.sock.failure
        raise  # rule: connect-accepted-socket.protocol-factory.raises
    # rule: create-connection.order.connection-made, create-connection.certificate, create-connection.certificate.error
    await completed(ready, transport)
    return transport, protocol


async def completed(ready: "asyncio.Future[None]", transport: asyncio.BaseTransport) -> None:
    """Wait for *ready*; close *transport* if nobody wants to wait any more, or if there is nothing to wait for."""
    try:
        await ready
    except BaseException:
        transport.close()
        raise
