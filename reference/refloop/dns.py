"""DNS.

library/asyncio-eventloop.html#dns

The C library's resolver blocks, so that a thread has to wait for it. What is no name needs no resolver.
"""

import asyncio
import socket
from typing import Any, TypeAlias

from refloop.chapter import Chapter

# What getaddrinfo() returns for each address: family, type, protocol, canonical name, address.
AddressInfo: TypeAlias = tuple[int, int, int, str, Any]


class DNS(Chapter):
    """getaddrinfo() and getnameinfo()."""

    async def getaddrinfo(  # rule: getaddrinfo.arguments
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Do what socket.getaddrinfo() does, in the default executor.

        library/asyncio-eventloop.html#asyncio.loop.getaddrinfo
        """
        # rule: getaddrinfo.results, getaddrinfo.errors, getaddrinfo.asynchronous, dns.executor.default
        # rule: getaddrinfo.bytes
        return await self.run_in_executor(None, socket.getaddrinfo, host, port, family, type, proto, flags)

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> tuple[str, str]:  # rule: dns.coroutines
        """Do what socket.getnameinfo() does, in the default executor.

        library/asyncio-eventloop.html#asyncio.loop.getnameinfo
        """
        # rule: getnameinfo.results, getnameinfo.errors, getnameinfo.asynchronous
        return await self.run_in_executor(None, socket.getnameinfo, sockaddr, flags)


async def resolve(
    loop: asyncio.AbstractEventLoop,
    address: tuple[Any, ...],
    *,
    family: int = 0,
    type: int = 0,
    proto: int = 0,
    flags: int = 0,
) -> list[AddressInfo]:
    """Return the addresses that *address*, (host, port) or an address of IPv6, stands for; at least one.

    Only names are looked up; OSError if there is no such name.
    """
    host, port, *rest = address
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    try:
        # rule: create-connection.port-text
        found: list[Any] = socket.getaddrinfo(host, port, family, type, proto, flags | numeric)
    except socket.gaierror:
        # rule: create-connection.resolver
        found = await loop.getaddrinfo(host, port, family=family, type=type, proto=proto, flags=flags)
    if not found:
        raise OSError(f"getaddrinfo({host!r}) found no address")
    if rest:  # flow information and scope of IPv6, which getaddrinfo() knows nothing of
        found = [(*info, (*sockaddr[:2], *rest)) for *info, sockaddr in found]
    return found
