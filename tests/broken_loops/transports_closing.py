"""Broken loops for what the chapter "Base transport" says about closing, each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import os
import socket
import warnings

from broken import Broken, transports

from refloop.transports.lifecycle import CLOSED, FLUSHING, LOST, OPEN


@transports
class ShutsDownOnly:
    """What it takes for closing is a shutdown of the writing side."""

    def _release(self):
        if isinstance(self._channel, socket.socket):
            self._channel.shutdown(socket.SHUT_WR)


@transports
class LeavesFilesOpen:
    def _release(self):
        pass


@transports
class AbortsOnClose:
    def close(self):
        self.abort()


@transports
class FlushesTheFirstPart:
    def close(self):
        if hasattr(self, "_buffer"):
            del self._buffer[1000:]
        super().close()


@transports
class WritesInTheNextTurn:
    """By then the transport may be closed, and what was to be written is dropped."""

    def write(self, data):
        self._loop.call_soon(super().write, data)


@transports
class FlushesWhileAllElseWaits:
    def close(self):
        os.set_blocking(self._fd, True)
        while getattr(self, "_buffer", None):
            del self._buffer[: self._send(self._buffer)]
        super().close()


@transports
class ClosesLater:
    def close(self):
        self._loop.call_later(0.001, super().close)


@transports
class ReadsWhileItFlushes:
    def close(self):
        super().close()
        if self.life is FLUSHING and hasattr(self, "_readable"):
            self._loop.add_reader(self._fd, self._readable)


@transports
class ResumesThoughClosing:
    def resume_reading(self):
        super().resume_reading()
        if self.life is FLUSHING:
            self._loop.add_reader(self._fd, self._readable)


@transports
class ClosingIsAnError:
    def _lose(self, error):
        super()._lose(error or ConnectionAbortedError())


@transports
class TellsBeforeItHasFlushed:
    def close(self):
        if self._buffer and self.life is OPEN:
            self._loop.call_soon(self._protocol.connection_lost, None)
            self.set_protocol(asyncio.Protocol())
        super().close()


@transports
class CallsBackWithin:
    def _lose(self, error):
        if self.life is LOST or self.life is CLOSED:
            return
        self.life = LOST
        self._loop.remove_reader(self._fd)
        self._loop.remove_writer(self._fd)
        self._drop_buffer()
        self._end(error)


@transports
class RefusesWhatIsTooLate:
    def write(self, data):
        if self.life is CLOSED:
            raise RuntimeError("the transport is closed")
        super().write(data)

    def abort(self):
        if self.life is CLOSED:
            raise RuntimeError("the transport is closed")
        super().abort()


@transports
class EndsEachTime:
    """It does not look whether it is ending already."""

    def _lose(self, error):
        if self.life is LOST:
            self._loop.call_soon(self._protocol.connection_lost, error)
        super()._lose(error)


@transports
class NotClosingWhileItFlushes:
    def is_closing(self):
        return self.life is LOST or self.life is CLOSED


@transports
class ClosingMeansClosed:
    def is_closing(self):
        return self.life is CLOSED


@transports
class ClosingMeansAsked:
    asked = False

    def close(self):
        self.asked = True
        super().close()

    def _input_ended(self, keep_open):
        self._lose(None)

    def is_closing(self):
        return self.asked


@transports
class WatchesOn:
    """Closes a socket that it watches for writing, and forgets to say so."""

    def _lose(self, error):
        super()._lose(error)
        if self.life is LOST:
            self._loop.add_writer(self._fd, lambda: None)


@transports
class ClosesInSilence:
    def __del__(self):
        if self.life is not CLOSED:
            self._release()


@transports
class LeavesItsSocketOpen:
    def __del__(self):
        if self.life is not CLOSED:
            warnings.warn("unclosed transport", ResourceWarning, stacklevel=2, source=self)


TABLE: dict[str, list[Broken]] = {
    "transport.close.closes/both-directions": [Broken("ShutsDownOnly")],
    "transport.close.closes/either-end-of-a-pipe": [Broken("LeavesFilesOpen")],
    "transport.close.flushes/to-the-last-byte": [Broken("AbortsOnClose")],
    "transport.close.flushes/of-several-writes": [Broken("FlushesTheFirstPart")],
    "transport.close.flushes/into-a-pipe": [Broken("AbortsOnClose")],
    "transport.close.flushes/also-written-by-the-last-callback": [Broken("WritesInTheNextTurn")],
    "transport.close.asynchronous/while-nothing-can-be-sent": [Broken("FlushesWhileAllElseWaits", hangs=True)],
    "transport.close.receives-no-more/what-had-arrived-already": [Broken("ClosesLater")],
    "transport.close.receives-no-more/after-a-first-part": [Broken("ClosesLater")],
    "transport.close.receives-no-more/while-it-still-sends": [Broken("ReadsWhileItFlushes")],
    "transport.close.receives-no-more/not-even-when-asked-to-resume": [Broken("ResumesThoughClosing")],
    "transport.close.receives-no-more/from-a-pipe": [Broken("ClosesLater")],
    "transport.close.connection-lost/with-nothing-to-send": [Broken("ClosingIsAnError")],
    "transport.close.connection-lost/not-before-the-last-byte-was-taken": [Broken("TellsBeforeItHasFlushed")],
    "transport.close.connection-lost/of-a-pipe-that-is-full": [Broken("TellsBeforeItHasFlushed")],
    "transport.close.not-within/called-by-the-protocol-itself": [Broken("CallsBackWithin")],
    "transport.close.writing-afterwards/before-and-after-connection-lost": [Broken("RefusesWhatIsTooLate")],
    "transport.close.writing-afterwards/when-the-peer-has-gone": [Broken("RefusesWhatIsTooLate")],
    "transport.close.closing-afterwards/aborted-when-it-has-ended": [Broken("RefusesWhatIsTooLate")],
    "transport.close.closing-afterwards/in-connection-lost": [Broken("EndsEachTime")],
    "transport.is-closing/from-the-first-moment-to-the-last": [Broken("NotClosingWhileItFlushes")],
    "transport.is-closing/after-abort": [Broken("ClosingMeansClosed")],
    "transport.is-closing/when-the-other-end-closed-it": [Broken("ClosingMeansAsked")],
    "transport.is-closing/of-pipes": [Broken("ClosingMeansClosed")],
    "transport.close.number-free/for-the-next-that-has-it": [Broken("WatchesOn")],
    "transport.unclosed/collected-after-the-loop-is-closed": [Broken("ClosesInSilence"), Broken("LeavesItsSocketOpen")],
}
