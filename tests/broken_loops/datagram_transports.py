"""Broken loops for the section "Datagram transports": what sendto() does.

TABLE says which case catches which.
"""

import contextlib
from collections import deque

from broken import Broken

from refloop import ReferenceLoop as Base


class Transports(Base):
    """A loop whose datagram transports have another sendto()."""

    async def create_datagram_endpoint(self, protocol_factory, local_addr=None, remote_addr=None, **options):
        transport, protocol = await super().create_datagram_endpoint(
            protocol_factory, local_addr, remote_addr, **options
        )
        sendto = transport.sendto
        transport.sendto = lambda data, addr=None: self.sendto(transport, sendto, data, addr)
        return transport, protocol

    def sendto(self, transport, sendto, data, addr):
        sendto(data, addr)


class ItsOwnClass(Base):
    """Has transports that derive from nothing, as many loops do."""

    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)

        class Wrapped:
            def __getattr__(self, name):
                return getattr(transport, name)

        return Wrapped(), protocol


class RemembersTheFirst(Transports):
    first = None

    def sendto(self, transport, sendto, data, addr):
        self.first = self.first or addr
        sendto(data, self.first)


class HostAndPort(Transports):
    def sendto(self, transport, sendto, data, addr):
        if addr is not None:
            host, port = addr
            addr = host, port
        sendto(data, addr)


class Cuts(Transports):
    def sendto(self, transport, sendto, data, addr):
        sendto(data[:4096], addr)


class RefusesAnyAddress(Transports):
    """Lets a connected endpoint name nobody, not even its peer."""

    def sendto(self, transport, sendto, data, addr):
        if addr is not None and transport.get_extra_info("peername"):
            raise ValueError("connected already")
        sendto(data, addr)


class IgnoresTheAddress(Transports):
    def sendto(self, transport, sendto, data, addr):
        sendto(data, None if transport.get_extra_info("peername") else addr)


class WantsAnAddress(Transports):
    def sendto(self, transport, sendto, data, addr):
        host, port = addr
        sendto(data, (host, port))


class BytesOnly(Transports):
    def sendto(self, transport, sendto, data, addr):
        if not isinstance(data, bytes):
            raise TypeError("data must be bytes")
        sendto(data, addr)


class FindsOutLate(Transports):
    """Looks what it got when it sends it, and closes."""

    def sendto(self, transport, sendto, data, addr):
        try:
            sendto(data, addr)
        except TypeError:
            transport.close()
            raise


class NothingToDo(Transports):
    def sendto(self, transport, sendto, data, addr):
        if data:
            sendto(data, addr)


class Queued(Transports):
    """Sends by a queue of its own, where the kernel takes no more."""

    def __init__(self):
        super().__init__()
        self.queue = deque()

    def sendto(self, transport, sendto, data, addr):
        sock = transport.get_extra_info("socket")
        if not self.queue:
            with contextlib.suppress(BlockingIOError):
                self.send(sock, data, addr)
                return
            self.call_later(0.001, self.flush, sock)
        self.queue.append(self.kept(data, addr))

    def kept(self, data, addr):
        return bytes(data), addr

    def send(self, sock, data, addr):
        sock.send(data) if addr is None else sock.sendto(data, addr)

    def flush(self, sock):
        with contextlib.suppress(BlockingIOError, OSError):
            while self.queue:
                self.send(sock, *self.queue[0])
                self.queue.popleft()
        if self.queue and sock.fileno() != -1:
            self.call_later(0.001, self.flush, sock)


class KeepsNoCopy(Queued):
    def kept(self, data, addr):
        return data, addr


class OneAddressForAll(Queued):
    """Forgets to whom each of those that wait goes."""

    last = None

    def kept(self, data, addr):
        self.last = self.last or addr
        return bytes(data), self.last


class LatestFirst(Queued):
    """Sends what has waited longest last."""

    def flush(self, sock):
        self.queue.reverse()
        super().flush(sock)


class LastOneFirst(Base):
    """Reads all that is there, and hands on the last one first."""

    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol = protocol_factory()
        datagram_received = protocol.datagram_received

        def received(data, addr):
            came = [(data, addr)]
            with contextlib.suppress(BlockingIOError):
                while True:
                    came.append(transport.get_extra_info("socket").recvfrom(100))
            for one in reversed(came):
                datagram_received(*one)

        protocol.datagram_received = received
        transport, _ = await super().create_datagram_endpoint(lambda: protocol, *args, **options)
        return transport, protocol


class Drops(Queued):
    """Drops what the kernel does not take."""

    def sendto(self, transport, sendto, data, addr):
        with contextlib.suppress(BlockingIOError):
            self.send(transport.get_extra_info("socket"), data, addr)


class Blocks(Queued):
    """Waits in sendto() until the kernel takes it."""

    def sendto(self, transport, sendto, data, addr):
        sock = transport.get_extra_info("socket")
        sock.settimeout(60)
        self.send(sock, data, addr)
        sock.setblocking(False)


class CountsNoHeaders(Base):
    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)
        sendto, size = transport.sendto, [0]

        def counting(data, addr=None):
            size[0] += len(data)
            sendto(data, addr)

        transport.sendto = counting
        transport.get_write_buffer_size = lambda: size[0]
        return transport, protocol


TABLE: dict[str, list[Broken]] = {
    "datagram-transport.class/an-instance-of-it": [Broken("ItsOwnClass")],
    "datagram-transport.sendto.addr/to-each-its-own": [Broken("RemembersTheFirst", hangs=True)],
    "datagram-transport.sendto.addr/of-internet-protocol-6": [Broken("HostAndPort")],
    "datagram-transport.sendto.addr/as-one-datagram-of-any-size": [Broken("Cuts")],
    "datagram-transport.sendto.addr/although-it-is-connected-there": [Broken("RefusesAnyAddress")],
    "datagram-transport.sendto.other-addr/rather-than-sending-it-to-the-one": [Broken("IgnoresTheAddress")],
    "datagram-transport.sendto.no-addr/left-out-or-none": [Broken("WantsAnAddress")],
    "datagram-transport.sendto.bytes-like/instead-of-bytes": [Broken("BytesOnly")],
    "datagram-transport.sendto.bytes-like/copied-if-it-has-to-wait": [Broken("KeepsNoCopy")],
    "datagram-transport.sendto.type-error/and-the-transport-lives": [Broken("FindsOutLate", hangs=True)],
    "datagram-transport.sendto.empty/is-something": [Broken("NothingToDo", hangs=True)],
    "datagram-transport.sendto.does-not-block/although-the-peer-reads-nothing": [Broken("Blocks", hangs=True)],
    "datagram-transport.sendto.buffers/all-of-it-in-order": [Broken("Drops", hangs=True)],
    "datagram-transport.order/of-those-that-have-to-wait": [Broken("LatestFirst")],
    "datagram-transport.order/of-those-that-come-together": [Broken("LastOneFirst")],
    "datagram-transport.sendto.buffers.addresses/to-several-peers": [Broken("OneAddressForAll", hangs=True)],
    "datagram-transport.sendto.header/empty-ones-pause-the-protocol": [Broken("CountsNoHeaders")],
}
