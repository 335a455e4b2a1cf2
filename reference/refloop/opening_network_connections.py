"""Opening network connections.

library/asyncio-eventloop.html#opening-network-connections
"""

import asyncio
import os
import socket
import ssl as ssl_module
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from refloop import versions
from refloop.chapter import Chapter
from refloop.dns import AddressInfo, resolve
from refloop.happy_eyeballs import connect_to_first, interleaved
from refloop.transports.opening import open_transport
from refloop.transports.tls_options import TLSOptions, tls_options

P = TypeVar("P", bound=asyncio.BaseProtocol)


class OpeningNetworkConnections(Chapter):
    """create_connection() and create_unix_connection()."""

    async def create_connection(
        self,
        protocol_factory: Callable[[], P],
        host: str | bytes | None = None,
        port: int | str | bytes | None = None,
        *,
        ssl: ssl_module.SSLContext | bool | None = None,
        family: int = 0,
        proto: int = 0,
        flags: int = 0,
        sock: socket.socket | None = None,
        local_addr: tuple[str, int] | None = None,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
        happy_eyeballs_delay: float | None = None,
        interleave: int | None = None,
        all_errors: bool = False,
    ) -> tuple[asyncio.Transport, P]:
        """Connect to *port* of *host*, or take the connected stream socket *sock*; return transport and protocol.

        Time-outs and delays are in seconds. ValueError if the arguments contradict each other, OSError if no
        address accepts the connection; with *all_errors*, an ExceptionGroup of what happened at each.

        library/asyncio-eventloop.html#asyncio.loop.create_connection
        """
        if server_hostname is None and ssl:
            if not host:  # rule: create-connection.server-hostname.required, create-connection.server-hostname.error
                raise ValueError("server_hostname must be given if there is no host to take it from")
            server_hostname = cast("str", host)  # rule: create-connection.server-hostname.default
        # rule: create-connection.ssl-handshake-timeout, create-connection.ssl-shutdown-timeout
        tls = _client_tls(ssl, server_hostname, ssl_handshake_timeout, ssl_shutdown_timeout)
        if sock is not None:
            chosen = (host, port, local_addr, happy_eyeballs_delay, interleave)
            # rule: create-connection.sock.alone.error
            if any(option is not None for option in chosen) or family or proto or flags:
                raise ValueError("sock is connected already: nothing that says where to connect to can go with it")
            if isinstance(sock, ssl_module.SSLSocket):  # rule: create-connection.sock.ssl-socket
                raise TypeError(f"a socket without TLS was expected, to which ssl can be added, not {sock!r}")
            if sock.type != socket.SOCK_STREAM:  # rule: create-connection.sock.kind
                raise ValueError(f"a stream socket was expected, not {sock!r}")
        else:
            if host is None and port is None:  # rule: create-connection.nowhere
                raise ValueError("either host and port or sock must be given")
            # rule: create-connection.family, create-connection.proto, create-connection.flags
            hints = {"family": family, "type": socket.SOCK_STREAM, "proto": proto, "flags": flags}
            addresses = await resolve(self, (host, port), **hints)
            # rule: create-connection.local-addr.lookup
            local = None if local_addr is None else await resolve(self, local_addr, **hints)
            if interleave is None:
                # rule: create-connection.interleave.default
                interleave = 0 if happy_eyeballs_delay is None else 1
            if interleave:
                addresses = interleaved(addresses, interleave)  # rule: create-connection.interleave
            sock = await self._connect(addresses, local, happy_eyeballs_delay, all_errors)
        # rule: create-connection.order.connects-first, create-connection.sock.used
        transport, protocol = await open_transport(self, sock, protocol_factory, tls)
        return transport, cast("P", protocol)  # rule: create-connection.returns-a-pair

    async def create_unix_connection(
        self,
        protocol_factory: Callable[[], P],
        path: str | bytes | os.PathLike[str] | None = None,
        *,
        ssl: ssl_module.SSLContext | bool | None = None,
        sock: socket.socket | None = None,
        server_hostname: str | None = None,
        ssl_handshake_timeout: float | None = None,
        ssl_shutdown_timeout: float | None = None,
    ) -> tuple[asyncio.Transport, P]:
        """Connect to the Unix socket *path*, or take the connected *sock*; return transport and protocol.

        A path that begins with a zero byte is an abstract name. The rest is as with create_connection().

        library/asyncio-eventloop.html#asyncio.loop.create_unix_connection
        """
        # rule: create-unix-connection.ssl.server-hostname, create-unix-connection.ssl.arguments
        # rule: create-unix-connection.ssl.server-hostname.empty
        if ssl and server_hostname is None:
            raise ValueError("server_hostname must be given: a path is no host to take it from")
        # rule: create-unix-connection.ssl-handshake-timeout, create-unix-connection.ssl-shutdown-timeout
        tls = _client_tls(ssl, server_hostname, ssl_handshake_timeout, ssl_shutdown_timeout)
        # rule: create-unix-connection.required, create-unix-connection.required.error
        if (path is None) == (sock is None):
            raise ValueError("either path or sock must be given, and not both")
        if sock is not None:
            # rule: create-unix-connection.sock.kind
            if sock.family != socket.AF_UNIX or sock.type != socket.SOCK_STREAM:
                raise ValueError(f"a Unix stream socket was expected, not {sock!r}")
        else:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # rule: create-unix-connection.socket-type
            try:
                sock.setblocking(False)
                # rule: create-unix-connection.path, create-unix-connection.abstract
                # rule: create-unix-connection.established, create-unix-connection.errors
                await self.sock_connect(sock, os.fspath(cast("str", path)))
            except BaseException:
                sock.close()
                raise
        # rule: create-unix-connection.order.connects-first, create-unix-connection.order.connection-made
        # rule: create-unix-connection.sock, create-unix-connection.ssl
        transport, protocol = await open_transport(self, sock, protocol_factory, tls)
        return transport, cast("P", protocol)  # rule: create-unix-connection.returns-a-pair

    # -- one of several addresses ----------------------------------------------------------------------------

    async def _connect(
        self,
        addresses: Sequence[AddressInfo],
        local: Sequence[AddressInfo] | None,
        delay: float | None,
        all_errors: bool,
    ) -> socket.socket:
        async def attempt(info: AddressInfo) -> socket.socket:
            return await self._connect_to(info, local)

        if delay is None:
            # rule: create-connection.happy-eyeballs.if-given
            sock, errors = await _one_after_the_other(attempt, addresses)
        else:
            sock, errors = await connect_to_first(attempt, addresses, delay)
        if sock is None:
            raise _combined(errors, all_errors)
        return sock

    async def _connect_to(self, info: AddressInfo, local: Sequence[AddressInfo] | None) -> socket.socket:
        family, kind, proto, _, address = info
        sock = socket.socket(family, kind, proto)  # rule: create-connection.socket-type
        try:
            sock.setblocking(False)
            if local is not None:
                # rule: create-connection.local-addr.binds
                _bind_to_one(sock, [mine[4] for mine in local if mine[0] == family])
            await self.sock_connect(sock, address)  # rule: create-connection.in-the-background
        except BaseException:
            sock.close()  # rule: create-connection.cancelled
            raise
        return sock


