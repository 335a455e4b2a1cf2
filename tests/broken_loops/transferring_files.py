"""Broken loops for the chapter "Transferring files", each with one mistake.

TABLE says which case catches which.
"""

import asyncio
import contextlib
import os

from broken import Broken

from refloop import ReferenceLoop as Base


async def copied(loop, transport, file, offset, count=None):
    """Write the file, or so many bytes of it, to the transport's socket directly."""
    copy = os.dup(transport.get_extra_info("socket").fileno())
    try:
        rest = os.pread(file.fileno(), 1 << 30 if count is None else count, offset)
        size = len(rest)
        while rest:
            try:
                rest = rest[os.write(copy, rest) :]
            except BlockingIOError:
                await asyncio.sleep(0)
    finally:
        os.close(copy)
    file.seek(offset + size)
    return size


def encrypted(transport):
    return transport.get_extra_info("ssl_object") is not None


class SendsOnce(Base):
    """What the socket does not take at once is lost."""

    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        sent = os.sendfile(transport.get_extra_info("socket").fileno(), file.fileno(), offset, count or 1 << 30)
        file.seek(offset + sent)
        return sent


class ForgetsItsBuffer(Base):
    """Does not wait until what was written before is sent."""

    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        if transport.get_write_buffer_size() and not encrypted(transport):
            return await copied(self, transport, file, offset, count)
        return await super().sendfile(transport, file, offset, count, fallback=fallback)


class ReturnsTheLastPiece(Base):
    async def sendfile(self, *args, **kwargs):
        return await super().sendfile(*args, **kwargs) % 262144


class NothingForAnEmptyFile(Base):
    async def sendfile(self, *args, **kwargs):
        return await super().sendfile(*args, **kwargs) or None


