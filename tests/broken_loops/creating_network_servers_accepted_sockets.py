"""Broken loops for the chapter "Creating network servers: connections accepted elsewhere", each with one mistake.

TABLE says which case catches which.
"""

import socket

from broken import Broken
from opening_network_connections import made_later

from refloop import ReferenceLoop as Base


class RefusesBlockingSockets(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        if sock.getblocking():
            raise ValueError("the socket must be non-blocking")
        return await super().connect_accepted_socket(protocol_factory, sock, **options)


class AsksForTCP(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await super().connect_accepted_socket(protocol_factory, sock, **options)


class Wrapper:
    def __init__(self, transport):
        self._transport = transport

    def __getattr__(self, name):
        return getattr(self._transport, name)


class ReturnsAWrapper(Base):
    async def connect_accepted_socket(self, *args, **options):
        transport, protocol = await super().connect_accepted_socket(*args, **options)
        return Wrapper(transport), protocol


class LooksAtAProtocolFirst(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        if not hasattr(protocol_factory(), "connection_made"):
            raise TypeError("this is no protocol")
        return await super().connect_accepted_socket(protocol_factory, sock, **options)


class Reports(Base):
    """Treats what the factory raises as an acceptor of its own would."""

    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        try:
            return await super().connect_accepted_socket(protocol_factory, sock, **options)
        except ZeroDivisionError as error:
            self.call_exception_handler({"message": "the factory failed", "exception": error})
            return await self.create_future()


class WorksOnACopy(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        self._given = sock
        return await super().connect_accepted_socket(protocol_factory, sock.dup(), **options)


class SpeaksPlainly(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, *, ssl=None, **options):
        return await super().connect_accepted_socket(protocol_factory, sock)


class OnlyWhatItAccepts(Base):
    """Sets TCP_NODELAY where it accepts."""

    async def connect_accepted_socket(self, protocol_factory, sock, **options):
        pair = await super().connect_accepted_socket(protocol_factory, sock, **options)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        return pair


class MadeLater(Base):
    """connection_made() is called some time after the return."""

    async def connect_accepted_socket(self, protocol_factory, *args, **options):
        return await super().connect_accepted_socket(lambda: made_later(self, protocol_factory()), *args, **options)


class DropsTimeouts(Base):
    async def connect_accepted_socket(self, protocol_factory, sock, *, ssl=None, **options):
        return await super().connect_accepted_socket(protocol_factory, sock, ssl=ssl)


TABLE: dict[str, list[Broken]] = {
    "connect-accepted-socket.wraps/accepted-in-a-thread": [Broken("RefusesBlockingSockets")],
    "connect-accepted-socket.wraps/of-a-unix-listener": [Broken("AsksForTCP")],
    "connect-accepted-socket.returns/those-of-the-connection": [Broken("ReturnsAWrapper")],
    "connect-accepted-socket.connected-before-it-returns/with-the-same-transport": [Broken("MadeLater")],
    "connect-accepted-socket.protocol-factory/called-once": [Broken("LooksAtAProtocolFirst")],
    "connect-accepted-socket.protocol-factory.raises/to-whoever-awaits": [Broken("Reports")],
    "connect-accepted-socket.ownership/closed-by-the-transport": [Broken("WorksOnACopy")],
    "connect-accepted-socket.ssl/with-a-client-that-insists": [Broken("SpeaksPlainly")],
    "connect-accepted-socket.arguments/refused": [Broken("DropsTimeouts")],
    "connect-accepted-socket.arguments/shutdown-timeout-alone": [Broken("DropsTimeouts")],
    "connect-accepted-socket.ssl-handshake-timeout/a-client-that-is-silent": [Broken("DropsTimeouts")],
    "connect-accepted-socket.ssl-shutdown-timeout/a-client-that-does-not-answer": [Broken("DropsTimeouts")],
    "connect-accepted-socket.tcp-nodelay/on-those-that-were-accepted-elsewhere": [Broken("OnlyWhatItAccepts")],
}
