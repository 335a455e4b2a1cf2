"""Conforming loops whose connections do otherwise what the pages leave to a transport."""

import contextvars

from conforming import STREAMS, Freedom, with_classes

from refloop import ReferenceLoop
from refloop.transports.datagrams import DatagramTransport
from refloop.transports.lifecycle import LOST, OPEN
from refloop.transports.pipes import WritePipeTransport
from refloop.transports.streams import StreamTransport
from refloop.transports.subprocesses import ChildTransport
from refloop.transports.tls import TLSTransport

_at_once = contextvars.ContextVar("_at_once", default=False)


class _Opening(ReferenceLoop):
    async def create_connection(self, *args, **keywords):
        return await _begins_at_once(super().create_connection(*args, **keywords))

    # A child's protocol has its own connection_made(); those of the pipes are the loop's business.
    async def subprocess_exec(self, *args, **keywords):
        return await _begins_at_once(super().subprocess_exec(*args, **keywords))

    async def subprocess_shell(self, *args, **keywords):
        return await _begins_at_once(super().subprocess_shell(*args, **keywords))


async def _begins_at_once(opening):
    token = _at_once.set(True)
    try:
        return await opening
    finally:
        _at_once.reset(token)


@with_classes(*STREAMS, DatagramTransport, loop=_Opening)
class BeginsLater:
    """connection_made() comes after the pair was returned, but for create_connection(), whose page has the order."""

    def _begin(self, ready):
        if ready is None or _at_once.get():
            super()._begin(ready)
            return
        if not ready.done():
            ready.set_result(None)
        self._loop.call_soon(super()._begin, None)


@with_classes(*STREAMS, DatagramTransport)
class EndsWithinClose:
    """connection_lost() is called within close() where nothing has to be sent; the page says only that it is."""

    _begun = False

    def _begin(self, ready):
        self._begun = True
        super()._begin(ready)

    def close(self):
        before = self.life
        super().close()
        if self._begun and before is OPEN and self.life is LOST:
            try:
                self._end(None)
            except Exception as error:
                self._report(error, "protocol.connection_lost() failed")

    def _end(self, error):
        if self.life is LOST:  # the call that was scheduled comes to nothing
            super()._end(error)


@with_classes(*STREAMS, DatagramTransport)
class TellsOfTheBufferLater:
    """pause_writing() and resume_writing() are called a turn after the buffer went over or under its mark."""

    def _tell(self, name):
        self._loop.call_soon(super()._tell, name)


@with_classes(StreamTransport, WritePipeTransport)
class ResumesOnAbort:
    """abort() empties the buffer, and resume_writing() is called for it (#asyncio.BaseProtocol.resume_writing)."""

    def _drop_buffer(self):
        super()._drop_buffer()
        self._check_low()


@with_classes(*STREAMS)
class SplitsData:
    """Each other piece of data is a single byte: it may be "chunked" (#asyncio.Protocol.data_received)."""

    _size = 4096

    def _readable(self):
        receive, into = self._receive, self._receive_into
        self._size = size = 1 if self._size > 1 else 4096
        self._receive = lambda number: receive(size)
        self._receive_into = lambda buffer: into(memoryview(buffer)[:size])
        try:
            super()._readable()
        finally:
            self._receive, self._receive_into = receive, into


class _Releasing(ReferenceLoop):
    def __init__(self):
        super().__init__()
        self.to_release = []

    def release(self):
        while self.to_release:
            self.to_release.pop()()

    def close(self):
        super().close()
        self.release()


@with_classes(*STREAMS, DatagramTransport, loop=_Releasing)
class ClosesTheDescriptorLater:
    """The descriptor is closed a few turns after connection_lost(), as where a ring or a thread closes it."""

    def _release(self):
        if self._loop.is_closed():
            super()._release()
        else:
            self._loop.to_release.append(super()._release)
            self._loop.call_soon(self._loop.call_soon, self._loop.release)


@with_classes(StreamTransport)
class NeverHalfClosed:
    """No connection can be half closed, as "some transports, including SSL" (#asyncio.Protocol.eof_received)."""

    def can_write_eof(self):
        return False

    def write_eof(self):
        raise NotImplementedError("no connection can be half closed")

    def _input_ended(self, keep_open):
        self.close()


@with_classes(*STREAMS, DatagramTransport, TLSTransport, ChildTransport)
class KnowsNothing:
    """get_extra_info() knows nothing: some transports may (#asyncio.BaseTransport.get_extra_info)."""

    def get_extra_info(self, name, default=None):
        return default


