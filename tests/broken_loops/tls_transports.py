"""Broken loops for what is said of transports and holds over TLS, each with one mistake in its TLS layer.

TABLE says which case catches which.
"""

import contextlib
import ssl

from broken import Broken

from refloop import ReferenceLoop
from refloop.transports import opening
from refloop.transports.reading import PAUSED, READING
from refloop.transports.tls import TLSTransport
from refloop.transports.tls_machine import CLOSED, CLOSING, ESTABLISHED


class Base(ReferenceLoop):
    """A loop whose TLS connections are made of `Layer`: it is alone in its process."""

    Layer = TLSTransport

    def __init__(self):
        super().__init__()
        opening.TLSTransport = type(self).Layer


class DropsWhatDoesNotFit(Base):
    class Layer(TLSTransport):
        def _flush(self):
            if data := self._machine.take():
                self._lower.write(data[:200_000])


class ForgetsWhatCameAlong(Base):
    """What is received together with the end of the handshake waits for more."""

    class Layer(TLSTransport):
        def _shake_hands(self):
            self.reading = PAUSED
            super()._shake_hands()
            self.reading = READING


class EmptyRecords(Base):
    class Layer(TLSTransport):
        def write(self, data):
            if not data:
                self._fail(ssl.SSLError("bad length"))
            super().write(data)


class BytesOnly(Base):
    class Layer(TLSTransport):
        def write(self, data):
            if not isinstance(data, bytes):
                raise TypeError("data must be bytes")
            super().write(data)


class CountsItems(Base):
    class Layer(TLSTransport):
        def write(self, data):
            super().write(bytes(data)[: len(data)])


class WritesLists(Base):
    class Layer(TLSTransport):
        def writelines(self, list_of_data):
            for place in range(len(list_of_data)):
                self.write(list_of_data[place])


class GoesOnWhilePaused(Base):
    class Layer(TLSTransport):
        def _hand_on(self):
            while self._machine.may_decrypt():
                piece = self._machine.decrypt()
                if not piece:
                    return piece is not None
                self._protocol.data_received(piece)
            return False


class WaitsForNewData(Base):
    """What was received during the pause is handed on when more comes."""

    class Layer(TLSTransport):
        def pause_reading(self):
            self.reading = PAUSED

        def resume_reading(self):
            self.reading = READING

        def _decrypt(self):
            if self.reading is READING:
                super()._decrypt()


class HurriesToTheEnd(Base):
    class Layer(TLSTransport):
        def close(self):
            super().close()
            self._lower.abort()


class StaysPausedAtTheEnd(Base):
    class Layer(TLSTransport):
        def close(self):
            paused = self.reading is PAUSED
            super().close()
            if paused:
                self._lower.pause_reading()


class PausesAtTheEnd(Base):
    class Layer(TLSTransport):
        def pause_reading(self):
            self._lower.pause_reading()


class WritesAfterTheGoodBye(Base):
    class Layer(TLSTransport):
        def write(self, data):
            try:
                self._machine.encrypt(data)
            except ssl.SSLError as error:
                self._fail(error)
            self._flush()


class TakesLateDataForAnError(Base):
    class Layer(TLSTransport):
        def data_received(self, data):
            if self._machine.state is CLOSING and len(data) > 30:
                self._fail(ssl.SSLError("application data after close notify"))
            super().data_received(data)


class ReceivesAfterTheEnd(Base):
    class Layer(TLSTransport):
        def data_received(self, data):
            if self._machine.state is CLOSING:
                self._machine.feed(data)
                with contextlib.suppress(ssl.SSLError):
                    while piece := self._machine.decrypt():
                        self._protocol.data_received(piece)
                data = b""
            super().data_received(data)


class NoGoodBye(Base):
    class Layer(TLSTransport):
        def close(self):
            self._machine.state = CLOSED
            self._lower.close()


class SaysGoodByeOnAbort(Base):
    class Layer(TLSTransport):
        def abort(self):
            self.close() if self._machine.state is ESTABLISHED else super().abort()


