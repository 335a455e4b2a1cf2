"""Broken loops for the chapter "Opening network connections": create_unix_connection().

TABLE says which case catches which.
"""

import contextlib
import socket
import types

from broken import Broken
from opening_network_connections import Wrapper, made_later

from refloop import ReferenceLoop as Base
from refloop.transports.opening import open_transport


class HandsOutAWrapper(Base):
    """The caller gets another transport than the protocol."""

    async def create_unix_connection(self, *args, **kwargs):
        transport, protocol = await super().create_unix_connection(*args, **kwargs)
        return Wrapper(transport), protocol


class FactoryFirst(Base):
    async def create_unix_connection(self, protocol_factory, *args, **kwargs):
        protocol = protocol_factory()
        return await super().create_unix_connection(lambda: protocol, *args, **kwargs)


class MadeLater(Base):
    """connection_made() is called some time after the return."""

    async def create_unix_connection(self, protocol_factory, *args, **kwargs):
        return await super().create_unix_connection(lambda: made_later(self, protocol_factory()), *args, **kwargs)


class ShowsTCP(Base):
    """Makes a socket object of the descriptor, and does not ask of which family it is."""

    class Transport(Wrapper):
        def get_extra_info(self, name, default=None):
            if name == "socket":
                return types.SimpleNamespace(family=socket.AF_INET, type=socket.SOCK_STREAM)
            return self._transport.get_extra_info(name, default)

    async def create_unix_connection(self, *args, **kwargs):
        transport, protocol = await super().create_unix_connection(*args, **kwargs)
        return self.Transport(transport), protocol


class TakesTextOnly(Base):
    async def create_unix_connection(self, protocol_factory, path=None, **kwargs):
        if not isinstance(path, str):
            raise TypeError("path must be a str")
        return await super().create_unix_connection(protocol_factory, path, **kwargs)


class CallsStr(Base):
    async def create_unix_connection(self, protocol_factory, path=None, **kwargs):
        return await super().create_unix_connection(protocol_factory, str(path), **kwargs)


class DecodesStrictly(Base):
    async def create_unix_connection(self, protocol_factory, path=None, **kwargs):
        if isinstance(path, bytes):
            path = path.decode()
        return await super().create_unix_connection(protocol_factory, path, **kwargs)


class EndsAtAZeroByte(Base):
    async def create_unix_connection(self, protocol_factory, path=None, **kwargs):
        if isinstance(path, (str, bytes)):
            path = path.partition(b"\0" if isinstance(path, bytes) else "\0")[0]
        return await super().create_unix_connection(protocol_factory, path, **kwargs)


class ConnectsToItself(Base):
    """With nothing to connect to, the connection is one to nobody."""

    async def create_unix_connection(self, protocol_factory, path=None, *, sock=None, **kwargs):
        if path is None and sock is None:
            sock, _ = socket.socketpair()
        return await super().create_unix_connection(protocol_factory, path, sock=sock, **kwargs)


class PrefersTheSocket(Base):
    async def create_unix_connection(self, protocol_factory, path=None, *, sock=None, **kwargs):
        if sock is not None:
            path = None
        return await super().create_unix_connection(protocol_factory, path, sock=sock, **kwargs)


class WorksOnADuplicate(Base):
    async def create_unix_connection(self, *args, sock=None, **kwargs):
        return await super().create_unix_connection(*args, sock=sock.dup(), **kwargs)


class LeavesItBlocking(Base):
    """Reads a blocking socket without asking whether there is anything."""

    async def create_unix_connection(self, *args, sock=None, **kwargs):
        transport, protocol = await super().create_unix_connection(*args, sock=sock, **kwargs)
        sock.setblocking(True)
        sock.recv(1)
        return transport, protocol


class TakesAnySocket(Base):
    async def create_unix_connection(self, protocol_factory, *args, sock=None, **kwargs):
        return await open_transport(self, sock, protocol_factory, None)


class TakesEagainForProgress(Base):
    async def sock_connect(self, sock, address):
        with contextlib.suppress(BlockingIOError):
            sock.connect(address)


