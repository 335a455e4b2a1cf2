"""Conforming loops whose TLS does otherwise what the pages, and TLS itself, leave open."""

from conforming import Freedom, with_classes

from refloop.transports.reading import READING
from refloop.transports.tls import TLSTransport
from refloop.transports.tls_machine import CLOSED, CLOSING, TLSMachine


@with_classes(TLSMachine)
class GoodByeOneWay:
    """A TLS connection is over when we said good-bye: no page says that the peer's answer is waited for."""

    def close(self):
        super().close()
        if self.state is CLOSING:
            self.state = CLOSED


@with_classes(TLSTransport)
class HandsOnWithinResume:
    """resume_reading() over TLS hands on within the call what was received before."""

    def resume_reading(self):
        if not self.is_closing() and self.reading is not READING:
            self.reading = READING
            self._lower.resume_reading()
            if self._machine.may_decrypt():
                self._decrypt()


TABLE = {
    "GoodByeOneWay": Freedom(["tls.*", "start-tls.*", "*ssl*"], ["freedom/good-bye-both-ways"]),
    "HandsOnWithinResume": Freedom(["tls.*", "start-tls.*"], ["freedom/handed-on-after-resume-reading"]),
}
