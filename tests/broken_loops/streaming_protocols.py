"""Broken loops for the chapter "Streaming protocols", each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import select
import socket

from broken import Broken, transports

from refloop import ReferenceLoop
from refloop.transports.lifecycle import OPEN
from refloop.transports.reading import READING


@transports
class NeverTellsTheEnd:
    def _end_of_input(self):
        self._loop.remove_reader(self._fd)
        self.close()


@transports
class PassesItsBuffer:
    def __init__(self, *args):
        super().__init__(*args)
        if hasattr(self, "_receive"):
            receive = self._receive
            self._receive = lambda number: bytearray(receive(number))


@transports
class LaterPartsFirst:
    """It reads two parts at a time and passes on the second before the first."""

    def __init__(self, *args):
        super().__init__(*args)
        if hasattr(self, "_receive"):
            receive = self._receive

            def received(number):
                first, second = receive(1000), b""
                with contextlib.suppress(BlockingIOError):
                    second = receive(1000)
                return second + first

            self._receive = received


@transports
class AsksForOneEvent:
    def _readable(self):
        super()._readable()
        if self.life is OPEN:
            self._loop.remove_reader(self._fd)


@transports
class TakesSilenceForTheEnd:
    def _start(self):
        super()._start()
        self._loop.call_later(0.001, self._end_of_input)


@transports
class WatchesWhatHasEnded:
    """When it is asked to resume."""

    def _end_of_input(self):
        super()._end_of_input()
        if self.life is OPEN:
            self.reading = READING


@transports
class GoesOnToWatch:
    def _end_of_input(self):
        super()._end_of_input()
        if self.life is OPEN:
            self._loop.add_reader(self._fd, self._readable)


@transports
class HangUpComesFirst:
    def _readable(self):
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        if any(event & select.POLLHUP for _, event in poll.poll(0)):
            self._end_of_input()
        else:
            super()._readable()


@transports
class ClosesForNoneOnly:
    def _input_ended(self, keep_open):
        super()._input_ended(keep_open is not None)


@transports
class StaysOpenForNone:
    def _input_ended(self, keep_open):
        super()._input_ended(keep_open or keep_open is None)


@transports
class AbortsAtTheEnd:
    def _input_ended(self, keep_open):
        if not keep_open:
            self.abort()


@transports
class ClosesAtTheEnd:
    def _input_ended(self, keep_open):
        self.close()


@transports
class SendsInTheNextTurn:
    """By then the transport may be closed, and what was to be sent is dropped."""

    def write(self, data):
        self._loop.call_soon(super().write, data)


class InternetOnly(ReferenceLoop):
    async def create_connection(self, *args, sock=None, **kwargs):
        if sock is not None and sock.family == socket.AF_UNIX:
            raise ValueError("not a socket of the internet")
        return await super().create_connection(*args, sock=sock, **kwargs)


TABLE: dict[str, list[Broken]] = {
    "streaming-protocols.accepted/by-what-connects": [Broken("NeverTellsTheEnd")],
    "streaming-protocols.accepted/by-servers": [Broken("NeverTellsTheEnd")],
    "streaming-protocols.accepted/by-pipes": [Broken("NeverTellsTheEnd")],
    "data-received.bytes/of-whatever-length": [Broken("PassesItsBuffer")],
    "data-received.order/of-a-million-bytes": [Broken("LaterPartsFirst")],
    "data-received.any-number/a-thousand-times-and-never": [Broken("AsksForOneEvent", hangs=True)],
    "eof-received.called/however-it-does": [Broken("NeverTellsTheEnd")],
    "eof-received.called/by-write-eof-of-another-transport": [Broken("NeverTellsTheEnd")],
    "eof-received.called/of-a-pipe": [Broken("NeverTellsTheEnd")],
    "eof-received.called/not-while-the-other-end-is-silent": [Broken("TakesSilenceForTheEnd")],
    "eof-received.at-most-once/though-the-transport-is-resumed": [Broken("WatchesWhatHasEnded")],
    "eof-received.at-most-once/while-the-connection-lives-on": [Broken("GoesOnToWatch")],
    "eof-received.no-data-after/also-when-it-was-there-before-the-data-was-read": [Broken("HangUpComesFirst")],
    "eof-received.false/whatever-is-false": [Broken("ClosesForNoneOnly", hangs=True)],
    "eof-received.false/what-is-buffered-is-sent-before": [Broken("AbortsAtTheEnd")],
    "eof-received.true/and-the-answer-can-be-sent": [Broken("ClosesAtTheEnd")],
    "eof-received.default/of-a-protocol-that-has-none": [Broken("StaysOpenForNone", hangs=True)],
    "streaming-protocols.example.echo/server-and-client": [Broken("SendsInTheNextTurn")],
    "streaming-protocols.example.existing-socket/of-a-socketpair": [Broken("InternetOnly")],
}
