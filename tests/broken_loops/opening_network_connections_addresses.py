"""Broken loops for the chapter "Opening network connections": which address create_connection() connects to.

TABLE says which case catches which.
"""

import errno
import socket

from broken import Broken

from refloop import ReferenceLoop as Base


class DropsTheHints(Base):
    """Looks a host up without family, protocol and flags."""

    async def create_connection(self, *args, family=0, proto=0, flags=0, **kwargs):
        return await super().create_connection(*args, **kwargs)


class PortsAreNumbers(Base):
    async def create_connection(self, protocol_factory, host=None, port=None, **kwargs):
        if not isinstance(port, int):
            raise TypeError("port must be an integer")
        return await super().create_connection(protocol_factory, host, port, **kwargs)


class AsksTheSystem(Base):
    """Looks hosts up itself, and not by getaddrinfo()."""

    async def create_connection(self, protocol_factory, host=None, port=None, *, flags=0, **kwargs):
        if not host:
            return await super().create_connection(protocol_factory, host, port, flags=flags, **kwargs)
        found = await self.run_in_executor(
            None, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
        )
        return await super().create_connection(protocol_factory, *found[0][4][:2], **kwargs)


class DropsLocalAddr(Base):
    async def create_connection(self, *args, local_addr=None, **kwargs):
        return await super().create_connection(*args, **kwargs)


class BindsToAnyPort(Base):
    async def create_connection(self, *args, local_addr=None, **kwargs):
        local_addr = local_addr and (local_addr[0], 0)
        return await super().create_connection(*args, local_addr=local_addr, **kwargs)


class BindsIfItCan(Base):
    async def create_connection(self, *args, local_addr=None, **kwargs):
        try:
            return await super().create_connection(*args, local_addr=local_addr, **kwargs)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return await super().create_connection(*args, **kwargs)


class ErrorsOfItsOwn(Base):
    """Says in words why it could not bind, and leaves out the number."""

    async def create_connection(self, *args, local_addr=None, **kwargs):
        try:
            return await super().create_connection(*args, local_addr=local_addr, **kwargs)
        except OSError as error:
            raise OSError(str(error)) if local_addr else error from None


class BindsToNumbersOnly(Base):
    async def create_connection(self, *args, local_addr=None, **kwargs):
        if local_addr:
            socket.inet_pton(socket.AF_INET6 if ":" in local_addr[0] else socket.AF_INET, local_addr[0])
        return await super().create_connection(*args, local_addr=local_addr, **kwargs)


class Choosing(Base):
    """A loop that tries the addresses which `chosen` makes of those that were found."""

    def chosen(self, addresses):
        return addresses

    async def _connect(self, addresses, local, delay, all_errors):
        return await super()._connect(self.chosen(addresses), local, delay, all_errors)


class FirstOnly(Choosing):
    def chosen(self, addresses):
        return addresses[:1]


class LastFirst(Choosing):
    def chosen(self, addresses):
        return addresses[::-1]


class WrapsErrors(Base):
    async def create_connection(self, *args, **kwargs):
        try:
            return await super().create_connection(*args, **kwargs)
        except OSError as error:
            raise OSError("the connection could not be created") from error


class JoinsAllErrors(Base):
    """Joins messages even if they are the same."""

    async def _connect(self, addresses, local, delay, all_errors):
        try:
            return await super()._connect(addresses, local, delay, True)
        except Exception as group:
            raise OSError(", ".join(map(str, group.exceptions))) from None


class LastErrorOnly(Base):
    async def _connect(self, addresses, local, delay, all_errors):
        try:
            return await super()._connect(addresses, local, delay, True)
        except Exception as group:
            raise group.exceptions[-1] from None


class NoGroupOfOne(Base):
    async def _connect(self, addresses, local, delay, all_errors):
        return await super()._connect(addresses, local, delay, all_errors and len(addresses) > 1)


class RaisesWhatItHasCollected(Base):
    """An error on the way is one, even if another address accepts."""

    async def _connect(self, addresses, local, delay, all_errors):
        self._collected = []
        sock = await super()._connect(addresses, local, delay, all_errors)
        if all_errors and self._collected:
            sock.close()
            raise self._collected[0]
        return sock

    async def _connect_to(self, info, local):
        try:
            return await super()._connect_to(info, local)
        except OSError as error:
            self._collected.append(error)
            raise


TABLE: dict[str, list[Broken]] = {
    "create-connection.family/of-a-host-that-has-both": [Broken("DropsTheHints")],
    "create-connection.family/that-the-host-does-not-have": [Broken("DropsTheHints")],
    "create-connection.proto/tcp-and-one-that-no-stream-has": [Broken("DropsTheHints")],
    "create-connection.flags/numeric-hosts-only": [Broken("DropsTheHints")],
    "create-connection.port-text/as-it-was-read-from-a-configuration": [Broken("PortsAreNumbers")],
    "create-connection.resolver/as-the-program-has-replaced-it": [Broken("AsksTheSystem")],
    "create-connection.local-addr.in-use/by-its-number": [Broken("ErrorsOfItsOwn")],
    "create-connection.local-addr.binds/another-address-of-this-machine": [Broken("DropsLocalAddr")],
    "create-connection.local-addr.binds/a-certain-port": [Broken("BindsToAnyPort")],
    "create-connection.local-addr.binds/that-another-socket-has": [Broken("BindsIfItCan"), Broken("DropsLocalAddr")],
    "create-connection.local-addr.lookup/localhost": [Broken("BindsToNumbersOnly")],
    "create-connection.local-addr.lookup/for-the-addresses-of-its-own-family": [Broken("FirstOnly")],
    "create-connection.in-turn/the-first-that-accepts": [Broken("FirstOnly"), Broken("LastFirst")],
    "create-connection.errors.only-one/refused": [Broken("WrapsErrors")],
    "create-connection.errors.same-message/for-one-address-found-twice": [Broken("JoinsAllErrors")],
    "create-connection.errors.combined/one-after-the-other-and-in-a-race": [Broken("LastErrorOnly")],
    "create-connection.errors.all/of-two-and-of-one": [Broken("NoGroupOfOne")],
    "create-connection.errors.all/nothing-if-one-address-accepts": [Broken("RaisesWhatItHasCollected")],
}