class FallbackOnly(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        if not fallback:
            raise asyncio.SendfileNotAvailableError("not on this loop")
        return await super().sendfile(transport, file, offset, count)


class TakesText(Base):
    async def sendfile(self, transport, file, *args, **kwargs):
        return await super().sendfile(transport, getattr(file, "buffer", file), *args, **kwargs)


class GoesOnFromThePosition(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        return await super().sendfile(transport, file, offset or file.tell(), count, fallback=fallback)


class IgnoresTheOffset(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        return await super().sendfile(transport, file, 0, count, fallback=fallback)


class TakesCountForTheEnd(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        count = count and max(1, count - offset)
        return await super().sendfile(transport, file, offset, count, fallback=fallback)


class ForgetsTheCount(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        return await super().sendfile(transport, file, offset, None, fallback=fallback)


class WaitsForTheRest(Base):
    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        sent = await super().sendfile(transport, file, offset, count, fallback=fallback)
        while count is not None and sent < count:
            await asyncio.sleep(0.01)
        return sent


class LeavesThePosition(Base):
    async def sendfile(self, transport, file, *args, **kwargs):
        before = file.tell()
        try:
            return await super().sendfile(transport, file, *args, **kwargs)
        finally:
            file.seek(before)


class SetsThePositionOnlyInTheEnd(Base):
    async def sendfile(self, transport, file, *args, **kwargs):
        before = file.tell()
        try:
            return await super().sendfile(transport, file, *args, **kwargs)
        except BaseException:
            file.seek(before)
            raise


class CountsWhatItHasRead(Base):
    async def sendfile(self, transport, file, *args, **kwargs):
        try:
            return await super().sendfile(transport, file, *args, **kwargs)
        except BaseException:
            file.seek(1 << 18, os.SEEK_CUR)
            raise


class WaitsForWhoIsGone(Base):
    async def sendfile(self, *args, **kwargs):
        with contextlib.suppress(OSError):
            return await super().sendfile(*args, **kwargs)
        return await self.create_future()


class SendsPlainText(Base):
    """Hands the socket to the kernel, also where TLS is spoken over it."""

    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        if encrypted(transport) and fallback:
            return await copied(self, transport, file, offset, count)
        return await super().sendfile(transport, file, offset, count, fallback=fallback)


class FallsBackForTLSOnly(Base):
    async def sendfile(self, transport, file, *args, fallback=True):
        return await super().sendfile(transport, file, *args, fallback=fallback and encrypted(transport))


class AnotherErrorWithoutFallback(Base):
    async def sendfile(self, transport, file, *args, fallback=True):
        if encrypted(transport) and not fallback:
            raise RuntimeError("no system call for this transport")
        return await super().sendfile(transport, file, *args, fallback=fallback)


class FallsBackUnasked(Base):
    async def sendfile(self, transport, file, *args, fallback=True):
        return await super().sendfile(transport, file, *args)


class StopsReading(Base):
    """Reading, which is stopped for the time of sending, is not begun again."""

    async def sendfile(self, transport, *args, **kwargs):
        sent = await super().sendfile(transport, *args, **kwargs)
        transport.pause_reading()
        return sent


class ReadsOnAfterwards(Base):
    """Reading is begun again, whether it was stopped for the time of sending or before."""

    async def sendfile(self, transport, *args, **kwargs):
        sent = await super().sendfile(transport, *args, **kwargs)
        transport.resume_reading()
        return sent


class DropsWhatArrivesMeanwhile(Base):
    async def sendfile(self, transport, *args, **kwargs):
        protocol = transport.get_protocol()
        transport.set_protocol(asyncio.Protocol())
        transport.pause_reading = lambda: None
        try:
            return await super().sendfile(transport, *args, **kwargs)
        finally:
            transport.set_protocol(protocol)


class SendsNothingWhenClosing(Base):
    async def sendfile(self, transport, *args, **kwargs):
        with contextlib.suppress(RuntimeError):
            return await super().sendfile(transport, *args, **kwargs)
        return 0


class AnotherErrorForFilesInMemory(Base):
    async def sendfile(self, transport, file, *args, **options):
        file.fileno()
        return await super().sendfile(transport, file, *args, **options)


class DeafAfterAnEnd(Base):
    """Stops reading, and reads on only where all went well."""

    async def sendfile(self, transport, *args, **options):
        transport.pause_reading()
        sent = await super().sendfile(transport, *args, **options)
        transport.resume_reading()
        return sent


class DumbAfterAnEnd(Base):
    """Refuses to write while it sends, and from then on unless all went well."""

    async def sendfile(self, transport, *args, **options):
        write = transport.write
        transport.write = self.refuse
        sent = await super().sendfile(transport, *args, **options)
        transport.write = write
        return sent

    def refuse(self, data):
        raise RuntimeError("a file is being sent")


class FailsInside(Base):
    async def sendfile(self, transport, *args, **options):
        transport.get_protocol()
        transport.is_reading()
        return await super().sendfile(transport, *args, **options)


class SendsBothAtOnce(Base):
    """Each has its turn, piece by piece."""

    async def sendfile(self, transport, file, offset=0, count=None, *, fallback=True):
        sock, rest = transport.get_extra_info("socket"), os.pread(file.fileno(), 1 << 30, offset)
        size = len(rest)
        while rest:
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(sock.fileno(), rest[:500]) :]
            await asyncio.sleep(0)
        return size


TABLE: dict[str, list[Broken]] = {
    "sendfile.sends/three-megabytes": [Broken("SendsOnce", hangs=True)],
    "sendfile.sends/between-what-is-written-before-and-after": [Broken("ForgetsItsBuffer")],
    "sendfile.returns/also-none-at-all": [Broken("ReturnsTheLastPiece"), Broken("NothingForAnEmptyFile")],
    "sendfile.native/over-tcp-without-fallback": [Broken("FallbackOnly")],
    "sendfile.file.binary/text-mode": [Broken("TakesText")],
    "sendfile.offset/wherever-the-position-was": [Broken("GoesOnFromThePosition"), Broken("IgnoresTheOffset")],
    "sendfile.count/less-than-there-is": [
        Broken("TakesCountForTheEnd", hangs=True),
        Broken("ForgetsTheCount"),
    ],
    "sendfile.count.beyond-the-end/ends-with-the-file": [Broken("WaitsForTheRest", hangs=True)],
    "sendfile.position/behind-what-was-sent": [Broken("LeavesThePosition")],
    "sendfile.position.on-error/the-peer-goes-away": [
        Broken("LeavesThePosition"),
        Broken("SetsThePositionOnlyInTheEnd"),
        Broken("WaitsForWhoIsGone"),
    ],
    "sendfile.position.on-error/cancelled": [Broken("SetsThePositionOnlyInTheEnd"), Broken("CountsWhatItHasRead")],
    "sendfile.fallback/three-megabytes-over-tls": [Broken("SendsPlainText")],
    "sendfile.fallback/without-sendfile": [Broken("FallsBackForTLSOnly")],
    "sendfile.fallback.file-type/a-wrapped-file": [Broken("AnotherErrorForFilesInMemory")],
    "sendfile.not-available/over-tls": [Broken("AnotherErrorWithoutFallback"), Broken("FallsBackUnasked")],
    "sendfile.receiving-goes-on/during-and-after": [
        Broken("StopsReading", hangs=True),
        Broken("DropsWhatArrivesMeanwhile", hangs=True),
        Broken("ReadsOnAfterwards"),
    ],
    "sendfile.closing/closed-a-moment-ago": [Broken("SendsNothingWhenClosing")],
    "sendfile.not-available/without-sendfile": [Broken("FallsBackUnasked")],
    "sendfile.not-available.file-type/a-file-in-memory": [
        Broken("AnotherErrorForFilesInMemory"),
        Broken("FallsBackUnasked"),
    ],
    "sendfile.receiving-goes-on/after-it-was-cancelled-while-it-waited": [
        Broken("DeafAfterAnEnd"),
        Broken("DumbAfterAnEnd"),
    ],
    "sendfile.other-transports/a-pipe": [Broken("FailsInside")],
    "sendfile.one-after-the-other/two-at-once": [Broken("SendsBothAtOnce")],
}
