"""Broken loops for the chapter "DNS", each with one mistake.

TABLE says which case catches which.
"""

import ipaddress
import socket

from broken import Broken

from refloop import ReferenceLoop as Base


class TakesAddressesApart(Base):
    """Looks up nothing that looks like an address, and knows the common ones."""

    async def getaddrinfo(self, host, port, *, family=0, type=0, proto=0, flags=0):
        try:
            parsed = ipaddress.ip_address(host)
        except ValueError:
            return await super().getaddrinfo(host, port, family=family, type=type, proto=proto, flags=flags)
        number = int(port or 0)
        where = (str(parsed), number) if parsed.version == 4 else (str(parsed), number, 0, 0)
        kind = type or socket.SOCK_STREAM
        return [(socket.AF_INET if parsed.version == 4 else socket.AF_INET6, kind, proto, "", where)]


class WantsText(Base):
    async def getaddrinfo(self, host, port, **hints):
        if isinstance(host, bytes) or isinstance(port, bytes):
            raise TypeError("text, a number or None")
        return await super().getaddrinfo(host, port, **hints)


class AddressesOnly(Base):
    async def getaddrinfo(self, host, port, **hints):
        found = await super().getaddrinfo(host, port, **hints)
        return [info[4] for info in found]


class DropsHints(Base):
    async def getaddrinfo(self, host, port, *, family=0, type=0, proto=0, flags=0):
        return await super().getaddrinfo(host, port)


class DropsFlags(Base):
    async def getaddrinfo(self, host, port, *, flags=0, **hints):
        return await super().getaddrinfo(host, port, **hints)


class PlainErrors(Base):
    """Has errors of its own."""

    async def getaddrinfo(self, host, port, **hints):
        try:
            return await super().getaddrinfo(host, port, **hints)
        except socket.gaierror as error:
            raise OSError("host not found") from error


class ResolvesInTheLoop(Base):
    async def getaddrinfo(self, host, port, *, family=0, type=0, proto=0, flags=0):
        return socket.getaddrinfo(host, port, family, type, proto, flags)

    async def getnameinfo(self, sockaddr, flags=0):
        return socket.getnameinfo(sockaddr, flags)


class NoFlags(Base):
    async def getnameinfo(self, sockaddr, flags=0):
        return await super().getnameinfo(sockaddr, 0)


class WantsFlags(Base):
    async def getnameinfo(self, sockaddr, flags):
        return await super().getnameinfo(sockaddr, flags)


class FlagsByPosition(Base):
    async def getnameinfo(self, sockaddr, flags=0, /):
        return await super().getnameinfo(sockaddr, flags)


class LooksNamesUp(Base):
    async def getnameinfo(self, sockaddr, flags=0):
        found = await self.getaddrinfo(*sockaddr[:2], type=socket.SOCK_STREAM)
        return await super().getnameinfo(found[0][4], flags)


class Futures(Base):
    def getaddrinfo(self, host, port, **hints):
        return self.create_task(super().getaddrinfo(host, port, **hints))

    def getnameinfo(self, sockaddr, flags=0):
        return self.create_task(super().getnameinfo(sockaddr, flags))


TABLE: dict[str, list[Broken]] = {
    "getaddrinfo.results/for-hosts-of-every-kind": [Broken("TakesAddressesApart"), Broken("AddressesOnly")],
    "getaddrinfo.results/for-ports-of-every-kind": [Broken("TakesAddressesApart")],
    "getaddrinfo.results/that-is-a-list-of-tuples-of-five": [Broken("AddressesOnly")],
    "getaddrinfo.bytes/for-the-host-and-for-the-port": [Broken("WantsText"), Broken("TakesAddressesApart")],
    "getaddrinfo.arguments/each-of-them": [Broken("DropsHints"), Broken("DropsFlags"), Broken("TakesAddressesApart")],
    "getaddrinfo.errors/with-its-number": [Broken("PlainErrors"), Broken("DropsFlags")],
    "getaddrinfo.asynchronous/others-run-while-it-waits": [Broken("ResolvesInTheLoop")],
    "getnameinfo.results/for-addresses-of-both-families": [Broken("NoFlags")],
    "getnameinfo.results/without-flags": [Broken("WantsFlags")],
    "getnameinfo.results/flags-by-their-name": [Broken("FlagsByPosition")],
    "getnameinfo.errors/for-what-is-no-address": [Broken("LooksNamesUp")],
    "getnameinfo.asynchronous/others-run-while-it-waits": [Broken("ResolvesInTheLoop")],
    "dns.coroutines/of-which-a-task-can-be-made": [Broken("Futures")],
    "dns.executor.default/that-was-set": [Broken("ResolvesInTheLoop")],
}
