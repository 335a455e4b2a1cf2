"""Broken loops for create_datagram_endpoint(): what it makes, of which family, and where it is bound and connected.

TABLE says which case catches which.
"""

import asyncio
import socket
from pathlib import Path

from broken import Broken

from refloop import ReferenceLoop as Base


class Arguments(Base):
    """A loop that changes the arguments of create_datagram_endpoint()."""

    async def create_datagram_endpoint(self, protocol_factory, local_addr=None, remote_addr=None, **options):
        factory, local, remote, options = self.changed(protocol_factory, local_addr, remote_addr, options)
        return await super().create_datagram_endpoint(factory, local, remote, **options)

    def changed(self, factory, local, remote, options):
        return factory, local, remote, options


class ProtocolFirst(Base):
    async def create_datagram_endpoint(self, *args, **options):
        return (await super().create_datagram_endpoint(*args, **options))[::-1]


class Futures(Base):
    def create_datagram_endpoint(self, *args, **options):
        return self.create_task(super().create_datagram_endpoint(*args, **options))


class CallsTheFactoryForEachAddress(Arguments):
    def changed(self, factory, local, remote, options):
        factory()
        return factory, local, remote, options


class LooksForABaseClass(Arguments):
    def changed(self, factory, local, remote, options):
        def checked():
            protocol = factory()
            if not isinstance(protocol, asyncio.BaseProtocol):
                raise TypeError("no protocol")
            return protocol

        return checked, local, remote, options


class Late:
    """Calls connection_made() a turn later."""

    def __init__(self, loop, protocol):
        self._loop, self._protocol = loop, protocol

    def connection_made(self, transport):
        self._loop.call_soon(self._loop.call_soon, self._protocol.connection_made, transport)

    def __getattr__(self, name):
        return getattr(self._protocol, name)


class ReturnsTooEarly(Base):
    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol = protocol_factory()
        transport, _ = await super().create_datagram_endpoint(lambda: Late(self, protocol), *args, **options)
        return transport, protocol


class Joins(Base):
    """Sends what was written in one turn as one message."""

    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)
        sendto, waiting = transport.sendto, []

        def joined(data, addr=None):
            waiting.append(data)
            if len(waiting) == 3:
                sendto(b"".join(waiting), addr)

        transport.sendto = joined
        return transport, protocol


class PrefersIPv6(Arguments):
    """Makes an IPv6 socket that serves both."""

    def changed(self, factory, local, remote, options):
        def mapped(address):
            return address and (f"::ffff:{address[0]}" if "." in address[0] else address[0], *address[1:])

        return factory, mapped(local), mapped(remote), options


