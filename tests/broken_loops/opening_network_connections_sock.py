"""Broken loops for the chapter "Opening network connections": create_connection() over a given socket.

TABLE says which case catches which.
"""

import os
import socket
import ssl

from broken import Broken
from opening_network_connections import MadeLater as MadeLater

from refloop import ReferenceLoop as Base
from refloop.transports.opening import open_transport


class ConnectsOnceMore(Base):
    """Takes the peer's address from the socket, and leaves the socket."""

    async def create_connection(self, protocol_factory, *args, sock=None, **kwargs):
        with sock:
            peer = sock.getpeername()
        return await super().create_connection(protocol_factory, *peer[:2], **kwargs)


class LeavesItBlocking(Base):
    async def create_connection(self, *args, sock=None, **kwargs):
        blocking = sock.getblocking()
        transport, protocol = await super().create_connection(*args, sock=sock, **kwargs)
        sock.setblocking(blocking)
        return transport, protocol


class WorksOnADuplicate(Base):
    async def create_connection(self, *args, sock=None, **kwargs):
        return await super().create_connection(*args, sock=sock.dup(), **kwargs)


class KeepsTheNumberOnly(Base):
    """Forgets the caller's object, which closes the descriptor when it is collected."""

    async def create_connection(self, *args, sock=None, **kwargs):
        return await super().create_connection(*args, sock=socket.socket(fileno=sock.fileno()), **kwargs)


class ClosesTheNumber(Base):
    """After a failure the descriptor is closed, and the caller's object does not know."""

    async def create_connection(self, *args, sock=None, **kwargs):
        try:
            return await super().create_connection(*args, sock=sock.dup(), **kwargs)
        except BaseException:
            os.close(sock.fileno())
            raise


class PrefersTheSocket(Base):
    async def create_connection(self, protocol_factory, host=None, port=None, *, sock=None, **kwargs):
        return await super().create_connection(protocol_factory, sock=sock, **kwargs)


class NowhereIsAnOSError(Base):
    async def create_connection(self, *args, **kwargs):
        try:
            return await super().create_connection(*args, **kwargs)
        except ValueError as error:
            raise OSError("no address") from error


class InternetOnly(Base):
    async def create_connection(self, *args, sock=None, **kwargs):
        if sock.family == socket.AF_UNIX:
            raise ValueError("a socket of the Internet families was expected")
        return await super().create_connection(*args, sock=sock, **kwargs)


class TakesAnyType(Base):
    async def create_connection(self, protocol_factory, *args, sock=None, **kwargs):
        return await open_transport(self, sock, protocol_factory, None)


class TakesTheDescriptor(Base):
    async def create_connection(self, *args, sock=None, **kwargs):
        if isinstance(sock, ssl.SSLSocket):
            sock = socket.socket(fileno=sock.detach())
        return await super().create_connection(*args, sock=sock, **kwargs)


TABLE: dict[str, list[Broken]] = {
    "create-connection.sock.used/for-both-directions": [Broken("ConnectsOnceMore")],
    "create-connection.sock.used/in-the-usual-order": [Broken("MadeLater")],
    "create-connection.sock.used/also-a-blocking-one": [Broken("LeavesItBlocking", hangs=True)],
    "create-connection.sock.ownership/closed-with-the-transport": [Broken("WorksOnADuplicate", hangs=True)],
    "create-connection.sock.ownership/kept-open-though-the-caller-forgets-it": [Broken("KeepsTheNumberOnly")],
    "create-connection.sock.ownership/closed-once-only": [Broken("KeepsTheNumberOnly")],
    "create-connection.sock.failure/a-handshake-that-is-cancelled": [Broken("ClosesTheNumber")],
    "create-connection.sock.alone.error/host-or-port-or-both": [Broken("PrefersTheSocket")],
    "create-connection.nowhere/nothing-to-connect-to": [Broken("NowhereIsAnOSError")],
    "create-connection.sock.kind/a-unix-socket": [Broken("InternetOnly")],
    "create-connection.sock.kind/a-datagram-socket": [Broken("TakesAnyType")],
    "create-connection.sock.ssl-socket/a-wrapped-one": [Broken("TakesTheDescriptor")],
}
