"""Broken loops for the chapter "Buffered streaming protocols", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import os

from broken import Broken, transports

from refloop.transports.lifecycle import OPEN


@transports
class KnowsOneKindOnly:
    def set_protocol(self, protocol):
        super().set_protocol(protocol)
        self._buffered = False


@transports
class WantsDataReceived:
    def set_protocol(self, protocol):
        self.receiver = protocol.data_received
        super().set_protocol(protocol)


class _Asking:
    """Asks for buffers by `_ask`, which has the mistake."""

    def set_protocol(self, protocol):
        super().set_protocol(protocol)
        if isinstance(protocol, asyncio.BufferedProtocol) and "get_buffer" not in vars(protocol):
            get_buffer = protocol.get_buffer
            protocol.get_buffer = lambda sizehint: self._ask(get_buffer, sizehint)


@transports
class AsksOnce(_Asking):
    buffer = None

    def _ask(self, get_buffer, sizehint):
        self.buffer = self.buffer or get_buffer(sizehint)
        return self.buffer


@transports
class TakesBytearraysOnly(_Asking):
    def _ask(self, get_buffer, sizehint):
        buffer = get_buffer(sizehint)
        if not isinstance(buffer, bytearray):
            raise TypeError("no bytearray")
        return buffer


@transports
class HintsNothing(_Asking):
    def _ask(self, get_buffer, sizehint):
        return get_buffer(None)


@transports
class EmptyBuffersAreTheEnd:
    def _fill_buffer(self):
        if len(self._protocol.get_buffer(-1)):
            super()._fill_buffer()
        else:
            self._end_of_input()


@transports
class TellsAnotherError(_Asking):
    def _ask(self, get_buffer, sizehint):
        buffer = get_buffer(sizehint)
        if not len(buffer):
            raise ValueError("an empty buffer")
        return buffer


@transports
class CrashesIfItsStateChanges(_Asking):
    def _ask(self, get_buffer, sizehint):
        buffer = get_buffer(sizehint)
        if not self.is_reading():
            os.abort()
        return buffer


class _ReceivingInto:
    """Receives by `_into`, which has the mistake."""

    def __init__(self, *args):
        super().__init__(*args)
        if hasattr(self, "_receive_into"):
            receive_into = self._receive_into
            self._receive_into = lambda buffer: self._into(receive_into, buffer)


@transports
class ReceivesAsMuchAsItLikes(_ReceivingInto):
    """What does not fit is dropped."""

    def _into(self, receive_into, buffer):
        data = self._receive(4096)
        number = min(len(data), len(buffer))
        memoryview(buffer)[:number] = data[:number]
        return number


@transports
class TellsTheWholeBuffer(_ReceivingInto):
    def _into(self, receive_into, buffer):
        return receive_into(buffer) and len(buffer)


@transports
class HoldsTheBuffer(_ReceivingInto):
    def _into(self, receive_into, buffer):
        self.held = memoryview(buffer)
        return receive_into(buffer)


@transports
class AsksAfterTheEnd:
    def _end_of_input(self):
        super()._end_of_input()
        if self.life is OPEN:
            self._protocol.get_buffer(-1)


TABLE: dict[str, list[Broken]] = {
    "buffered-protocols.accepted/by-what-connects": [Broken("KnowsOneKindOnly")],
    "buffered-protocols.accepted/by-servers": [Broken("KnowsOneKindOnly")],
    "buffered-protocols.accepted/by-a-pipe-that-is-read": [Broken("KnowsOneKindOnly")],
    "buffered-protocols.accepted/by-a-pipe-that-is-written": [Broken("WantsDataReceived")],
    "get-buffer.called/a-fresh-one-for-each-part": [Broken("AsksOnce")],
    "get-buffer.called/of-any-kind": [Broken("TakesBytearraysOnly")],
    "get-buffer.sizehint/a-number": [Broken("HintsNothing")],
    "get-buffer.size/of-one-byte-and-of-a-million": [Broken("ReceivesAsMuchAsItLikes")],
    "get-buffer.empty/which-is-told-and-not-taken-for-the-end": [Broken("EmptyBuffersAreTheEnd")],
    "get-buffer.empty.ends-the-connection/as-other-mistakes-of-protocols": [Broken("TellsAnotherError")],
    "get-buffer.states/closing-while-a-buffer-is-allocated": [Broken("CrashesIfItsStateChanges")],
    "get-buffer.states/pausing-while-a-buffer-is-allocated": [Broken("CrashesIfItsStateChanges")],
    "buffer-updated.called/so-many-and-no-more": [Broken("TellsTheWholeBuffer")],
    "buffer-updated.released/a-bytearray-that-grows": [Broken("HoldsTheBuffer")],
    "buffered-protocols.states/from-the-first-to-the-last": [Broken("AsksAfterTheEnd")],
}