async def _one_after_the_other(
    attempt: Callable[[AddressInfo], Any], addresses: Sequence[AddressInfo]
) -> tuple[socket.socket | None, list[Exception]]:
    errors: list[Exception] = []
    for info in addresses:  # rule: create-connection.in-turn
        try:
            return await attempt(info), errors
        except OSError as error:
            errors.append(error)
    return None, errors


def _bind_to_one(sock: socket.socket, addresses: Sequence[Any]) -> None:
    failure = OSError(f"no local address of the family {sock.family!r}")
    for address in addresses:
        try:
            sock.bind(address)
            return
        except OSError as error:
            # rule: create-connection.local-addr.in-use
            failure = OSError(error.errno, f"Binding to the local address {address} failed: {error.strerror}")
    raise failure


def _combined(errors: list[Exception], all_errors: bool) -> Exception:
    if all_errors and versions.ExceptionGroup is not None:
        # rule: create-connection.errors.all
        return cast("Exception", versions.ExceptionGroup("create_connection failed", errors))
    messages = {str(error): error for error in errors}
    if len(messages) == 1:
        return errors[0]  # rule: create-connection.errors.only-one, create-connection.errors.same-message
    # rule: create-connection.errors.combined
    return OSError(f"Multiple exceptions: {', '.join(map(str, errors))}")


def _client_tls(
    ssl: ssl_module.SSLContext | bool | None,
    server_hostname: str | None,
    handshake_timeout: float | None,
    shutdown_timeout: float | None,
) -> TLSOptions | None:
    if not ssl:  # rule: create-connection.ssl.plain
        if any(option is not None for option in (server_hostname, handshake_timeout, shutdown_timeout)):
            # rule: create-connection.ssl.arguments
            raise ValueError("server_hostname, ssl_handshake_timeout and ssl_shutdown_timeout only go with ssl")
        return None
    context = ssl  # rule: create-connection.ssl.context
    if isinstance(context, bool):
        context = ssl_module.create_default_context()  # rule: create-connection.ssl.true
        # rule: create-connection.server-hostname.empty
        context.check_hostname = bool(server_hostname)  # an empty name stands for none to match
    # rule: create-connection.server-hostname.overrides, create-unix-connection.ssl.server-hostname.matched
    return tls_options(context, False, server_hostname, handshake_timeout, shutdown_timeout)
