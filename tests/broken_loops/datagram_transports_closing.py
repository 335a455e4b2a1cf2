"""Broken loops for the section "Datagram transports": how they end, and what they say of themselves.

TABLE says which case catches which.
"""

from broken import Broken, datagrams

from refloop import ReferenceLoop as Base


class Transports(Base):
    """A loop whose datagram transports are changed by `change`."""

    async def create_datagram_endpoint(self, *args, **options):
        transport, protocol = await super().create_datagram_endpoint(*args, **options)
        self.change(transport, protocol)
        return transport, protocol

    def change(self, transport, protocol):
        pass


class FlushesFirst(Transports):
    def change(self, transport, protocol):
        transport.abort = transport.close


class DropsTheRest(Transports):
    def change(self, transport, protocol):
        transport.close = transport.abort


class ReadsOn(Transports):
    """Hands out what is there already, or comes while the rest is sent."""

    def change(self, transport, protocol):
        sock = transport.get_extra_info("socket")
        close, abort = transport.close, transport.abort

        def read(more):
            if sock.fileno() == -1:
                return
            try:
                protocol.datagram_received(*sock.recvfrom(100))
            except BlockingIOError:
                if more:
                    self.call_later(0.001, read, more - 1)

        def reading(end):
            def ended():
                read(0)
                end()
                self.call_soon(read, 3)

            return ended

        transport.close, transport.abort = reading(close), reading(abort)


class ErrorForAbort(Transports):
    def change(self, transport, protocol):
        transport.abort = lambda: transport._lose(ConnectionAbortedError())


class TellsTwice(Transports):
    def change(self, transport, protocol):
        abort = transport.abort

        def aborted():
            abort()
            self.call_soon(protocol.connection_lost, None)

        transport.abort = aborted


class ClosingWhenAllIsOver(Transports):
    def change(self, transport, protocol):
        transport.is_closing = lambda: protocol.lost.is_set()


class AsksBeforeItConnects(Transports):
    def change(self, transport, protocol):
        get_extra_info = transport.get_extra_info

        def told(name, default=None):
            found = get_extra_info(name, default)
            return ("0.0.0.0", found[1]) if name == "sockname" and get_extra_info("peername") else found

        transport.get_extra_info = told


class OwnAddressAsPeer(Transports):
    def change(self, transport, protocol):
        get_extra_info = transport.get_extra_info
        transport.get_extra_info = lambda name, default=None: get_extra_info(
            "sockname" if name == "peername" else name, default
        )


class TellsNothing(Transports):
    def change(self, transport, protocol):
        transport.get_extra_info = lambda name, default=None: default


class KeepsTheFirst(Transports):
    """Calls the methods of the protocol it began with."""

    def change(self, transport, protocol):
        def set_protocol(new):
            transport.get_protocol = lambda: new

        transport.set_protocol = set_protocol


@datagrams
class SendsTheRestAnyway:
    """Does not look what became of it in error_received()."""

    def _writable(self):
        while self._waiting:
            data, addr = self._waiting[0]
            try:
                self._send(data, addr)
            except BlockingIOError:
                return
            except OSError as error:
                self._error_received(error)
            self._waiting.popleft()
            self._waiting_bytes -= len(data) + 8
        self._loop.remove_writer(self._fd)


class RefusesAfterwards(Transports):
    def change(self, transport, protocol):
        sendto = transport.sendto

        def refusing(data, addr=None):
            if transport.is_closing():
                raise RuntimeError("it is closing")
            sendto(data, addr)

        transport.sendto = refusing


class SendsToTheLast(Transports):
    def change(self, transport, protocol):
        sock = transport.get_extra_info("socket")
        transport.sendto = lambda data, addr=None: sock.fileno() == -1 or sock.send(data)


TABLE: dict[str, list[Broken]] = {
    "datagram-transport.abort.immediately/what-the-kernel-did-not-take-is-lost": [Broken("FlushesFirst", hangs=True)],
    "datagram-transport.abort.receives-nothing-more/although-it-is-there-already": [Broken("ReadsOn")],
    "datagram-transport.abort.connection-lost/once": [Broken("ErrorForAbort"), Broken("TellsTwice")],
    "datagram-transport.close.flushes/the-rest-is-sent-first": [Broken("DropsTheRest")],
    "datagram-transport.close.receives-nothing-more/also-while-it-still-sends": [Broken("ReadsOn")],
    "datagram-transport.is-closing/from-close-on": [Broken("ClosingWhenAllIsOver")],
    "datagram-transport.get-extra-info.sockname/bound-or-connected": [Broken("AsksBeforeItConnects")],
    "datagram-transport.get-extra-info.peername/connected-and-not": [Broken("OwnAddressAsPeer")],
    "datagram-transport.get-extra-info.available/each-name": [Broken("TellsNothing")],
    "datagram-transport.set-protocol/with-what-arrives-from-then-on": [Broken("KeepsTheFirst", hangs=True)],
    "datagram-transport.abort.immediately/in-error-received": [Broken("SendsTheRestAnyway")],
    "datagram-transport.close.sending-afterwards/before-and-after-connection-lost": [
        Broken("RefusesAfterwards"),
        Broken("SendsToTheLast"),
    ],
}
