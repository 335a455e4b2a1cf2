"""Broken loops for what the chapter "Write-only transports" says about writing, each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import os

from broken import Broken, transports

from refloop.transports.lifecycle import OPEN
from refloop.transports.writing import ENDED, WRITING


@transports
class RepeatsAByte:
    """Whenever something is left over from what it sent."""

    def _writable(self):
        with contextlib.suppress(BlockingIOError):
            sent = self._send(self._buffer)
            del self._buffer[: sent - (sent < len(self._buffer))]
        if not self._buffer:
            self._loop.remove_writer(self._fd)
            self._flushed()


@transports
class TriesToSendAtOnce:
    """Whatever waits to be sent already."""

    def write(self, data):
        if self._buffer and data and self.life is OPEN:
            with contextlib.suppress(BlockingIOError):
                data = data[self._send(data) :]
        super().write(data)


@transports
class NotReadyBeforeItStarts:
    ready = False

    def _start(self):
        super()._start()
        self.ready = True

    def write(self, data):
        if self.ready:
            super().write(data)


@transports
class NothingIsTheEnd:
    def write(self, data):
        super().write(data)
        if not data:
            self.write_eof()


@transports
class Blocking:
    def write(self, data):
        os.set_blocking(self._fd, True)
        while data:
            data = data[self._send(data) :]


@transports
class BytesOnly:
    def write(self, data):
        if not isinstance(data, bytes):
            raise TypeError
        super().write(data)

    def writelines(self, list_of_data):
        for data in list_of_data:
            self.write(data)


@transports
class DropsWhatItCannotSend:
    def write(self, data):
        if isinstance(data, bytes):
            super().write(data)


@transports
class ListsOnly:
    def writelines(self, list_of_data):
        for place in range(len(list_of_data)):
            self.write(list_of_data[place])


@transports
class WritelinesForgetsTheRest:
    def writelines(self, list_of_data):
        self._send(b"".join(list_of_data))


@transports
class AThousandPieces:
    def writelines(self, list_of_data):
        super().writelines(list(list_of_data)[:1024])


@transports
class EmptyPiecesStay:
    """In the buffer, which is never empty then, so that what is closed does not come to its end."""

    stay = False

    def writelines(self, list_of_data):
        list_of_data = list(list_of_data)
        super().writelines(list_of_data)
        self.stay = self.stay or not all(list_of_data)

    def close(self):
        if not self.stay:
            super().close()


@transports
class ClosesAtItsEnd:
    def write_eof(self):
        self.close()


@transports
class EndsBeforeItHasFlushed:
    def write_eof(self):
        if self.writing is WRITING:
            self._end_output()


@transports
class EndsBothDirections:
    def _input_ended(self, keep_open):
        super()._input_ended(keep_open)
        self.writing = ENDED


@transports
class EndOfAPipeIsAnError:
    def _end_output(self):
        self._lose(OSError("a pipe cannot be shut down"))


@transports
class EndsOnce:
    def write_eof(self):
        if self.writing is not WRITING or self.life is not OPEN:
            raise RuntimeError("ended already")
        super().write_eof()


@transports
class DropsWhatIsBehindTheEnd:
    def write(self, data):
        if self.writing is WRITING:
            super().write(data)


TABLE: dict[str, list[Broken]] = {
    "transport.write/more-than-the-kernel-takes": [Broken("RepeatsAByte")],
    "transport.write/later-data-waits-behind-what-is-buffered": [Broken("TriesToSendAtOnce")],
    "transport.write/from-the-first-callback-on": [Broken("NotReadyBeforeItStarts", hangs=True)],
    "transport.write/and-nothing-for-nothing": [Broken("NothingIsTheEnd")],
    "transport.write.does-not-block/though-nobody-reads": [Broken("Blocking", hangs=True)],
    "transport.write.kinds/sent-at-once-or-later": [Broken("BytesOnly")],
    "transport.write.str/as-everybody-does-once": [Broken("DropsWhatItCannotSend")],
    "transport.writelines/of-any-iterable": [Broken("ListsOnly")],
    "transport.writelines/more-than-the-kernel-takes": [Broken("WritelinesForgetsTheRest", hangs=True)],
    "transport.writelines/of-three-thousand-pieces": [Broken("AThousandPieces", hangs=True)],
    "transport.writelines/with-nothing-in-it": [Broken("EmptyPiecesStay", hangs=True)],
    "transport.write-eof/the-answer-still-comes": [Broken("ClosesAtItsEnd")],
    "transport.write-eof/not-before-all-is-sent": [Broken("EndsBeforeItHasFlushed")],
    "transport.write-eof/and-close-behind-it": [Broken("EndsBeforeItHasFlushed")],
    "transport.write-eof/when-the-other-end-has-ended-first": [Broken("EndsBothDirections")],
    "transport.write-eof/of-a-pipe": [Broken("EndOfAPipeIsAnError")],
    "transport.write-eof.again/twice-or-after-close": [Broken("EndsOnce")],
    "transport.write-eof.no-more-writing/that-would-never-arrive": [Broken("DropsWhatIsBehindTheEnd")],
}
