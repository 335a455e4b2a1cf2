"""Broken loops for the chapter "Opening network connections": create_connection() to one address.

TABLE says which case catches which.
"""

import asyncio
import inspect
import socket

from broken import Broken, transports

from refloop import ReferenceLoop as Base
from refloop.transports.lifecycle import OPEN


class Wrapper:
    """Stands for the transport it was made of."""

    def __init__(self, transport):
        self._transport = transport

    def __getattr__(self, name):
        return getattr(self._transport, name)


class HandsOutAWrapper(Base):
    """The caller gets another transport than the protocol."""

    async def create_connection(self, *args, **kwargs):
        transport, protocol = await super().create_connection(*args, **kwargs)
        return Wrapper(transport), protocol


class ReturnsAList(Base):
    async def create_connection(self, *args, **kwargs):
        return list(await super().create_connection(*args, **kwargs))


class DoesNotRead(Base):
    async def create_connection(self, *args, **kwargs):
        transport, protocol = await super().create_connection(*args, **kwargs)
        transport.pause_reading()
        return transport, protocol


class FactoryFirst(Base):
    async def create_connection(self, protocol_factory, *args, **kwargs):
        protocol = protocol_factory()
        return await super().create_connection(lambda: protocol, *args, **kwargs)


class PassesTheLoop(Base):
    async def create_connection(self, protocol_factory, *args, **kwargs):
        return await super().create_connection(lambda: protocol_factory(self), *args, **kwargs)


class ClassesOnly(Base):
    async def create_connection(self, protocol_factory, *args, **kwargs):
        if not inspect.isclass(protocol_factory):
            raise TypeError("a class was expected")
        return await super().create_connection(protocol_factory, *args, **kwargs)


def made_later(loop, protocol):
    """Have the protocol's connection_made() called some time after the loop has called it."""
    made = protocol.connection_made
    protocol.connection_made = lambda transport: loop.call_later(0.005, made, transport)
    return protocol


class MadeLater(Base):
    """connection_made() is called some time after the return."""

    async def create_connection(self, protocol_factory, *args, **kwargs):
        return await super().create_connection(lambda: made_later(self, protocol_factory()), *args, **kwargs)


class WrapsErrorsOfTheFactory(Base):
    async def create_connection(self, protocol_factory, *args, **kwargs):
        try:
            return await super().create_connection(protocol_factory, *args, **kwargs)
        except Exception as error:
            raise ConnectionError("the protocol factory failed") from error


class ConnectsBlocking(Base):
    async def create_connection(self, protocol_factory, host=None, port=None, **kwargs):
        return await super().create_connection(protocol_factory, sock=socket.create_connection((host, port)), **kwargs)


class LosesCancelledSockets(Base):
    async def sock_connect(self, sock, address):
        try:
            await super().sock_connect(sock, address)
        except asyncio.CancelledError:
            sock.detach()
            raise


class DualStack(Base):
    """Connects to everything by a socket of IPv6."""

    async def create_connection(self, protocol_factory, host=None, port=None, **kwargs):
        return await super().create_connection(protocol_factory, f"::ffff:{host}", port, **kwargs)


class IPv4Only(Base):
    async def create_connection(self, protocol_factory, host=None, port=None, **kwargs):
        return await super().create_connection(protocol_factory, host, port, family=socket.AF_INET, **kwargs)


class Nagle(Base):
    """Leaves Nagle's algorithm on."""

    def spares(self, sock):
        return False

    async def create_connection(self, *args, **kwargs):
        transport, protocol = await super().create_connection(*args, **kwargs)
        sock = transport.get_extra_info("socket")
        if sock.family != socket.AF_UNIX and not self.spares(sock):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        return transport, protocol


class NagleWithoutANumber(Nagle):
    """Takes a socket for TCP only if its protocol number says so."""

    def spares(self, sock):
        return sock.proto == socket.IPPROTO_TCP


@transports
class SaysItIsReadyToNobody:
    """Ends the wait for connection_made() also where that was cancelled."""

    def _begin(self, ready):
        self._protocol.connection_made(self)
        if self.life is OPEN:
            self._start()
        if ready is not None:
            ready.set_result(None)


TABLE: dict[str, list[Broken]] = {
    "create-connection.returns-a-pair/of-the-very-objects": [Broken("HandsOutAWrapper"), Broken("ReturnsAList")],
    "create-connection.bidirectional/to-the-server-and-back": [Broken("DoesNotRead", hangs=True)],
    "create-connection.order.connects-first/the-factory-can-accept-it": [Broken("FactoryFirst")],
    "create-connection.order.connects-first/the-factory-is-not-called-for-a-connection-that-fails": [
        Broken("FactoryFirst")
    ],
    "create-connection.factory.no-arguments/any-callable": [Broken("PassesTheLoop"), Broken("ClassesOnly")],
    "create-connection.order.connection-made/between-the-factory-and-the-return": [Broken("MadeLater")],
    "create-connection.factory.error/the-same-exception": [Broken("WrapsErrorsOfTheFactory")],
    "create-connection.in-the-background/as-long-as-nobody-answers": [Broken("ConnectsBlocking", hangs=True)],
    "create-connection.cancelled/while-nobody-answers": [Broken("LosesCancelledSockets")],
    "create-connection.cancelled/as-the-protocol-is-made": [Broken("SaysItIsReadyToNobody")],
    "create-connection.socket-type/for-an-address-of-ipv4": [Broken("DualStack")],
    "create-connection.socket-type/for-an-address-of-ipv6": [Broken("IPv4Only")],
    "create-connection.tcp-nodelay/to-an-address": [Broken("Nagle")],
    "create-connection.tcp-nodelay/over-a-given-socket": [Broken("Nagle"), Broken("NagleWithoutANumber")],
}
