"""Broken loops for the first part of the chapter "Write-only transports", each with one mistake.

TABLE says which case catches which.
"""

from broken import Broken, transports

from refloop.transports.lifecycle import OPEN
from refloop.transports.writing import HIGH_WATER


@transports
class FlushesBeforeItAborts:
    def abort(self):
        self.close()


@transports
class AbortsWhatIsOpen:
    def abort(self):
        if self.life is OPEN:
            super().abort()


@transports
class AbortsLater:
    def abort(self):
        self._loop.call_later(0.001, super().abort)


@transports
class PromisesTooMuch:
    def write_eof(self):
        raise NotImplementedError


@transports
class NothingIsHalfClosed:
    def can_write_eof(self):
        return False


@transports
class CountsWrites:
    count = 0

    def write(self, data):
        super().write(data)
        self.count += 1

    def get_write_buffer_size(self):
        return self.count if self._buffer else 0


@transports
class HighBeforeLow:
    def get_write_buffer_limits(self):
        return self._high, self._low


@transports
class KeepsTheLowLimit:
    def set_write_buffer_limits(self, high=None, low=None):
        self._high = HIGH_WATER if high is None else high
        self._low = self._low if low is None else low


@transports
class ZeroIsNotGiven:
    def set_write_buffer_limits(self, high=None, low=None):
        super().set_write_buffer_limits(high or None, low or None)


@transports
class TakesAnyLimits:
    def set_write_buffer_limits(self, high=None, low=None):
        super().set_write_buffer_limits()
        self._high, self._low = high, low


@transports
class OneHighWatermark:
    """What is above it is made less."""

    def set_write_buffer_limits(self, high=None, low=None):
        if high is None and low is not None:
            low = min(low, HIGH_WATER)
        super().set_write_buffer_limits(high, low)


@transports
class SetsThemRight:
    """Impossible limits are made possible ones without a word."""

    def set_write_buffer_limits(self, high=None, low=None):
        if high is not None and low is not None:
            low = max(low, 0)
            high = max(low, high)
        super().set_write_buffer_limits(high, low)


TABLE: dict[str, list[Broken]] = {
    "transport.abort.at-once/though-the-other-end-never-reads": [Broken("FlushesBeforeItAborts", hangs=True)],
    "transport.abort.at-once/after-close": [Broken("AbortsWhatIsOpen", hangs=True)],
    "transport.abort.loses-the-buffer/only-what-was-sent-arrives": [Broken("FlushesBeforeItAborts", hangs=True)],
    "transport.abort.receives-no-more/what-had-arrived-already": [Broken("AbortsLater")],
    "transport.can-write-eof/and-so-it-is": [Broken("PromisesTooMuch")],
    "transport.can-write-eof.supported/of-sockets-and-pipes": [Broken("NothingIsHalfClosed")],
    "transport.get-write-buffer-size/to-the-byte": [Broken("CountsWrites")],
    "transport.get-write-buffer-limits/low-before-high": [Broken("HighBeforeLow")],
    "transport.set-write-buffer-limits.low-defaults-to-at-most-high/for-small-and-large-ones": [
        Broken("KeepsTheLowLimit")
    ],
    "transport.set-write-buffer-limits.defaults/neither-or-only-low": [Broken("KeepsTheLowLimit")],
    "transport.set-write-buffer-limits.low-only/however-high-it-is": [
        Broken("KeepsTheLowLimit"),
        Broken("OneHighWatermark"),
    ],
    "transport.set-write-buffer-limits.zero/whatever-low-was": [Broken("ZeroIsNotGiven")],
    "transport.set-write-buffer-limits.refuses/limits-that-cannot-be": [Broken("TakesAnyLimits")],
    "transport.set-write-buffer-limits.refuses.error/and-nothing-is-changed": [Broken("SetsThemRight")],
}