class OneErrorForAll(Base):
    async def create_unix_connection(self, *args, **kwargs):
        try:
            return await super().create_unix_connection(*args, **kwargs)
        except OSError as error:
            raise ConnectionError("the connection could not be created") from error


class PlainAllTheSame(Base):
    async def create_unix_connection(self, *args, ssl=None, server_hostname=None, **kwargs):
        return await super().create_unix_connection(*args, **kwargs)


class LocalhostByDefault(Base):
    async def create_unix_connection(self, *args, ssl=None, server_hostname=None, **kwargs):
        if ssl and server_hostname is None:
            server_hostname = "localhost"
        return await super().create_unix_connection(*args, ssl=ssl, server_hostname=server_hostname, **kwargs)


class MatchesNothing(Base):
    async def create_unix_connection(self, *args, ssl=None, **kwargs):
        if ssl:
            ssl.check_hostname = False
        return await super().create_unix_connection(*args, ssl=ssl, **kwargs)


class MatchesOneNameOnly(Base):
    """Takes every server at a path for localhost, whatever name was asked for."""

    async def create_unix_connection(self, *args, server_hostname=None, **kwargs):
        return await super().create_unix_connection(*args, server_hostname=server_hostname and "localhost", **kwargs)


class EmptyIsNone(Base):
    """An empty server_hostname is taken for none that was given."""

    async def create_unix_connection(self, *args, server_hostname=None, **kwargs):
        return await super().create_unix_connection(*args, server_hostname=server_hostname or None, **kwargs)


class DropsServerHostname(Base):
    async def create_unix_connection(self, *args, ssl=None, server_hostname=None, **kwargs):
        if not ssl:
            server_hostname = None
        return await super().create_unix_connection(*args, ssl=ssl, server_hostname=server_hostname, **kwargs)


TABLE: dict[str, list[Broken]] = {
    "create-unix-connection.returns-a-pair/made-and-connected-in-order": [
        Broken("HandsOutAWrapper"),
    ],
    "create-unix-connection.order.connects-first/the-factory-is-not-called-for-a-connection-that-fails": [
        Broken("FactoryFirst")
    ],
    "create-unix-connection.order.connection-made/between-the-factory-and-the-return": [Broken("MadeLater")],
    "create-unix-connection.socket-type/as-the-transport-shows-it": [Broken("ShowsTCP")],
    "create-unix-connection.path/text-and-bytes-and-objects": [Broken("TakesTextOnly"), Broken("CallsStr")],
    "create-unix-connection.path/bytes-that-are-no-text": [Broken("DecodesStrictly")],
    "create-unix-connection.abstract/by-a-name-that-begins-with-a-zero-byte": [Broken("EndsAtAZeroByte")],
    "create-unix-connection.required/neither": [Broken("ConnectsToItself")],
    "create-unix-connection.required.error/neither-or-both": [Broken("ConnectsToItself"), Broken("PrefersTheSocket")],
    "create-unix-connection.sock/used-and-closed": [
        Broken("WorksOnADuplicate", hangs=True),
        Broken("LeavesItBlocking", hangs=True),
    ],
    "create-unix-connection.sock.kind/of-another-family-or-type": [Broken("TakesAnySocket")],
    "create-unix-connection.established/not-while-the-listener-s-queue-is-full": [Broken("TakesEagainForProgress")],
    "create-unix-connection.errors/nothing-there-or-nobody-listening": [Broken("OneErrorForAll")],
    "create-unix-connection.ssl/over-a-path-and-over-a-socket": [Broken("PlainAllTheSame")],
    "create-unix-connection.ssl.server-hostname/refused-without": [Broken("LocalhostByDefault")],
    "create-unix-connection.ssl.server-hostname.matched/a-name-that-it-has-and-one-that-it-has-not": [
        Broken("MatchesNothing"),
        Broken("MatchesOneNameOnly"),
    ],
    "create-unix-connection.ssl.server-hostname.empty/with-the-default-context": [Broken("EmptyIsNone")],
    "create-unix-connection.ssl.arguments/one-without-the-other": [
        Broken("LocalhostByDefault"),
        Broken("DropsServerHostname"),
    ],
}