class IPv4Only(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, local, remote, {"family": socket.AF_INET, **options}


class InsistsOnAnAddress(Arguments):
    def changed(self, factory, local, remote, options):
        if not (local or remote or options.get("sock")):
            raise ValueError("an address must be given")
        return factory, local, remote, options


class InsistsOnHostAndPort(Arguments):
    def changed(self, factory, local, remote, options):
        for address in (local, remote):
            if address and not isinstance(address, tuple):
                raise TypeError("an address is a tuple of host and port")
        return factory, local, remote, options


class Drops(Arguments):
    """Forgets one option."""

    option = ""

    def changed(self, factory, local, remote, options):
        options.pop(self.option, None)
        return factory, local, remote, options


class DropsFamily(Drops):
    option = "family"


class PrefersIPv6Names(Arguments):
    """Looks names up as those of IPv6, whatever the family."""

    def changed(self, factory, local, remote, options):
        if remote and remote[0] == "localhost":
            return factory, local, ("::1", remote[1]), {}
        return factory, local, remote, options


class DropsFlags(Drops):
    option = "flags"


class DropsProto(Drops):
    option = "proto"


class RefusesProto(Arguments):
    def changed(self, factory, local, remote, options):
        if options.get("proto"):
            raise ValueError("unknown protocol")
        return factory, local, remote, options


class DropsLocalAddress(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, None, remote, {"family": socket.AF_INET, **options} if not remote else options


class AnyPort(Arguments):
    """Takes another port rather than failing."""

    def changed(self, factory, local, remote, options):
        return factory, local and (local[0], 0), remote, options


class Everywhere(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, local and ("0.0.0.0", local[1]), remote, options


class NoNames(Arguments):
    def changed(self, factory, local, remote, options):
        for address in (local, remote):
            if address:
                socket.inet_pton(socket.AF_INET, address[0])
        return factory, local, remote, options


class PortsAreNumbers(Arguments):
    def changed(self, factory, local, remote, options):
        for address in (local, remote):
            if address and not isinstance(address[1], int):
                raise TypeError("a port is an int")
        return factory, local, remote, options


class OnlyRemembers(Base):
    """Does not connect the socket."""

    async def create_datagram_endpoint(self, protocol_factory, local_addr=None, remote_addr=None, **options):
        if remote_addr:
            options["family"] = socket.AF_INET
        transport, protocol = await super().create_datagram_endpoint(protocol_factory, local_addr, **options)
        sendto = transport.sendto
        transport.sendto = lambda data, addr=None: sendto(data, addr or remote_addr)
        return transport, protocol


class SendsToItself(Arguments):
    def changed(self, factory, local, remote, options):
        return factory, local, (local[0], remote[1]) if local and remote else remote, options


class KeepsStaleSockets(Arguments):
    def changed(self, factory, local, remote, options):
        if isinstance(local, str) and Path(local).exists():
            raise OSError(98, "address already in use")
        return factory, local, remote, options


class KeepsTheSocketOfNobody(Base):
    """Opens the endpoint before it has a protocol, and forgets to close it if there is none."""

    async def create_datagram_endpoint(self, factory, *args, **options):
        transport, _ = await super().create_datagram_endpoint(asyncio.DatagramProtocol, *args, **options)
        protocol = factory()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        return transport, protocol


class ReportsTheFactory(Base):
    """Leaves whoever awaits waiting."""

    async def create_datagram_endpoint(self, factory, *args, **options):
        try:
            return await super().create_datagram_endpoint(factory, *args, **options)
        except ZeroDivisionError as error:
            self.call_exception_handler({"message": "the factory failed", "exception": error})
            return await self.create_future()


ID = "create-datagram-endpoint."

TABLE: dict[str, list[Broken]] = {
    ID + "returns/both-can-be-used": [Broken("ProtocolFirst")],
    ID + "coroutine/of-which-a-task-can-be-made": [Broken("Futures")],
    ID + "protocol-factory/called-once-with-nothing": [Broken("CallsTheFactoryForEachAddress")],
    ID + "protocol-factory/of-any-class": [Broken("LooksForABaseClass")],
    ID + "connected-before-it-returns/with-the-same-transport": [Broken("ReturnsTooEarly")],
    ID + "type/keeps-the-bounds-of-messages": [Broken("Joins", hangs=True)],
    ID + "family.of-host/internet-protocol-4": [Broken("PrefersIPv6")],
    ID + "family.of-host/internet-protocol-6": [Broken("IPv4Only")],
    ID + "family/without-any-address": [Broken("InsistsOnAnAddress")],
    ID + "family/of-a-name": [Broken("PrefersIPv6Names", hangs=True)],
    ID + "family/that-the-address-has-not": [Broken("DropsFamily")],
    ID + "family.unix/without-any-address": [Broken("InsistsOnAnAddress")],
    ID + "family.unix.paths/a-client-connects-to-its-server": [Broken("InsistsOnHostAndPort")],
    ID + "family.unix.paths/a-server-is-bound-to-its-own": [Broken("InsistsOnHostAndPort")],
    ID + "family.unix.paths/in-place-of-a-stale-socket": [Broken("KeepsStaleSockets")],
    ID + "local-addr/datagrams-arrive-there": [Broken("AnyPort", hangs=True), Broken("DropsLocalAddress", hangs=True)],
    ID + "local-addr/datagrams-come-from-there": [Broken("DropsLocalAddress"), Broken("Everywhere")],
    ID + "local-addr/already-in-use": [Broken("AnyPort")],
    ID + "local-addr.looked-up/a-name-and-a-port-in-digits": [Broken("NoNames"), Broken("PortsAreNumbers")],
    ID + "remote-addr/nobody-else-is-heard": [Broken("OnlyRemembers")],
    ID + "remote-addr/together-with-local-addr": [Broken("SendsToItself", hangs=True)],
    ID + "remote-addr.looked-up/a-name-and-a-port-in-digits": [Broken("NoNames"), Broken("PortsAreNumbers")],
    ID + "flags/numeric-hosts-only": [Broken("DropsFlags")],
    ID + "proto/that-carries-datagrams": [Broken("RefusesProto")],
    ID + "proto/that-carries-none": [Broken("DropsProto")],
    ID + "protocol-factory.raises/and-no-socket-is-kept": [
        Broken("KeepsTheSocketOfNobody"),
        Broken("ReportsTheFactory"),
    ],
}
