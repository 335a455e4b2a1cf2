"""Creating network servers.

library/asyncio-eventloop.html#creating-network-servers
"""

import asyncio
import errno
import os
import socket
import ssl as ssl_module
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from refloop import versions
from refloop.chapter import Chapter
from refloop.datagram_endpoints import set_reuse_port
from refloop.dns import AddressInfo, resolve
from refloop.server_objects import Server
from refloop.transports.opening import open_transport
from refloop.transports.tls_options import TLSOptions, tls_options
from refloop.unix_paths import is_abstract, remove_stale_socket, socket_inode

P = TypeVar("P", bound=asyncio.BaseProtocol)


class CreatingNetworkServers(Chapter):
    """create_server(), create_unix_server() and connect_accepted_socket()."""

    async def create_server(  # type: ignore[override]  # typeshed calls the server an asyncio.Server
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        *,
        family: int = socket.AF_UNSPEC,
        flags: int = socket.AI_PASSIVE,
        sock: socket.socket | None = None,
        backlog: int = 100,
        ssl: ssl_module.SSLContext | bool | None = None,
        reuse_address: bool | None = None,
        reuse_port: bool | None = None,
        keep_alive: bool | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        start_serving: bool = True,
    ) -> Server:
        """Listen on *port* of *host*, or on the bound stream socket *sock*; return the server.

        *host* may be one name, several, or none: then the server listens everywhere. ValueError if the arguments
        contradict each other, OSError if no address can be bound.

        library/asyncio-eventloop.html#asyncio.loop.create_server
        """
        tls = _server_tls(ssl, ssl_handshake_timeout, ssl_shutdown_timeout)
        if sock is not None:
            if host is not None or port is not None:  # rule: create-server.sock.alone
                # rule: create-server.sock.alone.value-error
                raise ValueError("host and port can't be given together with sock, which is bound already")
            if sock.type != socket.SOCK_STREAM:
                raise ValueError(f"a stream socket was expected, not {sock!r}")
            sockets = [sock]  # rule: create-server.sock, create-server.sock.unix
        else:
            if host is None and port is None:  # rule: create-server.sock.or-address
                raise ValueError("either host and port or sock must be given")
            # rule: create-server.reuse-address, create-server.keep-alive
            options = {socket.SO_REUSEADDR: reuse_address is not False, socket.SO_KEEPALIVE: bool(keep_alive)}
            # rule: create-server.port, create-server.family
            sockets = _bind(await self._where(host, port, family, flags), options, bool(reuse_port))
        # rule: create-server.tcp, create-server.returns-a-server
        return await self._make_server(sockets, protocol_factory, tls, backlog, start_serving)

    async def create_unix_server(  # type: ignore[override]  # typeshed calls the server an asyncio.Server
        self,
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        path: str | bytes | os.PathLike[str] | None = None,
        *,
        sock: socket.socket | None = None,
        backlog: int = 100,
        ssl: ssl_module.SSLContext | bool | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        start_serving: bool = True,
        cleanup_socket: bool = versions.CLEANUP_SOCKET,
    ) -> Server:
        """Listen on the Unix socket *path*, or on the bound *sock*; return the server.

        A path that begins with a zero byte is an abstract name. Unless *cleanup_socket* is false, the file is
        removed when the server closes.

        library/asyncio-eventloop.html#asyncio.loop.create_unix_server
        """
        tls = _server_tls(ssl, ssl_handshake_timeout, ssl_shutdown_timeout)
        if (path is None) == (sock is None):  # rule: create-unix-server.path.required, create-unix-server.arguments
            raise ValueError("either path or sock must be given, and not both")
        if sock is None:
            sock = _bind_unix(os.fspath(cast("str", path)))  # rule: create-unix-server.path
        elif sock.family != socket.AF_UNIX or sock.type != socket.SOCK_STREAM:  # rule: create-unix-server.sock
            raise ValueError(f"a Unix stream socket was expected, not {sock!r}")
        bound_to = sock.getsockname()
        # rule: create-unix-server.cleanup-socket.false
        inode = None if is_abstract(bound_to) or not cleanup_socket else socket_inode(bound_to)
        file = None if inode is None else (bound_to, inode)
        # rule: create-unix-server.start-serving, create-unix-server.backlog, create-unix-server.ssl
        return await self._make_server([sock], protocol_factory, tls, backlog, start_serving, file)

    async def connect_accepted_socket(
        self,
        protocol_factory: Callable[[], P],
        sock: socket.socket,
        *,
        ssl: ssl_module.SSLContext | bool | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> tuple[asyncio.Transport, P]:
        """Serve the connection *sock*, which was accepted by other means; return transport and protocol.

        library/asyncio-eventloop.html#asyncio.loop.connect_accepted_socket
        """
        if sock.type != socket.SOCK_STREAM:  # rule: connect-accepted-socket.arguments
            raise ValueError(f"a stream socket was expected, not {sock!r}")
        tls = _server_tls(ssl, ssl_handshake_timeout, ssl_shutdown_timeout)
        # rule: connect-accepted-socket.wraps, connect-accepted-socket.connected-before-it-returns
        transport, protocol = await open_transport(self, sock, protocol_factory, tls)
        # rule: connect-accepted-socket.ssl.returns
        return transport, cast("P", protocol)  # rule: connect-accepted-socket.returns

    async def _where(
        self, host: str | Sequence[str] | None, port: int | None, family: int, flags: int
    ) -> list[AddressInfo]:
        # rule: create-server.host.string, create-server.host.sequence
        hosts = [host] if host is None or isinstance(host, str) else host
        found: dict[AddressInfo, None] = {}  # two names may stand for one address
        for name in hosts:
            # rule: create-server.flags, create-server.family.default
            hints = {"family": family, "type": socket.SOCK_STREAM, "flags": flags}
            # rule: create-server.host.all, create-server.host.sequence.twice, create-server.port.random
            found.update(dict.fromkeys(await resolve(self, (name or None, port or 0), **hints)))
        return list(found)

    async def _make_server(
        self,
        sockets: list[socket.socket],
        protocol_factory: Callable[[], asyncio.BaseProtocol],
        tls: TLSOptions | None,
        backlog: int,
        start_serving: bool,
        file: tuple[str | bytes, int] | None = None,
    ) -> Server:
        for sock in sockets:
            sock.setblocking(False)
        server = Server(self, sockets, protocol_factory, tls, backlog, file)  # rule: server.created-by
        if start_serving:  # rule: create-server.start-serving, create-server.start-serving.false
            try:
                await server.start_serving()
            except BaseException:
                server.close()
                raise
        return server


def _bind(addresses: Sequence[AddressInfo], options: dict[int, bool], reuse_port: bool) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for family, kind, proto, _, address in addresses:
            try:
                sock = socket.socket(family, kind, proto)
            except OSError:
                # The resolver knows a family that the kernel doesn't.
                continue  # rule: create-server.address-not-available.some
            sockets.append(sock)
            for option, on in options.items():
                sock.setsockopt(socket.SOL_SOCKET, option, on)
            if reuse_port:  # rule: create-server.reuse-port
                set_reuse_port(sock)
            if family == socket.AF_INET6:
                # Or it would take the port for IPv4, too, which has a socket of its own.
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                sock.bind(address)  # rule: create-server.port.random.for-each-interface
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:  # a family that is switched off on this machine
                    sockets.pop().close()
                    continue
                # rule: create-server.address-in-use
                raise OSError(error.errno, f"Binding to {address} failed: {error.strerror}") from None
        if not sockets:  # rule: create-server.address-not-available
            raise OSError(errno.EADDRNOTAVAIL, f"None of {[info[4] for info in addresses]} can be bound")
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _bind_unix(path: str | bytes) -> socket.socket:
    remove_stale_socket(path)  # rule: create-unix-server.stale-socket
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # rule: create-unix-server.unix
    try:
        sock.bind(path)
    except OSError as error:
        sock.close()
        raise OSError(error.errno, f"Binding to {path!r} failed: {error.strerror}") from None
    return sock


def _server_tls(
    context: ssl_module.SSLContext | bool | None, handshake_timeout: float | None, shutdown_timeout: float | None
) -> TLSOptions | None:
    if context is not None:
        # rule: create-server.ssl, connect-accepted-socket.ssl
        # rule: create-server.ssl-handshake-timeout, create-server.ssl-shutdown-timeout
        return tls_options(context, True, None, handshake_timeout, shutdown_timeout)
    if handshake_timeout is not None or shutdown_timeout is not None:
        # rule: create-server.ssl.arguments
        raise ValueError("ssl_handshake_timeout and ssl_shutdown_timeout are only meaningful with ssl")
    return None
