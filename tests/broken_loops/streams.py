"""Broken loops for the chapter "Streams", each with one mistake.

TABLE says which case catches which.
"""

import os
from pathlib import Path

from broken import Broken, transports

from refloop import ReferenceLoop as Base


class Spoiling(Base):
    """A loop that spoils every transport and its protocol before the protocol hears of the connection."""

    def spoil(self, transport, protocol):
        raise NotImplementedError

    def spoiled(self, factory):
        def make():
            protocol = factory()
            connection_made = protocol.connection_made

            def spoil_and_tell(transport):
                self.spoil(transport, protocol)
                connection_made(transport)

            protocol.connection_made = spoil_and_tell
            return protocol

        return make

    async def create_connection(self, protocol_factory, *args, **options):
        return await super().create_connection(self.spoiled(protocol_factory), *args, **options)

    async def create_server(self, protocol_factory, *args, **options):
        return await super().create_server(self.spoiled(protocol_factory), *args, **options)


class WritesWhenItCloses(Spoiling):
    def spoil(self, transport, protocol):
        write, close, waiting = transport.write, transport.close, bytearray()
        transport.write = waiting.extend

        def write_and_close():
            write(bytes(waiting))
            close()

        transport.close = write_and_close


class NeverPausesReading(Spoiling):
    def spoil(self, transport, protocol):
        transport.pause_reading = lambda: None


class WorksOnDuplicates(Base):
    """A socket that it is given is duplicated, and the one that was given stays open."""

    async def create_connection(self, protocol_factory, *args, sock=None, **options):
        sock = sock and sock.dup()
        return await super().create_connection(protocol_factory, *args, sock=sock, **options)

    async def create_server(self, protocol_factory, *args, sock=None, **options):
        sock = sock and sock.dup()
        return await super().create_server(protocol_factory, *args, sock=sock, **options)


class TellsNobodyOfConnections(Spoiling):
    def spoiled(self, factory):
        def make():
            protocol = factory()
            protocol.connection_made = lambda transport: None
            return protocol

        return make


class TakesPathsAsStrOnly(Base):
    async def create_unix_server(self, protocol_factory, path=None, **options):
        if isinstance(path, os.PathLike):
            raise TypeError("path must be str")
        return await super().create_unix_server(protocol_factory, path, **options)


class KeepsFilesOfSockets(Base):
    async def create_unix_server(self, protocol_factory, path=None, *, cleanup_socket=False, **options):
        return await super().create_unix_server(protocol_factory, path, cleanup_socket=False, **options)


class RemovesFilesOfOthers(Base):
    async def create_unix_server(self, protocol_factory, path=None, **options):
        server = await super().create_unix_server(protocol_factory, path, **options)
        close = server.close

        def close_and_remove():
            close()
            Path(path).unlink(missing_ok=True)

        server.close = close_and_remove
        return server


class EndsBeforeTheData(Spoiling):
    """The end of the stream overtakes the data."""

    def spoil(self, transport, protocol):
        data_received, late = protocol.data_received, []

        def later(data):
            late.append(data)
            self.call_later(0.02, lambda: transport.is_closing() or data_received(late.pop(0)))

        protocol.data_received = later


class CollectsData(Spoiling):
    """Hands data over when there are four bytes of it, or the end."""

    def spoil(self, transport, protocol):
        data_received, eof_received, collected = protocol.data_received, protocol.eof_received, bytearray()

        def flush():
            if collected:
                data_received(bytes(collected))
                collected.clear()

        def collect(data):
            collected.extend(data)
            if len(collected) >= 4:
                flush()

        def end():
            flush()
            return eof_received()

        protocol.data_received, protocol.eof_received = collect, end


class HandsOverTwice(Spoiling):
    def spoil(self, transport, protocol):
        data_received = protocol.data_received
        protocol.data_received = lambda data: (data_received(data), data_received(data))


class DoesNotTellOfTheEnd(Spoiling):
    def spoil(self, transport, protocol):
        protocol.eof_received = lambda: True


class TakesTheEndForAFailure(Spoiling):
    def spoil(self, transport, protocol):
        connection_lost = protocol.connection_lost
        protocol.eof_received = lambda: False
        protocol.connection_lost = lambda error: connection_lost(error or ConnectionResetError("the peer has gone"))


