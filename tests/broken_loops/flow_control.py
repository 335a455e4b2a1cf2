"""Broken loops for what the chapter "Base protocol" says about flow control, each with one mistake.

TABLE says which case catches which.
"""

from broken import Broken, transports

from refloop.transports.writing import FlowControl


@transports
class NeverPauses:
    def _check_high(self):
        pass


@transports
class WritelinesDoesNotPause:
    def writelines(self, list_of_data):
        high, self._high = self._high, 1 << 60
        super().writelines(list_of_data)
        self._high = high


@transports
class PausesEachTime:
    def _check_high(self):
        self._protocol_paused = False
        super()._check_high()


@transports
class PausesAtTheMark:
    def _check_high(self):
        if not self._protocol_paused and self.get_write_buffer_size() >= self._high:
            self._protocol_paused = True
            self._tell("pause_writing")


@transports
class PausesInTheNextTurn:
    def _check_high(self):
        self._loop.call_soon(super()._check_high)


@transports
class NeverResumes:
    def _check_low(self):
        pass


@transports
class ResumesWhenAllIsSent:
    def _check_low(self):
        if not self._buffer:
            super()._check_low()


@transports
class ResumesBelowTheMark:
    def _check_low(self):
        if self.get_write_buffer_size() < self._low:
            super()._check_low()


@transports
class ResumesInTheNextTurn:
    """However much is left."""

    def _check_high(self):
        paused = self._protocol_paused
        super()._check_high()
        if self._protocol_paused and not paused:
            self._loop.call_soon(self._tell, "resume_writing")


@transports
class ResumesUnasked:
    def _check_low(self):
        self._protocol_paused = True
        super()._check_low()


@transports
class PausesOnlyOnce:
    paused_before = False

    def _check_high(self):
        if not self.paused_before:
            super()._check_high()
        self.paused_before |= self._protocol_paused


@transports
class LosesWhatIsWrittenWhileItResumes:
    def _check_low(self):
        before = len(self._buffer)
        super()._check_low()
        del self._buffer[before:]


@transports
class WalksThroughItsWriters:
    """While one is told to go on, no other can be added to those that write."""

    def _tell(self, name):
        FlowControl.told = self
        try:
            super()._tell(name)
        finally:
            FlowControl.told = None

    def write(self, data):
        if getattr(FlowControl, "told", None) not in (None, self):
            raise RuntimeError("the set of writers changed during iteration")
        super().write(data)


@transports
class ZeroIsNoLimit:
    def _check_high(self):
        if self._high:
            super()._check_high()


@transports
class LooksAtLimitsWhenItWrites:
    def set_write_buffer_limits(self, high=None, low=None):
        paused, self._protocol_paused = self._protocol_paused, True
        super().set_write_buffer_limits(high, low)
        self._protocol_paused = paused


@transports
class ResumesWhatIsAborted:
    def _drop_buffer(self):
        super()._drop_buffer()
        if hasattr(self, "_check_low"):
            self._check_low()


@transports
class ErrorsReachTheWriter:
    def _tell(self, name):
        getattr(self._protocol, name)()


TABLE: dict[str, list[Broken]] = {
    "flow-control.pause-writing/by-one-byte": [Broken("NeverPauses")],
    "flow-control.pause-writing/of-the-loop-s-own-choice": [Broken("NeverPauses")],
    "flow-control.pause-writing/by-writelines": [Broken("WritelinesDoesNotPause")],
    "flow-control.pause-writing/once": [Broken("PausesEachTime")],
    "flow-control.at-the-high-watermark.not-yet/filled-to-the-brim": [Broken("PausesAtTheMark")],
    "flow-control.pause-writing.within-write/as-drain-needs-it": [Broken("PausesInTheNextTurn")],
    "flow-control.resume-writing/when-the-other-end-has-read": [Broken("NeverResumes")],
    "flow-control.resume-writing/though-more-is-left-to-send": [Broken("ResumesWhenAllIsSent", hangs=True)],
    "flow-control.resume-writing/equal-to-it-counts": [Broken("ResumesBelowTheMark", hangs=True)],
    "flow-control.resume-writing/not-above-it": [Broken("ResumesInTheNextTurn")],
    "flow-control.resume-writing/only-where-it-was-paused": [Broken("ResumesUnasked")],
    "flow-control.resume-writing/again-and-again": [Broken("PausesOnlyOnce")],
    "flow-control.resume-writing/writing-in-it": [Broken("LosesWhatIsWrittenWhileItResumes", hangs=True)],
    "flow-control.resume-writing/writing-to-another-transport-in-it": [Broken("WalksThroughItsWriters", hangs=True)],
    "flow-control.high-zero/by-one-byte": [Broken("ZeroIsNoLimit")],
    "flow-control.low-zero/and-then-it-is": [
        Broken("ResumesBelowTheMark", hangs=True),
        Broken("ResumesInTheNextTurn"),
    ],
    "flow-control.lowered-limits/to-wait-until-all-is-sent": [Broken("LooksAtLimitsWhenItWrites")],
    "flow-control.nothing-after-abort/by-who-gives-up-when-paused": [Broken("ResumesWhatIsAborted")],
    "flow-control.errors/in-either": [Broken("ErrorsReachTheWriter")],
}
