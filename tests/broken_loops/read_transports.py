"""Broken loops for the chapter "Read-only transports", each with one mistake.

TABLE says which case catches which.
"""

import contextlib
import os
import select

from broken import Broken, transports

from refloop.transports.lifecycle import OPEN
from refloop.transports.reading import ENDED, PAUSED, READING


@transports
class AlwaysReading:
    def is_reading(self):
        return True


@transports
class ReadingUnlessPaused:
    """What it says does not depend on whether anything can come."""

    def is_reading(self):
        return self.life is OPEN and self.reading is not PAUSED


@transports
class IgnoresPauses:
    def pause_reading(self):
        if self.life is OPEN and self.reading is READING:
            self.reading = PAUSED


@transports
class PausesInTheNextTurn:
    def pause_reading(self):
        self._loop.call_soon(super().pause_reading)


@transports
class ReadsUntilNothingIsLeft:
    def _readable(self):
        super()._readable()
        while self.life is OPEN and self.reading is not ENDED and select.select([self._fd], [], [], 0)[0]:
            super()._readable()


@transports
class StartsToReadAnyway:
    def _start(self):
        super()._start()
        if hasattr(self, "_readable"):
            self._loop.add_reader(self._fd, self._readable)


@transports
class RaisesWhenPausedAlready:
    def pause_reading(self):
        if self.reading is PAUSED:
            raise RuntimeError("paused already")
        super().pause_reading()


@transports
class RaisesWhenClosing:
    def pause_reading(self):
        if self.life is not OPEN:
            raise RuntimeError("closing")
        super().pause_reading()

    def resume_reading(self):
        if self.life is not OPEN:
            raise RuntimeError("closing")
        super().resume_reading()


@transports
class StopsWhoeverHasTheDescriptor:
    def pause_reading(self):
        self.reading = PAUSED
        self._loop.remove_reader(self._fd)


@transports
class DropsWhatCameInThePause:
    def resume_reading(self):
        with contextlib.suppress(BlockingIOError):
            os.read(self._fd, 1000)
        super().resume_reading()


@transports
class StopsToWatchLater:
    def pause_reading(self):
        self.reading = PAUSED
        self._loop.call_soon(self._loop.remove_reader, self._fd)


@transports
class RaisesWhenReading:
    def resume_reading(self):
        if self.reading is READING:
            raise RuntimeError("not paused")
        super().resume_reading()


TABLE: dict[str, list[Broken]] = {
    "transport.is-reading/paused-and-resumed": [Broken("AlwaysReading")],
    "transport.is-reading/of-a-pipe": [Broken("AlwaysReading")],
    "transport.is-reading/after-the-end-of-what-comes": [Broken("ReadingUnlessPaused")],
    "transport.pause-reading/what-arrives-meanwhile": [Broken("IgnoresPauses")],
    "transport.pause-reading/what-had-arrived-already": [Broken("PausesInTheNextTurn")],
    "transport.pause-reading/the-rest-of-what-is-received": [Broken("ReadsUntilNothingIsLeft")],
    "transport.pause-reading/from-the-beginning": [Broken("StartsToReadAnyway")],
    "transport.pause-reading/from-a-pipe": [Broken("IgnoresPauses")],
    "transport.pause-reading.idempotent/paused-twice": [Broken("RaisesWhenPausedAlready")],
    "transport.pause-reading.idempotent/when-closing-and-closed": [
        Broken("RaisesWhenClosing"),
        Broken("StopsWhoeverHasTheDescriptor", hangs=True),
    ],
    "transport.resume-reading/nothing-is-lost-in-between": [Broken("DropsWhatCameInThePause")],
    "transport.resume-reading/in-the-callback-that-has-paused": [Broken("StopsToWatchLater", hangs=True)],
    "transport.resume-reading.idempotent/nothing-is-received-twice": [Broken("RaisesWhenReading")],
    "transport.resume-reading.closed/by-a-reader-that-comes-late": [Broken("RaisesWhenClosing")],
}