@with_classes(StreamTransport, WritePipeTransport, TLSTransport)
class WritesBytesOnly:
    """write() takes bytes, of which the page speaks, and no bytearray or memoryview."""

    def write(self, data):
        if not isinstance(data, bytes):
            raise TypeError(f"data must be bytes, not {type(data).__name__}")
        super().write(data)


@with_classes(StreamTransport, WritePipeTransport)
class SendsLater:
    """write() only buffers: "it buffers the data and arranges for it to be sent" (#asyncio.WriteTransport.write)."""

    def write(self, data):
        send = self._send
        self._send = _not_now
        try:
            super().write(data)
        finally:
            self._send = send


def _not_now(data):
    raise BlockingIOError


@with_classes(*STREAMS)
class TellsOfErrors:
    """What ends a connection is told to the program's exception handler as well as to the protocol."""

    def _fail(self, error, message):
        if isinstance(error, OSError) and self._loop.get_exception_handler() is not None:
            self._report(error, message)
        super()._fail(error, message)


TABLE = {
    "BeginsLater": Freedom(
        [
            "create-datagram-endpoint.*",
            "create-unix-connection.*",
            "connect-*",
            "transport.*",
            "datagram-*",
            "read-transport.*",
            "write-transport.*",
            "flow-control.*",
            "unix-streams.*",
        ],
        [
            "create-datagram-endpoint.connected-before-it-returns/with-the-same-transport",
            "connect-accepted-socket.connected-before-it-returns/with-the-same-transport",
            "create-unix-connection.order.connection-made/between-the-factory-and-the-return",
        ],
    ),
    "EndsWithinClose": Freedom(
        [
            "transport.*",
            "datagram-*",
            "connection-*",
            "connect-*",
            "eof-received.*",
            "subprocess-transport.*",
            "server.*",
        ],
        ["transport.close.not-within/called-by-the-protocol-itself"],
    ),
    "TellsOfTheBufferLater": Freedom(
        ["flow-control.*", "datagram-*", "transport.*", "stream-writer.*", "subprocess-protocol.*", "sendfile.*"],
        ["flow-control.pause-writing.within-write/as-drain-needs-it"],
    ),
    "ResumesOnAbort": Freedom(
        ["flow-control.*", "transport.*", "stream-writer.*", "tls.*", "write-transport.*"],
        ["flow-control.nothing-after-abort/by-who-gives-up-when-paused"],
    ),
    "SplitsData": Freedom(
        [
            "*data-received*",
            "*buffer*",
            "eof-received.*",
            "transport.*",
            "stream-*",
            "subprocess-*",
            "connect-read-pipe.*",
            "tls.*",
            "start-tls.*",
        ],
        ["freedom/data-in-one-piece"],
    ),
    "ClosesTheDescriptorLater": Freedom(
        ["transport.*", "datagram-*", "connection-*", "connect-*", "create-connection.sock*", "server.*"],
        ["freedom/descriptors-closed-at-the-end"],
    ),
    "NeverHalfClosed": Freedom(
        ["*write-eof*", "eof-received.*", "transport.*", "stream-*", "unix-streams.*"],
        ["transport.can-write-eof.supported/of-sockets-and-pipes"],
    ),
    "KnowsNothing": Freedom(
        [
            "*extra-info*",
            "create-connection.*",
            "create-datagram-endpoint.*",
            "create-server.*",
            "create-unix-connection.*",
            "datagram-*",
            "server.*",
            "stream-*",
            "streaming-protocols.*",
            "tls.*",
            "*tcp-nodelay*",
        ],
        ["transport.get-extra-info.available/each-name"],
    ),
    # Of streams the page says since Python 3.13 what may be written: bytearray and memoryview, too.
    "WritesBytesOnly": Freedom(
        ["transport.*", "tls.*", "write-transport.*", "flow-control.*"], ["transport.write.kinds/sent-at-once-or-later"]
    ),
    "SendsLater": Freedom(
        ["transport.*", "flow-control.*", "stream-writer.*", "sendfile.*", "tls.*", "write-transport.*"],
        ["freedom/sent-within-write"],
    ),
    "TellsOfErrors": Freedom(
        ["connection-*", "transport.*", "eof-received.*", "call-exception-handler.*", "protocols.*"],
        ["freedom/errors-of-connections-in-silence"],
    ),
}
