"""Broken loops for the chapter "Creating network servers: where they listen, and for whom", each with one mistake.

TABLE says which case catches which.
"""

import inspect
import socket
import weakref

from broken import Broken
from servers import loop_with

from refloop import ReferenceLoop as Base
from refloop.server_objects import Server


class Changing(Base):
    """A loop that makes a server of other arguments than it was given, as `change` has it."""

    async def create_server(self, protocol_factory, host=None, port=None, **options):
        return await super().create_server(*self.change(protocol_factory, host, port, options), **options)

    def change(self, factory, host, port, options):
        return factory, host, port


class Forgetful(Server):
    def _accepted(self, connection):
        self.kept = connection


ForgetsWhatItAccepts = loop_with(Forgetful)


class AddressesOnly(Server):
    @property
    def sockets(self):
        return [sock.getsockname() for sock in self._sockets]


TellsAddresses = loop_with(AddressesOnly)


class Bare:
    """Nearly nothing of a server."""

    def __init__(self, server):
        self.sockets = server.sockets
        self.close = server.close
        self.wait_closed = server.wait_closed


class ReturnsItsOwn(Base):
    async def create_server(self, *args, **options):
        return Bare(await super().create_server(*args, **options))


class FunctionsOnly(Changing):
    def change(self, factory, host, port, options):
        if not inspect.isfunction(factory):
            raise TypeError("protocol_factory must be a function")
        return factory, host, port


class OneProtocolForAll(Changing):
    def change(self, factory, host, port, options):
        protocols = []

        def first():
            protocols[:] = protocols or [factory()]
            return protocols[0]

        return first, host, port


class MakesProtocolsAhead(Changing):
    def change(self, factory, host, port, options):
        spare = [factory()]
        return (lambda: spare.pop() if spare else factory()), host, port


class GivesUp(Server):
    """Stops when the factory raises."""

    def _accepted(self, connection):
        try:
            made = self._protocol_factory()
        except Exception:
            connection.close()
            self.close()
            raise
        factory, self._protocol_factory = self._protocol_factory, lambda: made
        super()._accepted(connection)
        self._protocol_factory = factory


GivesUpWithTheFactory = loop_with(GivesUp)


class KeepsErrorsToItself(Server):
    """Goes on after each error, and reports none."""

    def _recover(self, sock, error):
        self._loop.remove_reader(sock.fileno())
        self._loop.call_later(1, self._watch, sock)

    def _accepted(self, connection):
        try:
            self._protocol_factory()
        except Exception:
            connection.close()
        else:
            super()._accepted(connection)


ReportsNothing = loop_with(KeepsErrorsToItself)


class Everywhere(Changing):
    def change(self, factory, host, port, options):
        return factory, "0.0.0.0", port


class IPv4Only(Changing):
    def change(self, factory, host, port, options):
        options["family"] = socket.AF_INET
        return factory, host, port


class FirstHostOnly(Changing):
    def change(self, factory, host, port, options):
        return factory, host if host is None or isinstance(host, str) else host[0], port


class HostByHost(Base):
    """Binds to each name by itself, and forgets what it has if the next one fails."""

    same_port = False

    async def create_server(self, protocol_factory, host=None, port=None, **options):
        hosts = [host] if host is None or isinstance(host, str) else host
        servers = []
        for each in hosts:
            servers.append(await super().create_server(protocol_factory, each, port, **options))
            if self.same_port:
                port = servers[0].sockets[0].getsockname()[1]
        first, *others = servers
        for other in others:
            first._sockets += other._sockets
        return first


class OnePortForAll(HostByHost):
    same_port = True


class NoneIsLocalhost(Changing):
    def change(self, factory, host, port, options):
        return factory, host if "sock" in options else host or "127.0.0.1", port


class DualStack(Base):
    """Lets the IPv6 socket take IPv4, too, and then wants a socket for that."""

    async def create_server(self, protocol_factory, host=None, port=None, **options):
        if not host:
            with socket.socket(socket.AF_INET6) as both:
                both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                both.bind(("::", port))
                both.listen()
                host = "0.0.0.0"
                return await super().create_server(protocol_factory, host, port, **options)
        return await super().create_server(protocol_factory, host, port, **options)


class OwnPort(Changing):
    def change(self, factory, host, port, options):
        return factory, host, 0


class PortRequired(Changing):
    def change(self, factory, host, port, options):
        if port is None and "sock" not in options:
            raise TypeError("an integer is required")
        return factory, host, port


class ErrorsOfItsOwn(Base):
    async def create_server(self, *args, **options):
        try:
            return await super().create_server(*args, **options)
        except OSError as error:
            raise OSError(str(error)) from None


