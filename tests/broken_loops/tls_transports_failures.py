"""Broken loops for what goes wrong on a TLS connection, each with one mistake in its TLS layer.

TABLE says which case catches which.
"""

import ssl

from broken import Broken
from tls_transports import Base

from refloop.transports.reading import PAUSED, READING
from refloop.transports.tls import TLSTransport
from refloop.transports.tls_machine import CLOSING, ESTABLISHED


class SilentAboutErrors(Base):
    class Layer(TLSTransport):
        def _protocol_failed(self, name, error):
            self._fail(error)


class GoesOnAfterErrors(Base):
    class Layer(TLSTransport):
        def _protocol_failed(self, name, error):
            self._loop.call_exception_handler({"message": name, "exception": error})


class EndsWithoutTheError(Base):
    class Layer(TLSTransport):
        def _protocol_failed(self, name, error):
            super()._protocol_failed(name, error)
            self._lost_by = None


class NamesNoConnection(Base):
    class Layer(TLSTransport):
        def _protocol_failed(self, name, error):
            self._loop.call_exception_handler({"message": name, "exception": error})
            self._fail(error)


class TakesExitsForErrors(Base):
    class Layer(TLSTransport):
        def _announce(self):
            self._kept(super()._announce)

        def _decrypt(self):
            self._kept(super()._decrypt)

        def _kept(self, step):
            try:
                step()
            except (SystemExit, KeyboardInterrupt) as error:
                self._protocol_failed("a callback", error)


class TakesNothingForTheEnd(Base):
    class Layer(TLSTransport):
        def _fill_buffers(self):
            return not len(self._protocol.get_buffer(-1)) or super()._fill_buffers()


class TakesTheEndForAnError(Base):
    """The peer's good-bye, found after this side's own, is none."""

    class Layer(TLSTransport):
        def _fill_buffers(self):
            ended = super()._fill_buffers()
            if ended and self.is_closing():
                self._lost_by = ssl.SSLZeroReturnError()
            return ended


class EmptiesTLSFirst(Base):
    class Layer(TLSTransport):
        def is_closing(self):
            return self._machine.state is not ESTABLISHED


class HandsOnWhatItPutDown(Base):
    """What resume_reading() has found at hand is handed on, whatever came in between."""

    class Layer(TLSTransport):
        def resume_reading(self):
            if self.reading is PAUSED:
                super().resume_reading()
                self._loop.call_soon(lambda: self._buffered or self._hand_on())


class LeavesTheRestInTLS(Base):
    class Layer(TLSTransport):
        def resume_reading(self):
            self.reading = READING
            self._lower.resume_reading()


class FillsBuffersWhilePaused(Base):
    class Layer(TLSTransport):
        def _fill_buffers(self):
            number = None
            while self._machine.may_decrypt():
                number = self._machine.decrypt_into(self._protocol.get_buffer(-1))
                if not number:
                    break
                self._protocol.buffer_updated(number)
            return number == 0


class DropsWhatItCannotSend(Base):
    class Layer(TLSTransport):
        def write(self, data):
            if isinstance(data, (bytes, bytearray, memoryview)):
                super().write(data)


class EndsOverWhatItCannotSend(Base):
    class Layer(TLSTransport):
        def write(self, data):
            try:
                super().write(data)
            except TypeError:
                self.abort()
                raise


class WaitsForTLS(Base):
    class Layer(TLSTransport):
        def _fail(self, error):
            pass


class TakesGarbageForTheEnd(Base):
    class Layer(TLSTransport):
        def _fail(self, error):
            self.abort()


class RaisesInClose(Base):
    class Layer(TLSTransport):
        def close(self):
            waiting = self._machine.may_decrypt()
            super().close()
            if waiting:
                raise ssl.SSLError("no TLS")


class WaitsForTheGoodBye(Base):
    class Layer(TLSTransport):
        def data_received(self, data):
            if self._machine.state is not CLOSING:
                super().data_received(data)


TABLE: dict[str, list[Broken]] = {
    "tls.errors/in-what-receives": [
        Broken("SilentAboutErrors"),
        Broken("GoesOnAfterErrors", hangs=True),
        Broken("EndsWithoutTheError"),
    ],
    "tls.errors/at-the-end-of-the-input": [
        Broken("SilentAboutErrors", since="3.11"),
        Broken("EndsWithoutTheError", since="3.11"),
    ],
    "tls.errors/when-the-connection-is-made": [
        Broken("SilentAboutErrors"),
        Broken("GoesOnAfterErrors", hangs=True),
    ],
    "tls.errors.context/which-connection-it-was": [Broken("NamesNoConnection")],
    "tls.errors.exit/raised-by-a-protocol": [Broken("TakesExitsForErrors")],
    "tls.buffered-protocol.empty/which-is-not-the-end-of-the-data": [Broken("TakesNothingForTheEnd")],
    "tls.buffered-protocol.states/closing-while-a-buffer-is-allocated": [Broken("TakesTheEndForAnError")],
    "tls.buffered-protocol.states/ending-with-several-records-at-hand": [Broken("EmptiesTLSFirst")],
    "tls.buffered-protocol.states/ending-right-after-resuming": [Broken("EmptiesTLSFirst")],
    "tls.buffered-protocol.states/pausing-with-several-records-at-hand": [
        Broken("LeavesTheRestInTLS", hangs=True),
        Broken("FillsBuffersWhilePaused"),
    ],
    "tls.buffered-protocol.states/pausing-again-right-after-resuming": [Broken("HandsOnWhatItPutDown")],
    "tls.write.str/and-the-connection-stays": [
        Broken("DropsWhatItCannotSend"),
        Broken("EndsOverWhatItCannotSend"),
    ],
    "tls.garbage/in-place-of-data": [Broken("WaitsForTLS", hangs=True), Broken("TakesGarbageForTheEnd")],
    "tls.close.garbage/before-close-and-after": [
        Broken("RaisesInClose"),
        Broken("WaitsForTheGoodBye", hangs=True),
    ],
}
