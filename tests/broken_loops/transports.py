"""Broken loops for the first part of the chapter "Base transport", each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import socket

from broken import Broken, transports

from refloop import ReferenceLoop


class OneProtocolForAll(ReferenceLoop):
    made = None

    async def create_connection(self, protocol_factory, *args, **kwargs):
        self.made = self.made or protocol_factory()
        return await super().create_connection(lambda: self.made, *args, **kwargs)


class Proxy:
    """Does what a transport does, and is none."""

    def __init__(self, transport):
        self._transport = transport

    def __getattr__(self, name):
        return getattr(self._transport, name)


class OfItsOwnClasses(ReferenceLoop):
    """Its transports have every method, and none of the documented classes."""

    def _proxied(self, protocol_factory):
        def factory():
            protocol = protocol_factory()
            made = protocol.connection_made
            protocol.connection_made = lambda transport: made(Proxy(transport))
            return protocol

        return factory

    async def create_connection(self, protocol_factory, *args, **kwargs):
        transport, protocol = await super().create_connection(protocol_factory, *args, **kwargs)
        return Proxy(transport), protocol

    async def create_unix_connection(self, protocol_factory, *args, **kwargs):
        transport, protocol = await super().create_unix_connection(protocol_factory, *args, **kwargs)
        return Proxy(transport), protocol

    async def create_server(self, protocol_factory, *args, **kwargs):
        return await super().create_server(self._proxied(protocol_factory), *args, **kwargs)

    async def connect_read_pipe(self, protocol_factory, pipe):
        transport, protocol = await super().connect_read_pipe(protocol_factory, pipe)
        return Proxy(transport), protocol

    async def connect_write_pipe(self, protocol_factory, pipe):
        transport, protocol = await super().connect_write_pipe(protocol_factory, pipe)
        return Proxy(transport), protocol


@transports
class OwnAddressAsPeer:
    def get_extra_info(self, name, default=None):
        return super().get_extra_info("sockname" if name == "peername" else name, default)


@transports
class PeerAsOwnAddress:
    def get_extra_info(self, name, default=None):
        return super().get_extra_info("peername" if name == "sockname" else name, default)


@transports
class AddressesOfTwoParts:
    def get_extra_info(self, name, default=None):
        info = super().get_extra_info(name, default)
        return info[:2] if isinstance(info, tuple) else info


@transports
class AsksTheSocket:
    def get_extra_info(self, name, default=None):
        return self._channel.getpeername() if name == "peername" else super().get_extra_info(name, default)


@transports
class AsksTheSocketLate:
    def get_extra_info(self, name, default=None):
        if name == "peername":
            with contextlib.suppress(OSError):
                return self._channel.getpeername()
            return None
        return super().get_extra_info(name, default)


@transports
class AnotherSocket:
    """What it knows as `socket` is not the connection's."""

    def get_extra_info(self, name, default=None):
        if name != "socket":
            return super().get_extra_info(name, default)
        self.other = socket.socket()
        return self.other


class Wrapper:
    def __init__(self, sock):
        self._sock = sock

    def __getattr__(self, name):
        return getattr(self._sock, name)


@transports
class WrappedSocket:
    def get_extra_info(self, name, default=None):
        info = super().get_extra_info(name, default)
        return Wrapper(info) if name == "socket" else info


@transports
class NumberOfThePipe:
    def get_extra_info(self, name, default=None):
        info = super().get_extra_info(name, default)
        return self._fd if name == "pipe" and info is not default else info


@transports
class TellsNothing:
    def get_extra_info(self, name, default=None):
        return default


@transports
class KeyErrorForTheUnknown:
    def get_extra_info(self, name, default=None):
        return self._info[name]


@transports
class KeepsTheFirstProtocol:
    def set_protocol(self, protocol):
        if self._protocol is None:
            super().set_protocol(protocol)


@transports
class DecidesOnceHowToReceive:
    def set_protocol(self, protocol):
        buffered = self.__dict__.get("_buffered")
        super().set_protocol(protocol)
        if buffered is not None:
            self._buffered = buffered


@transports
class PausesTheOldProtocol:
    old = None

    def set_protocol(self, protocol):
        self.old = self.old or protocol
        super().set_protocol(protocol)

    def _tell(self, name):
        getattr(self.old, name)()


@transports
class AnswersWithTheFirst:
    first = None

    def set_protocol(self, protocol):
        self.first = self.first or protocol
        super().set_protocol(protocol)

    def get_protocol(self):
        return self.first


TABLE: dict[str, list[Broken]] = {
    "transports.one-to-one/two-connections-by-one-factory": [Broken("OneProtocolForAll")],
    "transport.class/of-connections": [Broken("OfItsOwnClasses")],
    "transport.class/of-a-server": [Broken("OfItsOwnClasses")],
    "read-transport.class/of-a-pipe": [Broken("OfItsOwnClasses")],
    "write-transport.class/of-a-pipe": [Broken("OfItsOwnClasses")],
    "transport.get-extra-info.peername/as-the-socket-says": [Broken("OwnAddressAsPeer")],
    "transport.get-extra-info.peername/over-ipv6": [Broken("AddressesOfTwoParts")],
    "transport.get-extra-info.peername.error/of-a-peer-that-has-gone-before": [Broken("AsksTheSocket")],
    "transport.get-extra-info.sockname/as-the-socket-says": [Broken("PeerAsOwnAddress")],
    "transport.get-extra-info.socket/options-of-the-connection-itself": [Broken("AnotherSocket")],
    "transport.get-extra-info.socket.instance/of-a-connection": [Broken("WrappedSocket")],
    "transport.get-extra-info.pipe/of-either-end": [Broken("NumberOfThePipe")],
    "transport.get-extra-info.available/each-name": [Broken("TellsNothing")],
    "transport.get-extra-info.default/what-no-connection-knows": [Broken("KeyErrorForTheUnknown")],
    "transport.get-extra-info.default/what-no-pipe-knows": [Broken("KeyErrorForTheUnknown"), Broken("AsksTheSocket")],
    "transport.get-extra-info.after-the-end/when-the-peer-has-gone": [Broken("AsksTheSocketLate")],
    "transport.set-protocol/the-new-one-gets-everything": [Broken("KeepsTheFirstProtocol", hangs=True)],
    "transport.set-protocol/while-data-is-received": [Broken("KeepsTheFirstProtocol", hangs=True)],
    "transport.set-protocol/between-kinds": [Broken("DecidesOnceHowToReceive")],
    "transport.set-protocol/and-flow-control-is-its-own": [Broken("PausesTheOldProtocol")],
    "transport.set-protocol/of-a-pipe": [Broken("KeepsTheFirstProtocol", hangs=True)],
    "transport.get-protocol/before-and-after-a-switch": [Broken("AnswersWithTheFirst")],
}
