"""Broken loops for the chapter "Base protocol", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib

from broken import Broken, transports

from refloop import ReferenceLoop as Base
from refloop.transports.lifecycle import LOST, OPEN


@transports
class LooksInTheProtocolsOwnClass:
    def _readable(self):
        vars(type(self._protocol))["data_received"]
        super()._readable()


@transports
class WantsDataReceived:
    def set_protocol(self, protocol):
        self.receiver = protocol.data_received
        super().set_protocol(protocol)


@transports
class GivesAnotherTransport:
    def _begin(self, ready):
        protocol, self._protocol = self._protocol, asyncio.Protocol()
        protocol.connection_made(asyncio.Transport())
        super()._begin(ready)
        self._protocol = protocol


@transports
class EveryEndIsAnError:
    def _lose(self, error):
        super()._lose(error or ConnectionResetError())


@transports
class NoEndIsAnError:
    def _lose(self, error):
        super()._lose(None)


@transports
class WatchesItsReaderOnlyWhenItWrites:
    def _start(self):
        super()._start()
        if hasattr(self, "_tells_when_closed"):
            self._loop.remove_reader(self._fd)


@transports
class EndsEachTime:
    """It does not look whether it is ending already."""

    def _lose(self, error):
        if self.life is LOST:
            self._loop.call_soon(self._end, error)
        super()._lose(error)


@transports
class EndsAgainWhenAllIsSent:
    def _check_low(self):
        super()._check_low()
        if not self._buffer and self.life is LOST:
            self._end(None)


@transports
class FailsAndCloses:
    def _fail(self, error, message):
        super()._fail(error, message)
        self._loop.call_soon(self._protocol.connection_lost, None)


@transports
class ReadsBeforeItIsMade:
    def _begin(self, ready):
        protocol, self._protocol = self._protocol, asyncio.Protocol()
        super()._begin(ready)
        self._protocol = protocol
        self._loop.call_later(0.001, protocol.connection_made, self)


@transports
class TellsTheRestAtTheEnd:
    def _end(self, error):
        protocol = self._protocol
        super()._end(error)
        protocol.resume_writing()


@transports
class GoesOnAfterErrors:
    def _fail(self, error, message):
        self._report(error, message)
        if self.life is OPEN and not self._buffered:
            self._loop.call_later(0.01, self._lose, None)


@transports
class SilentAboutErrors:
    def _report(self, error, message):
        pass


@transports
class ReportsExits:
    def _readable(self):
        try:
            super()._readable()
        except (KeyboardInterrupt, SystemExit) as error:
            self._fail(error, "the protocol failed")


@transports
class KeepsExitsOfWriting:
    def _tell(self, name):
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            super()._tell(name)


class ServesOnAfterExits(Base):
    async def create_server(self, protocol_factory, *args, **options):
        def factory():
            try:
                return protocol_factory()
            except (KeyboardInterrupt, SystemExit):
                return asyncio.Protocol()

        return await super().create_server(factory, *args, **options)


@transports
class NamesNoConnection:
    def _report(self, error, message):
        self._loop.call_exception_handler({"message": message, "exception": error})


class DropsExitsOfDatagrams(Base):
    async def create_datagram_endpoint(self, protocol_factory, *args, **options):
        protocol = protocol_factory()
        for name in ("datagram_received", "error_received"):
            setattr(protocol, name, self._without_exits(getattr(protocol, name)))
        return await super().create_datagram_endpoint(lambda: protocol, *args, **options)

    def _without_exits(self, callback):
        def called(*args):
            with contextlib.suppress(KeyboardInterrupt, SystemExit):
                callback(*args)

        return called


TABLE: dict[str, list[Broken]] = {
    "protocols.some-methods/none-of-its-own": [Broken("LooksInTheProtocolsOwnClass")],
    "protocols.some-methods/only-those-of-the-base": [Broken("WantsDataReceived")],
    "connection-made.called/with-its-transport": [Broken("GivesAnotherTransport")],
    "connection-lost.called/when-the-other-end-closes": [Broken("EveryEndIsAnError")],
    "connection-lost.called/when-nobody-reads-from-the-pipe-any-more": [
        Broken("WatchesItsReaderOnlyWhenItWrites", hangs=True)
    ],
    "connection-lost.error/reset-by-the-peer": [Broken("NoEndIsAnError")],
    "connection-lost.error/with-something-left-to-send": [Broken("NoEndIsAnError")],
    "connection-callbacks.exactly-once/however-often-it-is-closed": [Broken("EndsEachTime")],
    "connection-callbacks.exactly-once/however-often-a-pipe-is-closed": [Broken("EndsEachTime")],
    "connection-callbacks.exactly-once/closed-in-a-callback-of-its-own": [Broken("EndsEachTime")],
    "connection-callbacks.exactly-once/closed-when-all-is-sent": [Broken("EndsAgainWhenAllIsSent")],
    "connection-callbacks.exactly-once/failed-by-writing": [Broken("FailsAndCloses")],
    "connection-callbacks.others-between/with-everything-there-already": [Broken("ReadsBeforeItIsMade")],
    "connection-callbacks.others-between/also-for-what-was-pending": [Broken("TellsTheRestAtTheEnd")],
    "protocols.errors.context/which-connection-it-was": [Broken("NamesNoConnection")],
    "protocols.exits/from-pause-writing": [Broken("KeepsExitsOfWriting")],
    "protocols.exits/from-a-server-s-protocol-factory": [Broken("ServesOnAfterExits")],
    "protocols.exits/from-each-callback": [Broken("ReportsExits")],
    "protocols.exits/from-those-of-datagrams": [Broken("DropsExitsOfDatagrams")],
    "protocols.errors/in-what-receives": [Broken("GoesOnAfterErrors"), Broken("SilentAboutErrors")],
}
