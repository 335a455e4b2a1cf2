"""Broken loops for the section "Datagram protocols", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib

from broken import Broken, datagrams

from refloop import ReferenceLoop as Base


class Between:
    """Stands between a transport and its protocol, and changes what the protocol is told."""

    def __init__(self, loop, protocol):
        self.loop, self.protocol = loop, protocol

    def connection_made(self, transport):
        self.transport = transport
        self.protocol.connection_made(transport)

    def __getattr__(self, name):
        return getattr(self.protocol, name)


class Protocols(Base):
    """A loop that calls protocols through a `Between`."""

    Between = Between

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol = protocol_factory()
        transport, _ = await super().create_datagram_endpoint(lambda: self.Between(self, protocol), *args, **options)
        return transport, protocol


class JoinsWhatItReads(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            sock = self.transport.get_extra_info("socket")
            while True:
                try:
                    data += sock.recv(65536)
                except BlockingIOError:
                    break
            self.protocol.datagram_received(data, address)


class SeesNothingWhileItSleeps(Base):
    """Looks at its endpoints from time to time, when something else wakes it."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(protocol_factory, *args, **options)
        self.remove_reader(transport.get_extra_info("socket"))
        return transport, protocol


class ReadsBeforeConnectionMade(Base):
    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol, sock = protocol_factory(), options.get("sock")
        if sock is not None:
            with contextlib.suppress(BlockingIOError):
                protocol.datagram_received(*sock.recvfrom(100))
        return await super().create_datagram_endpoint(lambda: protocol, *args, **options)