class OpenUntilTheAnswer(Base):
    class Layer(TLSTransport):
        def is_closing(self):
            return self._lower.is_closing()


class SaysThatItCan(Base):
    class Layer(TLSTransport):
        def can_write_eof(self):
            return True


class DoesNothing(Base):
    class Layer(TLSTransport):
        def write_eof(self):
            pass


class RefusesAndCloses(Base):
    class Layer(TLSTransport):
        def write_eof(self):
            self.close()
            super().write_eof()


class EndsBeforeTheData(Base):
    class Layer(TLSTransport):
        def data_received(self, data):
            self._machine.feed(data)
            kept = []
            with contextlib.suppress(ssl.SSLError):
                while piece := self._machine.decrypt():
                    kept.append(piece)
                if piece == b"":
                    kept.clear()
                    self._tell_end_of_input()
                    self.close()
            for piece in kept:
                self._protocol.data_received(piece)


class NoEndForBuffers(Base):
    class Layer(TLSTransport):
        def _fill_buffers(self):
            super()._fill_buffers()
            return False


class HalfOpen(Base):
    class Layer(TLSTransport):
        def _decrypt(self):
            keep = []
            told, self._protocol.eof_received = self._protocol.eof_received, lambda: keep.append(told()) or True
            closing, self.close = self.close, lambda: None if keep and keep[0] else closing()
            super()._decrypt()


class SilentEnd(Base):
    """Only a proper good-bye is an end."""

    class Layer(TLSTransport):
        def eof_received(self):
            return self._machine.state is ESTABLISHED


class LostTwice(Base):
    class Layer(TLSTransport):
        def connection_lost(self, exc):
            protocol = self._protocol
            super().connection_lost(exc)
            protocol.connection_lost(exc)


class HidesTheReset(Base):
    class Layer(TLSTransport):
        def connection_lost(self, exc):
            super().connection_lost(None)


class NeverPauses(Base):
    class Layer(TLSTransport):
        def pause_writing(self):
            pass

        resume_writing = pause_writing


class NeverResumes(Base):
    class Layer(TLSTransport):
        def resume_writing(self):
            pass


class PausesOverNothing(Base):
    class Layer(TLSTransport):
        def set_write_buffer_limits(self, high=None, low=None):
            super().set_write_buffer_limits(high, low)
            if high == 0:
                self.pause_writing()


class LimitsOfAnotherLayer(Base):
    class Layer(TLSTransport):
        def get_write_buffer_limits(self):
            return 16384, 65536


class CountsItsOwnLayer(Base):
    class Layer(TLSTransport):
        def get_write_buffer_size(self):
            return len(self._machine.plain)


class FillsACopy(Base):
    class Layer(TLSTransport):
        def _fill_buffers(self):
            protocol = self._protocol

            class Copying:
                def get_buffer(self, sizehint):
                    buffer = protocol.get_buffer(sizehint)
                    return buffer[:] if isinstance(buffer, bytearray) else buffer

                def buffer_updated(self, nbytes):
                    protocol.buffer_updated(nbytes)

            self._protocol = Copying()
            try:
                return super()._fill_buffers()
            finally:
                self._protocol = protocol


class OneBufferfulAtATime(Base):
    class Layer(TLSTransport):
        def _fill_buffers(self):
            if number := self._machine.decrypt_into(self._protocol.get_buffer(-1)):
                self._protocol.buffer_updated(number)
            return number == 0


class RemembersTheFirstKind(Base):
    class Layer(TLSTransport):
        def set_protocol(self, protocol):
            buffered = getattr(self, "_buffered", None)
            super().set_protocol(protocol)
            if buffered is not None:
                self._buffered = buffered


class AnnouncesTooEarly(Base):
    class Layer(TLSTransport):
        def connection_made(self, transport):
            self._announce()
            super().connection_made(transport)


class BinaryCertificates(Base):
    class Layer(TLSTransport):
        def get_extra_info(self, name, default=None):
            info = super().get_extra_info(name, default)
            return self._machine.object.getpeercert(True) if name == "peercert" else info


