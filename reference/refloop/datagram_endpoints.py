"""Opening network connections, the part about datagrams.

library/asyncio-eventloop.html#asyncio.loop.create_datagram_endpoint
"""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from refloop.chapter import Chapter
from refloop.dns import resolve
from refloop.transports.datagrams import DatagramTransport
from refloop.transports.opening import completed
from refloop.unix_paths import remove_stale_socket

P = TypeVar("P", bound=asyncio.BaseProtocol)

# What a socket is made of: its family, its protocol, and where it's bound and connected to.
Endpoint: TypeAlias = tuple[int, int, Any, Any]


class DatagramEndpoints(Chapter):
    """create_datagram_endpoint()."""

    # rule: create-datagram-endpoint.coroutine, create-datagram-endpoint.reuse-address.raises
    # rule: create-datagram-endpoint.reuse-address.removed
    async def create_datagram_endpoint(  # type: ignore[override]  # reuse_address is gone since Python 3.11
        self,
        protocol_factory: Callable[[], P],
        local_addr: Any = None,
        remote_addr: Any = None,
        *,
        family: int = 0,
        proto: int = 0,
        flags: int = 0,
        reuse_port: bool | None = None,
        allow_broadcast: bool | None = None,
        sock: socket.socket | None = None,
    ) -> tuple[asyncio.DatagramTransport, P]:
        """Make a datagram socket, or take *sock*; return transport and protocol.

        *local_addr* and *remote_addr* are (host, port), with *family* AF_UNIX paths. ValueError if the arguments
        contradict each other, OSError if the socket can't be bound or connected.

        library/asyncio-eventloop.html#asyncio.loop.create_datagram_endpoint
        """
        remote: Any = None
        if sock is not None:
            if sock.type == socket.SOCK_STREAM:  # rule: create-datagram-endpoint.sock.stream
                raise ValueError(f"a datagram socket was expected, not {sock!r}")
            # rule: create-datagram-endpoint.sock.alone.refused
            if local_addr or remote_addr or family or proto or flags or reuse_port or allow_broadcast:
                raise ValueError("sock is made already: nothing that says how to make it can go with it")
            sock.setblocking(False)
        else:
            endpoints = await self._endpoints(local_addr, remote_addr, family, proto, flags)
            sock, remote = await self._make_socket(endpoints, bool(reuse_port), bool(allow_broadcast))
        try:
            # rule: create-datagram-endpoint.protocol-factory, create-datagram-endpoint.protocol-factory.raises
            protocol = protocol_factory()
        except BaseException:
            sock.close()
            raise
        ready = self.create_future()
        # rule: create-datagram-endpoint.sock.ownership
        transport = DatagramTransport(self, sock, protocol, ready, remote)
        await completed(ready, transport)  # rule: create-datagram-endpoint.connected-before-it-returns
        return transport, protocol  # rule: create-datagram-endpoint.returns

    async def _endpoints(self, local: Any, remote: Any, family: int, proto: int, flags: int) -> list[Endpoint]:
        """Return every way to make a socket between these two addresses."""
        if family == socket.AF_UNIX:
            # rule: create-datagram-endpoint.family.unix, create-datagram-endpoint.family.unix.paths
            here, there = (None if path is None else os.fspath(path) for path in (local, remote))
            return [(family, proto, here, there)]
        if not local and not remote:
            if family == socket.AF_UNSPEC:  # rule: create-datagram-endpoint.addresses.required
                raise ValueError("an address or a family must be given")
            return [(family, proto, None, None)]
        found: list[dict[tuple[int, int], Any]] = []
        for address in (local, remote):
            resolved: dict[tuple[int, int], Any] = {}
            if address:
                # rule: create-datagram-endpoint.addresses.type-error
                if not isinstance(address, tuple) or len(address) < 2:
                    raise TypeError(f"an address is a tuple of host and port, not {address!r}")
                # rule: create-datagram-endpoint.family, create-datagram-endpoint.flags, create-datagram-endpoint.proto
                hints = {"family": family, "type": socket.SOCK_DGRAM, "proto": proto, "flags": flags}
                # rule: create-datagram-endpoint.family.of-host, create-datagram-endpoint.local-addr.looked-up
                # rule: create-datagram-endpoint.remote-addr.looked-up
                for its_family, _, its_proto, _, its_address in await resolve(self, address, **hints):
                    resolved.setdefault((its_family, its_proto), its_address)
            found.append(resolved)
        mine, theirs = found
        kinds = [kind for kind in mine | theirs if (kind in mine or not local) and (kind in theirs or not remote)]
        if not kinds:  # rule: create-datagram-endpoint.addresses.families
            raise ValueError("the two addresses have no family in common")
        return [(*kind, mine.get(kind), theirs.get(kind)) for kind in kinds]

    async def _make_socket(
        self, endpoints: list[Endpoint], reuse_port: bool, allow_broadcast: bool
    ) -> tuple[socket.socket, Any]:
        errors: list[OSError] = []
        for family, proto, local, remote in endpoints:
            # rule: create-datagram-endpoint.type, create-datagram-endpoint.reuse-address.unset
            sock = socket.socket(family, socket.SOCK_DGRAM, proto)
            try:
                sock.setblocking(False)
                if reuse_port:
                    set_reuse_port(sock)  # rule: create-datagram-endpoint.reuse-port
                if allow_broadcast:  # rule: create-datagram-endpoint.allow-broadcast.unset
                    # rule: create-datagram-endpoint.allow-broadcast
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                if local:
                    if family == socket.AF_UNIX:
                        remove_stale_socket(local)
                    sock.bind(local)  # rule: create-datagram-endpoint.local-addr
                # rule: create-datagram-endpoint.remote-addr, create-datagram-endpoint.allow-broadcast.answers
                if remote and not allow_broadcast:  # a connected socket hears from nobody but its peer
                    await self.sock_connect(sock, remote)
                return sock, remote
            except OSError as error:
                sock.close()
                errors.append(error)
            except BaseException:
                sock.close()
                raise
        raise errors[0]


def set_reuse_port(sock: socket.socket) -> None:
    """Let other sockets be bound to the same port. ValueError if the system can't do that."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except (AttributeError, OSError) as error:  # Python doesn't know the option, or the kernel doesn't
        raise ValueError(f"reuse_port is not supported on this system: {error}") from error
