"""Transferring files.

library/asyncio-eventloop.html#transferring-files
"""

import asyncio
from typing import IO, Any

from refloop.chapter import Chapter
from refloop.sending_files import check_file, send_by_hand, send_by_kernel
from refloop.transports.streams import StreamTransport


class TransferringFiles(Chapter):
    """sendfile()."""

    async def sendfile(
        self,
        transport: asyncio.WriteTransport,
        file: IO[bytes],
        offset: int = 0,
        count: int | None = None,
        *,
        fallback: bool = True,
    ) -> int:
        """Send *count* bytes (None: all) of *file* from *offset* on over *transport*; return how many were sent.

        What was written before is sent before. Where the kernel can't do it, as with TLS, *fallback* decides
        between reading and sending by hand and SendfileNotAvailableError. The file's position is behind what was
        sent, in case of an error as well. RuntimeError if the transport is closing or can't send files,
        ValueError as with sock_sendfile(), ConnectionError if the connection ends before the file.

        library/asyncio-eventloop.html#asyncio.loop.sendfile
        """
        check_file(file, offset, count)
        if not isinstance(transport, asyncio.Transport):  # rule: sendfile.other-transports
            raise RuntimeError(f"{transport!r} can't send files")
        # rule: sendfile.closing
        if transport.is_closing():
            raise RuntimeError(f"{transport!r} is closing")
        if isinstance(transport, StreamTransport):
            # rule: sendfile.sends
            sock = await transport.lend()
            try:
                # rule: sendfile.native, sendfile.returns
                return await send_by_kernel(sock, file, offset, count, transport.until_writable)
            except asyncio.SendfileNotAvailableError:  # rule: sendfile.fallback.file-type
                if not fallback:
                    raise  # rule: sendfile.not-available.file-type
            finally:
                transport.take_back()
        # rule: sendfile.not-available
        elif not fallback:
            raise asyncio.SendfileNotAvailableError(f"the kernel can't send files over {transport!r}")
        sender = _Sender(transport)
        try:
            # rule: sendfile.fallback
            return await send_by_hand(self, sender.send, file, offset, count)
        finally:
            sender.leave()


class _Sender(asyncio.Protocol):
    """Stands in for the protocol of *transport*, to learn when that can take more."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._protocol: Any = transport.get_protocol()
        self._was_reading = transport.is_reading()
        self._may_write = asyncio.Event()
        self._may_write.set()
        transport.pause_reading()  # what is received is for the protocol, which would miss it
        transport.set_protocol(self)

    async def send(self, data: memoryview) -> None:
        """Write *data* when the transport can take it."""
        await self._may_write.wait()
        if self._transport.is_closing():
            raise ConnectionError("the connection was closed")
        self._transport.write(bytes(data))

    def leave(self) -> None:
        """Let the protocol have its transport again."""
        if self._transport.get_protocol() is self:  # not if the connection was lost
            self._transport.set_protocol(self._protocol)
            # rule: sendfile.receiving-goes-on
            if self._was_reading:
                self._transport.resume_reading()

    # What the transport says is passed on as well: the protocol has to know how things are when it comes back.

    def pause_writing(self) -> None:
        """Wait before the next piece."""
        self._may_write.clear()
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Go on."""
        self._may_write.set()
        self._protocol.resume_writing()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give up."""
        self._may_write.set()
        self._protocol.connection_lost(exc)