class TellsNothing(Base):
    class Layer(TLSTransport):
        def get_extra_info(self, name, default=None):
            return default


TABLE: dict[str, list[Broken]] = {
    "tls.data-received/three-megabytes-both-ways": [Broken("DropsWhatDoesNotFit", hangs=True)],
    "tls.data-received/what-comes-with-the-end-of-the-handshake": [Broken("ForgetsWhatCameAlong", hangs=True)],
    "tls.write/some-and-none-at-all": [Broken("EmptyRecords", hangs=True)],
    "tls.write.kinds/alone-and-in-a-list": [Broken("BytesOnly")],
    "tls.write.kinds/a-wide-view": [Broken("CountsItems", since="3.11", hangs=True)],
    "tls.writelines/a-generator-with-an-empty-piece": [Broken("WritesLists")],
    "tls.pause-reading/with-several-records-at-hand": [Broken("GoesOnWhilePaused")],
    "tls.pause-reading/what-came-before-the-pause-and-during-it": [Broken("WaitsForNewData", hangs=True)],
    "tls.close.flushes/three-megabytes-to-a-slow-reader": [Broken("HurriesToTheEnd")],
    "tls.close.flushes/while-reading-is-paused": [
        Broken("StaysPausedAtTheEnd", hangs=True),
        Broken("PausesAtTheEnd", hangs=True),
    ],
    "tls.close.flushes/while-the-peer-still-sends": [
        Broken("TakesLateDataForAnError"),
        Broken("ReceivesAfterTheEnd"),
    ],
    "tls.close.writing-afterwards/before-and-after-connection-lost": [Broken("WritesAfterTheGoodBye")],
    "tls.close.ends-tls/the-peer-can-tell-it-from-truncation": [Broken("NoGoodBye", since="3.11")],
    "tls.abort/with-much-to-send": [Broken("SaysGoodByeOnAbort", hangs=True)],
    "tls.is-closing/while-the-end-is-awaited": [Broken("OpenUntilTheAnswer")],
    "tls.can-write-eof/and-means-it": [Broken("SaysThatItCan")],
    "tls.write-eof/and-the-connection-stays": [Broken("RefusesAndCloses"), Broken("DoesNothing")],
    "tls.eof-received/after-all-data": [Broken("EndsBeforeTheData"), Broken("NoEndForBuffers", hangs=True)],
    "tls.eof-received.true/since-tls-is-not-half-closed": [Broken("HalfOpen", hangs=True)],
    "tls.connection-lost/without-good-bye": [Broken("SilentEnd", hangs=True), Broken("LostTwice")],
    "tls.connection-lost.exception/reset-by-the-peer": [Broken("HidesTheReset")],
    "tls.pause-writing/by-many-small-writes": [Broken("NeverPauses")],
    "tls.pause-writing/by-one-large-write": [Broken("NeverPauses")],
    "tls.resume-writing/when-the-peer-has-read": [Broken("NeverResumes", hangs=True)],
    "tls.resume-writing/with-a-watermark-of-zero": [Broken("PausesOverNothing")],
    "tls.write-buffer-limits/set-and-got": [Broken("LimitsOfAnotherLayer")],
    "tls.write-buffer-size/while-the-peer-does-not-read": [Broken("CountsItsOwnLayer")],
    "tls.buffered-protocol/of-every-kind-and-size": [Broken("FillsACopy")],
    "tls.buffered-protocol/three-megabytes": [Broken("OneBufferfulAtATime", hangs=True)],
    "tls.set-protocol/from-one-kind-to-the-other": [Broken("RemembersTheFirstKind", hangs=True)],
    "tls.connection-made/not-before": [Broken("AnnouncesTooEarly", hangs=True)],
    "tls.connection-made/and-not-if-that-fails": [Broken("AnnouncesTooEarly")],
    "tls.extra-info/each-name": [Broken("BinaryCertificates")],
    "tls.extra-info.available/each-name": [Broken("TellsNothing")],
}