class IgnoresFamily(Changing):
    def change(self, factory, host, port, options):
        options.pop("family", None)
        return factory, host, port


class IgnoresFlags(Changing):
    def change(self, factory, host, port, options):
        options.pop("flags", None)
        return factory, host, port


class StartsWhenToldOnly(Changing):
    def change(self, factory, host, port, options):
        options["start_serving"] = False
        return factory, host, port


class HeldByNobody(Server):
    """Is watched by a callback that does not keep it."""

    def _watch(self, sock):
        method = weakref.WeakMethod(self._acceptable)
        self._loop.add_reader(sock.fileno(), lambda: (method() or bool)(sock))


HoldsServersWeakly = loop_with(HeldByNobody)


class StartsAtOnce(Changing):
    def change(self, factory, host, port, options):
        options["start_serving"] = True
        return factory, host, port


class ListensNowhere(Base):
    """Passes over what it cannot bind, be it all."""

    async def create_server(self, factory, host=None, *args, **options):
        try:
            return await super().create_server(factory, host, *args, **options)
        except OSError:
            return Server(self, [], factory, None, 100, None)


class MakesAllSocketsFirst(Base):
    """Needs a socket for each address that was found."""

    async def create_server(self, factory, host=None, port=None, *, flags=socket.AI_PASSIVE, **options):
        if isinstance(host, str) and host:
            for family, kind, proto, _, _ in await self.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags):
                socket.socket(family, kind, proto).close()
        return await super().create_server(factory, host, port, flags=flags, **options)


TABLE: dict[str, list[Broken]] = {
    "create-server.tcp/serves-a-client": [Broken("ForgetsWhatItAccepts")],
    "create-server.tcp/by-stream-sockets": [Broken("TellsAddresses")],
    "create-server.returns-a-server/with-every-documented-name": [Broken("ReturnsItsOwn")],
    "create-server.protocol-factory/any-callable": [Broken("FunctionsOnly")],
    "create-server.protocol-factory/a-protocol-for-each-connection": [Broken("OneProtocolForAll")],
    "create-server.protocol-factory/not-before-there-is-a-connection": [Broken("MakesProtocolsAhead")],
    "create-server.protocol-factory.raises/the-next-client-is-served": [Broken("GivesUpWithTheFactory")],
    "create-server.protocol-factory.raises.reported/with-the-exception": [Broken("ReportsNothing")],
    "create-server.out-of-descriptors.reported/with-the-error": [Broken("ReportsNothing")],
    "create-server.host.string/and-to-no-other": [Broken("Everywhere")],
    "create-server.host.string/ipv6": [Broken("IPv4Only")],
    "create-server.host.sequence/all-of-them": [Broken("FirstHostOnly")],
    "create-server.host.sequence/of-both-families": [Broken("IPv4Only")],
    "create-server.host.sequence/none-is-left-listening-if-one-fails": [Broken("HostByHost")],
    "create-server.host.sequence.twice/one-socket": [Broken("HostByHost")],
    "create-server.host.all/every-ipv4-interface": [Broken("NoneIsLocalhost")],
    "create-server.host.all/both-families": [Broken("IPv4Only")],
    "create-server.host.all/both-families-on-one-port": [Broken("DualStack")],
    "create-server.port/the-one-that-was-free": [Broken("OwnPort")],
    "create-server.port.random/unused": [Broken("PortRequired")],
    "create-server.port.random.for-each-interface/not-the-first-one-again": [Broken("OnePortForAll")],
    "create-server.address-in-use/by-its-number": [Broken("ErrorsOfItsOwn")],
    "create-server.family/ipv4-only": [Broken("IgnoresFamily")],
    "create-server.family/ipv6-only": [Broken("IPv4Only"), Broken("IgnoresFamily")],
    "create-server.family.default/of-an-address": [Broken("IPv4Only")],
    "create-server.flags/numeric-hosts-only": [Broken("IgnoresFlags")],
    "create-server.start-serving/by-default-and-if-true": [Broken("StartsWhenToldOnly")],
    "create-server.start-serving.unreferenced/although-nobody-keeps-the-server": [Broken("HoldsServersWeakly")],
    "create-server.start-serving.false/nobody-is-accepted-before": [Broken("StartsAtOnce")],
    "create-server.address-not-available/of-another-machine": [Broken("ListensNowhere")],
    "create-server.address-not-available.some/of-another-machine": [Broken("HostByHost", since="3.13")],
    "create-server.address-not-available.some/of-a-family-that-the-kernel-does-not-know": [
        Broken("MakesAllSocketsFirst")
    ],
}