class SkipsEmptyOnes(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            if data:
                self.protocol.datagram_received(data, address)


class OneBuffer(Protocols):
    """Hands out views of a buffer that is used again."""

    class Between(Between):
        buffer = bytearray(65536)

        def datagram_received(self, data, address):
            self.buffer[: len(data)] = data
            self.protocol.datagram_received(memoryview(self.buffer)[: len(data)], address)


class SmallBuffer(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            self.protocol.datagram_received(data[:4096], address)


class LastSender(Protocols):
    """Reads all that is there, and then gives them all the last one's address."""

    class Between(Between):
        def datagram_received(self, data, address):
            received = [data]
            sock = self.transport.get_extra_info("socket")
            while True:
                try:
                    more, address = sock.recvfrom(65536)
                except BlockingIOError:
                    break
                received.append(more)
            for each in received:
                self.protocol.datagram_received(each, address)


class NoAddress(Protocols):
    """Has no addresses but those of IPv4."""

    class Between(Between):
        def datagram_received(self, data, address):
            ipv4 = isinstance(address, tuple) and len(address) == 2
            self.protocol.datagram_received(data, address if ipv4 else None)


class HostAndPort(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            self.protocol.datagram_received(data, address[:2])


class AsText(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            self.protocol.datagram_received(data, f"{address[0]}:{address[1]}")


class ClosesAfterAFailure(Protocols):
    class Between(Between):
        def datagram_received(self, data, address):
            try:
                self.protocol.datagram_received(data, address)
            except Exception:
                self.transport.close()
                raise


class ClosesAfterAnError(Protocols):
    class Between(Between):
        def error_received(self, error):
            self.transport._lose(error)


class ClosesAfterTellingOfAnError(Protocols):
    class Between(Between):
        def error_received(self, error):
            self.protocol.error_received(error)
            self.transport.close()


class HidesErrors(Protocols):
    class Between(Between):
        def error_received(self, error):
            pass


class HidesWhatFailsLater(Base):
    """Tells of the errors that sendto() finds at once."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(protocol_factory, *args, **options)
        sendto, error_received = transport.sendto, protocol.error_received
        protocol.error_received = lambda error: None

        def sending(data, addr=None):
            protocol.error_received = error_received
            sendto(data, addr)
            protocol.error_received = lambda error: None

        transport.sendto = sending
        return transport, protocol


class NoFlowControl(Protocols):
    class Between(Between):
        def pause_writing(self):
            pass

        def resume_writing(self):
            pass


class PausesForEach(Base):
    """Says it again for each datagram beyond the mark."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(protocol_factory, *args, **options)
        sendto = transport.sendto

        def sending(data, addr=None):
            sendto(data, addr)
            if transport.get_write_buffer_size() > 64 * 1024:
                protocol.pause_writing()

        transport.sendto = sending
        return transport, protocol


class ResumesOnce(Protocols):
    class Between(Between):
        resumed = False

        def resume_writing(self):
            if not self.resumed:
                self.resumed = True
                self.protocol.resume_writing()


class TakesNoHeadersOff(Base):
    """Counts a header for what begins to wait, and not for what is sent."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(protocol_factory, *args, **options)
        sendto, size, headers = transport.sendto, transport.get_write_buffer_size, []

        def sending(data, addr=None):
            before = size()
            sendto(data, addr)
            if size() > before:
                headers.append(8)

        transport.sendto = sending
        transport.get_write_buffer_size = lambda: size() + sum(headers)
        return transport, protocol


class EndsByABug(Protocols):
    class Between(Between):
        def error_received(self, error):
            try:
                self.protocol.error_received(error)
            except LookupError:
                self.transport.abort()
                raise


class HidesABug(Protocols):
    class Between(Between):
        def error_received(self, error):
            with contextlib.suppress(LookupError):
                self.protocol.error_received(error)


class WantsTheBaseClass(Base):
    """Takes no protocol that derives from none of asyncio's."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol = protocol_factory()
        if not isinstance(protocol, asyncio.DatagramProtocol):
            raise TypeError("a DatagramProtocol is required")
        return await super().create_datagram_endpoint(lambda: protocol, *args, **options)


@datagrams
class FailsForNothing:
    def _readable(self):
        try:
            data, address = self._channel.recvfrom(65536)
        except OSError as error:
            self._error_received(error)
        else:
            self._protocol.datagram_received(data, address)


TABLE: dict[str, list[Broken]] = {
    "datagram-protocol.datagram-received/for-each-its-own-call": [Broken("JoinsWhatItReads", hangs=True)],
    "datagram-protocol.datagram-received/while-the-loop-sleeps": [Broken("SeesNothingWhileItSleeps", hangs=True)],
    "datagram-protocol.datagram-received/what-waits-already-comes-after-connection-made": [
        Broken("ReadsBeforeConnectionMade")
    ],
    "datagram-protocol.datagram-received/an-empty-one-is-a-datagram": [Broken("SkipsEmptyOnes", hangs=True)],
    "datagram-protocol.datagram-received.data/bytes-and-all-of-them": [Broken("OneBuffer"), Broken("SmallBuffer")],
    "datagram-protocol.datagram-received.addr/answers-find-their-way": [Broken("LastSender", hangs=True)],
    "datagram-protocol.datagram-received.addr/of-internet-protocol-6": [Broken("NoAddress", hangs=True)],
    "datagram-protocol.datagram-received.addr.unix/of-a-unix-socket": [Broken("NoAddress", hangs=True)],
    "datagram-protocol.datagram-received.addr.format/as-recvfrom-gives-it": [Broken("AsText")],
    "datagram-protocol.datagram-received.addr.format/with-all-four-parts-of-internet-protocol-6": [
        Broken("HostAndPort")
    ],
    "datagram-protocol.datagram-received.raises/the-next-one-is-received": [Broken("ClosesAfterAFailure", hangs=True)],
    "datagram-protocol.error-received/a-datagram-that-is-too-long": [
        Broken("ClosesAfterAnError", hangs=True),
        Broken("HidesErrors", hangs=True),
    ],
    "datagram-protocol.error-received/a-port-where-nobody-listens": [Broken("HidesErrors", hangs=True)],
    "datagram-protocol.error-received/of-what-had-to-wait": [Broken("HidesWhatFailsLater", hangs=True)],
    "datagram-protocol.error-received.goes-on/after-a-single-failure": [
        Broken("ClosesAfterTellingOfAnError", hangs=True)
    ],
    "datagram-protocol.pause-writing/when-too-much-waits": [Broken("NoFlowControl"), Broken("PausesForEach")],
    "datagram-protocol.resume-writing/when-the-peer-has-read": [Broken("ResumesOnce", hangs=True)],
    "datagram-protocol.resume-writing/after-many-small-ones": [Broken("TakesNoHeadersOff", hangs=True)],
    "datagram-protocol.error-received.raises/the-next-one-is-received": [Broken("EndsByABug"), Broken("HidesABug")],
    "datagram-protocol.example.echo/server-and-client": [Broken("WantsTheBaseClass")],
    "datagram-protocol.error-received.not-for-nothing/somebody-else-was-faster": [Broken("FailsForNothing")],
}