class ForgetsWhatComesPaused(Spoiling):
    """Data is handed over in pieces; what is left when the protocol pauses is forgotten."""

    def spoil(self, transport, protocol):
        data_received = protocol.data_received

        def in_pieces(data):
            for begin in range(0, len(data), 100):
                if transport.is_reading():
                    data_received(data[begin : begin + 100])

        protocol.data_received = in_pieces


class WritesBytesOnly(Spoiling):
    def spoil(self, transport, protocol):
        write = transport.write

        def write_bytes(data):
            if not isinstance(data, bytes):
                raise TypeError("data must be bytes")
            write(data)

        transport.write = write_bytes


@transports
class ForgetsHowMuchWasSent:
    """A byte is sent again whenever less was sent than there was."""

    def _writable(self):
        send = self._send
        self._send = lambda data: max(0, send(data) - 1) if len(data) > 1 else send(data)
        try:
            super()._writable()
        finally:
            self._send = send


class WritesListsOnly(Spoiling):
    def spoil(self, transport, protocol):
        writelines = transport.writelines
        transport.writelines = lambda lines: writelines([lines[place] for place in range(len(lines))])


class NeverPausesWriting(Spoiling):
    def spoil(self, transport, protocol):
        protocol.pause_writing = protocol.resume_writing = lambda: None


class NeverResumesWriting(Spoiling):
    def spoil(self, transport, protocol):
        protocol.resume_writing = lambda: None


class TellsNobodyOfTheEnd(Spoiling):
    def spoil(self, transport, protocol):
        protocol.connection_lost = lambda error: None


class ClosesAtOnce(Spoiling):
    """Closing throws away what was not sent yet."""

    def spoil(self, transport, protocol):
        transport.close = transport.abort


class EndsBothDirections(Spoiling):
    def spoil(self, transport, protocol):
        transport.write_eof = transport.close


class OwnAddressAsPeer(Spoiling):
    def spoil(self, transport, protocol):
        get_extra_info = transport.get_extra_info
        transport.get_extra_info = lambda name, default=None: get_extra_info(
            "sockname" if name == "peername" else name, default
        )


class StartsNoTLS(Base):
    async def start_tls(self, transport, *args, **options):
        return transport


TABLE = {
    "open-connection.pair/both-directions": [Broken("WritesWhenItCloses")],
    "open-connection.limit/the-sender-has-to-wait": [Broken("NeverPausesReading")],
    "open-connection.sock/closed-by-the-writer": [Broken("WorksOnDuplicates")],
    "start-server.callback/plain-and-coroutine": [Broken("TellsNobodyOfConnections")],
    "start-server.sock/closed-by-the-server": [Broken("WorksOnDuplicates")],
    "unix-streams.pair/one-talks-to-the-other": [Broken("TakesPathsAsStrOnly")],
    "start-unix-server.cleanup-socket/removed-or-not": [
        Broken("KeepsFilesOfSockets", since="3.13"),
        Broken("RemovesFilesOfOthers", since="3.13"),
    ],
    "stream-reader.read.until-eof/in-several-pieces": [Broken("EndsBeforeTheData")],
    "stream-reader.read.some/a-byte-and-the-end": [Broken("CollectsData")],
    "stream-reader.readline/split-anywhere": [Broken("HandsOverTwice")],
    "stream-reader.iteration/ends-with-the-stream": [Broken("DoesNotTellOfTheEnd")],
    "stream-reader.readexactly/enough-and-not-enough": [Broken("TakesTheEndForAFailure")],
    "stream-reader.readuntil/over-the-limit": [Broken("ForgetsWhatComesPaused")],
    "stream-writer.write/each-type-and-a-large-one": [
        Broken("WritesBytesOnly"),
        Broken("ForgetsHowMuchWasSent"),
    ],
    "stream-writer.writelines/of-a-generator": [Broken("WritesListsOnly")],
    "stream-writer.drain/above-and-below": [
        Broken("NeverPausesWriting"),
        Broken("NeverResumesWriting", hangs=True),
    ],
    "stream-writer.drain.connection-lost/by-a-reset": [Broken("TellsNobodyOfTheEnd")],
    "stream-writer.close/what-was-written-arrives": [Broken("ClosesAtOnce")],
    "stream-writer.write-eof/half-closed": [Broken("EndsBothDirections")],
    "stream-writer.extra-info/the-peer-s-address": [Broken("OwnAddressAsPeer")],
    "stream-writer.start-tls/after-plain-text": [Broken("StartsNoTLS", since="3.11")],
}
