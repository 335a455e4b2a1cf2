"""Broken loops for create_datagram_endpoint(): shared ports, broadcasts, and sockets that somebody else has made.

TABLE says which case catches which.
"""

import asyncio
import socket

from broken import Broken
from opening_network_connections_datagrams import Arguments, Drops

from refloop import ReferenceLoop as Base


class DropsReusePort(Drops):
    option = "reuse_port"


class AlwaysReusesPorts(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, local, remote, {**options, "reuse_port": True}


class DropsBroadcast(Drops):
    option = "allow_broadcast"


class AllowsEverybody(Base):
    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return transport, protocol


class ConnectsForBroadcasts(Base):
    async def create_datagram_endpoint(self, factory, local_addr=None, remote_addr=None, **options):
        if remote_addr:
            options.pop("allow_broadcast", None)
        return await super().create_datagram_endpoint(factory, local_addr, remote_addr, **options)


class KnowsPeersByName(Base):
    """Takes a nameless peer for none, as asyncio does."""

    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)
        sendto = transport.sendto

        def checked(data, addr=None):
            if not transport.get_extra_info("peername") and addr is None:
                raise TypeError("no address")
            sendto(data, addr)

        transport.sendto = checked
        return transport, protocol


class ConnectedOnly(Base):
    async def create_datagram_endpoint(self, *args, **options):
        if options.get("sock"):
            options["sock"].getpeername()
        return await super().create_datagram_endpoint(*args, **options)


class WorksOnACopy(Base):
    async def create_datagram_endpoint(self, *args, **options):
        if options.get("sock"):
            options["sock"] = options["sock"].dup()
        return await super().create_datagram_endpoint(*args, **options)


class IgnoresTheRest(Base):
    async def create_datagram_endpoint(self, factory, *args, **options):
        if options.get("sock"):
            return await super().create_datagram_endpoint(factory, sock=options["sock"])
        return await super().create_datagram_endpoint(factory, *args, **options)


class ClosesWhatItRefuses(Base):
    async def create_datagram_endpoint(self, *args, **options):
        try:
            return await super().create_datagram_endpoint(*args, **options)
        except ValueError:
            if options.get("sock"):
                options["sock"].close()
            raise


class ReusesAddresses(Base):
    """Still has the parameter that was removed, and what it was there for."""

    async def create_datagram_endpoint(self, factory, local_addr=None, *args, reuse_address=True, **options):
        if not local_addr or args or options.get("remote_addr"):
            return await super().create_datagram_endpoint(factory, local_addr, *args, **options)
        sock = socket.socket(type=socket.SOCK_DGRAM)
        if reuse_address:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(local_addr)
        except OSError:
            sock.close()
            raise
        return await super().create_datagram_endpoint(factory, sock=sock)


class TakesStreams(Base):
    """Does not look what kind of socket it gets."""

    async def create_datagram_endpoint(self, factory, *args, **options):
        sock = options.get("sock")
        if sock is not None and sock.type == socket.SOCK_STREAM:
            return await self.create_connection(asyncio.Protocol, sock=sock)
        return await super().create_datagram_endpoint(factory, *args, **options)


class ChoosesAFamily(Arguments):
    def changed(self, factory, local, remote, options):
        if not local and not remote and "sock" not in options:
            options = {"family": socket.AF_INET, **options}
        return factory, local, remote, options


class TakesWhatItUnpacks(Arguments):
    """An address is what has two items: a text has them, too, and the error for a number is left to chance."""

    def changed(self, factory, local, remote, options):
        for address in (local, remote):
            if address is not None and not isinstance(address, tuple):
                raise ValueError("no address")
        return factory, local, remote, options


class LetsTheLocalAddressGo(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, None if local and remote else local, remote, options


ID = "create-datagram-endpoint."

TABLE: dict[str, list[Broken]] = {
    ID + "reuse-port/two-at-one-port": [Broken("DropsReusePort")],
    ID + "reuse-port/only-if-all-have-it": [Broken("AlwaysReusesPorts")],
    ID + "allow-broadcast/to-all-of-the-loopback": [Broken("DropsBroadcast", hangs=True)],
    ID + "allow-broadcast/the-option-is-set": [Broken("DropsBroadcast")],
    ID + "allow-broadcast.unset/the-option-is-not-set": [Broken("AllowsEverybody")],
    ID + "allow-broadcast.answers/from-somebody-else": [Broken("ConnectsForBroadcasts", hangs=True)],
    ID + "sock/of-either-kind": [Broken("KnowsPeersByName")],
    ID + "sock.unconnected/a-server-with-options-of-its-own": [Broken("ConnectedOnly")],
    ID + "sock.ownership/closed-with-the-transport": [Broken("WorksOnACopy", hangs=True)],
    ID + "sock.alone.refused/rather-than-being-ignored": [Broken("IgnoresTheRest"), Broken("ClosesWhatItRefuses")],
    ID + "sock.stream/refused-at-once": [Broken("TakesStreams"), Broken("ClosesWhatItRefuses")],
    ID + "reuse-address.raises/rather-than-sharing-the-port": [Broken("ReusesAddresses")],
    ID + "reuse-address.removed/not-even-for-false": [Broken("ReusesAddresses")],
    ID + "reuse-address.unset/a-port-that-another-would-share": [Broken("ReusesAddresses")],
    ID + "addresses.required/nothing-is-given": [Broken("ChoosesAFamily")],
    ID + "addresses.type-error/neither-a-name-nor-a-number": [Broken("TakesWhatItUnpacks")],
    ID + "addresses.families/ipv4-and-ipv6": [Broken("LetsTheLocalAddressGo")],
}
