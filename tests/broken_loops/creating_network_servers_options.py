"""Broken loops for the chapter "Creating network servers: their socket and its options", each with one mistake.

TABLE says which case catches which.
"""

import socket

from broken import Broken
from creating_network_servers import Changing
from servers import loop_with

from refloop import ReferenceLoop as Base
from refloop.server_objects import Server


class Dropping(Changing):
    """A loop that does not pass on the options named in `dropped`."""

    dropped: tuple[str, ...] = ()

    def change(self, factory, host, port, options):
        for name in self.dropped:
            options.pop(name, None)
        return factory, host, port


class BindsAgain(Base):
    async def create_server(self, *args, sock=None, **options):
        if sock is not None:
            sock.bind(sock.getsockname())
        return await super().create_server(*args, sock=sock, **options)


class MissesWhatWaited(Base):
    """Is told of new clients only: those that are in the queue already are lost."""

    async def create_server(self, *args, sock=None, **options):
        if sock is not None:
            sock.setblocking(False)
            try:
                while True:
                    sock.accept()[0].close()
            except OSError:
                pass
        return await super().create_server(*args, sock=sock, **options)


class TCPOnly(Changing):
    def change(self, factory, host, port, options):
        sock = options.get("sock")
        if sock is not None and sock.family == socket.AF_UNIX:
            raise ValueError("an Internet socket was expected")
        return factory, host, port


class PrefersTheSocket(Changing):
    def change(self, factory, host, port, options):
        return (factory, None, None) if options.get("sock") is not None else (factory, host, port)


class RaisesTypeErrors(Base):
    async def create_server(self, *args, **options):
        try:
            return await super().create_server(*args, **options)
        except ValueError as error:
            raise TypeError(str(error)) from None


class WorksOnACopy(Base):
    async def create_server(self, *args, sock=None, **options):
        self._given = sock
        return await super().create_server(*args, sock=sock.dup(), **options)


class IgnoresBacklog(Dropping):
    dropped = ("backlog",)


class ShortQueue(Changing):
    """Takes the number that the system's own examples have."""

    def change(self, factory, host, port, options):
        options.setdefault("backlog", 5)
        return factory, host, port


class SpeaksPlainly(Dropping):
    dropped = ("ssl",)


class TakesAnything(Changing):
    """Forgives what makes no sense."""

    def change(self, factory, host, port, options):
        if options.get("ssl") in (None, True):
            for name in ("ssl", "ssl_handshake_timeout", "ssl_shutdown_timeout"):
                options.pop(name, None)
        return factory, host, port


class DropsTimeouts(Dropping):
    dropped = ("ssl_handshake_timeout", "ssl_shutdown_timeout")


class NeverReusesAddresses(Changing):
    def change(self, factory, host, port, options):
        options["reuse_address"] = False
        return factory, host, port


class IgnoresReuseAddress(Dropping):
    dropped = ("reuse_address",)


class IgnoresReusePort(Dropping):
    dropped = ("reuse_port",)


class AlwaysReusesPorts(Changing):
    def change(self, factory, host, port, options):
        options["reuse_port"] = True
        return factory, host, port


class IgnoresKeepAlive(Dropping):
    dropped = ("keep_alive",)


class Delaying(Server):
    def _accepted(self, connection):
        super()._accepted(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)


LeavesNagleOn = loop_with(Delaying)


class LookingAtTheNumber(Server):
    def _accepted(self, connection):
        super()._accepted(connection)
        if connection.proto != socket.IPPROTO_TCP:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)


LooksAtTheProtocolNumber = loop_with(LookingAtTheNumber)


class Surrendering(Server):
    def _recover(self, sock, error):
        self._loop.remove_reader(sock.fileno())


SurrendersToEMFILE = loop_with(Surrendering)


class Impatient(Server):
    """Reports that it could not accept, and goes on watching."""

    def _recover(self, sock, error):
        self._loop.call_exception_handler({"message": "accept() failed", "exception": error})


TriesAgainAtOnce = loop_with(Impatient)


class ListensAnywhere(Base):
    async def create_server(self, factory, host=None, port=None, *, sock=None, **options):
        if sock is None and host is None and port is None:
            port = 0
        return await super().create_server(factory, host, port, sock=sock, **options)


TABLE: dict[str, list[Broken]] = {
    "create-server.sock/bound-or-listening-or-blocking": [Broken("BindsAgain")],
    "create-server.sock/clients-that-waited-in-its-queue": [Broken("MissesWhatWaited")],
    "create-server.sock.unix/by-programs-that-take-any-socket": [Broken("TCPOnly")],
    "create-server.sock.alone/refused": [Broken("PrefersTheSocket")],
    "create-server.sock.alone.value-error/by-its-name": [Broken("RaisesTypeErrors")],
    "create-server.sock.ownership/closed-by-the-server": [Broken("WorksOnACopy")],
    "create-server.backlog/passed-to-listen": [Broken("IgnoresBacklog"), Broken("ShortQueue")],
    "create-server.ssl/with-a-client-that-insists": [Broken("SpeaksPlainly")],
    "create-server.ssl.arguments/refused": [Broken("TakesAnything")],
    "create-server.ssl.arguments/shutdown-timeout-alone": [Broken("TakesAnything")],
    "create-server.ssl-handshake-timeout/a-client-that-is-silent": [Broken("DropsTimeouts")],
    "create-server.ssl-shutdown-timeout/a-client-that-does-not-answer": [Broken("DropsTimeouts")],
    "create-server.reuse-address/a-server-that-is-started-again": [
        Broken("NeverReusesAddresses"),
        Broken("IgnoresReuseAddress"),
    ],
    "create-server.reuse-port/if-all-of-them-set-it": [Broken("IgnoresReusePort"), Broken("AlwaysReusesPorts")],
    "create-server.keep-alive/on-accepted-connections": [Broken("IgnoresKeepAlive")],
    "create-server.tcp-nodelay/on-accepted-connections": [Broken("LeavesNagleOn")],
    "create-server.tcp-nodelay/of-a-socket-that-is-given": [Broken("LooksAtTheProtocolNumber")],
    "create-server.out-of-descriptors/after-the-rush": [Broken("SurrendersToEMFILE")],
    "create-server.out-of-descriptors.pause/not-in-each-turn": [Broken("TriesAgainAtOnce")],
    "create-server.sock.or-address/nothing-is-given": [Broken("ListensAnywhere")],
}
