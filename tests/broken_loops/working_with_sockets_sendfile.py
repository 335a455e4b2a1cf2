"""Broken loops for the chapter "Working with socket objects directly", the part about files.

TABLE says which case catches which.
"""

import asyncio
import os

from broken import Broken

from refloop import ReferenceLoop as Base


class SendsOnce(Base):
    """Sends what one call takes."""

    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return os.sendfile(sock.fileno(), file.fileno(), offset, count or 1 << 30)


class Blocks(Base):
    """Waits for the socket in the call itself."""

    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        sock.settimeout(0.1)
        try:
            return sock.sendfile(file, offset, count)
        finally:
            sock.setblocking(False)


class ReadsByHand(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        file.seek(offset)
        data = file.read() if count is None else file.read(count)
        await self.sock_sendall(sock, data)
        return len(data)


class SaysWhatWasAskedFor(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        size = os.fstat(file.fileno()).st_size
        await super().sock_sendfile(sock, file, offset, count, fallback=fallback)
        return size if count is None else count


class WaitsForTheRest(Base):
    """Waits until the file is as long as it has to be."""

    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        sent = await super().sock_sendfile(sock, file, offset, count, fallback=fallback)
        while count is not None and sent < count:
            await asyncio.sleep(0.01)
        return sent


class FromThePosition(Base):
    """Begins where the file stands unless it is told otherwise."""

    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return await super().sock_sendfile(sock, file, offset or file.tell(), count, fallback=fallback)


class CountIsTheEnd(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        if count is not None:
            count = max(1, count - offset)
        return await super().sock_sendfile(sock, file, offset, count, fallback=fallback)


class LeavesThePosition(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        before = file.tell()
        try:
            return await super().sock_sendfile(sock, file, offset, count, fallback=fallback)
        finally:
            file.seek(before)


class LeavesThePositionOnError(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        before = file.tell()
        try:
            return await super().sock_sendfile(sock, file, offset, count, fallback=fallback)
        except BaseException:
            file.seek(before)
            raise


class NoFallback(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return await super().sock_sendfile(sock, file, offset, count, fallback=False)


class FallsBackAlways(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return await super().sock_sendfile(sock, file, offset, count)


class ChecksNothing(Base):
    async def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return 0


class Futures(Base):
    def sock_sendfile(self, sock, file, offset=0, count=None, *, fallback=True):
        return self.create_task(super().sock_sendfile(sock, file, offset, count, fallback=fallback))


TABLE: dict[str, list[Broken]] = {
    "sock-sendfile.sends/of-any-size": [Broken("SendsOnce")],
    "sock-sendfile.asynchronous/others-run-while-it-waits": [Broken("Blocks")],
    "sock-sendfile.by-the-kernel/nothing-is-read-into-python": [Broken("ReadsByHand")],
    "sock-sendfile.returns/up-to-the-end-of-the-file": [Broken("SaysWhatWasAskedFor")],
    "sock-sendfile.offset/wherever-the-file-stands": [Broken("FromThePosition")],
    "sock-sendfile.count/and-no-more": [Broken("CountIsTheEnd")],
    "sock-sendfile.count.beyond-the-end/ends-with-the-file": [
        Broken("SaysWhatWasAskedFor"),
        Broken("WaitsForTheRest", hangs=True),
    ],
    "sock-sendfile.count.beyond-the-end/without-sendfile": [Broken("WaitsForTheRest", hangs=True)],
    "sock-sendfile.position/behind-what-was-sent": [Broken("LeavesThePosition")],
    "sock-sendfile.position/also-after-an-error": [Broken("LeavesThePositionOnError")],
    "sock-sendfile.position/also-when-it-was-cancelled": [Broken("LeavesThePositionOnError")],
    "sock-sendfile.fallback/without-sendfile": [Broken("NoFallback"), Broken("FromThePosition")],
    "sock-sendfile.fallback.false/without-sendfile": [Broken("FallsBackAlways")],
    "sock-sendfile.fallback.false.file-type/a-file-in-memory": [Broken("FallsBackAlways")],
    "sock-sendfile.fallback.file-type/a-file-in-memory": [Broken("NoFallback")],
    "sock-sendfile.arguments.refused/before-anything-is-sent": [Broken("ChecksNothing")],
    "sock-sendfile.coroutine/that-sends-when-it-is-awaited": [Broken("Futures")],
}
